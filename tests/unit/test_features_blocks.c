/* The building blocks, against numbers computed by hand or by numpy and scipy (the expression stands beside them). */
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/rng.h"
#include "features/fft.h"
#include "specrnn/features.h"
#include "support/golden.h"
#include "support/messages.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void assert_near(double got, double want, double tolerance)
{
  if (!(fabs(got - want) <= tolerance)) {
    fail_msg("%.17g is not within %g of %.17g", got, tolerance, want);
  }
}

static void windows(void **state)
{
  (void)state;
  static const struct {
    specrnn_window shape;
    bool periodic;
    double beta;
    double values[5]; /* scipy.signal.get_window(shape, 5, fftbins=periodic); povey: hann ** 0.85 */
  } CASES[] = {
      {SPECRNN_WINDOW_HANN,
       true,
       0,
       {0.0, 0.34549150281252627, 0.9045084971874737, 0.9045084971874737, 0.34549150281252633}},
      {SPECRNN_WINDOW_HANN, false, 0, {0.0, 0.5, 1.0, 0.5, 0.0}},
      {SPECRNN_WINDOW_HAMMING, false, 0, {0.08, 0.54, 1.0, 0.54, 0.08}},
      {SPECRNN_WINDOW_HAMMING,
       true,
       0,
       {0.08, 0.3978521825875242, 0.9121478174124757, 0.9121478174124758, 0.39785218258752427}},
      {SPECRNN_WINDOW_BLACKMAN, false, 0, {0.0, 0.34, 1.0, 0.34, 0.0}},
      {SPECRNN_WINDOW_POVEY, false, 0, {0.0, 0.5547847360339225, 1.0, 0.5547847360339225, 0.0}},
      {SPECRNN_WINDOW_RECTANGULAR, true, 0, {1.0, 1.0, 1.0, 1.0, 1.0}},
      {SPECRNN_WINDOW_KAISER,
       false,
       8.0,
       {0.002338830512733327, 0.36897272261583314, 1.0, 0.36897272261583314, 0.002338830512733327}},
  };
  for (size_t i = 0; i < COUNT(CASES); i++) {
    double window[5];
    assert_int_equal(specrnn_window_fill(window, 5, CASES[i].shape, CASES[i].beta, CASES[i].periodic), SPECRNN_OK);
    for (int n = 0; n < 5; n++) {
      assert_near(window[n], CASES[i].values[n], 1e-15);
    }
  }
  double one = 0.0;
  assert_int_equal(specrnn_window_fill(&one, 1, SPECRNN_WINDOW_HANN, 0, false), SPECRNN_OK);
  assert_true(one == 1.0);
  assert_int_equal(specrnn_window_fill(&one, 0, SPECRNN_WINDOW_HANN, 0, true), SPECRNN_ERROR_ARGUMENT);
}

static void cosine_transform(void **state)
{
  (void)state;
  double matrix[3 * 4];
  /* By hand, M = 4: row 0 is 1/2; row 1 sqrt(1/2) cos((2m + 1) pi / 8); row 2 +-1/2. */
  double a = sqrt(0.5) * cos(acos(-1.0) / 8.0);
  double b = sqrt(0.5) * sin(acos(-1.0) / 8.0);
  const double expected[] = {0.5, 0.5, 0.5, 0.5, a, b, -b, -a, 0.5, -0.5, -0.5, 0.5};
  assert_int_equal(specrnn_dct_matrix(matrix, 3, 4), SPECRNN_OK);
  for (size_t i = 0; i < COUNT(expected); i++) {
    assert_near(matrix[i], expected[i], 1e-15);
  }
  assert_int_equal(specrnn_dct_matrix(matrix, 0, 4), SPECRNN_ERROR_ARGUMENT);
}

