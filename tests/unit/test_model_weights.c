/* Narrower weights: how far from float, in files and back, the same on every machine. */
#include "model_testing.h"

#include "specrnn/cpu.h"

enum { BINS = 80, N_FRAMES = 2000 };

static const specrnn_weight_type NARROW[] = {SPECRNN_WEIGHT_BF16, SPECRNN_WEIGHT_INT8};

/* What model of these weights makes of noise: (N_FRAMES, output_size). */
static float *run(const specrnn_model *model, const float *input)
{
  float *output = zeros(N_FRAMES * specrnn_model_describe(model)->output_size);
  specrnn_batch batch = SPECRNN_BATCH_INIT;
  batch.input = input;
  batch.n_frames = N_FRAMES;
  batch.output = output;
  succeeds(specrnn_model_forward(model, &batch, &LOG));
  return output;
}

static specrnn_model *narrowed(const specrnn_model *model, specrnn_weight_type type)
{
  specrnn_model *narrow = NULL;
  succeeds(specrnn_model_with_weights(&narrow, model, type, &LOG));
  assert_int_equal(specrnn_model_describe(narrow)->weight_type, type);
  return narrow;
}

static double cosine(const float *a, const float *b, size_t count)
{
  double aa = 0.0;
  double bb = 0.0;
  double ab = 0.0;
  for (size_t i = 0; i < count; i++) {
    aa += (double)a[i] * (double)a[i];
    bb += (double)b[i] * (double)b[i];
    ab += (double)a[i] * (double)b[i];
  }
  return ab / sqrt(aa * bb);
}

/* PyTorch's initial weights, two layers, 2000 steps of noise. */
static void outputs_stay_near_those_of_float(void **state)
{
  (void)state;
  static const int KINDS[] = {TEST_RNN, TEST_LSTM, TEST_GRU};
  const double most = 0.02;
  const double least_cosine = 0.999;
  float *input = noise((size_t)N_FRAMES * BINS, 3);
  for (size_t k = 0; k < COUNT(KINDS); k++) {
    test_module module = module_of("rnn", KINDS[k], BINS, 128);
    module.num_layers = 2;
    specrnn_model *model = model_of(&module, 1, 11);
    float *expected = run(model, input);
    for (size_t t = 0; t < COUNT(NARROW); t++) {
      specrnn_model *narrow = narrowed(model, NARROW[t]);
      float *output = run(narrow, input);
      double worst = 0.0;
      for (size_t i = 0; i < (size_t)N_FRAMES * 128; i++) {
        worst = fmax(worst, fabs((double)output[i] - (double)expected[i]));
      }
      double alike = cosine(output, expected, (size_t)N_FRAMES * 128);
      print_message("# %s %s: %.2g off at most, cosine %.6f\n", specrnn_model_module(model, 0)->title,
                    specrnn_weight_type_name(NARROW[t]), worst, alike);
      assert_true(worst > 0.0 && worst <= most);
      assert_true(alike >= least_cosine);
      free(output);
      specrnn_model_destroy(&narrow);
    }
    free(expected);
    specrnn_model_destroy(&model);
  }
  free(input);
}

/* A stream, a whole array and a group give the same bits; every level gives those of 8-bit weights. */
static void streams_give_the_bits_of_the_whole(void **state)
{
  (void)state;
  test_module modules[] = {module_of("a", TEST_LSTM, BINS, 37), module_of("b", TEST_GRU, 37, 65),
                           module_of("c", TEST_LINEAR, 65, 3)};
  specrnn_model *model = model_of(modules, COUNT(modules), 4);
  float *input = noise((size_t)N_FRAMES * BINS, 3);
  for (size_t t = 0; t < COUNT(NARROW); t++) {
    float *first = NULL;
    for (int level = 0; level < SPECRNN_CPU_LEVELS; level++) {
      if (!specrnn_cpu_supports((specrnn_cpu_level)level)) {
        continue;
      }
      specrnn_cpu_limit((specrnn_cpu_level)level);
      specrnn_model *narrow = narrowed(model, NARROW[t]);
      float *whole = run(narrow, input);
      specrnn_encoder *encoder = NULL;
      succeeds(specrnn_encoder_create(&encoder, narrow, &LOG));
      for (size_t f = 0; f < N_FRAMES; f++) {
        float now[3];
        specrnn_encoder_output output = {NULL, now, NULL};
        specrnn_encoder_process(encoder, input + f * BINS, 1, &output);
        assert_memory_equal(now, whole + f * COUNT(now), sizeof now);
      }
      if (first && NARROW[t] == SPECRNN_WEIGHT_INT8) {
        assert_memory_equal(whole, first, (size_t)N_FRAMES * 3 * sizeof *whole);
      }
      if (first) {
        free(whole);
      } else {
        first = whole;
      }
      specrnn_encoder_destroy(&encoder);
      specrnn_model_destroy(&narrow);
    }
    free(first);
  }
  specrnn_cpu_limit((specrnn_cpu_level)(SPECRNN_CPU_LEVELS - 1));
  free(input);
  specrnn_model_destroy(&model);
}

/* ------------------------------------------------------------------------------------------------------------ files */

static specrnn_model *every_matrix(void)
{
  test_module modules[] = {module_of("a", TEST_LSTM, 5, 9), module_of("b", TEST_GRU, 6, 7),
                           module_of("c", TEST_LINEAR, 14, 3)};
  modules[0].proj_size = 3;
  modules[0].bidirectional = true;
  modules[1].bidirectional = true;
  modules[1].reset_before = true;
  return model_of(modules, COUNT(modules), 4);
}

