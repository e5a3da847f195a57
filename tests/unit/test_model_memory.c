/* What a model takes: its packed weights, once, however many models share them. */
#include "model_testing.h"

#include "specrnn/features.h"
#include "support/watch.h"

enum { INPUTS = 80, HIDDEN = 512, LAYERS = 2, MIB = 1 << 20, MOST_ODD = 1 << 14 };

static const char *const PATH = "test_model_memory.safetensors";

/* A GRU of the type, saved. */
static void save_model(specrnn_weight_type type)
{
  test_module module = module_of("gru", TEST_GRU, INPUTS, HIDDEN);
  module.num_layers = LAYERS;
  specrnn_model *model = model_of(&module, 1, 1);
  specrnn_model *typed = NULL;
  succeeds(specrnn_model_with_weights(&typed, model, type, &LOG));
  succeeds(specrnn_model_save(typed, PATH, &LOG));
  specrnn_model_destroy(&typed);
  specrnn_model_destroy(&model);
}

static void a_loaded_model_holds_its_weights_once(void **state)
{
  (void)state;
  if (!watch_works()) {
    print_message("# SKIPPED: the sanitizers have taken the place of malloc\n");
    skip();
  }
  for (int type = 0; type < SPECRNN_WEIGHT_TYPES; type++) {
    save_model((specrnn_weight_type)type);
    size_t file_size;
    free(read_bytes(PATH, &file_size));
    specrnn_model *model = NULL;
    watch_start();
    specrnn_status status = specrnn_model_load(&model, PATH, NULL, &LOG);
    watch_counts counts = watch_stop();
    succeeds(status);
    double packed = (double)specrnn_model_describe(model)->bytes_per_step;
    assert_true(packed > (double)(INPUTS + 3 * HIDDEN) * 3 * HIDDEN * (type ? 4 / (2 * type) : 4) - 1);
    if (!((double)counts.live <= 1.1 * packed + MIB)) {
      fail_msg("%s: %lld bytes are live for %.0f of weights", specrnn_weight_type_name((specrnn_weight_type)type),
               counts.live, packed);
    }
    if (!((double)counts.peak <= (double)file_size + packed + 16.0 * MIB)) {
      fail_msg("%s: %lld bytes at the peak for a file of %zu and %.0f of weights",
               specrnn_weight_type_name((specrnn_weight_type)type), counts.peak, file_size, packed);
    }
    specrnn_model_destroy(&model);
  }
  remove(PATH);
}

static void copies_share_their_weights(void **state)
{
  (void)state;
  if (!watch_works()) {
    print_message("# SKIPPED: the sanitizers have taken the place of malloc\n");
    skip();
  }
  test_module module = module_of("gru", TEST_GRU, INPUTS, HIDDEN);
  specrnn_model *model = model_of(&module, 1, 1);
  float mean[INPUTS] = {0.0F};
  float scale[INPUTS];
  for (size_t i = 0; i < INPUTS; i++) {
    scale[i] = 2.0F;
  }
  specrnn_model *copy = NULL;
  watch_start();
  specrnn_status status = specrnn_model_with_normaliser(&copy, model, mean, scale, INPUTS, &LOG);
  watch_counts counts = watch_stop();
  succeeds(status);
  assert_true(counts.live < MIB / 16);
  specrnn_model_destroy(&model); /* the copy holds on to what both share */
  for (size_t i = 0; i < specrnn_model_describe(copy)->n_parameters; i++) {
    free(values_of(copy, specrnn_model_parameter(copy, i)));
  }
  specrnn_model_destroy(&copy);
}

/* Every kind, in odd sizes: what is read back is what was given, or what its type makes of it, which is given again. */
static void parameters_are_read_back(void **state)
{
  (void)state;
  test_module cases[] = {
      module_of("a", TEST_RNN, 7, 37), module_of("a", TEST_LSTM, 5, 67), module_of("a", TEST_LSTM, 3, 21),
      module_of("a", TEST_GRU, 1, 65), module_of("a", TEST_GRU, 9, 43),
  };
  cases[1].bidirectional = true;
  cases[2].proj_size = 5;
  cases[2].bias = false;
  cases[4].reset_before = true;
  cases[4].num_layers = 2;
  for (size_t i = 0; i < COUNT(cases); i++) {
    specrnn_model_config config = SPECRNN_MODEL_CONFIG_INIT;
    specrnn_model *drawn = model_of(&cases[i], 1, i);
    size_t n_weights = specrnn_model_describe(drawn)->n_weights;
    float *given = noise(n_weights, (uint32_t)i);
    specrnn_model *model = NULL;
    config.parameters = given;
    succeeds(create_model(&model, config, &cases[i], 1));
    const float *next = given;
    for (size_t p = 0; p < specrnn_model_describe(model)->n_parameters; p++) {
      const specrnn_parameter *parameter = specrnn_model_parameter(model, p);
      float *values = values_of(model, parameter);
      assert_memory_equal(values, next, count_of(parameter) * sizeof *values);
      next += count_of(parameter);
      free(values);
    }
    for (int type = SPECRNN_WEIGHT_BF16; type < SPECRNN_WEIGHT_TYPES; type++) {
      specrnn_model *narrow = NULL, *again = NULL;
      succeeds(specrnn_model_with_weights(&narrow, model, (specrnn_weight_type)type, &LOG));
      succeeds(specrnn_model_with_weights(&again, narrow, (specrnn_weight_type)type, &LOG));
      for (size_t p = 0; p < specrnn_model_describe(model)->n_parameters; p++) {
        assert_same_values(narrow, again, p);
      }
      specrnn_model_destroy(&narrow);
      specrnn_model_destroy(&again);
    }
    float none;
    assert_int_equal(specrnn_model_read_parameter(model, 1000, &none, &LOG), SPECRNN_ERROR_ARGUMENT);
    assert_non_null(strstr(last_message, "there is none of number 1000"));
    free(given);
    specrnn_model_destroy(&drawn);
    specrnn_model_destroy(&model);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_loaded_model_holds_its_weights_once),
      cmocka_unit_test(copies_share_their_weights),
      cmocka_unit_test(parameters_are_read_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
