/* Every option of every subcommand as JSON, for tests and for programs that complete command lines. */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "cli.h"

static json_t *number(double x)
{
  return isfinite(x) ? json_real(x) : json_null(); /* no end */
}

static json_t *own_json(const cli_option *option)
{
  static const char *const KINDS[] = {[CLI_FLAG] = "flag",     [CLI_SWITCH] = "switch", [CLI_STRING] = "text",
                                      [CLI_NUMBER] = "number", [CLI_TIME] = "number",   [CLI_COUNT] = "count"};
  bool counts = option->kind == CLI_NUMBER || option->kind == CLI_TIME || option->kind == CLI_COUNT;
  return json_pack("{s:s, s:s, s:s?, s:o, s:o, s:b}", "name", option->name, "type", KINDS[option->kind], "argument",
                   option->argument, "minimum", counts ? number(option->minimum) : json_null(), "maximum",
                   counts ? number(option->maximum) : json_null(), "own", 1);
}

static json_t *choices_json(const specrnn_option *option)
{
  json_t *words = json_array();
  for (int i = 0; option->type == SPECRNN_OPTION_CHOICE && option->choices[i]; i++) {
    json_array_append_new(words, json_string(option->choices[i]));
  }
  return words;
}

static json_t *library_json(const specrnn_option_table *table, const specrnn_option *option)
{
  static const char *const TYPES[] = {[SPECRNN_OPTION_BOOL] = "switch",
                                      [SPECRNN_OPTION_INT] = "count",
                                      [SPECRNN_OPTION_UINT64] = "whole",
                                      [SPECRNN_OPTION_DOUBLE] = "number",
                                      [SPECRNN_OPTION_CHOICE] = "choice"};
  char name[CLI_NAME_SIZE];
  cli_option_spelling(option, name, sizeof name);
  bool counts = option->type == SPECRNN_OPTION_INT || option->type == SPECRNN_OPTION_DOUBLE;
  return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:s?, s:o, s:b}", "name", name, "key", option->key, "table",
                   table->name, "type", TYPES[option->type], "minimum", counts ? number(option->minimum) : json_null(),
                   "maximum", counts ? number(option->maximum) : json_null(), "word", option->word, "choices",
                   choices_json(option), "own", 0);
}

static json_t *command_json(const cli_command *command)
{
  json_t *options = json_array();
  for (const cli_group *group = command->groups; group->title; group++) {
    for (const cli_option *option = group->options; option && option->name; option++) {
      json_array_append_new(options, own_json(option));
    }
    const specrnn_option_table *table = group->table ? group->table() : NULL;
    for (size_t i = 0; table && i < table->count; i++) {
      if (cli_group_has(group, table->options[i].key)) {
        json_array_append_new(options, library_json(table, &table->options[i]));
      }
    }
  }
  for (const cli_option *option = CLI_COMMON_OPTIONS; option->name; option++) {
    json_array_append_new(options, own_json(option));
  }
  return json_pack("{s:s, s:o}", "name", command->name, "options", options);
}

bool cli_print_json(FILE *stream, const cli_command *const *commands)
{
  json_t *all = json_array();
  for (const cli_command *const *command = commands; all && *command; command++) {
    if (json_array_append_new(all, command_json(*command))) {
      json_decref(all);
      all = NULL;
    }
  }
  /* What the stream does not take is said of the stream, at the end of the program. */
  bool printed = all && (json_dumpf(all, stream, JSON_COMPACT | JSON_REAL_PRECISION(17)) == 0 || ferror(stream));
  json_decref(all);
  fputc('\n', stream);
  return printed;
}
