/* The stream and the file: what a pipeline makes of pushed samples is, bit for bit, what the loader makes of a file
 * that holds them, whatever the caller's floating-point mode; it comes as soon as was promised; a push is taken whole.
 */
#include <fenv.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "audio_testing.h"
#include "core/rng.h"
#include "specrnn/pipeline.h"
#include "support/watch.h"

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

enum { RATE_HZ = 16000, N_FRAMES = 5000, MAX_CHANNELS = 8, PUSH = 700, N_MELS = 20 };

/* ------------------------------------------------------------------------------------------------------------ fixtures
 */

/* Every sample is a frame: a stream of the samples themselves. */
static specrnn_features_config wave_front_end(int rate_hz)
{
  specrnn_features_config config;
  succeeds(specrnn_features_preset(&config, SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_WAVE));
  config.sample_rate_hz = rate_hz;
  return config;
}

static specrnn_features_config kaldi_front_end(void)
{
  specrnn_features_config config;
  succeeds(specrnn_features_preset(&config, SPECRNN_PRESET_KALDI, SPECRNN_KIND_MEL));
  config.sample_rate_hz = RATE_HZ;
  config.n_mels = N_MELS;
  config.dither = 1.0;
  return config;
}

static specrnn_model *make_model(const specrnn_features_config *config)
{
  specrnn_features_shape shape;
  succeeds(specrnn_features_describe(config, &shape, &LOG));
  specrnn_graph *graph = NULL;
  succeeds(specrnn_graph_create(&graph, shape.n_bins, &LOG));
  succeeds(specrnn_graph_add(graph, "gru1", "gru", NULL, 0, "{\"hidden_size\": 2}", &LOG));
  specrnn_model_config model_config = SPECRNN_MODEL_CONFIG_INIT;
  model_config.front_end = config;
  specrnn_model *model = NULL;
  model_config.graph = graph;
  succeeds(specrnn_model_create(&model, &model_config, &LOG));
  specrnn_graph_destroy(&graph);
  return model;
}

static specrnn_pipeline *make_pipeline(const specrnn_model *model, int rate_hz, int channels, bool replace)
{
  specrnn_pipeline_config config = SPECRNN_PIPELINE_CONFIG_INIT;
  config.sample_rate_hz = rate_hz;
  config.channels = channels;
  config.max_push = 4096;
  config.nan = replace ? SPECRNN_PIPELINE_NAN_ZERO : SPECRNN_PIPELINE_NAN_ERROR;
  specrnn_pipeline *pipeline = NULL;
  succeeds(specrnn_pipeline_create(&pipeline, model, &config, &LOG));
  return pipeline;
}

/* Noise of another loudness in every channel, so that the order of a sum shows in its last bits. */
static float *make_noise(size_t n_frames, size_t channels)
{
  float *samples = malloc(n_frames * channels * sizeof *samples);
  assert_non_null(samples);
  for (size_t i = 0; i < n_frames * channels; i++) {
    samples[i] = (float)(0.1 * pow(3.0, -(double)(i % channels)) * srn_random_normal(11, i));
  }
  return samples;
}

typedef struct rows {
  float *data; /* (count, n_bins), then (count, 2) states in `states` */
  float *states;
  size_t count, capacity, n_bins;
} rows;

static void pull_all(specrnn_pipeline *pipeline, rows *r, specrnn_status end)
{
  specrnn_frame frame;
  specrnn_status status;
  while ((status = specrnn_pipeline_pull(pipeline, &frame)) == SPECRNN_OK) {
    if (r->count == r->capacity) {
      r->capacity = 2 * r->capacity + 1024;
      r->data = realloc(r->data, r->capacity * frame.n_features * sizeof *r->data);
      r->states = realloc(r->states, r->capacity * 2 * sizeof *r->states);
      assert_non_null(r->data);
      assert_non_null(r->states);
    }
    r->n_bins = frame.n_features;
    memcpy(r->data + r->count * r->n_bins, frame.features, r->n_bins * sizeof *r->data);
    memcpy(r->states + r->count * 2, frame.hidden[0], 2 * sizeof *r->states);
    r->count++;
  }
  assert_int_equal(status, end);
}

