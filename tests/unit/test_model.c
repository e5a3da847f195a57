/* Models made in memory: structure, parameters, draws, fingerprints, test vectors, and the rules that they keep. */
#include "model_testing.h"

#include "core/rng.h"

/* -------------------------------------------------------------------------------------------------------- structure */

static void a_chain_is_described(void **state)
{
  (void)state;
  test_module modules[] = {
      module_of("net.lstm", TEST_LSTM, 10, 8),
      module_of("gru", TEST_GRU, 6, 5),
      module_of("head", TEST_LINEAR, 5, 3),
  };
  modules[0].proj_size = 3;
  modules[0].num_layers = 2;
  modules[0].bidirectional = true;
  modules[0].bias = false;
  specrnn_model *model = model_of(modules, COUNT(modules), 1);
  const specrnn_model_info *info = specrnn_model_describe(model);
  assert_int_equal(info->n_modules, 3);
  assert_int_equal(info->n_layers, 3);
  assert_true(info->has_output_layer);
  assert_true(info->bidirectional);
  assert_int_equal(info->input_size, 10);
  assert_int_equal(info->output_size, 3);
  assert_int_equal(info->h_size, 2 * 3 + 2 * 3 + 5);
  assert_int_equal(info->c_size, 2 * 8 + 2 * 8);
  /* LSTM: two directions of 32 rows on 10 or 6 inputs and 3 states, and the projection; GRU; linear. */
  size_t lstm0 = 2 * (32 * (10 + 3) + 3 * 8);
  size_t lstm1 = 2 * (32 * (6 + 3) + 3 * 8);
  size_t gru = 15 * (6 + 5);
  size_t head = 3 * 5;
  assert_int_equal(info->n_weights, lstm0 + lstm1 + gru + 2 * 15 + head + 3);
  assert_int_equal(info->bytes_per_step, 4 * (lstm0 + lstm1 + gru + head));
  assert_int_equal(info->n_parameters, 2 * 2 * 3 + 4 + 2);
  const specrnn_layer_info *layer = specrnn_model_layer(model, 1);
  assert_int_equal(layer->input_size, 6);
  assert_int_equal(layer->width, 6);
  assert_int_equal(layer->n_directions, 2);
  assert_int_equal(layer->n_gates, 4);
  assert_int_equal(layer->hidden_size, 8);
  assert_int_equal(layer->h_offset, 6);
  assert_int_equal(layer->c_offset, 16);
  assert_int_equal(specrnn_model_layer(model, 3)->width, 3);
  assert_null(specrnn_model_layer(model, 4));
  assert_null(specrnn_model_module(model, 3));
  assert_null(specrnn_model_front_end(model));
  specrnn_model_destroy(&model);
  assert_null(model);
  specrnn_model_destroy(&model);
}

static void parameters_have_the_names_and_shapes_of_pytorch(void **state)
{
  (void)state;
  static const struct {
    const char *name;
    size_t rank, rows, columns;
  } EXPECTED[] = {
      {"a.weight_ih_l0", 2, 16, 3},
      {"a.weight_hh_l0", 2, 16, 2},
      {"a.bias_ih_l0", 1, 16, 0},
      {"a.bias_hh_l0", 1, 16, 0},
      {"a.weight_hr_l0", 2, 2, 4},
      {"a.weight_ih_l0_reverse", 2, 16, 3},
      {"a.weight_hh_l0_reverse", 2, 16, 2},
      {"a.bias_ih_l0_reverse", 1, 16, 0},
      {"a.bias_hh_l0_reverse", 1, 16, 0},
      {"a.weight_hr_l0_reverse", 2, 2, 4},
      {"cell.weight_ih", 2, 6, 4},
      {"cell.weight_hh", 2, 6, 2},
      {"cell.bias_ih", 1, 6, 0},
      {"cell.bias_hh", 1, 6, 0},
      {"out.weight", 2, 7, 2},
      {"out.bias", 1, 7, 0},
  };
  test_module modules[] = {
      module_of("a", TEST_LSTM, 3, 4),
      module_of("cell", TEST_GRU, 4, 2),
      module_of("out", TEST_LINEAR, 2, 7),
  };
  modules[0].proj_size = 2;
  modules[0].bidirectional = true;
  modules[1].cell = true;
  specrnn_model *model = model_of(modules, COUNT(modules), 1);
  assert_int_equal(specrnn_model_describe(model)->n_parameters, COUNT(EXPECTED));
  for (size_t i = 0; i < COUNT(EXPECTED); i++) {
    const specrnn_parameter *parameter = specrnn_model_parameter(model, i);
    assert_string_equal(parameter->name, EXPECTED[i].name);
    assert_int_equal(parameter->rank, EXPECTED[i].rank);
    assert_int_equal(parameter->shape[0], EXPECTED[i].rows);
    assert_int_equal(parameter->shape[1], EXPECTED[i].columns);
    assert_ptr_equal(specrnn_model_find_parameter(model, EXPECTED[i].name), parameter);
  }
  assert_null(specrnn_model_find_parameter(model, "a.weight_ih_l1"));
  specrnn_model_destroy(&model);
}

