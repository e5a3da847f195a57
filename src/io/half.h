/* The 16-bit floats of files, widened exactly. */
#ifndef SPECRNN_SRC_IO_HALF_H
#define SPECRNN_SRC_IO_HALF_H

#include <stdint.h>
#include <string.h>

/* bfloat16 is the upper half of a float. */
static inline float srn_bf16_to_f32(uint16_t half)
{
  uint32_t bits = (uint32_t)half << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
static inline float srn_f16_to_f32(uint16_t half)
{
  uint32_t sign = (uint32_t)(half & 0x8000) << 16;
  uint32_t exponent = half >> 10 & 0x1f;
  uint32_t fraction = half & 0x3ff;
  if (exponent == 0) { /* zero, or fraction * 2^-24 */
    float magnitude = (float)fraction * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  uint32_t widened = exponent == 0x1f ? 0xff : exponent + (127 - 15);
  uint32_t bits = sign | widened << 23 | fraction << 13;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

#endif
