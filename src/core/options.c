/* Options described as data: find, set from text, write as text, validate. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/checked.h"
#include "core/log.h"
#include "core/seconds.h"

static bool same_key(const char *a, const char *b)
{
  for (; *a && *b; a++, b++) {
    char x = *a == '-' ? '_' : *a;
    char y = *b == '-' ? '_' : *b;
    if (x != y) {
      return false;
    }
  }
  return *a == *b;
}

const specrnn_option *specrnn_option_find(const specrnn_option_table *table, const char *key)
{
  for (size_t i = 0; i < table->count; i++) {
    if (same_key(table->options[i].key, key)) {
      return &table->options[i];
    }
  }
  return NULL;
}

static void *field_of(void *config, const specrnn_option *option)
{
  return (unsigned char *)config + option->offset;
}

static double read_number(const void *config, const specrnn_option *option)
{
  const unsigned char *field = (const unsigned char *)config + option->offset;
  int int_value;
  uint64_t uint64_value;
  double double_value;
  switch (option->type) {
  case SPECRNN_OPTION_BOOL: return *(const bool *)field;
  case SPECRNN_OPTION_UINT64: memcpy(&uint64_value, field, sizeof uint64_value); return (double)uint64_value;
  case SPECRNN_OPTION_DOUBLE: memcpy(&double_value, field, sizeof double_value); return double_value;
  case SPECRNN_OPTION_INT:
  case SPECRNN_OPTION_CHOICE: memcpy(&int_value, field, sizeof int_value); return int_value;
  }
  return NAN;
}

static size_t choice_count(const specrnn_option *option)
{
  size_t count = 0;
  while (option->choices[count]) {
    count++;
  }
  return count;
}

static bool is_word_value(const specrnn_option *option, double value)
{
  return option->word && value == option->word_value;
}

static specrnn_status check_range(const specrnn_option *option, double value, const specrnn_log *log)
{
  if (value >= option->minimum && value <= option->maximum) {
    return SPECRNN_OK;
  }
  return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "%s is %g; it must be from %g to %g%s%s%s%s%s", option->key, value,
                  option->minimum, option->maximum, option->unit ? " " : "", option->unit ? option->unit : "",
                  option->word ? ", or '" : "", option->word ? option->word : "", option->word ? "'" : "");
}

specrnn_status specrnn_option_validate(const specrnn_option_table *table, const void *config, const specrnn_log *log)
{
  for (size_t i = 0; i < table->count; i++) {
    const specrnn_option *option = &table->options[i];
    double value = read_number(config, option);
    specrnn_status status = SPECRNN_OK;
    if (option->type == SPECRNN_OPTION_CHOICE) {
      if (value < 0 || value >= (double)choice_count(option)) {
        status = srn_fail(log, SPECRNN_ERROR_ARGUMENT, "%s is %g, which is none of its choices", option->key, value);
      }
    } else if (option->type == SPECRNN_OPTION_INT || option->type == SPECRNN_OPTION_DOUBLE) {
      status = is_word_value(option, value) ? SPECRNN_OK : check_range(option, value, log);
    }
    if (status) {
      return status;
    }
  }
  return SPECRNN_OK;
}

static specrnn_status set_bool(const specrnn_option *option, void *field, const char *text, const specrnn_log *log)
{
  static const struct {
    const char *text;
    bool value;
  } WORDS[] = {
      {"true", true}, {"yes", true}, {"1", true}, {"false", false}, {"no", false}, {"0", false},
  };
  for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
    if (!strcmp(text, WORDS[i].text)) {
      *(bool *)field = WORDS[i].value;
      return SPECRNN_OK;
    }
  }
  return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "%s takes true or false, not '%s'", option->key, text);
}

static specrnn_status set_choice(const specrnn_option *option, void *field, const char *text, const specrnn_log *log)
{
  char all[256] = "";
  size_t length = 0;
  for (int i = 0; option->choices[i]; i++) {
    if (same_key(text, option->choices[i])) {
      memcpy(field, &i, sizeof i);
      return SPECRNN_OK;
    }
    if (length < sizeof all) {
      length += (size_t)snprintf(all + length, sizeof all - length, "%s%s", i ? ", " : "", option->choices[i]);
    }
  }
  const char *nearest = specrnn_nearest_name(text, option->choices);
  return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "%s takes one of %s, not '%s'%s%s%s", option->key, all, text,
                  nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
}

static bool is_time(const specrnn_option *option)
{
  return option->unit && !strcmp(option->unit, "s");
}

static bool parse_double(const specrnn_option *option, const char *text, double *value)
{
  return is_time(option) ? specrnn_seconds_parse(text, value) : srn_number_parse(text, value);
}

static specrnn_status set_number(const specrnn_option *option, void *field, const char *text, const specrnn_log *log)
{
  double value;
  if (option->word && !strcmp(text, option->word)) {
    value = option->word_value;
  } else if (!parse_double(option, text, &value)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "%s takes a %s%s%s%s, not '%s'", option->key,
                    is_time(option) ? "time such as 75.5, 1:15.5 or 1m15.5s" : "number", option->word ? " or '" : "",
                    option->word ? option->word : "", option->word ? "'" : "", text);
  } else { /* a number that the struct has for the word is no value */
    specrnn_status status = check_range(option, value, log);
    if (status) {
      return status;
    }
  }
  if (option->type == SPECRNN_OPTION_DOUBLE) {
    memcpy(field, &value, sizeof value);
    return SPECRNN_OK;
  }
  int whole;
  if (!srn_int_of(value, &whole) || whole != value) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "%s takes a whole number, not '%s'", option->key, text);
  }
  memcpy(field, &whole, sizeof whole);
  return SPECRNN_OK;
}

