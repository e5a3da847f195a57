/* Encodings into an archive: layer1 ..., output, h_n, c_n, times. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "encode_sinks.h"
#include "report.h"
#include "states.h"

enum { NAME_SIZE = 1200 };

/* An array that grows by rows of the first axis. */
typedef struct growing {
  bool open;
  size_t slot;
} growing;

/* The arrays of one layer. */
typedef struct layer_arrays {
  growing hidden, gates, cell;
} layer_arrays;

struct encode_npz_sink {
  encode_npz_config config;
  specrnn_log log;
  encode_layout layout;
  uint64_t n_rows;
  growing output;
  layer_arrays layers[]; /* of every layer of the model */
};

static size_t n_layers(const encode_npz_sink *s)
{
  return specrnn_model_describe(s->config.choice->model)->n_layers;
}

static const char *in_archive(const encode_npz_sink *s, char *name, const char *rest)
{
  snprintf(name, NAME_SIZE, "%s%s", s->config.prefix, rest);
  return name;
}

/* Begins an array whose frames have `rank` axes more. */
static specrnn_status begin_array(encode_npz_sink *s, growing *array, const char *rest, int rank, const size_t *shape)
{
  char name[NAME_SIZE];
  size_t row_shape[SPECRNN_MAX_RANK];
  int row_rank = 0;
  if (s->layout.batched) {
    row_shape[row_rank++] = s->layout.batch_first ? s->layout.n_frames : s->layout.n_sequences;
  }
  for (int i = 0; i < rank; i++) {
    row_shape[row_rank++] = shape[i];
  }
  specrnn_status status = specrnn_npz_begin_rows(s->config.writer, &array->slot, in_archive(s, name, rest), SPECRNN_F32,
                                                 row_rank, row_shape, &s->log);
  array->open = !status;
  return status;
}

static specrnn_status begin_trace(encode_npz_sink *s, size_t index)
{
  const specrnn_layer_info *layer = specrnn_model_layer(s->config.choice->model, index);
  const size_t gates[] = {layer->n_directions, layer->n_gates, layer->hidden_size};
  const size_t cell[] = {layer->n_directions, layer->hidden_size};
  char rest[64];
  specrnn_status status = SPECRNN_OK;
  if (layer->gates) {
    snprintf(rest, sizeof rest, "layer%zu.gates", index + 1);
    status = begin_array(s, &s->layers[index].gates, rest, 3, gates);
  }
  if (!status && layer->c_size) {
    snprintf(rest, sizeof rest, "layer%zu.cell", index + 1);
    status = begin_array(s, &s->layers[index].cell, rest, 2, cell);
  }
  return status;
}

static specrnn_status begin(void *user, const encode_layout *layout)
{
  encode_npz_sink *s = user;
  const encode_choice *choice = s->config.choice;
  s->layout = *layout;
  specrnn_status status = SPECRNN_OK;
  for (size_t i = choice->first; !status && i < choice->end; i++) {
    char rest[32];
    snprintf(rest, sizeof rest, "layer%zu", i + 1);
    status = begin_array(s, &s->layers[i].hidden, rest, 1, &specrnn_model_layer(choice->model, i)->width);
    if (!status && s->config.trace) {
      status = begin_trace(s, i);
    }
  }
  if (!status && choice->output) {
    status = begin_array(s, &s->output, "output", 1, &specrnn_model_describe(choice->model)->output_size);
  }
  return status;
}

static specrnn_status append(encode_npz_sink *s, const growing *array, const float *numbers, size_t n_rows)
{
  return array->open ? specrnn_npz_append_rows(s->config.writer, array->slot, numbers, n_rows, &s->log) : SPECRNN_OK;
}

static specrnn_status take_rows(void *user, const encode_rows *rows)
{
  encode_npz_sink *s = user;
  specrnn_status status = append(s, &s->output, rows->output, rows->n_rows);
  for (size_t i = 0; !status && i < n_layers(s); i++) {
    status = append(s, &s->layers[i].hidden, rows->hidden[i], rows->n_rows);
    if (!status && rows->trace) {
      status = append(s, &s->layers[i].gates, rows->trace[i].gates, rows->n_rows);
    }
    if (!status && rows->trace) {
      status = append(s, &s->layers[i].cell, rows->trace[i].cell, rows->n_rows);
    }
  }
  s->n_rows += rows->n_rows;
  return status;
}

static specrnn_status close_array(encode_npz_sink *s, growing *array)
{
  bool open = array->open;
  array->open = false;
  return open ? specrnn_npz_end_rows(s->config.writer, array->slot, &s->log) : SPECRNN_OK;
}

static specrnn_status close_arrays(encode_npz_sink *s)
{
  specrnn_status status = SPECRNN_OK;
  for (size_t i = 0; !status && i < n_layers(s); i++) {
    growing *const ARRAYS[] = {&s->layers[i].hidden, &s->layers[i].gates, &s->layers[i].cell};
    for (size_t k = 0; !status && k < sizeof ARRAYS / sizeof *ARRAYS; k++) {
      status = close_array(s, ARRAYS[k]);
    }
  }
  return status ? status : close_array(s, &s->output);
}

static specrnn_status write_times(encode_npz_sink *s)
{
  char name[NAME_SIZE];
  in_archive(s, name, "times");
  if (s->config.times) {
    return specrnn_npz_write(s->config.writer, name, s->config.times, &s->log);
  }
  if (!s->config.front_end) {
    return SPECRNN_OK;
  }
  size_t n = s->layout.batched ? s->layout.n_frames : (size_t)s->n_rows;
  double *times_s = calloc(n, sizeof *times_s);
  if (!times_s) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  for (size_t i = 0; i < n; i++) {
    times_s[i] = specrnn_features_frame_time_s(s->config.front_end, i);
  }
  specrnn_array array = specrnn_array_view(SPECRNN_F64, 1, &n, times_s);
  specrnn_status status = specrnn_npz_write(s->config.writer, name, &array, &s->log);
  free(times_s);
  return status;
}

static specrnn_status end(void *user, const float *h_n, const float *c_n)
{
  encode_npz_sink *s = user;
  const specrnn_model *model = s->config.choice->model;
  const encode_layout *layout = &s->layout;
  specrnn_status status = close_arrays(s);
  if (!status) {
    status = states_write(s->config.writer, s->config.prefix, STATE_H, model, h_n, layout->n_sequences, layout->batched,
                          &s->log);
  }
  if (!status && states_size(model, STATE_C) > 0) {
    status = states_write(s->config.writer, s->config.prefix, STATE_C, model, c_n, layout->n_sequences, layout->batched,
                          &s->log);
  }
  return status ? status : write_times(s);
}

specrnn_status encode_npz_sink_create(encode_npz_sink **out, const encode_npz_config *config)
{
  size_t count = specrnn_model_describe(config->choice->model)->n_layers;
  encode_npz_sink *s = calloc(1, sizeof *s + count * sizeof *s->layers);
  if (!s) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  s->config = *config;
  s->log = report_log(NULL);
  *out = s;
  return SPECRNN_OK;
}

void encode_npz_sink_destroy(encode_npz_sink **sink)
{
  free(*sink);
  *sink = NULL;
}

encode_sink encode_npz_sink_use(encode_npz_sink *sink)
{
  return (encode_sink){.begin = begin, .rows = take_rows, .end = end, .user = sink};
}
