/* The linear layer: y = W x + b, (n, I) -> (n, O). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "nn/kind.h"

typedef struct options {
  int output_size;
  bool bias;
} options;

#define FIELD(name) offsetof(options, name)

static const specrnn_option OPTIONS[] = {
    {"output_size", SPECRNN_OPTION_INT, FIELD(output_size), 1, SRN_MAX_WIDTH, NULL, NULL, 0, NULL,
     "features put out per frame"},
    {"bias", SPECRNN_OPTION_BOOL, FIELD(bias), 0, 1, NULL, NULL, 0, NULL, "add a bias vector"},
};

static const options DEFAULTS = {0, true};
static const specrnn_option_table TABLE = {"linear", OPTIONS, sizeof OPTIONS / sizeof *OPTIONS, sizeof DEFAULTS,
                                           &DEFAULTS};

/* In a cache. */
typedef struct linear {
  srn_weights weight; /* (O, I) */
  float *bias;        /* (O), or NULL */
} linear;

static void plan(srn_node *node)
{
  const options *o = node->options;
  node->n_outputs = node->n_units = (size_t)o->output_size;
  node->n_directions = node->n_gates = 1;
  node->n_parameters = o->bias ? 2 : 1;
  node->low = -INFINITY;
  node->high = INFINITY;
}

static void parameter(const srn_node *node, size_t index, srn_parameter_spec *spec)
{
  snprintf(spec->name, sizeof spec->name, "%s", index ? "bias" : "weight");
  if (index) {
    srn_parameter_set_vector(spec, node->n_outputs);
  } else {
    srn_parameter_set_matrix(spec, node->n_outputs, node->n_inputs);
  }
  spec->bound = 1.0 / sqrt((double)node->n_inputs);
}

static void *lay_out(const srn_node *node, srn_weight_type type, srn_arena *arena)
{
  linear local;
  linear *part = srn_arena_take(arena, 1, sizeof *part);
  linear *l = part ? part : &local;
  l->weight = (srn_weights){{NULL, node->n_outputs, node->n_inputs, type}, NULL};
  size_t size = srn_panels_bytes(&l->weight.panels);
  arena->overflow |= size == 0;
  l->weight.panels.weights = srn_arena_take(arena, size, 1);
  bool bias = ((const options *)node->options)->bias;
  l->bias = bias ? srn_arena_take(arena, node->n_outputs, sizeof *l->bias) : NULL;
  return part;
}

static void set_rows(const srn_node *node, void *part, size_t index, size_t row, size_t n_rows, const float *values)
{
  linear *l = part;
  if (index) {
    memcpy(l->bias, values, node->n_outputs * sizeof *values);
  } else {
    void *packed = (void *)(uintptr_t)l->weight.panels.weights; /* the cache's own */
    srn_panels_set_rows(&l->weight.panels, packed, row, n_rows, values, node->n_inputs);
  }
}

static void get_rows(const srn_node *node, const void *part, size_t index, size_t row, size_t n_rows, float *values)
{
  const linear *l = part;
  if (index) {
    memcpy(values, l->bias, node->n_outputs * sizeof *values);
  } else {
    srn_panels_get_rows(&l->weight.panels, row, n_rows, values);
  }
}

static void forward(const srn_node *node, const void *part, const srn_pass *pass)
{
  const linear *l = part;
  size_t n = pass->n_steps * pass->n_sequences;
  pass->engine->product(pass->engine, &l->weight, pass->x, node->n_inputs, l->bias, 0, pass->y, node->n_outputs, n,
                        SRN_WALK_FORWARD);
}

const srn_kind SRN_KIND_LINEAR = {
    .name = "linear",
    .title = "linear",
    .help = "y = W x + b",
    .options = &TABLE,
    .plan = plan,
    .parameter = parameter,
    .lay_out = lay_out,
    .set_rows = set_rows,
    .get_rows = get_rows,
    .forward = forward,
};
