/* The joint: sound pushed in any way gives, bit for bit, the features and states of the whole; it asks nothing of the
 * system; bad samples do not stay in it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/rng.h"
#include "specrnn/audio.h"
#include "specrnn/encoder.h"
#include "specrnn/pipeline.h"
#include "support/messages.h"
#include "support/watch.h"

enum { RATE_HZ = 16000, N_SAMPLES = 24000, N_BINS = 40, N_HIDDEN = 24, CUTTINGS = 8, MAX_CUT = 8192 };

/* ------------------------------------------------------------------------------------------------------------ fixtures
 */

static specrnn_features_config front_end(double top_db)
{
  specrnn_features_config config;
  assert_int_equal(specrnn_features_preset(&config, SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_MEL), SPECRNN_OK);
  config.sample_rate_hz = RATE_HZ;
  config.n_fft = 400;
  config.hop_length = 160;
  config.n_mels = N_BINS;
  config.top_db = top_db;
  assert_int_equal(specrnn_features_resolve(&config, &LOG), SPECRNN_OK);
  return config;
}

static specrnn_model *make_model(const specrnn_features_config *config, bool bidirectional)
{
  char text[64];
  specrnn_graph *graph = NULL;
  assert_int_equal(specrnn_graph_create(&graph, N_BINS, &LOG), SPECRNN_OK);
  snprintf(text, sizeof text, "{\"hidden_size\": %d, \"bidirectional\": %s}", N_HIDDEN,
           bidirectional ? "true" : "false");
  assert_int_equal(specrnn_graph_add(graph, "gru1", "gru", NULL, 0, text, &LOG), SPECRNN_OK);
  snprintf(text, sizeof text, "{\"hidden_size\": %d}", N_HIDDEN / 2);
  assert_int_equal(specrnn_graph_add(graph, "lstm2", "lstm", NULL, 0, text, &LOG), SPECRNN_OK);
  specrnn_model_config model_config = SPECRNN_MODEL_CONFIG_INIT;
  model_config.seed = 3;
  model_config.front_end = config;
  specrnn_model *model = NULL;
  model_config.graph = graph;
  assert_int_equal(specrnn_model_create(&model, &model_config, &LOG), SPECRNN_OK);
  specrnn_graph_destroy(&graph);
  return model;
}

/* A decaying tone in noise, as many channels as wanted. */
static float *make_sound(size_t n_frames, size_t channels)
{
  float *samples = malloc(n_frames * channels * sizeof *samples);
  assert_non_null(samples);
  for (size_t i = 0; i < n_frames * channels; i++) {
    double t = (double)(i / channels) / RATE_HZ;
    samples[i] = (float)(0.5 * sin(6000.0 * t) * exp(-2.0 * t) + 0.01 * srn_random_normal(5 + i % channels, i));
  }
  return samples;
}

typedef struct frames {
  size_t count, capacity;
  float *rows; /* (count, width): features, both layers' states, output */
  size_t width;
  double last_time_s;
} frames;

static void keep(frames *f, const specrnn_frame *frame)
{
  f->width = frame->n_features + frame->n_output;
  for (size_t i = 0; i < frame->n_layers; i++) {
    f->width += frame->n_hidden[i];
  }
  if (f->count == f->capacity) {
    f->capacity = 2 * f->capacity + 64;
    f->rows = realloc(f->rows, f->capacity * f->width * sizeof *f->rows);
    assert_non_null(f->rows);
  }
  float *row = f->rows + f->count * f->width;
  memcpy(row, frame->features, frame->n_features * sizeof *row);
  row += frame->n_features;
  for (size_t i = 0; i < frame->n_layers; i++) {
    memcpy(row, frame->hidden[i], frame->n_hidden[i] * sizeof *row);
    row += frame->n_hidden[i];
  }
  memcpy(row, frame->output, frame->n_output * sizeof *row);
  assert_int_equal(frame->index, f->count);
  f->last_time_s = frame->time_s;
  f->count++;
}

