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
static double largest_error(const golden_case *c, const golden_array *expected, const float *rows, size_t stride)
{
  double largest = 0.0;
  for (size_t t = 0; t < expected->rows; t++) {
    const float *want = expected->data + t * expected->columns;
    const float *got = rows + t * stride + c->first_column;
    double maximum = row_maximum(want, expected->columns);
    for (size_t k = 0; k < expected->columns; k++) {
      double below_db = (maximum - want[k]) * c->db_per_unit;
      if (below_db > RANGE_DB) {
        double unit = c->db_per_unit / 10.0;
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

static void check_case(const golden_case *c, specrnn_precision precision, double gate)
{
  specrnn_features_config config = configure(c);
  specrnn_features_shape shape;
  golden_array speech = golden_load_wav("speech_16k");
  golden_array expected = golden_load(c->name);
  const float *samples = speech.data + c->first_sample;
  size_t n_samples = c->n_samples ? c->n_samples : speech.rows;
  size_t n_rows = 0;
  config.precision = precision;
  assert_int_equal(specrnn_features_describe(&config, &shape, &LOG), SPECRNN_OK);
  float *rows = malloc((expected.rows + 1) * shape.n_bins * sizeof *rows);
  assert_int_equal(specrnn_features_compute_array(&config, samples, n_samples, rows, expected.rows + 1, &n_rows, &LOG),
                   SPECRNN_OK);
  assert_int_equal(n_rows, expected.rows);
  assert_int_equal(c->first_column + expected.columns, shape.n_bins);
  double error = largest_error(c, &expected, rows, shape.n_bins);
  print_message("# %-36s %-6s error %.2e gate %.0e\n", c->name,
                precision == SPECRNN_PRECISION_FLOAT ? "float" : "double", error, gate);
  assert_true(error <= gate);
  free(rows);
  golden_free(&speech);
  golden_free(&expected);
}

static void golden_arrays_in_double(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    check_case(&CASES[i], SPECRNN_PRECISION_DOUBLE, CASES[i].gate);
  }
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
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