static void draws_are_as_documented(void **state)
{
  (void)state;
  enum { SEED = 42 };
  test_module modules[] = {module_of("rnn", TEST_RNN, 3, 16), module_of("out", TEST_LINEAR, 16, 4)};
  specrnn_model *model = model_of(modules, 2, SEED);
  for (size_t p = 0; p < 6; p++) {
    const specrnn_parameter *parameter = specrnn_model_parameter(model, p);
    float *values = values_of(model, parameter);
    for (size_t i = 0; i < count_of(parameter); i++) {
      double u = srn_random_uniform(SEED, ((uint64_t)p << 32) + i);
      assert_true(values[i] == (float)(0.25 * (2.0 * u - 1.0))); /* 1 / sqrt(16), for both */
    }
    free(values);
  }
  specrnn_model *other = model_of(modules, 2, SEED + 1);
  assert_true(specrnn_model_describe(other)->fingerprint != specrnn_model_describe(model)->fingerprint);
  specrnn_model_destroy(&other);
  other = model_of(modules, 2, SEED);
  assert_true(specrnn_model_describe(other)->fingerprint == specrnn_model_describe(model)->fingerprint);
  specrnn_model_destroy(&other);
  specrnn_model_destroy(&model);
}

/* ------------------------------------------------------------------------------------------------------ broken rules
 */

static specrnn_status create(const test_module *modules, size_t n_modules)
{
  specrnn_model_config config = SPECRNN_MODEL_CONFIG_INIT;
  specrnn_model *model = NULL;
  specrnn_status status = create_model(&model, config, modules, n_modules);
  assert_null(model);
  return status;
}

