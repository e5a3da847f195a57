/* From magnitudes or mel bands back to sound: levels undone, bands spread over bins, phases by Griffin and Lim. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/checked.h"
#include "core/fpu.h"
#include "core/log.h"
#include "core/rng.h"
#include "features/analysis.h"
#include "features/inverse.h"

enum { NNLS_STEPS = 64, MAX_ITERATIONS = 100000 };

static const double PI = 3.14159265358979323846;
static const double TINY = 1e-30; /* keeps divisions by what may be 0 finite */

typedef struct work {
  srn_setup setup;              /* of the features */
  specrnn_features_config stft; /* complex, without what cannot be undone */
  srn_inverse *inverse;
  size_t n_frames;
  size_t n_values;  /* of a complex row */
  size_t n_samples; /* that the frames cover */
  float *magnitude; /* (n_frames, n_spectrum) */
  float *spectrum;  /* (n_frames, n_values) */
  float *rebuilt;   /* same */
  float *previous;  /* same */
  float *samples;   /* (n_samples) */
  const specrnn_log *log;
} work;

static specrnn_status check(const srn_setup *setup, const specrnn_griffin_lim_options *options, const specrnn_log *log)
{
  const specrnn_features_config *config = &setup->config;
  if (setup->is_complex || (config->kind != SPECRNN_KIND_STFT && config->kind != SPECRNN_KIND_MEL)) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "only magnitudes and mel bands can be inverted");
  }
  if (config->scale == SPECRNN_SCALE_PCEN || config->delta_order || config->cmvn != SPECRNN_CMVN_NONE ||
      setup->n_bins != setup->n_base) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "PCEN, deltas, CMVN and splicing cannot be inverted");
  }
  if (options->n_iter < 0 || options->n_iter > MAX_ITERATIONS || !(options->momentum >= 0.0) ||
      options->momentum >= 1.0) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT,
                    "n_iter is %d (0 to %d) and momentum %g (from 0 to less than 1 are needed)", options->n_iter,
                    MAX_ITERATIONS, options->momentum);
  }
  return SPECRNN_OK;
}

/* Linear values of a row, the energy column left out. */
static void undo_level(const srn_setup *setup, const float *row, double *values)
{
  const specrnn_features_config *config = &setup->config;
  bool energy_first = config->use_energy && config->kind == SPECRNN_KIND_MEL && !config->htk_compat;
  specrnn_features_config plain = *config;
  plain.ref = isinf(config->ref) ? 1.0 : config->ref;
  for (size_t k = 0; k < setup->n_values; k++) {
    double level = row[k + (energy_first ? 1 : 0)];
    if (config->scale == SPECRNN_SCALE_WHISPER) {
      level = 4.0 * level - 4.0;
    }
    double value = srn_value_of(&plain, level);
    values[k] = isfinite(value) && value > 0.0 ? value : 0.0;
  }
  if (config->use_energy && config->kind == SPECRNN_KIND_STFT) {
    values[0] = 0.0;
  }
}

static void apply_filters(const srn_mel_bank *mel, const double *bins, double *bands)
{
  for (int m = 0; m < mel->n_mels; m++) {
    const double *weights = mel->weights + mel->offset[m];
    bands[m] = 0.0;
    for (int i = 0; i < mel->count[m]; i++) {
      bands[m] += weights[i] * bins[mel->first[m] + i];
    }
  }
}

static void apply_transposed(const srn_mel_bank *mel, const double *bands, double *bins)
{
  memset(bins, 0, (size_t)mel->n_bins * sizeof *bins);
  for (int m = 0; m < mel->n_mels; m++) {
    const double *weights = mel->weights + mel->offset[m];
    for (int i = 0; i < mel->count[m]; i++) {
      bins[mel->first[m] + i] += weights[i] * bands[m];
    }
  }
}

/* Non-negative bins whose filtered values are nearest to the bands: x *= F'b / F'Fx (Lee and Seung 2001).
 * scratch holds n_mels + 2 n_bins values. */
static void spread_bands(const srn_mel_bank *mel, const double *bands, double *bins, double *scratch)
{
  double *filtered = scratch;
  double *target = filtered + mel->n_mels;
  double *step = target + mel->n_bins;
  apply_transposed(mel, bands, target);
  for (int k = 0; k < mel->n_bins; k++) {
    bins[k] = target[k];
  }
  for (int i = 0; i < NNLS_STEPS; i++) {
    apply_filters(mel, bins, filtered);
    apply_transposed(mel, filtered, step);
    for (int k = 0; k < mel->n_bins; k++) {
      bins[k] *= target[k] / (step[k] + TINY);
    }
  }
}

static specrnn_status fill_magnitudes(work *w, const float *rows)
{
  const srn_setup *setup = &w->setup;
  srn_mel_bank *mel = NULL;
  specrnn_status status = setup->has_mel ? srn_mel_bank_create(&mel, &setup->config, w->log) : SPECRNN_OK;
  if (status) {
    return status;
  }
  size_t scratch_size = 2 * setup->n_values + 3 * setup->n_spectrum;
  double *scratch = srn_aligned_calloc(scratch_size, sizeof *scratch);
  if (!scratch) {
    srn_mel_bank_destroy(&mel);
    return srn_fail_memory(w->log, scratch_size * sizeof *scratch);
  }
  double *values = scratch;
  double *bins = values + setup->n_values;
  for (size_t t = 0; t < w->n_frames; t++) {
    undo_level(setup, rows + t * setup->n_base, values);
    if (mel) {
      spread_bands(mel, values, bins, bins + setup->n_spectrum);
    }
    const double *power = mel ? bins : values;
    for (size_t k = 0; k < setup->n_spectrum; k++) {
      w->magnitude[t * setup->n_spectrum + k] = (float)pow(power[k], 1.0 / setup->config.power);
    }
  }
  srn_aligned_free(scratch);
  srn_mel_bank_destroy(&mel);
  return SPECRNN_OK;
}

