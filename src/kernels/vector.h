/* The widest vector of floats of the level that is being compiled.
 *
 * Compilers do not keep a block of accumulators in registers reliably when they make the vectors themselves, so the
 * product names its vectors. All but the fused multiply-add is the compilers' own vector type; that one has no portable
 * spelling. */
#ifndef SPECRNN_SRC_KERNELS_VECTOR_H
#define SPECRNN_SRC_KERNELS_VECTOR_H

#include <string.h>

#include "kernels/level.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#if defined(__AVX512F__)
enum { SRN_VECTOR_FLOATS = 16 };
typedef __m512 srn_vector;
#elif defined(__AVX2__) && defined(__FMA__)
enum { SRN_VECTOR_FLOATS = 8 };
typedef __m256 srn_vector;
#elif defined(__aarch64__)
enum { SRN_VECTOR_FLOATS = 4 };
typedef float32x4_t srn_vector;
#else
enum { SRN_VECTOR_FLOATS = 4 };
typedef float srn_vector __attribute__((vector_size(16)));
#endif

static inline srn_vector srn_vector_load(const float *from)
{
  srn_vector v;
  memcpy(&v, from, sizeof v);
  return v;
}

static inline void srn_vector_store(float *to, srn_vector v)
{
  memcpy(to, &v, sizeof v);
}

static inline srn_vector srn_vector_fill(float value)
{
#if defined(__AVX512F__)
  return _mm512_set1_ps(value);
#elif defined(__AVX2__) && defined(__FMA__)
  return _mm256_set1_ps(value);
#else
  return (srn_vector){value, value, value, value};
#endif
}

/* a * b + c, lane by lane as srn_fma */
static inline srn_vector srn_vector_fma(srn_vector a, srn_vector b, srn_vector c)
{
#if defined(__AVX512F__)
  return _mm512_fmadd_ps(a, b, c);
#elif defined(__AVX2__) && defined(__FMA__)
  return _mm256_fmadd_ps(a, b, c);
#elif defined(__aarch64__)
  return vfmaq_f32(c, a, b);
#else
  return a * b + c;
#endif
}

#endif