static void a_saved_model_is_the_same_model(void **state)
{
  (void)state;
  static const size_t SIZES[] = {2, 1};
  const char *path = "narrow.safetensors";
  specrnn_model *model = every_matrix();
  const specrnn_model_info *full = specrnn_model_describe(model);
  for (size_t t = 0; t < COUNT(NARROW); t++) {
    specrnn_model *narrow = narrowed(model, NARROW[t]);
    specrnn_model *again = NULL;
    specrnn_model *loaded = NULL;
    const specrnn_model_info *info = specrnn_model_describe(narrow);
    assert_int_equal(info->bytes_per_step * 4, full->bytes_per_step * SIZES[t]);
    assert_true(info->fingerprint != full->fingerprint);
    succeeds(specrnn_model_with_weights(&again, narrow, NARROW[t], &LOG));
    assert_int_equal(specrnn_model_describe(again)->fingerprint, info->fingerprint);
    succeeds(specrnn_model_save(narrow, path, &LOG));
    succeeds(specrnn_model_load(&loaded, path, NULL, &LOG));
    assert_int_equal(specrnn_model_describe(loaded)->weight_type, NARROW[t]);
    assert_int_equal(specrnn_model_describe(loaded)->fingerprint, info->fingerprint);
    for (size_t i = 0; i < info->n_parameters; i++) {
      assert_same_values(narrow, loaded, i);
    }
    succeeds(specrnn_model_export(narrow, path, &LOG));
    specrnn_model_destroy(&loaded);
    succeeds(specrnn_model_load(&loaded, path, NULL, &LOG));
    assert_int_equal(specrnn_model_describe(loaded)->weight_type, SPECRNN_WEIGHT_F32);
    specrnn_model_destroy(&narrow);
    specrnn_model_destroy(&again);
    specrnn_model_destroy(&loaded);
  }
  remove(path);
  specrnn_model_destroy(&model);
}

/* Replaces text in the file's header by text of the same length, and loads it. */
static specrnn_status load_changed(const unsigned char *bytes, size_t size, const char *from, const char *to)
{
  unsigned char *copy = malloc(size);
  assert_non_null(copy);
  memcpy(copy, bytes, size);
  size_t length = strlen(from);
  assert_int_equal(length, strlen(to));
  for (size_t i = 0; i + length <= size; i++) {
    if (!memcmp(copy + i, from, length)) {
      memcpy(copy + i, to, length);
    }
  }
  specrnn_model *model = NULL;
  specrnn_status status = specrnn_model_load_memory(&model, copy, size, NULL, &LOG);
  specrnn_model_destroy(&model);
  free(copy);
  return status;
}

static void files_that_do_not_fit_are_refused(void **state)
{
  (void)state;
  const char *path = "narrow.safetensors";
  test_module module = module_of("rnn", TEST_GRU, 3, 2);
  specrnn_model *model = model_of(&module, 1, 1);
  specrnn_model *narrow = narrowed(model, SPECRNN_WEIGHT_INT8);
  succeeds(specrnn_model_save(narrow, path, &LOG));
  size_t size;
  unsigned char *bytes = read_bytes(path, &size);
  succeeds(load_changed(bytes, size, "int8", "int8"));
  assert_int_equal(load_changed(bytes, size, "int8", "int4"), SPECRNN_ERROR_UNSUPPORTED);
  assert_string_equal(last_message, "the model has weights of type int4; f32, bf16 and int8 can be read");
  assert_int_equal(load_changed(bytes, size, "int8", "bf16"), SPECRNN_ERROR_UNSUPPORTED);
  assert_string_equal(last_message, "rnn.weight_ih_l0 has dtype I8; F32, F64, F16 and BF16 can be read");
  assert_int_equal(load_changed(bytes, size, "specrnn.scale.rnn.weight_hh_l0", "specrnn.scale.rnn.weight_hh_l1"),
                   SPECRNN_ERROR_FORMAT);
  assert_string_equal(last_message, "specrnn.scale.rnn.weight_hh_l0 is missing");
  bytes[size - 1] ^= 1; /* a weight */
  assert_int_equal(load_changed(bytes, size, "int8", "int8"), SPECRNN_ERROR_FORMAT);
  free(bytes);

  succeeds(specrnn_model_save(model, path, &LOG));
  bytes = read_bytes(path, &size);
  assert_int_equal(
      load_changed(bytes, size, "\"specrnn.layout\":\"batch_first\"", "\"specrnn.weights\":\"int8\"      "),
      SPECRNN_ERROR_FORMAT);
  assert_string_equal(last_message, "rnn.weight_ih_l0 has another dtype than I8 in a model of int8 weights");
  free(bytes);
  remove(path);
  specrnn_model_destroy(&narrow);
  specrnn_model_destroy(&model);
}

static void what_cannot_be_is_refused(void **state)
{
  (void)state;
  test_module module = module_of("rnn", TEST_RNN, 4097, 1);
  specrnn_model *model = model_of(&module, 1, 1);
  specrnn_model *narrow = NULL;
  assert_int_equal(specrnn_model_with_weights(&narrow, model, SPECRNN_WEIGHT_INT8, &LOG), SPECRNN_ERROR_UNSUPPORTED);
  assert_string_equal(last_message, "rnn.weight_ih_l0 has 4097 columns; 8-bit weights may have 4096");
  assert_int_equal(specrnn_model_with_weights(&narrow, model, SPECRNN_WEIGHT_TYPES, &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_null(narrow);
  assert_null(specrnn_weight_type_name(SPECRNN_WEIGHT_TYPES));
  specrnn_model_destroy(&model);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(outputs_stay_near_those_of_float), cmocka_unit_test(streams_give_the_bits_of_the_whole),
      cmocka_unit_test(a_saved_model_is_the_same_model),  cmocka_unit_test(files_that_do_not_fit_are_refused),
      cmocka_unit_test(what_cannot_be_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
