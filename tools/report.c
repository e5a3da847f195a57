/* What the command says on stderr. */
#include "report.h"

#include <jansson.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "shown.h"
#include "whole.h"

enum { MESSAGE_SIZE = 2048 };

/* The process has one stderr; so its manner of speaking is the process's too. */
static bool as_json;
static bool shows_progress;
static struct {
  double start_s, shown_s; /* of the clock: the first report, the last that was shown */
  bool started;
} pace;
static _Thread_local report_queue *held;
static struct warning {
  struct warning *next;
  char text[];
} * warnings_said;

struct report_message {
  struct report_message *next;
  const char *subject;
  specrnn_log_level level;
  char text[];
};

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

static void say(const char *subject, specrnn_log_level level, const char *message)
{
  report_progress_end();
  if (as_json) {
    json_t *line = json_pack("{s:s, s:o*, s:o}", "level", LEVELS[level], "file", subject ? shown_json(subject) : NULL,
                             "message", shown_json(message));
    if (line) {
      json_dumpf(line, stderr, JSON_COMPACT);
      fputc('\n', stderr);
      json_decref(line);
      return;
    }
  }
  fputs("specrnn: ", stderr);
  if (subject) {
    fputs(shown(subject), stderr);
    fputs(": ", stderr);
  }
  if (level == SPECRNN_LOG_WARNING) {
    fputs("warning: ", stderr);
  }
  fputs(shown(message), stderr);
  fputc('\n', stderr);
}

/* Says a message, or lets it wait; without memory to wait in it is said at once. */
static void deliver(const char *subject, specrnn_log_level level, const char *text)
{
  struct report_message *message = held ? malloc(sizeof *message + strlen(text) + 1) : NULL;
  if (message) {
    *message = (struct report_message){.subject = subject, .level = level};
    strcpy(message->text, text);
    *(held->last ? &held->last->next : &held->first) = message;
    held->last = message;
  } else if (level != SPECRNN_LOG_WARNING || is_new_warning(text)) {
    say(subject, level, text);
  }
}

void report_hold(report_queue *queue)
{
  held = queue;
}

void report_release(report_queue *queue)
{
  report_queue *outer = held;
  held = NULL;
  while (queue->first) {
    struct report_message *message = queue->first;
    queue->first = message->next;
    deliver(message->subject, message->level, message->text);
    free(message);
  }
  queue->last = NULL;
  held = outer;
}

/* What was only to be noted stands where it is asked for, as in 'model show'. */
static void write_log(void *user, specrnn_log_level level, const char *message)
{
  if (level != SPECRNN_LOG_INFO) {
    deliver(user, level, message);
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
  deliver(subject, SPECRNN_LOG_ERROR, message);
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
  deliver(NULL, SPECRNN_LOG_ERROR, "out of memory");
  return CLI_EXIT_FAILED;
}

/* So that the lines fit a terminal of 80 columns. */
enum { NAME_WIDTH = 60, SHORT_NAME_WIDTH = 36 };
static const double PATIENCE_S = 1.0; /* what is done sooner has no rate */
static const double PAUSE_S = 0.2;    /* between two states of a single input */

static double now_s(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Seconds since the first report of this task, which begins with nothing done. */
static double elapsed_s(bool at_start)
{
  double now = now_s();
  if (at_start || !pace.started) {
    pace.started = true;
    pace.start_s = now;
    pace.shown_s = now;
  }
  return now - pace.start_s;
}

static void begin_line(void)
{
  report_progress_end();
  shows_progress = true;
}

static void print_name(const char *name, size_t width)
{
  char part[NAME_WIDTH + 1];
  snprintf(part, width + 1, "%s", name);
  fputs(shown(part), stderr);
}

/* "12.5 /s, 1:05 left" */
static void print_rate(double per_s, const char *unit, double left_s)
{
  long left = (long)whole_of(left_s + 0.5, 0, LONG_MAX);
  fprintf(stderr, "  %.3g%s, %ld:%02ld left", per_s, unit, left / 60, left % 60);
}

void report_progress(size_t index, size_t count, const char *name)
{
  if (count < 2 || as_json || !isatty(STDERR_FILENO)) {
    return;
  }
  double elapsed = elapsed_s(index == 0);
  bool has_rate = index > 0 && elapsed > PATIENCE_S;
  begin_line();
  fprintf(stderr, "%zu/%zu ", index + 1, count);
  print_name(name, has_rate ? SHORT_NAME_WIDTH : NAME_WIDTH);
  if (has_rate) {
    print_rate((double)index / elapsed, " inputs/s", elapsed / (double)index * (double)(count - index));
  }
  fflush(stderr);
}

void report_part(double done_s, double total_s, const char *name)
{
  double elapsed = elapsed_s(done_s <= 0.0);
  bool is_due = elapsed > PATIENCE_S && now_s() - pace.shown_s > PAUSE_S;
  if (!is_due || done_s <= 0.0 || done_s > total_s || as_json || !isatty(STDERR_FILENO)) {
    return;
  }
  pace.shown_s = now_s();
  begin_line();
  print_name(name, SHORT_NAME_WIDTH);
  fprintf(stderr, " %.0f %%", 100.0 * done_s / total_s);
  print_rate(done_s / elapsed, " x real time", elapsed / done_s * (total_s - done_s));
  fflush(stderr);
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
