/** @file cpu.h
 * Which of its inner loops the library runs: the CPU levels, and a limit for tests and benchmarks.
 *
 * Every inner loop is compiled once per level. An object takes the loops of the highest level that the machine, its
 * operating system and this build offer, at most specrnn_cpu_limit's, when it is created, and keeps them.
 *
 * One level's inner loops give the same bits on every machine, in every run and for every way of cutting the input. The
 * levels with fused multiply-add (x86-64-v3 and above) give the same bits as each other; the two below round once more
 * per product of float weights and differ from them in the last bits.
 */
#ifndef SPECRNN_CPU_H
#define SPECRNN_CPU_H

#include "specrnn/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/** From the plainest to the richest. */
typedef enum specrnn_cpu_level {
  SPECRNN_CPU_BASELINE,       /**< what the compiler assumes of the machine: x86-64, ARMv8 with NEON, ... */
  SPECRNN_CPU_X86_64_V2,      /**< SSE4.2 */
  SPECRNN_CPU_X86_64_V3,      /**< AVX2 and FMA */
  SPECRNN_CPU_X86_64_V3_VNNI, /**< with AVX-VNNI for 8-bit weights */
  SPECRNN_CPU_X86_64_V4,      /**< AVX-512 F, BW, CD, DQ, VL */
  SPECRNN_CPU_X86_64_V4_VNNI, /**< with AVX512-VNNI for 8-bit weights */
  SPECRNN_CPU_LEVELS          /**< how many there are; as a limit: none */
} specrnn_cpu_level;

/** "x86-64-v3"; NULL for what is not a level, so that a loop over 0, 1, ... finds the end. Thread-safe. */
SPECRNN_API const char *specrnn_cpu_level_name(specrnn_cpu_level level);

/** Whether this build has the level and this machine can run it. The baseline always can. Thread-safe. */
SPECRNN_API bool specrnn_cpu_supports(specrnn_cpu_level level);

/** The level of objects created from now on: the highest supported one within the limit. Thread-safe. */
SPECRNN_API specrnn_cpu_level specrnn_cpu_level_in_use(void);

/** Sets the limit for the whole process, for objects created from now on; SPECRNN_CPU_LEVELS, the default, means none.
 * For tests and benchmarks. Thread-safe. */
SPECRNN_API void specrnn_cpu_limit(specrnn_cpu_level level);

#ifdef __cplusplus
}
#endif

#endif
