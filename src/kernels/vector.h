/* The widest vectors of floats and of doubles of the level that is being compiled.
 *
 * Compilers do not keep a block of accumulators in registers reliably when they make the vectors themselves, nor do
 * they find good shuffles, so products, filters and the power of spectra name their vectors. All but the fused
 * multiply-add is the compilers' own vector type; that one has no portable spelling. */
#ifndef SPECRNN_SRC_KERNELS_VECTOR_H
#define SPECRNN_SRC_KERNELS_VECTOR_H

#include <string.h>

#include "kernels/level.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

/* Before a loop of a constant few rounds whose arrays are to be registers. */
#if defined(__clang__)
#define SRN_UNROLL _Pragma("clang loop unroll(full)")
#else
#define SRN_UNROLL _Pragma("GCC unroll 16")
#endif

enum {
#if defined(__AVX512F__)
  SRN_VECTOR_BYTES = 64,
#elif defined(__AVX2__) && defined(__FMA__)
  SRN_VECTOR_BYTES = 32,
#else
  SRN_VECTOR_BYTES = 16,
#endif
  SRN_VECTOR_FLOATS = SRN_VECTOR_BYTES / (int)sizeof(float),
  SRN_VECTOR_DOUBLES = SRN_VECTOR_BYTES / (int)sizeof(double),
};

typedef float srn_vector __attribute__((vector_size(SRN_VECTOR_BYTES)));
typedef double srn_vector_f64 __attribute__((vector_size(SRN_VECTOR_BYTES)));

static inline srn_vector srn_vector_load(const float *from)
{
  srn_vector v;
  memcpy(&v, from, sizeof v);
  return v;
}

static inline srn_vector_f64 srn_vector_load_f64(const double *from)
{
  srn_vector_f64 v;
  memcpy(&v, from, sizeof v);
  return v;
}

static inline srn_vector_f64 srn_vector_of_floats_f64(const float *from)
{
  typedef float floats __attribute__((vector_size(SRN_VECTOR_BYTES / 2)));
  floats v;
  memcpy(&v, from, sizeof v);
  return __builtin_convertvector(v, srn_vector_f64);
}

static inline void srn_vector_store(float *to, srn_vector v)
{
  memcpy(to, &v, sizeof v);
}

static inline void srn_vector_store_f64(double *to, srn_vector_f64 v)
{
  memcpy(to, &v, sizeof v);
}

static inline srn_vector srn_vector_fill(float value)
{
#if defined(__AVX512F__)
  return (srn_vector)_mm512_set1_ps(value);
#elif defined(__AVX2__) && defined(__FMA__)
  return (srn_vector)_mm256_set1_ps(value);
#else
  return (srn_vector){value, value, value, value};
#endif
}

static inline srn_vector_f64 srn_vector_fill_f64(double value)
{
#if defined(__AVX512F__)
  return (srn_vector_f64)_mm512_set1_pd(value);
#elif defined(__AVX2__) && defined(__FMA__)
  return (srn_vector_f64)_mm256_set1_pd(value);
#else
  return (srn_vector_f64){value, value};
#endif
}

/* a * b + c, lane by lane as srn_fma */
static inline srn_vector srn_vector_fma(srn_vector a, srn_vector b, srn_vector c)
{
#if defined(__AVX512F__)
  return (srn_vector)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__AVX2__) && defined(__FMA__)
  return (srn_vector)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__aarch64__)
  return (srn_vector)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#else
  return a * b + c;
#endif
}

static inline srn_vector_f64 srn_vector_fma_f64(srn_vector_f64 a, srn_vector_f64 b, srn_vector_f64 c)
{
#if defined(__AVX512F__)
  return (srn_vector_f64)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif defined(__AVX2__) && defined(__FMA__)
  return (srn_vector_f64)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#elif defined(__aarch64__)
  return (srn_vector_f64)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
#else
  return a * b + c;
#endif
}

/* The 16 bytes at each of the addresses, one behind the other, `step` addresses apart. */
typedef float srn_chunk __attribute__((vector_size(16)));

static inline srn_vector srn_vector_gather(const void *const *from, size_t step)
{
  srn_chunk a;
  memcpy(&a, from[0], sizeof a);
#if defined(__AVX2__) && defined(__FMA__)
  srn_chunk b;
  memcpy(&b, from[step], sizeof b);
#endif
#if defined(__AVX512F__)
  srn_chunk c, d;
  memcpy(&c, from[2 * step], sizeof c);
  memcpy(&d, from[3 * step], sizeof d);
  return __builtin_shufflevector(__builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7),
                                 __builtin_shufflevector(c, d, 0, 1, 2, 3, 4, 5, 6, 7), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
                                 10, 11, 12, 13, 14, 15);
#elif defined(__AVX2__) && defined(__FMA__)
  return __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7);
#else
  (void)step;
  return a;
#endif
}

/* Shuffles that work in every 16 bytes of two vectors alike: i, j, k, l choose from those of a (0 ... 3) and of b
 * (4 ... 7); for doubles i and j from a (0, 1) and b (2, 3). */
#define SRN_FLOAT_INDEX(i, part)  ((i) + 4 * (part) + ((i) < 4 ? 0 : SRN_VECTOR_FLOATS - 4))
#define SRN_DOUBLE_INDEX(i, part) ((i) + 2 * (part) + ((i) < 2 ? 0 : SRN_VECTOR_DOUBLES - 2))
#define SRN_FLOAT_PART(i, j, k, l, part)                                                                               \
  SRN_FLOAT_INDEX(i, part), SRN_FLOAT_INDEX(j, part), SRN_FLOAT_INDEX(k, part), SRN_FLOAT_INDEX(l, part)
#define SRN_DOUBLE_PART(i, j, part) SRN_DOUBLE_INDEX(i, part), SRN_DOUBLE_INDEX(j, part)
#if defined(__AVX512F__)
#define SRN_SHUFFLE(a, b, i, j, k, l)                                                                                  \
  __builtin_shufflevector(a, b, SRN_FLOAT_PART(i, j, k, l, 0), SRN_FLOAT_PART(i, j, k, l, 1),                          \
                          SRN_FLOAT_PART(i, j, k, l, 2), SRN_FLOAT_PART(i, j, k, l, 3))
#define SRN_SHUFFLE_F64(a, b, i, j)                                                                                    \
  __builtin_shufflevector(a, b, SRN_DOUBLE_PART(i, j, 0), SRN_DOUBLE_PART(i, j, 1), SRN_DOUBLE_PART(i, j, 2),          \
                          SRN_DOUBLE_PART(i, j, 3))
#elif defined(__AVX2__) && defined(__FMA__)
#define SRN_SHUFFLE(a, b, i, j, k, l)                                                                                  \
  __builtin_shufflevector(a, b, SRN_FLOAT_PART(i, j, k, l, 0), SRN_FLOAT_PART(i, j, k, l, 1))
#define SRN_SHUFFLE_F64(a, b, i, j) __builtin_shufflevector(a, b, SRN_DOUBLE_PART(i, j, 0), SRN_DOUBLE_PART(i, j, 1))
#else
#define SRN_SHUFFLE(a, b, i, j, k, l) __builtin_shufflevector(a, b, SRN_FLOAT_PART(i, j, k, l, 0))
#define SRN_SHUFFLE_F64(a, b, i, j)   __builtin_shufflevector(a, b, SRN_DOUBLE_PART(i, j, 0))
#endif

#endif
