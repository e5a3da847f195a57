/* Features through a model, to a sink. */
#include "encode_pass.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "states.h"

/* Frames that go through the encoder at once: enough for its block products, small enough to stay in cache. */
enum { BLOCK_FRAMES = 64 };

/* Room for the results of some frames, in one block. */
typedef struct results {
  float *block;
  float **hidden;
  float *output;
  specrnn_layer_trace *trace;
} results;

struct encode_pass {
  const encode_pass_config *config;
  const encode_sink *sink;
  const specrnn_log *log;
  specrnn_encoder *encoder; /* NULL for a bidirectional model, which needs all frames first */
  results results;
  bool begun;
  float *kept; /* all frames, for a bidirectional model */
  size_t n_kept, capacity;
};

static specrnn_status fail(const specrnn_log *log, specrnn_status status, const char *message)
{
  if (log && log->write) {
    log->write(log->user, SPECRNN_LOG_ERROR, message);
  }
  return status;
}

static specrnn_status out_of_memory(const specrnn_log *log)
{
  return fail(log, SPECRNN_ERROR_MEMORY, "out of memory");
}

/* ------------------------------------------------------------------------------------------------------------- results
 */

size_t encode_gates_per_frame(const specrnn_layer_info *layer)
{
  return layer->gates ? layer->n_directions * layer->n_gates * layer->hidden_size : 0;
}

size_t encode_cells_per_frame(const specrnn_layer_info *layer)
{
  return layer->c_size;
}

static size_t numbers_per_frame(const specrnn_model *model, bool trace)
{
  const specrnn_model_info *info = specrnn_model_describe(model);
  size_t numbers = info->output_size;
  for (size_t i = 0; i < info->n_layers; i++) {
    const specrnn_layer_info *layer = specrnn_model_layer(model, i);
    numbers += layer->width + (trace ? encode_gates_per_frame(layer) + encode_cells_per_frame(layer) : 0);
  }
  return numbers;
}

static void lay_out_trace(results *r, const specrnn_model *model, size_t n_frames, float *next)
{
  for (size_t i = 0; i < specrnn_model_describe(model)->n_layers; i++) {
    const specrnn_layer_info *layer = specrnn_model_layer(model, i);
    size_t gates = n_frames * encode_gates_per_frame(layer);
    size_t cells = n_frames * encode_cells_per_frame(layer);
    r->trace[i].gates = gates ? next : NULL;
    r->trace[i].cell = cells ? next + gates : NULL;
    next += gates + cells;
  }
}

static specrnn_status create_results(results *r, const specrnn_model *model, size_t n_frames, bool trace,
                                     const specrnn_log *log)
{
  const specrnn_model_info *info = specrnn_model_describe(model);
  r->block = calloc(n_frames, numbers_per_frame(model, trace) * sizeof *r->block);
  r->hidden = calloc(info->n_layers, sizeof *r->hidden);
  r->trace = trace ? calloc(info->n_layers, sizeof *r->trace) : NULL;
  if (!r->block || !r->hidden || (trace && !r->trace)) {
    return out_of_memory(log);
  }
  float *next = r->block;
  for (size_t i = 0; i < info->n_layers; i++) {
    r->hidden[i] = next;
    next += n_frames * specrnn_model_layer(model, i)->width;
  }
  r->output = next;
  if (trace) {
    lay_out_trace(r, model, n_frames, next + n_frames * info->output_size);
  }
  return SPECRNN_OK;
}

static void release_results(results *r)
{
  free(r->block);
  free(r->hidden);
  free(r->trace);
}

static encode_rows rows_of(const results *r, size_t n_rows)
{
  return (encode_rows){
      .n_rows = n_rows, .hidden = (const float *const *)r->hidden, .output = r->output, .trace = r->trace};
}

/* -------------------------------------------------------------------------------------------------------------- states
 */

/* h and c in one allocation that the caller frees. Without an argument they are zero. */
static specrnn_status create_states(float **h, float **c, const encode_pass_config *config, size_t n_sequences,
                                    const specrnn_log *log)
{
  size_t h_size = states_size(config->model, STATE_H);
  size_t c_size = states_size(config->model, STATE_C);
  float *states = calloc(n_sequences, (h_size + c_size) * sizeof *states);
  if (!states) {
    return out_of_memory(log);
  }
  specrnn_status status = SPECRNN_OK;
  if (config->h0) {
    status = states_read(states, config->h0, STATE_H, config->model, n_sequences, config->seed);
  }
  if (!status && config->c0) {
    status = states_read(states + n_sequences * h_size, config->c0, STATE_C, config->model, n_sequences, config->seed);
  }
  if (status) {
    free(states);
    return status;
  }
  *h = states;
  *c = states + n_sequences * h_size;
  return SPECRNN_OK;
}

/* -------------------------------------------------------------------------------------------------------------- stream
 */

static specrnn_status start_encoder(encode_pass *p)
{
  float *h = NULL;
  float *c = NULL;
  specrnn_status status = specrnn_encoder_create(&p->encoder, p->config->model, p->log);
  if (!status) {
    status = create_states(&h, &c, p->config, 1, p->log);
  }
  if (!status) {
    specrnn_encoder_set_state(p->encoder, h, c);
    status = create_results(&p->results, p->config->model, BLOCK_FRAMES, p->config->trace, p->log);
  }
  free(h);
  return status;
}

specrnn_status encode_pass_create(encode_pass **out, const encode_pass_config *config, const encode_sink *sink,
                                  const specrnn_log *log)
{
  encode_pass *p = calloc(1, sizeof *p);
  if (!p) {
    return out_of_memory(log);
  }
  p->config = config;
  p->sink = sink;
  p->log = log;
  specrnn_status status = specrnn_model_describe(config->model)->bidirectional ? SPECRNN_OK : start_encoder(p);
  if (status) {
    encode_pass_destroy(&p);
    return status;
  }
  *out = p;
  return SPECRNN_OK;
}

