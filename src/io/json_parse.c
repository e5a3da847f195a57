/* JSON objects by jansson, and what it means when it fails. */
#include "io/json_parse.h"

#include <string.h>

#include "core/log.h"
#include "io/text_start.h"

specrnn_status srn_json_parse_object(json_t **out, const char *json, const char *what, const specrnn_log *log)
{
  json_error_t error;
  size_t first;
  specrnn_status status = srn_text_start(&first, json, strlen(json), what, log);
  if (status) {
    return status;
  }
  json_t *root = json_loads(json + first, JSON_REJECT_DUPLICATES, &error);
  if (!root) {
    /* Of a failed allocation jansson says nothing, mostly. */
    if (json_error_code(&error) == json_error_out_of_memory || !error.text[0]) {
      return srn_fail(log, SPECRNN_ERROR_MEMORY, "out of memory");
    }
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "%s is no JSON: line %d, column %d: %s", what, error.line, error.column,
                    error.text);
  }
  if (!json_is_object(root)) {
    json_decref(root);
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "%s is no JSON object", what);
  }
  *out = root;
  return SPECRNN_OK;
}
