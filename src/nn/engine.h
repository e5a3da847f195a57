/* The matrix product, which inference and training do differently. */
#ifndef SPECRNN_SRC_NN_ENGINE_H
#define SPECRNN_SRC_NN_ENGINE_H

#include "kernels/kernels.h"

/* A weight matrix as the engines want it: packed for inference, plain rows for training. */
typedef struct srn_weights {
  srn_panels panels;
  const float *rows; /* (panels.rows, panels.depth), or NULL */
} srn_weights;

typedef struct srn_engine srn_engine;
struct srn_engine {
  const srn_kernels *kernels;
  /* y[f] = init[f] + W x[f]: the arguments are those of srn_kernels.product. */
  void (*product)(const srn_engine *engine, const srn_weights *w, const float *x, size_t x_stride, const float *init,
                  size_t init_stride, float *y, size_t y_stride, size_t frames, srn_walk walk);
};

/* One order of addition for any number of frames. */
srn_engine srn_engine_inference(void);

#endif
