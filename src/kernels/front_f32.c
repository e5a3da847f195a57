/* The front end's kernels in float. */
#include <math.h>

#include "kernels/front_level.h"
#include "kernels/logarithm_one.h"
#include "kernels/vector.h"

#define REAL              float
#define NAME(x)           srn_##x##_f32
#define FRONT_TABLE       SRN_KERNEL(front_f32)
#define REAL_FMA(a, b, c) srn_fma(a, b, c)
#define REAL_SQRT(x)      sqrtf(x)
#define REAL_LOG(x)       srn_log_one(x)
#define REAL_LOG10(x)     srn_log10_one(x)
#define VECTOR            srn_vector
#define VECTOR_ITEMS      SRN_VECTOR_FLOATS
#define VECTOR_LOAD       srn_vector_load
#define VECTOR_STORE      srn_vector_store
#define VECTOR_FILL       srn_vector_fill
#define VECTOR_FMA        srn_vector_fma
#define VECTOR_OF_FLOATS  srn_vector_load

enum { TILE = 4, CHUNK_BINS = 2 };

typedef float tile_row __attribute__((vector_size(16)));

/* out[c][r] = in[r][c] for TILE rows and columns */
static inline void transpose_tile(const float *in, size_t in_stride, float *out, size_t out_stride)
{
  tile_row a, b, c, d;
  memcpy(&a, in, sizeof a);
  memcpy(&b, in + in_stride, sizeof b);
  memcpy(&c, in + 2 * in_stride, sizeof c);
  memcpy(&d, in + 3 * in_stride, sizeof d);
  tile_row ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  tile_row cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  a = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
  b = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
  c = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
  d = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
  memcpy(out, &a, sizeof a);
  memcpy(out + out_stride, &b, sizeof b);
  memcpy(out + 2 * out_stride, &c, sizeof c);
  memcpy(out + 3 * out_stride, &d, sizeof d);
}

static inline void power_of_chunks(const void *const *chunk, float *out)
{
  /* Side by side every fourth frame, so that shuffles need not leave their 16 bytes. */
  srn_vector a = srn_vector_gather(chunk, 4), b = srn_vector_gather(chunk + 1, 4);
  srn_vector c = srn_vector_gather(chunk + 2, 4), d = srn_vector_gather(chunk + 3, 4);
  srn_vector ab = SRN_SHUFFLE(a, b, 0, 4, 1, 5), cd = SRN_SHUFFLE(c, d, 0, 4, 1, 5); /* re re im im */
  srn_vector re = SRN_SHUFFLE(ab, cd, 0, 1, 4, 5), im = SRN_SHUFFLE(ab, cd, 2, 3, 6, 7);
  srn_vector_store(out, srn_vector_fma(re, re, im * im));
  ab = SRN_SHUFFLE(a, b, 2, 6, 3, 7);
  cd = SRN_SHUFFLE(c, d, 2, 6, 3, 7);
  re = SRN_SHUFFLE(ab, cd, 0, 1, 4, 5);
  im = SRN_SHUFFLE(ab, cd, 2, 3, 6, 7);
  srn_vector_store(out + SRN_FRONT_LANES, srn_vector_fma(re, re, im * im));
}

#include "kernels/front_template.h"