void encode_pass_destroy(encode_pass **pass)
{
  encode_pass *p = *pass;
  if (p) {
    specrnn_encoder_destroy(&p->encoder);
    release_results(&p->results);
    free(p->kept);
    free(p);
    *pass = NULL;
  }
}

static specrnn_status keep(encode_pass *p, const float *rows, size_t n_rows, size_t n_columns)
{
  if (p->n_kept + n_rows > p->capacity) {
    size_t capacity = 2 * (p->n_kept + n_rows);
    float *larger = capacity <= SIZE_MAX / sizeof *larger / n_columns
                        ? realloc(p->kept, capacity * n_columns * sizeof *larger)
                        : NULL;
    if (!larger) {
      return out_of_memory(p->log);
    }
    p->kept = larger;
    p->capacity = capacity;
  }
  memcpy(p->kept + p->n_kept * n_columns, rows, n_rows * n_columns * sizeof *rows);
  p->n_kept += n_rows;
  return SPECRNN_OK;
}

static specrnn_status encode_block(encode_pass *p, const float *frames, size_t n_frames)
{
  specrnn_encoder_output output = {.hidden = p->results.hidden, .output = p->results.output, .trace = p->results.trace};
  specrnn_encoder_process(p->encoder, frames, n_frames, &output);
  encode_rows rows = rows_of(&p->results, n_frames);
  return p->sink->rows(p->sink->user, &rows);
}

specrnn_status encode_pass_write(void *user, const float *rows, size_t n_rows, size_t n_columns)
{
  encode_pass *p = user;
  size_t input_size = specrnn_model_describe(p->config->model)->input_size;
  if (n_columns != input_size) {
    char message[128];
    snprintf(message, sizeof message, "frames of %zu features; the model reads %zu", n_columns, input_size);
    return fail(p->log, SPECRNN_ERROR_SHAPE, message);
  }
  if (!p->encoder) {
    return keep(p, rows, n_rows, n_columns);
  }
  specrnn_status status = SPECRNN_OK;
  if (!p->begun && n_rows > 0) {
    p->begun = true;
    const encode_layout layout = {.n_sequences = 1, .batch_first = true};
    status = p->sink->begin(p->sink->user, &layout);
  }
  while (!status && n_rows > 0) {
    size_t n = n_rows < BLOCK_FRAMES ? n_rows : BLOCK_FRAMES;
    status = encode_block(p, rows, n);
    rows += n * n_columns;
    n_rows -= n;
  }
  return status;
}

static specrnn_status end_stream(encode_pass *p)
{
  size_t h_size = states_size(p->config->model, STATE_H);
  float *states = calloc(h_size + states_size(p->config->model, STATE_C), sizeof *states);
  if (!states) {
    return out_of_memory(p->log);
  }
  specrnn_encoder_get_state(p->encoder, states, states + h_size);
  specrnn_status status = p->sink->end(p->sink->user, states, states + h_size);
  free(states);
  return status;
}

specrnn_status encode_pass_end(encode_pass *p)
{
  if (p->begun) {
    return end_stream(p);
  }
  if (p->n_kept == 0) {
    return fail(p->log, SPECRNN_ERROR_EMPTY, "too short: not one frame");
  }
  const encode_layout layout = {.n_sequences = 1, .n_frames = p->n_kept, .batch_first = true};
  return encode_whole(p->config, p->kept, &layout, p->sink, p->log);
}

/* --------------------------------------------------------------------------------------------------------------- whole
 */

static specrnn_status give(const encode_layout *layout, const results *r, const specrnn_batch *batch,
                           const encode_sink *sink)
{
  encode_layout told = *layout;
  if (!layout->batched) {
    told.n_frames = 0;
  }
  specrnn_status status = sink->begin(sink->user, &told);
  if (!status) {
    encode_rows rows = rows_of(r, layout->batched && layout->batch_first ? layout->n_sequences : layout->n_frames);
    status = sink->rows(sink->user, &rows);
  }
  return status ? status : sink->end(sink->user, batch->h_n, batch->c_n);
}

specrnn_status encode_whole(const encode_pass_config *config, const float *input, const encode_layout *layout,
                            const encode_sink *sink, const specrnn_log *log)
{
  size_t n = layout->n_sequences;
  results r = {0};
  float *h0 = NULL;
  float *c0 = NULL;
  size_t h_size = states_size(config->model, STATE_H);
  float *final = calloc(n, (h_size + states_size(config->model, STATE_C)) * sizeof *final);
  specrnn_status status = final ? create_states(&h0, &c0, config, n, log) : out_of_memory(log);
  if (!status) {
    status = layout->n_frames <= SIZE_MAX / n
                 ? create_results(&r, config->model, n * layout->n_frames, config->trace, log)
                 : out_of_memory(log);
  }
  if (!status) {
    specrnn_batch batch = SPECRNN_BATCH_INIT;
    batch.input = input;
    batch.n_sequences = n;
    batch.n_frames = layout->n_frames;
    batch.batch_first = layout->batch_first;
    batch.lengths = layout->lengths;
    batch.h0 = h0;
    batch.c0 = c0;
    batch.hidden = r.hidden;
    batch.output = r.output;
    batch.h_n = final;
    batch.c_n = final + n * h_size;
    batch.trace = r.trace;
    status = specrnn_model_forward(config->model, &batch, log);
    status = status ? status : give(layout, &r, &batch, sink);
  }
  release_results(&r);
  free(h0);
  free(final);
  return status;
}
