/* The man page: the same tables as --help, as troff with the man macros. */
#include <stdio.h>
#include <string.h>

#include "cli.h"

enum { TEXT_SIZE = 512 };

/* Text in troff: a hyphen-minus must be escaped to stay one, and so must a backslash and a leading point or quote. */
static void print_escaped(FILE *stream, const char *text)
{
  bool line_start = true;
  for (; *text; text++) {
    if (line_start && (*text == '.' || *text == '\'')) {
      fputs("\\&", stream);
    }
    if (*text == '-') {
      fputs("\\-", stream);
    } else if (*text == '\\') {
      fputs("\\e", stream);
    } else {
      fputc(*text, stream);
    }
    line_start = *text == '\n';
  }
}

static void print_entry(FILE *stream, const char *name, const char *argument, const char *help)
{
  fputs(".TP\n\\fB", stream);
  print_escaped(stream, name);
  fputs("\\fR", stream);
  if (argument && *argument) {
    fputs(" \\fI", stream);
    print_escaped(stream, argument);
    fputs("\\fR", stream);
  }
  fputc('\n', stream);
  print_escaped(stream, help);
  fputc('\n', stream);
}

static void print_own(FILE *stream, const cli_option *option)
{
  char name[TEXT_SIZE];
  if (option->letter) {
    snprintf(name, sizeof name, "-%c, %s%s", option->letter, cli_own_prefix(option), option->name);
  } else {
    snprintf(name, sizeof name, "%s%s", cli_own_prefix(option), option->name);
  }
  print_entry(stream, name, option->argument, option->help);
}

static void print_library(FILE *stream, const specrnn_option_table *table, const specrnn_option *option)
{
  char name[TEXT_SIZE];
  char argument[TEXT_SIZE];
  char help[TEXT_SIZE];
  cli_option_name(option, name, sizeof name);
  cli_option_argument(option, argument, sizeof argument);
  cli_option_help(table, option, NULL, help, sizeof help);
  print_entry(stream, name, argument, help);
}

/* The options of the library are the same under every subcommand that has them: each table is a section, printed once.
 * Its title is the shortest that a subcommand gives it, without what is said in brackets or behind a comma. */
static size_t short_length(const char *title)
{
  size_t length = strcspn(title, "(,:");
  while (length > 0 && title[length - 1] == ' ') {
    length--;
  }
  return length;
}

/* The next group of the library's options behind `group` (NULL: the first), over all subcommands; NULL at the end. */
static const cli_group *next_group(const cli_command *const *commands, const cli_group *group)
{
  bool found = !group;
  for (; *commands; commands++) {
    for (const cli_group *candidate = (*commands)->groups; candidate->title; candidate++) {
      if (found && candidate->table) {
        return candidate;
      }
      found = found || candidate == group;
    }
  }
  return NULL;
}

static const char *section_title(const cli_command *const *commands, const specrnn_option_table *table)
{
  const char *title = NULL;
  for (const cli_group *group = next_group(commands, NULL); group; group = next_group(commands, group)) {
    if (group->table() == table && (!title || short_length(group->title) < short_length(title))) {
      title = group->title;
    }
  }
  return title;
}

static bool any_group_has(const cli_command *const *commands, const specrnn_option_table *table, const char *key)
{
  for (const cli_group *group = next_group(commands, NULL); group; group = next_group(commands, group)) {
    if (group->table() == table && cli_group_has(group, key)) {
      return true;
    }
  }
  return false;
}

/* What a subcommand takes where an option of the table is not given, as far as the table says something else. */
static void print_own_defaults(FILE *stream, const cli_command *command, const cli_group *group)
{
  const specrnn_option_table *table = group->table();
  const char *separator = "Here the default of";
  for (size_t i = 0; i < table->count; i++) {
    const char *text = cli_own_default_of(command, table->options[i].key);
    if (text && cli_group_has(group, table->options[i].key)) {
      char name[TEXT_SIZE];
      cli_option_name(&table->options[i], name, sizeof name);
      fprintf(stream, "%s ", separator);
      print_escaped(stream, name);
      fputs(" is ", stream);
      print_escaped(stream, text);
      separator = "; of";
    }
  }
  fputs(*separator == ';' ? ".\n" : "", stream);
}

