/* Whole arrays through a model: batches, lengths, both directions.
 *
 * Inside, frames lie time first and sequences are sorted by falling length, so that those which have a step t are the
 * first ones: a packed sequence. Models without a reverse direction run chunk by chunk of time, so that memory does not
 * grow with the length. */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/checked.h"
#include "core/fpu.h"
#include "core/log.h"
#include "core/rng.h"
#include "model/object.h"
#include "specrnn/encoder.h"

/* Rows of one product of inputs, and of one chunk of time. */
enum { BLOCK_ROWS = 64, CHUNK_ROWS = 256 };

/* A sequence of the batch. */
typedef struct place {
  size_t length, index;
} place;

typedef struct run {
  const specrnn_model *model;
  const specrnn_batch *batch;
  srn_engine engine;
  size_t n_sequences, n_frames;
  size_t n_steps;     /* of the longest sequence */
  size_t chunk_steps; /* at most this many at once */
  place *places;      /* (N) by falling length */
  size_t *order;      /* (N) their places in the batch */
  size_t *active;     /* (n_steps) sequences that have a step t */
  float *h, *c;       /* states, sorted */
  float *scratch, *rows[2];
} run;

static size_t length_of(const specrnn_batch *batch, size_t sequence)
{
  return batch->lengths ? batch->lengths[sequence] : batch->n_frames;
}

static specrnn_status check(const specrnn_batch *batch, const specrnn_log *log)
{
  if (!batch->input || !batch->n_sequences || !batch->n_frames) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a batch needs at least one sequence of at least one frame");
  }
  for (size_t i = 0; batch->lengths && i < batch->n_sequences; i++) {
    if (batch->lengths[i] < 1 || batch->lengths[i] > batch->n_frames) {
      return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the length of sequence %zu is %zu; it must be from 1 to %zu", i,
                      batch->lengths[i], batch->n_frames);
    }
  }
  return SPECRNN_OK;
}

/* ------------------------------------------------------------------------------------------------------------- memory
 */

static size_t longest(const specrnn_batch *batch)
{
  if (!batch->lengths) {
    return batch->n_frames;
  }
  size_t most = 0;
  for (size_t i = 0; i < batch->n_sequences; i++) {
    most = batch->lengths[i] > most ? batch->lengths[i] : most;
  }
  return most;
}

static void lay_out(run *r, srn_arena *arena)
{
  const specrnn_model_info *info = &r->model->info;
  size_t n = r->n_sequences;
  size_t chunk, states, scratch = srn_model_scratch(r->model, n, BLOCK_ROWS);
  bool fits = srn_size_mul(r->chunk_steps, n, &chunk) && srn_size_mul(chunk, srn_model_row_size(r->model), &chunk) &&
              srn_size_mul(n, info->h_size + info->c_size, &states) && scratch;
  if (!fits) {
    arena->overflow = true;
    return;
  }
  r->places = srn_arena_take(arena, n, sizeof *r->places);
  r->order = srn_arena_take(arena, n, sizeof *r->order);
  r->active = srn_arena_take(arena, r->n_steps, sizeof *r->active);
  r->h = srn_arena_take(arena, n * info->h_size, sizeof *r->h);
  r->c = srn_arena_take(arena, n * info->c_size, sizeof *r->c);
  r->scratch = srn_arena_take(arena, scratch, sizeof *r->scratch);
  r->rows[0] = srn_arena_take(arena, chunk, sizeof **r->rows);
  r->rows[1] = srn_arena_take(arena, chunk, sizeof **r->rows);
}

static specrnn_status allocate(run *r, const specrnn_log *log)
{
  srn_arena arena = {0};
  lay_out(r, &arena);
  size_t size = arena.used;
  if (!srn_arena_allocate(&arena)) {
    return srn_fail_memory(log, size);
  }
  lay_out(r, &arena);
  return SPECRNN_OK;
}

/* ----------------------------------------------------------------------------------------------------- sequences
 * sorted */

static int longer_first(const void *a, const void *b)
{
  const place *left = a;
  const place *right = b;
  if (left->length != right->length) {
    return left->length < right->length ? 1 : -1;
  }
  return left->index < right->index ? -1 : 1;
}

static void sort_sequences(run *r)
{
  for (size_t i = 0; i < r->n_sequences; i++) {
    r->places[i] = (place){length_of(r->batch, i), i};
  }
  qsort(r->places, r->n_sequences, sizeof *r->places, longer_first);
  size_t active = r->n_sequences;
  for (size_t t = 0; t < r->n_steps; t++) {
    while (r->places[active - 1].length <= t) {
      active--;
    }
    r->active[t] = active;
  }
  for (size_t n = 0; n < r->n_sequences; n++) {
    r->order[n] = r->places[n].index;
  }
}

