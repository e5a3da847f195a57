/* A step of several streams together: their frames are the frames of one product. */
#include <string.h>

#include "core/arena.h"
#include "core/checked.h"
#include "core/fpu.h"
#include "core/log.h"
#include "model/object.h"
#include "model/stream.h"
#include "nn/normaliser.h"

/* One block of memory. Rows are those of the streams in a pass, in the order of the call. */
struct specrnn_encoder_group {
  specrnn_model *model; /* one of its owners */
  srn_engine engine;
  size_t capacity;
  size_t position;                        /* passes so far, for walking the weights in turn */
  specrnn_encoder **encoders;             /* of the pass */
  const specrnn_encoder_output **outputs; /* theirs, or NULL */
  float *h, *c;                           /* layer after layer (n, P) and (n, H) */
  float *scratch;
  float *rows[2]; /* (n, widest row), in turn what a stage reads and what it writes */
};

/* Runs twice, as core/arena.h says. */
static specrnn_encoder_group *lay_out(srn_arena *arena, const specrnn_model *model, size_t capacity)
{
  specrnn_encoder_group local;
  specrnn_encoder_group *group = srn_arena_take(arena, 1, sizeof *group);
  specrnn_encoder_group *g = group ? group : &local;
  size_t row, h, c;
  size_t scratch = srn_graph_scratch(model->graph, capacity, capacity);
  arena->overflow |= scratch == 0 || !srn_size_mul(capacity, model->graph->row_size, &row) ||
                     !srn_size_mul(capacity, model->info.h_size, &h) || !srn_size_mul(capacity, model->info.c_size, &c);
  if (arena->overflow) {
    return NULL;
  }
  *g = (specrnn_encoder_group){
      .model = (specrnn_model *)(uintptr_t)model, .engine = srn_engine_inference(), .capacity = capacity};
  g->encoders = srn_arena_take(arena, capacity, sizeof *g->encoders);
  g->outputs = srn_arena_take(arena, capacity, sizeof *g->outputs);
  g->h = srn_arena_take(arena, h, sizeof *g->h);
  g->c = srn_arena_take(arena, c, sizeof *g->c);
  g->scratch = srn_arena_take(arena, scratch, sizeof *g->scratch);
  g->rows[0] = srn_arena_take(arena, row, sizeof *g->rows[0]);
  g->rows[1] = srn_arena_take(arena, row, sizeof *g->rows[1]);
  return group;
}

specrnn_status specrnn_encoder_group_create(specrnn_encoder_group **out, const specrnn_model *model, size_t capacity,
                                            const specrnn_log *log)
{
  specrnn_status status = srn_check_streamable(model, log);
  if (status) {
    return status;
  }
  if (capacity == 0) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a group is for 1 stream at least");
  }
  srn_arena arena = {0};
  lay_out(&arena, model, capacity);
  size_t size = arena.used;
  if (!srn_arena_allocate(&arena)) {
    return srn_fail_memory(log, size);
  }
  *out = lay_out(&arena, model, capacity);
  (void)specrnn_model_share(model);
  return SPECRNN_OK;
}

void specrnn_encoder_group_destroy(specrnn_encoder_group **group)
{
  if (group && *group) {
    specrnn_model_destroy(&(*group)->model);
    srn_arena_free(*group);
    *group = NULL;
  }
}

/* ---------------------------------------------------------------------------------------------- between streams and
 * rows
 */

typedef enum direction { FROM_STREAMS, TO_STREAMS } direction;

static void copy_row(float *row, float *in_stream, size_t count, direction where)
{
  memcpy(where == FROM_STREAMS ? row : in_stream, where == FROM_STREAMS ? in_stream : row, count * sizeof *row);
}

/* The states of every node for the n streams of a pass: (D, n, P) and (D, n, H), as a sweep has them. */
static void copy_states(const specrnn_encoder_group *group, size_t n, direction where)
{
  const srn_graph *graph = group->model->graph;
  for (size_t k = 0; k < graph->n_nodes; k++) {
    const srn_node *node = &graph->nodes[k];
    for (size_t i = 0; i < n; i++) {
      copy_row(group->h + node->h_offset * n + i * node->h_size, srn_encoder_h(group->encoders[i]) + node->h_offset,
               node->h_size, where);
      copy_row(group->c + node->c_offset * n + i * node->c_size, srn_encoder_c(group->encoders[i]) + node->c_offset,
               node->c_size, where);
    }
  }
}