/* Where the options of a group are described, and which of them it has. */
static void print_reference(FILE *stream, const cli_command *const *commands, const cli_group *group)
{
  const specrnn_option_table *table = group->table();
  const char *title = section_title(commands, table);
  size_t n_known = 0;
  size_t n_here = 0;
  for (size_t i = 0; i < table->count; i++) {
    n_known += any_group_has(commands, table, table->options[i].key);
    n_here += cli_group_has(group, table->options[i].key);
  }
  fprintf(stream, ".PP\nand the options under \\fB%.*s\\fR below", (int)short_length(title), title);
  const bool few = n_here * 2 < n_known;
  const char *separator = few ? ", of them" : ", but for";
  for (size_t i = 0; i < table->count && n_here < n_known; i++) {
    const char *key = table->options[i].key;
    if (any_group_has(commands, table, key) && cli_group_has(group, key) == few) {
      char name[TEXT_SIZE];
      cli_option_name(&table->options[i], name, sizeof name);
      fprintf(stream, "%s ", separator);
      print_escaped(stream, name);
      separator = ",";
    }
  }
  fputs(".\n", stream);
}

static void print_command(FILE *stream, const cli_command *const *commands, const cli_command *command)
{
  fprintf(stream, ".SS specrnn %s ", command->name);
  print_escaped(stream, command->arguments);
  fputc('\n', stream);
  print_escaped(stream, command->description);
  fputs("\n.PP\nExample:\n.PP\n.nf\n", stream);
  print_escaped(stream, command->example);
  fputs("\n.fi\n", stream);
  for (const cli_group *group = command->groups; group->title; group++) {
    for (const cli_option *option = group->options; option && option->name; option++) {
      print_own(stream, option);
    }
    if (group->table) {
      print_reference(stream, commands, group);
      print_own_defaults(stream, command, group);
    }
  }
}

static void print_sections(FILE *stream, const cli_command *const *commands)
{
  for (const cli_group *group = next_group(commands, NULL); group; group = next_group(commands, group)) {
    const specrnn_option_table *table = group->table();
    const cli_group *first = next_group(commands, NULL);
    while (first->table() != table) {
      first = next_group(commands, first);
    }
    if (first != group) {
      continue;
    }
    const char *title = section_title(commands, table);
    fprintf(stream, ".SH %.*s\n", (int)short_length(title), title);
    for (size_t i = 0; i < table->count; i++) {
      if (any_group_has(commands, table, table->options[i].key)) {
        print_library(stream, table, &table->options[i]);
      }
    }
  }
}

void cli_print_man(FILE *stream, const cli_command *const *commands)
{
  fprintf(stream,
          ".TH SPECRNN 1 \"\" \"specrnn %s\" \"User Commands\"\n"
          ".SH NAME\nspecrnn \\- audio spectrogram features and recurrent encoders\n"
          ".SH SYNOPSIS\n.B specrnn\n\\fISUBCOMMAND\\fR [\\fIARGUMENTS\\fR]\n"
          ".SH DESCRIPTION\n"
          "specrnn turns sound into spectrogram features and the hidden states of recurrent networks,\n"
          "and draws both. Every subcommand answers \\fB\\-\\-help\\fR.\n"
          ".SH SUBCOMMANDS\n",
          specrnn_version());
  for (const cli_command *const *command = commands; *command; command++) {
    print_command(stream, commands, *command);
  }
  print_sections(stream, commands);
  fputs(".SH EVERY SUBCOMMAND\n", stream);
  for (const cli_option *option = CLI_COMMON_OPTIONS; option->name; option++) {
    print_own(stream, option);
  }
  fputs(
      ".SH EXIT STATUS\n0 all is well; 1 an input failed, with one line \"specrnn: FILE: reason\" on standard error;\n"
      "2 the call itself is wrong.\n",
      stream);
}
