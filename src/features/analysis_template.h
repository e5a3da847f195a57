/* The analysis for one floating-point type. Included by analysis_float.c and analysis_double.c, which define REAL. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "features/loops_template.h"
#include "features/pcen.h"
#include "kernels/kernels.h"

static const double KALDI_EPSILON = 1.1920928955078125e-07;

typedef struct NAME(analysis) {
  srn_setup setup;
  const FRONT *front;
  REAL *raw;      /* (win_length), the frame being worked on, before emphasis and window; for the energy */
  REAL *samples;  /* (n_fft), after */
  REAL *spectrum; /* (lanes, stride) pairs */
  size_t stride;  /* of a spectrum, a whole number of cache lines */
  REAL *power;    /* (n_spectrum or 2 n_spectrum, lanes) */
  REAL *bands;    /* (n_mels, lanes), or power itself */
  REAL *levels;   /* (n_values, lanes) */
  REAL *cepstra;  /* (n_mfcc, lanes) */
  REAL *energy;   /* (lanes), logarithmic */
  REAL *window;   /* (win_length) */
  REAL *dct;      /* (n_mfcc, n_mels) */
  FILTERS filters;
  double *smooth; /* (n_values), PCEN */
  srn_pcen pcen;
  REAL norm;      /* of the spectrum, 1 for none */
  double running; /* maximum so far */
  double maxima[SRN_LANES];
} NAME(analysis);

static void *NAME(take)(srn_arena *arena, const double *from, size_t count)
{
  REAL *values = srn_arena_take(arena, count, sizeof *values);
  for (size_t i = 0; values && from && i < count; i++) {
    values[i] = (REAL)from[i];
  }
  return values;
}

static REAL NAME(norm_of)(const srn_setup *setup, const srn_tables *tables)
{
  double sum = 0.0;
  switch (setup->config.normalized) {
  case SPECRNN_NORMALIZED_NONE: return 1;
  case SPECRNN_NORMALIZED_FRAME_LENGTH: return (REAL)(1.0 / sqrt(setup->config.n_fft));
  case SPECRNN_NORMALIZED_WINDOW: break;
  }
  for (int i = 0; i < setup->config.win_length; i++) {
    sum += tables->window[i] * tables->window[i];
  }
  return (REAL)(1.0 / sqrt(sum));
}

static void NAME(build_mel)(NAME(analysis) * state, srn_arena *arena, const srn_mel_bank *mel)
{
  size_t n_mels = (size_t)mel->n_mels;
  size_t last = n_mels - 1;
  size_t n_weights = mel->offset[last] + (size_t)mel->count[last];
  REAL *bands = NAME(take)(arena, NULL, n_mels * SRN_LANES);
  REAL *weights = NAME(take)(arena, mel->weights, n_weights);
  int *first = srn_arena_take(arena, n_mels, sizeof *first);
  int *count = srn_arena_take(arena, n_mels, sizeof *count);
  size_t *offset = srn_arena_take(arena, n_mels, sizeof *offset);
  if (!state) {
    return;
  }
  memcpy(first, mel->first, n_mels * sizeof *first);
  memcpy(count, mel->count, n_mels * sizeof *count);
  memcpy(offset, mel->offset, n_mels * sizeof *offset);
  state->bands = bands;
  state->filters = (FILTERS){n_mels, first, count, offset, weights};
}

static void NAME(reset)(void *opaque)
{
  NAME(analysis) *state = opaque;
  state->running = -INFINITY;
  for (size_t i = 0; state->smooth && i < state->setup.n_values; i++) {
    state->smooth[i] = SRN_PCEN_START;
  }
}

