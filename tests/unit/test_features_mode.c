/* The caller's floating-point mode, rounding and flushing, changes no number of the front ends and their building
 * blocks, and is what it was when they come back; the caller's own functions see it. */
#include <fenv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

#include "core/rng.h"
#include "specrnn/features.h"
#include "support/messages.h"

enum { N_SAMPLES = 6000, N_ROWS = 40, N_BINS = 12, N_FFT = 256, N_SPECTRUM = N_FFT / 2 + 1, MOST = 60000 };

#if defined(__SSE2__)
enum { FLUSHING = 0x8040 };

static void set_mode(int rounding, bool flush)
{
  assert_int_equal(fesetround(rounding), 0);
  _mm_setcsr(flush ? _mm_getcsr() | FLUSHING : _mm_getcsr() & ~(unsigned)FLUSHING);
}

static bool is_flushing(void)
{
  return (_mm_getcsr() & FLUSHING) == FLUSHING;
}
#else
static bool flushing;

static void set_mode(int rounding, bool flush)
{
  assert_int_equal(fesetround(rounding), 0);
  flushing = flush;
}

static bool is_flushing(void)
{
  return flushing;
}
#endif

static float samples[N_SAMPLES];
static float rows[N_ROWS * N_BINS];
static float spectrum[20 * 2 * N_SPECTRUM];

static int make_numbers(void **state)
{
  (void)state;
  for (size_t i = 0; i < N_SAMPLES; i++) {
    samples[i] = (float)(0.1 * srn_random_normal(3, i) * (i / 1000 % 2 ? 1e-39 : 1.0));
  }
  for (size_t i = 0; i < N_ROWS * N_BINS; i++) {
    rows[i] = (float)(1.0 + srn_random_uniform(7, i));
  }
  for (size_t i = 0; i < sizeof spectrum / sizeof *spectrum; i++) {
    spectrum[i] = (float)srn_random_uniform(5, i);
  }
  return 0;
}

/* What a block has computed, as bytes. */
typedef struct written {
  unsigned char bytes[MOST];
  size_t used;
} written;

static void *take(written *w, size_t n)
{
  assert_true(w->used + n <= MOST);
  w->used += n;
  return w->bytes + w->used - n;
}

static specrnn_features_config configure(specrnn_preset preset, specrnn_features_kind kind)
{
  specrnn_features_config config;
  assert_int_equal(specrnn_features_preset(&config, preset, kind), SPECRNN_OK);
  config.sample_rate_hz = 11025;
  return config;
}

/* --- the blocks */

static void compute_cmvn(written *w)
{
  specrnn_features_config config = configure(SPECRNN_PRESET_KALDI, SPECRNN_KIND_MFCC);
  size_t n;
  config.cmvn = SPECRNN_CMVN_UTTERANCE;
  config.cmvn_variance = true;
  config.dither = 0.7;
  config.delta_order = 2;
  assert_int_equal(specrnn_features_compute_array(&config, samples, N_SAMPLES, take(w, sizeof(float) * N_ROWS * 4 * 39),
                                                  N_ROWS * 4, &n, &LOG),
                   SPECRNN_OK);
}

static void compute_whisper(written *w)
{
  specrnn_features_config config = configure(SPECRNN_PRESET_WHISPER, SPECRNN_KIND_MEL);
  size_t n;
  assert_int_equal(specrnn_features_compute_array(&config, samples, N_SAMPLES, take(w, sizeof(float) * N_ROWS * 80),
                                                  N_ROWS, &n, &LOG),
                   SPECRNN_OK);
}

static void resolve(written *w)
{
  for (int rate = 8000; rate < 48000; rate += 997) {
    specrnn_features_config config = configure(SPECRNN_PRESET_KALDI, SPECRNN_KIND_MEL);
    config.sample_rate_hz = rate;
    config.fit_duration_s = 1.1;
    assert_int_equal(specrnn_features_resolve(&config, &LOG), SPECRNN_OK);
    uint64_t n_frames;
    assert_int_equal(specrnn_features_frame_count(&config, 5, &n_frames, &LOG), SPECRNN_OK);
    memcpy(take(w, sizeof n_frames), &n_frames, sizeof n_frames);
    memcpy(take(w, sizeof config.win_length), &config.win_length, sizeof config.win_length);
    memcpy(take(w, sizeof config.hop_length), &config.hop_length, sizeof config.hop_length);
    memcpy(take(w, sizeof config.amin), &config.amin, sizeof config.amin);
  }
}

