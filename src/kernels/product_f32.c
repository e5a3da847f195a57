/* Products of float weights. */
#include "kernels/vector.h"

#define NAME              SRN_KERNEL(product_f32)
#define WORD              float
#define COLUMNS           1
#define WORD_COLUMN(p, c) srn_vector_load((p) + (c))
#include "kernels/product_template.h"
