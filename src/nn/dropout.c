/* Dropout by counter: which elements survive depends on their place alone, not on the order of the work. */
#include "core/rng.h"
#include "nn/layer.h"

void srn_dropout_forward(float *x, size_t width, double p, uint64_t seed, uint64_t first)
{
  float scale = (float)(1.0 / (1.0 - p));
  for (size_t i = 0; i < width; i++) {
    x[i] = srn_random_uniform(seed, first + i) < p ? 0.0F : x[i] * scale;
  }
}
