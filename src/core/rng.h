/* Random numbers by counter: number i of a seed is a pure function of (seed, i), so that results depend neither on
 * the order of the draws nor on how a stream is cut.
 *
 * The function is SplitMix64 (Steele, Lea, Flood 2014): z = seed + (i + 1) * 0x9e3779b97f4a7c15, then two
 * xor-shift-multiply rounds. */
#ifndef SPECRNN_SRC_CORE_RNG_H
#define SPECRNN_SRC_CORE_RNG_H

#include <stdint.h>

uint64_t srn_random_bits(uint64_t seed, uint64_t index);

/* Uniform in [0, 1): the upper 53 bits. */
double srn_random_uniform(uint64_t seed, uint64_t index);

/* Standard normal, by Box and Muller from the uniform numbers 2 * index and 2 * index + 1. */
double srn_random_normal(uint64_t seed, uint64_t index);

#endif
