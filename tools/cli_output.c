/* Where output may go: not over what is read. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <specrnn/io.h>

#include "cli.h"
#include "report.h"

/* By descriptor: closed when the program began. */
static bool was_closed[STDERR_FILENO + 1];

void cli_note_closed(int descriptor)
{
  if (descriptor >= 0 && descriptor <= STDERR_FILENO) {
    was_closed[descriptor] = true;
  }
}

static const char STANDARD_STREAM[] = "-";

/* What is behind a name now, or behind the standard stream that "-" stands for. False unless it is a regular file:
 * nothing else can be lost. */
static bool find_file(struct stat *status, const char *path, int standard)
{
  int failed = strcmp(path, STANDARD_STREAM) ? stat(path, status) : fstat(standard, status);
  return !failed && S_ISREG(status->st_mode);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* The text of an own option, or NULL. */
static const char *text_of(const cli_arguments *arguments, const cli_option *option)
{
  const char *text = NULL;
  if (option->kind == CLI_STRING) {
    memcpy(&text, (const char *)arguments->options + option->offset, sizeof text);
  }
  return text;
}

/* Whether the text of an option may name a file that is read: not its output, a text to show, or one of a few words. */
static bool may_be_input(const cli_option *option)
{
  bool word = strchr(option->argument, '|') && !strstr(option->argument, "FILE");
  return strcmp(option->name, "output") != 0 && strcmp(option->argument, "TEXT") != 0 && !word;
}

/* ".npz:NAME" is an array of an archive, whose file it is. */
static bool is_input(const struct stat *output, const char *input)
{
  static const char ENTRY[] = ".npz:";
  char path[4096];
  const char *colon = strstr(input, ENTRY);
  size_t length = colon ? (size_t)(colon - input) + sizeof ".npz" - 1 : 0;
  if (colon && length < sizeof path) {
    memcpy(path, input, length);
    path[length] = '\0';
    input = path;
  }
  struct stat status;
  return find_file(&status, input, STDIN_FILENO) && is_same(output, &status);
}

static bool fail_same(const char *output, const char *input)
{
  bool to_stdout = !strcmp(output, STANDARD_STREAM);
  const char *from = strcmp(input, STANDARD_STREAM) ? input : "standard input";
  bool one_name = !strcmp(output, input) && !to_stdout;
  report_usage("%s: is %s%s, which the output would %s", to_stdout ? "standard output" : output,
               one_name ? "" : "the same file as ", one_name ? "an input" : from, to_stdout ? "change" : "replace");
  return false;
}

static bool spares_inputs(const cli_arguments *arguments, const char *output)
{
  struct stat status;
  if (!find_file(&status, output, STDOUT_FILENO)) {
    return true;
  }
  for (int i = 0; i < arguments->n_inputs; i++) {
    if (is_input(&status, arguments->inputs[i])) {
      return fail_same(output, arguments->inputs[i]);
    }
  }
  for (const cli_group *group = arguments->command->groups; group->title; group++) {
    for (const cli_option *option = group->options; option && option->name; option++) {
      const char *text = text_of(arguments, option);
      if (text && may_be_input(option) && is_input(&status, text)) {
        return fail_same(output, text);
      }
    }
  }
  return true;
}

/* The index beside an archive of Kaldi replaces a file, too. The name alone tells it: where another format goes to a
 * name in .ark (--format), its index would be no file of ours, and refusing it loses nothing. */
bool cli_output_spares_inputs(const cli_arguments *arguments, const char *output)
{
  if (!spares_inputs(arguments, output)) {
    return false;
  }
  if (!strcmp(output, STANDARD_STREAM)) {
    return true;
  }
  char *index = specrnn_table_index_path(output);
  if (!index) {
    report_failure(output, "out of memory");
    return false;
  }
  bool spared = spares_inputs(arguments, index);
  free(index);
  return spared;
}

/* ---------------------------------------------------------------------------------------- results among each other
 */

/* A file that stands where a result will go. */
typedef struct target {
  struct stat status;
  char *name;     /* as it will be opened */
  char *resolved; /* where links lead, or NULL */
} target;

static int compare_targets(const void *a, const void *b)
{
  const struct stat *x = &((const target *)a)->status;
  const struct stat *y = &((const target *)b)->status;
  int by_device = (x->st_dev > y->st_dev) - (x->st_dev < y->st_dev);
  return by_device ? by_device : (x->st_ino > y->st_ino) - (x->st_ino < y->st_ino);
}

/* Two names that lead to one file, of which the second result would replace the first. Hard links do not: each name
 * gets a file of its own. */
static bool collide(const target *a, const target *b)
{
  bool linked = a->status.st_nlink > 1 && a->resolved && b->resolved && strcmp(a->resolved, b->resolved) != 0;
  return !compare_targets(a, b) && !linked;
}

static bool differ(target *targets, size_t count)
{
  qsort(targets, count, sizeof *targets, compare_targets);
  for (size_t i = 0; i < count; i++) { /* of one file there are few */
    for (size_t k = i + 1; k < count && !compare_targets(&targets[i], &targets[k]); k++) {
      if (collide(&targets[i], &targets[k])) {
        report_usage("%s and %s: are one file for two results", targets[i].name, targets[k].name);
        return false;
      }
    }
  }
  return true;
}

static bool is_dangling(const char *name)
{
  struct stat status;
  return stat(name, &status) != 0 && lstat(name, &status) == 0;
}

/* Takes `name`, or NULL for want of memory. */
static bool add_target(target *targets, size_t *count, char *name)
{
  target *added = &targets[*count];
  if (!name) {
    report_memory();
    return false;
  }
  if (!find_file(&added->status, name, STDOUT_FILENO)) {
    free(name);
    return true;
  }
  added->name = name;
  added->resolved = realpath(name, NULL);
  ++*count;
  return true;
}

/* Links to what does not exist may lead to one file that the first of them makes. One alone is left to the library. */
static bool lead_somewhere(const char *const *outputs, size_t n_outputs)
{
  for (size_t i = 0; n_outputs > 1 && i < n_outputs; i++) {
    if (is_dangling(outputs[i])) {
      report_usage("%s: cannot write: a link to what does not exist", outputs[i]);
      return false;
    }
  }
  return true;
}

bool cli_outputs_differ(const char *const *outputs, size_t n_outputs)
{
  target *targets = calloc(2 * n_outputs + 1, sizeof *targets);
  if (!targets) {
    report_memory();
    return false;
  }
  size_t count = 0;
  bool good = lead_somewhere(outputs, n_outputs);
  for (size_t i = 0; good && i < n_outputs; i++) {
    good = add_target(targets, &count, strdup(outputs[i])) &&
           add_target(targets, &count, specrnn_table_index_path(outputs[i]));
  }
  good = good && differ(targets, count);
  for (size_t i = 0; i < count; i++) {
    free(targets[i].name);
    free(targets[i].resolved);
  }
  free(targets);
  return good;
}

/* ------------------------------------------------------------------------------------------------ the option --output
 */

/* Of the option --output, where a subcommand has it. */
static const char *output_of(const cli_arguments *arguments)
{
  for (const cli_group *group = arguments->command->groups; group->title; group++) {
    for (const cli_option *option = group->options; option && option->name; option++) {
      if (!strcmp(option->name, "output")) {
        return text_of(arguments, option);
      }
    }
  }
  return NULL;
}

/* What is said goes to standard output whatever --output names: where that is an input, it would grow as it is read. */
int cli_check_output(const cli_arguments *arguments)
{
  const char *output = output_of(arguments);
  if (output && !*output) {
    return report_usage("--output: is empty; name where the result goes");
  }
  if (output && !strcmp(output, STANDARD_STREAM) && was_closed[STDOUT_FILENO]) {
    return report_failure("standard output", "is closed");
  }
  bool spared = spares_inputs(arguments, STANDARD_STREAM) &&
                (!output || (cli_output_spares_inputs(arguments, output) && cli_outputs_differ(&output, 1)));
  return spared ? CLI_EXIT_OK : CLI_EXIT_USAGE;
}
