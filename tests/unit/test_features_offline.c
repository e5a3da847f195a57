/* The offline driver and what is refused: passes, channels, messages. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "core/rng.h"
#include "specrnn/features.h"
#include "support/sanitized.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { N_SAMPLES = 30000, MAX_SETTINGS = 8 };

static char last_message[1024];
static specrnn_log_level last_level;
static int n_messages;

static void remember(void *user, specrnn_log_level level, const char *message)
{
  (void)user;
  last_level = level;
  n_messages++;
  snprintf(last_message, sizeof last_message, "%s", message);
}

static const specrnn_log LOG = {remember, NULL};

typedef struct setting {
  const char *key, *value;
} setting;

static specrnn_status try_configure(specrnn_features_config *config, specrnn_preset preset, specrnn_features_kind kind,
                                    const setting *settings)
{
  specrnn_status status = specrnn_features_preset(config, preset, kind);
  for (int i = 0; !status && i < MAX_SETTINGS && settings[i].key; i++) {
    status = specrnn_option_set(specrnn_features_options(), config, settings[i].key, settings[i].value, &LOG);
  }
  return status;
}

static specrnn_features_config configure(specrnn_preset preset, specrnn_features_kind kind, const setting *settings)
{
  specrnn_features_config config;
  assert_int_equal(try_configure(&config, preset, kind, settings), SPECRNN_OK);
  return config;
}

/* Interleaved noise; channel c is (c + 1) times as loud. */
typedef struct generator {
  uint64_t at, length;
  int channels;
  size_t block; /* at most this many instants at once */
} generator;

static specrnn_status generate(void *user, float *samples, size_t max_frames, size_t *n_frames)
{
  generator *g = user;
  size_t n = g->length - g->at < max_frames ? (size_t)(g->length - g->at) : max_frames;
  n = g->block && n > g->block ? g->block : n;
  for (size_t t = 0; t < n; t++) {
    float value = (float)srn_random_uniform(5, g->at + t) - 0.5F;
    for (int c = 0; c < g->channels; c++) {
      samples[t * (size_t)g->channels + (size_t)c] = value * (float)(c + 1) / (float)g->channels;
    }
  }
  g->at += n;
  *n_frames = n;
  return SPECRNN_OK;
}

typedef struct collector {
  float *data;
  size_t used, capacity, n_bins;
} collector;

static specrnn_status collect(void *user, const float *rows, size_t n_rows, size_t n_bins)
{
  collector *c = user;
  c->n_bins = n_bins;
  if (c->used + n_rows * n_bins > c->capacity) {
    c->capacity = 2 * (c->used + n_rows * n_bins);
    c->data = realloc(c->data, c->capacity * sizeof *c->data);
    assert_non_null(c->data);
  }
  memcpy(c->data + c->used, rows, n_rows * n_bins * sizeof *rows);
  c->used += n_rows * n_bins;
  return SPECRNN_OK;
}

static collector compute(const specrnn_features_config *config, generator g, const specrnn_compute_options *options,
                         specrnn_compute_result *result)
{
  collector c = {NULL, 0, 0, 0};
  specrnn_sample_source source = {generate, &g, g.channels};
  specrnn_row_sink sink = {collect, &c};
  assert_int_equal(specrnn_features_compute(config, &source, &sink, options, result, &LOG), SPECRNN_OK);
  return c;
}

static void assert_same(const collector *a, const collector *b)
{
  assert_int_equal(a->used, b->used);
  assert_memory_equal(a->data, b->data, a->used * sizeof *a->data);
}

/* Three passes, in memory or through files, read in any blocks: the same bits. */
static void passes_do_not_depend_on_memory(void **state)
{
  (void)state;
  static const setting BOTH[MAX_SETTINGS] = {
      {"ref", "max"}, {"cmvn", "utterance"}, {"cmvn_variance", "true"}, {"delta_order", "1"}, {"splice_right", "1"}};
  static const setting MAXIMUM[MAX_SETTINGS] = {{"n_fft", "512"}};
  static const setting CMVN[MAX_SETTINGS] = {{"top_db", "none"}, {"cmvn", "utterance"}};
  static const setting *const SETTINGS[] = {BOTH, MAXIMUM, CMVN};
  for (size_t i = 0; i < COUNT(SETTINGS); i++) {
    specrnn_features_config config = configure(SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_MEL, SETTINGS[i]);
    specrnn_compute_options options = SPECRNN_COMPUTE_OPTIONS_INIT;
    specrnn_compute_result result;
    generator g = {0, N_SAMPLES, 1, 0};
    collector memory = compute(&config, g, &options, &result);
    assert_int_equal(result.n_samples, N_SAMPLES);
    assert_int_equal(result.n_frames * result.n_bins, memory.used);
    options.memory_limit = 0;
    g.block = 77;
    collector file = compute(&config, g, &options, NULL);
    assert_same(&memory, &file);
    free(memory.data);
    free(file.data);
  }
}

