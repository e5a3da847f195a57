/* The command: a table of subcommands. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "cli.h"
#include "commands.h"
#include "report.h"
#include "specrnn/plot.h"

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

static int fail_unknown(const char *name)
{
  const char *names[sizeof COMMANDS / sizeof *COMMANDS] = {NULL};
  for (size_t i = 0; COMMANDS[i]; i++) {
    names[i] = COMMANDS[i]->name;
  }
  const char *nearest = specrnn_nearest_name(name, names);
  return nearest ? report_usage("%s: unknown subcommand; did you mean %s? (see specrnn --help)", name, nearest)
                 : report_usage("%s: unknown subcommand (see specrnn --help)", name);
}

/* specrnn help SUBCOMMAND */
static int print_help_of(int argc, char **argv)
{
  const cli_command *command = find_command(argc, argv);
  if (command) {
    cli_print_help(stdout, command);
  } else if (!print_family(stdout, argv[1])) {
    return fail_unknown(argv[1]);
  }
  return CLI_EXIT_OK;
}

static int run(int argc, char **argv)
{
  const char *name = argc > 1 ? argv[1] : "";
  const cli_command *command = argc > 1 ? find_command(argc, argv) : NULL;
  if (command) {
    return cli_run(command, argc - 1, argv + 1);
  }
  if (!strcmp(name, "help") && argc > 2) {
    return print_help_of(argc - 1, argv + 1);
  }
  if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help")) {
    print_overview(stdout);
    return CLI_EXIT_OK;
  }
  if (!strcmp(name, "--version")) {
    printf("specrnn %s\n", specrnn_version());
    return CLI_EXIT_OK;
  }
  if (!strcmp(name, "--options-json")) { /* for completions and tests */
    return cli_print_json(stdout, COMMANDS) ? CLI_EXIT_OK : report_memory();
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
  return fail_unknown(name);
}

/* Descriptors 0 to 2 are open from here on: a file that was opened as one of them would be read as standard input, or
 * get what is printed. What is printed to one that was closed is lost, as its owner wished. */
static void open_standard_descriptors(void)
{
  for (int descriptor = open("/dev/null", O_RDWR); descriptor >= 0; descriptor = open("/dev/null", O_RDWR)) {
    cli_note_closed(descriptor);
    if (descriptor > STDERR_FILENO) {
      close(descriptor);
      return;
    }
  }
}

/* Nothing may be left of a file that has no name yet. Then the signal does what it does. */
static void clean_up(int number)
{
  specrnn_remove_temporaries();
  specrnn_plot_remove_temporaries();
  signal(number, SIG_DFL);
  raise(number);
}

static void watch_signals(void)
{
  static const int ENDING[] = {SIGINT, SIGTERM, SIGHUP};
  for (size_t i = 0; i < sizeof ENDING / sizeof *ENDING; i++) {
    struct sigaction before;
    struct sigaction action = {.sa_handler = clean_up};
    /* nohup, and a shell in the background, have a signal ignored: so it stays. */
    if (sigaction(ENDING[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
      sigaction(ENDING[i], &action, NULL);
    }
  }
  signal(SIGPIPE, SIG_IGN); /* a reader that leaves is a failed write, with its message; so is a limit on file sizes */
  signal(SIGXFSZ, SIG_IGN);
}

int main(int argc, char **argv)
{
  open_standard_descriptors();
  watch_signals();
  setlocale(LC_CTYPE, ""); /* characters are the user's; numbers and words are the same everywhere */
  return close_output(run(argc, argv));
}