static void decibels(void **state)
{
  (void)state;
  const float power[] = {1.0F, 100.0F, 0.0F, 1e-3F};
  float db[4];
  assert_int_equal(specrnn_power_to_db(db, power, 4, 1.0, 1e-10, SPECRNN_NONE), SPECRNN_OK);
  assert_near(db[0], 0.0, 0.0);
  assert_near(db[1], 20.0, 0.0);
  assert_near(db[2], -100.0, 0.0);
  assert_near(db[3], -30.0, 1e-5);
  assert_int_equal(specrnn_power_to_db(db, power, 4, SPECRNN_REF_MAX, 1e-10, 80.0), SPECRNN_OK);
  assert_near(db[1], 0.0, 0.0);
  assert_near(db[2], -80.0, 0.0);
  assert_int_equal(specrnn_amplitude_to_db(db, power, 4, 10.0, 1e-5, SPECRNN_NONE), SPECRNN_OK);
  assert_near(db[0], -20.0, 0.0);
  assert_near(db[1], 20.0, 0.0);
  assert_near(db[2], -120.0, 0.0);
  assert_int_equal(specrnn_power_to_db(db, power, 4, 1.0, 0.0, 80.0), SPECRNN_ERROR_ARGUMENT);
  assert_int_equal(specrnn_power_to_db(db, power, 4, 1.0, 1e-10, -1.0), SPECRNN_ERROR_ARGUMENT);
  assert_int_equal(specrnn_power_to_db(db, power, 0, SPECRNN_REF_MAX, 1e-10, 80.0), SPECRNN_OK);
}

static void deltas(void **state)
{
  (void)state;
  enum { ROWS = 7 };
  float rows[ROWS];
  float out[ROWS];
  for (int t = 0; t < ROWS; t++) {
    rows[t] = (float)(t * t); /* 0 1 4 9 16 25 36 */
  }
  /* scipy.signal.savgol_filter(x, 5, deriv=1, polyorder=1, mode="interp"): the slope at the nearest inner row */
  static const float SLOPE[] = {4, 4, 4, 6, 8, 8, 8};
  assert_int_equal(specrnn_delta(out, rows, ROWS, 1, SPECRNN_DELTA_SAVGOL, 5, 1), SPECRNN_OK);
  for (int t = 0; t < ROWS; t++) {
    assert_near(out[t], SLOPE[t], 1e-6);
  }
  assert_int_equal(specrnn_delta(out, rows, ROWS, 1, SPECRNN_DELTA_SAVGOL, 5, 2), SPECRNN_OK);
  for (int t = 0; t < ROWS; t++) {
    assert_near(out[t], 2.0, 1e-6); /* the second derivative of t^2 */
  }
  /* By hand with ends held: (1 (c[t+1] - c[t-1]) + 2 (c[t+2] - c[t-2])) / 10. */
  static const float REGRESSION[] = {0.9F, 2.2F, 4.0F, 6.0F, 8.0F, 7.4F, 5.1F};
  assert_int_equal(specrnn_delta(out, rows, ROWS, 1, SPECRNN_DELTA_REGRESSION, 5, 1), SPECRNN_OK);
  for (int t = 0; t < ROWS; t++) {
    assert_near(out[t], REGRESSION[t], 1e-6);
  }
  assert_int_equal(specrnn_delta(out, rows, ROWS, 1, SPECRNN_DELTA_REGRESSION, 5, 2), SPECRNN_OK);
  assert_near(out[3], (8.0 - 4.0 + 2 * (7.4 - 2.2)) / 10.0, 1e-6);
  assert_int_equal(specrnn_delta(out, rows, 4, 1, SPECRNN_DELTA_SAVGOL, 5, 1), SPECRNN_ERROR_SHAPE);
  assert_int_equal(specrnn_delta(out, rows, ROWS, 1, SPECRNN_DELTA_SAVGOL, 4, 1), SPECRNN_ERROR_ARGUMENT);
  assert_int_equal(specrnn_delta(out, rows, ROWS, 1, SPECRNN_DELTA_SAVGOL, 5, 3), SPECRNN_ERROR_ARGUMENT);
}

