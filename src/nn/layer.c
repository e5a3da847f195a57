/* A recurrent layer over time: blocks of input products, then the recurrence, in one direction or both. */
#include "nn/layer.h"

#include <string.h>

#include "core/checked.h"

static void product_inference(const srn_engine *engine, const srn_weights *w, const float *x, size_t x_stride,
                              const float *init, size_t init_stride, float *y, size_t y_stride, size_t frames,
                              srn_walk walk)
{
  engine->kernels->product(&w->panels, x, x_stride, init, init_stride, y, y_stride, frames, walk);
}

srn_engine srn_engine_inference(void)
{
  return (srn_engine){srn_kernels_get(), product_inference};
}

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

/* One direction of a sweep: `reverse` meets the steps from the last to the first. */
typedef struct pass {
  const srn_layer *layer;
  const srn_sweep *sweep;
  size_t d;
  float *in, *rec, *h, *c;
} pass;

static size_t time_of(const pass *p, size_t step)
{
  return p->d ? p->sweep->n_steps - 1 - step : step;
}

static size_t active_at(const srn_sweep *sweep, size_t t)
{
  return sweep->active ? sweep->active[t] : sweep->n_sequences;
}

/* Steps from `step` on whose input products are one product: rows are contiguous while every sequence is active. */
static size_t block_length(const pass *p, size_t step)
{
  const srn_sweep *s = p->sweep;
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

static void observe(const pass *p, const srn_step *step, size_t t)
{
  const srn_trace *trace = p->sweep->trace;
  const srn_layer *layer = p->layer;
  size_t n_gates = layer->cell->gates;
  size_t width = layer->hidden_size;
  for (size_t n = 0; n < step->n; n++) {
    size_t place = trace->order ? trace->order[n] : n;
    size_t row = (t * trace->step_stride + place * trace->sequence_stride) * layer->n_directions + p->d;
    if (trace->gates) {
      layer->cell->observe(layer, step, n, trace->gates + row * n_gates * width);
    }
    if (trace->cell && layer->cell->has_c) {
      memcpy(trace->cell + row * width, step->c + n * width, width * sizeof(float));
    }
  }
}

static void put_out(const pass *p, const srn_step *step, size_t t)
{
  size_t width = p->layer->state_size;
  size_t stride = width * p->layer->n_directions;
  float *y = p->sweep->y + t * p->sweep->n_sequences * stride + p->d * width;
  for (size_t n = 0; n < step->n; n++) {
    memcpy(y + n * stride, step->h + n * width, width * sizeof(float));
  }
}

/* Each step walks the weights back from where the one before it ended. */
static srn_walk walk_of(const srn_sweep *sweep, size_t step)
{
  return (sweep->position + step) % 2 ? SRN_WALK_BACKWARD : SRN_WALK_FORWARD;
}

/* The input products of `rows` frames from `low` on. */
static void multiply_inputs(const pass *p, size_t low, size_t rows, srn_walk walk)
{
  const srn_sweep *s = p->sweep;
  const srn_direction *direction = &p->layer->direction[p->d];
  size_t depth = p->layer->input_size;
  s->engine->product(s->engine, &direction->w_ih, s->x + low * s->n_sequences * depth, depth, direction->bias_in, 0,
                     p->in, p->layer->cell->gates * p->layer->hidden_size, rows, walk);
}

/* `length` steps: their input products in one product, then one recurrent step after the other. A single step that
 * walks backward begins with the weights that the step before it ended with, those of the recurrence. */
static void run_block(const pass *p, size_t first, size_t length)
{
  const srn_sweep *s = p->sweep;
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
    if (s->trace) {
      observe(p, &step, t);
    }
  }
}

void srn_layer_forward(const srn_layer *layer, const srn_sweep *sweep)
{
  size_t n = sweep->n_sequences;
  size_t in_size = larger(n, sweep->block_rows) * layer->cell->gates * layer->hidden_size;
  for (size_t d = 0; d < layer->n_directions; d++) {
    pass p = {layer, sweep, d, sweep->scratch, sweep->scratch + in_size, sweep->h + d * n * layer->state_size, NULL};
    if (layer->cell->has_c) {
      p.c = sweep->c + d * n * layer->hidden_size;
    }
    for (size_t step = 0; step < sweep->n_steps;) {
      size_t length = block_length(&p, step);
      run_block(&p, step, length);
      step += length;
    }
  }
}
