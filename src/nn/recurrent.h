/* What the recurrent kinds share: a layer of cells over time, in one direction or both. Weights are borrowed; nothing
 * here allocates.
 *
 * Notation: I input size, H hidden size, P width of h (H, or the LSTM's projection), G gates, D directions,
 * T steps, N sequences. */
#ifndef SPECRNN_SRC_NN_RECURRENT_H
#define SPECRNN_SRC_NN_RECURRENT_H

#include "nn/kind.h"

typedef struct srn_layer srn_layer;

/* One direction of a recurrent layer. */
typedef struct srn_direction {
  srn_weights w_ih;      /* (G H, I) */
  srn_weights w_hh;      /* (G H, P); GRU that resets before the product: gates r and z only, (2 H, P) */
  srn_weights w_hn;      /* GRU that resets before the product: (H, P) of gate n */
  srn_weights w_hr;      /* LSTM with projection: (P, H) */
  const float *bias_in;  /* (G H): b_ih, with b_hh added where the cell has no `recur`; NULL for none */
  const float *bias_rec; /* (G H): b_hh where it stays apart; NULL for none */
  float *b_ih, *b_hh;    /* (G H) as they were given, beside what is made from them; NULL for none */
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
  const srn_gate *looks; /* (gates) */
  double low, high;      /* of h, without a projection */
  bool has_c;
  bool splits_hh; /* the rows of W_hh of the last gate are a matrix of their own, w_hn */
  size_t (*rec_size)(const srn_layer *layer);
  /* The product of W_hh and h, and b_hh, into rec, before `in` is there or after; NULL where the cell adds it to `in`,
   * and b_hh to b_ih. */
  void (*recur)(const srn_layer *layer, const srn_direction *direction, const srn_step *step);
  /* h, c, `in` and rec become the next h and c. */
  void (*step)(const srn_layer *layer, const srn_direction *direction, const srn_step *step);
  /* Floats per sequence and direction that backward and pictures need beside x and y, and writing them for sequence
   * `row` after its step. NULL for none. */
  size_t (*saved_size)(const srn_layer *layer);
  void (*save)(const srn_layer *layer, const srn_step *step, size_t row, float *saved);
} srn_cell;

extern const srn_cell SRN_CELL_RNN_TANH, SRN_CELL_RNN_RELU, SRN_CELL_LSTM, SRN_CELL_GRU_RESET_AFTER,
    SRN_CELL_GRU_RESET_BEFORE;

struct srn_layer {
  const srn_cell *cell;
  size_t input_size, hidden_size, state_size; /* I, H, P */
  size_t n_directions;
  srn_direction direction[2];
};

/* Floats of scratch for passes of up to n_sequences with this block_rows; 0 where the number does not fit. */
size_t srn_layer_scratch(const srn_layer *layer, size_t n_sequences, size_t block_rows);

/* The input products of a block of steps first, then the recurrence over them; direction by direction. */
void srn_layer_forward(const srn_layer *layer, const srn_pass *pass);

/* ----------------------------------------------------------------------------------------- rows of the table of kinds
 */

/* Options of every recurrent kind; each has its own table, with those that it knows. */
typedef struct srn_recurrent_options {
  int hidden_size, num_layers;
  bool bias, bidirectional;
  bool cell; /* parameters are named as those of a cell: without "_l0" */
  double dropout;
  int proj_size;    /* LSTM; 0: none */
  int nonlinearity; /* RNN */
  int reset;        /* GRU */
} srn_recurrent_options;

#define SRN_RECURRENT_OPTIONS_INIT                                                                                     \
  {                                                                                                                    \
    0, 1, true, false, false, 0.0, 0, 0, 0                                                                             \
  }

/* What stands in each of the tables. */
#define SRN_RECURRENT_FIELD(name) offsetof(srn_recurrent_options, name)
#define SRN_OPTION_HIDDEN_SIZE                                                                                         \
  {                                                                                                                    \
    "hidden_size", SPECRNN_OPTION_INT, SRN_RECURRENT_FIELD(hidden_size), 1, SRN_MAX_WIDTH, NULL, NULL, 0, NULL,        \
        "units of a layer"                                                                                             \
  }
#define SRN_OPTION_NUM_LAYERS                                                                                          \
  {                                                                                                                    \
    "num_layers", SPECRNN_OPTION_INT, SRN_RECURRENT_FIELD(num_layers), 1, SRN_MAX_LAYERS, NULL, NULL, 0, NULL,         \
        "layers of the module"                                                                                         \
  }
#define SRN_OPTION_BIAS                                                                                                \
  {                                                                                                                    \
    "bias", SPECRNN_OPTION_BOOL, SRN_RECURRENT_FIELD(bias), 0, 1, NULL, NULL, 0, NULL, "add bias vectors"              \
  }
#define SRN_OPTION_BIDIRECTIONAL                                                                                       \
  {                                                                                                                    \
    "bidirectional", SPECRNN_OPTION_BOOL, SRN_RECURRENT_FIELD(bidirectional), 0, 1, NULL, NULL, 0, NULL,               \
        "run over time in both directions"                                                                             \
  }
#define SRN_OPTION_DROPOUT                                                                                             \
  {                                                                                                                    \
    "dropout", SPECRNN_OPTION_DOUBLE, SRN_RECURRENT_FIELD(dropout), 0, 0.999999, NULL, NULL, 0, NULL,                  \
        "probability that an output of a layer but the last is dropped in training"                                    \
  }
#define SRN_OPTION_CELL                                                                                                \
  {                                                                                                                    \
    "cell", SPECRNN_OPTION_BOOL, SRN_RECURRENT_FIELD(cell), 0, 1, NULL, NULL, 0, NULL,                                 \
        "tensors are named as those of a cell"                                                                         \
  }

/* Each takes the cell that the options ask for. */
void srn_recurrent_plan(srn_node *node, const srn_cell *cell);
/* "LSTM, projected, both directions", from what the kind says of itself. */
void srn_recurrent_describe(const srn_node *node, const char *what, char *text, size_t size);
void *srn_recurrent_lay_out(const srn_node *node, const srn_cell *cell, srn_weight_type type, srn_arena *arena);
size_t srn_recurrent_scratch(const srn_node *node, const srn_cell *cell, size_t n_sequences, size_t block_rows);

/* Those of srn_kind that are the same for all. */
const char *srn_recurrent_broken_rule(const void *options);
size_t srn_recurrent_layers(const void *options);
void srn_recurrent_parameter(const srn_node *node, size_t index, srn_parameter_spec *spec);
void srn_recurrent_set_rows(const srn_node *node, void *part, size_t index, size_t row, size_t n_rows,
                            const float *values);
void srn_recurrent_get_rows(const srn_node *node, const void *part, size_t index, size_t row, size_t n_rows,
                            float *values);
void srn_recurrent_forward(const srn_node *node, const void *part, const srn_pass *pass);

#endif
