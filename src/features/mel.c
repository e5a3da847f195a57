/* Mel filter banks as librosa (filters.mel), torchaudio (melscale_fbanks) and Kaldi (get_mel_banks) build them. */
#include "features/mel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"

/* Auditory Toolbox: 3 mel per 200 Hz up to 1 kHz, then 27 mel per factor 6.4. */
static const double SLANEY_HZ_PER_MEL = 200.0 / 3;
static const double SLANEY_CORNER_HZ = 1000.0;
static const double SLANEY_CORNER_MEL = 1000.0 / (200.0 / 3);

static double slaney_step(void)
{
  return log(6.4) / 27.0;
}

double srn_hz_to_mel(specrnn_mel_scale scale, double hz)
{
  switch (scale) {
  case SPECRNN_MEL_HTK: return 2595.0 * log10(1.0 + hz / 700.0);
  case SPECRNN_MEL_KALDI: return 1127.0 * log(1.0 + hz / 700.0);
  case SPECRNN_MEL_SLANEY: break;
  }
  if (hz >= SLANEY_CORNER_HZ) {
    return SLANEY_CORNER_MEL + log(hz / SLANEY_CORNER_HZ) / slaney_step();
  }
  return hz / SLANEY_HZ_PER_MEL;
}

double srn_mel_to_hz(specrnn_mel_scale scale, double mel)
{
  switch (scale) {
  case SPECRNN_MEL_HTK: return 700.0 * (pow(10.0, mel / 2595.0) - 1.0);
  case SPECRNN_MEL_KALDI: return 700.0 * (exp(mel / 1127.0) - 1.0);
  case SPECRNN_MEL_SLANEY: break;
  }
  if (mel >= SLANEY_CORNER_MEL) {
    return SLANEY_CORNER_HZ * exp(slaney_step() * (mel - SLANEY_CORNER_MEL));
  }
  return SLANEY_HZ_PER_MEL * mel;
}

static double point_mel(const specrnn_features_config *config, int i)
{
  double low = srn_hz_to_mel(config->mel_scale, config->fmin);
  double high = srn_hz_to_mel(config->mel_scale, config->fmax);
  if (i == config->n_mels + 1) {
    return high;
  }
  return i * ((high - low) / (config->n_mels + 1)) + low;
}

double srn_mel_point_hz(const specrnn_features_config *config, int i)
{
  return srn_mel_to_hz(config->mel_scale, point_mel(config, i));
}

/* Positions of corners and bins on the axis over which the triangles are straight, spacing of bins included. */
typedef struct axis {
  const specrnn_features_config *config;
  double bin_hz; /* frequency of bin 1 */
} axis;

static axis axis_of(const specrnn_features_config *config)
{
  axis a = {config, (double)config->sample_rate_hz / config->n_fft};
  if (config->mel_bank == SPECRNN_MEL_BANK_LIBROSA) {
    /* numpy.fft.rfftfreq multiplies by this reciprocal; it decides the last bit. */
    a.bin_hz = 1.0 / (config->n_fft * (1.0 / config->sample_rate_hz));
  } else if (config->mel_bank == SPECRNN_MEL_BANK_TORCHAUDIO && config->n_fft > 1) {
    a.bin_hz = (double)(config->sample_rate_hz / 2) / (config->n_fft / 2);
  }
  return a;
}

static double corner(const axis *a, int i)
{
  return a->config->mel_bank == SPECRNN_MEL_BANK_KALDI ? point_mel(a->config, i) : srn_mel_point_hz(a->config, i);
}

static double bin_position(const axis *a, int bin)
{
  double hz = bin * a->bin_hz;
  return a->config->mel_bank == SPECRNN_MEL_BANK_KALDI ? srn_hz_to_mel(a->config->mel_scale, hz) : hz;
}

typedef struct triangle {
  double left, center, right;
  double gain;
  bool rounded; /* to float, as librosa stores them, before and after the gain */
  int n_bins;   /* bins from this one on have no weight */
} triangle;

