/* Configurations as JSON: every value goes through its text in the option table, which checks it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "io/json_parse.h"
#include "io/json_text.h"
#include "specrnn/io.h"

enum { VALUE_SIZE = 128 };

/* ------------------------------------------------------------------------------------------------------------- writing
 */

/* Words, infinities, choices and what exceeds int64 are strings. */
static bool is_json_literal(const specrnn_option *option, const char *text)
{
  switch (option->type) {
  case SPECRNN_OPTION_BOOL: return true;
  case SPECRNN_OPTION_CHOICE: return false;
  case SPECRNN_OPTION_UINT64: return strtoull(text, NULL, 10) <= INT64_MAX;
  case SPECRNN_OPTION_INT:
  case SPECRNN_OPTION_DOUBLE: break;
  }
  return (!option->word || strcmp(text, option->word) != 0) && !strpbrk(text, "in"); /* inf, nan */
}

static void put_option(FILE *stream, const specrnn_option_table *table, const void *config,
                       const specrnn_option *option)
{
  char text[VALUE_SIZE];
  specrnn_option_get(table, config, option, text, sizeof text);
  srn_json_put_string(stream, option->key);
  fputs(": ", stream);
  if (is_json_literal(option, text)) {
    fputs(text, stream);
  } else {
    srn_json_put_string(stream, text);
  }
}

specrnn_status specrnn_config_to_json(char **json, const specrnn_option_table *table, const void *config,
                                      const specrnn_log *log)
{
  char *text = NULL;
  size_t size = 0;
  FILE *stream = open_memstream(&text, &size);
  if (!stream) {
    return srn_fail(log, SPECRNN_ERROR_MEMORY, "out of memory");
  }
  fputc('{', stream);
  for (size_t i = 0; i < table->count; i++) {
    fputs(i ? ", " : "", stream);
    put_option(stream, table, config, &table->options[i]);
  }
  fputc('}', stream);
  bool written = !ferror(stream);
  if (fclose(stream) != 0 || !written || !text) { /* glibc's fclose succeeds without memory for the text */
    free(text);
    return srn_fail(log, SPECRNN_ERROR_MEMORY, "out of memory");
  }
  *json = text;
  return SPECRNN_OK;
}

void specrnn_json_destroy(char **json)
{
  if (json) {
    free(*json);
    *json = NULL;
  }
}

/* ------------------------------------------------------------------------------------------------------------- reading
 */

static bool is_word(const specrnn_option *option, const char *text)
{
  return (option->word && !strcmp(text, option->word)) ||
         (option->type == SPECRNN_OPTION_DOUBLE && (!strcmp(text, "inf") || !strcmp(text, "-inf")));
}

static bool is_digits(const char *text)
{
  return *text && text[strspn(text, "0123456789")] == '\0';
}

/* The value as specrnn_option_set reads it; false where it has another type. */
static bool value_text(const specrnn_option *option, const json_t *value, char *text, size_t size)
{
  const char *string = json_string_value(value);
  switch (option->type) {
  case SPECRNN_OPTION_BOOL:
    snprintf(text, size, "%s", json_is_true(value) ? "true" : "false");
    return json_is_boolean(value);
  case SPECRNN_OPTION_CHOICE: snprintf(text, size, "%s", string ? string : ""); return string;
  case SPECRNN_OPTION_UINT64:
  case SPECRNN_OPTION_INT:
  case SPECRNN_OPTION_DOUBLE: break;
  }
  if (string) {
    snprintf(text, size, "%s", string);
    return is_word(option, string) || (option->type == SPECRNN_OPTION_UINT64 && is_digits(string));
  }
  if (json_is_integer(value)) {
    snprintf(text, size, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return true;
  }
  locale_t previous = srn_numbers_begin();
  snprintf(text, size, "%.*g", SRN_DOUBLE_DIGITS, json_real_value(value));
  srn_numbers_end(previous);
  return json_is_real(value) && option->type == SPECRNN_OPTION_DOUBLE;
}

static specrnn_status fail_type(const specrnn_option *option, const specrnn_log *log)
{
  static const char *const NEEDED[] = {
      [SPECRNN_OPTION_BOOL] = "true or false",      [SPECRNN_OPTION_INT] = "a whole number",
      [SPECRNN_OPTION_UINT64] = "a whole number",   [SPECRNN_OPTION_DOUBLE] = "a number",
      [SPECRNN_OPTION_CHOICE] = "one of its words",
  };
  return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "%s takes %s%s%s%s; the JSON has another type there", option->key,
                  NEEDED[option->type], option->word ? " or \"" : "", option->word ? option->word : "",
                  option->word ? "\"" : "");
}

static specrnn_status read_pair(void *config, const specrnn_option_table *table, const char *key, const json_t *value,
                                specrnn_unknown_keys unknown, const specrnn_log *log)
{
  const specrnn_option *option = specrnn_option_find(table, key);
  if (!option || strcmp(option->key, key) != 0) { /* a key in a file has one spelling */
    return unknown == SPECRNN_UNKNOWN_KEYS_IGNORE
               ? SPECRNN_OK
               : srn_fail(log, SPECRNN_ERROR_ARGUMENT, "unknown %s option '%s'", table->name, key);
  }
  char text[VALUE_SIZE];
  if (!value_text(option, value, text, sizeof text)) {
    return fail_type(option, log);
  }
  return specrnn_option_set(table, config, key, text, log);
}

/* The configuration itself, or that of a file of features, which holds it beside them. */
static json_t *find_config(json_t *root, const specrnn_option_table *table)
{
  json_t *inner = specrnn_option_find(table, "config") ? NULL : json_object_get(root, "config");
  return json_is_object(inner) ? inner : root;
}

specrnn_status specrnn_config_from_json(void *config, const specrnn_option_table *table, const char *json,
                                        specrnn_unknown_keys unknown, const specrnn_log *log)
{
  json_t *root;
  specrnn_status status = srn_json_parse_object(&root, json, "the configuration", log);
  if (status) {
    return status;
  }
  void *read = malloc(table->size);
  if (!read) {
    json_decref(root);
    return srn_fail_memory(log, table->size);
  }
  memcpy(read, table->defaults, table->size);
  json_t *pairs = find_config(root, table);
  const char *key;
  json_t *value;
  json_object_foreach(pairs, key, value)
  {
    status = read_pair(read, table, key, value, unknown, log);
    if (status) {
      break;
    }
  }
  if (!status) {
    memcpy(config, read, table->size);
  }
  free(read);
  json_decref(root);
  return status;
}
