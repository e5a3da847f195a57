/* Chooses the table of kernels by what the processor and the operating system offer. */
#include "kernels/tables.h"

#if defined(SRN_HAVE_X86_64_V2)
#include <cpuid.h>

/* Bits of CPUID that the compilers' own test has no name for, though -march lets them emit the instructions. */
enum {
  LEAF_FEATURES = 1,
  MOVBE = 1 << 22, /* ecx */
  F16C = 1 << 29,  /* ecx */
  LEAF_EXTENDED_FEATURES = (int)0x80000001,
  LZCNT = 1 << 5, /* ecx */
  LEAF_MORE_FEATURES = 7,
  AVX_VNNI = 1 << 4, /* eax of subleaf 1 */
};

static bool cpuid_ecx_has(unsigned leaf, unsigned bits)
{
  unsigned eax, ebx, ecx = 0, edx;
  return __get_cpuid(leaf, &eax, &ebx, &ecx, &edx) && (ecx & bits) == bits;
}

/* The built-in test covers the operating system too: it reads which registers are saved on a switch of tasks. */
static bool runs_v2(void)
{
  return __builtin_cpu_supports("ssse3") && __builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("sse4.2") &&
         __builtin_cpu_supports("popcnt");
}

static bool runs_v3(void)
{
  return runs_v2() && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
         cpuid_ecx_has(LEAF_FEATURES, MOVBE | F16C) && cpuid_ecx_has((unsigned)LEAF_EXTENDED_FEATURES, LZCNT);
}

static bool runs_v3_vnni(void)
{
  unsigned eax, ebx, ecx, edx;
  return runs_v3() && __get_cpuid_count(LEAF_MORE_FEATURES, 1, &eax, &ebx, &ecx, &edx) && (eax & AVX_VNNI);
}

static bool runs_v4(void)
{
  return runs_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

static bool runs_v4_vnni(void)
{
  return runs_v4() && __builtin_cpu_supports("avx512vnni");
}
#endif

static bool runs_always(void)
{
  return true;
}

/* From the richest to the plainest. */
static const struct {
  const srn_kernels *kernels;
  bool (*runs)(void);
} TABLES[] = {
#if defined(SRN_HAVE_X86_64_V2)
    {&srn_kernels_x86_64_v4_vnni, runs_v4_vnni}, {&srn_kernels_x86_64_v4, runs_v4},
    {&srn_kernels_x86_64_v3_vnni, runs_v3_vnni}, {&srn_kernels_x86_64_v3, runs_v3},
    {&srn_kernels_x86_64_v2, runs_v2},
#endif
    {&srn_kernels_baseline, runs_always},
};

const srn_kernels *srn_kernels_at(specrnn_cpu_level limit)
{
  size_t i = 0;
  while (TABLES[i].runs != runs_always && (TABLES[i].kernels->level > limit || !TABLES[i].runs())) {
    i++;
  }
  return TABLES[i].kernels;
}
