/* Flush-to-zero while numbers are worked on: decaying states and fading sound end in denormals, which cost many times a
 * normal number. The caller's mode and its exception flags come back on leaving. */
#ifndef SPECRNN_SRC_CORE_FPU_H
#define SPECRNN_SRC_CORE_FPU_H

#include <stdint.h>

/* What is loaded after entering and stored before leaving is computed between: a compiler that knows nothing of modes
 * must not move it. A value that never reaches memory must be `volatile` for that. */
#if defined(__GNUC__)
#define SRN_FPU_BARRIER() __asm__ volatile("" : : : "memory")
#else
#define SRN_FPU_BARRIER()
#endif

#if defined(__SSE2__)

#include <xmmintrin.h>

typedef unsigned int srn_fpu_mode;

/* Round to nearest, no traps, denormal results and operands are zero. */
static inline srn_fpu_mode srn_fpu_enter(void)
{
  enum { ALL_MASKED = 0x1f80, FLUSH_TO_ZERO = 0x8000, DENORMALS_ARE_ZERO = 0x0040 };
  srn_fpu_mode before = _mm_getcsr();
  _mm_setcsr(ALL_MASKED | FLUSH_TO_ZERO | DENORMALS_ARE_ZERO);
  SRN_FPU_BARRIER();
  return before;
}

/* Round to nearest, no traps, denormals kept: for numbers that are stored as they are. */
static inline srn_fpu_mode srn_fpu_enter_exact(void)
{
  enum { ALL_MASKED = 0x1f80 };
  srn_fpu_mode before = _mm_getcsr();
  _mm_setcsr(ALL_MASKED);
  SRN_FPU_BARRIER();
  return before;
}

static inline void srn_fpu_leave(srn_fpu_mode before)
{
  SRN_FPU_BARRIER();
  _mm_setcsr(before);
}

#elif defined(__aarch64__)

typedef uint64_t srn_fpu_mode;

static inline void srn_fpu_leave(srn_fpu_mode before)
{
  __asm__ volatile("msr fpcr, %0" : : "r"(before) : "memory");
}

static inline srn_fpu_mode srn_fpu_enter(void)
{
  const uint64_t flush_to_zero = UINT64_C(1) << 24;
  srn_fpu_mode before;
  __asm__ volatile("mrs %0, fpcr" : "=r"(before));
  srn_fpu_leave(flush_to_zero);
  return before;
}

static inline srn_fpu_mode srn_fpu_enter_exact(void)
{
  srn_fpu_mode before = srn_fpu_enter();
  srn_fpu_leave(0);
  return before;
}

#else

/* Elsewhere results are the same and silence after sound is slower. */
typedef int srn_fpu_mode;

static inline srn_fpu_mode srn_fpu_enter(void)
{
  return 0;
}

static inline srn_fpu_mode srn_fpu_enter_exact(void)
{
  return 0;
}

static inline void srn_fpu_leave(srn_fpu_mode before)
{
  (void)before;
}

#endif

#endif
