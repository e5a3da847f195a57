/* Dropout by counter: which numbers survive depends on their place alone, not on the order of the work, on padding, or
 * on who else is in the batch. Unit j of a row of `width` at time t of a sequence becomes 0 where number
 * t * width + j of the uniform numbers of
 *
 *     k = mix(mix(mix(mix(seed) ^ step) ^ FNV-1a of the node's name) ^ id of the sequence)
 *
 * is below p, else x / (1 - p): "inverted" dropout, as torch.nn.functional.dropout; mix(z) is number 0 of the random
 * numbers of z. Outside of training nothing happens. */
#include <math.h>
#include <string.h>

#include "core/rng.h"
#include "nn/kind.h"

static const specrnn_option OPTIONS[] = {
    {"p", SPECRNN_OPTION_DOUBLE, offsetof(srn_dropout_options, p), 0, 0.999999, NULL, NULL, 0, NULL,
     "probability that a number is dropped in training"},
};

static const srn_dropout_options DEFAULTS = {0.5};
static const specrnn_option_table TABLE = {"dropout", OPTIONS, sizeof OPTIONS / sizeof *OPTIONS, sizeof DEFAULTS,
                                           &DEFAULTS};

static void plan(srn_node *node)
{
  node->n_outputs = node->n_units = node->n_inputs;
  node->n_directions = node->n_gates = 1;
  node->low = -INFINITY;
  node->high = INFINITY;
}

static uint64_t mix(uint64_t z)
{
  return srn_random_bits(z, 0);
}

static void drop_row(float *y, const float *x, size_t width, double p, uint64_t key, uint64_t first)
{
  float scale = (float)(1.0 / (1.0 - p));
  for (size_t j = 0; j < width; j++) {
    y[j] = srn_random_uniform(key, first + j) < p ? 0.0F : x[j] * scale;
  }
}

static void forward(const srn_node *node, const void *part, const srn_pass *pass)
{
  (void)part;
  size_t width = node->n_outputs;
  size_t n = pass->n_sequences;
  const srn_training *training = pass->training;
  if (!training) {
    if (pass->y != pass->x) {
      memcpy(pass->y, pass->x, pass->n_steps * n * width * sizeof *pass->y);
    }
    return;
  }
  double p = ((const srn_dropout_options *)node->options)->p;
  uint64_t key = mix(mix(mix(training->seed) ^ training->step) ^ node->key);
  for (size_t s = 0; s < pass->n_steps; s++) {
    uint64_t t = training->first_frame + pass->first_step + s;
    for (size_t i = 0; i < n; i++) {
      size_t row = (s * n + i) * width;
      drop_row(pass->y + row, pass->x + row, width, p, mix(key ^ training->sequence_ids[i]), t * width);
    }
  }
}

const srn_kind SRN_KIND_DROPOUT = {
    .name = "dropout",
    .title = "dropout",
    .help = "in training drops numbers at random",
    .options = &TABLE,
    .in_place = true,
    .plan = plan,
    .forward = forward,
};