static rows stream(specrnn_pipeline *pipeline, const float *samples, size_t n_frames, size_t channels)
{
  rows r = {0};
  for (size_t at = 0; at < n_frames; at += PUSH) {
    size_t n = n_frames - at < PUSH ? n_frames - at : PUSH;
    succeeds(specrnn_pipeline_push(pipeline, samples + at * channels, n));
    pull_all(pipeline, &r, SPECRNN_NEED_INPUT);
  }
  specrnn_pipeline_flush(pipeline);
  pull_all(pipeline, &r, SPECRNN_END);
  return r;
}

static void free_rows(rows *r)
{
  free(r->data);
  free(r->states);
  *r = (rows){0};
}

/* The same samples as a WAV file of floats, through the loader. */
static sound load_wav(const float *samples, size_t n_frames, int channels, int rate_hz, bool replace)
{
  static unsigned char file[WAV_MAX_SIZE];
  size_t n_bytes = n_frames * (size_t)channels * sizeof *samples;
  wav_header header = wav_true(WAV_FLOAT, (unsigned)channels, (unsigned)rate_hz, 32, n_bytes);
  size_t size = wav_make(file, &header, samples, n_bytes);
  specrnn_audio_config config = SPECRNN_AUDIO_CONFIG_INIT;
  config.sample_rate_hz = RATE_HZ;
  config.nan = replace ? SPECRNN_AUDIO_NAN_ZERO : SPECRNN_AUDIO_NAN_ERROR;
  return load_memory(file, size, &config, 1000);
}

/* --------------------------------------------------------------------------------------------------------------- tests
 */

static void spoil(float *samples, size_t n)
{
  const float bad[] = {NAN, INFINITY, -INFINITY, 2e12F};
  for (size_t i = 0; i < COUNT(bad); i++) {
    samples[(i * 977 + 13) % n] = bad[i];
  }
}

/* Both policies; bad samples where they are replaced. */
static void compare_with_loader(const specrnn_model *model, int rate_hz, int channels, bool replace)
{
  float *samples = make_noise(N_FRAMES, (size_t)channels);
  if (replace) {
    spoil(samples, N_FRAMES * (size_t)channels);
  }
  sound loaded = load_wav(samples, N_FRAMES, channels, rate_hz, replace);
  succeeds(loaded.status);
  specrnn_pipeline *pipeline = make_pipeline(model, rate_hz, channels, replace);
  rows streamed = stream(pipeline, samples, N_FRAMES, (size_t)channels);
  assert_int_equal(streamed.count, loaded.n_frames);
  assert_int_equal(streamed.count, (size_t)ceil(N_FRAMES * (double)RATE_HZ / rate_hz));
  assert_memory_equal(streamed.data, loaded.samples, loaded.n_frames * sizeof(float));
  assert_int_equal(specrnn_pipeline_n_bad(pipeline), replace ? 4 : 0);
  assert_int_equal(loaded.info.n_bad, replace ? 4 : 0);
  specrnn_pipeline_destroy(&pipeline);
  free_rows(&streamed);
  free(loaded.samples);
  free(samples);
}

static void a_stream_gives_the_samples_of_the_loader(void **state)
{
  (void)state;
  static const int RATES[] = {RATE_HZ, 44100, 48000, 8000, 15999};
  specrnn_features_config config = wave_front_end(RATE_HZ);
  specrnn_model *model = make_model(&config);
  for (size_t i = 0; i < COUNT(RATES); i++) {
    for (int channels = 1; channels <= MAX_CHANNELS; channels++) {
      compare_with_loader(model, RATES[i], channels, false);
      compare_with_loader(model, RATES[i], channels, true);
    }
  }
  specrnn_model_destroy(&model);
}

