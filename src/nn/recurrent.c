/* A recurrent layer over time: blocks of input products, then the recurrence, in one direction or both; and what makes
 * such a layer a node. */
#include "nn/recurrent.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/checked.h"

static size_t larger(size_t a, size_t b)
{
  return a > b ? a : b;
}

size_t srn_layer_scratch(const srn_layer *layer, size_t n_sequences, size_t block_rows)
{
  size_t in, rec, total;
  bool fits = srn_size_mul(larger(n_sequences, block_rows), layer->cell->gates * layer->hidden_size, &in) &&
              srn_size_mul(n_sequences, layer->cell->rec_size(layer), &rec) && srn_size_add(in, rec, &total);
  return fits ? total : 0;
}

/* One direction of a pass: the second meets the steps from the last to the first. */
typedef struct run {
  const srn_layer *layer;
  const srn_pass *pass;
  size_t d;
  float *in, *rec, *h, *c;
} run;

static size_t time_of(const run *p, size_t step)
{
  return p->d ? p->pass->n_steps - 1 - step : step;
}

static size_t active_at(const srn_pass *pass, size_t t)
{
  return pass->active ? pass->active[t] : pass->n_sequences;
}

/* Steps from `step` on whose input products are one product: rows are contiguous while every sequence is active. */
static size_t block_length(const run *p, size_t step)
{
  const srn_pass *s = p->pass;
  size_t most = larger(s->block_rows / s->n_sequences, 1);
  if (most > s->n_steps - step) {
    most = s->n_steps - step;
  }
  size_t length = 0;
  while (length < most && active_at(s, time_of(p, step + length)) == s->n_sequences) {
    length++;
  }
  return larger(length, 1);
}

static void save(const run *p, const srn_step *step, size_t t)
{
  const srn_layer *layer = p->layer;
  size_t size = layer->cell->saved_size(layer);
  float *saved = p->pass->saved + (t * p->pass->n_sequences * layer->n_directions + p->d) * size;
  for (size_t n = 0; n < step->n; n++) {
    layer->cell->save(layer, step, n, saved + n * layer->n_directions * size);
  }
}

static void put_out(const run *p, const srn_step *step, size_t t)
{
  size_t width = p->layer->state_size;
  size_t stride = width * p->layer->n_directions;
  float *y = p->pass->y + t * p->pass->n_sequences * stride + p->d * width;
  for (size_t n = 0; n < step->n; n++) {
    memcpy(y + n * stride, step->h + n * width, width * sizeof(float));
  }
}

/* Each step walks the weights back from where the one before it ended. */
static srn_walk walk_of(const srn_pass *pass, size_t step)
{
  return (pass->position + step) % 2 ? SRN_WALK_BACKWARD : SRN_WALK_FORWARD;
}

/* The input products of `rows` frames from `low` on. */
static void multiply_inputs(const run *p, size_t low, size_t rows, srn_walk walk)
{
  const srn_pass *s = p->pass;
  const srn_direction *direction = &p->layer->direction[p->d];
  size_t depth = p->layer->input_size;
  s->engine->product(s->engine, &direction->w_ih, s->x + low * s->n_sequences * depth, depth, direction->bias_in, 0,
                     p->in, p->layer->cell->gates * p->layer->hidden_size, rows, walk);
}

/* `length` steps: their input products in one product, then one recurrent step after the other. A single step that
 * walks backward begins with the weights that the step before it ended with, those of the recurrence. */
