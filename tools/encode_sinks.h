/* Where encodings go: an archive of everything, one table of the chosen layers, one vector per sequence. */
#ifndef SPECRNN_TOOLS_ENCODE_SINKS_H
#define SPECRNN_TOOLS_ENCODE_SINKS_H

#include "encode_pass.h"
#include "specrnn/features.h"
#include "specrnn/io.h"

/* --------------------------------------------------------------------------------------------------------- which
 * layers */

/* --layer: "all", "output", or a number from 1. */
typedef struct encode_choice {
  const specrnn_model *model;
  size_t first, end; /* layers first ... end - 1 of the model, from 0 */
  bool output;
} encode_choice;

/* False after a message about usage. */
bool encode_choice_parse(encode_choice *choice, const specrnn_model *model, const char *text);

/* Numbers per frame of the chosen layers, side by side. */
size_t encode_choice_width(const encode_choice *choice);

/* Copies frame `index` of the chosen layers, side by side. */
void encode_choice_copy(const encode_choice *choice, const encode_rows *rows, size_t index, float *row);

/* -----------------------------------------------------------------------------------------------------------
 * everything */

/* One input into an open archive: layer1 ..., output, h_n, c_n, times; "all" means the layers and the output. */
typedef struct encode_npz_sink encode_npz_sink;

typedef struct encode_npz_config {
  specrnn_npz_writer *writer;
  const char *prefix; /* "voice/" or "" */
  const encode_choice *choice;
  bool trace;                               /* layer1.gates, layer1.cell ... too */
  const specrnn_features_config *front_end; /* of a sound, for times; or NULL */
  const specrnn_array *times;               /* of an array; or NULL */
} encode_npz_config;

SPECRNN_MUST_CHECK specrnn_status encode_npz_sink_create(encode_npz_sink **out, const encode_npz_config *config);
void encode_npz_sink_destroy(encode_npz_sink **sink);
encode_sink encode_npz_sink_use(encode_npz_sink *sink);

/* ------------------------------------------------------------------------------------------------------------ one
 * table */

/* The chosen layers of one input, side by side, as one array: (frames, width), or with a batch (N, T, width). */
typedef struct encode_table_sink {
  specrnn_table_writer *writer; /* open; gets a table for each input */
  specrnn_table_format format;
  const char *batch_path; /* arrays of a batch go here by themselves, where the format is .npy; else they are refused */
  const char *name;       /* of the table, or NULL */
  const encode_choice *choice;
  const specrnn_features_config *front_end; /* for times, or NULL */
  const char *config_json;                  /* or NULL */
  bool batch_written;                       /* the array of a batch is at batch_path, and `writer` is to be abandoned */
  uint64_t n_rows;
  encode_layout layout;
} encode_table_sink;

encode_sink encode_table_sink_use(encode_table_sink *sink);

/* ---------------------------------------------------------------------------------------------------------- one vector
 */

typedef enum encode_pooling {
  ENCODE_POOL_MEAN,
  ENCODE_POOL_LAST, /* each direction after its last frame: of a reverse one the first */
  ENCODE_POOL_MAX,
} encode_pooling;

/* Gathers a vector for every sequence. */
typedef struct encode_pool encode_pool;

SPECRNN_MUST_CHECK specrnn_status encode_pool_create(encode_pool **out, const encode_choice *choice,
                                                     encode_pooling pooling);
void encode_pool_destroy(encode_pool **pool);

/* The sink for an input. A sequence of a batch is called NAME/0, NAME/1 ... */
encode_sink encode_pool_use(encode_pool *pool, const char *name);

/* Moves all vectors of `more` to the end of `pool`; both are of the same choice. */
SPECRNN_MUST_CHECK specrnn_status encode_pool_take(encode_pool *pool, encode_pool *more);

size_t encode_pool_count(const encode_pool *pool);
const float *encode_pool_vectors(const encode_pool *pool); /* (count, width) */
const char *const *encode_pool_names(const encode_pool *pool);

#endif