/* Inputs of a few frames, at rates as far apart as may be. */
static void short_inputs_at_any_rate(void **state)
{
  (void)state;
  specrnn_features_config config = wave_front_end(RATE_HZ);
  specrnn_model *model = make_model(&config);
  for (uint64_t draw = 0; draw < 300; draw++) {
    int lowest = (RATE_HZ + 255) / 256;
    int highest = draw % 2 ? 768000 : 40000;
    int rate_hz = lowest + (int)(srn_random_bits(19, 3 * draw) % (uint64_t)(highest - lowest));
    size_t n = 1 + (size_t)(srn_random_bits(19, 3 * draw + 1) % (draw % 3 ? 20 : 2000));
    float *samples = make_noise(n, 2);
    sound loaded = load_wav(samples, n, 2, rate_hz, false);
    specrnn_pipeline *pipeline = make_pipeline(model, rate_hz, 2, false);
    rows streamed = stream(pipeline, samples, n, 2);
    succeeds(loaded.status);
    assert_int_equal(streamed.count, loaded.n_frames);
    assert_memory_equal(streamed.data, loaded.samples, loaded.n_frames * sizeof(float));
    specrnn_pipeline_destroy(&pipeline);
    free_rows(&streamed);
    free(loaded.samples);
    free(samples);
  }
  specrnn_model_destroy(&model);
}

static void both_refuse_the_same_samples(void **state)
{
  (void)state;
  static const float ODD[] = {NAN, -INFINITY, 2e12F, 1e12F, -1e12F, 1e-45F};
  specrnn_features_config config = wave_front_end(RATE_HZ);
  specrnn_model *model = make_model(&config);
  for (size_t i = 0; i < COUNT(ODD); i++) {
    float samples[3 * 10] = {0};
    samples[17] = ODD[i];
    sound loaded = load_wav(samples, 10, 3, RATE_HZ, false);
    specrnn_pipeline *pipeline = make_pipeline(model, RATE_HZ, 3, false);
    assert_int_equal(loaded.status, i < 3 ? SPECRNN_ERROR_NOT_FINITE : SPECRNN_OK);
    feclearexcept(FE_ALL_EXCEPT);
    specrnn_status pushed = specrnn_pipeline_push(pipeline, samples, 10);
    assert_int_equal(fetestexcept(FE_ALL_EXCEPT), 0); /* where such a flag is raised, a caller's trap would be sprung */
    assert_int_equal(pushed, loaded.status);
    specrnn_pipeline_destroy(&pipeline);
    free(loaded.samples);
  }
  specrnn_model_destroy(&model);
}

/* --- the caller's floating-point mode */

static void set_mode(int rounding, bool flush_denormals)
{
  assert_int_equal(fesetround(rounding), 0);
#if defined(__SSE2__)
  _mm_setcsr(flush_denormals ? _mm_getcsr() | 0x8040U : _mm_getcsr() & ~0x8040U);
#else
  (void)flush_denormals;
#endif
}

typedef struct computed {
  rows streamed;
  sound loaded;
  float features[200 * N_MELS];
  size_t n_features;
} computed;

/* Everything made and run in that mode: a pipeline, the loader, the offline computation. */
static void compute(computed *c, const float *samples, int rounding, bool flush_denormals)
{
  specrnn_features_config config = kaldi_front_end();
  specrnn_model *model = make_model(&config);
  set_mode(rounding, flush_denormals);
  specrnn_pipeline *pipeline = make_pipeline(model, 44100, 3, false);
  c->streamed = stream(pipeline, samples, N_FRAMES, 3);
  c->loaded = load_wav(samples, N_FRAMES, 3, 44100, false);
  specrnn_status status = specrnn_features_compute_array(&config, c->loaded.samples, c->loaded.n_frames, c->features,
                                                         200, &c->n_features, &LOG);
  specrnn_pipeline_destroy(&pipeline);
  assert_int_equal(fegetround(), rounding);
  set_mode(FE_TONEAREST, false);
  succeeds(status);
  specrnn_model_destroy(&model);
}

static void free_computed(computed *c)
{
  free_rows(&c->streamed);
  free(c->loaded.samples);
}

