/* The plain recurrent cell: h' = act(W_ih x + b_ih + W_hh h + b_hh), act tanh or relu. */
#include <string.h>

#include "nn/layer.h"

static size_t rec_size(const srn_layer *layer)
{
  (void)layer;
  return 0;
}

static void add_recurrent(const srn_layer *layer, const srn_direction *direction, const srn_step *step)
{
  step->engine->product(step->engine, &direction->w_hh, step->h, layer->state_size, step->in, layer->hidden_size,
                        step->in, layer->hidden_size, step->n, step->walk);
}

static void step_tanh(const srn_layer *layer, const srn_direction *direction, const srn_step *step)
{
  add_recurrent(layer, direction, step);
  step->engine->kernels->tanh(step->in, step->h, step->n * layer->hidden_size);
}

static void step_relu(const srn_layer *layer, const srn_direction *direction, const srn_step *step)
{
  add_recurrent(layer, direction, step);
  step->engine->kernels->relu(step->in, step->h, step->n * layer->hidden_size);
}

static void observe(const srn_layer *layer, const srn_step *step, size_t row, float *gates)
{
  memcpy(gates, step->h + row * layer->hidden_size, layer->hidden_size * sizeof(float));
}

const srn_cell SRN_CELL_RNN_TANH = {"RNN tanh", 1, false, rec_size, NULL, step_tanh, observe};
const srn_cell SRN_CELL_RNN_RELU = {"RNN relu", 1, false, rec_size, NULL, step_relu, observe};