static void *NAME(build)(srn_arena *arena, const srn_setup *setup, const srn_tables *tables)
{
  const specrnn_features_config *config = &setup->config;
  size_t n_power = setup->is_complex ? 2 * setup->n_spectrum : setup->n_spectrum;
  NAME(analysis) *state = srn_arena_take(arena, 1, sizeof *state);
  size_t stride = srn_aligned_stride(2 * setup->n_spectrum, sizeof(REAL));
  REAL *raw = NAME(take)(arena, NULL, (size_t)config->win_length);
  REAL *samples = NAME(take)(arena, NULL, (size_t)config->n_fft + 2);
  REAL *spectrum = NAME(take)(arena, NULL, SRN_LANES * stride);
  REAL *power = NAME(take)(arena, NULL, n_power * SRN_LANES);
  REAL *levels = NAME(take)(arena, NULL, setup->n_values * SRN_LANES);
  REAL *energy = NAME(take)(arena, NULL, SRN_LANES);
  REAL *window = NAME(take)(arena, tables->window, (size_t)config->win_length);
  double *smooth = NULL;
  if (config->scale == SPECRNN_SCALE_PCEN) {
    smooth = srn_arena_take(arena, setup->n_values, sizeof *smooth);
  }
  REAL *dct = NULL;
  REAL *cepstra = NULL;
  if (tables->dct) {
    dct = NAME(take)(arena, tables->dct, (size_t)config->n_mfcc * (size_t)config->n_mels);
    cepstra = NAME(take)(arena, NULL, (size_t)config->n_mfcc * SRN_LANES);
  }
  if (state) {
    *state = (NAME(analysis)){.setup = *setup,
                              .front = srn_kernels_get()->FRONT_TABLE,
                              .raw = raw,
                              .samples = samples,
                              .spectrum = spectrum,
                              .stride = stride,
                              .power = power,
                              .bands = power,
                              .levels = levels,
                              .cepstra = cepstra,
                              .energy = energy,
                              .window = window,
                              .dct = dct,
                              .smooth = smooth};
    state->pcen = srn_pcen_of(config);
    state->norm = NAME(norm_of)(setup, tables);
    NAME(reset)(state);
  }
  if (tables->mel) {
    NAME(build_mel)(state, arena, tables->mel);
  }
  return state;
}

static REAL NAME(log_energy)(const specrnn_features_config *config, double energy)
{
  double level = log(energy < KALDI_EPSILON ? KALDI_EPSILON : energy);
  double floor = config->energy_floor > 0.0 ? log(config->energy_floor) : -INFINITY;
  return (REAL)(level < floor ? floor : level);
}

/* Samples of one frame, windowed, in the transform's buffer; its energy on the way. */
static void NAME(window_frame)(NAME(analysis) * state, const float *frame, int lane)
{
  const specrnn_features_config *config = &state->setup.config;
  int n = config->win_length;
  REAL *samples = state->samples + state->setup.framing.win_offset;
  if (!config->remove_dc_offset && config->preemphasis == 0.0 && !config->use_energy) {
    state->front->window(frame, state->window, samples, (size_t)n);
    return;
  }
  REAL mean = config->remove_dc_offset ? state->front->sum(frame, (size_t)n) / (REAL)n : 0;
  state->front->emphasise(frame, mean, (REAL)config->preemphasis, state->window, samples, (size_t)n);
  if (config->use_energy) {
    NAME(subtract)(state->raw, frame, mean, n);
    double energy = (double)NAME(energy)(config->raw_energy ? state->raw : samples, n);
    state->energy[lane] = NAME(log_energy)(config, energy);
  }
}

static void NAME(transform)(NAME(analysis) * state, const srn_fft *fft, const float *frame, int lane)
{
  const srn_setup *setup = &state->setup;
  REAL *spectrum = state->spectrum + (size_t)lane * state->stride;
  NAME(window_frame)(state, frame, lane);
  NAME(srn_fft_forward)(fft, state->samples, spectrum);
  if (state->norm != 1) {
    NAME(scale)(spectrum, state->norm, 2 * setup->n_spectrum);
  }
  if (setup->is_complex) {
    NAME(spread)(spectrum, state->power, lane, 2 * setup->n_spectrum);
  }
}

/* Spectra of n frames to lanes of their power. */
static void NAME(take_power)(NAME(analysis) * state, int n)
{
  const srn_setup *setup = &state->setup;
  size_t count = setup->n_spectrum * SRN_LANES;
  if (setup->is_complex) {
    return;
  }
  state->front->power(state->spectrum, state->stride, (size_t)n, state->power, setup->n_spectrum);
  if (setup->config.power == 1.0) {
    state->front->sqrt(state->power, state->power, count);
  } else if (setup->config.power != 2.0) {
    NAME(raise_to)(state->power, count, (REAL)(setup->config.power / 2.0));
  }
}

