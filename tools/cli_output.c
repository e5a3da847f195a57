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

static bool is_same(const struct stat *a, const char *path)
{
  struct stat b;
  return stat(path, &b) == 0 && S_ISREG(b.st_mode) && a->st_dev == b.st_dev && a->st_ino == b.st_ino;
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
    return is_same(output, path);
  }
  return is_same(output, strcmp(input, "-") ? input : "/dev/stdin");
}

static bool fail_same(const char *output, const char *input)
{
  report_usage("%s: is %s%s, which the output would replace", output, strcmp(output, input) ? "the same file as " : "",
               strcmp(output, input) ? input : "an input");
  return false;
}

static bool spares_inputs(const cli_arguments *arguments, const char *output)
{
  struct stat status;
  if (stat(output, &status) != 0 || !S_ISREG(status.st_mode)) {
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
      if (text && strcmp(option->name, "output") != 0 && is_same(&status, text)) {
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
  char *index = specrnn_table_index_path(output);
  if (!index) {
    report_failure(output, "out of memory");
    return false;
  }
  bool spared = spares_inputs(arguments, index);
  free(index);
  return spared;
}

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

int cli_check_output(const cli_arguments *arguments)
{
  const char *output = output_of(arguments);
  if (!output) {
    return CLI_EXIT_OK;
  }
  if (!strcmp(output, "-") && was_closed[STDOUT_FILENO]) {
    return report_failure("standard output", "is closed");
  }
  return cli_output_spares_inputs(arguments, output) ? CLI_EXIT_OK : CLI_EXIT_USAGE;
}
