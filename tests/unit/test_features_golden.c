/* Every golden array of the references, at its gate. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "specrnn/features.h"
#include "specrnn/io.h"
#include "support/golden.h"

/* Near silence single-precision references are noise themselves. So a gate in dB or nat holds within this range below
 * the frame's maximum; below it, the linear power must agree within this part of the frame's maximum. The double
 * preset (librosa) has no such range: its gate holds everywhere. */
static const double RANGE_DB = 60.0;
static const double POWER_PART = 1e-6;

typedef struct setting {
  const char *key, *value;
} setting;

enum { MAX_SETTINGS = 12 };

typedef struct golden_case {
  const char *name;
  specrnn_preset preset;
  specrnn_features_kind kind;
  double gate;
  double db_per_unit;             /* 0: the gate holds everywhere */
  size_t first_column;            /* of our rows that the reference has */
  size_t first_sample, n_samples; /* 0: all */
  setting settings[MAX_SETTINGS];
} golden_case;

static const double NAT = 4.342944819032518; /* dB in a natural logarithm of power */

static const golden_case CASES[] = {
    {"librosa_stft_mag",
     SPECRNN_PRESET_LIBROSA,
     SPECRNN_KIND_STFT,
     1e-5,
     0,
     0,
     0,
     0,
     {{"sample_rate_hz", "16000"}, {"n_fft", "512"}, {"hop_length", "256"}, {"scale", "linear"}}},
    {"librosa_stft_db",
     SPECRNN_PRESET_LIBROSA,
     SPECRNN_KIND_STFT,
     1e-4,
     0,
     0,
     0,
     0,
     {{"sample_rate_hz", "16000"}, {"n_fft", "512"}, {"hop_length", "256"}}},
    {"seed_pipeline_db",
     SPECRNN_PRESET_LIBROSA,
     SPECRNN_KIND_STFT,
     1e-4,
     0,
     0,
     24000,
     48000,
     {{"sample_rate_hz", "16000"}, {"n_fft", "512"}, {"hop_length", "256"}}},
    {"librosa_stft_mag_hamming_nocenter",
     SPECRNN_PRESET_LIBROSA,
     SPECRNN_KIND_STFT,
     1e-5,
     0,
     0,
     0,
     0,
     {{"sample_rate_hz", "16000"},
      {"n_fft", "512"},
      {"hop_length", "128"},
      {"win_length", "400"},
      {"window", "hamming"},
      {"center", "false"},
      {"scale", "linear"}}},
    {"librosa_mel_db",
     SPECRNN_PRESET_LIBROSA,
     SPECRNN_KIND_MEL,
     1e-4,
     0,
     0,
     0,
     0,
     {{"sample_rate_hz", "16000"}, {"ref", "max"}}},
    {"librosa_mel_htk_power1",
     SPECRNN_PRESET_LIBROSA,
     SPECRNN_KIND_MEL,
     1e-5,
     0,
     0,
     0,
     0,
     {{"sample_rate_hz", "16000"},
      {"n_fft", "400"},
      {"hop_length", "160"},
      {"n_mels", "40"},
      {"mel_scale", "htk"},
      {"mel_norm", "none"},
      {"fmin", "20"},
      {"fmax", "7600"},
      {"power", "1"},
      {"scale", "linear"}}},
    {"librosa_mfcc", SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_MFCC, 1e-4, 0, 0, 0, 0, {{"sample_rate_hz", "16000"}}},
    {"librosa_delta",
     SPECRNN_PRESET_LIBROSA,
     SPECRNN_KIND_MFCC,
     1e-4,
     0,
     20,
     0,
     0,
     {{"sample_rate_hz", "16000"}, {"delta_order", "1"}}},
    {"librosa_pcen",
     SPECRNN_PRESET_LIBROSA,
     SPECRNN_KIND_MEL,
     1e-4,
     0,
     0,
     0,
     0,
     {{"sample_rate_hz", "16000"},
      {"n_fft", "512"},
      {"hop_length", "256"},
      {"n_mels", "64"},
      {"power", "1"},
      {"scale", "pcen"},
      {"input_scale", "2147483648"}}},
    {"torchaudio_mel_db",
     SPECRNN_PRESET_TORCHAUDIO,
     SPECRNN_KIND_MEL,
     0.01,
     1.0,
     0,
     0,
     0,
     {{"hop_length", "160"}, {"n_mels", "80"}, {"top_db", "80"}}},
    {"torchaudio_mfcc",
     SPECRNN_PRESET_TORCHAUDIO,
     SPECRNN_KIND_MFCC,
     0.05,
     0,
     0,
     0,
     0,
     {{"hop_length", "160"}, {"n_mels", "40"}, {"n_mfcc", "13"}}},
    {"kaldi_fbank_80", SPECRNN_PRESET_KALDI, SPECRNN_KIND_MEL, 5e-3, NAT, 0, 0, 0, {{"n_mels", "80"}}},
    {"kaldi_fbank_40_nosnip_energy",
     SPECRNN_PRESET_KALDI,
     SPECRNN_KIND_MEL,
     5e-3,
     NAT,
     0,
     0,
     0,
     {{"n_mels", "40"}, {"snip_edges", "false"}, {"use_energy", "true"}, {"window", "hamming"}, {"fmax", "-400"}}},
    {"kaldi_mfcc", SPECRNN_PRESET_KALDI, SPECRNN_KIND_MFCC, 5e-3, 0, 0, 0, 0, {{NULL, NULL}}},
    {"whisper_logmel_80", SPECRNN_PRESET_WHISPER, SPECRNN_KIND_MEL, 1e-4, 0, 0, 0, 0, {{NULL, NULL}}},
};

