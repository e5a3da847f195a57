/* Every allocation of the front end fails once: a clean error, nothing leaked. And the temporary file cannot grow. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "core/rng.h"
#include "specrnn/features.h"
#include "support/faults.h"

enum { N_SAMPLES = 4000 };

static float samples[N_SAMPLES];

static char last_message[1024];

static void remember(void *user, specrnn_log_level level, const char *message)
{
  (void)user;
  (void)level;
  strncpy(last_message, message, sizeof last_message - 1);
}

static const specrnn_log LOG = {remember, NULL};

typedef struct feed {
  size_t at, length;
} feed;

static specrnn_status read_samples(void *user, float *out, size_t max_frames, size_t *n_frames)
{
  feed *f = user;
  size_t n = f->length - f->at < max_frames ? f->length - f->at : max_frames;
  for (size_t i = 0; i < n; i++) {
    out[i] = samples[(f->at + i) % N_SAMPLES];
  }
  f->at += n;
  *n_frames = n;
  return SPECRNN_OK;
}

static specrnn_status drop(void *user, const float *rows, size_t n_rows, size_t n_bins)
{
  (void)user;
  (void)rows;
  (void)n_rows;
  (void)n_bins;
  return SPECRNN_OK;
}

static specrnn_features_config make_config(specrnn_preset preset, specrnn_features_kind kind)
{
  specrnn_features_config config;
  assert_int_equal(specrnn_features_preset(&config, preset, kind), SPECRNN_OK);
  config.n_fft = 441; /* the half-complex transform, which has scratch memory of its own */
  config.hop_length = 100;
  config.n_mels = 20;
  config.n_mfcc = 5;
  return config;
}

static specrnn_status compute_all(void)
{
  specrnn_features_config config = make_config(SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_MFCC);
  feed f = {0, N_SAMPLES};
  specrnn_sample_source source = {read_samples, &f, 1};
  specrnn_row_sink sink = {drop, NULL};
  config.cmvn = SPECRNN_CMVN_UTTERANCE;
  config.delta_order = 1;
  return specrnn_features_compute(&config, &source, &sink, NULL, NULL, &LOG);
}

static specrnn_status run_stream(void)
{
  specrnn_features_config config = make_config(SPECRNN_PRESET_KALDI, SPECRNN_KIND_MEL);
  specrnn_extractor *e = NULL;
  config.precision = SPECRNN_PRECISION_FLOAT;
  specrnn_status status = specrnn_extractor_create(&e, &config, NULL, &LOG);
  if (!status) {
    status = specrnn_extractor_push(e, samples, N_SAMPLES);
  }
  specrnn_extractor_destroy(&e);
  return status;
}

static specrnn_status invert(void)
{
  specrnn_features_config config = make_config(SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_MEL);
  specrnn_griffin_lim_options options = SPECRNN_GRIFFIN_LIM_OPTIONS_INIT;
  float rows[41 * 20] = {0};
  float out[N_SAMPLES];
  options.n_iter = 1;
  return specrnn_features_invert(&config, rows, 41, &options, out, N_SAMPLES, &LOG);
}

static specrnn_status stop_at_stage(void)
{
  specrnn_features_config config = make_config(SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_MEL);
  specrnn_row_sink sink = {drop, NULL};
  return specrnn_features_stage(&config, SPECRNN_STAGE_LEVEL, samples, N_SAMPLES, &sink, &LOG);
}

static specrnn_status blocks(void)
{
  specrnn_features_config config = make_config(SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_MEL);
  specrnn_statistics *statistics = NULL;
  float filters[20 * 221];
  float deltas[100];
  specrnn_status status = specrnn_mel_filters(&config, filters, &LOG);
  if (!status) {
    status = specrnn_delta(deltas, samples, 10, 10, SPECRNN_DELTA_REGRESSION, 5, 2);
  }
  if (!status) {
    status = specrnn_statistics_create(&statistics, 20, &LOG);
  }
  specrnn_statistics_destroy(&statistics);
  return status;
}