static void statistics(void **state)
{
  (void)state;
  enum { ROWS = 1000, BINS = 3 };
  float rows[ROWS * BINS];
  double sum[BINS] = {0};
  double squares[BINS] = {0};
  /* A large offset: sums of squares would lose the deviation of bin 1. */
  static const double OFFSET[BINS] = {0.0, 1e6, -3.0};
  for (size_t i = 0; i < ROWS * BINS; i++) {
    rows[i] = (float)(OFFSET[i % BINS] + srn_random_normal(1, i));
    sum[i % BINS] += rows[i] - OFFSET[i % BINS];
  }
  for (size_t i = 0; i < ROWS * BINS; i++) {
    double distance = rows[i] - OFFSET[i % BINS] - sum[i % BINS] / ROWS;
    squares[i % BINS] += distance * distance;
  }
  specrnn_statistics *whole = NULL;
  specrnn_statistics *part = NULL;
  assert_int_equal(specrnn_statistics_create(&whole, BINS, NULL), SPECRNN_OK);
  assert_int_equal(specrnn_statistics_create(&part, BINS, NULL), SPECRNN_OK);
  double mean[BINS];
  double deviation[BINS];
  double minimum[BINS];
  double maximum[BINS];
  specrnn_statistics_read(whole, mean, deviation, NULL, NULL);
  assert_true(isnan(mean[0]) && isnan(deviation[2]));
  specrnn_statistics_add(whole, rows, 300);
  specrnn_statistics_add(part, rows + 300 * BINS, ROWS - 300);
  assert_int_equal(specrnn_statistics_merge(whole, part), SPECRNN_OK);
  assert_int_equal(specrnn_statistics_n_rows(whole), ROWS);
  specrnn_statistics_read(whole, mean, deviation, minimum, maximum);
  for (size_t k = 0; k < BINS; k++) {
    assert_near(mean[k] - OFFSET[k], sum[k] / ROWS, 1e-9);
    assert_near(deviation[k], sqrt(squares[k] / ROWS), 1e-9);
    assert_true(minimum[k] < OFFSET[k] - 2.0 && maximum[k] > OFFSET[k] + 2.0);
  }
  float normal[2 * BINS];
  assert_int_equal(specrnn_cmvn_apply(normal, rows, 2, whole, true), SPECRNN_OK);
  assert_near(normal[4], (rows[4] - mean[1]) / deviation[1], 1e-6);
  specrnn_statistics_destroy(&part);
  assert_null(part);

  assert_int_equal(specrnn_statistics_restore(&part, BINS, ROWS, mean, deviation, NULL, NULL, NULL), SPECRNN_OK);
  double again[BINS];
  specrnn_statistics_read(part, NULL, again, NULL, NULL);
  assert_near(again[0], deviation[0], 1e-15);
  specrnn_statistics_destroy(&part);
  deviation[1] = NAN;
  assert_int_equal(specrnn_statistics_restore(&part, BINS, ROWS, mean, deviation, NULL, NULL, &LOG),
                   SPECRNN_ERROR_NOT_FINITE);
  assert_string_equal(last_message, "the statistics of bin 1 are not finite");
  assert_int_equal(specrnn_statistics_create(&part, 2, NULL), SPECRNN_OK);
  assert_int_equal(specrnn_statistics_merge(whole, part), SPECRNN_ERROR_SHAPE);
  specrnn_statistics_destroy(&part);
  specrnn_statistics_destroy(&whole);
}

