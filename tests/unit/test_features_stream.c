/* The stream: equal to offline for every cutting, silent towards the system, exact about its latency. */
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/rng.h"
#include "specrnn/cpu.h"
#include "specrnn/features.h"
#include "support/watch.h"

enum { N_SAMPLES = 40000, MAX_CUT = 8192, MAX_SETTINGS = 8, CUTTINGS = 6 };

typedef struct setting {
  const char *key, *value;
} setting;

typedef struct variant {
  const char *name;
  specrnn_preset preset;
  specrnn_features_kind kind;
  setting settings[MAX_SETTINGS];
} variant;

static const variant VARIANTS[] = {
    {"librosa stft", SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_STFT, {{"n_fft", "512"}, {"top_db", "none"}}},
    {"librosa stft odd, half-complex",
     SPECRNN_PRESET_LIBROSA,
     SPECRNN_KIND_STFT,
     {{"n_fft", "441"}, {"top_db", "none"}}},
    {"librosa stft short window",
     SPECRNN_PRESET_LIBROSA,
     SPECRNN_KIND_STFT,
     {{"n_fft", "512"}, {"win_length", "300"}, {"hop_length", "700"}, {"top_db", "none"}, {"pad_mode", "edge"}}},
    {"librosa stft complex",
     SPECRNN_PRESET_LIBROSA,
     SPECRNN_KIND_STFT,
     {{"n_fft", "256"}, {"power", "complex"}, {"scale", "linear"}, {"center", "false"}}},
    {"librosa mel fixed", SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_MEL, {{"maximum", "fixed"}}},
    {"librosa mel running", SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_MEL, {{"maximum", "running"}, {"ref", "max"}}},
    {"librosa pcen", SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_MEL, {{"scale", "pcen"}, {"power", "1"}}},
    {"librosa mfcc savgol",
     SPECRNN_PRESET_LIBROSA,
     SPECRNN_KIND_MFCC,
     {{"maximum", "running"}, {"delta_order", "2"}, {"splice_left", "2"}, {"splice_right", "1"}}},
    {"librosa float", SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_MEL, {{"top_db", "none"}, {"precision", "float"}}},
    {"torchaudio mel", SPECRNN_PRESET_TORCHAUDIO, SPECRNN_KIND_MEL, {{"n_mels", "64"}}},
    {"torchaudio mfcc regression",
     SPECRNN_PRESET_TORCHAUDIO,
     SPECRNN_KIND_MFCC,
     {{"maximum", "fixed"},
      {"n_mels", "40"},
      {"n_mfcc", "13"},
      {"delta_order", "2"},
      {"cmvn", "sliding"},
      {"cmvn_window", "20"},
      {"cmvn_center", "true"},
      {"cmvn_variance", "true"}}},
    {"kaldi fbank", SPECRNN_PRESET_KALDI, SPECRNN_KIND_MEL, {{"n_mels", "80"}, {"dither", "1"}, {"seed", "7"}}},
    {"kaldi fbank mirrored",
     SPECRNN_PRESET_KALDI,
     SPECRNN_KIND_MEL,
     {{"snip_edges", "false"},
      {"use_energy", "true"},
      {"raw_energy", "false"},
      {"cmvn", "sliding"},
      {"cmvn_window", "30"},
      {"cmvn_min_window", "10"}}},
    {"kaldi mfcc float", SPECRNN_PRESET_KALDI, SPECRNN_KIND_MFCC, {{"precision", "float"}, {"htk_compat", "true"}}},
    {"kaldi spectrogram", SPECRNN_PRESET_KALDI, SPECRNN_KIND_STFT, {{NULL, NULL}}},
    {"whisper fixed", SPECRNN_PRESET_WHISPER, SPECRNN_KIND_MEL, {{"maximum", "fixed"}}},
    {"whisper running, filled",
     SPECRNN_PRESET_WHISPER,
     SPECRNN_KIND_MEL,
     {{"maximum", "running"}, {"fit_duration_s", "3"}}},
    {"whisper running, cut off",
     SPECRNN_PRESET_WHISPER,
     SPECRNN_KIND_MEL,
     {{"maximum", "running"}, {"fit_duration_s", "1.5"}}},
    {"wave", SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_WAVE, {{NULL, NULL}}},
};
enum { N_VARIANTS = sizeof VARIANTS / sizeof *VARIANTS };

static float samples[N_SAMPLES];

