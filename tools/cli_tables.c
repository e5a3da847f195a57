/* The library's options as the command line spells them. */
#include <stdio.h>
#include <string.h>

#include "cli.h"

bool cli_group_has(const cli_group *group, const char *key)
{
  bool all_but = group->keys && group->keys[0] && !strcmp(group->keys[0], CLI_ALL_BUT);
  for (const char *const *listed = group->keys; listed && *listed; listed++) {
    if (!strcmp(*listed, key)) {
      return !all_but;
    }
  }
  return !group->keys || all_but;
}

/* Keys say their unit at the end; on the command line the help says it: sample_rate_hz is --sample-rate. */
static void drop_unit(char *name)
{
  static const char *const UNITS[] = {"-hz", "-s", "-ms"};
  size_t length = strlen(name);
  for (size_t i = 0; i < sizeof UNITS / sizeof *UNITS; i++) {
    size_t unit = strlen(UNITS[i]);
    if (length > unit && !strcmp(name + length - unit, UNITS[i])) {
      name[length - unit] = '\0';
      return;
    }
  }
}

void cli_option_spelling(const specrnn_option *option, char *name, size_t size)
{
  snprintf(name, size, "%s", option->key);
  for (char *c = name; *c; c++) {
    *c = *c == '_' ? '-' : *c;
  }
  drop_unit(name);
}

const char *cli_own_prefix(const cli_option *option)
{
  return option->kind == CLI_SWITCH ? "--[no-]" : "--";
}

void cli_option_name(const specrnn_option *option, char *text, size_t size)
{
  char name[CLI_NAME_SIZE];
  cli_option_spelling(option, name, sizeof name);
  snprintf(text, size, "--%s%s", option->type == SPECRNN_OPTION_BOOL ? "[no-]" : "", name);
}

static const char *noun_of(const specrnn_option *option)
{
  if (option->unit) {
    return option->unit;
  }
  return option->type == SPECRNN_OPTION_DOUBLE ? "X" : "N";
}

void cli_option_argument(const specrnn_option *option, char *text, size_t size)
{
  text[0] = '\0';
  if (option->type == SPECRNN_OPTION_CHOICE) {
    size_t length = 0;
    for (int i = 0; option->choices[i] && length < size; i++) {
      length += (size_t)snprintf(text + length, size - length, "%s%s", i ? "|" : "", option->choices[i]);
    }
  } else if (option->type != SPECRNN_OPTION_BOOL) {
    snprintf(text, size, "%s%s%s", noun_of(option), option->word ? "|" : "", option->word ? option->word : "");
  }
}

const char *cli_own_default_of(const cli_command *command, const char *key)
{
  for (const cli_own_default *own = command->own_defaults; own && own->key; own++) {
    if (!strcmp(own->key, key)) {
      return own->text;
    }
  }
  return NULL;
}

void cli_option_help(const specrnn_option_table *table, const specrnn_option *option, const char *own_default,
                     char *text, size_t size)
{
  char value[64];
  specrnn_option_get(table, table->defaults, option, value, sizeof value);
  snprintf(text, size, "%s (default %s)", option->help, own_default ? own_default : value);
}
