/* The LSTM cell, rows i, f, g, o:  c' = s(f) c + s(i) tanh(g);  h' = s(o) tanh(c'), or W_hr of that. */
#include <string.h>

#include "nn/layer.h"

enum { GATES = 4, GATE_I = 0, GATE_F, GATE_G, GATE_O };

/* With a projection the cell's own output waits here for W_hr. */
static size_t rec_size(const srn_layer *layer)
{
  return layer->state_size == layer->hidden_size ? 0 : layer->hidden_size;
}

static void step_lstm(const srn_layer *layer, const srn_direction *direction, const srn_step *step)
{
  size_t width = layer->hidden_size;
  bool projected = direction->w_hr.panels.rows != 0;
  float *full = projected ? step->rec : step->h;
  step->engine->product(step->engine, &direction->w_hh, step->h, layer->state_size, step->in, GATES * width, step->in,
                        GATES * width, step->n, step->walk);
  for (size_t n = 0; n < step->n; n++) {
    step->engine->kernels->lstm(step->in + n * GATES * width, step->c + n * width, full + n * width, width);
  }
  if (projected) {
    step->engine->product(step->engine, &direction->w_hr, full, width, NULL, 0, step->h, layer->state_size, step->n,
                          step->walk);
  }
}

static void observe(const srn_layer *layer, const srn_step *step, size_t row, float *gates)
{
  size_t width = layer->hidden_size;
  const float *pre = step->in + row * GATES * width;
  const srn_kernels *kernels = step->engine->kernels;
  kernels->sigmoid(pre + GATE_I * width, gates + GATE_I * width, (GATE_F - GATE_I + 1) * width);
  kernels->tanh(pre + GATE_G * width, gates + GATE_G * width, width);
  kernels->sigmoid(pre + GATE_O * width, gates + GATE_O * width, width);
}

const srn_cell SRN_CELL_LSTM = {"LSTM", GATES, true, rec_size, NULL, step_lstm, observe};