static void pull_all(specrnn_pipeline *pipeline, frames *f, specrnn_status end)
{
  specrnn_frame frame;
  specrnn_status status;
  while ((status = specrnn_pipeline_pull(pipeline, &frame)) == SPECRNN_OK) {
    keep(f, &frame);
  }
  assert_int_equal(status, end);
}

/* Pushes in cuts drawn from `seed` (0: everything at once, in pieces of max_push), then flushes. */
static frames run(specrnn_pipeline *pipeline, const float *samples, size_t n_frames, size_t channels, uint64_t seed)
{
  frames f = {0};
  for (size_t at = 0, draw = 0; at < n_frames; draw++) {
    size_t cut = seed ? 1 + srn_random_bits(seed, draw) % (draw % 3 ? 100 : MAX_CUT) : MAX_CUT;
    cut = cut < n_frames - at ? cut : n_frames - at;
    assert_int_equal(specrnn_pipeline_push(pipeline, samples + at * channels, cut), SPECRNN_OK);
    at += cut;
    pull_all(pipeline, &f, SPECRNN_NEED_INPUT);
  }
  specrnn_pipeline_flush(pipeline);
  pull_all(pipeline, &f, SPECRNN_END);
  return f;
}

static specrnn_pipeline *make_pipeline(const specrnn_model *model, int rate_hz, int channels)
{
  specrnn_pipeline_config config = SPECRNN_PIPELINE_CONFIG_INIT;
  config.sample_rate_hz = rate_hz;
  config.channels = channels;
  config.max_push = MAX_CUT;
  specrnn_pipeline *pipeline = NULL;
  assert_int_equal(specrnn_pipeline_create(&pipeline, model, &config, &LOG), SPECRNN_OK);
  return pipeline;
}

/* --------------------------------------------------------------------------------------------------------------- tests
 */

/* The features and the model by themselves, over the whole input. */
static frames offline(const specrnn_features_config *config, const specrnn_model *model, const float *samples)
{
  enum { CAPACITY = 400 };
  const specrnn_model_info *info = specrnn_model_describe(model);
  float *rows = calloc(CAPACITY * N_BINS, sizeof *rows);
  float *hidden[2] = {calloc(CAPACITY * N_HIDDEN, sizeof **hidden), calloc(CAPACITY * N_HIDDEN, sizeof **hidden)};
  size_t n = 0;
  assert_int_equal(specrnn_features_compute_array(config, samples, N_SAMPLES, rows, CAPACITY, &n, &LOG), SPECRNN_OK);
  specrnn_batch batch = SPECRNN_BATCH_INIT;
  batch.input = rows;
  batch.n_frames = n;
  batch.hidden = hidden;
  assert_int_equal(specrnn_model_forward(model, &batch, &LOG), SPECRNN_OK);
  frames f = {0};
  for (size_t t = 0; t < n; t++) {
    const size_t widths[2] = {N_HIDDEN, N_HIDDEN / 2};
    const float *states[2] = {hidden[0] + t * widths[0], hidden[1] + t * widths[1]};
    specrnn_frame frame = {.index = t, .n_features = N_BINS, .features = rows + t * N_BINS, .n_layers = 2};
    frame.n_hidden = widths;
    frame.hidden = states;
    frame.n_output = info->output_size;
    frame.output = states[1];
    keep(&f, &frame);
  }
  free(rows);
  free(hidden[0]);
  free(hidden[1]);
  return f;
}

static void assert_same(const frames *a, const frames *b)
{
  assert_int_equal(a->count, b->count);
  assert_int_equal(a->width, b->width);
  assert_memory_equal(a->rows, b->rows, a->count * a->width * sizeof *a->rows);
}