static void run_block(const run *p, size_t first, size_t length)
{
  const srn_pass *s = p->pass;
  const srn_cell *cell = p->layer->cell;
  const srn_direction *direction = &p->layer->direction[p->d];
  size_t width = cell->gates * p->layer->hidden_size;
  size_t low = p->d ? time_of(p, first + length - 1) : first;
  size_t rows = length == 1 ? active_at(s, low) : length * s->n_sequences;
  bool backward = length == 1 && cell->recur && walk_of(s, first) == SRN_WALK_BACKWARD;
  if (!backward) {
    multiply_inputs(p, low, rows, walk_of(s, first));
  }
  for (size_t i = 0; i < length; i++) {
    size_t t = time_of(p, first + i);
    srn_step step = {s->engine, active_at(s, t),      p->in + (t - low) * s->n_sequences * width, p->rec, p->h,
                     p->c,      walk_of(s, first + i)};
    if (cell->recur) {
      cell->recur(p->layer, direction, &step);
    }
    if (backward) {
      multiply_inputs(p, low, rows, SRN_WALK_BACKWARD);
    }
    cell->step(p->layer, direction, &step);
    put_out(p, &step, t);
    if (s->saved && cell->save) {
      save(p, &step, t);
    }
  }
}

void srn_layer_forward(const srn_layer *layer, const srn_pass *pass)
{
  size_t n = pass->n_sequences;
  size_t in_size = larger(n, pass->block_rows) * layer->cell->gates * layer->hidden_size;
  for (size_t d = 0; d < layer->n_directions; d++) {
    run p = {layer, pass, d, pass->scratch, pass->scratch + in_size, pass->h + d * n * layer->state_size, NULL};
    if (layer->cell->has_c) {
      p.c = pass->c + d * n * layer->hidden_size;
    }
    for (size_t step = 0; step < pass->n_steps;) {
      size_t length = block_length(&p, step);
      run_block(&p, step, length);
      step += length;
    }
  }
}

/* ---------------------------------------------------------------------------------------------------------- as a node
 */

typedef srn_recurrent_options options;

static const options *options_of(const srn_node *node)
{
  return node->options;
}

static size_t state_size(const options *o)
{
  return (size_t)(o->proj_size ? o->proj_size : o->hidden_size);
}

/* The layer without its weights. */
static srn_layer shape_of(const srn_node *node, const srn_cell *cell)
{
  const options *o = options_of(node);
  return (srn_layer){.cell = cell,
                     .input_size = node->n_inputs,
                     .hidden_size = (size_t)o->hidden_size,
                     .state_size = state_size(o),
                     .n_directions = o->bidirectional ? 2 : 1};
}

const char *srn_recurrent_broken_rule(const void *given)
{
  const options *o = given;
  size_t directions = o->bidirectional ? 2 : 1;
  const struct {
    bool broken;
    const char *text;
  } rules[] = {
      {o->proj_size && o->proj_size >= o->hidden_size, "proj_size must be below hidden_size"},
      {directions * state_size(o) > SRN_MAX_WIDTH, "its width is above 65536"},
      {o->cell && (o->num_layers != 1 || o->bidirectional), "a cell is one layer in one direction"},
      {o->cell && o->proj_size, "a cell has no projection"},
  };
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
    if (rules[i].broken) {
      return rules[i].text;
    }
  }
  return NULL;
}

size_t srn_recurrent_layers(const void *given)
{
  return (size_t)((const options *)given)->num_layers;
}

static size_t arrays_per_direction(const options *o)
{
  return (o->bias ? 4 : 2) + (o->proj_size ? 1 : 0);
}

void srn_recurrent_plan(srn_node *node, const srn_cell *cell)
{
  const options *o = options_of(node);
  srn_layer layer = shape_of(node, cell);
  node->n_directions = layer.n_directions;
  node->n_gates = cell->gates;
  node->n_units = layer.hidden_size;
  node->n_outputs = node->h_size = layer.n_directions * layer.state_size;
  node->c_size = cell->has_c ? layer.n_directions * layer.hidden_size : 0;
  node->saved_size = cell->save ? layer.n_directions * cell->saved_size(&layer) : 0;
  node->n_parameters = layer.n_directions * arrays_per_direction(o);
  node->cell = cell->name;
  node->gates = cell->looks;
  node->low = o->proj_size ? -INFINITY : cell->low;
  node->high = o->proj_size ? INFINITY : cell->high;
  node->dropout = node->layer + 1 < (size_t)o->num_layers ? o->dropout : 0.0;
}

