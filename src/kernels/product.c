/* The product of packed weights of any type. */
#include "kernels/product.h"

void SRN_OWN_KERNEL(product)(const srn_panels *w, const float *x, size_t x_stride, const float *init,
                             size_t init_stride, float *y, size_t y_stride, size_t frames, srn_walk walk)
{
  static srn_product *const PRODUCTS[SRN_WEIGHT_TYPES] = {
      [SRN_WEIGHT_F32] = SRN_KERNEL(product_f32),
      [SRN_WEIGHT_BF16] = SRN_KERNEL(product_bf16),
      [SRN_WEIGHT_INT8] = SRN_OWN_KERNEL(product_int8),
  };
  PRODUCTS[w->type](w, x, x_stride, init, init_stride, y, y_stride, frames, walk);
}
