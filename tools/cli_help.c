/* --help of a subcommand: how to call it, an example, then the options by group. */
#include <stdio.h>
#include <string.h>

#include "cli.h"

enum { HELP_COLUMN = 30, LINE_WIDTH = 100, TEXT_SIZE = 512 };

/* Prints words from column `column` on, broken so that no line is longer than LINE_WIDTH. */
static void print_wrapped(FILE *stream, const char *text, int column)
{
  int at = column;
  while (*text) {
    int length = (int)strcspn(text, " \n");
    if (at > column && at + 1 + length > LINE_WIDTH) {
      fprintf(stream, "\n%*s", column, "");
      at = column;
    }
    at += fprintf(stream, "%s%.*s", at > column ? " " : "", length, text);
    text += length;
    if (*text == '\n') {
      fprintf(stream, "\n%*s", column, "");
      at = column;
    }
    text += *text != '\0';
  }
  fputc('\n', stream);
}

static void print_row(FILE *stream, const char *name, const char *help)
{
  int at = fprintf(stream, "  %s", name);
  if (at + 1 > HELP_COLUMN) {
    fputc('\n', stream);
    at = 0;
  }
  fprintf(stream, "%*s", HELP_COLUMN - at, "");
  print_wrapped(stream, help, HELP_COLUMN);
}

static void print_own(FILE *stream, const cli_option *option)
{
  char name[TEXT_SIZE];
  int length =
      option->letter ? snprintf(name, sizeof name, "-%c, ", option->letter) : snprintf(name, sizeof name, "    ");
  snprintf(name + length, sizeof name - (size_t)length, "%s%s%s%s", cli_own_prefix(option), option->name,
           option->argument ? " " : "", option->argument ? option->argument : "");
  print_row(stream, name, option->help);
}

static void print_library(FILE *stream, const cli_command *command, const specrnn_option_table *table,
                          const specrnn_option *option)
{
  char name[TEXT_SIZE];
  char argument[TEXT_SIZE];
  char row[2 * TEXT_SIZE + sizeof "     "];
  char help[TEXT_SIZE];
  cli_option_name(option, name, sizeof name);
  cli_option_argument(option, argument, sizeof argument);
  cli_option_help(table, option, cli_own_default_of(command, option->key), help, sizeof help);
  snprintf(row, sizeof row, "    %s%s%s", name, *argument ? " " : "", argument);
  print_row(stream, row, help);
}

static void print_group(FILE *stream, const cli_command *command, const cli_group *group)
{
  fputc('\n', stream);
  print_wrapped(stream, group->title, 0);
  for (const cli_option *option = group->options; option && option->name; option++) {
    print_own(stream, option);
  }
  const specrnn_option_table *table = group->table ? group->table() : NULL;
  for (size_t i = 0; table && i < table->count; i++) {
    if (cli_group_has(group, table->options[i].key)) {
      print_library(stream, command, table, &table->options[i]);
    }
  }
}

static void print_lines(FILE *stream, const char *lines, const char *indent)
{
  while (*lines) {
    int length = (int)strcspn(lines, "\n");
    fprintf(stream, "%s%.*s\n", indent, length, lines);
    lines += length;
    lines += *lines == '\n';
  }
}

void cli_print_help(FILE *stream, const cli_command *command)
{
  fprintf(stream, "Example\n");
  print_lines(stream, command->example, "  ");
  fprintf(stream, "\nUsage\n  specrnn %s %s\n\n", command->name, command->arguments);
  print_wrapped(stream, command->description, 0);
  for (const cli_group *group = command->groups; group->title; group++) {
    print_group(stream, command, group);
  }
  fputc('\n', stream);
  for (const cli_option *option = CLI_COMMON_OPTIONS; option->name; option++) {
    print_own(stream, option);
  }
  print_row(stream, "-h, --help", "this text");
}
