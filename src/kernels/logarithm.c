/* Logarithms over arrays. */
#include "kernels/logarithm.h"

#include "kernels/logarithm_one.h"

void SRN_KERNEL(log)(const float *x, float *y, size_t n)
{
  SRN_EACH
  for (size_t i = 0; i < n; i++) {
    y[i] = srn_log_one(x[i]);
  }
}

void SRN_KERNEL(log10)(const float *x, float *y, size_t n)
{
  SRN_EACH
  for (size_t i = 0; i < n; i++) {
    y[i] = srn_log10_one(x[i]);
  }
}
