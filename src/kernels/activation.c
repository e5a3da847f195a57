/* exp, tanh, sigmoid and relu over arrays. */
#include "kernels/activation.h"

#include "kernels/activation_one.h"

void SRN_KERNEL(tanh)(const float *x, float *y, size_t n)
{
  SRN_EACH
  for (size_t i = 0; i < n; i++) {
    y[i] = srn_tanh_one(x[i]);
  }
}

void SRN_KERNEL(sigmoid)(const float *x, float *y, size_t n)
{
  SRN_EACH
  for (size_t i = 0; i < n; i++) {
    y[i] = srn_sigmoid_one(x[i]);
  }
}

void SRN_KERNEL(relu)(const float *x, float *y, size_t n)
{
  SRN_EACH
  for (size_t i = 0; i < n; i++) {
    y[i] = srn_relu_one(x[i]);
  }
}

void SRN_KERNEL(exp)(const float *x, float *y, size_t n)
{
  SRN_EACH
  for (size_t i = 0; i < n; i++) {
    y[i] = srn_exp_one(x[i]);
  }
}