static void tables(written *w)
{
  specrnn_features_config config = configure(SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_MEL);
  config.n_fft = N_FFT;
  config.n_mels = N_BINS;
  assert_int_equal(specrnn_mel_filters(&config, take(w, sizeof(float) * N_BINS * N_SPECTRUM), &LOG), SPECRNN_OK);
  assert_int_equal(specrnn_features_bin_frequencies_hz(&config, take(w, sizeof(double) * N_BINS), &LOG), SPECRNN_OK);
  assert_int_equal(specrnn_dct_matrix(take(w, sizeof(double) * 10 * N_BINS), 10, N_BINS), SPECRNN_OK);
  for (int shape = SPECRNN_WINDOW_HANN; shape <= SPECRNN_WINDOW_KAISER; shape++) {
    double *window = take(w, sizeof(double) * 100);
    assert_int_equal(specrnn_window_fill(window, 100, (specrnn_window)shape, 7.3, true), SPECRNN_OK);
  }
  for (uint64_t frame = 0; frame < 100; frame++) {
    double time_s = specrnn_features_frame_time_s(&config, frame);
    memcpy(take(w, sizeof time_s), &time_s, sizeof time_s);
  }
}

static void levels(written *w)
{
  specrnn_features_config config = configure(SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_MEL);
  config.scale = SPECRNN_SCALE_PCEN;
  size_t count = N_ROWS * N_BINS;
  assert_int_equal(specrnn_power_to_db(take(w, sizeof rows), rows, count, 1.3, 1e-10, 80.0), SPECRNN_OK);
  assert_int_equal(specrnn_amplitude_to_db(take(w, sizeof rows), rows, count, SPECRNN_REF_MAX, 1e-5, 3.0), SPECRNN_OK);
  assert_int_equal(specrnn_pcen(take(w, sizeof rows), rows, N_ROWS, N_BINS, &config, &LOG), SPECRNN_OK);
  for (int order = 1; order <= 2; order++) {
    for (int kind = SPECRNN_DELTA_SAVGOL; kind <= SPECRNN_DELTA_REGRESSION; kind++) {
      float *deltas = take(w, sizeof rows);
      assert_int_equal(specrnn_delta(deltas, rows, N_ROWS, N_BINS, (specrnn_delta_kind)kind, 9, order), SPECRNN_OK);
    }
  }
}

static void statistics(written *w)
{
  specrnn_statistics *s = NULL;
  specrnn_statistics *other = NULL;
  assert_int_equal(specrnn_statistics_create(&s, N_BINS, &LOG), SPECRNN_OK);
  assert_int_equal(specrnn_statistics_create(&other, N_BINS, &LOG), SPECRNN_OK);
  specrnn_statistics_add(s, rows, 11);
  specrnn_statistics_add(other, rows + 11 * N_BINS, N_ROWS - 11);
  assert_int_equal(specrnn_statistics_merge(s, other), SPECRNN_OK);
  double *mean = take(w, sizeof(double) * N_BINS);
  double *deviation = take(w, sizeof(double) * N_BINS);
  specrnn_statistics_read(s, mean, deviation, NULL, NULL);
  assert_int_equal(specrnn_cmvn_apply(take(w, sizeof rows), rows, N_ROWS, s, true), SPECRNN_OK);
  specrnn_statistics_destroy(&s);
  assert_int_equal(specrnn_statistics_restore(&s, N_BINS, N_ROWS, mean, deviation, NULL, NULL, &LOG), SPECRNN_OK);
  assert_int_equal(specrnn_cmvn_apply(take(w, sizeof rows), rows, N_ROWS, s, true), SPECRNN_OK);
  specrnn_statistics_destroy(&s);
  specrnn_statistics_destroy(&other);
}

