/* Logarithms at the level that is being compiled. */
#ifndef SPECRNN_SRC_KERNELS_LOGARITHM_H
#define SPECRNN_SRC_KERNELS_LOGARITHM_H

#include "kernels/level.h"

void SRN_KERNEL(log)(const float *x, float *y, size_t n);
void SRN_KERNEL(log10)(const float *x, float *y, size_t n);

#endif