/* FFTW ends the process where its own memory fails, and keeps what it has planned. */
static const char *const NOT_OURS[] = {"libfftw3", "libfftw3f", NULL};

static void fail_each_allocation(specrnn_status (*operation)(void))
{
  faults_report report;
  long nth = 0;
  if (!faults_work()) {
    print_message("# SKIPPED: the sanitizers have taken the place of malloc\n");
    skip();
  }
  assert_int_equal(operation(), SPECRNN_OK); /* what is made once for the process is made now */
  faults_spare(NOT_OURS);
  do {
    last_message[0] = '\0';
    faults_start(++nth);
    specrnn_status status = operation();
    report = faults_stop();
    assert_int_equal(status, report.failed ? SPECRNN_ERROR_MEMORY : SPECRNN_OK);
    assert_int_equal(report.live, 0);
  } while (report.failed);
  assert_true(nth > 2);
}

static void faults_of_computing(void **state)
{
  (void)state;
  fail_each_allocation(compute_all);
}

static void faults_of_a_stream(void **state)
{
  (void)state;
  fail_each_allocation(run_stream);
}

static void faults_of_inverting(void **state)
{
  (void)state;
  fail_each_allocation(invert);
}

static void faults_of_stages(void **state)
{
  (void)state;
  fail_each_allocation(stop_at_stage);
}

static void faults_of_blocks(void **state)
{
  (void)state;
  fail_each_allocation(blocks);
}

/* A full disk, played by a limit on the size of files. */
static void a_full_disk_is_said(void **state)
{
  (void)state;
  specrnn_features_config config = make_config(SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_MEL);
  specrnn_compute_options options = SPECRNN_COMPUTE_OPTIONS_INIT;
  feed f = {0, 4000000};
  specrnn_sample_source source = {read_samples, &f, 1};
  specrnn_row_sink sink = {drop, NULL};
  struct rlimit before;
  options.memory_limit = 1000;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  struct rlimit small = {100000, before.rlim_max};
  void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  specrnn_status status = specrnn_features_compute(&config, &source, &sink, &options, NULL, &LOG);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  signal(SIGXFSZ, handler);
  assert_int_equal(status, SPECRNN_ERROR_IO);
  assert_string_equal(last_message, "cannot write a temporary file in /tmp: File too large");
}

static specrnn_status break_off(void *user, const float *rows, size_t n_rows, size_t n_bins)
{
  (void)user;
  (void)rows;
  (void)n_rows;
  (void)n_bins;
  return SPECRNN_ERROR_FORMAT;
}

static void what_the_sink_returns_comes_back(void **state)
{
  (void)state;
  specrnn_features_config config = make_config(SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_MEL);
  feed f = {0, N_SAMPLES};
  specrnn_sample_source source = {read_samples, &f, 1};
  specrnn_row_sink sink = {break_off, NULL};
  assert_int_equal(specrnn_features_compute(&config, &source, &sink, NULL, NULL, &LOG), SPECRNN_ERROR_FORMAT);
  source.channels = 1025;
  assert_int_equal(specrnn_features_compute(&config, &source, &sink, NULL, NULL, &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_string_equal(last_message, "channels is 1025; it must be from 1 to 1024");
}

static int make_samples(void **state)
{
  (void)state;
  for (uint64_t i = 0; i < N_SAMPLES; i++) {
    samples[i] = (float)srn_random_normal(1, i) * 0.1F;
  }
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(faults_of_computing),
      cmocka_unit_test(faults_of_a_stream),
      cmocka_unit_test(faults_of_inverting),
      cmocka_unit_test(faults_of_stages),
      cmocka_unit_test(faults_of_blocks),
      cmocka_unit_test(a_full_disk_is_said),
      cmocka_unit_test(what_the_sink_returns_comes_back),
  };
  return cmocka_run_group_tests(tests, make_samples, NULL);
}
