/* Deltas: Savitzky-Golay derivatives and the regression form.
 *
 * The derivative of order d of a polynomial of degree d is a constant, so that scipy's "interp" edges (the polynomial
 * through the first and last rows, evaluated where they stand) equal the nearest row that has all its neighbours. */
#include "features/delta.h"

#include <stdlib.h>
#include <string.h>

#include "core/checked.h"
#include "core/fpu.h"

srn_delta_weights srn_delta_weights_of(int width, int order)
{
  double s0 = width;
  double s2 = 0.0;
  double s4 = 0.0;
  for (int n = 1; n <= width / 2; n++) {
    double square = (double)n * n;
    s2 += 2.0 * square;
    s4 += 2.0 * square * square;
  }
  if (order == 1) {
    return (srn_delta_weights){.linear = 1.0 / s2};
  }
  double determinant = s0 * s4 - s2 * s2;
  return (srn_delta_weights){.square = 2.0 * s0 / determinant, .constant = -2.0 * s2 / determinant};
}

static size_t clamp(int64_t t, size_t low, size_t high)
{
  if (t < (int64_t)low) {
    return low;
  }
  return t > (int64_t)high ? high : (size_t)t;
}

/* One pass; the rows that stand around row t are taken `inside` the input whole, or with its ends held. */
static void differentiate(float *deltas, const float *rows, size_t n_rows, size_t n_bins, int width, int order,
                          bool inside)
{
  srn_fpu_mode mode = srn_fpu_enter();
  srn_delta_weights weights = srn_delta_weights_of(width, order);
  int half = width / 2;
  for (size_t t = 0; t < n_rows; t++) {
    size_t around = inside ? clamp((int64_t)t, (size_t)half, n_rows - 1 - (size_t)half) : t;
    for (size_t k = 0; k < n_bins; k++) {
      double sum = 0.0;
      for (int n = -half; n <= half; n++) {
        size_t row = clamp((int64_t)around + n, 0, n_rows - 1);
        sum += srn_delta_weight(&weights, n) * rows[row * n_bins + k];
      }
      deltas[t * n_bins + k] = (float)sum;
    }
  }
  srn_fpu_leave(mode);
}

specrnn_status specrnn_delta(float *deltas, const float *rows, size_t n_rows, size_t n_bins, specrnn_delta_kind kind,
                             int width, int order)
{
  if (width < 3 || width % 2 == 0 || order < 1 || order > 2 ||
      (kind != SPECRNN_DELTA_SAVGOL && kind != SPECRNN_DELTA_REGRESSION)) {
    return SPECRNN_ERROR_ARGUMENT;
  }
  if (kind == SPECRNN_DELTA_SAVGOL && n_rows < (size_t)width) {
    return SPECRNN_ERROR_SHAPE;
  }
  if (!n_rows || !n_bins) {
    return SPECRNN_OK;
  }
  if (kind == SPECRNN_DELTA_SAVGOL) {
    differentiate(deltas, rows, n_rows, n_bins, width, order, true);
    return SPECRNN_OK;
  }
  differentiate(deltas, rows, n_rows, n_bins, width, 1, false);
  if (order == 2) {
    size_t count;
    float *first = srn_size_mul(n_rows, n_bins, &count) ? calloc(count, sizeof *first) : NULL;
    if (!first) {
      return SPECRNN_ERROR_MEMORY;
    }
    memcpy(first, deltas, count * sizeof *first);
    differentiate(deltas, first, n_rows, n_bins, width, 1, false);
    free(first);
  }
  return SPECRNN_OK;
}