static void say(void *user, specrnn_log_level level, const char *message)
{
  (void)user;
  print_message("# %s: %s\n", level == SPECRNN_LOG_ERROR ? "error" : "note", message);
}

static const specrnn_log LOG = {say, NULL};

static specrnn_features_config configure(const golden_case *c)
{
  specrnn_features_config config;
  assert_int_equal(specrnn_features_preset(&config, c->preset, c->kind), SPECRNN_OK);
  for (int i = 0; i < MAX_SETTINGS && c->settings[i].key; i++) {
    assert_int_equal(
        specrnn_option_set(specrnn_features_options(), &config, c->settings[i].key, c->settings[i].value, &LOG),
        SPECRNN_OK);
  }
  return config;
}

static double row_maximum(const float *row, size_t n)
{
  double maximum = -INFINITY;
  for (size_t k = 0; k < n; k++) {
    maximum = row[k] > maximum ? row[k] : maximum;
  }
  return maximum;
}

/* Largest difference that the gate applies to; where it does not, the powers are compared here. */
static double largest_error(const golden_case *c, double db_per_unit, const golden_array *expected, const float *rows,
                            size_t stride)
{
  double largest = 0.0;
  for (size_t t = 0; t < expected->rows; t++) {
    const float *want = expected->data + t * expected->columns;
    const float *got = rows + t * stride + c->first_column;
    double maximum = row_maximum(want, expected->columns);
    for (size_t k = 0; k < expected->columns; k++) {
      double below_db = (maximum - want[k]) * db_per_unit;
      if (below_db > RANGE_DB) {
        double unit = db_per_unit / 10.0;
        double difference = pow(10.0, (got[k] - maximum) * unit) - pow(10.0, (want[k] - maximum) * unit);
        assert_true(fabs(difference) <= POWER_PART);
      } else {
        double difference = fabs((double)got[k] - want[k]);
        assert_true(isfinite(difference));
        largest = difference > largest ? difference : largest;
      }
    }
  }
  return largest;
}

static void check_case(const golden_case *c)
{
  specrnn_features_config config = configure(c);
  specrnn_features_shape shape;
  golden_array speech = golden_load_wav("speech_16k");
  golden_array expected = golden_load(c->name);
  const float *samples = speech.data + c->first_sample;
  size_t n_samples = c->n_samples ? c->n_samples : speech.rows;
  size_t n_rows = 0;
  assert_int_equal(specrnn_features_describe(&config, &shape, &LOG), SPECRNN_OK);
  float *rows = malloc((expected.rows + 1) * shape.n_bins * sizeof *rows);
  assert_int_equal(specrnn_features_compute_array(&config, samples, n_samples, rows, expected.rows + 1, &n_rows, &LOG),
                   SPECRNN_OK);
  assert_int_equal(n_rows, expected.rows);
  assert_int_equal(c->first_column + expected.columns, shape.n_bins);
  double error = largest_error(c, c->db_per_unit, &expected, rows, shape.n_bins);
  print_message("# %-36s error %.2e gate %.0e\n", c->name, error, c->gate);
  assert_true(error <= c->gate);
  free(rows);
  golden_free(&speech);
  golden_free(&expected);
}

static void golden_arrays_in_double(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    check_case(&CASES[i]);
  }
}

static float *compute_rows(const specrnn_features_config *config, const golden_array *speech, size_t *n_rows)
{
  specrnn_features_shape shape;
  uint64_t n_frames;
  assert_int_equal(specrnn_features_describe(config, &shape, &LOG), SPECRNN_OK);
  assert_int_equal(specrnn_features_frame_count(config, speech->rows, &n_frames, &LOG), SPECRNN_OK);
  float *rows = malloc((size_t)n_frames * shape.n_bins * sizeof *rows);
  assert_int_equal(
      specrnn_features_compute_array(config, speech->data, speech->rows, rows, (size_t)n_frames, n_rows, &LOG),
      SPECRNN_OK);
  return rows;
}

