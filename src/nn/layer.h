/* Layers: what each computes, on which shapes. Weights are borrowed; nothing here allocates.
 *
 * Notation: I input size, H hidden size, P width of h (H, or the LSTM's projection), G gates, D directions,
 * T steps, N sequences. Arrays of frames are time first: row t * N + n holds step t of sequence n.
 *
 * Inference and training run this code; what differs is the matrix product, which an srn_engine carries. */
#ifndef SPECRNN_SRC_NN_LAYER_H
#define SPECRNN_SRC_NN_LAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/kernels.h"

/* ---------------------------------------------------------------------------------------------------------- engines */

/* A weight matrix as the engines want it: packed for inference, plain rows for training. */
typedef struct srn_weights {
  srn_panels panels;
  const float *rows; /* (panels.rows, panels.depth) */
} srn_weights;

typedef struct srn_engine srn_engine;
struct srn_engine {
  const srn_kernels *kernels;
  /* y[f] = init[f] + W x[f]: the arguments are those of srn_kernels.product. */
  void (*product)(const srn_engine *engine, const srn_weights *w, const float *x, size_t x_stride, const float *init,
                  size_t init_stride, float *y, size_t y_stride, size_t frames, srn_walk walk);
};

/* One order of addition for any number of frames. */
srn_engine srn_engine_inference(void);

/* ------------------------------------------------------------------------------------------------- recurrent layers */

typedef struct srn_layer srn_layer;

/* One direction of a recurrent layer. */
typedef struct srn_direction {
  srn_weights w_ih;      /* (G H, I) */
  srn_weights w_hh;      /* (G H, P); GRU that resets before the product: gates r and z only, (2 H, P) */
  srn_weights w_hn;      /* GRU that resets before the product: (H, P) of gate n */
  srn_weights w_hr;      /* LSTM with projection: (P, H) */
  const float *bias_in;  /* (G H): b_ih, with b_hh added where the cell has no `recur`; NULL for none */
  const float *bias_rec; /* (G H): b_hh where it stays apart; NULL for none */
} srn_direction;

/* A step of n sequences of one direction. */
typedef struct srn_step {
  const srn_engine *engine;
  size_t n;
  float *in;  /* (n, G H) W_ih x + bias_in; a cell may add to it */
  float *rec; /* (n, rec_size) scratch of the cell */
  float *h;   /* (n, P) */
  float *c;   /* (n, H), LSTM */
  srn_walk walk;
} srn_step;

/* A kind of cell. */
typedef struct srn_cell {
  const char *name;
  size_t gates;
  bool has_c;
  size_t (*rec_size)(const srn_layer *layer);
  /* The product of W_hh and h, and b_hh, into rec, before `in` is there or after; NULL where the cell adds it to `in`,
   * and b_hh to b_ih. */
  void (*recur)(const srn_layer *layer, const srn_direction *direction, const srn_step *step);
  /* h, c, `in` and rec become the next h and c. */
  void (*step)(const srn_layer *layer, const srn_direction *direction, const srn_step *step);
  /* After the step: gates (G, H) of sequence `row`, after their nonlinearities. */
  void (*observe)(const srn_layer *layer, const srn_step *step, size_t row, float *gates);
} srn_cell;

extern const srn_cell SRN_CELL_RNN_TANH, SRN_CELL_RNN_RELU, SRN_CELL_LSTM, SRN_CELL_GRU_RESET_AFTER,
    SRN_CELL_GRU_RESET_BEFORE;

struct srn_layer {
  const srn_cell *cell;
  size_t input_size, hidden_size, state_size; /* I, H, P */
  size_t n_directions;
  srn_direction direction[2];
};

/* Where the gates of a layer go: (G, H) and (H) of direction d of step t of sequence n begin at
 * gates + ((t * step_stride + order[n] * sequence_stride) * D + d) * G * H, and so on. NULL pointers: not wanted. */
typedef struct srn_trace {
  float *gates, *cell;
  size_t step_stride, sequence_stride; /* in frames */
  const size_t *order;                 /* NULL: n itself */
} srn_trace;

/* A pass of a layer over T steps of N sequences. */
typedef struct srn_sweep {
  const srn_engine *engine;
  size_t n_steps, n_sequences;
  const size_t *active;   /* sequences 0 ... active[t] - 1 have a step t; never rises with t; NULL: all */
  const float *x;         /* (T * N, I) */
  float *y;               /* (T * N, D P); rows of sequences that have no such step are left alone */
  float *h;               /* (D, N, P) in: initial, out: final states */
  float *c;               /* (D, N, H), LSTM */
  float *scratch;         /* srn_layer_scratch of them */
  size_t block_rows;      /* frames whose input products are made at once */
  size_t position;        /* steps run before this pass: weights are walked forward and backward in turn */
  const srn_trace *trace; /* or NULL */
} srn_sweep;

/* Floats of scratch for passes of up to n_sequences with this block_rows; 0 where the number does not fit. */
size_t srn_layer_scratch(const srn_layer *layer, size_t n_sequences, size_t block_rows);

/* The input products of a block of steps first, then the recurrence over them; direction by direction. */
void srn_layer_forward(const srn_layer *layer, const srn_sweep *sweep);

/* ----------------------------------------------------------------------------------------------------- other layers */

/* y = W x + b, (n, I) -> (n, O) */
typedef struct srn_linear {
  srn_weights weight; /* (O, I) */
  const float *bias;  /* (O), or NULL */
} srn_linear;

void srn_linear_forward(const srn_linear *linear, const srn_engine *engine, const float *x, float *y, size_t n);

/* Softmax of each of n rows, in place: exp(x - max) / sum, the sum taken in order. */
void srn_softmax_forward(const srn_engine *engine, float *x, size_t n, size_t width);

/* y[b] = (x[b] - mean[b]) * scale[b] for each of n rows; in place allowed. */
void srn_normaliser_forward(const float *mean, const float *scale, const float *x, float *y, size_t n, size_t width);

/* Element i of a row of `width` becomes 0 where number first + i of the uniform numbers of the seed is below p, else
 * x / (1 - p): "inverted" dropout, as torch.nn.functional.dropout. */
void srn_dropout_forward(float *x, size_t width, double p, uint64_t seed, uint64_t first);

#endif