void srn_recurrent_describe(const srn_node *node, const char *what, char *text, size_t size)
{
  const options *o = options_of(node);
  snprintf(text, size, "%s%s%s", what, o->proj_size ? ", projected" : "", o->bidirectional ? ", both directions" : "");
}

/* Places of the arrays of one direction; without biases W_hr follows W_hh. */
typedef enum array_kind { W_IH, W_HH, B_IH, B_HH, W_HR } array_kind;

static array_kind kind_of(const options *o, size_t index)
{
  size_t place = index % arrays_per_direction(o);
  return !o->bias && place == B_IH ? W_HR : (array_kind)place;
}

void srn_recurrent_parameter(const srn_node *node, size_t index, srn_parameter_spec *spec)
{
  static const char *const NAMES[] = {"weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"};
  const options *o = options_of(node);
  array_kind kind = kind_of(o, index);
  char suffix[32] = "";
  if (!o->cell) {
    bool reverse = index >= arrays_per_direction(o);
    snprintf(suffix, sizeof suffix, "_l%zu%s", node->layer, reverse ? "_reverse" : "");
  }
  snprintf(spec->name, sizeof spec->name, "%s%s", NAMES[kind], suffix);
  size_t rows = node->n_gates * node->n_units;
  switch (kind) {
  case W_IH: srn_parameter_set_matrix(spec, rows, node->n_inputs); break;
  case W_HH: srn_parameter_set_matrix(spec, rows, state_size(o)); break;
  case B_IH:
  case B_HH: srn_parameter_set_vector(spec, rows); break;
  case W_HR: srn_parameter_set_matrix(spec, (size_t)o->proj_size, node->n_units); break;
  }
  spec->bound = 1.0 / sqrt((double)node->n_units);
}

static void take_matrix(srn_weights *w, size_t rows, size_t depth, srn_weight_type type, srn_arena *arena)
{
  *w = (srn_weights){{NULL, rows, depth, type}, NULL};
  size_t size = srn_panels_bytes(&w->panels);
  arena->overflow |= size == 0;
  w->panels.weights = srn_arena_take(arena, size, 1);
}

static void take_biases(srn_direction *direction, const srn_cell *cell, size_t rows, srn_arena *arena)
{
  direction->b_ih = srn_arena_take(arena, rows, sizeof(float));
  direction->b_hh = srn_arena_take(arena, rows, sizeof(float));
  direction->bias_in = cell->recur ? direction->b_ih : srn_arena_take(arena, rows, sizeof(float));
  direction->bias_rec = cell->recur ? direction->b_hh : NULL;
}

void *srn_recurrent_lay_out(const srn_node *node, const srn_cell *cell, srn_weight_type type, srn_arena *arena)
{
  const options *o = options_of(node);
  srn_layer local;
  srn_layer *layer = srn_arena_take(arena, 1, sizeof *layer);
  srn_layer *l = layer ? layer : &local;
  *l = shape_of(node, cell);
  size_t rows = cell->gates * l->hidden_size;
  size_t apart = cell->splits_hh ? l->hidden_size : 0;
  for (size_t d = 0; d < l->n_directions; d++) {
    srn_direction *direction = &l->direction[d];
    take_matrix(&direction->w_ih, rows, l->input_size, type, arena);
    take_matrix(&direction->w_hh, rows - apart, l->state_size, type, arena);
    if (apart) {
      take_matrix(&direction->w_hn, apart, l->state_size, type, arena);
    }
    if (o->proj_size) {
      take_matrix(&direction->w_hr, l->state_size, l->hidden_size, type, arena);
    }
    if (o->bias) {
      take_biases(direction, cell, rows, arena);
    }
  }
  return layer;
}