static void cmvn_per_utterance_centres(void **state)
{
  (void)state;
  static const setting SETTINGS[MAX_SETTINGS] = {{"cmvn", "utterance"}, {"cmvn_variance", "true"}};
  specrnn_features_config config = configure(SPECRNN_PRESET_KALDI, SPECRNN_KIND_MEL, SETTINGS);
  specrnn_statistics *statistics = NULL;
  double mean[23];
  double deviation[23];
  collector rows = compute(&config, (generator){0, N_SAMPLES, 1, 0}, NULL, NULL);
  assert_int_equal(specrnn_statistics_create(&statistics, 23, NULL), SPECRNN_OK);
  specrnn_statistics_add(statistics, rows.data, rows.used / 23);
  specrnn_statistics_read(statistics, mean, deviation, NULL, NULL);
  for (size_t k = 0; k < 23; k++) {
    assert_true(fabs(mean[k]) < 1e-6 && fabs(deviation[k] - 1.0) < 1e-6);
  }
  specrnn_statistics_destroy(&statistics);
  free(rows.data);
}

static void cmvn_from_a_file_applies_it(void **state)
{
  (void)state;
  static const setting SETTINGS[MAX_SETTINGS] = {{"delta_order", "1"}};
  specrnn_features_config config = configure(SPECRNN_PRESET_KALDI, SPECRNN_KIND_MEL, SETTINGS);
  specrnn_compute_options options = SPECRNN_COMPUTE_OPTIONS_INIT;
  specrnn_statistics *statistics = NULL;
  generator g = {0, N_SAMPLES, 1, 0};
  collector plain = compute(&config, g, NULL, NULL);
  assert_int_equal(plain.n_bins, 46);
  assert_int_equal(specrnn_statistics_create(&statistics, 46, NULL), SPECRNN_OK);
  specrnn_statistics_add(statistics, plain.data, 100);
  options.statistics = statistics;
  config.cmvn = SPECRNN_CMVN_FILE;
  config.cmvn_variance = true;
  collector normal = compute(&config, g, &options, NULL);
  assert_int_equal(specrnn_cmvn_apply(plain.data, plain.data, plain.used / 46, statistics, true), SPECRNN_OK);
  assert_same(&plain, &normal);
  config.delta_order = 0;
  specrnn_extractor *e = NULL;
  specrnn_extractor_options stream = {1000, statistics};
  assert_int_equal(specrnn_extractor_create(&e, &config, &stream, &LOG), SPECRNN_ERROR_SHAPE);
  assert_string_equal(last_message, "the statistics are of 46 bins; the features have 23");
  specrnn_statistics_destroy(&statistics);
  free(plain.data);
  free(normal.data);
}