/* The caller's row of step t of the n-th sorted sequence. */
static size_t row_of(const run *r, size_t t, size_t n)
{
  size_t sequence = r->order[n];
  return r->batch->batch_first ? sequence * r->n_frames + t : t * r->n_sequences + sequence;
}

/* States of one array (h or c) between the caller's order and ours; `width` numbers per sequence and direction. */
static void copy_states(const run *r, float *to, const float *from, size_t width, bool sorting)
{
  for (size_t n = 0; n < r->n_sequences; n++) {
    size_t ours = n * width;
    size_t theirs = r->order[n] * width;
    memcpy(to + (sorting ? ours : theirs), from + (sorting ? theirs : ours), width * sizeof *to);
  }
}

static void move_states(const run *r, const float *h0, const float *c0, float *h_n, float *c_n)
{
  for (size_t i = 0; i < r->model->info.n_layers; i++) {
    const specrnn_layer_info *layer = &r->model->layers[i];
    if (!r->model->stages[i].recurrent) {
      continue;
    }
    size_t width = layer->width / layer->n_directions;
    for (size_t d = 0; d < layer->n_directions; d++) {
      size_t h = (layer->h_offset + d * width) * r->n_sequences;
      size_t c = (layer->c_offset + d * layer->hidden_size) * r->n_sequences;
      bool has_c = layer->module->kind == SPECRNN_MODULE_LSTM;
      if (h0) {
        copy_states(r, r->h + h, h0 + h, width, true);
      }
      if (h_n) {
        copy_states(r, h_n + h, r->h + h, width, false);
      }
      if (c0 && has_c) {
        copy_states(r, r->c + c, c0 + c, layer->hidden_size, true);
      }
      if (c_n && has_c) {
        copy_states(r, c_n + c, r->c + c, layer->hidden_size, false);
      }
    }
  }
}

/* ---------------------------------------------------------------------------------------------------------------
 * frames */

/* Steps first ... first + n_steps - 1 of every sequence, normalised, in our order. Rows that no sequence has are zero:
 * the linear layer reads them. */
static void gather(const run *r, size_t first, size_t n_steps, float *rows)
{
  size_t width = r->model->info.input_size;
  for (size_t t = first; t < first + n_steps; t++) {
    for (size_t n = 0; n < r->n_sequences; n++, rows += width) {
      if (n >= r->active[t]) {
        memset(rows, 0, width * sizeof *rows);
      } else if (r->model->mean) {
        srn_normaliser_forward(r->model->mean, r->model->scale, r->batch->input + row_of(r, t, n) * width, rows, 1,
                               width);
      } else {
        memcpy(rows, r->batch->input + row_of(r, t, n) * width, width * sizeof *rows);
      }
    }
  }
}

static void scatter(const run *r, size_t first, size_t n_steps, const float *rows, float *out, size_t width)
{
  for (size_t t = first; t < first + n_steps; t++) {
    for (size_t n = 0; n < r->n_sequences; n++, rows += width) {
      float *row = out + row_of(r, t, n) * width;
      if (n < r->active[t]) {
        memcpy(row, rows, width * sizeof *row);
      } else {
        memset(row, 0, width * sizeof *row);
      }
    }
  }
}

static void drop(const run *r, size_t stage, size_t first, size_t n_steps, float *rows)
{
  size_t width = r->model->layers[stage].width;
  for (size_t t = first; t < first + n_steps; t++) {
    for (size_t n = 0; n < r->n_sequences; n++, rows += width) {
      uint64_t number = ((uint64_t)r->order[n] * r->n_frames + t) * width;
      srn_dropout_forward(rows, width, r->model->stages[stage].dropout, r->batch->dropout_seed + stage, number);
    }
  }
}

/* Zeros for the frames after the longest sequence, and traces of what was never run. */
static void clear_rows(const run *r, size_t first, float *out, size_t width)
{
  for (size_t t = first; out && t < r->n_frames; t++) {
    for (size_t n = 0; n < r->n_sequences; n++) {
      memset(out + row_of(r, t, n) * width, 0, width * sizeof *out);
    }
  }
}

static void clear_traces(const run *r)
{
  for (size_t i = 0; r->batch->trace && i < r->model->info.n_layers; i++) {
    const specrnn_layer_info *layer = &r->model->layers[i];
    size_t width = layer->n_directions * layer->hidden_size;
    if (!r->model->stages[i].recurrent) {
      continue;
    }
    clear_rows(r, 0, r->batch->trace[i].gates, width * layer->n_gates);
    clear_rows(r, 0, r->batch->trace[i].cell, width);
  }
}

