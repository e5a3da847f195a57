/* Products of packed weights at the level that is being compiled. */
#ifndef SPECRNN_SRC_KERNELS_PRODUCT_H
#define SPECRNN_SRC_KERNELS_PRODUCT_H

#include "kernels/level.h"

srn_product SRN_KERNEL(product_f32);
srn_product SRN_KERNEL(product_bf16);
srn_product SRN_OWN_KERNEL(product_int8);
srn_product SRN_OWN_KERNEL(product);

#endif
