/* A model to run in streams. */
#ifndef SPECRNN_TESTS_UNIT_ENCODER_TESTING_H
#define SPECRNN_TESTS_UNIT_ENCODER_TESTING_H

#include "model_testing.h"

enum { INPUTS = 7, N_LAYERS = 6, OUTPUTS = 3 };

/* Every kind of layer, of widths that are no multiple of anything, one linear layer in the middle. */
static inline specrnn_model *make_model(void)
{
  specrnn_module modules[] = {
      module_of("a", SPECRNN_MODULE_RNN, INPUTS, 19),     module_of("b", SPECRNN_MODULE_LSTM, 19, 21),
      module_of("c", SPECRNN_MODULE_LINEAR, 9, 33),       module_of("d", SPECRNN_MODULE_GRU, 33, 65),
      module_of("e", SPECRNN_MODULE_GRU, 65, 5),          module_of("f", SPECRNN_MODULE_RNN, 5, 70),
      module_of("g", SPECRNN_MODULE_LINEAR, 70, OUTPUTS),
  };
  modules[1].proj_size = 9;
  modules[4].gru_reset = SPECRNN_GRU_RESET_BEFORE;
  modules[5].nonlinearity = SPECRNN_NONLINEARITY_RELU;
  modules[6].activation = SPECRNN_OUTPUT_SOFTMAX;
  float *mean = noise(INPUTS, 5);
  float *scale = noise(INPUTS, 6);
  specrnn_model_config config = SPECRNN_MODEL_CONFIG_INIT;
  specrnn_model *model = NULL;
  config.modules = modules;
  config.n_modules = COUNT(modules);
  config.seed = 3;
  config.mean = mean;
  config.scale = scale;
  succeeds(specrnn_model_create(&model, &config, &LOG));
  assert_int_equal(specrnn_model_describe(model)->n_layers, N_LAYERS);
  free(mean);
  free(scale);
  return model;
}

#endif
