/* The product of inference: packed weights, one order of addition. */
#include "nn/engine.h"

static void product_inference(const srn_engine *engine, const srn_weights *w, const float *x, size_t x_stride,
                              const float *init, size_t init_stride, float *y, size_t y_stride, size_t frames,
                              srn_walk walk)
{
  engine->kernels->product(&w->panels, x, x_stride, init, init_stride, y, y_stride, frames, walk);
}

srn_engine srn_engine_inference(void)
{
  return (srn_engine){srn_kernels_get(), product_inference};
}
