/* What the tests of models and encoders share. */
#ifndef SPECRNN_TESTS_UNIT_MODEL_TESTING_H
#define SPECRNN_TESTS_UNIT_MODEL_TESTING_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "specrnn/specrnn.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static char last_message[1024];

static void remember(void *user, specrnn_log_level level, const char *message)
{
  (void)user;
  if (level == SPECRNN_LOG_ERROR) {
    snprintf(last_message, sizeof last_message, "%s", message);
  }
}

static const specrnn_log LOG = {remember, NULL};

/* Asserts success, and shows the message where there is none. */
static inline void succeeds(specrnn_status status)
{
  if (status) {
    print_error("%s: %s\n", specrnn_status_text(status), last_message);
  }
  assert_int_equal(status, SPECRNN_OK);
}

static inline const char *fixture(const char *name)
{
  static char path[512];
  snprintf(path, sizeof path, "%s/nn/%s", GOLDEN_DIR, name);
  return path;
}

static inline unsigned char *read_bytes(const char *path, size_t *size)
{
  FILE *file = fopen(path, "rb");
  if (!file) {
    fail_msg("cannot open %s", path);
  }
  fseek(file, 0, SEEK_END);
  *size = (size_t)ftell(file);
  rewind(file);
  unsigned char *bytes = malloc(*size + 1);
  assert_non_null(bytes);
  assert_int_equal(fread(bytes, 1, *size, file), *size);
  fclose(file);
  return bytes;
}

static inline specrnn_module module_of(const char *name, specrnn_module_kind kind, int input_size, int hidden_size)
{
  specrnn_module module = SPECRNN_MODULE_INIT;
  snprintf(module.name, sizeof module.name, "%s", name);
  module.kind = kind;
  module.input_size = input_size;
  module.hidden_size = hidden_size;
  return module;
}

/* Numbers of a parameter array. */
static inline size_t count_of(const specrnn_parameter *parameter)
{
  return parameter->shape[0] * (parameter->rank == 2 ? parameter->shape[1] : 1);
}

/* The numbers themselves; free(). */
static inline float *values_of(const specrnn_model *model, const specrnn_parameter *parameter)
{
  size_t index = 0;
  while (specrnn_model_parameter(model, index) != parameter) {
    index++;
  }
  float *values = calloc(count_of(parameter), sizeof *values);
  assert_non_null(values);
  succeeds(specrnn_model_read_parameter(model, index, values, &LOG));
  return values;
}

/* Asserts that two models hold the same bits there. */
static inline void assert_same_values(const specrnn_model *a, const specrnn_model *b, size_t index)
{
  const specrnn_parameter *x = specrnn_model_parameter(a, index);
  float *of_a = values_of(a, x);
  float *of_b = values_of(b, specrnn_model_parameter(b, index));
  assert_memory_equal(of_a, of_b, count_of(x) * sizeof *of_a);
  free(of_a);
  free(of_b);
}

/* A model of these modules with weights drawn from a seed. */
static inline specrnn_model *model_of(const specrnn_module *modules, size_t n_modules, uint64_t seed)
{
  specrnn_model_config config = SPECRNN_MODEL_CONFIG_INIT;
  specrnn_model *model = NULL;
  config.modules = modules;
  config.n_modules = n_modules;
  config.seed = seed;
  succeeds(specrnn_model_create(&model, &config, &LOG));
  return model;
}

/* Numbers from -1 to 1 that repeat from run to run. */
static inline float *noise(size_t count, uint32_t seed)
{
  float *values = malloc((count + 1) * sizeof *values);
  assert_non_null(values);
  for (size_t i = 0; i < count; i++) {
    seed = seed * 1664525U + 1013904223U;
    values[i] = (float)(seed >> 8) / 8388608.0F - 1.0F;
  }
  return values;
}

static inline float *zeros(size_t count)
{
  float *values = calloc(count + 1, sizeof *values);
  assert_non_null(values);
  return values;
}

#endif
