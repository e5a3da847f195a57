/* Recurrent cells at the level that is being compiled. */
#ifndef SPECRNN_SRC_KERNELS_CELL_H
#define SPECRNN_SRC_KERNELS_CELL_H

#include "kernels/level.h"

void SRN_KERNEL(lstm)(const float *pre, float *c, float *h, size_t n);
void SRN_KERNEL(gru)(const float *in, const float *rec, float *h, size_t n);
void SRN_KERNEL(gru_reset)(const float *in, const float *rec, const float *h, float *rh, size_t n);
void SRN_KERNEL(gru_update)(const float *in, const float *rec, float *h, size_t n);

#endif