static void the_callers_mode_changes_nothing(void **state)
{
  (void)state;
  static const struct {
    int rounding;
    bool flush_denormals;
  } MODES[] = {{FE_UPWARD, false}, {FE_DOWNWARD, false}, {FE_TOWARDZERO, true}, {FE_TONEAREST, true}};
  static computed usual;
  static computed other;
  float *samples = make_noise(N_FRAMES, 3);
  for (size_t i = 6000; i < 9000; i++) {
    samples[i] *= 1e-39F; /* denormals */
  }
  compute(&usual, samples, FE_TONEAREST, false);
  assert_int_equal(usual.streamed.count, usual.n_features);
  assert_memory_equal(usual.streamed.data, usual.features, usual.n_features * N_MELS * sizeof(float));
  for (size_t i = 0; i < COUNT(MODES); i++) {
    compute(&other, samples, MODES[i].rounding, MODES[i].flush_denormals);
    assert_int_equal(other.streamed.count, usual.streamed.count);
    assert_int_equal(other.loaded.n_frames, usual.loaded.n_frames);
    assert_memory_equal(other.loaded.samples, usual.loaded.samples, usual.loaded.n_frames * sizeof(float));
    assert_memory_equal(other.features, usual.features, usual.n_features * N_MELS * sizeof(float));
    assert_memory_equal(other.streamed.data, usual.streamed.data, usual.streamed.count * N_MELS * sizeof(float));
    assert_memory_equal(other.streamed.states, usual.streamed.states, usual.streamed.count * 2 * sizeof(float));
    free_computed(&other);
  }
  free_computed(&usual);
  free(samples);
}

/* 32-bit integers do not fit a float: somebody rounds them. */
static void the_callers_mode_does_not_round_a_file(void **state)
{
  (void)state;
  static unsigned char file[WAV_MAX_SIZE];
  int32_t samples[1000];
  for (size_t i = 0; i < COUNT(samples); i++) {
    samples[i] = (int32_t)(srn_random_bits(3, i) & 0x7fffffff);
  }
  wav_header header = wav_true(WAV_PCM, 1, RATE_HZ, 32, sizeof samples);
  size_t size = wav_make(file, &header, samples, sizeof samples);
  specrnn_audio_config config = SPECRNN_AUDIO_CONFIG_INIT;
  set_mode(FE_UPWARD, false);
  sound loaded = load_memory(file, size, &config, 300);
  set_mode(FE_TONEAREST, false);
  assert_int_equal(loaded.n_frames, COUNT(samples));
  for (size_t i = 0; i < COUNT(samples); i++) {
    assert_true(loaded.samples[i] == (float)samples[i] / 2147483648.0F);
  }
  free(loaded.samples);
}

/* --- latency and time */

/* An impulse is pushed sample by sample. Where each frame is due, by the promise, it is there; the longest wait is what
 * was promised, and the impulse comes out at its own time. */
static void the_latency_is_what_was_promised(void **state)
{
  (void)state;
  static const int RATES[] = {RATE_HZ, 48000, 44100, 8000, 11025, 96000, 15999, 192000};
  specrnn_features_config config = wave_front_end(RATE_HZ);
  specrnn_model *model = make_model(&config);
  for (size_t i = 0; i < COUNT(RATES); i++) {
    double ratio = (double)RATE_HZ / RATES[i];
    specrnn_pipeline *pipeline = make_pipeline(model, RATES[i], 1, false);
    double promised = (double)specrnn_pipeline_latency_samples(pipeline);
    double longest = -1.0;
    float loudest = 0.0F;
    double loudest_s = 0.0;
    for (int n = 0; n < RATES[i]; n++) {
      float x = n == RATES[i] / 2 ? 1.0F : 0.0F;
      specrnn_frame frame;
      succeeds(specrnn_pipeline_push(pipeline, &x, 1));
      while (specrnn_pipeline_pull(pipeline, &frame) == SPECRNN_OK) {
        double waited = (n + 1) * ratio - frame.time_s * RATE_HZ;
        assert_true(waited < promised + ratio + 1e-6);
        longest = waited > longest ? waited : longest;
        if (frame.features[0] > loudest) {
          loudest = frame.features[0];
          loudest_s = frame.time_s;
        }
      }
    }
    assert_true(longest > promised - ratio - 2.0);
    assert_true(loudest > 0.05F);
    assert_true(fabs(loudest_s - (double)(RATES[i] / 2) / RATES[i]) <= 0.5 / RATE_HZ + 1e-12);
    specrnn_pipeline_destroy(&pipeline);
  }
  specrnn_model_destroy(&model);
}