/* ------------------------------------------------------------------------------------------------------------- running
 */

static srn_trace trace_from(const run *r, size_t stage, size_t first)
{
  const specrnn_layer_info *layer = &r->model->layers[stage];
  bool batch_first = r->batch->batch_first;
  srn_trace trace = {
      .gates = r->batch->trace[stage].gates,
      .cell = r->batch->trace[stage].cell,
      .step_stride = batch_first ? 1 : r->n_sequences,
      .sequence_stride = batch_first ? r->n_frames : 1,
      .order = r->order,
  };
  size_t frame = layer->n_directions * layer->hidden_size;
  if (trace.gates) {
    trace.gates += first * trace.step_stride * frame * layer->n_gates;
  }
  if (trace.cell) {
    trace.cell += first * trace.step_stride * frame;
  }
  return trace;
}

static float *wanted(const run *r, size_t stage)
{
  if (stage == r->model->info.n_layers) {
    return NULL; /* the output layer's rows are specrnn_batch's output */
  }
  return r->batch->hidden ? r->batch->hidden[stage] : NULL;
}

/* A chunk of time through the whole chain. */
static void run_chunk(const run *r, size_t first, size_t n_steps)
{
  const specrnn_model *model = r->model;
  size_t n_stages = r->batch->output ? srn_model_stages(model) : model->info.n_layers;
  gather(r, first, n_steps, r->rows[0]);
  srn_sweep sweep = {
      .engine = &r->engine,
      .n_steps = n_steps,
      .n_sequences = r->n_sequences,
      .active = r->active + first,
      .h = r->h,
      .c = r->c,
      .scratch = r->scratch,
      .block_rows = BLOCK_ROWS,
  };
  for (size_t i = 0; i < n_stages; i++) {
    size_t width = model->layers[i].width;
    srn_trace trace;
    sweep.trace = NULL;
    if (r->batch->trace && i < model->info.n_layers) {
      trace = trace_from(r, i, first);
      sweep.trace = &trace;
    }
    sweep.x = r->rows[i % 2];
    sweep.y = r->rows[(i + 1) % 2];
    srn_stage_forward(model, i, &sweep);
    if (wanted(r, i)) {
      scatter(r, first, n_steps, sweep.y, wanted(r, i), width);
    }
    if (i + 1 == n_stages && r->batch->output) {
      scatter(r, first, n_steps, sweep.y, r->batch->output, width);
    }
    if (r->batch->training && model->stages[i].dropout > 0.0) {
      drop(r, i, first, n_steps, sweep.y);
    }
  }
}

static void run_all(run *r)
{
  const specrnn_batch *batch = r->batch;
  move_states(r, batch->h0, batch->c0, NULL, NULL);
  clear_traces(r);
  for (size_t first = 0; first < r->n_steps; first += r->chunk_steps) {
    size_t left = r->n_steps - first;
    run_chunk(r, first, left < r->chunk_steps ? left : r->chunk_steps);
  }
  for (size_t i = 0; i < r->model->info.n_layers; i++) {
    clear_rows(r, r->n_steps, wanted(r, i), r->model->layers[i].width);
  }
  clear_rows(r, r->n_steps, batch->output, r->model->info.output_size);
  move_states(r, NULL, NULL, batch->h_n, batch->c_n);
}

specrnn_status specrnn_model_forward(const specrnn_model *model, const specrnn_batch *batch, const specrnn_log *log)
{
  specrnn_status status = check(batch, log);
  if (status) {
    return status;
  }
  run r = {.model = model,
           .batch = batch,
           .engine = srn_engine_inference(),
           .n_sequences = batch->n_sequences,
           .n_frames = batch->n_frames,
           .n_steps = longest(batch)};
  size_t chunk = CHUNK_ROWS / r.n_sequences ? CHUNK_ROWS / r.n_sequences : 1;
  r.chunk_steps = model->info.bidirectional || chunk > r.n_steps ? r.n_steps : chunk;
  status = allocate(&r, log);
  if (status) {
    return status;
  }
  sort_sequences(&r);
  srn_fpu_mode before = srn_fpu_enter();
  run_all(&r);
  srn_fpu_leave(before);
  srn_arena_free(r.places);
  return SPECRNN_OK;
}

void specrnn_model_draw_state(float *state, size_t n, double sigma, uint64_t seed)
{
  for (size_t i = 0; i < n; i++) {
    state[i] = (float)(sigma * srn_random_normal(seed, i));
  }
}
