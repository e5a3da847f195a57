/* A model to run in streams. */
#ifndef SPECRNN_TESTS_UNIT_ENCODER_TESTING_H
#define SPECRNN_TESTS_UNIT_ENCODER_TESTING_H

#include "model_testing.h"

enum { INPUTS = 7, N_LAYERS = 6, OUTPUTS = 3 };

/* Every kind of layer, of widths that are no multiple of anything, one linear layer in the middle. */
static inline specrnn_model *make_model(void)
{
  test_module modules[] = {
      module_of("a", TEST_RNN, INPUTS, 19),     module_of("b", TEST_LSTM, 19, 21), module_of("c", TEST_LINEAR, 9, 33),
      module_of("d", TEST_GRU, 33, 65),         module_of("e", TEST_GRU, 65, 5),   module_of("f", TEST_RNN, 5, 70),
      module_of("g", TEST_LINEAR, 70, OUTPUTS),
  };
  modules[1].proj_size = 9;
  modules[4].reset_before = true;
  modules[5].relu = true;
  modules[6].softmax = true;
  float *mean = noise(INPUTS, 5);
  float *scale = noise(INPUTS, 6);
  specrnn_model_config config = SPECRNN_MODEL_CONFIG_INIT;
  specrnn_model *model = NULL;
  config.seed = 3;
  config.mean = mean;
  config.scale = scale;
  succeeds(create_model(&model, config, modules, COUNT(modules)));
  assert_int_equal(specrnn_model_describe(model)->n_layers, N_LAYERS);
  free(mean);
  free(scale);
  return model;
}

#endif