static void every_cut_gives_the_bits_of_the_whole(void **state)
{
  (void)state;
  specrnn_features_config config = front_end(SPECRNN_NONE);
  specrnn_model *model = make_model(&config, false);
  float *samples = make_sound(N_SAMPLES, 1);
  frames whole = offline(&config, model, samples);
  assert_int_equal(whole.count, 1 + N_SAMPLES / 160);
  specrnn_pipeline *pipeline = make_pipeline(model, RATE_HZ, 1);
  for (uint64_t seed = 0; seed < CUTTINGS; seed++) {
    frames cut = run(pipeline, samples, N_SAMPLES, 1, seed);
    assert_same(&cut, &whole);
    assert_true(fabs(cut.last_time_s - (double)N_SAMPLES / RATE_HZ) < 1e-9);
    free(cut.rows);
    assert_int_equal(specrnn_pipeline_reset(pipeline), SPECRNN_OK);
  }
  specrnn_pipeline_destroy(&pipeline);
  assert_null(pipeline);
  specrnn_model_destroy(&model);
  free(whole.rows);
  free(samples);
}

static void other_rates_and_channels_give_what_the_loader_gives(void **state)
{
  (void)state;
  enum { HOST_HZ = 44100, HOST_FRAMES = 50000, CHANNELS = 2 };
  specrnn_features_config config = front_end(SPECRNN_NONE);
  specrnn_model *model = make_model(&config, false);
  float *samples = make_sound(HOST_FRAMES, CHANNELS);
  specrnn_pipeline *pipeline = make_pipeline(model, HOST_HZ, CHANNELS);
  frames first = run(pipeline, samples, HOST_FRAMES, CHANNELS, 0);
  assert_int_equal(first.count, 1 + (size_t)ceil(HOST_FRAMES * (double)RATE_HZ / HOST_HZ) / 160);
  for (uint64_t seed = 1; seed < CUTTINGS; seed++) {
    assert_int_equal(specrnn_pipeline_reset(pipeline), SPECRNN_OK);
    frames cut = run(pipeline, samples, HOST_FRAMES, CHANNELS, seed);
    assert_same(&cut, &first);
    free(cut.rows);
  }
  specrnn_pipeline_destroy(&pipeline);
  specrnn_model_destroy(&model);
  free(first.rows);
  free(samples);
}

typedef struct quiet {
  specrnn_pipeline *pipeline;
  const float *samples;
  size_t n_frames;
} quiet;

static void push_and_pull(void *user)
{
  quiet *q = user;
  specrnn_frame frame;
  for (size_t at = 0; at + 160 <= N_SAMPLES; at += 160) {
    if (specrnn_pipeline_push(q->pipeline, q->samples + at, 160)) {
      return;
    }
    while (specrnn_pipeline_pull(q->pipeline, &frame) == SPECRNN_OK) {
      q->n_frames++;
    }
  }
}

static void push_and_pull_ask_nothing_of_the_system(void **state)
{
  (void)state;
  specrnn_features_config config = front_end(SPECRNN_NONE);
  specrnn_model *model = make_model(&config, false);
  float *samples = make_sound(N_SAMPLES, 1);
  specrnn_pipeline *pipeline = make_pipeline(model, RATE_HZ, 1);
  quiet q = {pipeline, samples, 0};
  if (watch_works()) {
    watch_start();
    push_and_pull(&q);
    watch_counts counts = watch_stop();
    assert_int_equal(counts.allocations, 0);
    assert_int_equal(counts.locks, 0);
    assert_true(q.n_frames > 100);
    assert_int_equal(specrnn_pipeline_reset(pipeline), SPECRNN_OK);
    assert_true(watch_runs_without_system_calls(push_and_pull, &q));
  } else {
    push_and_pull(&q);
    assert_true(q.n_frames > 100);
  }
  specrnn_pipeline_destroy(&pipeline);
  specrnn_model_destroy(&model);
  free(samples);
}

