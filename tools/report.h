/* What the command says on stderr: one line for each message, "specrnn: FILE: reason", or a JSON object a line. */
#ifndef SPECRNN_TOOLS_REPORT_H
#define SPECRNN_TOOLS_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "specrnn/core.h"

#if defined(__GNUC__)
#define REPORT_PRINTF(format_index, first_argument) __attribute__((format(printf, format_index, first_argument)))
#else
#define REPORT_PRINTF(format_index, first_argument)
#endif

/* From now on messages are JSON lines: {"level": ..., "file": ..., "message": ...}. */
void report_as_json(bool on);

/* A log for the library that puts `subject` (a file's name; not copied) in front of what it says. A warning is said
 * once a process, however many inputs cause it; notes (SPECRNN_LOG_INFO) are not. */
specrnn_log report_log(const char *subject);

/* A log for values that the command line gave wrongly. */
specrnn_log report_usage_log(void);

/* Each prints a line and returns the exit status that goes with it: 2, 1, 1. */
int report_usage(const char *format, ...) REPORT_PRINTF(1, 2);
int report_failure(const char *subject, const char *format, ...) REPORT_PRINTF(2, 3);
int report_memory(void);

/* "12/340 NAME" on the last line of a terminal, while input `index` (from 0) of `count` is done, from the second second
 * on with the rate and the time that is left; nothing where stderr is no terminal, or for a single input. A message,
 * and report_progress_end, clear it. */
void report_progress(size_t index, size_t count, const char *name);

/* "NAME 40 %" for a single long input, of which `done` of `total` seconds are done: from the second second on. */
void report_part(double done_s, double total_s, const char *name);
void report_progress_end(void);

/* Messages that wait: starts as {0}. */
typedef struct report_queue {
  struct report_message *first, *last;
} report_queue;

/* From now on this thread's messages wait in `queue`, of which subjects are not copied; NULL: they are said at once. */
void report_hold(report_queue *queue);

/* Says what waits, in order, and empties the queue. */
void report_release(report_queue *queue);

/* Turns a status into an exit status; the library has said why. */
int report_status(specrnn_status status);

#endif
