/* Text that must be one JSON object. */
#ifndef SPECRNN_SRC_IO_JSON_PARSE_H
#define SPECRNN_SRC_IO_JSON_PARSE_H

#include <jansson.h>

#include "specrnn/core.h"

/* Keys that occur twice are refused. `what` names the text in messages: "the configuration". json_decref frees it.
 * Fails with SPECRNN_ERROR_FORMAT or SPECRNN_ERROR_MEMORY. */
SPECRNN_MUST_CHECK specrnn_status srn_json_parse_object(json_t **out, const char *json, const char *what,
                                                        const specrnn_log *log);

#endif
