/* Parsing: the tables of a subcommand become popt's, and what popt finds goes into the subcommand's struct or into a
 * list of assignments for the library's tables. */
#include <limits.h>
#include <math.h>
#include <popt.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "limit.h"
#include "report.h"
#include "whole.h"

/* "key=text" for a field of one of the library's tables. */
typedef struct cli_assignment {
  const specrnn_option_table *table;
  const specrnn_option *option;
  const char *text;
} cli_assignment;

/* Where a popt value leads: the option's number there is its index in this list plus one. */
typedef struct target {
  const cli_option *own;
  const specrnn_option_table *table;
  const specrnn_option *option;
  bool negated; /* --no-X */
  bool common;  /* `own` is of every subcommand */
} target;

typedef struct parser {
  cli_arguments *arguments;
  const char **argv; /* popt wants it const all the way down */
  struct poptOption *popt_options;
  target *targets;
  char **names; /* that are made here: with '-' for '_', with "no-" in front */
  size_t count, capacity;
  char **texts; /* values that popt allocated; they live as long as the arguments */
  size_t n_texts;
  bool help;
} parser;

const cli_option CLI_COMMON_OPTIONS[] = {
    {"memory-limit", 0, CLI_STRING, "SIZE", 0, 0, 0,
     "what an archive or a model may unpack to, in bytes, or as 200M, 4G, none (default: in proportion to the file)"},
    {0},
};

enum { NAME_SIZE = CLI_NAME_SIZE + sizeof "no-" };

static size_t group_size(const cli_group *group)
{
  size_t count = 0;
  for (const cli_option *option = group->options; option && option->name; option++) {
    count += option->kind == CLI_SWITCH ? 2 : 1;
  }
  /* A boolean has two names. */
  return count + (group->table ? 2 * group->table()->count : 0);
}

static bool allocate(parser *p, const cli_command *command, int argc, char **argv)
{
  p->capacity = 1 + sizeof CLI_COMMON_OPTIONS / sizeof *CLI_COMMON_OPTIONS; /* --help */
  for (const cli_group *group = command->groups; group->title; group++) {
    p->capacity += group_size(group);
  }
  p->argv = calloc((size_t)argc + 1, sizeof *p->argv);
  p->popt_options = calloc(p->capacity + 1, sizeof *p->popt_options);
  p->targets = calloc(p->capacity, sizeof *p->targets);
  p->names = calloc(p->capacity, sizeof *p->names);
  p->texts = calloc((size_t)argc + 1, sizeof *p->texts);
  p->arguments->assignments = calloc((size_t)argc + 1, sizeof *p->arguments->assignments);
  p->arguments->inputs = calloc((size_t)argc + 1, sizeof *p->arguments->inputs);
  p->arguments->given = calloc((size_t)argc + 1, sizeof *p->arguments->given);
  p->arguments->options = malloc(command->options_size ? command->options_size : 1);
  if (!p->argv || !p->popt_options || !p->targets || !p->names || !p->texts || !p->arguments->assignments ||
      !p->arguments->inputs || !p->arguments->given || !p->arguments->options) {
    return false;
  }
  for (int i = 0; i < argc; i++) {
    p->argv[i] = argv[i];
  }
  if (command->options_size) {
    memcpy(p->arguments->options, command->defaults, command->options_size);
  }
  return true;
}

static void add(parser *p, const char *name, char letter, bool takes_text, target where)
{
  p->targets[p->count] = where;
  p->popt_options[p->count] = (struct poptOption){
      .longName = name,
      .shortName = letter,
      .argInfo = takes_text ? POPT_ARG_STRING : POPT_ARG_NONE,
      .val = (int)p->count + 1,
  };
  p->count++;
}

/* "X" or "no-X", which the parser keeps; NULL where memory is lacking. */
static char *keep_name(parser *p, const char *spelling, bool negated)
{
  char *name = malloc(NAME_SIZE);
  if (name) {
    snprintf(name, NAME_SIZE, "%s%s", negated ? "no-" : "", spelling);
    p->names[p->count] = name;
  }
  return name;
}

static bool add_own_option(parser *p, const cli_option *option)
{
  add(p, option->name, option->letter, option->argument != NULL, (target){.own = option});
  if (option->kind != CLI_SWITCH) {
    return true;
  }
  char *name = keep_name(p, option->name, true);
  if (name) {
    add(p, name, 0, false, (target){.own = option, .negated = true});
  }
  return name != NULL;
}

