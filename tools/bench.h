/* Measuring: one process, one thread, the smallest of several interleaved repetitions. */
#ifndef SPECRNN_TOOLS_BENCH_H
#define SPECRNN_TOOLS_BENCH_H

#include <jansson.h>
#include <stddef.h>

#include "cli.h"

/* Seconds of a clock that never goes back. */
double bench_now_s(void);

/* Something to be timed. `run` does the whole work once. */
typedef struct bench_subject {
  void (*run)(void *user);
  void *user;
  double best_s; /* receives the smallest time */
} bench_subject;

/* Runs all subjects in turn, `repetitions` times after one run that does not count, so that a drift of the machine's
 * speed meets all alike. */
void bench_run(bench_subject *subjects, size_t n_subjects, int repetitions);

/* The value below which the share `p` of the times lies; sorts them. */
double bench_percentile(double *times_s, size_t n_times, double p);

/* White noise of standard deviation 0.1, the same in every run. */
void bench_fill_noise(float *values, size_t count);

/* Keeps a result alive, so that the compiler does not leave out what computes it. */
void bench_keep(const void *memory);

/* The CPU level by name for --cpu; false after a message. NULL means no limit. */
bool bench_limit_cpu(const char *name);

/* One object for --json, or a table of the same facts, and the exit status. Takes the reference. */
int bench_print(json_t *report, bool as_json);

/* The subjects of `specrnn bench`; each is a subcommand with options of its own. */
extern const cli_command bench_features_command;
extern const cli_command bench_encoder_command;
extern const cli_command bench_plan_command;

#endif