/* The cache owns the memory behind the const pointers of its parts. */
static void *owned(const void *part)
{
  return (void *)(uintptr_t)part;
}

/* Rows of W_hh, which may be two matrices. */
static void set_hh(const srn_direction *d, size_t row, size_t n_rows, const float *values)
{
  size_t depth = d->w_hh.panels.depth;
  size_t rows = d->w_hh.panels.rows;
  size_t front = row >= rows ? 0 : row + n_rows > rows ? rows - row : n_rows;
  srn_panels_set_rows(&d->w_hh.panels, owned(d->w_hh.panels.weights), row, front, values, depth);
  if (front < n_rows) {
    srn_panels_set_rows(&d->w_hn.panels, owned(d->w_hn.panels.weights), row + front - rows, n_rows - front,
                        values + front * depth, depth);
  }
}

static void get_hh(const srn_direction *d, size_t row, size_t n_rows, float *values)
{
  size_t rows = d->w_hh.panels.rows;
  size_t front = row >= rows ? 0 : row + n_rows > rows ? rows - row : n_rows;
  srn_panels_get_rows(&d->w_hh.panels, row, front, values);
  if (front < n_rows) {
    srn_panels_get_rows(&d->w_hn.panels, row + front - rows, n_rows - front, values + front * d->w_hh.panels.depth);
  }
}

static void set_bias(const srn_layer *layer, const srn_direction *d, float *bias, const float *values)
{
  size_t count = layer->cell->gates * layer->hidden_size;
  memcpy(bias, values, count * sizeof *bias);
  float *folded = owned(d->bias_in);
  for (size_t i = 0; !layer->cell->recur && i < count; i++) {
    folded[i] = d->b_ih[i] + d->b_hh[i];
  }
}

void srn_recurrent_set_rows(const srn_node *node, void *part, size_t index, size_t row, size_t n_rows,
                            const float *values)
{
  srn_layer *layer = part;
  const srn_direction *d = &layer->direction[index / arrays_per_direction(options_of(node))];
  const srn_panels *ih = &d->w_ih.panels;
  const srn_panels *hr = &d->w_hr.panels;
  switch (kind_of(options_of(node), index)) {
  case W_IH: srn_panels_set_rows(ih, owned(ih->weights), row, n_rows, values, ih->depth); break;
  case W_HH: set_hh(d, row, n_rows, values); break;
  case B_IH: set_bias(layer, d, d->b_ih, values); break;
  case B_HH: set_bias(layer, d, d->b_hh, values); break;
  case W_HR: srn_panels_set_rows(hr, owned(hr->weights), row, n_rows, values, hr->depth); break;
  }
}

void srn_recurrent_get_rows(const srn_node *node, const void *part, size_t index, size_t row, size_t n_rows,
                            float *values)
{
  const srn_layer *layer = part;
  const srn_direction *d = &layer->direction[index / arrays_per_direction(options_of(node))];
  size_t bias_bytes = layer->cell->gates * layer->hidden_size * sizeof *values;
  switch (kind_of(options_of(node), index)) {
  case W_IH: srn_panels_get_rows(&d->w_ih.panels, row, n_rows, values); break;
  case W_HH: get_hh(d, row, n_rows, values); break;
  case B_IH: memcpy(values, d->b_ih, bias_bytes); break;
  case B_HH: memcpy(values, d->b_hh, bias_bytes); break;
  case W_HR: srn_panels_get_rows(&d->w_hr.panels, row, n_rows, values); break;
  }
}

size_t srn_recurrent_scratch(const srn_node *node, const srn_cell *cell, size_t n_sequences, size_t block_rows)
{
  srn_layer layer = shape_of(node, cell);
  return srn_layer_scratch(&layer, n_sequences, block_rows);
}

void srn_recurrent_forward(const srn_node *node, const void *part, const srn_pass *pass)
{
  (void)node;
  srn_layer_forward(part, pass);
}