static double scale_db(const specrnn_features_config *config)
{
  if (config->kind == SPECRNN_KIND_MFCC) {
    return 0.0;
  }
  switch (config->scale) {
  case SPECRNN_SCALE_DB: return 1.0;
  case SPECRNN_SCALE_LN: return NAT;
  case SPECRNN_SCALE_WHISPER: return 40.0;
  case SPECRNN_SCALE_LOG10: return 10.0;
  case SPECRNN_SCALE_LINEAR:
  case SPECRNN_SCALE_PCEN: break;
  }
  return 0.0;
}

/* The same configurations in single precision. Limits are about twice what was measured (the printed figures), in the
 * features' own units, within RANGE_DB of the frame's maximum. */
static void float_against_double(void **state)
{
  (void)state;
  static const double LIMITS[] = {1e-5, 2e-3, 2e-3, 5e-6, 2e-4, 5e-6, 6e-4, 6e-4,
                                  2e-5, 8e-4, 6e-4, 2e-4, 1e-4, 4e-3, 2e-5};
  golden_array speech = golden_load_wav("speech_16k");
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    golden_case c = CASES[i];
    specrnn_features_config config = configure(&c);
    golden_array expected = {NULL, 0, 0};
    specrnn_features_shape shape;
    size_t n_rows;
    c.first_column = 0;
    assert_int_equal(specrnn_features_describe(&config, &shape, &LOG), SPECRNN_OK);
    expected.data = compute_rows(&config, &speech, &expected.rows);
    expected.columns = shape.n_bins;
    config.precision = SPECRNN_PRECISION_FLOAT;
    float *rows = compute_rows(&config, &speech, &n_rows);
    assert_int_equal(n_rows, expected.rows);
    double error = largest_error(&c, scale_db(&config), &expected, rows, shape.n_bins);
    print_message("# %-36s float is off by %.2e, limit %.0e\n", c.name, error, LIMITS[i]);
    assert_true(error <= LIMITS[i]);
    free(rows);
    golden_free(&expected);
  }
  golden_free(&speech);
}

/* An input shorter than a frame, mirrored more than once, beside Kaldi's numbers. */
static void kaldi_short_input(void **state)
{
  (void)state;
  golden_array sound = golden_load_wav("../cases/kaldi_short");
  specrnn_array *right = NULL;
  specrnn_features_config config;
  size_t n_rows;
  assert_int_equal(specrnn_npy_load(&right, CASES_DIR "/kaldi_short_right.npy", &LOG), SPECRNN_OK);
  assert_int_equal(specrnn_features_preset(&config, SPECRNN_PRESET_KALDI, SPECRNN_KIND_MEL), SPECRNN_OK);
  config.snip_edges = false;
  assert_int_equal(sound.rows, 240);
  float *rows = compute_rows(&config, &sound, &n_rows);
  assert_int_equal(n_rows, 2);
  assert_int_equal(right->shape[0], 2);
  assert_int_equal(right->shape[1], 23);
  for (size_t i = 0; i < 2 * 23; i++) {
    assert_true(fabs(rows[i] - ((const double *)right->data)[i]) < 5e-3);
  }
  free(rows);
  specrnn_array_destroy(&right);
  golden_free(&sound);
}

static void check_filters(const char *name, const char *n_fft, const char *n_mels, bool htk)
{
  specrnn_features_config config = SPECRNN_FEATURES_CONFIG_INIT;
  golden_array expected = golden_load(name);
  config.sample_rate_hz = 16000;
  config.n_fft = atoi(n_fft);
  config.n_mels = atoi(n_mels);
  if (htk) {
    config.mel_scale = SPECRNN_MEL_HTK;
    config.mel_norm = SPECRNN_MEL_NORM_NONE;
  }
  float *filters = malloc(expected.rows * expected.columns * sizeof *filters);
  assert_int_equal(specrnn_mel_filters(&config, filters, &LOG), SPECRNN_OK);
  for (size_t i = 0; i < expected.rows * expected.columns; i++) {
    assert_true(filters[i] == expected.data[i]); /* every bit but the sign of librosa's one -0 */
  }
  free(filters);
  golden_free(&expected);
}

static void filter_banks_are_bit_exact(void **state)
{
  (void)state;
  check_filters("librosa_mel_filters_slaney_80", "400", "80", false);
  check_filters("librosa_mel_filters_htk_40", "512", "40", true);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(filter_banks_are_bit_exact),
      cmocka_unit_test(golden_arrays_in_double),
      cmocka_unit_test(kaldi_short_input),
      cmocka_unit_test(float_against_double),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