static void bad_samples_are_refused_or_replaced(void **state)
{
  (void)state;
  specrnn_features_config config = front_end(SPECRNN_NONE);
  specrnn_model *model = make_model(&config, false);
  float *samples = make_sound(N_SAMPLES, 1);
  specrnn_pipeline *pipeline = make_pipeline(model, RATE_HZ, 1);
  frames good = run(pipeline, samples, N_SAMPLES, 1, 0);
  const float bad[3] = {0.1f, NAN, INFINITY};
  assert_int_equal(specrnn_pipeline_reset(pipeline), SPECRNN_OK);
  assert_int_equal(specrnn_pipeline_push(pipeline, bad, 3), SPECRNN_ERROR_NOT_FINITE);
  frames after = run(pipeline, samples, N_SAMPLES, 1, 0); /* nothing of it was consumed */
  assert_same(&after, &good);
  specrnn_pipeline_destroy(&pipeline);

  specrnn_pipeline_config replace = SPECRNN_PIPELINE_CONFIG_INIT;
  replace.nan = SPECRNN_PIPELINE_NAN_ZERO;
  assert_int_equal(specrnn_pipeline_create(&pipeline, model, &replace, &LOG), SPECRNN_OK);
  frames replaced = {0};
  assert_int_equal(specrnn_pipeline_push(pipeline, bad, 3), SPECRNN_OK);
  assert_int_equal(specrnn_pipeline_push(pipeline, samples, N_SAMPLES), SPECRNN_OK);
  assert_int_equal(specrnn_pipeline_n_bad(pipeline), 2);
  specrnn_pipeline_flush(pipeline);
  pull_all(pipeline, &replaced, SPECRNN_END);
  for (size_t i = 0; i < replaced.count * replaced.width; i++) {
    assert_true(isfinite(replaced.rows[i]));
  }
  assert_int_equal(specrnn_pipeline_push(pipeline, samples, 1), SPECRNN_ERROR_STATE);
  specrnn_pipeline_destroy(&pipeline);
  specrnn_model_destroy(&model);
  free(good.rows);
  free(after.rows);
  free(replaced.rows);
  free(samples);
}

static void full_means_pull_first(void **state)
{
  (void)state;
  specrnn_features_config config = front_end(SPECRNN_NONE);
  specrnn_model *model = make_model(&config, false);
  float *samples = make_sound(N_SAMPLES, 1);
  specrnn_pipeline *pipeline = make_pipeline(model, RATE_HZ, 1);
  frames f = {0};
  assert_int_equal(specrnn_pipeline_push(pipeline, samples, MAX_CUT), SPECRNN_OK);
  assert_int_equal(specrnn_pipeline_push(pipeline, samples + MAX_CUT, MAX_CUT), SPECRNN_ERROR_FULL);
  pull_all(pipeline, &f, SPECRNN_NEED_INPUT);
  assert_int_equal(specrnn_pipeline_push(pipeline, samples + MAX_CUT, MAX_CUT), SPECRNN_OK);
  specrnn_pipeline_destroy(&pipeline);
  specrnn_model_destroy(&model);
  free(f.rows);
  free(samples);
}

