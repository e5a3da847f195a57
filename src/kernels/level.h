/* For files that are compiled once per CPU level: names that carry the level, and the fused multiply-add. */
#ifndef SPECRNN_SRC_KERNELS_LEVEL_H
#define SPECRNN_SRC_KERNELS_LEVEL_H

#include <string.h>

#include "kernels/kernels.h"

#define SRN_PASTE(name, level)  srn_##name##_##level
#define SRN_EXPAND(name, level) SRN_PASTE(name, level)
/* The name of a kernel at the level that is being compiled: tanh becomes srn_tanh_x86_64_v3. Levels that add something
 * for 8-bit weights share all other kernels with the level below; what is their own is named by SRN_OWN_KERNEL. */
#define SRN_OWN_KERNEL(name) SRN_EXPAND(name, SRN_LEVEL)
#define SRN_KERNEL(name)     SRN_EXPAND(name, SRN_SHARED_LEVEL)

/* Before a loop whose rounds touch only their own items: in-place work is then still a loop of vectors. */
#if defined(__clang__)
#define SRN_EACH _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define SRN_EACH _Pragma("GCC ivdep")
#else
#define SRN_EACH
#endif

#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
enum { SRN_FUSED = 1 };
static inline float srn_fma(float a, float b, float c)
{
  return __builtin_fmaf(a, b, c);
}
static inline double srn_fma_f64(double a, double b, double c)
{
  return __builtin_fma(a, b, c);
}
#else
enum { SRN_FUSED = 0 };
static inline float srn_fma(float a, float b, float c)
{
  return a * b + c;
}
static inline double srn_fma_f64(double a, double b, double c)
{
  return a * b + c;
}
#endif

static inline float srn_float_of_bits(uint32_t bits)
{
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline uint32_t srn_bits_of_float(float value)
{
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

#endif