static void structures_that_break_a_rule_are_refused(void **state)
{
  (void)state;
  static const struct {
    const char *name, *kind, *options, *message;
  } CASES[] = {
      {"rnn", "lstm", NULL, "hidden_size is 0; it must be from 1 to 65536"},
      {"rnn", "lstm", "{\"hidden_size\": 65537}", "hidden_size is 65537; it must be from 1 to 65536"},
      {"rnn", "lstm", "{\"hidden_size\": 4, \"proj_size\": 4}", "module 'rnn': proj_size must be below hidden_size"},
      {"rnn", "gru", "{\"hidden_size\": 4, \"proj_size\": 2}", "unknown gru option 'proj_size'"},
      {"rnn", "linear", "{\"output_size\": 4, \"bidirectional\": true}", "unknown linear option 'bidirectional'"},
      {"rnn", "lstm", "{\"hidden_size\": 40000, \"bidirectional\": true}", "module 'rnn': its width is above 65536"},
      {"rnn", "rnn", "{\"hidden_size\": 4, \"cell\": true, \"num_layers\": 2}",
       "module 'rnn': a cell is one layer in one direction"},
      {"rnn", "rnn", "{\"hidden_size\": 4, \"dropout\": 1}", "dropout is 1; it must be from 0 to 0.999999"},
      {"a b", "rnn", "{\"hidden_size\": 4}",
       "the name of a module holds something else than letters, digits, '_', '-' and '.'"},
      {"specrnn.rnn", "rnn", "{\"hidden_size\": 4}",
       "a module is named 'specrnn.rnn'; names with 'specrnn.' are reserved"},
      {"first", "gru", "{\"hidden_size\": 4}", "two modules are named 'first'"},
      {"x", "gruu", NULL, "'gruu' is no kind of layer; did you mean gru?"},
      {"x", "softmax", NULL, "module 'x': a softmax follows a linear module"},
      {"x", "dropout", NULL, "module 'x': dropout is an option of recurrent modules"},
      {"x", "gru", "[4]", NULL},
      {"x", "gru", "{", NULL},
      {"x", "gru", "{\"hidden_size\": \"many\"}", NULL},
      {"x", "gru", "{\"hidden_size\": 4, \"hidden_size\": 5}", NULL},
      {"a-name-that-is-longer-than-all-names-of-modules-that-anybody-gives", "gru", "{\"hidden_size\": 4}",
       "the name of a module is longer than 63 characters"},
  };
  specrnn_graph *graph = NULL;
  succeeds(specrnn_graph_create(&graph, 3, &LOG));
  succeeds(specrnn_graph_add(graph, "first", "rnn", NULL, 0, "{\"hidden_size\": 6}", &LOG));
  for (size_t i = 0; i < COUNT(CASES); i++) {
    last_message[0] = '\0';
    assert_true(specrnn_graph_add(graph, CASES[i].name, CASES[i].kind, NULL, 0, CASES[i].options, &LOG) != SPECRNN_OK);
    assert_true(last_message[0]);
    if (CASES[i].message) {
      assert_string_equal(last_message, CASES[i].message);
    }
    assert_int_equal(specrnn_graph_output_size(graph), 6);
  }
  const char *const inputs[] = {"input", "first"};
  const char *options = "{\"output_size\": 2}";
  assert_int_equal(specrnn_graph_add(graph, "x", "linear", inputs, 1, options, &LOG), SPECRNN_ERROR_UNSUPPORTED);
  assert_string_equal(last_message,
                      "module 'x' does not read the one before it, 'first', alone: only chains can be run");
  assert_int_equal(specrnn_graph_add(graph, "x", "linear", inputs, 2, options, &LOG), SPECRNN_ERROR_UNSUPPORTED);
  succeeds(specrnn_graph_add(graph, "x", "linear", inputs + 1, 1, options, &LOG));
  specrnn_graph_destroy(&graph);
  assert_int_equal(specrnn_graph_create(&graph, 0, &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_int_equal(specrnn_graph_create(&graph, 65537, &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_null(graph);
}

static void chains_that_break_a_rule_are_refused(void **state)
{
  (void)state;
  test_module modules[] = {module_of("rnn1", TEST_GRU, 3, 4), module_of("rnn2", TEST_GRU, 4, 2)};
  specrnn_model_config config = SPECRNN_MODEL_CONFIG_INIT;
  specrnn_model *model = NULL;
  assert_int_equal(create(modules, 0), SPECRNN_ERROR_ARGUMENT);
  assert_int_equal(specrnn_model_create(&model, &config, &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_string_equal(last_message, "a model needs at least one module");
  modules[0].kind = TEST_LINEAR;
  assert_int_equal(create(modules, 1), SPECRNN_ERROR_ARGUMENT);
  assert_string_equal(last_message, "the model has no recurrent layer");
  modules[0].kind = TEST_GRU;
  modules[0].num_layers = 200;
  modules[1].num_layers = 100;
  assert_int_equal(create(modules, 2), SPECRNN_ERROR_ARGUMENT);
  assert_string_equal(last_message, "the chain has more than 256 layers");
}

/* A graph, its JSON, the graph of that, and that of a model say the same. */
static void graphs_are_json(void **state)
{
  (void)state;
  static const char TEXT[] =
      "{\"input_shape\": [80], \"nodes\": [{\"name\": \"a\", \"kind\": \"lstm\", \"hidden_size\": 8, "
      "\"proj_size\": 4, \"num_layers\": 2, \"bias\": false, \"dropout\": 0.10000000000000001}, "
      "{\"name\": \"b\", \"kind\": \"gru\", \"hidden_size\": 5, \"gru_reset\": \"before\"}, "
      "{\"name\": \"out\", \"kind\": \"linear\", \"output_size\": 3}, "
      "{\"name\": \"out.softmax\", \"kind\": \"softmax\"}]}";
  static const char *const BAD[] = {
      "",
      "[]",
      "{}",
      "{\"input_shape\": [80]}",
      "{\"input_shape\": 80, \"nodes\": []}",
      "{\"input_shape\": [-1], \"nodes\": []}",
      "{\"input_shape\": [80, 2], \"nodes\": []}",
      "{\"input_shape\": [80], \"nodes\": [7]}",
      "{\"input_shape\": [80], \"nodes\": [{\"kind\": \"gru\", \"hidden_size\": 4}]}",
      "{\"input_shape\": [80], \"nodes\": [{\"name\": \"a\", \"hidden_size\": 4}]}",
      "{\"input_shape\": [80], \"nodes\": [{\"name\": \"a\", \"kind\": \"gru\", \"hidden_sizes\": 4}]}",
      "{\"input_shape\": [80], \"nodes\": [{\"name\": \"a\", \"kind\": \"gru\", \"input\": [\"x\", \"y\"]}]}",
  };
  specrnn_graph *graph = NULL;
  char *json = NULL;
  succeeds(specrnn_graph_from_json(&graph, TEXT, &LOG));
  assert_int_equal(specrnn_graph_output_size(graph), 3);
  succeeds(specrnn_graph_to_json(&json, graph, &LOG));
  assert_string_equal(json, TEXT);
  specrnn_json_destroy(&json);
  specrnn_model_config config = SPECRNN_MODEL_CONFIG_INIT;
  specrnn_model *model = NULL;
  config.graph = graph;
  succeeds(specrnn_model_create(&model, &config, &LOG));
  specrnn_graph_destroy(&graph);
  assert_string_equal(specrnn_model_module(model, 1)->options, "{\"hidden_size\": 5, \"gru_reset\": \"before\"}");
  assert_string_equal(specrnn_model_layer(model, 3)->description, "linear softmax");
  succeeds(specrnn_model_graph(&graph, model, &LOG));
  succeeds(specrnn_graph_to_json(&json, graph, &LOG));
  assert_string_equal(json, TEXT);
  specrnn_json_destroy(&json);
  specrnn_graph_destroy(&graph);
  specrnn_model_destroy(&model);
  for (size_t i = 0; i < COUNT(BAD); i++) {
    last_message[0] = '\0';
    assert_true(specrnn_graph_from_json(&graph, BAD[i], &LOG) != SPECRNN_OK);
    assert_true(!graph && last_message[0]);
  }
}

/* Every kind has a name, a line of help and options. */
static void kinds_describe_themselves(void **state)
{
  (void)state;
  size_t count = 0;
  for (const char *kind; (kind = specrnn_kind_name(count)); count++) {
    assert_non_null(specrnn_kind_help(kind));
    assert_non_null(specrnn_kind_options(kind));
  }
  assert_true(count >= 6);
  assert_null(specrnn_kind_help("none"));
  assert_null(specrnn_kind_options("none"));
}

static void parameters_and_normalisers_must_be_finite(void **state)
{
  (void)state;
  test_module module = module_of("rnn", TEST_RNN, 2, 2);
  float parameters[2 * 2 + 2 * 2 + 2 + 2] = {0.0F};
  float mean[2] = {0.0F};
  float scale[2] = {1.0F, NAN};
  specrnn_model_config config = SPECRNN_MODEL_CONFIG_INIT;
  specrnn_model *model = NULL;
  config.parameters = parameters;
  config.mean = mean;
  assert_int_equal(create_model(&model, config, &module, 1), SPECRNN_ERROR_ARGUMENT);
  config.scale = scale;
  assert_int_equal(create_model(&model, config, &module, 1), SPECRNN_ERROR_NOT_FINITE);
  assert_string_equal(last_message, "the normaliser of bin 1 is not finite");
  scale[1] = 1.0F;
  parameters[5] = INFINITY;
  assert_int_equal(create_model(&model, config, &module, 1), SPECRNN_ERROR_NOT_FINITE);
  assert_string_equal(last_message, "rnn.weight_hh_l0 holds a value that is not finite, number 1 of 4");
  assert_null(model);
}

/* ------------------------------------------------------------------------------------------------- copies with changes
 */

static void a_front_end_must_fit(void **state)
{
  (void)state;
  test_module module = module_of("rnn", TEST_RNN, 40, 4);
  specrnn_model *model = model_of(&module, 1, 1);
  specrnn_model *with = NULL;
  specrnn_features_config front_end;
  succeeds(specrnn_features_preset(&front_end, SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_MEL));
  front_end.n_mels = 80;
  assert_int_equal(specrnn_model_with_front_end(&with, model, &front_end, &LOG), SPECRNN_ERROR_SHAPE);
  assert_string_equal(last_message, "the front end gives 80 features per frame; the model reads 40");
  front_end.n_mels = 40;
  front_end.hop_length = SPECRNN_AUTO;
  succeeds(specrnn_model_with_front_end(&with, model, &front_end, &LOG));
  assert_int_equal(specrnn_model_front_end(with)->n_mels, 40);
  assert_int_equal(specrnn_model_front_end(with)->hop_length, 512); /* resolved: a quarter of 2048 */
  assert_true(specrnn_model_describe(with)->has_front_end);
  assert_true(specrnn_model_describe(with)->fingerprint != specrnn_model_describe(model)->fingerprint);
  specrnn_model *without = NULL;
  succeeds(specrnn_model_with_front_end(&without, with, NULL, &LOG));
  assert_true(specrnn_model_describe(without)->fingerprint == specrnn_model_describe(model)->fingerprint);
  specrnn_model_destroy(&with);
  specrnn_model_destroy(&without);
  specrnn_model_destroy(&model);
}

static void a_normaliser_is_applied_before_the_chain(void **state)
{
  (void)state;
  test_module module = module_of("rnn", TEST_RNN, 2, 3);
  static const float MEAN[] = {-40.0F, 10.0F};
  static const float SCALE[] = {0.125F, 2.0F};
  static const float RAW[] = {-32.0F, 10.5F};
  static const float NORMALISED[] = {1.0F, 1.0F};
  specrnn_model *model = model_of(&module, 1, 1);
  specrnn_model *with = NULL;
  assert_int_equal(specrnn_model_with_normaliser(&with, model, MEAN, SCALE, 3, &LOG), SPECRNN_ERROR_SHAPE);
  assert_string_equal(last_message, "the normaliser has 3 bins; the model reads 2 features");
  succeeds(specrnn_model_with_normaliser(&with, model, MEAN, SCALE, 2, &LOG));
  const float *mean = NULL;
  const float *scale = NULL;
  assert_false(specrnn_model_normaliser(model, &mean, &scale));
  assert_true(specrnn_model_normaliser(with, &mean, &scale));
  assert_memory_equal(mean, MEAN, sizeof MEAN);
  assert_memory_equal(scale, SCALE, sizeof SCALE);
  float expected[3];
  float output[3];
  specrnn_batch batch = SPECRNN_BATCH_INIT;
  batch.n_frames = 1;
  batch.input = NORMALISED;
  batch.output = expected;
  succeeds(specrnn_model_forward(model, &batch, &LOG));
  batch.input = RAW;
  batch.output = output;
  succeeds(specrnn_model_forward(with, &batch, &LOG));
  assert_memory_equal(output, expected, sizeof expected);
  specrnn_model_destroy(&with);
  specrnn_model_destroy(&model);
}

/* ----------------------------------------------------------------------------------------------------- test vectors */

static void test_vectors_are_checked(void **state)
{
  (void)state;
  enum { FRAMES = 5, INPUTS = 2, OUTPUTS = 3 };
  test_module module = module_of("rnn", TEST_LSTM, INPUTS, OUTPUTS);
  specrnn_model *model = model_of(&module, 1, 1);
  specrnn_model *with = NULL;
  specrnn_model_check check = {0};
  float *input = noise(FRAMES * INPUTS, 1);
  assert_int_equal(specrnn_model_verify(model, &check, &LOG), SPECRNN_ERROR_EMPTY);
  specrnn_model_test test = {FRAMES, input, NULL, 0.0};
  succeeds(specrnn_model_with_test(&with, model, &test, &LOG));
  succeeds(specrnn_model_verify(with, &check, &LOG));
  assert_int_equal(check.n_tests, 1);
  assert_int_equal(check.n_failed, 0);
  assert_true(check.worst == 0.0);
  assert_true(specrnn_model_describe(with)->fingerprint == specrnn_model_describe(model)->fingerprint);

  float output[FRAMES * OUTPUTS];
  memcpy(output, specrnn_model_test_vector(with, 0)->output, sizeof output);
  output[3 * OUTPUTS + 1] += 0.25F;
  test.output = output;
  test.tolerance = 0.125;
  specrnn_model *wrong = NULL;
  succeeds(specrnn_model_with_test(&wrong, with, &test, &LOG));
  assert_int_equal(specrnn_model_verify(wrong, &check, &LOG), SPECRNN_ERROR_FORMAT);
  assert_int_equal(check.n_tests, 2);
  assert_int_equal(check.n_failed, 1);
  assert_int_equal(check.worst_test, 1);
  assert_int_equal(check.worst_frame, 3);
  assert_int_equal(check.worst_feature, 1);
  assert_true(fabs(check.worst - 0.25) < 1e-6);

  test.tolerance = -1.0;
  assert_int_equal(specrnn_model_with_test(&model, with, &test, &LOG), SPECRNN_ERROR_ARGUMENT);
  test.tolerance = 0.0;
  test.n_frames = 0;
  assert_int_equal(specrnn_model_with_test(&model, with, &test, &LOG), SPECRNN_ERROR_ARGUMENT);
  test.n_frames = FRAMES;
  input[4] = NAN;
  assert_int_equal(specrnn_model_with_test(&model, with, &test, &LOG), SPECRNN_ERROR_NOT_FINITE);
  input[4] = 0.0F;
  for (size_t i = 2; i < SPECRNN_MODEL_MAX_TESTS; i++) {
    specrnn_model *more = NULL;
    succeeds(specrnn_model_with_test(&more, wrong, &test, &LOG));
    specrnn_model_destroy(&wrong);
    wrong = more;
  }
  assert_int_equal(specrnn_model_with_test(&model, wrong, &test, &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_string_equal(last_message, "the model has 256 test vectors already");
  free(input);
  specrnn_model_destroy(&wrong);
  specrnn_model_destroy(&with);
  specrnn_model_destroy(&model);
}

static void the_built_in_model_is_the_tutorials(void **state)
{
  (void)state;
  specrnn_model *model = NULL;
  succeeds(specrnn_model_load_builtin(&model, NULL, &LOG));
  const specrnn_model_info *info = specrnn_model_describe(model);
  assert_string_equal(specrnn_model_builtin_name(0), "default");
  assert_null(specrnn_model_builtin_name(1));
  assert_int_equal(info->input_size, 257);
  assert_int_equal(specrnn_model_layer(model, 0)->width, 128);
  assert_int_equal(specrnn_model_layer(model, 1)->width, 64);
  assert_int_equal(info->n_layers, 2);
  assert_true(info->has_normaliser);
  assert_int_equal(specrnn_model_front_end(model)->sample_rate_hz, 16000);
  assert_int_equal(specrnn_model_front_end(model)->n_fft, 512);
  assert_int_equal(specrnn_model_front_end(model)->hop_length, 256);
  specrnn_model *none = NULL;
  assert_int_equal(specrnn_model_load_builtin(&none, "nobody", &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_null(none);
  specrnn_model_destroy(&model);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_chain_is_described),
      cmocka_unit_test(parameters_have_the_names_and_shapes_of_pytorch),
      cmocka_unit_test(draws_are_as_documented),
      cmocka_unit_test(structures_that_break_a_rule_are_refused),
      cmocka_unit_test(chains_that_break_a_rule_are_refused),
      cmocka_unit_test(graphs_are_json),
      cmocka_unit_test(kinds_describe_themselves),
      cmocka_unit_test(parameters_and_normalisers_must_be_finite),
      cmocka_unit_test(a_front_end_must_fit),
      cmocka_unit_test(a_normaliser_is_applied_before_the_chain),
      cmocka_unit_test(test_vectors_are_checked),
      cmocka_unit_test(the_built_in_model_is_the_tutorials),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
