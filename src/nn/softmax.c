/* Softmax over the features of a row: exp(x - max) / sum, the sum taken in order. */
#include <string.h>

#include "nn/kind.h"

typedef struct options {
  char nothing;
} options;

static const options DEFAULTS = {0};
static const specrnn_option_table TABLE = {"softmax", NULL, 0, sizeof DEFAULTS, &DEFAULTS};

static void plan(srn_node *node)
{
  node->n_outputs = node->n_units = node->n_inputs;
  node->n_directions = node->n_gates = 1;
  node->high = 1.0;
}

static void softmax_row(const srn_engine *engine, float *x, size_t width)
{
  float top = x[0];
  for (size_t i = 1; i < width; i++) {
    top = x[i] > top ? x[i] : top;
  }
  for (size_t i = 0; i < width; i++) {
    x[i] -= top;
  }
  engine->kernels->exp(x, x, width);
  float sum = 0.0F;
  for (size_t i = 0; i < width; i++) {
    sum += x[i];
  }
  for (size_t i = 0; i < width; i++) {
    x[i] /= sum;
  }
}

static void forward(const srn_node *node, const void *part, const srn_pass *pass)
{
  (void)part;
  size_t n = pass->n_steps * pass->n_sequences;
  size_t width = node->n_outputs;
  if (pass->y != pass->x) {
    memcpy(pass->y, pass->x, n * width * sizeof *pass->y);
  }
  for (size_t row = 0; row < n; row++) {
    softmax_row(pass->engine, pass->y + row * width, width);
  }
}

const srn_kind SRN_KIND_SOFTMAX = {
    .name = "softmax",
    .title = "softmax",
    .help = "exp(x) over its sum over the features of a frame",
    .options = &TABLE,
    .in_place = true,
    .plan = plan,
    .forward = forward,
};
