/* SplitMix64 by counter. */
#include "core/rng.h"

#include <math.h>

static const double TWO_PI = 6.283185307179586476925286766559;

uint64_t srn_random_bits(uint64_t seed, uint64_t index)
{
  uint64_t z = seed + (index + 1) * UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

double srn_random_uniform(uint64_t seed, uint64_t index)
{
  return (double)(srn_random_bits(seed, index) >> 11) * 0x1p-53;
}

double srn_random_normal(uint64_t seed, uint64_t index)
{
  double u = 1.0 - srn_random_uniform(seed, 2 * index); /* (0, 1]: the logarithm is finite */
  double v = srn_random_uniform(seed, 2 * index + 1);
  return sqrt(-2.0 * log(u)) * cos(TWO_PI * v);
}