static void take_frame(const specrnn_encoder_group *group, const float *frame, size_t row)
{
  const specrnn_model *model = group->model;
  size_t width = model->info.input_size;
  float *x = group->rows[0] + row * width;
  if (model->mean) {
    srn_normaliser_forward(model->mean, model->scale, frame, x, 1, width);
  } else {
    memcpy(x, frame, width * sizeof *x);
  }
}

/* Where stream i wants the rows of a layer, or NULL. */
static float *wanted(const specrnn_encoder_group *group, size_t i, size_t layer)
{
  const specrnn_encoder_output *output = group->outputs[i];
  if (!output || layer == group->model->info.n_layers) {
    return output ? output->output : NULL;
  }
  return output->hidden ? output->hidden[layer] : NULL;
}

/* ---------------------------------------------------------------------------------------------------------- running */

typedef struct pass {
  const specrnn_encoder_group *group;
  size_t n;
} pass;

static void give_rows(void *user, size_t node, const float *rows)
{
  const pass *p = user;
  const specrnn_model *model = p->group->model;
  size_t layer = srn_model_layer_of(model, node);
  if (layer == srn_model_layers(model)) {
    return;
  }
  size_t width = model->layers[layer].width;
  bool is_output = layer + 1 == model->info.n_layers && !model->info.has_output_layer;
  for (size_t i = 0; i < p->n; i++) {
    float *to[] = {wanted(p->group, i, layer), is_output ? wanted(p->group, i, model->info.n_layers) : NULL};
    for (size_t k = 0; k < sizeof to / sizeof *to; k++) {
      if (to[k]) {
        memcpy(to[k], rows + i * width, width * sizeof *rows);
      }
    }
  }
}

static bool any_output(const specrnn_encoder_group *group, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    if (group->outputs[i] && group->outputs[i]->output) {
      return true;
    }
  }
  return false;
}

/* The n streams of the pass, their frames in rows[0], through the whole chain. */
static void run_pass(specrnn_encoder_group *group, size_t n)
{
  pass p = {group, n};
  const srn_sweep sweep = {
      .cache = group->model->cache,
      .engine = &group->engine,
      .n_nodes = srn_model_nodes(group->model, any_output(group, n)),
      .n_steps = 1,
      .n_sequences = n,
      .x = group->rows[0],
      .h = group->h,
      .c = group->c,
      .rows = {group->rows[0], group->rows[1]},
      .scratch = group->scratch,
      .block_rows = n,
      .position = group->position++,
      .after = give_rows,
      .user = &p,
  };
  copy_states(group, n, FROM_STREAMS);
  (void)srn_sweep_run(&sweep);
  copy_states(group, n, TO_STREAMS);
}

specrnn_status specrnn_encoder_group_process(specrnn_encoder_group *group, specrnn_encoder *const *encoders,
                                             const float *const *frames, size_t n,
                                             const specrnn_encoder_output *outputs)
{
  for (size_t i = 0; i < n; i++) {
    if (specrnn_encoder_model(encoders[i]) != group->model) {
      return SPECRNN_ERROR_ARGUMENT;
    }
  }
  srn_fpu_mode before = srn_fpu_enter();
  size_t rows = 0;
  for (size_t i = 0; i < n; i++) {
    const specrnn_encoder_output *output = outputs ? &outputs[i] : NULL;
    if (output && output->trace) {
      specrnn_encoder_process(encoders[i], frames[i], 1, output);
    } else {
      group->encoders[rows] = encoders[i];
      group->outputs[rows] = output;
      take_frame(group, frames[i], rows++);
    }
    if (rows > 0 && (rows == group->capacity || i + 1 == n)) {
      run_pass(group, rows);
      rows = 0;
    }
  }
  srn_fpu_leave(before);
  return SPECRNN_OK;
}