static specrnn_features_config configure(const variant *v)
{
  specrnn_features_config config;
  assert_int_equal(specrnn_features_preset(&config, v->preset, v->kind), SPECRNN_OK);
  for (int i = 0; i < MAX_SETTINGS && v->settings[i].key; i++) {
    assert_int_equal(
        specrnn_option_set(specrnn_features_options(), &config, v->settings[i].key, v->settings[i].value, NULL),
        SPECRNN_OK);
  }
  return config;
}

/* A tone that comes and goes in noise, with silence in the middle. */
static int make_samples(void **state)
{
  (void)state;
  for (size_t i = 0; i < N_SAMPLES; i++) {
    double tone = sin(0.1 * (double)i) * sin(1e-4 * (double)i);
    double noise = 0.05 * srn_random_normal(3, i);
    bool silent = i > 15000 && i < 20000;
    samples[i] = silent ? 0.0F : (float)(0.5 * tone + noise);
  }
  return 0;
}

typedef struct rows {
  float *data;
  size_t n_bins, count, capacity;
} rows;

static rows make_rows(const specrnn_features_config *config)
{
  specrnn_features_shape shape;
  uint64_t n_frames;
  assert_int_equal(specrnn_features_describe(config, &shape, NULL), SPECRNN_OK);
  assert_int_equal(specrnn_features_frame_count(config, N_SAMPLES, &n_frames, NULL), SPECRNN_OK);
  rows r = {NULL, shape.n_bins, 0, (size_t)n_frames + 1};
  r.data = malloc(r.capacity * r.n_bins * sizeof *r.data);
  assert_non_null(r.data);
  return r;
}

static void pull_all(specrnn_extractor *e, rows *r, size_t at_once)
{
  for (;;) {
    size_t n;
    size_t room = r->capacity - r->count;
    specrnn_status status =
        specrnn_extractor_pull(e, r->data + r->count * r->n_bins, room < at_once ? room : at_once, &n);
    r->count += n;
    if (status != SPECRNN_OK || !n) {
      break;
    }
  }
}

static void stream(specrnn_extractor *e, rows *r, uint64_t seed, size_t max_cut)
{
  r->count = 0;
  for (size_t at = 0, i = 0; at < N_SAMPLES; i++) {
    size_t cut = 1 + srn_random_bits(seed, i) % max_cut;
    cut = cut < N_SAMPLES - at ? cut : N_SAMPLES - at;
    specrnn_status status = specrnn_extractor_push(e, samples + at, cut);
    if (status == SPECRNN_ERROR_FULL) { /* pulls are left out at random below */
      pull_all(e, r, 1 + srn_random_bits(seed + 1, i) % 40);
      continue;
    }
    assert_int_equal(status, SPECRNN_OK);
    at += cut;
    if (srn_random_bits(seed + 2, i) % 3) {
      pull_all(e, r, 1 + srn_random_bits(seed + 1, i) % 40);
    }
  }
  assert_int_equal(specrnn_extractor_flush(e), SPECRNN_OK);
  pull_all(e, r, 64);
}

static void compare_cuttings(const variant *v, uint64_t seeds)
{
  specrnn_features_config config = configure(v);
  specrnn_extractor *e = NULL;
  rows offline = make_rows(&config);
  rows cut = make_rows(&config);
  assert_int_equal(
      specrnn_features_compute_array(&config, samples, N_SAMPLES, offline.data, offline.capacity, &offline.count, NULL),
      SPECRNN_OK);
  assert_int_equal(offline.count, offline.capacity - 1);
  assert_int_equal(specrnn_extractor_create(&e, &config, NULL, NULL), SPECRNN_OK);
  for (uint64_t seed = 0; seed < CUTTINGS; seed++) {
    stream(e, &cut, seeds + 100 * seed, seed == 0 ? 50 : MAX_CUT);
    assert_int_equal(cut.count, offline.count);
    assert_memory_equal(cut.data, offline.data, offline.count * offline.n_bins * sizeof(float));
    specrnn_extractor_reset(e);
  }
  specrnn_extractor_destroy(&e);
  free(offline.data);
  free(cut.data);
}

static void cuts_do_not_change_a_bit(void **state)
{
  (void)state;
  for (int level = 0; level < SPECRNN_CPU_LEVELS; level++) {
    if (specrnn_cpu_supports((specrnn_cpu_level)level)) {
      specrnn_cpu_limit((specrnn_cpu_level)level);
      for (size_t v = 0; v < N_VARIANTS; v++) {
        compare_cuttings(&VARIANTS[v], 10 * v);
      }
    }
  }
  specrnn_cpu_limit(SPECRNN_CPU_LEVELS);
}