static bool add_library_option(parser *p, const specrnn_option_table *table, const specrnn_option *option, bool negated)
{
  char spelling[CLI_NAME_SIZE];
  cli_option_spelling(option, spelling, sizeof spelling);
  char *name = keep_name(p, spelling, negated);
  if (!name) {
    return false;
  }
  add(p, name, 0, option->type != SPECRNN_OPTION_BOOL, (target){.table = table, .option = option, .negated = negated});
  return true;
}

static bool add_group(parser *p, const cli_group *group)
{
  for (const cli_option *option = group->options; option && option->name; option++) {
    if (!add_own_option(p, option)) {
      return false;
    }
  }
  const specrnn_option_table *table = group->table ? group->table() : NULL;
  for (size_t i = 0; table && i < table->count; i++) {
    const specrnn_option *option = &table->options[i];
    if (!cli_group_has(group, option->key)) {
      continue;
    }
    if (!add_library_option(p, table, option, false) ||
        (option->type == SPECRNN_OPTION_BOOL && !add_library_option(p, table, option, true))) {
      return false;
    }
  }
  return true;
}

static bool usage_error(const cli_command *command, const char *what, const char *reason)
{
  report_usage("%s: %s (see specrnn %s --help)", what, reason, command->name);
  return false;
}

static bool parse_number(const cli_command *command, const cli_option *option, const char *text, double *value)
{
  char *end;
  char reason[192];
  bool good = option->kind == CLI_TIME && specrnn_seconds_parse(text, value);
  if (option->kind != CLI_TIME) {
    *value = strtod(text, &end); /* the program keeps the C locale for numbers */
    good = end != text && !*end;
  }
  if (good && *value >= option->minimum && *value <= option->maximum &&
      (option->kind != CLI_COUNT || *value == floor(*value))) {
    return true;
  }
  snprintf(reason, sizeof reason, "'%.40s' is not a %s from %g to %g%s", text,
           option->kind == CLI_COUNT ? "whole number" : "number", option->minimum, option->maximum,
           option->kind == CLI_TIME ? " seconds, nor a time such as 1:15.5 or 1m15.5s" : "");
  char name[NAME_SIZE];
  snprintf(name, sizeof name, "--%s", option->name);
  return usage_error(command, name, reason);
}

static bool set_common(const parser *p, const char *text)
{
  if (limit_set(text)) {
    return true;
  }
  char reason[128];
  snprintf(reason, sizeof reason, "'%.40s' is no size such as 100000000, 200M, 4G or none", text);
  return usage_error(p->arguments->command, "--memory-limit", reason);
}

static bool set_own(parser *p, const target *where, const char *text)
{
  const cli_option *option = where->own;
  const cli_command *command = p->arguments->command;
  unsigned char *field = (unsigned char *)p->arguments->options + option->offset;
  double number;
  int count;
  switch (option->kind) {
  case CLI_FLAG:
  case CLI_SWITCH: *(bool *)field = !where->negated; return true;
  case CLI_STRING: memcpy(field, &text, sizeof text); return true;
  case CLI_NUMBER:
  case CLI_TIME:
  case CLI_COUNT:
    if (!parse_number(command, option, text, &number)) {
      return false;
    }
    if (option->kind != CLI_COUNT) {
      memcpy(field, &number, sizeof number);
      return true;
    }
    count = whole_int_of(number, INT_MIN, INT_MAX);
    memcpy(field, &count, sizeof count);
    return true;
  }
  return false;
}

/* A wrong value is told by itself, also where what the call does has no use for the option. */
static bool is_valid(const target *where, const char *text)
{
  const specrnn_option_table *table = where->table;
  void *scratch = malloc(table->size);
  if (!scratch) {
    report_memory();
    return false;
  }
  memcpy(scratch, table->defaults, table->size);
  specrnn_log log = report_usage_log();
  specrnn_status status = specrnn_option_set(table, scratch, where->option->key, text, &log);
  free(scratch);
  return !status;
}

static bool take(parser *p, int value, char *text)
{
  if (text) {
    p->texts[p->n_texts++] = text;
  } else if (p->popt_options[value - 1].argInfo == POPT_ARG_STRING) {
    report_memory(); /* popt could not copy it */
    return false;
  }
  const target *where = &p->targets[value - 1];
  if (where->common) {
    return set_common(p, text);
  }
  if (where->own) {
    p->arguments->given[p->arguments->n_given++] = where->own;
    return set_own(p, where, text);
  }
  if (!where->option) {
    p->help = true;
    return true;
  }
  if (where->option->type == SPECRNN_OPTION_BOOL) {
    static char yes[] = "true";
    static char no[] = "false";
    text = where->negated ? no : yes;
  }
  if (!is_valid(where, text)) {
    return false;
  }
  p->arguments->assignments[p->arguments->n_assignments++] =
      (cli_assignment){.table = where->table, .option = where->option, .text = text};
  return true;
}

