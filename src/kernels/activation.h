/* The functions of one number at the level that is being compiled. */
#ifndef SPECRNN_SRC_KERNELS_ACTIVATION_H
#define SPECRNN_SRC_KERNELS_ACTIVATION_H

#include "kernels/level.h"

void SRN_KERNEL(tanh)(const float *x, float *y, size_t n);
void SRN_KERNEL(sigmoid)(const float *x, float *y, size_t n);
void SRN_KERNEL(relu)(const float *x, float *y, size_t n);
void SRN_KERNEL(exp)(const float *x, float *y, size_t n);

#endif