static triangle triangle_of(const axis *a, int m)
{
  const specrnn_features_config *config = a->config;
  triangle t = {corner(a, m), corner(a, m + 1), corner(a, m + 2), 1.0, false, config->n_fft / 2 + 1};
  if (config->mel_norm == SPECRNN_MEL_NORM_SLANEY) {
    t.gain = 2.0 / (srn_mel_point_hz(config, m + 2) - srn_mel_point_hz(config, m));
  }
  t.rounded = config->mel_bank == SPECRNN_MEL_BANK_LIBROSA;
  if (config->mel_bank == SPECRNN_MEL_BANK_KALDI && config->n_fft % 2 == 0) {
    t.n_bins--; /* the Nyquist bin */
  }
  return t;
}

static double weight(const triangle *t, double position)
{
  double up = (position - t->left) / (t->center - t->left);
  double down = (t->right - position) / (t->right - t->center);
  double w = fmax(0.0, fmin(up, down));
  if (!isfinite(w)) { /* corners that coincide: no triangle */
    return 0.0;
  }
  return t->rounded ? (float)((float)w * t->gain) : w * t->gain;
}

/* Weights of row m; returns their number, the first bin in *first. weights may be NULL to count only. */
static int fill_row(const axis *a, int m, const double *positions, int *first, double *weights)
{
  triangle t = triangle_of(a, m);
  int count = 0;
  int last = -1;
  *first = 0;
  for (int k = 0; k < t.n_bins && positions[k] <= t.right; k++) {
    double w = positions[k] < t.left ? 0.0 : weight(&t, positions[k]);
    if (w > 0.0 && last < 0) {
      *first = k;
    }
    if (w > 0.0) {
      last = k;
    }
    if (last >= 0 && weights) {
      weights[k - *first] = w;
    }
  }
  if (last >= 0) {
    count = last - *first + 1;
  }
  return count;
}

static srn_mel_bank *build(srn_arena *arena, const specrnn_features_config *config, size_t n_weights)
{
  size_t n_mels = (size_t)config->n_mels;
  srn_mel_bank *bank = srn_arena_take(arena, 1, sizeof *bank);
  int *first = srn_arena_take(arena, n_mels, sizeof *first);
  int *count = srn_arena_take(arena, n_mels, sizeof *count);
  size_t *offset = srn_arena_take(arena, n_mels, sizeof *offset);
  /* A row is written up to its right corner before its length is known: zeros, overwritten by the next row. */
  double *weights = srn_arena_take(arena, n_weights + (size_t)config->n_fft / 2 + 1, sizeof *weights);
  if (bank) {
    *bank = (srn_mel_bank){config->n_mels, config->n_fft / 2 + 1, 0, first, count, offset, weights};
  }
  return bank;
}

static double *positions_of(const axis *a)
{
  size_t n_bins = (size_t)a->config->n_fft / 2 + 1;
  double *positions = malloc(n_bins * sizeof *positions);
  for (size_t k = 0; positions && k < n_bins; k++) {
    positions[k] = bin_position(a, (int)k);
  }
  return positions;
}

specrnn_status srn_mel_bank_create(srn_mel_bank **out, const specrnn_features_config *config, const specrnn_log *log)
{
  axis a = axis_of(config);
  double *positions = positions_of(&a);
  if (!positions) {
    return srn_fail_memory(log, ((size_t)config->n_fft / 2 + 1) * sizeof *positions);
  }
  size_t n_weights = 0;
  for (int m = 0; m < config->n_mels; m++) {
    int first;
    n_weights += (size_t)fill_row(&a, m, positions, &first, NULL);
  }
  srn_arena arena = {0};
  build(&arena, config, n_weights);
  size_t bytes = arena.used;
  if (!srn_arena_allocate(&arena)) {
    free(positions);
    return srn_fail_memory(log, bytes);
  }
  srn_mel_bank *bank = build(&arena, config, n_weights);
  size_t offset = 0;
  for (int m = 0; m < config->n_mels; m++) {
    bank->offset[m] = offset;
    bank->count[m] = fill_row(&a, m, positions, &bank->first[m], bank->weights + offset);
    bank->n_empty += bank->count[m] == 0;
    offset += (size_t)bank->count[m];
  }
  free(positions);
  *out = bank;
  return SPECRNN_OK;
}

void srn_mel_bank_destroy(srn_mel_bank **bank)
{
  srn_arena_free(*bank);
  *bank = NULL;
}
