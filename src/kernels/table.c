/* The table of one CPU level. */
#include "kernels/activation.h"
#include "kernels/cell.h"
#include "kernels/front_level.h"
#include "kernels/logarithm.h"
#include "kernels/product.h"
#include "kernels/tables.h"

const srn_kernels SRN_OWN_KERNEL(kernels) = {
    .level = SRN_LEVEL_CODE,
    .fused = SRN_FUSED,
    .product = SRN_OWN_KERNEL(product),
    .tanh = SRN_KERNEL(tanh),
    .sigmoid = SRN_KERNEL(sigmoid),
    .relu = SRN_KERNEL(relu),
    .exp = SRN_KERNEL(exp),
    .log = SRN_KERNEL(log),
    .log10 = SRN_KERNEL(log10),
    .lstm = SRN_KERNEL(lstm),
    .gru = SRN_KERNEL(gru),
    .gru_reset = SRN_KERNEL(gru_reset),
    .gru_update = SRN_KERNEL(gru_update),
    .front_f32 = &SRN_KERNEL(front_f32),
    .front_f64 = &SRN_KERNEL(front_f64),
};
