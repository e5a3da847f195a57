/* exp, tanh and sigmoid of one number, written so that a loop over them becomes a loop of vectors: no branches, no
 * calls, integers as wide as the floats. Nothing is fused, for the same bits on every machine. */
#ifndef SPECRNN_SRC_KERNELS_ACTIVATION_ONE_H
#define SPECRNN_SRC_KERNELS_ACTIVATION_ONE_H

#include <math.h>

#include "kernels/level.h"

/* e^x = 2^n (1 + q): the parts. */
typedef struct srn_exp_parts {
  uint32_t n; /* two's complement */
  float q;    /* e^r - 1, |r| <= ln(2) / 2 */
} srn_exp_parts;

static inline srn_exp_parts srn_exp_split(float x)
{
  const float log2_e = 0x1.715476p+0f;
  const float to_integer = 0x1.8p+23f; /* adding it rounds to an integer, which the low bits then hold */
  const float ln2_high = 0x1.63p-1f;   /* few bits, so that its product with n is exact */
  const float ln2_low = -0x1.bd0106p-13f;
  float shifted = x * log2_e + to_integer;
  float n = shifted - to_integer;
  float r = x - n * ln2_high - n * ln2_low;
  /* e^r - 1 = r + r^2 p(r), p minimax: 2^-26 relative */
  float p = 0x1.6b9cbep-10f;
  p = p * r + 0x1.122562p-7f;
  p = p * r + 0x1.5556f2p-5f;
  p = p * r + 0x1.5554b4p-3f;
  p = p * r + 0x1.fffffep-2f;
  srn_exp_parts parts = {srn_bits_of_float(shifted) - srn_bits_of_float(to_integer), r * r * p + r};
  return parts;
}

/* 2^n for -126 <= n <= 127 */
static inline float srn_power_of_two(uint32_t n)
{
  return srn_float_of_bits((n + 127u) << 23);
}

static inline float srn_exp_one(float x)
{
  const float lowest = -105.0f, highest = 89.0f; /* beyond, the result is 0 and infinity */
  float clamped = x < lowest ? lowest : x;
  clamped = clamped > highest ? highest : clamped; /* NaN passes both */
  srn_exp_parts parts = srn_exp_split(clamped);
  uint32_t half = (uint32_t)((int32_t)parts.n >> 1); /* two factors, as one reaches neither denormals nor 2^128 */
  float scale = srn_power_of_two(half);
  return (parts.q * scale + scale) * srn_power_of_two(parts.n - half);
}

/* e / (e + 2) with e = expm1(2 |x|), which keeps the relative accuracy near 0 */
static inline float srn_tanh_one(float x)
{
  const float saturated = 20.0f; /* of 2 |x|: from 17.4 on the result rounds to 1 */
  float magnitude = fabsf(x);
  float twice = magnitude + magnitude;
  twice = twice > saturated ? saturated : twice;
  srn_exp_parts parts = srn_exp_split(twice);
  float scale = srn_power_of_two(parts.n);
  float e = parts.q * scale + (scale - 1.0f);
  return copysignf(e / (e + 2.0f), x);
}

/* 1 / (1 + e) or e / (1 + e) with e = exp(-|x|), which keeps the relative accuracy where the result is small */
static inline float srn_sigmoid_one(float x)
{
  float e = srn_exp_one(-fabsf(x));
  float numerator = x < 0.0f ? e : 1.0f;
  return numerator / (1.0f + e);
}

static inline float srn_relu_one(float x)
{
  return x < 0.0f ? 0.0f : x;
}

#endif
