/* Work on several inputs on several cores, with what one core would give: the work runs in any order, its ends in the
 * order of the inputs, and messages come out as if it had all been done there. */
#ifndef SPECRNN_TOOLS_JOBS_H
#define SPECRNN_TOOLS_JOBS_H

#include <stdbool.h>
#include <stddef.h>

/* The option, for tables; its field is an int, by default JOBS_ONE_PER_CPU. */
#define JOBS_OPTION(offset)                                                                                            \
  {                                                                                                                    \
    "jobs", 'j', CLI_COUNT, "N", offset, 1, 1024,                                                                      \
        "work on N inputs at a time (default: one per CPU); the output does not depend on it"                          \
  }

enum { JOBS_ONE_PER_CPU = 0 };

typedef struct jobs {
  int n_jobs;
  const char *const *names; /* (n_items) inputs, for the progress line; with "-" among them one works at a time */
  size_t n_items;
  size_t result_size; /* bytes, zeros at first, in which the work on an item leaves what its end needs */
  void *user;
  void (*work)(void *user, size_t item, void *result); /* on any thread; what it shares is not to be changed */
  void (*end)(void *user, size_t item, void *result);  /* one after the other, in order */
} jobs;

/* False where memory is lacking, before any work. */
bool jobs_run(const jobs *j);

#endif
