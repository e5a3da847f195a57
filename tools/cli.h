/* The command line as data: each subcommand describes its options in tables, from which come the parsing (popt),
 * --help, and the man page. */
#ifndef SPECRNN_TOOLS_CLI_H
#define SPECRNN_TOOLS_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "specrnn/core.h"

/* Exit statuses of the command. */
enum { CLI_EXIT_OK = 0, CLI_EXIT_FAILED = 1, CLI_EXIT_USAGE = 2 };

typedef enum cli_kind {
  CLI_FLAG,   /* bool, set to true */
  CLI_SWITCH, /* bool, true by --X and false by --no-X; for what is true by default */
  CLI_STRING, /* const char * */
  CLI_NUMBER, /* double, finite or inf, from minimum to maximum */
  CLI_TIME,   /* the same in seconds, also as 1:15.5 or 1m15.5s */
  CLI_COUNT,  /* int, from minimum to maximum */
} cli_kind;

enum { CLI_NAME_SIZE = 64 }; /* of an option */

/* An option that a subcommand owns: a field of its own struct of options. */
typedef struct cli_option {
  const char *name; /* "output": spelt --output */
  char letter;      /* 'o': spelt -o; 0 for none */
  cli_kind kind;
  const char *argument; /* "DIR"; NULL for flags */
  size_t offset;
  double minimum, maximum; /* for numbers */
  const char *help;
} cli_option;

/* Options under one heading: the subcommand's own, or one of the library's tables. */
typedef struct cli_group {
  const char *title;
  const cli_option *options; /* ends with a NULL name; or NULL */
  const specrnn_option_table *(*table)(void);
  const char *const *keys; /* which of the table's, in which order; ends with NULL; NULL for all */
} cli_group;

/* A list of keys that begins with this says which are left out. */
#define CLI_ALL_BUT "*"

/* What an option of the library's tables is by default in one subcommand, where that is not what the table says. */
typedef struct cli_own_default {
  const char *key;  /* "height" */
  const char *text; /* "4; 3 for a waveform" */
} cli_own_default;

typedef struct cli_arguments cli_arguments;

/* A subcommand. `defaults` is a struct of `options_size` bytes that the own options point into. */
typedef struct cli_command {
  const char *name;                    /* "encode", or two words, "model init" */
  const char *arguments;               /* "IN [-o DIR]" */
  const char *summary;                 /* one line for the list of subcommands */
  const char *example;                 /* lines, each a command */
  const char *description;             /* paragraphs for --help and the man page */
  const cli_group *groups;             /* ends with a NULL title */
  const cli_own_default *own_defaults; /* ends with a NULL key; or NULL */
  const void *defaults;
  size_t options_size;
  int minimum_inputs, maximum_inputs; /* of positional arguments; maximum -1: any number */
  int (*run)(const cli_arguments *arguments);
} cli_command;

/* Remembers that a standard descriptor was closed when the program began. */
void cli_note_closed(int descriptor);

/* What was given on the command line. */
struct cli_arguments {
  const cli_command *command;
  void *options;       /* the subcommand's own struct */
  const char **inputs; /* positional arguments */
  int n_inputs;
  struct cli_assignment *assignments; /* options of the library's tables, in the order given */
  size_t n_assignments;
  const cli_option **given; /* own options that were given */
  size_t n_given;
  char *command_line; /* the whole call, quoted so that a shell can repeat it */
};

/* Options that every subcommand has beside --help; ends with a NULL name. */
extern const cli_option CLI_COMMON_OPTIONS[];

/* Parses and runs; answers --help. `argv` begins with the words of the command's name. Returns the exit status of the
 * process. */
int cli_run(const cli_command *command, int argc, char **argv);

/* Calls `one` for every input, and gives 1 where one of them failed: the others are done all the same. */
int cli_each_input(const cli_arguments *arguments, bool json, int (*one)(const char *path, bool json));

/* Before a subcommand runs: standard output and the option --output spare its inputs. The exit status that a message
 * goes with, or 0. A subcommand that writes under other names than that of --output has two calls to make for them,
 * before the first is opened: */
int cli_check_output(const cli_arguments *arguments);

/* Whether writing to `output` ("-": standard output), and to an index beside it, leaves every input, and every file
 * that an option names, what it is: files are the same where device and inode are. False after a message. */
bool cli_output_spares_inputs(const cli_arguments *arguments, const char *output);

/* Whether no two of the outputs (and indices beside them) lead to one file that is there already, by links or by a
 * file system that has two spellings for a name. False after a message. */
bool cli_outputs_differ(const char *const *outputs, size_t n_outputs);

/* Sets the fields of `config` that the command line names. False after a message for a value that is not allowed. */
bool cli_assign(const cli_arguments *arguments, const specrnn_option_table *table, void *config);

/* The text given for one option of a table, or NULL. */
const char *cli_assigned(const cli_arguments *arguments, const specrnn_option_table *table, const char *key);

/* Whether an option of its own was given, by its name. */
bool cli_given(const cli_arguments *arguments, const char *name);

/* Whether any option of that table was given. */
bool cli_assigned_any(const cli_arguments *arguments, const specrnn_option_table *table);

/* The same, with the name of the first one, "--n-fft", for a message; CLI_NAME_SIZE and a few are enough. */
enum { CLI_SPELT_SIZE = CLI_NAME_SIZE + 8 };
bool cli_first_assigned(const cli_arguments *arguments, const specrnn_option_table *table, char name[CLI_SPELT_SIZE]);

/* --help of one subcommand. */
void cli_print_help(FILE *stream, const cli_command *command);

/* One man page for the program and all its subcommands (a table that ends with NULL). */
void cli_print_man(FILE *stream, const cli_command *const *commands);

/* All options as JSON: [{"name": subcommand, "options": [{"name", "type", "minimum", "maximum", "choices", ...}]}]. */
bool cli_print_json(FILE *stream, const cli_command *const *commands);

/* What stands before the name of an own option: "--", or "--[no-]". */
const char *cli_own_prefix(const cli_option *option);

/* What --help and the man page both say of an option of the library. */
void cli_option_spelling(const specrnn_option *option, char *name, size_t size); /* "n-fft", "sample-rate" */
bool cli_group_has(const cli_group *group, const char *key);
void cli_option_name(const specrnn_option *option, char *text, size_t size);     /* "--[no-]center", "--n-fft" */
void cli_option_argument(const specrnn_option *option, char *text, size_t size); /* "Hz", "hann|hamming", "dB|none" */
void cli_option_help(const specrnn_option_table *table, const specrnn_option *option, const char *own_default,
                     char *text, size_t size);                               /* own_default may be NULL */
const char *cli_own_default_of(const cli_command *command, const char *key); /* NULL for none */

#endif
