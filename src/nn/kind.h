/* Kinds of layers. A kind is one file of this folder and one row of the table in kinds.c; the row says everything that
 * the rest of the program may want to know of it, so that nobody else has to compare kinds.
 *
 * Words: a module is what has a name in a file; it becomes one node, or, with several layers, a node per layer. A node
 * reads rows of n_inputs features and writes rows of n_outputs. Arrays of rows are time first: row t * N + n holds step
 * t of sequence n. */
#ifndef SPECRNN_SRC_NN_KIND_H
#define SPECRNN_SRC_NN_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "nn/engine.h"
#include "specrnn/core.h"

enum {
  SRN_NAME_SIZE = 64,                           /* of a module's name, the final 0 included */
  SRN_PARAMETER_NAME_SIZE = SRN_NAME_SIZE + 32, /* ".weight_ih_l255_reverse" behind it */
  SRN_MAX_WIDTH = 65536,                        /* of a row */
  SRN_MAX_LAYERS = 256                          /* of a module */
};

typedef struct srn_kind srn_kind;

/* What can be looked at in a cell: a gate, and the range of its values. */
typedef struct srn_gate {
  const char *name;
  double low, high;
} srn_gate;

/* A node of a graph. What a kind's `plan` fills in follows from the first five alone. */
typedef struct srn_node {
  const srn_kind *kind;
  const void *options; /* of the kind's own struct; those of the module */
  size_t module;       /* whose node it is */
  size_t layer;        /* of the module, from 0 */
  size_t n_inputs;

  size_t n_outputs;
  size_t n_directions; /* D: 2 where it needs the end of the input, too */
  size_t n_gates;      /* G, what can be looked at: gates (D, G, H) */
  size_t n_units;      /* H */
  size_t h_size;       /* states of a sequence: h (D, P), c (D, H); 0 for none */
  size_t c_size;
  size_t saved_size; /* floats that a row leaves for `observe`; 0: the row itself is all */
  size_t n_parameters;
  const char *cell;      /* what a step of a recurrent node is, "tanh"; NULL for others */
  double low, high;      /* what it puts out lies between; infinite where nothing bounds it */
  const srn_gate *gates; /* (G), or NULL where `observe` gives none */
  double dropout;        /* of what it puts out, in training: the graph adds a node for it */

  size_t h_offset, c_offset; /* among the states of the graph */
  size_t first_parameter;    /* among the parameters of the graph */
  uint64_t key;              /* FNV-1a of its name */
} srn_node;

/* A parameter array: what is known of it without its numbers. */
typedef struct srn_parameter_spec {
  char name[SRN_PARAMETER_NAME_SIZE]; /* "weight_ih_l0" from a kind, "rnn1.weight_ih_l0" from a graph */
  size_t rank, shape[2];
  size_t n_rows, row_size; /* in which it is written and read: a vector is one row */
  double bound;            /* drawn from uniform numbers in (-bound, bound) */
} srn_parameter_spec;

static inline size_t srn_parameter_count(const srn_parameter_spec *spec)
{
  return spec->n_rows * spec->row_size;
}

static inline bool srn_parameter_is_matrix(const srn_parameter_spec *spec)
{
  return spec->rank == 2;
}

void srn_parameter_set_matrix(srn_parameter_spec *spec, size_t rows, size_t columns);
void srn_parameter_set_vector(srn_parameter_spec *spec, size_t size);

/* What dropout needs to know; see dropout.c. */
typedef struct srn_training {
  uint64_t seed, step, first_frame;
  const uint64_t *sequence_ids; /* (N) in the order of the sweep */
} srn_training;

/* A node's part of a sweep: T steps of N sequences. */
typedef struct srn_pass {
  const srn_engine *engine;
  size_t n_steps, n_sequences;
  const size_t *active; /* sequences 0 ... active[t] - 1 have a step t; never rises with t; NULL: all */
  const float *x;       /* (T * N, n_inputs) */
  float *y;     /* (T * N, n_outputs); rows of sequences that have no such step are left alone, or are anything */
  float *h, *c; /* (D, N, P) and (D, N, H) in: initial, out: final states */
  float *scratch;
  float *saved;                 /* (T * N, saved_size), or NULL: not wanted */
  size_t block_rows;            /* frames whose input products are made at once */
  size_t position;              /* steps run before this pass: weights are walked forward and backward in turn */
  size_t first_step;            /* of this pass in the sequences, for dropout */
  const srn_training *training; /* NULL: inference */
} srn_pass;

struct srn_kind {
  const char *name;  /* "lstm" */
  const char *title; /* "LSTM" */
  const char *help;
  const specrnn_option_table *options; /* of its own struct; its size is that of the struct */
  bool in_place;                       /* y may be x: one row out for each row in, of the same width */

  /* The first rule between the options that is broken, in words; NULL where all hold. */
  const char *(*broken_rule)(const void *options);
  /* Nodes of a module; NULL: one. */
  size_t (*n_layers)(const void *options);
  /* Fills in what follows from kind, options, layer and n_inputs. Options have their ranges and fit one another. */
  void (*plan)(srn_node *node);
  /* In words: "GRU, reset before". NULL: the title is enough. */
  void (*describe)(const srn_node *node, char *text, size_t size);
  /* Parameter array `index` below n_parameters. */
  void (*parameter)(const srn_node *node, size_t index, srn_parameter_spec *spec);

  /* The node's part of a cache; runs twice, as core/arena.h says. NULL where it has no parameters. */
  void *(*lay_out)(const srn_node *node, srn_weight_type type, srn_arena *arena);
  /* Rows of parameter array `index`, packed and folded into the part; and back, exactly as they were packed. */
  void (*set_rows)(const srn_node *node, void *part, size_t index, size_t row, size_t n_rows, const float *values);
  void (*get_rows)(const srn_node *node, const void *part, size_t index, size_t row, size_t n_rows, float *values);

  /* Floats of scratch of a pass; 0 where the number does not fit. NULL: it needs none. */
  size_t (*scratch)(const srn_node *node, size_t n_sequences, size_t block_rows);
  void (*forward)(const srn_node *node, const void *part, const srn_pass *pass);
  /* From one row of `saved` and of `y`: gates (D, G, H) after their nonlinearities, cell (D, H); either may be NULL.
   * NULL where there is nothing to see. */
  void (*observe)(const srn_node *node, const float *saved, const float *y, float *gates, float *cell);
};

/* Options of the dropout, which graphs put between the layers of a module. */
typedef struct srn_dropout_options {
  double p;
} srn_dropout_options;

extern const srn_kind SRN_KIND_RNN, SRN_KIND_LSTM, SRN_KIND_GRU, SRN_KIND_LINEAR, SRN_KIND_SOFTMAX, SRN_KIND_DROPOUT;

/* Kind `index` of the table; NULL past the last. */
const srn_kind *srn_kind_get(size_t index);

/* The kind of that name, or NULL. */
const srn_kind *srn_kind_find(const char *name);

static inline bool srn_node_is_recurrent(const srn_node *node)
{
  return node->h_size > 0;
}

#endif
