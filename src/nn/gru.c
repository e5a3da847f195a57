/* The GRU cell, rows r, z, n:  h' = (1 - z) n + z h, with the reset gate after or before the recurrent product. */
#include "nn/layer.h"

enum { GATES = 3, GATE_R = 0, GATE_Z, GATE_N };

/* ------------------------------------------------------------------- reset after: n = tanh(in_n + r (W_hn h + b_hn))
 */

static size_t rec_size_after(const srn_layer *layer)
{
  return GATES * layer->hidden_size;
}

static void recur_after(const srn_layer *layer, const srn_direction *direction, const srn_step *step)
{
  size_t width = layer->hidden_size;
  step->engine->product(step->engine, &direction->w_hh, step->h, width, direction->bias_rec, 0, step->rec,
                        GATES * width, step->n, step->walk);
}

static void step_after(const srn_layer *layer, const srn_direction *direction, const srn_step *step)
{
  (void)direction;
  size_t width = layer->hidden_size;
  for (size_t n = 0; n < step->n; n++) {
    step->engine->kernels->gru(step->in + n * GATES * width, step->rec + n * GATES * width, step->h + n * width, width);
  }
}

/* s(in + rec) of gates r and z, as the kernels take them. */
static void observe_r_z(const srn_kernels *kernels, const float *in, const float *rec, float *gates, size_t width)
{
  for (size_t i = 0; i < GATE_N * width; i++) {
    gates[i] = in[i] + rec[i];
  }
  kernels->sigmoid(gates, gates, GATE_N * width);
}

static void observe_after(const srn_layer *layer, const srn_step *step, size_t row, float *gates)
{
  size_t width = layer->hidden_size;
  const float *in = step->in + row * GATES * width;
  const float *rec = step->rec + row * GATES * width;
  const srn_kernels *kernels = step->engine->kernels;
  observe_r_z(kernels, in, rec, gates, width);
  const float *r = gates + GATE_R * width;
  float *n = gates + GATE_N * width;
  for (size_t i = 0; i < width; i++) {
    float in_n = in[GATE_N * width + i];
    float rec_n = rec[GATE_N * width + i];
    n[i] = r[i] * rec_n + in_n;
  }
  kernels->tanh(n, n, width);
}

const srn_cell SRN_CELL_GRU_RESET_AFTER = {"GRU reset after", GATES,      false,        rec_size_after,
                                           recur_after,       step_after, observe_after};

/* -------------------------------------------------------------------- reset before: n = tanh(in_n + W_hn (r h) + b_hn)
 */

/* Per sequence: rec (3, H), then r h (H). */
enum { BEFORE_PARTS = GATES + 1 };

static size_t rec_size_before(const srn_layer *layer)
{
  return BEFORE_PARTS * layer->hidden_size;
}

static void recur_before(const srn_layer *layer, const srn_direction *direction, const srn_step *step)
{
  size_t width = layer->hidden_size;
  step->engine->product(step->engine, &direction->w_hh, step->h, width, direction->bias_rec, 0, step->rec,
                        BEFORE_PARTS * width, step->n, step->walk);
}

static void step_before(const srn_layer *layer, const srn_direction *direction, const srn_step *step)
{
  size_t width = layer->hidden_size;
  size_t stride = BEFORE_PARTS * width;
  const srn_engine *engine = step->engine;
  const float *bias = direction->bias_rec;
  float *reset = step->rec + GATES * width;
  for (size_t n = 0; n < step->n; n++) {
    engine->kernels->gru_reset(step->in + n * GATES * width, step->rec + n * stride, step->h + n * width,
                               reset + n * stride, width);
  }
  engine->product(engine, &direction->w_hn, reset, stride, bias ? bias + GATE_N * width : NULL, 0,
                  step->rec + GATE_N * width, stride, step->n, step->walk);
  for (size_t n = 0; n < step->n; n++) {
    engine->kernels->gru_update(step->in + (n * GATES + GATE_Z) * width, step->rec + n * stride + GATE_Z * width,
                                step->h + n * width, width);
  }
}

static void observe_before(const srn_layer *layer, const srn_step *step, size_t row, float *gates)
{
  size_t width = layer->hidden_size;
  const float *in = step->in + row * GATES * width;
  const float *rec = step->rec + row * BEFORE_PARTS * width;
  observe_r_z(step->engine->kernels, in, rec, gates, width);
  float *n = gates + GATE_N * width;
  for (size_t i = 0; i < width; i++) {
    n[i] = in[GATE_N * width + i] + rec[GATE_N * width + i];
  }
  step->engine->kernels->tanh(n, n, width);
}

const srn_cell SRN_CELL_GRU_RESET_BEFORE = {"GRU reset before", GATES,       false,         rec_size_before,
                                            recur_before,       step_before, observe_before};
