/* The limit on the CPU level: the only thing in the library that changes while it runs, and it is one atomic. */
#include "specrnn/cpu.h"

#include <stdatomic.h>

#include "kernels/kernels.h"

static atomic_int cpu_limit = SPECRNN_CPU_LEVELS;

const char *specrnn_cpu_level_name(specrnn_cpu_level level)
{
  static const char *const NAMES[SPECRNN_CPU_LEVELS] = {
      [SPECRNN_CPU_BASELINE] = "baseline",   [SPECRNN_CPU_X86_64_V2] = "x86-64-v2",
      [SPECRNN_CPU_X86_64_V3] = "x86-64-v3", [SPECRNN_CPU_X86_64_V3_VNNI] = "x86-64-v3-vnni",
      [SPECRNN_CPU_X86_64_V4] = "x86-64-v4", [SPECRNN_CPU_X86_64_V4_VNNI] = "x86-64-v4-vnni",
  };
  return (unsigned)level < SPECRNN_CPU_LEVELS ? NAMES[level] : NULL;
}

bool specrnn_cpu_supports(specrnn_cpu_level level)
{
  return (unsigned)level < SPECRNN_CPU_LEVELS && srn_kernels_at(level)->level == level;
}

specrnn_cpu_level specrnn_cpu_level_in_use(void)
{
  return srn_kernels_at((specrnn_cpu_level)atomic_load(&cpu_limit))->level;
}

void specrnn_cpu_limit(specrnn_cpu_level level)
{
  atomic_store(&cpu_limit, (int)level);
}
