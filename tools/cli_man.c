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
    snprintf(name, sizeof name, "-%c, --%s", option->letter, option->name);
  } else {
    snprintf(name, sizeof name, "--%s", option->name);
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
  cli_option_help(table, option, help, sizeof help);
  print_entry(stream, name, argument, help);
}

/* The options of the library are the same under every subcommand that has them: they are printed once. */
static void print_command(FILE *stream, const cli_command *command)
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
      fprintf(stream, ".PP\nand the options under \\fB%s\\fR below.\n", group->title);
    }
  }
}

static bool printed_before(const cli_command *const *commands, const cli_group *group)
{
  for (; *commands; commands++) {
    for (const cli_group *other = (*commands)->groups; other->title; other++) {
      if (other == group) {
        return false;
      }
      if (other->table && !strcmp(other->title, group->title)) {
        return true;
      }
    }
  }
  return false;
}

static void print_library_groups(FILE *stream, const cli_command *const *commands)
{
  for (const cli_command *const *command = commands; *command; command++) {
    for (const cli_group *group = (*command)->groups; group->title; group++) {
      const specrnn_option_table *table = group->table ? group->table() : NULL;
      if (!table || printed_before(commands, group)) {
        continue;
      }
      fprintf(stream, ".SH %s\n", group->title);
      for (size_t i = 0; i < table->count; i++) {
        if (cli_group_has(group, table->options[i].key)) {
          print_library(stream, table, &table->options[i]);
        }
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
    print_command(stream, *command);
  }
  print_library_groups(stream, commands);
  fputs(
      ".SH EXIT STATUS\n0 all is well; 1 an input failed, with one line \"specrnn: FILE: reason\" on standard error;\n"
      "2 the call itself is wrong.\n",
      stream);
}