/* Each channel is what it is alone, but for the maximum, which is that of all. */
static void channels_keep_apart(void **state)
{
  (void)state;
  static const setting SETTINGS[MAX_SETTINGS] = {{"n_fft", "256"}, {"n_mels", "20"}, {"top_db", "20"}};
  specrnn_features_config config = configure(SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_MEL, SETTINGS);
  specrnn_features_config plain = config;
  specrnn_compute_options options = SPECRNN_COMPUTE_OPTIONS_INIT;
  specrnn_compute_result result;
  generator two = {0, N_SAMPLES, 2, 0};
  collector leading = compute(&config, two, &options, &result);
  size_t n_frames = (size_t)result.n_frames;
  assert_int_equal(leading.used, 2 * n_frames * 20);
  options.channel_layout = SPECRNN_CHANNELS_FEATURES;
  collector beside = compute(&config, two, &options, &result);
  assert_int_equal(result.n_bins, 40);
  for (size_t t = 0; t < n_frames; t++) {
    assert_memory_equal(beside.data + t * 40, leading.data + t * 20, 20 * sizeof(float));
    assert_memory_equal(beside.data + t * 40 + 20, leading.data + (n_frames + t) * 20, 20 * sizeof(float));
  }
  /* Channel 1 is the generator's mono; channel 0 half of it, 6.02 dB lower. */
  plain.top_db = SPECRNN_NONE;
  collector mono = compute(&plain, (generator){0, N_SAMPLES, 1, 0}, NULL, NULL);
  float maximum = -INFINITY;
  for (size_t i = 0; i < mono.used; i++) {
    maximum = mono.data[i] > maximum ? mono.data[i] : maximum;
  }
  assert_true(fabs(10.0 * log10(result.maximum) - maximum) < 1e-5);
  for (size_t i = 0; i < mono.used; i++) {
    double loud = fmax(mono.data[i], maximum - 20.0);
    double soft = fmax(mono.data[i] - 20.0 * log10(2.0), maximum - 20.0);
    assert_true(fabs(leading.data[mono.used + i] - loud) < 2e-5);
    assert_true(fabs(leading.data[i] - soft) < 2e-5);
  }
  /* Without a second pass too. */
  options.channel_layout = SPECRNN_CHANNELS_LEADING;
  collector one_pass = compute(&plain, two, &options, NULL);
  assert_memory_equal(one_pass.data + mono.used, mono.data, mono.used * sizeof(float));
  free(leading.data);
  free(beside.data);
  free(mono.data);
  free(one_pass.data);
}

static void the_wave_is_the_samples(void **state)
{
  (void)state;
  static const setting SETTINGS[MAX_SETTINGS] = {{NULL, NULL}};
  specrnn_features_config config = configure(SPECRNN_PRESET_TORCHAUDIO, SPECRNN_KIND_WAVE, SETTINGS);
  specrnn_compute_options options = SPECRNN_COMPUTE_OPTIONS_INIT;
  options.channel_layout = SPECRNN_CHANNELS_FEATURES;
  collector wave = compute(&config, (generator){0, 1000, 2, 0}, &options, NULL);
  float expected[2000];
  size_t n;
  generator g = {0, 1000, 2, 0};
  assert_int_equal(generate(&g, expected, 1000, &n), SPECRNN_OK);
  assert_int_equal(wave.n_bins, 2);
  assert_int_equal(wave.used, 2000);
  assert_memory_equal(wave.data, expected, sizeof expected);
  free(wave.data);
}

static void fixed_duration_pads_with_zeros(void **state)
{
  (void)state;
  static const setting SETTINGS[MAX_SETTINGS] = {{"fit_duration_s", "2"}};
  specrnn_features_config fitted = configure(SPECRNN_PRESET_WHISPER, SPECRNN_KIND_MEL, SETTINGS);
  specrnn_features_config plain = fitted;
  plain.fit_duration_s = SPECRNN_NONE;
  static float samples[32000];
  static float a[200 * 80];
  static float b[200 * 80];
  size_t n_a;
  size_t n_b;
  for (uint64_t i = 0; i < 10000; i++) {
    samples[i] = (float)srn_random_normal(1, i) * 0.1F;
  }
  assert_int_equal(specrnn_features_compute_array(&fitted, samples, 10000, a, 200, &n_a, &LOG), SPECRNN_OK);
  assert_int_equal(specrnn_features_compute_array(&plain, samples, 32000, b, 200, &n_b, &LOG), SPECRNN_OK);
  assert_int_equal(n_a, 200);
  assert_int_equal(n_b, 200);
  assert_memory_equal(a, b, sizeof a);
  fitted.fit_duration_s = 0.5;
  assert_int_equal(specrnn_features_compute_array(&fitted, samples, 10000, a, 200, &n_a, &LOG), SPECRNN_OK);
  assert_int_equal(specrnn_features_compute_array(&plain, samples, 8000, b, 200, &n_b, &LOG), SPECRNN_OK);
  assert_int_equal(n_a, 50);
  assert_int_equal(n_b, 50);
  assert_memory_equal(a, b, 50 * 80 * sizeof *a);
}

