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

enum { TEST_RNN, TEST_LSTM, TEST_GRU, TEST_LINEAR };

/* A module as tests describe it: what differs from its kind's defaults becomes JSON. */
typedef struct test_module {
  char name[SPECRNN_MODEL_NAME_SIZE + 8];
  int kind;
  int input_size; /* of the first: what the graph reads */
  int hidden_size, proj_size, num_layers;
  bool bias, bidirectional, relu, reset_before, softmax, cell;
  double dropout;
} test_module;

static inline test_module module_of(const char *name, int kind, int input_size, int hidden_size)
{
  test_module module = {.kind = kind, .num_layers = 1, .bias = true};
  snprintf(module.name, sizeof module.name, "%s", name);
  module.input_size = input_size;
  module.hidden_size = hidden_size;
  return module;
}

static inline specrnn_status add_module(specrnn_graph *graph, const test_module *m)
{
  static const char *const KINDS[] = {"rnn", "lstm", "gru", "linear"};
  char options[512];
  size_t length = (size_t)snprintf(options, sizeof options, "{\"%s\": %d, \"bias\": %s",
                                   m->kind == TEST_LINEAR ? "output_size" : "hidden_size", m->hidden_size,
                                   m->bias ? "true" : "false");
  const struct {
    bool differs;
    const char *text;
  } PARTS[] = {{m->bidirectional, ", \"bidirectional\": true"},
               {m->relu, ", \"nonlinearity\": \"relu\""},
               {m->reset_before, ", \"gru_reset\": \"before\""},
               {m->cell, ", \"cell\": true"}};
  for (size_t i = 0; i < COUNT(PARTS); i++) {
    length += (size_t)snprintf(options + length, sizeof options - length, "%s", PARTS[i].differs ? PARTS[i].text : "");
  }
  if (m->num_layers != 1) {
    length += (size_t)snprintf(options + length, sizeof options - length, ", \"num_layers\": %d", m->num_layers);
  }
  if (m->proj_size != 0) {
    length += (size_t)snprintf(options + length, sizeof options - length, ", \"proj_size\": %d", m->proj_size);
  }
  if (m->dropout != 0.0) {
    length += (size_t)snprintf(options + length, sizeof options - length, ", \"dropout\": %.17g", m->dropout);
  }
  snprintf(options + length, sizeof options - length, "}");
  specrnn_status status = specrnn_graph_add(graph, m->name, KINDS[m->kind], NULL, 0, options, &LOG);
  if (!status && m->softmax) {
    status = specrnn_graph_add(graph, "activation", "softmax", NULL, 0, NULL, &LOG);
  }
  return status;
}

static inline specrnn_status make_graph(specrnn_graph **out, const test_module *modules, size_t n_modules)
{
  specrnn_graph *graph = NULL;
  specrnn_status status = specrnn_graph_create(&graph, (size_t)modules[0].input_size, &LOG);
  for (size_t i = 0; i < n_modules && !status; i++) {
    status = add_module(graph, &modules[i]);
  }
  if (status) {
    specrnn_graph_destroy(&graph);
  }
  *out = graph;
  return status;
}

/* The model of a configuration, but for its graph, which these modules are. */
static inline specrnn_status create_model(specrnn_model **out, specrnn_model_config config, const test_module *modules,
                                          size_t n_modules)
{
  specrnn_graph *graph = NULL;
  specrnn_status status = make_graph(&graph, modules, n_modules);
  config.graph = graph;
  status = status ? status : specrnn_model_create(out, &config, &LOG);
  specrnn_graph_destroy(&graph);
  return status;
}

static inline bool has_option(const specrnn_model *model, size_t module, const char *option)
{
  return strstr(specrnn_model_module(model, module)->options, option) != NULL;
}

static inline bool is_recurrent(const specrnn_layer_info *layer)
{
  return layer->h_size > 0;
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
static inline specrnn_model *model_of(const test_module *modules, size_t n_modules, uint64_t seed)
{
  specrnn_model_config config = SPECRNN_MODEL_CONFIG_INIT;
  specrnn_model *model = NULL;
  config.seed = seed;
  succeeds(create_model(&model, config, modules, n_modules));
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