static void what_a_stream_cannot_do_is_said(void **state)
{
  (void)state;
  specrnn_pipeline *pipeline = NULL;
  specrnn_features_config config = front_end(80.0);
  config.cmvn = SPECRNN_CMVN_UTTERANCE;
  specrnn_model *model = make_model(&config, false);
  assert_int_equal(specrnn_pipeline_create(&pipeline, model, NULL, &LOG), SPECRNN_ERROR_UNSUPPORTED);
  assert_non_null(strstr(last_message, "looks at the whole input"));
  specrnn_pipeline_config running = SPECRNN_PIPELINE_CONFIG_INIT;
  running.channels = 0;
  assert_int_equal(specrnn_pipeline_create(&pipeline, model, &running, &LOG), SPECRNN_ERROR_ARGUMENT);
  specrnn_model_destroy(&model);

  config = front_end(SPECRNN_NONE);
  model = make_model(&config, true);
  assert_int_equal(specrnn_pipeline_create(&pipeline, model, NULL, &LOG), SPECRNN_ERROR_UNSUPPORTED);
  assert_non_null(strstr(last_message, "bidirectional"));
  specrnn_model_destroy(&model);
  model = make_model(NULL, false);
  assert_int_equal(specrnn_pipeline_create(&pipeline, model, NULL, &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_non_null(strstr(last_message, "no front end"));
  assert_null(pipeline);
  specrnn_model_destroy(&model);
}

/* Whoever chose nothing gets the running maximum and is told so, once; whoever chose it is told nothing. */
static void the_maximum_of_the_whole_becomes_the_running_one(void **state)
{
  (void)state;
  static const specrnn_preset PRESETS[] = {SPECRNN_PRESET_LIBROSA, SPECRNN_PRESET_TORCHAUDIO, SPECRNN_PRESET_KALDI,
                                           SPECRNN_PRESET_WHISPER};
  float *samples = make_sound(N_SAMPLES, 1);
  for (size_t i = 0; i < sizeof PRESETS / sizeof *PRESETS; i++) {
    specrnn_features_config config;
    specrnn_features_shape shape;
    assert_int_equal(specrnn_features_preset(&config, PRESETS[i], SPECRNN_KIND_MEL), SPECRNN_OK);
    config.sample_rate_hz = RATE_HZ;
    config.n_mels = N_BINS;
    assert_int_equal(specrnn_features_describe(&config, &shape, &LOG), SPECRNN_OK);
    specrnn_model *model = make_model(&config, false);
    specrnn_pipeline *pipeline = NULL;
    specrnn_pipeline_config chosen = SPECRNN_PIPELINE_CONFIG_INIT;
    chosen.maximum = SPECRNN_PIPELINE_MAXIMUM_RUNNING;
    last_message[0] = '\0';
    assert_int_equal(specrnn_pipeline_create(&pipeline, model, &chosen, &LOG), SPECRNN_OK);
    assert_string_equal(last_message, "");
    frames running = run(pipeline, samples, N_SAMPLES, 1, 0);
    specrnn_pipeline_destroy(&pipeline);

    assert_int_equal(specrnn_pipeline_create(&pipeline, model, NULL, &LOG), SPECRNN_OK);
    assert_int_equal(strstr(last_message, "SPECRNN_PIPELINE_MAXIMUM_RUNNING") != NULL, shape.whole_input);
    frames usual = run(pipeline, samples, N_SAMPLES, 1, 0);
    assert_same(&usual, &running);
    specrnn_pipeline_destroy(&pipeline);
    specrnn_model_destroy(&model);
    free(running.rows);
    free(usual.rows);
  }
  free(samples);
}

static void options_describe_every_field(void **state)
{
  (void)state;
  const specrnn_option_table *table = specrnn_pipeline_options();
  specrnn_pipeline_config config = SPECRNN_PIPELINE_CONFIG_INIT;
  assert_int_equal(table->count, 5);
  assert_int_equal(specrnn_option_set(table, &config, "sample_rate", "48000", &LOG), SPECRNN_OK);
  assert_int_equal(specrnn_option_set(table, &config, "maximum", "running", &LOG), SPECRNN_OK);
  assert_int_equal(config.sample_rate_hz, 48000);
  assert_int_equal(config.maximum, SPECRNN_PIPELINE_MAXIMUM_RUNNING);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_cut_gives_the_bits_of_the_whole),
      cmocka_unit_test(other_rates_and_channels_give_what_the_loader_gives),
      cmocka_unit_test(push_and_pull_ask_nothing_of_the_system),
      cmocka_unit_test(bad_samples_are_refused_or_replaced),
      cmocka_unit_test(full_means_pull_first),
      cmocka_unit_test(what_a_stream_cannot_do_is_said),
      cmocka_unit_test(the_maximum_of_the_whole_becomes_the_running_one),
      cmocka_unit_test(options_describe_every_field),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