static void NAME(level)(NAME(analysis) * state, int n)
{
  const srn_setup *setup = &state->setup;
  const specrnn_features_config *config = &setup->config;
  REAL offset = isinf(config->ref) ? 0 : (REAL)srn_level_of(config, config->ref);
  REAL floor = (REAL)config->amin > REAL_MIN ? (REAL)config->amin : REAL_MIN;
  size_t count = setup->n_values * SRN_LANES;
  switch (config->scale) {
  case SPECRNN_SCALE_LINEAR: memcpy(state->levels, state->bands, count * sizeof(REAL)); break;
  case SPECRNN_SCALE_DB:
    state->front->log10(state->bands, state->levels, count, floor, (REAL)(20.0 / config->power), offset);
    break;
  case SPECRNN_SCALE_LOG10:
  case SPECRNN_SCALE_WHISPER: state->front->log10(state->bands, state->levels, count, floor, 1, offset); break;
  case SPECRNN_SCALE_LN: state->front->ln(state->bands, state->levels, count, floor, 1, offset); break;
  case SPECRNN_SCALE_PCEN:
    for (size_t k = 0; k < setup->n_values; k++) {
      for (size_t b = 0; b < (size_t)n; b++) {
        double v = (double)state->bands[k * SRN_LANES + b];
        state->levels[k * SRN_LANES + b] = (REAL)srn_pcen_step(&state->pcen, &state->smooth[k], v);
      }
    }
    break;
  }
}

/* Per lane the largest level up to and with that frame. */
static void NAME(track_maximum)(NAME(analysis) * state, int n)
{
  for (size_t b = 0; b < (size_t)n; b++) {
    for (size_t k = 0; k < state->setup.n_values; k++) {
      double v = (double)state->levels[k * SRN_LANES + b];
      state->running = v > state->running ? v : state->running;
    }
    state->maxima[b] = state->running;
  }
}

static void NAME(head)(void *opaque, const srn_fft *fft, const float *const *frames, int n)
{
  NAME(analysis) *state = opaque;
  const srn_setup *setup = &state->setup;
  if (setup->config.kind == SPECRNN_KIND_WAVE) {
    for (int b = 0; b < n; b++) {
      state->levels[b] = frames[b][0];
    }
    return;
  }
  for (int b = 0; b < n; b++) {
    NAME(transform)(state, fft, frames[b], b);
  }
  NAME(take_power)(state, n);
  if (setup->has_mel) {
    state->front->filter(&state->filters, state->power, state->bands);
  }
  NAME(level)(state, n);
  if (setup->needs_maximum && setup->config.maximum == SPECRNN_MAXIMUM_RUNNING) {
    NAME(track_maximum)(state, n);
  }
}

static void NAME(save)(const void *opaque, int n, float *levels)
{
  const NAME(analysis) *state = opaque;
  const srn_setup *setup = &state->setup;
  state->front->rows(state->levels, setup->n_values, (size_t)n, levels, setup->n_level);
  for (size_t b = 0; setup->n_level > setup->n_values && b < (size_t)n; b++) {
    levels[b * setup->n_level + setup->n_values] = (float)state->energy[b];
  }
}

static void NAME(load)(void *opaque, int n, const float *levels)
{
  NAME(analysis) *state = opaque;
  const srn_setup *setup = &state->setup;
  for (size_t b = 0; b < (size_t)n; b++) {
    const float *row = levels + b * setup->n_level;
    for (size_t k = 0; k < setup->n_values; k++) {
      state->levels[k * SRN_LANES + b] = (REAL)row[k];
    }
    if (setup->n_level > setup->n_values) {
      state->energy[b] = (REAL)row[setup->n_values];
    }
  }
}

