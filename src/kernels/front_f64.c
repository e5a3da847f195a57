/* The front end's kernels in double. */
#include <math.h>

#include "kernels/front_level.h"
#include "kernels/logarithm_one_f64.h"

#define REAL              double
#define NAME(x)           srn_##x##_f64
#define FRONT_TABLE       SRN_KERNEL(front_f64)
#define REAL_FMA(a, b, c) srn_fma_f64(a, b, c)
#define REAL_SQRT(x)      sqrt(x)
#define REAL_LOG(x)       srn_log_one_f64(x)
#define REAL_LOG10(x)     srn_log10_one_f64(x)

enum { TILE = 2 };

typedef double tile_row __attribute__((vector_size(16)));

/* out[c][r] = in[r][c] for TILE rows and columns */
static inline void transpose_tile(const double *in, size_t in_stride, double *out, size_t out_stride)
{
  tile_row a, b;
  memcpy(&a, in, sizeof a);
  memcpy(&b, in + in_stride, sizeof b);
  tile_row low = __builtin_shufflevector(a, b, 0, 2), high = __builtin_shufflevector(a, b, 1, 3);
  memcpy(out, &low, sizeof low);
  memcpy(out + out_stride, &high, sizeof high);
}

#include "kernels/front_template.h"