/* What other programs call it. */
static const char *other_spelling(const char *name)
{
  static const char *const SPELLINGS[][2] = {
      {"cmap", "colormap"},      {"colour-map", "colormap"}, {"colour", "colormap"}, {"color", "colormap"},
      {"sr", "sample-rate"},     {"hop", "hop-length"},      {"win", "win-length"},  {"nfft", "n-fft"},
      {"n-mel", "n-mels"},       {"start", "offset"},        {"length", "duration"}, {"out", "output"},
      {"figsize", "width"},      {"f-min", "fmin"},          {"f-max", "fmax"},      {"num-mel-bins", "n-mels"},
      {"low-freq", "fmin"},      {"high-freq", "fmax"},      {"num-ceps", "n-mfcc"}, {"layers", "num-layers"},
      {"hidden", "hidden-size"}, {"input", "input-size"},
  };
  for (size_t i = 0; i < sizeof SPELLINGS / sizeof *SPELLINGS; i++) {
    if (!strcmp(name, SPELLINGS[i][0])) {
      return SPELLINGS[i][1];
    }
  }
  return name;
}

static bool has_option(const parser *p, const char *name)
{
  for (size_t i = 0; i < p->count; i++) {
    if (!strcmp(p->popt_options[i].longName, name)) {
      return true;
    }
  }
  return false;
}

/* "--cmap: unknown option; did you mean --colormap?" */
static bool fail_unknown(const parser *p, const char *given)
{
  enum { WORD_SIZE = 64 };
  char word[WORD_SIZE];
  char reason[2 * WORD_SIZE];
  const char **names = calloc(p->count + 1, sizeof *names);
  snprintf(word, sizeof word, "%.*s", (int)strcspn(given + strspn(given, "-"), "="), given + strspn(given, "-"));
  for (size_t i = 0; names && i < p->count; i++) {
    names[i] = p->popt_options[i].longName;
  }
  const char *other = other_spelling(word);
  const char *nearest = has_option(p, other)                ? other
                        : names && !strncmp(given, "--", 2) ? specrnn_nearest_name(word, names)
                                                            : NULL;
  snprintf(reason, sizeof reason, "unknown option%s%s%s", nearest ? "; did you mean --" : "", nearest ? nearest : "",
           nearest ? "?" : "");
  free((void *)names);
  return usage_error(p->arguments->command, given, reason);
}

static bool parse(parser *p, poptContext context)
{
  const cli_command *command = p->arguments->command;
  int value;
  while ((value = poptGetNextOpt(context)) > 0) {
    if (!take(p, value, poptGetOptArg(context))) {
      return false;
    }
  }
  if (value < -1) {
    return value == POPT_ERROR_BADOPT ? fail_unknown(p, poptBadOption(context, 0))
                                      : usage_error(command, poptBadOption(context, 0), poptStrerror(value));
  }
  if (p->help) {
    return true;
  }
  for (const char *input; (input = poptGetArg(context));) {
    p->arguments->inputs[p->arguments->n_inputs++] = input;
  }
  if (p->arguments->n_inputs < command->minimum_inputs) {
    return usage_error(command, command->name, "an input is missing");
  }
  if (command->maximum_inputs >= 0 && p->arguments->n_inputs > command->maximum_inputs) {
    return usage_error(command, p->arguments->inputs[command->maximum_inputs], "one argument too many");
  }
  return true;
}