static void NAME(limit_range)(NAME(analysis) * state, double maximum)
{
  const specrnn_features_config *config = &state->setup.config;
  REAL shift[SRN_LANES];
  REAL floor[SRN_LANES];
  bool running = config->maximum == SPECRNN_MAXIMUM_RUNNING;
  double range = config->top_db * srn_level_per_db(config);
  for (int b = 0; b < SRN_LANES; b++) {
    double top = running ? state->maxima[b] : maximum;
    double reference = isinf(config->ref) ? top : 0.0;
    shift[b] = (REAL)reference;
    floor[b] = (REAL)(top - reference - range);
  }
  state->front->limit(state->levels, state->setup.n_values, shift, floor);
}

/* Puts the energy of a frame into its base row, whose other columns are there. */
static void NAME(place_energy)(const NAME(analysis) * state, size_t lane, float *row)
{
  const srn_setup *setup = &state->setup;
  const specrnn_features_config *config = &setup->config;
  size_t last = setup->n_base - 1;
  bool cepstral = config->kind == SPECRNN_KIND_MFCC;
  float energy = (float)state->energy[lane];
  if (config->use_energy) {
    row[config->kind == SPECRNN_KIND_MEL && config->htk_compat ? last : 0] = energy;
  }
  if (cepstral && config->htk_compat) {
    float first = config->use_energy ? energy : (float)((double)state->cepstra[lane] * sqrt(2.0));
    memmove(row, row + 1, last * sizeof *row);
    row[last] = first;
  }
}

static void NAME(write_rows)(const NAME(analysis) * state, int n, float *rows)
{
  const srn_setup *setup = &state->setup;
  const specrnn_features_config *config = &setup->config;
  bool cepstral = config->kind == SPECRNN_KIND_MFCC;
  bool energy_first = config->kind == SPECRNN_KIND_MEL && config->use_energy && !config->htk_compat;
  state->front->rows(cepstral ? state->cepstra : state->levels, cepstral ? (size_t)config->n_mfcc : setup->n_values,
                     (size_t)n, rows + (energy_first ? 1 : 0), setup->n_base);
  for (size_t b = 0; (config->use_energy || config->htk_compat) && b < (size_t)n; b++) {
    NAME(place_energy)(state, b, rows + b * setup->n_base);
  }
}

static void NAME(tail)(void *opaque, int n, double maximum, float *rows)
{
  NAME(analysis) *state = opaque;
  const srn_setup *setup = &state->setup;
  if (setup->needs_maximum) {
    NAME(limit_range)(state, maximum);
  }
  if (setup->config.scale == SPECRNN_SCALE_WHISPER) {
    NAME(whisper)(state->levels, setup->n_values * SRN_LANES);
  }
  if (state->dct) {
    state->front->dense(state->dct, (size_t)setup->config.n_mfcc, setup->n_values, state->levels, state->cepstra);
  }
  NAME(write_rows)(state, n, rows);
}

static size_t NAME(tap_lanes)(const REAL *lanes, size_t count, float *row)
{
  for (size_t k = 0; k < count; k++) {
    row[k] = (float)lanes[k * SRN_LANES];
  }
  return count;
}

static size_t NAME(tap_values)(const REAL *values, size_t count, float *row)
{
  for (size_t k = 0; k < count; k++) {
    row[k] = (float)values[k];
  }
  return count;
}

static size_t NAME(tap)(const void *opaque, specrnn_stage stage, float *row)
{
  const NAME(analysis) *state = opaque;
  const srn_setup *setup = &state->setup;
  switch (stage) {
  case SPECRNN_STAGE_WINDOWED: return NAME(tap_values)(state->samples, (size_t)setup->config.n_fft, row);
  case SPECRNN_STAGE_SPECTRUM: return NAME(tap_values)(state->spectrum, 2 * setup->n_spectrum, row);
  case SPECRNN_STAGE_POWER: return NAME(tap_lanes)(state->power, setup->n_spectrum, row);
  case SPECRNN_STAGE_MEL: return NAME(tap_lanes)(state->bands, setup->n_values, row);
  case SPECRNN_STAGE_LEVEL: return NAME(tap_lanes)(state->levels, setup->n_values, row);
  case SPECRNN_STAGE_FRAME:
  case SPECRNN_STAGE_BASE:
  case SPECRNN_STAGE_FINAL: break;
  }
  return 0;
}