static void a_frame_has_the_time_that_the_front_end_says(void **state)
{
  (void)state;
  enum { N_SAMPLES = 3 * RATE_HZ };
  specrnn_features_config config = kaldi_front_end();
  specrnn_model *model = make_model(&config);
  specrnn_pipeline *pipeline = make_pipeline(model, RATE_HZ, 1, false);
  float *samples = make_noise(N_SAMPLES, 1);
  size_t n = 0;
  for (size_t at = 0; at < N_SAMPLES; at += 4000) {
    specrnn_frame frame;
    succeeds(specrnn_pipeline_push(pipeline, samples + at, 4000));
    for (; specrnn_pipeline_pull(pipeline, &frame) == SPECRNN_OK; n++) {
      assert_true(frame.time_s == specrnn_features_frame_time_s(&config, n));
      assert_true(frame.time_s == ((double)n * 160.0 + 200.0) / 16000.0);
    }
  }
  assert_int_equal(n, 1 + (N_SAMPLES - 400) / 160);
  specrnn_pipeline_destroy(&pipeline);
  specrnn_model_destroy(&model);
  free(samples);
}

/* --- a push is taken whole or not at all */

/* Pushes max_push at a time, far up: every one is taken, once what came before was pulled. */
static void the_largest_push_always_fits(void **state)
{
  (void)state;
  enum { HIGH_HZ = 192000, LOW_HZ = 1000, PUSHES = 3, MOST = 4096 };
  specrnn_features_config config = wave_front_end(HIGH_HZ);
  specrnn_model *model = make_model(&config);
  specrnn_pipeline *pipeline = make_pipeline(model, LOW_HZ, 1, false);
  float *samples = make_noise(MOST, 1);
  size_t count = 0;
  succeeds(specrnn_pipeline_push(pipeline, NULL, 0));
  for (int i = 0; i < PUSHES; i++) {
    specrnn_frame frame;
    succeeds(specrnn_pipeline_push(pipeline, samples, MOST));
    assert_int_equal(specrnn_pipeline_push(pipeline, samples, 1), SPECRNN_ERROR_FULL);
    assert_int_equal(specrnn_pipeline_push(pipeline, samples, MOST + 1), SPECRNN_ERROR_ARGUMENT);
    while (specrnn_pipeline_pull(pipeline, &frame) == SPECRNN_OK) {
      count++;
    }
  }
  assert_int_equal(specrnn_pipeline_push(pipeline, samples, MOST + 1), SPECRNN_ERROR_ARGUMENT);
  assert_int_equal(specrnn_pipeline_push(pipeline, samples, SIZE_MAX), SPECRNN_ERROR_ARGUMENT);
  specrnn_pipeline_flush(pipeline);
  specrnn_frame frame;
  while (specrnn_pipeline_pull(pipeline, &frame) == SPECRNN_OK) {
    count++;
  }
  assert_int_equal(count, (size_t)PUSHES * MOST * HIGH_HZ / LOW_HZ);
  specrnn_pipeline_destroy(&pipeline);
  specrnn_model_destroy(&model);
  free(samples);
}

