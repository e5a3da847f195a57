/* Measured plans: kept in a file, the same bits from the same file, and no damaged file believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/rng.h"
#include "specrnn/features.h"

enum { N_SAMPLES = 8000, MAX_ROWS = 100, MAX_FILE = 1 << 20, LINE = 160 };

static const char PATH[] = "plans.test";
static float samples[N_SAMPLES];

static int make_samples(void **state)
{
  (void)state;
  for (size_t i = 0; i < N_SAMPLES; i++) {
    samples[i] = (float)(0.1 * srn_random_normal(5, i));
  }
  return 0;
}

static int remove_file(void **state)
{
  (void)state;
  specrnn_plans_forget();
  remove(PATH);
  return 0;
}

static specrnn_features_config configure(int n_fft, specrnn_precision precision)
{
  specrnn_features_config config = SPECRNN_FEATURES_CONFIG_INIT;
  assert_int_equal(specrnn_features_preset(&config, SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_STFT), SPECRNN_OK);
  config.n_fft = n_fft;
  config.hop_length = 256;
  config.top_db = SPECRNN_NONE;
  config.scale = SPECRNN_SCALE_LINEAR;
  config.precision = precision;
  return config;
}

static float *compute(const specrnn_features_config *config, size_t *count)
{
  specrnn_features_shape shape;
  size_t n_rows;
  assert_int_equal(specrnn_features_describe(config, &shape, NULL), SPECRNN_OK);
  float *rows = malloc(MAX_ROWS * shape.n_bins * sizeof *rows);
  assert_non_null(rows);
  assert_int_equal(specrnn_features_compute_array(config, samples, N_SAMPLES, rows, MAX_ROWS, &n_rows, NULL),
                   SPECRNN_OK);
  *count = n_rows * shape.n_bins;
  return rows;
}

/* Float and double, even, odd (half-complex); a stream can be made of each. */
static void same_file_same_bits(void **state)
{
  (void)state;
  static const int SIZES[] = {512, 400, 441, 1024, 1000};
  for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
    for (int precision = 0; precision < 2; precision++) {
      specrnn_features_config config = configure(SIZES[i], (specrnn_precision)precision);
      specrnn_extractor *e = NULL;
      size_t count, again;
      float *estimated = compute(&config, &count);
      assert_int_equal(specrnn_plans_measure(&config, NULL), SPECRNN_OK);
      float *measured = compute(&config, &again);
      assert_int_equal(again, count);
      assert_int_equal(specrnn_plans_save(PATH, NULL), SPECRNN_OK);
      specrnn_plans_forget();
      float *forgotten = compute(&config, &again);
      assert_memory_equal(forgotten, estimated, count * sizeof *estimated);
      assert_int_equal(specrnn_plans_load(PATH, NULL), SPECRNN_OK);
      float *loaded = compute(&config, &again);
      assert_memory_equal(loaded, measured, count * sizeof *measured);
      for (size_t k = 0; k < count; k++) {
        assert_true(measured[k] >= 0.999F * estimated[k] - 1e-5F && measured[k] <= 1.001F * estimated[k] + 1e-5F);
      }
      assert_int_equal(specrnn_extractor_create(&e, &config, NULL, NULL), SPECRNN_OK);
      specrnn_extractor_destroy(&e);
      specrnn_plans_forget();
      free(estimated);
      free(measured);
      free(forgotten);
      free(loaded);
    }
  }
}

static size_t read_file(char *bytes)
{
  FILE *file = fopen(PATH, "rb");
  assert_non_null(file);
  size_t size = fread(bytes, 1, MAX_FILE, file);
  fclose(file);
  return size;
}

static void keep_message(void *user, specrnn_log_level level, const char *message)
{
  assert_int_equal(level, SPECRNN_LOG_ERROR);
  assert_null(strchr(message, '\n'));
  assert_int_equal(*(char *)user, '\0'); /* one message */
  snprintf(user, LINE, "%s", message);
}

static specrnn_status load_bytes(const char *bytes, size_t size, char *said)
{
  FILE *file = fopen(PATH, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size, file), size);
  fclose(file);
  const specrnn_log log = {.write = keep_message, .user = said};
  said[0] = '\0';
  return specrnn_plans_load(PATH, &log);
}

/* Every truncation and every changed byte. */
static void damage_is_refused(void **state)
{
  (void)state;
  static char bytes[MAX_FILE];
  char said[LINE];
  specrnn_features_config config = configure(64, SPECRNN_PRECISION_FLOAT);
  assert_int_equal(specrnn_plans_measure(&config, NULL), SPECRNN_OK);
  assert_int_equal(specrnn_plans_save(PATH, NULL), SPECRNN_OK);
  size_t size = read_file(bytes);
  for (size_t length = 0; length < size; length++) {
    assert_int_equal(load_bytes(bytes, length, said), SPECRNN_ERROR_FORMAT);
    assert_string_equal(said, "damaged, or no file of measured plans");
  }
  for (size_t i = 0; i < size; i++) {
    bytes[i] ^= 4;
    assert_int_equal(load_bytes(bytes, size, said), SPECRNN_ERROR_FORMAT);
    bytes[i] ^= 4;
  }
  assert_int_equal(load_bytes(bytes, size, said), SPECRNN_OK);
}

static void other_machines_are_refused(void **state)
{
  (void)state;
  static const char EMPTY[] = "specrnn plans 1 cbf29ce484222325 0 0\n"; /* whole, but not what this FFTW writes */
  char said[LINE];
  assert_int_equal(load_bytes(EMPTY, sizeof EMPTY - 1, said), SPECRNN_ERROR_UNSUPPORTED);
  assert_string_equal(said, "the plans were measured with another version of FFTW or on another kind of processor");
  remove(PATH);
  const specrnn_log log = {.write = keep_message, .user = said};
  said[0] = '\0';
  assert_int_equal(specrnn_plans_load(PATH, &log), SPECRNN_ERROR_IO);
  assert_string_equal(said, "cannot open: No such file or directory");
  assert_int_equal(specrnn_plans_load("/", NULL), SPECRNN_ERROR_IO);
  assert_int_equal(specrnn_plans_save("missing/folder/plans", NULL), SPECRNN_ERROR_IO);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_teardown(same_file_same_bits, remove_file),
      cmocka_unit_test_teardown(damage_is_refused, remove_file),
      cmocka_unit_test_teardown(other_machines_are_refused, remove_file),
  };
  return cmocka_run_group_tests(tests, make_samples, NULL);
}