/* A sample that is not a number spoils the frames that hold it, and after a reset nothing. */
static void bad_samples_are_forgotten(void **state)
{
  (void)state;
  for (size_t v = 0; v < N_VARIANTS; v++) {
    specrnn_features_config config = configure(&VARIANTS[v]);
    specrnn_extractor *e = NULL;
    const float bad[] = {NAN, INFINITY, 3e38F, -INFINITY, 1e-40F};
    rows clean = make_rows(&config);
    rows again = make_rows(&config);
    assert_int_equal(specrnn_extractor_create(&e, &config, NULL, NULL), SPECRNN_OK);
    stream(e, &clean, 5, 4000);
    specrnn_extractor_reset(e);
    assert_int_equal(specrnn_extractor_push(e, samples, 9000), SPECRNN_OK);
    pull_all(e, &again, 10);
    assert_int_equal(specrnn_extractor_push(e, bad, 5), SPECRNN_OK);
    assert_int_equal(specrnn_extractor_push(e, samples, 9000), SPECRNN_OK);
    pull_all(e, &again, 10);
    specrnn_extractor_reset(e);
    stream(e, &again, 6, 4000);
    assert_int_equal(again.count, clean.count);
    assert_memory_equal(again.data, clean.data, clean.count * clean.n_bins * sizeof(float));
    specrnn_extractor_destroy(&e);
    free(clean.data);
    free(again.data);
  }
}

static void push_is_all_or_nothing(void **state)
{
  (void)state;
  specrnn_features_config config = configure(&VARIANTS[0]);
  specrnn_extractor_options options = SPECRNN_EXTRACTOR_OPTIONS_INIT;
  specrnn_extractor *e = NULL;
  rows pushed = make_rows(&config);
  rows expected = make_rows(&config);
  options.max_push = 1000;
  assert_int_equal(specrnn_extractor_create(&e, &config, &options, NULL), SPECRNN_OK);
  size_t at = 0;
  while (specrnn_extractor_push(e, samples + at, 1000) == SPECRNN_OK) {
    at += 1000;
    assert_true(at < N_SAMPLES);
  }
  assert_int_equal(specrnn_extractor_push(e, samples + at, 1000), SPECRNN_ERROR_FULL);
  assert_int_equal(specrnn_extractor_push(e, samples, 1u << 30), SPECRNN_ERROR_ARGUMENT);
  for (; at < N_SAMPLES; at += 1000) { /* after pulling everything max_push samples always fit */
    pull_all(e, &pushed, 64);
    assert_int_equal(specrnn_extractor_push(e, samples + at, 1000), SPECRNN_OK);
  }
  assert_int_equal(specrnn_extractor_flush(e), SPECRNN_OK);
  assert_int_equal(specrnn_extractor_push(e, samples, 1), SPECRNN_ERROR_STATE);
  pull_all(e, &pushed, 64);
  size_t n = 1;
  assert_int_equal(specrnn_extractor_pull(e, pushed.data, 1, &n), SPECRNN_END);
  assert_int_equal(n, 0);
  assert_int_equal(specrnn_features_compute_array(&config, samples, N_SAMPLES, expected.data, expected.capacity,
                                                  &expected.count, NULL),
                   SPECRNN_OK);
  assert_int_equal(pushed.count, expected.count);
  assert_memory_equal(pushed.data, expected.data, expected.count * expected.n_bins * sizeof(float));
  specrnn_extractor_destroy(&e);
  free(pushed.data);
  free(expected.data);
}

typedef struct session {
  specrnn_extractor *extractor;
  rows out;
} session;

/* Everything that a callback does, without asserts. */
static void run_session(void *argument)
{
  session *s = argument;
  s->out.count = 0;
  for (size_t at = 0; at < N_SAMPLES; at += 160) {
    size_t n;
    if (specrnn_extractor_push(s->extractor, samples + at, 160) ||
        specrnn_extractor_pull(s->extractor, s->out.data + s->out.count * s->out.n_bins, s->out.capacity - s->out.count,
                               &n)) {
      n = 0;
    }
    s->out.count += n;
  }
}

