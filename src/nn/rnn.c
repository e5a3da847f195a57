/* The plain recurrent cell: h' = act(W_ih x + b_ih + W_hh h + b_hh), act tanh or relu. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "nn/recurrent.h"

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

/* The gate is the state itself, which stands in y. */
static const srn_gate TANH_LOOKS[] = {{"activation h", -1.0, 1.0}};
static const srn_gate RELU_LOOKS[] = {{"activation h", 0.0, INFINITY}};

const srn_cell SRN_CELL_RNN_TANH = {"tanh", 1,        TANH_LOOKS, -1.0,      1.0,  false,
                                    false,  rec_size, NULL,       step_tanh, NULL, NULL};
const srn_cell SRN_CELL_RNN_RELU = {"relu", 1,        RELU_LOOKS, 0.0,       INFINITY, false,
                                    false,  rec_size, NULL,       step_relu, NULL,     NULL};

/* ---------------------------------------------------------------------------------------------------------- the kind
 */

static const char *const NONLINEARITIES[] = {"tanh", "relu", NULL};

static const specrnn_option OPTIONS[] = {
    SRN_OPTION_HIDDEN_SIZE,
    SRN_OPTION_NUM_LAYERS,
    {"nonlinearity", SPECRNN_OPTION_CHOICE, SRN_RECURRENT_FIELD(nonlinearity), 0, 0, NONLINEARITIES, NULL, 0, NULL,
     "of the sum of the products"},
    SRN_OPTION_BIAS,
    SRN_OPTION_DROPOUT,
    SRN_OPTION_BIDIRECTIONAL,
    SRN_OPTION_CELL,
};

static const srn_recurrent_options DEFAULTS = SRN_RECURRENT_OPTIONS_INIT;
static const specrnn_option_table TABLE = {"rnn", OPTIONS, sizeof OPTIONS / sizeof *OPTIONS, sizeof DEFAULTS,
                                           &DEFAULTS};

static const srn_cell *cell_of(const srn_node *node)
{
  static const srn_cell *const CELLS[] = {&SRN_CELL_RNN_TANH, &SRN_CELL_RNN_RELU};
  return CELLS[((const srn_recurrent_options *)node->options)->nonlinearity];
}

static void plan(srn_node *node)
{
  srn_recurrent_plan(node, cell_of(node));
}

static void describe(const srn_node *node, char *text, size_t size)
{
  char what[32];
  snprintf(what, sizeof what, "RNN %s", node->cell);
  srn_recurrent_describe(node, what, text, size);
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
  (void)saved;
  (void)cell;
  if (gates) {
    memcpy(gates, y, node->n_outputs * sizeof *gates);
  }
}

const srn_kind SRN_KIND_RNN = {
    .name = "rnn",
    .title = "RNN",
    .help = "h' = tanh or relu of W_ih x + b_ih + W_hh h + b_hh",
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