static specrnn_status set_uint64(const specrnn_option *option, void *field, const char *text, const specrnn_log *log)
{
  char *end;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 10);
  if (end == text || *end || errno || strchr(text, '-')) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "%s takes a whole number from 0 to 2^64 - 1, not '%s'", option->key,
                    text);
  }
  uint64_t whole = value;
  memcpy(field, &whole, sizeof whole);
  return SPECRNN_OK;
}

specrnn_status specrnn_option_set(const specrnn_option_table *table, void *config, const char *key, const char *text,
                                  const specrnn_log *log)
{
  const specrnn_option *option = specrnn_option_find(table, key);
  if (!option) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "unknown %s option '%s'", table->name, key);
  }
  void *field = field_of(config, option);
  switch (option->type) {
  case SPECRNN_OPTION_BOOL: return set_bool(option, field, text, log);
  case SPECRNN_OPTION_CHOICE: return set_choice(option, field, text, log);
  case SPECRNN_OPTION_UINT64: return set_uint64(option, field, text, log);
  case SPECRNN_OPTION_INT:
  case SPECRNN_OPTION_DOUBLE: return set_number(option, field, text, log);
  }
  return SPECRNN_ERROR_ARGUMENT;
}

/* The shortest of %.15g and %.17g that reads back to the same number, with a point whatever the locale. */
static int print_double(char *text, size_t size, double value)
{
  char digits[40];
  double back = 0.0;
  snprintf(digits, sizeof digits, "%.15g", value);
  for (char *c = digits; *c; c++) {
    if (*c == ',') {
      *c = '.';
    }
  }
  if (!srn_number_parse(digits, &back) || back != value) {
    snprintf(digits, sizeof digits, "%.17g", value);
  }
  for (char *c = digits; *c; c++) {
    if (*c == ',') {
      *c = '.';
    }
  }
  return snprintf(text, size, "%s", digits);
}

size_t specrnn_option_get(const specrnn_option_table *table, const void *config, const specrnn_option *option,
                          char *text, size_t size)
{
  (void)table;
  double value = read_number(config, option);
  int length;
  if (option->type == SPECRNN_OPTION_BOOL) {
    length = snprintf(text, size, "%s", value != 0 ? "true" : "false");
  } else if (option->type == SPECRNN_OPTION_CHOICE) {
    int chosen;
    bool known = srn_int_of(value, &chosen) && chosen >= 0 && (size_t)chosen < choice_count(option);
    length = snprintf(text, size, "%s", known ? option->choices[chosen] : "?");
  } else if (option->type == SPECRNN_OPTION_UINT64) {
    uint64_t whole;
    memcpy(&whole, (const unsigned char *)config + option->offset, sizeof whole);
    length = snprintf(text, size, "%llu", (unsigned long long)whole);
  } else if (option->word && value == option->word_value) {
    length = snprintf(text, size, "%s", option->word);
  } else {
    length = print_double(text, size, value);
  }
  return length < 0 ? 0 : (size_t)length;
}