/* Refused pushes of every kind between those that are taken leave no trace. */
static void a_refused_push_leaves_no_trace(void **state)
{
  (void)state;
  specrnn_features_config config = wave_front_end(RATE_HZ);
  specrnn_model *model = make_model(&config);
  specrnn_pipeline *pipeline = make_pipeline(model, 44100, 2, false);
  float *samples = make_noise(N_FRAMES, 2);
  float *spoiled = make_noise(N_FRAMES, 2);
  spoiled[2 * 4000 - 1] = NAN;
  rows alone = stream(pipeline, samples, N_FRAMES, 2);
  succeeds(specrnn_pipeline_reset(pipeline));
  rows disturbed = {0};
  for (size_t at = 0; at < N_FRAMES; at += 2500) {
    assert_int_equal(specrnn_pipeline_push(pipeline, spoiled, 4000), SPECRNN_ERROR_NOT_FINITE);
    succeeds(specrnn_pipeline_push(pipeline, samples + 2 * at, 2500));
    assert_int_equal(specrnn_pipeline_push(pipeline, samples, 2500), SPECRNN_ERROR_FULL);
    assert_int_equal(specrnn_pipeline_push(pipeline, samples, 5000), SPECRNN_ERROR_ARGUMENT);
    pull_all(pipeline, &disturbed, SPECRNN_NEED_INPUT);
  }
  specrnn_pipeline_flush(pipeline);
  pull_all(pipeline, &disturbed, SPECRNN_END);
  assert_int_equal(disturbed.count, alone.count);
  assert_memory_equal(disturbed.data, alone.data, alone.count * sizeof(float));
  assert_int_equal(specrnn_pipeline_n_bad(pipeline), 0);
  specrnn_pipeline_destroy(&pipeline);
  specrnn_model_destroy(&model);
  free_rows(&alone);
  free_rows(&disturbed);
  free(samples);
  free(spoiled);
}

/* --- nothing is asked of the system */

typedef struct quiet {
  specrnn_pipeline *pipeline;
  const float *samples;
  size_t n_frames;
} quiet;

static void push_and_pull(void *user)
{
  quiet *q = user;
  specrnn_frame frame;
  for (size_t at = 0; at + 441 <= N_FRAMES; at += 441) {
    if (specrnn_pipeline_push(q->pipeline, q->samples + 2 * at, 441)) {
      return;
    }
    while (specrnn_pipeline_pull(q->pipeline, &frame) == SPECRNN_OK) {
      q->n_frames++;
    }
  }
}

/* With another rate and two channels, once soxr's buffers have grown. */
static void a_warm_resampler_asks_nothing_of_the_system(void **state)
{
  (void)state;
  specrnn_features_config config = wave_front_end(RATE_HZ);
  specrnn_model *model = make_model(&config);
  specrnn_pipeline *pipeline = make_pipeline(model, 44100, 2, true);
  float *samples = make_noise(N_FRAMES, 2);
  samples[100] = NAN;
  quiet q = {pipeline, samples, 0};
  for (int i = 0; i < 10; i++) {
    push_and_pull(&q);
  }
  q.n_frames = 0;
  if (watch_works()) {
    watch_start();
    push_and_pull(&q);
    watch_counts counts = watch_stop();
    assert_int_equal(counts.allocations, 0);
    assert_int_equal(counts.locks, 0);
    assert_true(watch_runs_without_system_calls(push_and_pull, &q));
  } else {
    push_and_pull(&q);
  }
  assert_true(q.n_frames > 1000);
  specrnn_pipeline_destroy(&pipeline);
  specrnn_model_destroy(&model);
  free(samples);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_stream_gives_the_samples_of_the_loader),
      cmocka_unit_test(short_inputs_at_any_rate),
      cmocka_unit_test(both_refuse_the_same_samples),
      cmocka_unit_test(the_callers_mode_changes_nothing),
      cmocka_unit_test(the_callers_mode_does_not_round_a_file),
      cmocka_unit_test(the_latency_is_what_was_promised),
      cmocka_unit_test(a_frame_has_the_time_that_the_front_end_says),
      cmocka_unit_test(the_largest_push_always_fits),
      cmocka_unit_test(a_refused_push_leaves_no_trace),
      cmocka_unit_test(a_warm_resampler_asks_nothing_of_the_system),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
