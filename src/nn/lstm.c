/* The LSTM cell, rows i, f, g, o:  c' = s(f) c + s(i) tanh(g);  h' = s(o) tanh(c'), or W_hr of that. */
#include <string.h>

#include "nn/recurrent.h"

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

/* Gates (4, H) after their nonlinearities, c (H), and with a projection the output before it (H). */
static size_t saved_size(const srn_layer *layer)
{
  return (GATES + 1) * layer->hidden_size + rec_size(layer);
}

static void save(const srn_layer *layer, const srn_step *step, size_t row, float *saved)
{
  size_t width = layer->hidden_size;
  const float *pre = step->in + row * GATES * width;
  const srn_kernels *kernels = step->engine->kernels;
  kernels->sigmoid(pre + GATE_I * width, saved + GATE_I * width, (GATE_F - GATE_I + 1) * width);
  kernels->tanh(pre + GATE_G * width, saved + GATE_G * width, width);
  kernels->sigmoid(pre + GATE_O * width, saved + GATE_O * width, width);
  memcpy(saved + GATES * width, step->c + row * width, width * sizeof *saved);
  if (rec_size(layer)) {
    memcpy(saved + (GATES + 1) * width, step->rec + row * width, width * sizeof *saved);
  }
}

static const srn_gate LOOKS[] = {
    {"input gate i", 0.0, 1.0}, {"forget gate f", 0.0, 1.0}, {"candidate g", -1.0, 1.0}, {"output gate o", 0.0, 1.0}};

const srn_cell SRN_CELL_LSTM = {"lstm", GATES,    LOOKS, -1.0,      1.0,        true,
                                false,  rec_size, NULL,  step_lstm, saved_size, save};

/* ---------------------------------------------------------------------------------------------------------- the kind
 */

static const specrnn_option OPTIONS[] = {
    SRN_OPTION_HIDDEN_SIZE,
    {"proj_size", SPECRNN_OPTION_INT, SRN_RECURRENT_FIELD(proj_size), 0, SRN_MAX_WIDTH, NULL, "none", 0, NULL,
     "width of the projected output"},
    SRN_OPTION_NUM_LAYERS,
    SRN_OPTION_BIAS,
    SRN_OPTION_DROPOUT,
    SRN_OPTION_BIDIRECTIONAL,
    SRN_OPTION_CELL,
};

static const srn_recurrent_options DEFAULTS = SRN_RECURRENT_OPTIONS_INIT;
static const specrnn_option_table TABLE = {"lstm", OPTIONS, sizeof OPTIONS / sizeof *OPTIONS, sizeof DEFAULTS,
                                           &DEFAULTS};

static void plan(srn_node *node)
{
  srn_recurrent_plan(node, &SRN_CELL_LSTM);
}

static void describe(const srn_node *node, char *text, size_t size)
{
  srn_recurrent_describe(node, "LSTM", text, size);
}

static void *lay_out(const srn_node *node, srn_weight_type type, srn_arena *arena)
{
  return srn_recurrent_lay_out(node, &SRN_CELL_LSTM, type, arena);
}

static size_t scratch(const srn_node *node, size_t n_sequences, size_t block_rows)
{
  return srn_recurrent_scratch(node, &SRN_CELL_LSTM, n_sequences, block_rows);
}

static void observe(const srn_node *node, const float *saved, const float *y, float *gates, float *cell)
{
  (void)y;
  size_t width = node->n_units;
  size_t size = node->saved_size / node->n_directions;
  for (size_t d = 0; d < node->n_directions; d++, saved += size) {
    if (gates) {
      memcpy(gates + d * GATES * width, saved, GATES * width * sizeof *gates);
    }
    if (cell) {
      memcpy(cell + d * width, saved + GATES * width, width * sizeof *cell);
    }
  }
}

const srn_kind SRN_KIND_LSTM = {
    .name = "lstm",
    .title = "LSTM",
    .help = "c' = s(f) c + s(i) tanh(g); h' = s(o) tanh(c'), or W_hr of that",
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
