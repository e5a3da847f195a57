/* The command: a table of subcommands. */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "cli.h"
#include "commands.h"
#include "report.h"

static const cli_command *const COMMANDS[] = {
    &cmd_analyze,
    &cmd_plot,
    &cmd_animate,
    &cmd_features,
    &cmd_encode,
    &cmd_neighbours,
    &cmd_info,
    &cmd_stats,
    &cmd_verify,
    &cmd_invert,
    &cmd_model_init,
    &cmd_model_show,
    &cmd_model_verify,
    &cmd_model_convert,
    &cmd_model_quantize,
    &bench_features_command,
    &bench_encoder_command,
    &bench_plan_command,
    NULL,
};

/* A subcommand's name may have two words, "model init": all that share the first are a family. */
static bool is_family(const char *name, const cli_command *command)
{
  size_t length = strlen(name);
  return length > 0 && !strncmp(command->name, name, length) && command->name[length] == ' ';
}

static const cli_command *find_command(int argc, char **argv)
{
  for (const cli_command *const *command = COMMANDS; *command; command++) {
    if (!strcmp(argv[1], (*command)->name) ||
        (argc > 2 && is_family(argv[1], *command) && !strcmp(argv[2], strchr((*command)->name, ' ') + 1))) {
      return *command;
    }
  }
  return NULL;
}

/* False where no subcommand begins with that word. */
static bool print_family(FILE *stream, const char *name)
{
  bool found = false;
  for (const cli_command *const *command = COMMANDS; *command; command++) {
    if (is_family(name, *command)) {
      fprintf(stream, "specrnn %-16s%s\n", (*command)->name, (*command)->summary);
      found = true;
    }
  }
  return found;
}

static void print_overview(FILE *stream)
{
  fprintf(stream, "specrnn: sound -> spectrogram features -> recurrent encoder -> pictures\n\n"
                  "Example\n  specrnn analyze test.wav\n\nUsage\n  specrnn SUBCOMMAND [ARGUMENTS]\n\nSubcommands\n");
  for (const cli_command *const *command = COMMANDS; *command; command++) {
    fprintf(stream, "  %-16s%s\n", (*command)->name, (*command)->summary);
  }
  fprintf(stream, "\n  specrnn SUBCOMMAND --help tells more; specrnn --version tells which this is.\n");
}

/* What was printed must have arrived: a full disk behind standard output is a failure. One that has been reported, by a
 * writer to standard output, is not reported twice. */
static int close_output(int status)
{
  if (!ferror(stdout) && fclose(stdout) == 0) {
    return status;
  }
  if (status == CLI_EXIT_OK && errno != EPIPE) {
    return report_failure("standard output", "%s", strerror(errno));
  }
  return status ? status : CLI_EXIT_FAILED;
}

static int run(int argc, char **argv)
{
  const char *name = argc > 1 ? argv[1] : "";
  const cli_command *command = argc > 1 ? find_command(argc, argv) : NULL;
  if (command) {
    return cli_run(command, argc - 1, argv + 1);
  }
  if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help")) {
    print_overview(stdout);
    return CLI_EXIT_OK;
  }
  if (!strcmp(name, "--version")) {
    printf("specrnn %s\n", specrnn_version());
    return CLI_EXIT_OK;
  }
  if (!strcmp(name, "--man-page")) {
    cli_print_man(stdout, COMMANDS);
    return CLI_EXIT_OK;
  }
  if (argc < 2) {
    print_overview(stderr);
    return CLI_EXIT_USAGE;
  }
  bool asks = argc == 3 && (!strcmp(argv[2], "--help") || !strcmp(argv[2], "-h"));
  if ((argc == 2 || asks) && print_family(asks ? stdout : stderr, name)) {
    return asks ? CLI_EXIT_OK : CLI_EXIT_USAGE;
  }
  return report_usage("%s: unknown subcommand (see specrnn --help)", name);
}

int main(int argc, char **argv)
{
  setlocale(LC_CTYPE, "");  /* characters are the user's; numbers and words are the same everywhere */
  signal(SIGPIPE, SIG_IGN); /* a reader that leaves is a failed write, with its message */
  return close_output(run(argc, argv));
}
