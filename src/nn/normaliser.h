/* The per-bin normaliser: fixed numbers from a corpus, never from the input itself. */
#ifndef SPECRNN_SRC_NN_NORMALISER_H
#define SPECRNN_SRC_NN_NORMALISER_H

#include <stddef.h>

/* y[b] = (x[b] - mean[b]) * scale[b] for each of n rows; in place allowed. */
void srn_normaliser_forward(const float *mean, const float *scale, const float *x, float *y, size_t n, size_t width);

#endif