static void refusals(void **state)
{
  (void)state;
  static const struct {
    specrnn_preset preset;
    specrnn_features_kind kind;
    setting settings[MAX_SETTINGS];
    specrnn_status status;
    const char *message;
  } CASES[] = {
      {SPECRNN_PRESET_LIBROSA,
       SPECRNN_KIND_MEL,
       {{"fmax", "12000"}},
       SPECRNN_ERROR_ARGUMENT,
       "fmax is 12000 Hz, above the Nyquist frequency of 11025 Hz"},
      {SPECRNN_PRESET_LIBROSA,
       SPECRNN_KIND_MEL,
       {{"fmin", "9000"}, {"fmax", "8000"}},
       SPECRNN_ERROR_ARGUMENT,
       "fmin is 9000 Hz; it must be below fmax, 8000 Hz"},
      {SPECRNN_PRESET_LIBROSA,
       SPECRNN_KIND_STFT,
       {{"n_fft", "256"}, {"win_length", "257"}},
       SPECRNN_ERROR_ARGUMENT,
       "win_length is 257; it must be at most n_fft, 256"},
      {SPECRNN_PRESET_LIBROSA,
       SPECRNN_KIND_STFT,
       {{"snip_edges", "false"}},
       SPECRNN_ERROR_ARGUMENT,
       "snip_edges false needs center false: both say how the ends are padded"},
      {SPECRNN_PRESET_LIBROSA,
       SPECRNN_KIND_MEL,
       {{"power", "complex"}},
       SPECRNN_ERROR_ARGUMENT,
       "power complex needs kind stft, scale linear and no use_energy"},
      {SPECRNN_PRESET_LIBROSA,
       SPECRNN_KIND_MFCC,
       {{"n_mfcc", "129"}},
       SPECRNN_ERROR_ARGUMENT,
       "n_mfcc is 129; there are only 128 mel bands"},
      {SPECRNN_PRESET_LIBROSA,
       SPECRNN_KIND_MEL,
       {{"delta_width", "8"}},
       SPECRNN_ERROR_ARGUMENT,
       "delta_width is 8; it must be odd"},
      {SPECRNN_PRESET_LIBROSA,
       SPECRNN_KIND_MEL,
       {{NULL, NULL}},
       SPECRNN_ERROR_UNSUPPORTED,
       "top_db looks at the whole input, which a stream does not have: use maximum fixed or running, or turn it off"},
      {SPECRNN_PRESET_LIBROSA,
       SPECRNN_KIND_MEL,
       {{"ref", "max"}, {"top_db", "none"}},
       SPECRNN_ERROR_UNSUPPORTED,
       "ref max looks at the whole input, which a stream does not have: use maximum fixed or running, or turn it off"},
      {SPECRNN_PRESET_WHISPER,
       SPECRNN_KIND_MEL,
       {{NULL, NULL}},
       SPECRNN_ERROR_UNSUPPORTED,
       "scale whisper looks at the whole input, which a stream does not have: use maximum fixed or running, or turn it "
       "off"},
      {SPECRNN_PRESET_KALDI,
       SPECRNN_KIND_MEL,
       {{"cmvn", "utterance"}},
       SPECRNN_ERROR_UNSUPPORTED,
       "cmvn utterance looks at the whole input, which a stream does not have: use cmvn sliding or file"},
      {SPECRNN_PRESET_KALDI,
       SPECRNN_KIND_MEL,
       {{"cmvn", "file"}},
       SPECRNN_ERROR_ARGUMENT,
       "cmvn file needs statistics"},
      {SPECRNN_PRESET_LIBROSA,
       SPECRNN_KIND_STFT,
       {{"n_fft", "1021"}, {"top_db", "none"}},
       SPECRNN_ERROR_UNSUPPORTED,
       "n_fft is 1021, which FFTW can only transform by allocating memory each time; a stream can have 1022"},
  };
  for (size_t i = 0; i < COUNT(CASES); i++) {
    specrnn_features_config config = configure(CASES[i].preset, CASES[i].kind, CASES[i].settings);
    specrnn_extractor *e = NULL;
    last_message[0] = '\0';
    assert_int_equal(specrnn_extractor_create(&e, &config, NULL, &LOG), CASES[i].status);
    assert_null(e);
    assert_string_equal(last_message, CASES[i].message);
  }
}

