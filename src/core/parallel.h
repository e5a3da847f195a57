/* One loop on a few threads that live as long as the loop. */
#ifndef SPECRNN_SRC_CORE_PARALLEL_H
#define SPECRNN_SRC_CORE_PARALLEL_H

#include <stddef.h>

/* How many threads such a loop is worth: one per processor, at most 4, at most `count`. */
size_t srn_parallel_threads(size_t count);

/* Calls item(user, i, thread) once for every i below `count`, in any order, on n_threads threads, the caller's among
 * them; `thread` is below n_threads and tells them apart. Threads that cannot be had are done without. Returns when all
 * have ended; what they wrote is visible then. */
void srn_parallel(size_t count, size_t n_threads, void (*item)(void *user, size_t i, size_t thread), void *user);

#endif
