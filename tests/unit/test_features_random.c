/* Configurations drawn from the option table itself: whatever it allows either is refused with a message, or gives the
 * promised number of finite rows, in a stream the same bits as offline. */
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
#include "specrnn/features.h"
#include "support/messages.h"

enum { N_CASES = 1500, MAX_SAMPLES = 6000, TEXT_SIZE = 64, MAX_CUT = 700 };

static float samples[MAX_SAMPLES];
/* A sequence of random numbers. */
typedef struct dice {
  uint64_t seed, count;
} dice;

static uint64_t roll(dice *d, uint64_t below)
{
  return srn_random_bits(d->seed, d->count++) % below;
}

/* Sizes are kept small enough for thousands of cases; everything else is drawn from its whole range. */
static double largest_for(const specrnn_option *option)
{
  static const struct {
    const char *key;
    double maximum;
  } LIMITS[] = {{"sample_rate_hz", 50000},
                {"n_fft", 1200},
                {"win_length", 1200},
                {"hop_length", 1500},
                {"n_mels", 150},
                {"n_mfcc", 40},
                {"fit_duration_s", 0.5},
                {"fmin", 4000},
                {"fmax", 20000},
                {"delta_width", 21},
                {"cmvn_window", 60},
                {"cmvn_min_window", 60},
                {"splice_left", 4},
                {"splice_right", 4},
                {"input_scale", 1e5},
                {"dither", 10},
                {"kaiser_beta", 30},
                {"pcen_gain", 2},
                {"pcen_bias", 10},
                {"pcen_power", 2},
                {"pcen_eps", 1},
                {"energy_floor", 1e10},
                {"power", 4},
                {"ref", 1e6},
                {"amin", 1},
                {"maximum_value", 1e6},
                {"top_db", 200},
                {"lifter", 100},
                {"pcen_time_constant_s", 10}};
  for (size_t i = 0; i < sizeof LIMITS / sizeof *LIMITS; i++) {
    if (!strcmp(option->key, LIMITS[i].key)) {
      return LIMITS[i].maximum;
    }
  }
  return option->maximum;
}

static void draw_number(dice *d, const specrnn_option *option, char *text)
{
  double low = option->minimum < -20000 ? -20000 : option->minimum;
  double high = largest_for(option);
  if (option->word && roll(d, 3) == 0) {
    snprintf(text, TEXT_SIZE, "%s", option->word);
  } else if (option->type == SPECRNN_OPTION_INT) {
    snprintf(text, TEXT_SIZE, "%.0f", low + (double)roll(d, (uint64_t)(high - low) + 1));
  } else {
    snprintf(text, TEXT_SIZE, "%.9g", low + (high - low) * (double)roll(d, 1000000) / 999999.0);
  }
}

static void draw_option(dice *d, const specrnn_option *option, specrnn_features_config *config)
{
  char text[TEXT_SIZE];
  uint64_t choices = 0;
  switch (option->type) {
  case SPECRNN_OPTION_CHOICE:
    while (option->choices[choices]) {
      choices++;
    }
    snprintf(text, sizeof text, "%s", option->choices[roll(d, choices)]);
    break;
  case SPECRNN_OPTION_BOOL: snprintf(text, sizeof text, "%s", roll(d, 2) ? "true" : "false"); break;
  case SPECRNN_OPTION_UINT64: snprintf(text, sizeof text, "%u", (unsigned)roll(d, 1000)); break;
  case SPECRNN_OPTION_INT:
  case SPECRNN_OPTION_DOUBLE: draw_number(d, option, text); break;
  }
  if (specrnn_option_set(specrnn_features_options(), config, option->key, text, &LOG)) {
    fail_msg("%s = %s: %s", option->key, text, last_message);
  }
}

/* A preset with about a quarter of its options drawn anew. */
static specrnn_features_config draw_config(dice *d)
{
  const specrnn_option_table *table = specrnn_features_options();
  specrnn_features_config config;
  assert_int_equal(specrnn_features_preset(&config, (specrnn_preset)roll(d, 4), (specrnn_features_kind)roll(d, 4)),
                   SPECRNN_OK);
  config.n_mels = 20;
  config.n_mfcc = 10;
  for (size_t i = 0; i < table->count; i++) {
    const specrnn_option *option = &table->options[i];
    bool fixed = !strcmp(option->key, "preset") || !strcmp(option->key, "kind");
    if (!fixed && roll(d, 4) == 0) {
      draw_option(d, option, &config);
    }
  }
  config.cmvn = config.cmvn == SPECRNN_CMVN_FILE ? SPECRNN_CMVN_SLIDING : config.cmvn;
  return config;
}

