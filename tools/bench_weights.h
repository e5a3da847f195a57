/* The floors of a model's step: its weights read once, and multiplied by OpenBLAS. */
#ifndef SPECRNN_TOOLS_BENCH_WEIGHTS_H
#define SPECRNN_TOOLS_BENCH_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>

#include "bench_memory.h"
#include "specrnn/model.h"

typedef struct bench_weights {
  const specrnn_model *model;
  size_t weights_per_float;
  float *weights; /* as many bytes as a step reads, on a cache line */
  size_t n_floats;
  float *vector, *result;
  bench_sgemv *sgemv; /* NULL without OpenBLAS, and for a matrix so narrow that its bytes make no column of floats */
  size_t n_steps;     /* of a run */
} bench_weights;

/* False after a message; to be released in either case. */
bool bench_weights_prepare(bench_weights *w, const specrnn_model *model, size_t n_steps);
void bench_weights_release(bench_weights *w);

/* n_steps times, for bench_run: all bytes read with the widest vectors; W_ih and W_hh of each layer times a vector.
 * `user` is the weights. */
void bench_weights_run_reads(void *user);
void bench_weights_run_sgemv(void *user);

#endif