static void processing_calls_nothing(void **state)
{
  (void)state;
  for (size_t v = 0; v < N_VARIANTS; v++) {
    specrnn_features_config config = configure(&VARIANTS[v]);
    session s = {NULL, make_rows(&config)};
    assert_int_equal(specrnn_extractor_create(&s.extractor, &config, NULL, NULL), SPECRNN_OK);
    watch_start();
    run_session(&s);
    watch_counts counts = watch_stop();
    assert_int_equal(counts.allocations, 0);
    assert_int_equal(counts.locks, 0);
    assert_true(s.out.count > 0);
    specrnn_extractor_reset(s.extractor);
    assert_true(!watch_works() || watch_runs_without_system_calls(run_session, &s));
    specrnn_extractor_destroy(&s.extractor);
    free(s.out.data);
  }
}

static void call_system(void *argument)
{
  *(int *)argument = (int)getppid();
}

static void call_nothing(void *argument)
{
  *(int *)argument = 1;
}

/* The watch sees what it should. */
static void the_watch_watches(void **state)
{
  (void)state;
  if (!watch_works()) {
    print_message("# SKIPPED: the sanitizers have taken the place of malloc\n");
    skip();
  }
  watch_start();
  void *volatile memory = malloc(100);
  free(memory);
  assert_int_equal(watch_stop().allocations, 2);
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  watch_start();
  pthread_mutex_lock(&mutex);
  pthread_mutex_unlock(&mutex);
  assert_int_equal(watch_stop().locks, 1);
  int ignored;
  assert_true(watch_runs_without_system_calls(call_nothing, &ignored));
  assert_false(watch_runs_without_system_calls(call_system, &ignored));
}

/* Every size up to 700 either is refused to a stream or is transformed without an allocation. */
static void no_size_allocates(void **state)
{
  (void)state;
  int refused = 0;
  for (int n_fft = 1; n_fft <= 700; n_fft++) {
    for (int precision = 0; precision < 2; precision++) {
      specrnn_features_config config = configure(&VARIANTS[3]);
      specrnn_extractor *e = NULL;
      float row[2 * (700 / 2 + 1)];
      size_t n;
      config.n_fft = n_fft;
      config.hop_length = n_fft;
      config.precision = (specrnn_precision)precision;
      specrnn_status status = specrnn_extractor_create(&e, &config, NULL, NULL);
      if (status == SPECRNN_ERROR_UNSUPPORTED) {
        refused++;
        continue;
      }
      assert_int_equal(status, SPECRNN_OK);
      assert_int_equal(specrnn_extractor_push(e, samples, (size_t)n_fft), SPECRNN_OK);
      watch_start();
      status = specrnn_extractor_pull(e, row, 1, &n);
      assert_int_equal(watch_stop().allocations, 0);
      assert_int_equal(status, SPECRNN_OK);
      specrnn_extractor_destroy(&e);
    }
  }
  assert_int_equal(refused, 2 * 130); /* the sizes up to 700 with a prime factor from 173 on */
}

/* The first frame after the start-up comes with the sample that the latency names, and not before. */
static void latency_is_exact(void **state)
{
  (void)state;
  for (size_t v = 0; v < N_VARIANTS; v++) {
    specrnn_features_config config = configure(&VARIANTS[v]);
    specrnn_extractor *e = NULL;
    rows r = make_rows(&config);
    if (VARIANTS[v].kind == SPECRNN_KIND_WAVE) {
      free(r.data);
      continue;
    }
    assert_int_equal(specrnn_extractor_create(&e, &config, NULL, NULL), SPECRNN_OK);
    double rate = specrnn_extractor_config(e)->sample_rate_hz;
    size_t latency = specrnn_extractor_latency_samples(e);
    for (size_t at = 0; at < 24000; at++) {
      size_t n;
      assert_int_equal(specrnn_extractor_push(e, samples + at, 1), SPECRNN_OK);
      size_t frame = r.count;
      size_t center = (size_t)lround(specrnn_features_frame_time_s(&config, frame) * rate);
      specrnn_status status = specrnn_extractor_pull(e, r.data + r.count * r.n_bins, 1, &n);
      if (frame > 40) { /* rules at the start are over */
        assert_int_equal(status, at + 1 == center + latency ? SPECRNN_OK : SPECRNN_NEED_INPUT);
      }
      r.count += n;
    }
    assert_true(r.count > 30);
    specrnn_extractor_destroy(&e);
    free(r.data);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_watch_watches),         cmocka_unit_test(cuts_do_not_change_a_bit),
      cmocka_unit_test(bad_samples_are_forgotten), cmocka_unit_test(push_is_all_or_nothing),
      cmocka_unit_test(processing_calls_nothing),  cmocka_unit_test(no_size_allocates),
      cmocka_unit_test(latency_is_exact),
  };
  return cmocka_run_group_tests(tests, make_samples, NULL);
}
