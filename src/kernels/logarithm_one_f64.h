/* Logarithms of one double, written so that a loop over them becomes a loop of vectors.
 * Nothing is fused, for the same bits on every machine. */
#ifndef SPECRNN_SRC_KERNELS_LOGARITHM_ONE_F64_H
#define SPECRNN_SRC_KERNELS_LOGARITHM_ONE_F64_H

#include <float.h>
#include <math.h>

#include "kernels/level.h"

static inline double srn_double_of_bits(uint64_t bits)
{
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline uint64_t srn_bits_of_double(double value)
{
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/* x = 2^e (1 + f), 2/3 <= 1 + f < 4/3, and ln(1 + f) = f + tail. */
typedef struct srn_log_parts_f64 {
  double e, f, tail;
} srn_log_parts_f64;

static inline srn_log_parts_f64 srn_log_split_f64(double x)
{
  const uint64_t two_thirds = 0x3fe5555555555555, exponent_mask = 0xfff0000000000000;
  const uint64_t bias = (uint64_t)1024 << 52; /* keeps the exponent above 0, as few machines shift signed vectors */
  const double denormal_scale = 0x1p+52, denormal_exponent = 52.0;
  double normal = x < DBL_MIN ? x * denormal_scale : x;
  uint64_t bits = srn_bits_of_double(normal);
  uint64_t biased = bits - two_thirds + bias;
  double f = srn_double_of_bits(bits - (biased & exponent_mask) + bias) - 1.0;
  /* Small integers become doubles in the low bits of 2^52, as few machines convert 64 bits. */
  double e = srn_double_of_bits((biased >> 52) | srn_bits_of_double(0x1p+52)) - (0x1p+52 + 1024.0);
  /* ln(1 + f) = 2 s + s r(s^2) with s = f / (2 + f), r(z) = z (2/3 + 2/5 z + ...) as a minimax polynomial: 2^-60 */
  double s = f / (2.0 + f);
  double z = s * s;
  double p = 0x1.16b68338bd78bp-3;
  p = p * z + 0x1.0e88ea4725d3dp-3;
  p = p * z + 0x1.3b29fcbbce66dp-3;
  p = p * z + 0x1.745cab2727663p-3;
  p = p * z + 0x1.c71c72e2f78d5p-3;
  p = p * z + 0x1.24924923dba6ap-2;
  p = p * z + 0x1.9999999999f30p-2;
  p = p * z + 0x1.5555555555555p-1;
  /* 2 s = f - half + s half, half = f^2 / 2, which keeps f whole */
  double half = 0.5 * f * f;
  srn_log_parts_f64 parts = {
      .e = x < DBL_MIN ? e - denormal_exponent : e,
      .f = f,
      .tail = s * (p * z + half) - half,
  };
  return parts;
}

/* What the formula does not reach: 0, numbers below it, infinity, NaN. */
static inline double srn_log_limits_f64(double x, double y)
{
  y = x < 0.0 ? (double)NAN : y;
  y = x == 0.0 ? (double)-INFINITY : y;
  return x <= DBL_MAX ? y : x;
}

static inline double srn_log_one_f64(double x)
{
  const double ln2_high = 0x1.62e42fefap-1, ln2_low = 0x1.cf79abc9e3b3ap-40; /* e * ln2_high is exact */
  srn_log_parts_f64 parts = srn_log_split_f64(x);
  double low = parts.e * ln2_low + parts.tail;
  return srn_log_limits_f64(x, parts.e * ln2_high + (parts.f + low));
}

static inline double srn_log10_one_f64(double x)
{
  const double log10_2_high = 0x1.34413509fp-2, log10_2_low = 0x1.e7fbcc47c4acdp-40; /* e * log10_2_high is exact */
  const double log10_e_high = 0x1.bcb7b1p-2, log10_e_low = 0x1.49b9438ca9aaep-28;
  srn_log_parts_f64 parts = srn_log_split_f64(x);
  /* The high halves of f and log10(e) have an exact product. */
  double f_high = srn_double_of_bits(srn_bits_of_double(parts.f) & 0xfffffffff8000000);
  double small = (parts.f - f_high) * log10_e_high + parts.f * log10_e_low;
  small = parts.tail * log10_e_high + (parts.tail * log10_e_low + small);
  double low = parts.e * log10_2_low + small;
  return srn_log_limits_f64(x, parts.e * log10_2_high + (f_high * log10_e_high + low));
}

#endif
