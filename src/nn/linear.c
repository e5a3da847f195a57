/* The linear layer and the softmax that may follow it. */
#include "nn/layer.h"

void srn_linear_forward(const srn_linear *linear, const srn_engine *engine, const float *x, float *y, size_t n)
{
  const srn_panels *shape = &linear->weight.panels;
  engine->product(engine, &linear->weight, x, shape->depth, linear->bias, 0, y, shape->rows, n, SRN_WALK_FORWARD);
}

static void softmax_row(const srn_engine *engine, float *x, size_t width)
{
  float top = x[0];
  for (size_t i = 1; i < width; i++) {
    top = x[i] > top ? x[i] : top;
  }
  for (size_t i = 0; i < width; i++) {
    x[i] -= top;
  }
  engine->kernels->exp(x, x, width);
  float sum = 0.0F;
  for (size_t i = 0; i < width; i++) {
    sum += x[i];
  }
  for (size_t i = 0; i < width; i++) {
    x[i] /= sum;
  }
}

void srn_softmax_forward(const srn_engine *engine, float *x, size_t n, size_t width)
{
  for (size_t row = 0; row < n; row++) {
    softmax_row(engine, x + row * width, width);
  }
}