static void resolving_fills_in_the_rules(void **state)
{
  (void)state;
  static const struct {
    specrnn_preset preset;
    setting settings[MAX_SETTINGS];
    int n_fft, win_length, hop_length;
  } CASES[] = {
      {SPECRNN_PRESET_LIBROSA, {{NULL, NULL}}, 2048, 2048, 512},
      {SPECRNN_PRESET_LIBROSA, {{"n_fft", "512"}}, 512, 512, 128},
      {SPECRNN_PRESET_LIBROSA, {{"n_fft", "512"}, {"win_length", "400"}}, 512, 400, 100},
      {SPECRNN_PRESET_TORCHAUDIO, {{NULL, NULL}}, 400, 400, 200},
      {SPECRNN_PRESET_KALDI, {{NULL, NULL}}, 512, 400, 160},
      {SPECRNN_PRESET_KALDI, {{"sample_rate_hz", "44100"}}, 2048, 1102, 441},
      {SPECRNN_PRESET_KALDI, {{"round_to_power_of_two", "false"}}, 400, 400, 160},
      {SPECRNN_PRESET_WHISPER, {{NULL, NULL}}, 400, 400, 160},
  };
  for (size_t i = 0; i < COUNT(CASES); i++) {
    specrnn_features_config config = configure(CASES[i].preset, SPECRNN_KIND_MEL, CASES[i].settings);
    assert_int_equal(specrnn_features_resolve(&config, &LOG), SPECRNN_OK);
    assert_int_equal(config.n_fft, CASES[i].n_fft);
    assert_int_equal(config.win_length, CASES[i].win_length);
    assert_int_equal(config.hop_length, CASES[i].hop_length);
    specrnn_features_config again = config;
    assert_int_equal(specrnn_features_resolve(&again, &LOG), SPECRNN_OK);
    assert_true(again.fmax == config.fmax && again.amin == config.amin && again.hop_length == config.hop_length);
  }
  specrnn_features_config config = SPECRNN_FEATURES_CONFIG_INIT;
  config.fmax = -400.0;
  assert_int_equal(specrnn_features_resolve(&config, &LOG), SPECRNN_OK);
  assert_true(config.fmax == 10625.0 && config.amin == 1e-10);
}

static void empty_filters_are_said_once(void **state)
{
  (void)state;
  static const setting SETTINGS[MAX_SETTINGS] = {{NULL, NULL}};
  specrnn_features_config config = configure(SPECRNN_PRESET_TORCHAUDIO, SPECRNN_KIND_MEL, SETTINGS);
  n_messages = 0;
  collector rows = compute(&config, (generator){0, 4000, 2, 0}, NULL, NULL);
  assert_int_equal(n_messages, 1);
  assert_int_equal(last_level, SPECRNN_LOG_WARNING);
  assert_string_equal(last_message, "4 of 128 mel filters are empty: fewer n_mels or a larger n_fft is needed");
  free(rows.data);
}

static void stages_lead_to_the_features(void **state)
{
  (void)state;
  static const setting SETTINGS[MAX_SETTINGS] = {{"n_fft", "64"},      {"n_mels", "8"},      {"n_mfcc", "5"},
                                                 {"delta_order", "1"}, {"win_length", "50"}, {"hop_length", "50"}};
  specrnn_features_config config = configure(SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_MFCC, SETTINGS);
  static const size_t WIDTHS[] = {64, 64, 66, 33, 8, 8, 5, 10};
  float samples[1000];
  collector stages[8];
  for (uint64_t i = 0; i < 1000; i++) {
    samples[i] = (float)srn_random_normal(4, i);
  }
  for (int s = SPECRNN_STAGE_FRAME; s <= SPECRNN_STAGE_FINAL; s++) {
    stages[s] = (collector){NULL, 0, 0, 0};
    specrnn_row_sink sink = {collect, &stages[s]};
    assert_true(specrnn_stage_exists(&config, (specrnn_stage)s));
    assert_int_equal(specrnn_features_stage(&config, (specrnn_stage)s, samples, 1000, &sink, &LOG), SPECRNN_OK);
    assert_int_equal(stages[s].used, 21 * WIDTHS[s]);
  }
  /* Frame 3 starts at 3 * 50 - 32; the window of 50 lies in the middle of 64. */
  size_t frame = 3;
  double window[50];
  assert_int_equal(specrnn_window_fill(window, 50, SPECRNN_WINDOW_HANN, 0, true), SPECRNN_OK);
  assert_true(stages[0].data[frame * 64 + 6] == 0.0F);
  assert_true(stages[0].data[frame * 64 + 7] == samples[118 + 7]);
  assert_true(stages[1].data[frame * 64 + 20] == (float)(samples[118 + 20] * window[13]));
  const float *bin = stages[2].data + frame * 66 + 2 * 5;
  double power = (double)bin[0] * bin[0] + (double)bin[1] * bin[1];
  assert_true(fabs(stages[3].data[frame * 33 + 5] - power) < 1e-5 * power);
  double level = 10.0 * log10(stages[4].data[frame * 8 + 2]);
  assert_true(fabs(stages[5].data[frame * 8 + 2] - level) < 1e-5);
  assert_memory_equal(stages[6].data + frame * 5, stages[7].data + frame * 10, 5 * sizeof(float));
  for (int s = SPECRNN_STAGE_FRAME; s <= SPECRNN_STAGE_FINAL; s++) {
    free(stages[s].data);
  }
  specrnn_row_sink sink = {collect, NULL};
  config.kind = SPECRNN_KIND_STFT;
  assert_int_equal(specrnn_features_stage(&config, SPECRNN_STAGE_MEL, samples, 1000, &sink, &LOG),
                   SPECRNN_ERROR_ARGUMENT);
  assert_string_equal(last_message, "these features have no stage mel");
}

