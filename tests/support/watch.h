/* Counts what a stretch of code asks of the system: for code that must not allocate, lock or call it.
 *
 * A test that uses this is linked with watch_dep, which takes the place of malloc and of pthread_mutex_lock. */
#ifndef SPECRNN_TESTS_SUPPORT_WATCH_H
#define SPECRNN_TESTS_SUPPORT_WATCH_H

#include <stdbool.h>

typedef struct watch_counts {
  long allocations; /* malloc, calloc, realloc, aligned_alloc, memalign, posix_memalign, and free */
  long locks;       /* pthread_mutex_lock and its like */
  long long live;   /* bytes of what was allocated, less what was freed */
  long long peak;   /* the most that this has been */
} watch_counts;

void watch_start(void);
watch_counts watch_stop(void);

/* Whether counting works: not under a sanitizer, which has its own malloc. */
bool watch_works(void);

/* Runs the function in a child process that is killed at its first system call (seccomp, strict mode).
 * True where it came back. */
bool watch_runs_without_system_calls(void (*function)(void *), void *argument);

#endif
