/* Features through a model, to a sink: frame by frame where that is possible, else as a whole. */
#ifndef SPECRNN_TOOLS_ENCODE_PASS_H
#define SPECRNN_TOOLS_ENCODE_PASS_H

#include "specrnn/encoder.h"
#include "specrnn/model.h"

/* How the results of one input are laid out. */
typedef struct encode_layout {
  bool batched;          /* arrays have two leading axes, sequences and frames; else one, frames */
  size_t n_sequences;    /* 1 where not batched */
  size_t n_frames;       /* of each sequence; where not batched it is known at the end only, and 0 here */
  bool batch_first;      /* the order of the two axes */
  const size_t *lengths; /* of each sequence, or NULL */
} encode_layout;

/* Rows of the first leading axis. */
typedef struct encode_rows {
  size_t n_rows;
  const float *const *hidden; /* a pointer per layer */
  const float *output;
  const specrnn_layer_trace *trace; /* an entry per layer, or NULL */
} encode_rows;

/* Numbers of a frame in a layer's trace; 0 where it has none. */
size_t encode_gates_per_frame(const specrnn_layer_info *layer);
size_t encode_cells_per_frame(const specrnn_layer_info *layer);

/* Takes results: begin, rows..., end. Another status than SPECRNN_OK stops the pass; the sink has said why. */
typedef struct encode_sink {
  specrnn_status (*begin)(void *user, const encode_layout *layout);
  specrnn_status (*rows)(void *user, const encode_rows *rows);
  specrnn_status (*end)(void *user, const float *h_n, const float *c_n);
  void *user;
} encode_sink;

typedef struct encode_pass_config {
  const specrnn_model *model;
  const char *h0, *c0; /* arguments of states_read that states_check has passed, or NULL */
  uint64_t seed;       /* of drawn states */
  bool trace;          /* gates and cells too */
} encode_pass_config;

/* One sequence whose length is not known. */
typedef struct encode_pass encode_pass;

SPECRNN_MUST_CHECK specrnn_status encode_pass_create(encode_pass **out, const encode_pass_config *config,
                                                     const encode_sink *sink, const specrnn_log *log);
void encode_pass_destroy(encode_pass **pass);

/* Takes feature frames; for a specrnn_row_sink whose user is the pass. */
specrnn_status encode_pass_write(void *user, const float *rows, size_t n_rows, size_t n_columns);

/* Ends the sequence. SPECRNN_ERROR_EMPTY, after a message, where it had not one frame. */
SPECRNN_MUST_CHECK specrnn_status encode_pass_end(encode_pass *pass);

/* Whole arrays: input is (N, T, I), or (T, N, I), or (T, I) where not batched; layout->n_frames is known here. */
SPECRNN_MUST_CHECK specrnn_status encode_whole(const encode_pass_config *config, const float *input,
                                               const encode_layout *layout, const encode_sink *sink,
                                               const specrnn_log *log);

#endif