static bool is_plain(const char *word)
{
  static const char PLAIN[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:,=+@%";
  return *word && strspn(word, PLAIN) == strlen(word);
}

/* Appends a word as a POSIX shell reads it back. `end` has room for the worst case. */
static char *quote(char *end, const char *word)
{
  if (is_plain(word)) {
    return stpcpy(end, word);
  }
  *end++ = '\'';
  for (; *word; word++) {
    end = *word == '\'' ? stpcpy(end, "'\\''") : (*end = *word, end + 1);
  }
  *end++ = '\'';
  *end = '\0';
  return end;
}

static char *join_command_line(int argc, char **argv)
{
  enum { WORST_EXPANSION = 4 };
  size_t size = sizeof "specrnn";
  for (int i = 0; i < argc; i++) {
    size += WORST_EXPANSION * strlen(argv[i]) + sizeof " ''";
  }
  char *line = malloc(size);
  if (!line) {
    return NULL;
  }
  char *end = stpcpy(line, "specrnn");
  for (int i = 0; i < argc; i++) {
    *end++ = ' ';
    end = quote(end, argv[i]);
  }
  return line;
}

static void release(parser *p)
{
  for (size_t i = 0; p->names && i < p->capacity; i++) {
    free(p->names[i]);
  }
  for (size_t i = 0; i < p->n_texts; i++) {
    free(p->texts[i]);
  }
  free((void *)p->argv);
  free(p->names);
  free(p->texts);
  free(p->targets);
  free(p->popt_options);
  free(p->arguments->assignments);
  free((void *)p->arguments->inputs);
  free((void *)p->arguments->given);
  free(p->arguments->options);
  free(p->arguments->command_line);
}

static int parse_and_run(parser *p, int argc, char **argv)
{
  const cli_command *command = p->arguments->command;
  if (!allocate(p, command, argc, argv) || !(p->arguments->command_line = join_command_line(argc, argv))) {
    return report_memory();
  }
  for (const cli_group *group = command->groups; group->title; group++) {
    if (!add_group(p, group)) {
      return report_memory();
    }
  }
  for (const cli_option *option = CLI_COMMON_OPTIONS; option->name; option++) {
    add(p, option->name, option->letter, true, (target){.own = option, .common = true});
  }
  add(p, "help", 'h', false, (target){0});
  int more_words = strchr(command->name, ' ') ? 1 : 0;
  poptContext context =
      poptGetContext("specrnn", argc - more_words, p->argv + more_words, p->popt_options, POPT_CONTEXT_NO_EXEC);
  if (!context) {
    return report_memory();
  }
  int status = CLI_EXIT_USAGE;
  if (parse(p, context)) {
    if (p->help) {
      cli_print_help(stdout, command);
      status = CLI_EXIT_OK;
    } else {
      status = cli_check_output(p->arguments);
      status = status ? status : command->run(p->arguments);
    }
  }
  poptFreeContext(context);
  return status;
}

int cli_run(const cli_command *command, int argc, char **argv)
{
  cli_arguments arguments = {.command = command};
  parser p = {.arguments = &arguments};
  int status = parse_and_run(&p, argc, argv);
  release(&p);
  return status;
}

int cli_each_input(const cli_arguments *arguments, bool json, int (*one)(const char *path, bool json))
{
  int exit_status = CLI_EXIT_OK;
  report_as_json(json);
  for (int i = 0; i < arguments->n_inputs; i++) {
    if (one(arguments->inputs[i], json)) {
      exit_status = CLI_EXIT_FAILED;
    }
  }
  return exit_status;
}

bool cli_assign(const cli_arguments *arguments, const specrnn_option_table *table, void *config)
{
  for (size_t i = 0; i < arguments->n_assignments; i++) {
    const cli_assignment *assignment = &arguments->assignments[i];
    if (assignment->table != table) {
      continue;
    }
    specrnn_log log = report_usage_log();
    if (specrnn_option_set(table, config, assignment->option->key, assignment->text, &log)) {
      return false;
    }
  }
  return true;
}

const char *cli_assigned(const cli_arguments *arguments, const specrnn_option_table *table, const char *key)
{
  const specrnn_option *option = specrnn_option_find(table, key);
  const char *text = NULL;
  for (size_t i = 0; i < arguments->n_assignments; i++) {
    if (arguments->assignments[i].option == option) {
      text = arguments->assignments[i].text;
    }
  }
  return text;
}

bool cli_given(const cli_arguments *arguments, const char *name)
{
  for (size_t i = 0; i < arguments->n_given; i++) {
    if (!strcmp(arguments->given[i]->name, name)) {
      return true;
    }
  }
  return false;
}

bool cli_first_assigned(const cli_arguments *arguments, const specrnn_option_table *table, char name[CLI_SPELT_SIZE])
{
  for (size_t i = 0; i < arguments->n_assignments; i++) {
    if (arguments->assignments[i].table == table) {
      char spelling[CLI_NAME_SIZE];
      cli_option_spelling(arguments->assignments[i].option, spelling, sizeof spelling);
      snprintf(name, CLI_SPELT_SIZE, "--%s", spelling);
      return true;
    }
  }
  return false;
}

bool cli_assigned_any(const cli_arguments *arguments, const specrnn_option_table *table)
{
  char name[CLI_SPELT_SIZE];
  return cli_first_assigned(arguments, table, name);
}
