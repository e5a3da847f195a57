/* Logarithms of one number, written so that a loop over them becomes a loop of vectors.
 * Nothing is fused, for the same bits on every machine. */
#ifndef SPECRNN_SRC_KERNELS_LOGARITHM_ONE_H
#define SPECRNN_SRC_KERNELS_LOGARITHM_ONE_H

#include <float.h>
#include <math.h>

#include "kernels/level.h"

/* x = 2^e (1 + f), 2/3 <= 1 + f < 4/3, and ln(1 + f) = f + tail. */
typedef struct srn_log_parts {
  float e, f, tail;
} srn_log_parts;

static inline srn_log_parts srn_log_split(float x)
{
  const uint32_t two_thirds = 0x3f2aaaab;
  const float denormal_scale = 0x1p+23f, denormal_exponent = 23.0f;
  float normal = x < FLT_MIN ? x * denormal_scale : x;
  uint32_t bits = srn_bits_of_float(normal);
  int32_t e = (int32_t)(bits - two_thirds) >> 23;
  float f = srn_float_of_bits(bits - ((uint32_t)e << 23)) - 1.0f;
  /* ln(1 + f) = f - f^2 / 2 + f^3 p(f), p minimax: 2^-27 relative */
  float p = -0x1.07ed86p-3f;
  p = p * f + 0x1.1e7886p-3f;
  p = p * f - 0x1.f31ddcp-4f;
  p = p * f + 0x1.1ed36ep-3f;
  p = p * f - 0x1.559d44p-3f;
  p = p * f + 0x1.99d064p-3f;
  p = p * f - 0x1.fffef4p-3f;
  p = p * f + 0x1.555506p-2f;
  float exponent = (float)e;
  srn_log_parts parts = {
      .e = x < FLT_MIN ? exponent - denormal_exponent : exponent,
      .f = f,
      .tail = f * f * (p * f - 0.5f),
  };
  return parts;
}

/* What the formula does not reach: 0, numbers below it, infinity, NaN. */
static inline float srn_log_limits(float x, float y)
{
  y = x < 0.0f ? NAN : y;
  y = x == 0.0f ? -INFINITY : y;
  return x <= FLT_MAX ? y : x;
}

static inline float srn_log_one(float x)
{
  const float ln2_high = 0x1.63p-1f, ln2_low = -0x1.bd0106p-13f; /* e * ln2_high is exact */
  srn_log_parts parts = srn_log_split(x);
  float low = parts.e * ln2_low + parts.tail;
  return srn_log_limits(x, parts.e * ln2_high + (parts.f + low));
}

static inline float srn_log10_one(float x)
{
  const float log10_2_high = 0x1.344p-2f, log10_2_low = 0x1.3509f8p-18f; /* e * log10_2_high is exact */
  const float log10_e = 0x1.bcb7b2p-2f, log10_e_low = -0x1.5b235ep-27f;
  srn_log_parts parts = srn_log_split(x);
  float low = parts.e * log10_2_low + (parts.tail * log10_e + parts.f * log10_e_low);
  return srn_log_limits(x, parts.e * log10_2_high + (parts.f * log10_e + low));
}

#endif
