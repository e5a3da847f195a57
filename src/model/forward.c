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
#include "nn/normaliser.h"
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
  float *scratch, *rows[2], *saved;
  uint64_t *ids; /* (N) of the sequences, sorted, for dropout */
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
  size_t chunk, rows, saved, states, scratch = srn_graph_scratch(r->model->graph, n, BLOCK_ROWS);
  size_t saved_size = r->batch->trace ? srn_graph_saved(r->model->graph) : 0;
  bool fits = srn_size_mul(r->chunk_steps, n, &chunk) && srn_size_mul(chunk, r->model->graph->row_size, &rows) &&
              srn_size_mul(chunk, saved_size, &saved) && srn_size_mul(n, info->h_size + info->c_size, &states) &&
              scratch;
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
  r->rows[0] = srn_arena_take(arena, rows, sizeof **r->rows);
  r->rows[1] = srn_arena_take(arena, rows, sizeof **r->rows);
  r->saved = srn_arena_take(arena, saved, sizeof *r->saved);
  r->ids = srn_arena_take(arena, n, sizeof *r->ids);
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
    r->ids[n] = r->batch->sequence_ids ? r->batch->sequence_ids[r->order[n]] : r->order[n];
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

/* One state array of a node, (D, N, size / D): between the caller's order and ours. NULL: not wanted. */
static void move_state(const run *r, float *ours, const float *from, float *to, size_t size, size_t n_directions)
{
  size_t width = size / n_directions;
  for (size_t d = 0; d < n_directions; d++) {
    size_t at = d * width * r->n_sequences;
    if (from) {
      copy_states(r, ours + at, from + at, width, true);
    }
    if (to) {
      copy_states(r, to + at, ours + at, width, false);
    }
  }
}

static void move_states(const run *r, const float *h0, const float *c0, float *h_n, float *c_n)
{
  const srn_graph *graph = r->model->graph;
  for (size_t i = 0; i < graph->n_nodes; i++) {
    const srn_node *node = &graph->nodes[i];
    size_t h = node->h_offset * r->n_sequences;
    size_t c = node->c_offset * r->n_sequences;
    move_state(r, r->h + h, h0 ? h0 + h : NULL, h_n ? h_n + h : NULL, node->h_size, node->n_directions);
    move_state(r, r->c + c, c0 ? c0 + c : NULL, c_n ? c_n + c : NULL, node->c_size, node->n_directions);
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

/* Zeros for the frames after the longest sequence, and traces of what was never run. */
static void clear_rows(const run *r, size_t first, float *out, size_t width)
{
  for (size_t t = first; out && t < r->n_frames; t++) {
    for (size_t n = 0; n < r->n_sequences; n++) {
      memset(out + row_of(r, t, n) * width, 0, width * sizeof *out);
    }
  }
}

/* The node that a layer's gates are those of, or NULL where it has none. */
static const srn_node *observed(const specrnn_model *model, size_t layer)
{
  const srn_node *node = &model->graph->nodes[model->shown[layer]];
  return node->kind->observe ? node : NULL;
}

static void clear_traces(const run *r)
{
  for (size_t i = 0; r->batch->trace && i < r->model->info.n_layers; i++) {
    const srn_node *node = observed(r->model, i);
    if (node) {
      size_t width = node->n_directions * node->n_units;
      clear_rows(r, 0, r->batch->trace[i].gates, width * node->n_gates);
      clear_rows(r, 0, r->batch->trace[i].cell, width);
    }
  }
}

/* ---------------------------------------------------------------------------------------------------------- running */

/* A chunk of time. */
typedef struct chunk {
  const run *run;
  size_t first, n_steps;
} chunk;

/* The gates of a node at every step of every sequence that has it. */
static void observe(const chunk *c, const srn_node *node, const specrnn_layer_trace *trace, const float *rows)
{
  const run *r = c->run;
  size_t width = node->n_directions * node->n_units;
  for (size_t s = 0; s < c->n_steps; s++) {
    for (size_t n = 0; n < r->active[c->first + s]; n++) {
      size_t ours = s * r->n_sequences + n;
      size_t theirs = row_of(r, c->first + s, n);
      node->kind->observe(node, r->saved + ours * node->saved_size, rows + ours * node->n_outputs,
                          trace->gates ? trace->gates + theirs * width * node->n_gates : NULL,
                          trace->cell ? trace->cell + theirs * width : NULL);
    }
  }
}

static float *wanted(const run *r, size_t stage)
{
  if (stage == r->model->info.n_layers) {
    return NULL; /* the output layer's rows are specrnn_batch's output */
  }
  return r->batch->hidden ? r->batch->hidden[stage] : NULL;
}

static void take_rows(void *user, size_t node, const float *rows)
{
  const chunk *c = user;
  const run *r = c->run;
  const specrnn_model *model = r->model;
  size_t layer = srn_model_layer_of(model, node);
  if (layer == srn_model_layers(model)) {
    return;
  }
  size_t width = model->layers[layer].width;
  if (wanted(r, layer)) {
    scatter(r, c->first, c->n_steps, rows, wanted(r, layer), width);
  }
  if (layer + 1 == srn_model_layers(model) && r->batch->output) {
    scatter(r, c->first, c->n_steps, rows, r->batch->output, width);
  }
  if (r->batch->trace && layer < model->info.n_layers && observed(model, layer)) {
    observe(c, observed(model, layer), &r->batch->trace[layer], rows);
  }
}

/* A chunk of time through the whole graph. */
static void run_chunk(const run *r, size_t first, size_t n_steps)
{
  const specrnn_batch *batch = r->batch;
  chunk c = {r, first, n_steps};
  const srn_training training = {batch->dropout_seed, batch->dropout_step, batch->first_frame, r->ids};
  gather(r, first, n_steps, r->rows[0]);
  const srn_sweep sweep = {
      .cache = r->model->cache,
      .engine = &r->engine,
      .n_nodes = srn_model_nodes(r->model, batch->output),
      .n_steps = n_steps,
      .n_sequences = r->n_sequences,
      .active = r->active + first,
      .x = r->rows[0],
      .h = r->h,
      .c = r->c,
      .rows = {r->rows[0], r->rows[1]},
      .scratch = r->scratch,
      .saved = batch->trace ? r->saved : NULL,
      .block_rows = BLOCK_ROWS,
      .first_step = first,
      .training = batch->training ? &training : NULL,
      .after = take_rows,
      .user = &c,
  };
  (void)srn_sweep_run(&sweep);
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
  size_t most = CHUNK_ROWS / r.n_sequences ? CHUNK_ROWS / r.n_sequences : 1;
  r.chunk_steps = model->info.bidirectional || most > r.n_steps ? r.n_steps : most;
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
