/* The per-bin normaliser: fixed numbers from a corpus, never from the input itself. */
#include "nn/normaliser.h"

void srn_normaliser_forward(const float *mean, const float *scale, const float *x, float *y, size_t n, size_t width)
{
  for (size_t row = 0; row < n; row++) {
    for (size_t i = 0; i < width; i++) {
      y[row * width + i] = (x[row * width + i] - mean[i]) * scale[i];
    }
  }
}
