/* Inputs shorter than a frame: how many frames they give, what is said where there is none, and Kaldi's mirroring,
 * which gives some. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/rng.h"
#include "specrnn/features.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { MAX_SETTINGS = 4, N_SAMPLES = 500 };

static char last_message[1024];
static int n_messages;

static void remember(void *user, specrnn_log_level level, const char *message)
{
  (void)user;
  (void)level;
  n_messages++;
  snprintf(last_message, sizeof last_message, "%s", message);
}

static const specrnn_log LOG = {remember, NULL};

typedef struct setting {
  const char *key, *value;
} setting;

static float samples[N_SAMPLES];

static int make_samples(void **state)
{
  (void)state;
  for (size_t i = 0; i < N_SAMPLES; i++) {
    samples[i] = (float)(0.1 * srn_random_normal(3, i));
  }
  return 0;
}

static specrnn_features_config configure(specrnn_preset preset, const setting *settings)
{
  specrnn_features_config config;
  assert_int_equal(specrnn_features_preset(&config, preset, SPECRNN_KIND_MEL), SPECRNN_OK);
  for (int i = 0; i < MAX_SETTINGS && settings[i].key; i++) {
    assert_int_equal(specrnn_option_set(specrnn_features_options(), &config, settings[i].key, settings[i].value, NULL),
                     SPECRNN_OK);
  }
  return config;
}

static void short_inputs(void **state)
{
  (void)state;
  static const struct {
    specrnn_preset preset;
    size_t n_samples;
    setting settings[MAX_SETTINGS];
    specrnn_status status;
    size_t n_rows;
    const char *message;
  } CASES[] = {
      {SPECRNN_PRESET_LIBROSA, 0, {{NULL, NULL}}, SPECRNN_ERROR_EMPTY, 0, "no samples"},
      {SPECRNN_PRESET_LIBROSA, 1, {{NULL, NULL}}, SPECRNN_OK, 1, NULL},
      {SPECRNN_PRESET_LIBROSA, 511, {{NULL, NULL}}, SPECRNN_OK, 1, NULL},
      {SPECRNN_PRESET_LIBROSA, 512, {{NULL, NULL}}, SPECRNN_OK, 2, NULL},
      {SPECRNN_PRESET_LIBROSA,
       100,
       {{"center", "false"}},
       SPECRNN_OK,
       0,
       "100 samples give 0 frames: a frame is 2048 samples"},
      {SPECRNN_PRESET_LIBROSA,
       1000,
       {{"delta_order", "1"}},
       SPECRNN_ERROR_SHAPE,
       0,
       "2 frames are too few for deltas over 9 frames"},
      {SPECRNN_PRESET_TORCHAUDIO,
       200,
       {{"n_mels", "20"}},
       SPECRNN_ERROR_SHAPE,
       0,
       "200 samples are too few for pad_mode reflect, which needs more than n_fft / 2 = 200"},
      {SPECRNN_PRESET_TORCHAUDIO, 201, {{"n_mels", "20"}}, SPECRNN_OK, 2, NULL},
      {SPECRNN_PRESET_KALDI, 399, {{NULL, NULL}}, SPECRNN_OK, 0, "399 samples give 0 frames: a frame is 400 samples"},
      {SPECRNN_PRESET_KALDI, 400, {{NULL, NULL}}, SPECRNN_OK, 1, NULL},
      {SPECRNN_PRESET_KALDI,
       399,
       {{"snip_edges", "false"}},
       SPECRNN_OK,
       2, /* floor((399 + 80) / 160) */
       NULL},
      {SPECRNN_PRESET_KALDI,
       79,
       {{"snip_edges", "false"}},
       SPECRNN_OK,
       0,
       "79 samples give 0 frames: the first one needs 80 samples"},
      {SPECRNN_PRESET_KALDI, 80, {{"snip_edges", "false"}}, SPECRNN_OK, 1, NULL},
      {SPECRNN_PRESET_LIBROSA,
       100,
       {{"drop_last_frame", "true"}, {"hop_length", "200"}, {"n_mels", "20"}},
       SPECRNN_OK,
       0,
       "100 samples give 0 frames: the first one needs 200 samples"},
      {SPECRNN_PRESET_KALDI, 400, {{"snip_edges", "false"}}, SPECRNN_OK, 3, NULL},
      {SPECRNN_PRESET_WHISPER, 201, {{NULL, NULL}}, SPECRNN_OK, 1, NULL},
      {SPECRNN_PRESET_WHISPER,
       200,
       {{NULL, NULL}},
       SPECRNN_ERROR_SHAPE,
       0,
       "200 samples are too few for pad_mode reflect, which needs more than n_fft / 2 = 200"},
  };
  static const float zeros[1000];
  static float rows[16 * 400];
  for (size_t i = 0; i < COUNT(CASES); i++) {
    specrnn_features_config config = configure(CASES[i].preset, CASES[i].settings);
    size_t n_rows = 0;
    n_messages = 0;
    last_message[0] = '\0';
    assert_int_equal(specrnn_features_compute_array(&config, zeros, CASES[i].n_samples, rows, 16, &n_rows, &LOG),
                     CASES[i].status);
    assert_int_equal(n_rows, CASES[i].n_rows);
    assert_string_equal(last_message, CASES[i].message ? CASES[i].message : "");
    assert_true(n_messages <= 1);
  }
}