static void random_phases(work *w, uint64_t seed)
{
  size_t count = w->n_frames * w->setup.n_spectrum;
  for (size_t i = 0; i < count; i++) {
    double phase = 2.0 * PI * srn_random_uniform(seed, i);
    w->spectrum[2 * i] = (float)(w->magnitude[i] * cos(phase));
    w->spectrum[2 * i + 1] = (float)(w->magnitude[i] * sin(phase));
  }
}

/* The phases of rebuilt - weight * previous, with the wanted magnitudes. */
static void take_phases(work *w, double weight)
{
  size_t count = w->n_frames * w->setup.n_spectrum;
  for (size_t i = 0; i < count; i++) {
    double re = w->rebuilt[2 * i] - weight * w->previous[2 * i];
    double im = w->rebuilt[2 * i + 1] - weight * w->previous[2 * i + 1];
    double factor = w->magnitude[i] / (sqrt(re * re + im * im) + TINY);
    w->spectrum[2 * i] = (float)(re * factor);
    w->spectrum[2 * i + 1] = (float)(im * factor);
  }
}

static specrnn_status iterate(work *w, const specrnn_griffin_lim_options *options)
{
  double weight = options->momentum / (1.0 + options->momentum);
  random_phases(w, options->seed);
  for (int i = 0; i < options->n_iter; i++) {
    size_t n_rows;
    srn_inverse_run(w->inverse, w->spectrum, w->n_frames, w->samples);
    specrnn_status status =
        specrnn_features_compute_array(&w->stft, w->samples, w->n_samples, w->rebuilt, w->n_frames, &n_rows, w->log);
    if (status) {
      return status;
    }
    take_phases(w, weight);
    float *swap = w->previous;
    w->previous = w->rebuilt;
    w->rebuilt = swap;
  }
  srn_inverse_run(w->inverse, w->spectrum, w->n_frames, w->samples);
  return SPECRNN_OK;
}

/* What the phases are sought with: the same frames, nothing that changes them first, ends padded with zeros. */
static specrnn_features_config stft_of(const specrnn_features_config *config)
{
  specrnn_features_config stft = *config;
  stft.kind = SPECRNN_KIND_STFT;
  stft.power = SPECRNN_POWER_COMPLEX;
  stft.scale = SPECRNN_SCALE_LINEAR;
  stft.use_energy = false;
  stft.pad_mode = SPECRNN_PAD_CONSTANT;
  stft.drop_last_frame = false;
  stft.fit_duration_s = SPECRNN_NONE;
  stft.dither = 0.0;
  stft.remove_dc_offset = false;
  stft.preemphasis = 0.0;
  return stft;
}

static specrnn_status open_work(work *w)
{
  size_t values;
  size_t bytes;
  srn_setup stft;
  specrnn_status status = srn_setup_of(&stft, &w->stft, w->log);
  if (status) {
    return status;
  }
  w->n_values = stft.n_values;
  w->n_samples = specrnn_istft_length(&w->stft, w->n_frames);
  if (!w->n_samples) {
    return srn_fail(w->log, SPECRNN_ERROR_EMPTY,
                    "a single frame, centred on the first sample, covers none: two are needed");
  }
  if (!srn_size_mul(w->n_frames, w->n_values, &values) || !srn_size_mul(values, sizeof(float), &bytes)) {
    return srn_fail_memory(w->log, SIZE_MAX);
  }
  w->magnitude = srn_aligned_calloc(values / 2, sizeof *w->magnitude);
  w->spectrum = srn_aligned_calloc(values, sizeof *w->spectrum);
  w->rebuilt = srn_aligned_calloc(values, sizeof *w->rebuilt);
  w->previous = srn_aligned_calloc(values, sizeof *w->previous);
  w->samples = srn_aligned_calloc(w->n_samples, sizeof *w->samples);
  if (!w->magnitude || !w->spectrum || !w->rebuilt || !w->previous || !w->samples) {
    return srn_fail_memory(w->log, bytes);
  }
  return srn_inverse_create(&w->inverse, &stft, w->n_samples, w->log);
}

static void close_work(work *w)
{
  srn_inverse_destroy(&w->inverse);
  srn_aligned_free(w->magnitude);
  srn_aligned_free(w->spectrum);
  srn_aligned_free(w->rebuilt);
  srn_aligned_free(w->previous);
  srn_aligned_free(w->samples);
}

specrnn_status specrnn_features_invert(const specrnn_features_config *config, const float *rows, size_t n_frames,
                                       const specrnn_griffin_lim_options *options, float *samples, size_t n_samples,
                                       const specrnn_log *log)
{
  specrnn_griffin_lim_options defaults = SPECRNN_GRIFFIN_LIM_OPTIONS_INIT;
  work w = {.n_frames = n_frames, .log = log};
  options = options ? options : &defaults;
  specrnn_status status = srn_setup_of(&w.setup, config, log);
  if (status || (status = check(&w.setup, options, log))) {
    return status;
  }
  if (!n_frames) {
    return srn_fail(log, SPECRNN_ERROR_EMPTY, "no frames");
  }
  srn_fpu_mode mode = srn_fpu_enter();
  w.stft = stft_of(&w.setup.config);
  status = open_work(&w);
  if (!status) {
    status = fill_magnitudes(&w, rows);
  }
  if (!status) {
    status = iterate(&w, options);
  }
  srn_fpu_leave(mode);
  for (size_t i = 0; !status && i < n_samples; i++) {
    samples[i] = i < w.n_samples ? w.samples[i] : 0.0F;
  }
  close_work(&w);
  return status;
}
