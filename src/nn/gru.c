/* The GRU cell, rows r, z, n:  h' = (1 - z) n + z h, with the reset gate after or before the recurrent product. */
#include <string.h>

#include "nn/recurrent.h"

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

/* Of either form: gates r, z, n (3, H) after their nonlinearities, and (H) W_hn h + b_hn, or W_hn (r h) + b_hn. */
static size_t saved_size(const srn_layer *layer)
{
  return (GATES + 1) * layer->hidden_size;
}

/* s(in + rec) of gates r and z, as the kernels take them. */
static void save_r_z(const srn_kernels *kernels, const float *in, const float *rec, float *gates, size_t width)
{
  for (size_t i = 0; i < GATE_N * width; i++) {
    gates[i] = in[i] + rec[i];
  }
  kernels->sigmoid(gates, gates, GATE_N * width);
}

static void save_after(const srn_layer *layer, const srn_step *step, size_t row, float *saved)
{
  size_t width = layer->hidden_size;
  const float *in = step->in + row * GATES * width;
  const float *rec = step->rec + row * GATES * width;
  const srn_kernels *kernels = step->engine->kernels;
  save_r_z(kernels, in, rec, saved, width);
  const float *r = saved + GATE_R * width;
  float *n = saved + GATE_N * width;
  for (size_t i = 0; i < width; i++) {
    float in_n = in[GATE_N * width + i];
    float rec_n = rec[GATE_N * width + i];
    n[i] = r[i] * rec_n + in_n;
  }
  kernels->tanh(n, n, width);
  memcpy(saved + GATES * width, rec + GATE_N * width, width * sizeof *saved);
}

static const srn_gate LOOKS[] = {{"reset gate r", 0.0, 1.0}, {"update gate z", 0.0, 1.0}, {"candidate n", -1.0, 1.0}};

const srn_cell SRN_CELL_GRU_RESET_AFTER = {"gru", GATES,          LOOKS,       -1.0,       1.0,        false,
                                           false, rec_size_after, recur_after, step_after, saved_size, save_after};

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

static void save_before(const srn_layer *layer, const srn_step *step, size_t row, float *saved)
{
  size_t width = layer->hidden_size;
  const float *in = step->in + row * GATES * width;
  const float *rec = step->rec + row * BEFORE_PARTS * width;
  save_r_z(step->engine->kernels, in, rec, saved, width);
  float *n = saved + GATE_N * width;
  for (size_t i = 0; i < width; i++) {
    n[i] = in[GATE_N * width + i] + rec[GATE_N * width + i];
  }
  step->engine->kernels->tanh(n, n, width);
  memcpy(saved + GATES * width, rec + GATE_N * width, width * sizeof *saved);
}

const srn_cell SRN_CELL_GRU_RESET_BEFORE = {"gru", GATES,           LOOKS,        -1.0,        1.0,        false,
                                            true,  rec_size_before, recur_before, step_before, saved_size, save_before};

/* ---------------------------------------------------------------------------------------------------------- the kind
 */

static const char *const RESETS[] = {"after", "before", NULL};

static const specrnn_option OPTIONS[] = {
    SRN_OPTION_HIDDEN_SIZE,
    SRN_OPTION_NUM_LAYERS,
    {"gru_reset", SPECRNN_OPTION_CHOICE, SRN_RECURRENT_FIELD(reset), 0, 0, RESETS, NULL, 0, NULL,
     "whether the reset gate acts after or before the recurrent product"},
    SRN_OPTION_BIAS,
    SRN_OPTION_DROPOUT,
    SRN_OPTION_BIDIRECTIONAL,
    SRN_OPTION_CELL,
};

static const srn_recurrent_options DEFAULTS = SRN_RECURRENT_OPTIONS_INIT;
static const specrnn_option_table TABLE = {"gru", OPTIONS, sizeof OPTIONS / sizeof *OPTIONS, sizeof DEFAULTS,
                                           &DEFAULTS};

static const srn_cell *cell_of(const srn_node *node)
{
  static const srn_cell *const CELLS[] = {&SRN_CELL_GRU_RESET_AFTER, &SRN_CELL_GRU_RESET_BEFORE};
  return CELLS[((const srn_recurrent_options *)node->options)->reset];
}

static void plan(srn_node *node)
{
  srn_recurrent_plan(node, cell_of(node));
}

static void describe(const srn_node *node, char *text, size_t size)
{
  bool before = cell_of(node) == &SRN_CELL_GRU_RESET_BEFORE;
  srn_recurrent_describe(node, before ? "GRU, reset before" : "GRU", text, size);
}

static void *lay_out(const srn_node *node, srn_weight_type type, srn_arena *arena)
{
  return srn_recurrent_lay_out(node, cell_of(node), type, arena);
}

static size_t scratch(const srn_node *node, size_t n_sequences, size_t block_rows)
{
  return srn_recurrent_scratch(node, cell_of(node), n_sequences, block_rows);
}

static void observe(const srn_node *node, const float *saved, const float *y, float *gates, float *cell)
{
  (void)y;
  (void)cell;
  size_t width = GATES * node->n_units;
  size_t size = node->saved_size / node->n_directions;
  for (size_t d = 0; gates && d < node->n_directions; d++) {
    memcpy(gates + d * width, saved + d * size, width * sizeof *gates);
  }
}

const srn_kind SRN_KIND_GRU = {
    .name = "gru",
    .title = "GRU",
    .help = "h' = (1 - z) n + z h, with the reset gate after or before the recurrent product",
    .options = &TABLE,
    .broken_rule = srn_recurrent_broken_rule,
    .n_layers = srn_recurrent_layers,
    .plan = plan,
    .describe = describe,
    .parameter = srn_recurrent_parameter,
    .lay_out = lay_out,
    .set_rows = srn_recurrent_set_rows,
    .get_rows = srn_recurrent_get_rows,
    .scratch = scratch,
    .forward = srn_recurrent_forward,
    .observe = observe,
};