/* Kaldi's mirroring by its own rule, sample by sample: -1 is 0, n is n - 1, again and again until it is inside. */
static float mirrored(size_t n, long at)
{
  while (at < 0 || at >= (long)n) {
    at = at < 0 ? -at - 1 : 2 * (long)n - 1 - at;
  }
  return samples[at];
}

/* Every length up to 500, which is below and above a frame: as many frames as Kaldi says, those of the input with its
 * mirrored ends written out, in a stream as offline. */
static void every_short_input_is_mirrored(void **state)
{
  (void)state;
  enum { HOP = 160, WIN = 400, MOST = 500, BINS = 23, FRAMES = 4 };
  static const setting MIRRORED[MAX_SETTINGS] = {{"snip_edges", "false"}};
  static const setting SNIPPED[MAX_SETTINGS] = {{NULL, NULL}};
  specrnn_features_config config = configure(SPECRNN_PRESET_KALDI, MIRRORED);
  specrnn_features_config plain = configure(SPECRNN_PRESET_KALDI, SNIPPED);
  specrnn_extractor *e = NULL;
  assert_int_equal(specrnn_extractor_create(&e, &config, NULL, NULL), SPECRNN_OK);
  for (size_t n = 1; n <= MOST; n++) {
    float offline[FRAMES * BINS];
    float streamed[FRAMES * BINS];
    float expected[FRAMES * BINS];
    float written_out[WIN + (FRAMES - 1) * HOP];
    size_t n_offline;
    size_t n_streamed = 0;
    size_t n_expected = (n + HOP / 2) / HOP;
    size_t got;
    assert_int_equal(specrnn_features_compute_array(&config, samples, n, offline, FRAMES, &n_offline, NULL),
                     SPECRNN_OK);
    assert_int_equal(n_offline, n_expected);
    for (size_t at = 0; at < n; at++) {
      assert_int_equal(specrnn_extractor_push(e, samples + at, 1), SPECRNN_OK);
      while (specrnn_extractor_pull(e, streamed + n_streamed * BINS, FRAMES - n_streamed, &got) == SPECRNN_OK && got) {
        n_streamed += got;
      }
    }
    assert_int_equal(specrnn_extractor_flush(e), SPECRNN_OK);
    if (specrnn_extractor_pull(e, streamed + n_streamed * BINS, FRAMES - n_streamed, &got) == SPECRNN_OK) {
      n_streamed += got;
    }
    assert_int_equal(n_streamed, n_expected);
    assert_memory_equal(streamed, offline, n_expected * BINS * sizeof(float));
    if (n_expected) {
      size_t length = WIN + (n_expected - 1) * HOP;
      for (size_t i = 0; i < length; i++) {
        written_out[i] = mirrored(n, (long)i + HOP / 2 - WIN / 2);
      }
      assert_int_equal(specrnn_features_compute_array(&plain, written_out, length, expected, FRAMES, &got, NULL),
                       SPECRNN_OK);
      assert_int_equal(got, n_expected);
      assert_memory_equal(offline, expected, n_expected * BINS * sizeof(float));
    }
    specrnn_extractor_reset(e);
  }
  specrnn_extractor_destroy(&e);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(short_inputs),
      cmocka_unit_test(every_short_input_is_mirrored),
  };
  return cmocka_run_group_tests(tests, make_samples, NULL);
}