/* Statistics of nothing have no mean: whoever would normalise by them is told. */
static void statistics_of_no_rows_are_refused(void **state)
{
  (void)state;
  static const double VALUES[2] = {0.0, 1.0};
  float row[2] = {1.0F, 2.0F};
  specrnn_statistics *none = NULL;
  specrnn_statistics *restored = NULL;
  assert_int_equal(specrnn_statistics_create(&none, 2, &LOG), SPECRNN_OK);
  assert_int_equal(specrnn_cmvn_apply(row, row, 1, none, false), SPECRNN_ERROR_EMPTY);
  assert_int_equal(specrnn_cmvn_apply(row, row, 1, none, true), SPECRNN_ERROR_EMPTY);
  assert_true(row[0] == 1.0F && row[1] == 2.0F);
  assert_int_equal(specrnn_statistics_restore(&restored, 2, 0, VALUES, VALUES, NULL, NULL, &LOG), SPECRNN_ERROR_EMPTY);
  assert_null(restored);

  specrnn_features_config config = SPECRNN_FEATURES_CONFIG_INIT;
  specrnn_extractor_options stream = SPECRNN_EXTRACTOR_OPTIONS_INIT;
  specrnn_extractor *extractor = NULL;
  config.n_mels = 2;
  config.top_db = SPECRNN_NONE;
  config.cmvn = SPECRNN_CMVN_FILE;
  stream.statistics = none;
  last_message[0] = '\0';
  assert_int_equal(specrnn_extractor_create(&extractor, &config, &stream, &LOG), SPECRNN_ERROR_EMPTY);
  assert_string_equal(last_message, "the statistics are of 0 rows");
  assert_null(extractor);
  specrnn_statistics_destroy(&none);
}

