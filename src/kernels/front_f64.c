/* The front end's kernels in double. */
#include <math.h>

#include "kernels/front_level.h"
#include "kernels/logarithm_one_f64.h"
#include "kernels/vector.h"

#define REAL              double
#define NAME(x)           srn_##x##_f64
#define FRONT_TABLE       SRN_KERNEL(front_f64)
#define REAL_FMA(a, b, c) srn_fma_f64(a, b, c)
#define REAL_SQRT(x)      sqrt(x)
#define REAL_LOG(x)       srn_log_one_f64(x)
#define REAL_LOG10(x)     srn_log10_one_f64(x)
#define VECTOR            srn_vector_f64
#define VECTOR_ITEMS      SRN_VECTOR_DOUBLES
#define VECTOR_LOAD       srn_vector_load_f64
#define VECTOR_STORE      srn_vector_store_f64
#define VECTOR_FILL       srn_vector_fill_f64
#define VECTOR_FMA        srn_vector_fma_f64
#define VECTOR_OF_FLOATS  srn_vector_of_floats_f64

enum { TILE = 2, CHUNK_BINS = 1 };

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

static inline void power_of_chunks(const void *const *chunk, double *out)
{
  /* Side by side every second frame, so that shuffles need not leave their 16 bytes. */
  srn_vector_f64 a = (srn_vector_f64)srn_vector_gather(chunk, 2), b = (srn_vector_f64)srn_vector_gather(chunk + 1, 2);
  srn_vector_f64 re = SRN_SHUFFLE_F64(a, b, 0, 2), im = SRN_SHUFFLE_F64(a, b, 1, 3);
  srn_vector_store_f64(out, srn_vector_fma_f64(re, re, im * im));
}

#include "kernels/front_template.h"