static void inverses(written *w)
{
  specrnn_features_config config = configure(SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_STFT);
  specrnn_griffin_lim_options options = SPECRNN_GRIFFIN_LIM_OPTIONS_INIT;
  options.n_iter = 3;
  config.n_fft = N_FFT;
  assert_int_equal(specrnn_istft(&config, spectrum, 20, take(w, sizeof(float) * 1000), 1000, &LOG), SPECRNN_OK);
  config.scale = SPECRNN_SCALE_LINEAR;
  assert_int_equal(specrnn_features_invert(&config, spectrum, 20, &options, take(w, sizeof(float) * 1000), 1000, &LOG),
                   SPECRNN_OK);
}

static void stages(written *w)
{
  specrnn_features_config config = configure(SPECRNN_PRESET_KALDI, SPECRNN_KIND_MEL);
  specrnn_extractor *e = NULL;
  size_t n;
  config.input_scale = 0.3;
  assert_int_equal(specrnn_extractor_create(&e, &config, NULL, &LOG), SPECRNN_OK);
  assert_int_equal(specrnn_extractor_push(e, samples, N_SAMPLES), SPECRNN_OK);
  assert_int_equal(specrnn_extractor_pull(e, take(w, sizeof(float) * N_ROWS * 23), N_ROWS, &n), SPECRNN_OK);
  assert_int_equal(n, N_ROWS);
  specrnn_extractor_destroy(&e);
}

/* --------------------------------------------------------------------------------------------------------------- tests
 */

static const struct {
  int rounding;
  bool flush;
} MODES[] = {{FE_UPWARD, false}, {FE_DOWNWARD, true}, {FE_TOWARDZERO, false}, {FE_TONEAREST, true}};
enum { N_MODES = sizeof MODES / sizeof *MODES };

static void the_callers_mode_changes_no_number(void **state)
{
  (void)state;
  static void (*const BLOCKS[])(written *) = {compute_cmvn, compute_whisper, resolve, tables,
                                              levels,       statistics,      stages,  inverses};
  static written usual;
  static written other;
  for (size_t i = 0; i < sizeof BLOCKS / sizeof *BLOCKS; i++) {
    usual = (written){.used = 0};
    BLOCKS[i](&usual);
    for (size_t m = 0; m < N_MODES; m++) {
      other = (written){.used = 0};
      set_mode(MODES[m].rounding, MODES[m].flush);
      BLOCKS[i](&other);
      assert_int_equal(fegetround(), MODES[m].rounding);
      assert_int_equal(is_flushing(), MODES[m].flush);
      set_mode(FE_TONEAREST, false);
      assert_int_equal(other.used, usual.used);
      assert_memory_equal(other.bytes, usual.bytes, usual.used);
    }
  }
}

typedef struct visit {
  size_t at;
  int n_seen;
} visit;

static void see_mode(visit *v)
{
  assert_int_equal(fegetround(), FE_UPWARD);
  assert_true(is_flushing());
  v->n_seen++;
}

static specrnn_status read_block(void *user, float *out, size_t max_frames, size_t *n_frames)
{
  visit *v = user;
  see_mode(v);
  size_t n = N_SAMPLES - v->at < max_frames ? N_SAMPLES - v->at : max_frames;
  memcpy(out, samples + v->at, n * sizeof *out);
  v->at += n;
  *n_frames = n;
  return SPECRNN_OK;
}

static specrnn_status see_rows(void *user, const float *data, size_t n_rows, size_t n_bins)
{
  (void)data;
  (void)n_rows;
  (void)n_bins;
  see_mode(user);
  return SPECRNN_OK;
}

static void the_callers_functions_see_the_callers_mode(void **state)
{
  (void)state;
  specrnn_features_config config = configure(SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_MEL);
  visit reading = {0};
  visit writing = {0};
  specrnn_sample_source source = {read_block, &reading, 1};
  specrnn_row_sink sink = {see_rows, &writing};
  set_mode(FE_UPWARD, true);
  specrnn_status status = specrnn_features_compute(&config, &source, &sink, NULL, NULL, &LOG);
  set_mode(FE_TONEAREST, false);
  assert_int_equal(status, SPECRNN_OK);
  assert_true(reading.n_seen >= 2 && writing.n_seen >= 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_callers_mode_changes_no_number),
      cmocka_unit_test(the_callers_functions_see_the_callers_mode),
  };
  return cmocka_run_group_tests(tests, make_numbers, NULL);
}
