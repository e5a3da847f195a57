/* The floors of a recurrent step: reading its weights once, and OpenBLAS multiplying them by a vector. */
#ifndef SPECRNN_TOOLS_BENCH_MEMORY_H
#define SPECRNN_TOOLS_BENCH_MEMORY_H

#include <stddef.h>

/* Reads `count` floats (a multiple of 64, on a cache line) with the widest vectors of this machine, and adds them up.
 */
void bench_read_floats(const float *values, size_t count);

/* y = W x of a row-major (rows, columns) matrix by OpenBLAS's sgemv, one thread. */
typedef void bench_sgemv(size_t rows, size_t columns, const float *w, const float *x, float *y);

/* OpenBLAS where it is installed, or NULL: it is looked for when asked, and nothing else needs it. */
bench_sgemv *bench_find_sgemv(void);

#endif
