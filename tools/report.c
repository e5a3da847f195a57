/* What the command says on stderr. */
#include "report.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

enum { MESSAGE_SIZE = 2048 };

/* The process has one stderr; so its manner of speaking is the process's too. */
static bool as_json;
static bool shows_progress;
static struct warning {
  struct warning *next;
  char text[];
} * warnings_said;

static const char *const LEVELS[] = {
    [SPECRNN_LOG_ERROR] = "error",
    [SPECRNN_LOG_WARNING] = "warning",
    [SPECRNN_LOG_INFO] = "info",
};

void report_as_json(bool on)
{
  as_json = on;
}

/* True the first time. Without memory to remember it, a warning may come twice. */
static bool is_new_warning(const char *message)
{
  for (const struct warning *said = warnings_said; said; said = said->next) {
    if (!strcmp(said->text, message)) {
      return false;
    }
  }
  struct warning *warning = malloc(sizeof *warning + strlen(message) + 1);
  if (warning) {
    strcpy(warning->text, message);
    warning->next = warnings_said;
    warnings_said = warning;
  }
  return true;
}

/* A file's name may hold anything; a message is one line. */
static void print_on_one_line(const char *text)
{
  for (; *text; text++) {
    fputc((unsigned char)*text < ' ' ? '?' : *text, stderr);
  }
}

static void say(const char *subject, specrnn_log_level level, const char *message)
{
  report_progress_end();
  if (as_json) {
    json_t *line = json_pack("{s:s, s:s*, s:s}", "level", LEVELS[level], "file", subject, "message", message);
    if (line) {
      json_dumpf(line, stderr, JSON_COMPACT);
      fputc('\n', stderr);
      json_decref(line);
      return;
    }
  }
  fputs("specrnn: ", stderr);
  if (subject) {
    print_on_one_line(subject);
    fputs(": ", stderr);
  }
  if (level == SPECRNN_LOG_WARNING) {
    fputs("warning: ", stderr);
  }
  print_on_one_line(message);
  fputc('\n', stderr);
}

static void write_log(void *user, specrnn_log_level level, const char *message)
{
  if (level != SPECRNN_LOG_WARNING || is_new_warning(message)) {
    say(user, level, message);
  }
}

specrnn_log report_log(const char *subject)
{
  union {
    const char *in;
    void *out;
  } user = {.in = subject};
  return (specrnn_log){.write = write_log, .user = user.out};
}

static void write_usage(void *user, specrnn_log_level level, const char *message)
{
  (void)user;
  (void)level;
  report_usage("%s", message);
}

specrnn_log report_usage_log(void)
{
  return (specrnn_log){.write = write_usage, .user = NULL};
}

static void say_formatted(const char *subject, const char *format, va_list arguments)
{
  char message[MESSAGE_SIZE];
  vsnprintf(message, sizeof message, format, arguments);
  say(subject, SPECRNN_LOG_ERROR, message);
}

int report_usage(const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  say_formatted(NULL, format, arguments);
  va_end(arguments);
  return CLI_EXIT_USAGE;
}

int report_failure(const char *subject, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  say_formatted(subject, format, arguments);
  va_end(arguments);
  return CLI_EXIT_FAILED;
}

int report_memory(void)
{
  report_progress_end();
  fputs("specrnn: out of memory\n", stderr);
  return CLI_EXIT_FAILED;
}

void report_progress(size_t index, size_t count, const char *name)
{
  enum { NAME_WIDTH = 60 }; /* so that the line fits a terminal of 80 columns */
  char shown[NAME_WIDTH + 1];
  if (count < 2 || as_json || !isatty(STDERR_FILENO)) {
    return;
  }
  report_progress_end();
  snprintf(shown, sizeof shown, "%s", name);
  fprintf(stderr, "%zu/%zu ", index + 1, count);
  print_on_one_line(shown);
  fflush(stderr);
  shows_progress = true;
}

void report_progress_end(void)
{
  if (shows_progress) {
    fputs("\r\033[K", stderr); /* to the start of the line, and erase it */
  }
  shows_progress = false;
}

int report_status(specrnn_status status)
{
  return status ? CLI_EXIT_FAILED : CLI_EXIT_OK;
}
