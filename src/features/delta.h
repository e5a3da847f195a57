/* Weights of deltas. */
#ifndef SPECRNN_SRC_FEATURES_DELTA_H
#define SPECRNN_SRC_FEATURES_DELTA_H

#include "specrnn/features.h"

/* Weight of the row at distance n, -width / 2 <= n <= width / 2. Order 1 is the slope of the least-squares line (the
 * regression form is the same number); order 2 the second derivative of the least-squares parabola. */
typedef struct srn_delta_weights {
  double linear; /* times n */
  double square; /* times n^2 */
  double constant;
} srn_delta_weights;

srn_delta_weights srn_delta_weights_of(int width, int order);

static inline double srn_delta_weight(const srn_delta_weights *weights, int n)
{
  return weights->linear * n + weights->square * n * n + weights->constant;
}

#endif