static float *run_offline(const specrnn_features_config *config, size_t n_samples, size_t *n_rows, size_t *n_bins)
{
  specrnn_features_shape shape;
  uint64_t n_frames;
  last_message[0] = '\0';
  specrnn_status status = specrnn_features_describe(config, &shape, &LOG);
  if (status) {
    assert_int_equal(status, SPECRNN_ERROR_ARGUMENT);
    assert_true(last_message[0] != '\0');
    return NULL;
  }
  assert_int_equal(specrnn_features_frame_count(config, n_samples, &n_frames, &LOG), SPECRNN_OK);
  float *rows = malloc(((size_t)n_frames + 1) * shape.n_bins * sizeof *rows);
  assert_non_null(rows);
  status = specrnn_features_compute_array(config, samples, n_samples, rows, (size_t)n_frames + 1, n_rows, &LOG);
  if (status) {
    assert_true(status == SPECRNN_ERROR_SHAPE || status == SPECRNN_ERROR_EMPTY);
    assert_true(last_message[0] != '\0');
    free(rows);
    return NULL;
  }
  assert_int_equal(*n_rows, n_frames);
  *n_bins = shape.n_bins;
  return rows;
}

/* Returns whether the configuration can be streamed. */
static bool compare_stream(dice *d, const specrnn_features_config *config, size_t n_samples, const float *expected,
                           size_t n_rows, size_t n_bins)
{
  specrnn_extractor *e = NULL;
  specrnn_extractor_options options = SPECRNN_EXTRACTOR_OPTIONS_INIT;
  options.max_push = MAX_CUT; /* pushes up to it always fit once everything was pulled */
  if (specrnn_extractor_create(&e, config, &options, &LOG)) {
    return false;
  }
  float *rows = malloc((n_rows + 1) * n_bins * sizeof *rows);
  size_t used = 0;
  size_t n;
  for (size_t at = 0; at < n_samples;) {
    size_t cut = 1 + roll(d, MAX_CUT);
    cut = cut < n_samples - at ? cut : n_samples - at;
    assert_int_equal(specrnn_extractor_push(e, samples + at, cut), SPECRNN_OK);
    at += cut;
    while (specrnn_extractor_pull(e, rows + used * n_bins, 1 + roll(d, n_rows + 1 - used), &n) == SPECRNN_OK) {
      used += n;
      assert_true(used <= n_rows);
    }
  }
  assert_int_equal(specrnn_extractor_flush(e), SPECRNN_OK);
  while (specrnn_extractor_pull(e, rows + used * n_bins, n_rows + 1 - used, &n) == SPECRNN_OK) {
    used += n;
  }
  assert_int_equal(used, n_rows);
  assert_memory_equal(rows, expected, n_rows * n_bins * sizeof *rows);
  specrnn_extractor_destroy(&e);
  free(rows);
  return true;
}

static void assert_finite(const float *rows, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    assert_true(isfinite(rows[i]));
  }
}

static void whatever_the_table_allows_works(void **state)
{
  (void)state;
  size_t computed = 0;
  size_t streamed = 0;
  for (uint64_t number = 0; number < N_CASES; number++) {
    dice d = {number, 0};
    specrnn_features_config config = draw_config(&d);
    size_t n_samples = roll(&d, roll(&d, 4) ? MAX_SAMPLES : 50);
    size_t n_rows = 0;
    size_t n_bins = 0;
    float *rows = run_offline(&config, n_samples, &n_rows, &n_bins);
    if (rows) {
      computed++;
      assert_finite(rows, n_rows * n_bins);
      streamed += compare_stream(&d, &config, n_samples, rows, n_rows, n_bins);
      free(rows);
    }
  }
  print_message("# %zu of %d were computed, %zu of them streamed\n", computed, N_CASES, streamed);
  assert_true(computed > N_CASES / 4 && streamed > N_CASES / 10);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(whatever_the_table_allows_works),
  };
  for (uint64_t i = 0; i < MAX_SAMPLES; i++) {
    samples[i] = (float)(0.2 * srn_random_normal(11, i) * (i / 1000 % 2 ? 1.0 : 1e-6));
  }
  return cmocka_run_group_tests(tests, NULL, NULL);
}