static specrnn_status drop(void *user, const float *rows, size_t n_rows, size_t n_bins)
{
  (void)rows;
  (void)n_bins;
  *(uint64_t *)user += n_rows;
  return SPECRNN_OK;
}

enum { NOISE = 65536 };
static float noise[NOISE];

/* The same four seconds of noise again and again: a 10 h stream at no cost of its own. */
static specrnn_status repeat(void *user, float *samples, size_t max_frames, size_t *n_frames)
{
  generator *g = user;
  size_t from = (size_t)(g->at % NOISE);
  size_t n = NOISE - from < max_frames ? NOISE - from : max_frames;
  n = g->length - g->at < n ? (size_t)(g->length - g->at) : n;
  memcpy(samples, noise + from, n * sizeof *samples);
  g->at += n;
  *n_frames = n;
  return SPECRNN_OK;
}

static long peak_kilobytes(const specrnn_features_config *config, uint64_t seconds)
{
  generator g = {0, seconds * 16000, 1, 0};
  uint64_t n_rows = 0;
  specrnn_sample_source source = {repeat, &g, 1};
  specrnn_row_sink sink = {drop, &n_rows};
  specrnn_compute_options options = SPECRNN_COMPUTE_OPTIONS_INIT;
  options.memory_limit = (size_t)4 << 20;
  assert_int_equal(specrnn_features_compute(config, &source, &sink, &options, NULL, &LOG), SPECRNN_OK);
  assert_int_equal(n_rows, 1 + seconds * 16000 / (uint64_t)config->hop_length);
  struct rusage usage;
  assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
  return usage.ru_maxrss;
}

/* Ten hours take what ten minutes take, the second pass included; peak memory of a process never falls. */
static void memory_does_not_grow(void **state)
{
  (void)state;
  static const setting SETTINGS[MAX_SETTINGS] = {
      {"n_mels", "40"}, {"top_db", "80"}, {"n_fft", "512"}, {"hop_length", "512"}, {"precision", "float"}};
  specrnn_features_config config = configure(SPECRNN_PRESET_TORCHAUDIO, SPECRNN_KIND_MEL, SETTINGS);
  for (uint64_t i = 0; i < NOISE; i++) {
    noise[i] = (float)srn_random_uniform(8, i) - 0.5F;
  }
  long short_peak = peak_kilobytes(&config, 600);
#ifdef SANITIZED
  (void)short_peak; /* a sanitizer keeps what was freed */
  print_message("# SKIPPED: a sanitizer keeps what was freed\n");
  skip();
#else
  assert_true(peak_kilobytes(&config, 36000) - short_peak < 1024);
#endif
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(passes_do_not_depend_on_memory),
      cmocka_unit_test(cmvn_per_utterance_centres),
      cmocka_unit_test(cmvn_from_a_file_applies_it),
      cmocka_unit_test(channels_keep_apart),
      cmocka_unit_test(the_wave_is_the_samples),
      cmocka_unit_test(fixed_duration_pads_with_zeros),
      cmocka_unit_test(refusals),
      cmocka_unit_test(resolving_fills_in_the_rules),
      cmocka_unit_test(empty_filters_are_said_once),
      cmocka_unit_test(stages_lead_to_the_features),
      cmocka_unit_test(memory_does_not_grow),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
