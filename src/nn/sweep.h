/* The one sweep that runs a graph: offline, in chunks, a batch with lengths, a stream, a group. Allocates nothing. */
#ifndef SPECRNN_SRC_NN_SWEEP_H
#define SPECRNN_SRC_NN_SWEEP_H

#include "nn/cache.h"

typedef struct srn_sweep {
  const srn_cache *cache;
  const srn_engine *engine;
  size_t n_nodes; /* the first so many run */
  size_t n_steps, n_sequences;
  const size_t *active; /* as in srn_pass */
  const float *x;       /* (T * N, n_inputs) */
  float *h, *c;         /* node after node, each as in srn_pass: from h_offset * N on */
  float *rows[2];       /* (T * N, row_size) each, in turn what a node reads and what it writes; x may be the first */
  float *const *to;     /* of each node, where its rows are wanted, or NULL; NULL: nowhere */
  float *scratch;       /* srn_graph_scratch of them */
  float *saved;         /* (T * N, srn_graph_saved) of one node at a time, for `after` to read; NULL: not wanted */
  size_t block_rows, position, first_step;
  const srn_training *training; /* NULL: inference */
  /* What a node has put out, before the next one runs; NULL: nobody asks. */
  void (*after)(void *user, size_t node, const float *rows);
  void *user;
} srn_sweep;

/* @return the rows of the last node that ran. */
const float *srn_sweep_run(const srn_sweep *sweep);

#endif
