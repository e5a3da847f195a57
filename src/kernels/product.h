/* Products of packed weights at the level that is being compiled. */
#ifndef SPECRNN_SRC_KERNELS_PRODUCT_H
#define SPECRNN_SRC_KERNELS_PRODUCT_H

#include "kernels/level.h"

void SRN_KERNEL(product)(const srn_panels *w, const float *x, size_t x_stride, const float *init, size_t init_stride,
                         float *y, size_t y_stride, size_t frames, srn_walk walk);

#endif