/* A number that is none of an enum's is refused, not taken for one of them. */
static void unknown_choices_are_refused(void **state)
{
  (void)state;
  float x[10] = {0};
  float out[10];
  double window[4];
  specrnn_features_config config = SPECRNN_FEATURES_CONFIG_INIT;
  specrnn_compute_options options = SPECRNN_COMPUTE_OPTIONS_INIT;
  specrnn_sample_source source = {NULL, NULL, 1};
  specrnn_row_sink sink = {NULL, NULL};
  options.channel_layout = (specrnn_channel_layout)77;
  assert_int_equal(specrnn_delta(out, x, 10, 1, (specrnn_delta_kind)77, 3, 1), SPECRNN_ERROR_ARGUMENT);
  assert_int_equal(specrnn_window_fill(window, 4, (specrnn_window)77, 1.0, true), SPECRNN_ERROR_ARGUMENT);
  assert_int_equal(specrnn_features_compute(&config, &source, &sink, &options, NULL, &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_string_equal(last_message, "channel_layout is 77, which is none of its choices");
  assert_int_equal(specrnn_features_stage(&config, (specrnn_stage)77, x, 10, &sink, &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_int_equal(specrnn_features_preset(&config, (specrnn_preset)77, SPECRNN_KIND_MEL), SPECRNN_ERROR_ARGUMENT);
  assert_int_equal(specrnn_features_preset(&config, SPECRNN_PRESET_KALDI, (specrnn_features_kind)77),
                   SPECRNN_ERROR_ARGUMENT);
  config.pad_mode = (specrnn_pad_mode)77;
  assert_int_equal(specrnn_features_resolve(&config, &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_true(isnan(specrnn_features_frame_time_s(&config, 0)));
}

/* What frames cover, also where the window lies on the left and where a number is too large. */
static void lengths_of_inverses(void **state)
{
  (void)state;
  static const struct {
    int n_fft, win_length, hop;
    bool left, center;
    size_t n_frames, length;
  } CASES[] = {
      {512, 400, 160, true, true, 1, 0},
      {512, 400, 160, true, true, 2, 160},
      {512, 400, 160, false, true, 1, 0},
      {512, 400, 160, false, true, 11, 1600},
      {513, 400, 160, true, true, 1, 1},
      {512, 400, 160, true, false, 1, 400},
      {512, 400, 160, false, false, 1, 512},
      {512, 400, 160, true, true, 0, 0},
      {512, 400, 160, false, true, SIZE_MAX, SIZE_MAX},
  };
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    specrnn_features_config config;
    assert_int_equal(specrnn_features_preset(&config, SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_STFT), SPECRNN_OK);
    config.n_fft = CASES[i].n_fft;
    config.win_length = CASES[i].win_length;
    config.hop_length = CASES[i].hop;
    config.window_position = CASES[i].left ? SPECRNN_WINDOW_LEFT : SPECRNN_WINDOW_CENTER;
    config.center = CASES[i].center;
    assert_true(specrnn_istft_length(&config, CASES[i].n_frames) == CASES[i].length);
  }
  specrnn_features_config config;
  assert_int_equal(specrnn_features_preset(&config, SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_STFT), SPECRNN_OK);
  float frame[1025] = {1.0F};
  float sample = 7.0F;
  assert_int_equal(specrnn_features_invert(&config, frame, 1, NULL, &sample, 1, &LOG), SPECRNN_ERROR_EMPTY);
  assert_string_equal(last_message, "a single frame, centred on the first sample, covers none: two are needed");
  assert_true(sample == 7.0F);
}

/* FFTW's answer, whichever transform it takes, is the sum that defines it. */
static void transforms(void **state)
{
  (void)state;
  static const int SIZES[] = {1, 2, 3, 16, 17, 21, 101, 173, 400, 441};
  for (size_t s = 0; s < COUNT(SIZES); s++) {
    int n = SIZES[s];
    srn_fft *fft = NULL;
    _Alignas(64) double samples[512];
    _Alignas(64) double spectrum[512];
    for (int i = 0; i < n; i++) {
      samples[i] = srn_random_normal(9, (uint64_t)i);
    }
    assert_int_equal(srn_fft_create(&fft, n, SPECRNN_PRECISION_DOUBLE, SRN_FFT_OFFLINE, NULL), SPECRNN_OK);
    srn_fft_forward_double(fft, samples, spectrum);
    for (int k = 0; k <= n / 2; k++) {
      double re = 0.0;
      double im = 0.0;
      for (int i = 0; i < n; i++) {
        double phase = 2.0 * acos(-1.0) * ((double)k * i / n);
        re += samples[i] * cos(phase);
        im -= samples[i] * sin(phase);
      }
      assert_near(spectrum[2 * k], re, 1e-11);
      assert_near(spectrum[2 * k + 1], im, 1e-11);
    }
    srn_fft_destroy(&fft);
  }
  assert_int_equal(srn_fft_nearest_stream_size(512), 512);
  assert_int_equal(srn_fft_nearest_stream_size(173), 174);
  assert_int_equal(srn_fft_nearest_stream_size(1021), 1022);
}

static specrnn_features_config stft_config(int n_fft, int hop)
{
  specrnn_features_config config;
  assert_int_equal(specrnn_features_preset(&config, SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_STFT), SPECRNN_OK);
  config.n_fft = n_fft;
  config.hop_length = hop;
  config.power = SPECRNN_POWER_COMPLEX;
  config.scale = SPECRNN_SCALE_LINEAR;
  return config;
}

static void inverse_reconstructs(void **state)
{
  (void)state;
  static const struct {
    int n_fft, hop, win_length;
    specrnn_window window;
    specrnn_normalized normalized;
    bool center;
    double scale;
  } CASES[] = {
      {512, 128, 512, SPECRNN_WINDOW_HANN, SPECRNN_NORMALIZED_NONE, true, 1.0},
      {512, 100, 300, SPECRNN_WINDOW_HAMMING, SPECRNN_NORMALIZED_WINDOW, true, 1.0},
      {441, 110, 441, SPECRNN_WINDOW_HANN, SPECRNN_NORMALIZED_NONE, true, 32768.0},
      {400, 160, 400, SPECRNN_WINDOW_KAISER, SPECRNN_NORMALIZED_FRAME_LENGTH, true, 1.0},
      {179, 60, 179, SPECRNN_WINDOW_HAMMING, SPECRNN_NORMALIZED_NONE, false, 1.0},
  };
  golden_array speech = golden_load_wav("speech_16k");
  for (size_t i = 0; i < COUNT(CASES); i++) {
    specrnn_features_config config = stft_config(CASES[i].n_fft, CASES[i].hop);
    config.win_length = CASES[i].win_length;
    config.window = CASES[i].window;
    config.kaiser_beta = 5.0;
    config.normalized = CASES[i].normalized;
    config.center = CASES[i].center;
    config.input_scale = CASES[i].scale;
    uint64_t n_frames;
    size_t n_rows;
    assert_int_equal(specrnn_features_frame_count(&config, speech.rows, &n_frames, NULL), SPECRNN_OK);
    size_t width = 2 * ((size_t)config.n_fft / 2 + 1);
    float *spectrum = malloc((size_t)n_frames * width * sizeof *spectrum);
    assert_int_equal(
        specrnn_features_compute_array(&config, speech.data, speech.rows, spectrum, (size_t)n_frames, &n_rows, NULL),
        SPECRNN_OK);
    size_t length = specrnn_istft_length(&config, n_rows);
    float *samples = malloc((length + 10) * sizeof *samples);
    assert_int_equal(specrnn_istft(&config, spectrum, n_rows, samples, length + 10, NULL), SPECRNN_OK);
    for (size_t t = 0; t < length && t < speech.rows; t++) {
      assert_near(samples[t], speech.data[t], 1e-6);
    }
    assert_true(length + (size_t)config.hop_length > speech.rows);
    assert_true(samples[length + 9] == 0.0F || CASES[i].center);
    free(spectrum);
    free(samples);
  }
  golden_free(&speech);
}

/* Spectral convergence of what Griffin and Lim's iteration gives: |S - S'| / |S|. */
static double convergence(const specrnn_features_config *config, const float *rows, size_t n_rows, const float *samples,
                          size_t n_samples)
{
  specrnn_features_shape shape;
  size_t n;
  assert_int_equal(specrnn_features_describe(config, &shape, NULL), SPECRNN_OK);
  float *again = malloc((n_rows + 1) * shape.n_bins * sizeof *again);
  assert_int_equal(specrnn_features_compute_array(config, samples, n_samples, again, n_rows + 1, &n, NULL), SPECRNN_OK);
  assert_int_equal(n, n_rows);
  double difference = 0.0;
  double total = 0.0;
  for (size_t i = 0; i < n_rows * shape.n_bins; i++) {
    difference += (double)(again[i] - rows[i]) * (again[i] - rows[i]);
    total += (double)rows[i] * rows[i];
  }
  free(again);
  return sqrt(difference / total);
}

static double invert_and_measure(specrnn_features_config config, const golden_array *speech, int n_iter)
{
  specrnn_griffin_lim_options options = SPECRNN_GRIFFIN_LIM_OPTIONS_INIT;
  specrnn_features_shape shape;
  uint64_t n_frames;
  size_t n_rows;
  options.n_iter = n_iter;
  assert_int_equal(specrnn_features_describe(&config, &shape, NULL), SPECRNN_OK);
  assert_int_equal(specrnn_features_frame_count(&config, speech->rows, &n_frames, NULL), SPECRNN_OK);
  float *rows = malloc((size_t)n_frames * shape.n_bins * sizeof *rows);
  assert_int_equal(
      specrnn_features_compute_array(&config, speech->data, speech->rows, rows, (size_t)n_frames, &n_rows, NULL),
      SPECRNN_OK);
  size_t length = specrnn_istft_length(&config, n_rows);
  float *samples = malloc(length * sizeof *samples);
  assert_int_equal(specrnn_features_invert(&config, rows, n_rows, &options, samples, length, &LOG), SPECRNN_OK);
  double error = convergence(&config, rows, n_rows, samples, length);
  free(rows);
  free(samples);
  return error;
}

static void griffin_lim_converges(void **state)
{
  (void)state;
  golden_array speech = golden_load_wav("speech_16k");
  specrnn_features_config config = stft_config(512, 128);
  speech.rows = 32000;
  config.power = 1.0;
  double start = invert_and_measure(config, &speech, 0);
  double end = invert_and_measure(config, &speech, 32);
  print_message("# stft: %.3f at the start, %.3f after 32 iterations\n", start, end);
  assert_true(start > 0.3 && end < 0.15);
  config.kind = SPECRNN_KIND_MEL;
  config.sample_rate_hz = 16000;
  config.n_mels = 80;
  end = invert_and_measure(config, &speech, 32);
  print_message("# mel: %.3f after 32 iterations\n", end);
  assert_true(end < 0.2);

  float row[80] = {0};
  float samples[1];
  config.delta_order = 1;
  assert_int_equal(specrnn_features_invert(&config, row, 1, NULL, samples, 1, &LOG), SPECRNN_ERROR_UNSUPPORTED);
  golden_free(&speech);
}

static void axes(void **state)
{
  (void)state;
  specrnn_features_config config = SPECRNN_FEATURES_CONFIG_INIT;
  double frequencies[402];
  config.kind = SPECRNN_KIND_STFT;
  config.sample_rate_hz = 16000;
  config.n_fft = 400;
  config.delta_order = 1;
  assert_int_equal(specrnn_features_bin_frequencies_hz(&config, frequencies, NULL), SPECRNN_OK);
  assert_near(frequencies[3], 120.0, 1e-12);
  assert_near(frequencies[200], 8000.0, 1e-12);
  assert_near(frequencies[201 + 3], 120.0, 1e-12);
  assert_near(specrnn_features_frame_time_s(&config, 10), 10 * 100 / 16000.0, 1e-15);

  assert_int_equal(specrnn_features_preset(&config, SPECRNN_PRESET_KALDI, SPECRNN_KIND_MEL), SPECRNN_OK);
  config.use_energy = true;
  assert_int_equal(specrnn_features_bin_frequencies_hz(&config, frequencies, NULL), SPECRNN_OK);
  assert_true(isnan(frequencies[0]));
  /* 700 (exp((1127 ln(1 + 20/700) + 1 step) / 1127) - 1), the step a 24th of the way to 8 kHz */
  assert_near(frequencies[1], 98.77343181715155, 1e-9);
  assert_near(specrnn_features_frame_time_s(&config, 0), 0.0125, 1e-15);
  config.snip_edges = false;
  assert_near(specrnn_features_frame_time_s(&config, 0), 0.005, 1e-15);
  config.n_fft = 100;
  assert_true(isnan(specrnn_features_frame_time_s(&config, 0)));
}

enum { N_THREADS = 8, N_THREAD_SAMPLES = 8000, N_THREAD_ROWS = 40 };

typedef struct thread_result {
  float samples[N_THREAD_SAMPLES];
  float rows[N_THREAD_ROWS * 257];
  size_t n_rows;
} thread_result;

static void *compute_many(void *argument)
{
  thread_result *r = argument;
  for (int i = 0; i < 10; i++) {
    specrnn_features_config config = SPECRNN_FEATURES_CONFIG_INIT;
    config.kind = SPECRNN_KIND_STFT;
    config.n_fft = 512;
    config.hop_length = 256;
    config.precision = i % 2 ? SPECRNN_PRECISION_FLOAT : SPECRNN_PRECISION_DOUBLE;
    if (specrnn_features_compute_array(&config, r->samples, N_THREAD_SAMPLES, r->rows, N_THREAD_ROWS, &r->n_rows,
                                       NULL)) {
      r->n_rows = 0;
    }
  }
  return NULL;
}

static void threads_create_at_once(void **state)
{
  (void)state;
  static thread_result results[N_THREADS];
  pthread_t threads[N_THREADS];
  for (int i = 0; i < N_THREADS; i++) {
    for (uint64_t t = 0; t < N_THREAD_SAMPLES; t++) {
      results[i].samples[t] = (float)srn_random_uniform(1, t) - 0.5F;
    }
    assert_int_equal(pthread_create(&threads[i], NULL, compute_many, &results[i]), 0);
  }
  for (int i = 0; i < N_THREADS; i++) {
    assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(results[i].n_rows, 32);
    assert_memory_equal(results[i].rows, results[0].rows, sizeof results[0].rows);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(windows),
      cmocka_unit_test(cosine_transform),
      cmocka_unit_test(decibels),
      cmocka_unit_test(deltas),
      cmocka_unit_test(statistics),
      cmocka_unit_test(statistics_of_no_rows_are_refused),
      cmocka_unit_test(unknown_choices_are_refused),
      cmocka_unit_test(lengths_of_inverses),
      cmocka_unit_test(transforms),
      cmocka_unit_test(inverse_reconstructs),
      cmocka_unit_test(griffin_lim_converges),
      cmocka_unit_test(axes),
      cmocka_unit_test(threads_create_at_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
