/* From a complex spectrum back to samples: windowed overlap-add. */
#include <math.h>
#include <string.h>

#include "core/arena.h"
#include "core/checked.h"
#include "core/fpu.h"
#include "core/log.h"
#include "features/analysis.h"
#include "features/inverse.h"

/* Where the squared windows add up to less than this part of their maximum, nothing can be recovered. */
static const double LEAST_COVER = 1e-11;

struct srn_inverse {
  srn_setup setup;
  srn_fft *fft;
  double *window;   /* (win_length) */
  double *spectrum; /* (n_fft / 2 + 1, 2), overwritten by the transform */
  double *samples;  /* (n_fft) */
  double *sum;      /* (n_samples) */
  double *cover;    /* (n_samples) sum of the squared windows */
  double factor;    /* undoes the transform's length, normalisation and input scale */
  size_t n_samples;
};

static srn_inverse *build(srn_arena *arena, const srn_setup *setup, size_t n_samples)
{
  srn_inverse *inverse = srn_arena_take(arena, 1, sizeof *inverse);
  double *window = srn_arena_take(arena, (size_t)setup->config.win_length, sizeof *window);
  double *spectrum = srn_arena_take(arena, 2 * setup->n_spectrum, sizeof *spectrum);
  double *samples = srn_arena_take(arena, (size_t)setup->config.n_fft + 2, sizeof *samples);
  double *sum = srn_arena_take(arena, n_samples, sizeof *sum);
  double *cover = srn_arena_take(arena, n_samples, sizeof *cover);
  if (inverse) {
    *inverse = (srn_inverse){*setup, NULL, window, spectrum, samples, sum, cover, 1.0, n_samples};
  }
  return inverse;
}

static double factor_of(const srn_inverse *inverse)
{
  const specrnn_features_config *config = &inverse->setup.config;
  double sum = 0.0;
  double factor = 1.0 / config->n_fft / config->input_scale;
  for (int i = 0; i < config->win_length; i++) {
    sum += inverse->window[i] * inverse->window[i];
  }
  switch (config->normalized) {
  case SPECRNN_NORMALIZED_WINDOW: return factor * sqrt(sum);
  case SPECRNN_NORMALIZED_FRAME_LENGTH: return factor * sqrt(config->n_fft);
  case SPECRNN_NORMALIZED_NONE: break;
  }
  return factor;
}

specrnn_status srn_inverse_create(srn_inverse **out, const srn_setup *setup, size_t n_samples, const specrnn_log *log)
{
  const specrnn_features_config *config = &setup->config;
  srn_arena arena = {0};
  build(&arena, setup, n_samples);
  size_t bytes = arena.used;
  if (!srn_arena_allocate(&arena)) {
    return srn_fail_memory(log, bytes);
  }
  srn_inverse *inverse = build(&arena, setup, n_samples);
  specrnn_status status = specrnn_window_fill(inverse->window, config->win_length, config->window, config->kaiser_beta,
                                              config->window_periodic);
  if (!status) {
    status = srn_fft_create(&inverse->fft, config->n_fft, SPECRNN_PRECISION_DOUBLE, SRN_FFT_INVERSE, log);
  }
  if (status) {
    srn_inverse_destroy(&inverse);
    return status;
  }
  inverse->factor = factor_of(inverse);
  *out = inverse;
  return SPECRNN_OK;
}

void srn_inverse_destroy(srn_inverse **inverse)
{
  if (*inverse) {
    srn_fft_destroy(&(*inverse)->fft);
    srn_arena_free(*inverse);
    *inverse = NULL;
  }
}

static void add_frame(srn_inverse *inverse, uint64_t frame)
{
  const srn_framing *framing = &inverse->setup.framing;
  const double *samples = inverse->samples + framing->win_offset;
  int64_t position = srn_framing_position(framing, frame);
  for (int i = 0; i < framing->win_length; i++) {
    int64_t at = position + i;
    if (at >= 0 && (uint64_t)at < inverse->n_samples) {
      inverse->sum[at] += samples[i] * inverse->window[i];
      inverse->cover[at] += inverse->window[i] * inverse->window[i];
    }
  }
}

void srn_inverse_run(srn_inverse *inverse, const float *spectrum, size_t n_frames, float *samples)
{
  size_t n_values = 2 * inverse->setup.n_spectrum;
  memset(inverse->sum, 0, inverse->n_samples * sizeof *inverse->sum);
  memset(inverse->cover, 0, inverse->n_samples * sizeof *inverse->cover);
  for (size_t t = 0; t < n_frames; t++) {
    for (size_t k = 0; k < n_values; k++) {
      inverse->spectrum[k] = spectrum[t * n_values + k] * inverse->factor;
    }
    srn_fft_inverse(inverse->fft, inverse->spectrum, inverse->samples);
    add_frame(inverse, t);
  }
  double largest = 0.0;
  for (size_t i = 0; i < inverse->n_samples; i++) {
    largest = fmax(largest, inverse->cover[i]);
  }
  for (size_t i = 0; i < inverse->n_samples; i++) {
    bool covered = inverse->cover[i] > largest * LEAST_COVER;
    samples[i] = covered ? (float)(inverse->sum[i] / inverse->cover[i]) : 0.0F;
  }
}

size_t specrnn_istft_length(const specrnn_features_config *config, size_t n_frames)
{
  srn_setup setup;
  if (!n_frames || srn_setup_of(&setup, config, NULL)) {
    return 0;
  }
  const srn_framing *framing = &setup.framing;
  size_t first = (size_t)framing->frame_length; /* that frame 0 covers */
  size_t length;
  if (framing->mirrored) {
    first = (size_t)framing->hop;
  } else if (framing->pad) {
    first = (size_t)framing->n_fft - 2 * (size_t)framing->pad; /* wherever the window lies in it */
  }
  if (!srn_size_mul((size_t)framing->hop, n_frames - 1, &length) || !srn_size_add(length, first, &length)) {
    return SIZE_MAX;
  }
  return length;
}

specrnn_status specrnn_istft(const specrnn_features_config *config, const float *spectrum, size_t n_frames,
                             float *samples, size_t n_samples, const specrnn_log *log)
{
  srn_setup setup;
  srn_inverse *inverse = NULL;
  specrnn_status status = srn_setup_of(&setup, config, log);
  if (status) {
    return status;
  }
  if (setup.config.kind == SPECRNN_KIND_WAVE) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "kind wave has no spectrum to invert");
  }
  srn_fpu_mode mode = srn_fpu_enter();
  status = srn_inverse_create(&inverse, &setup, n_samples, log);
  if (!status) {
    srn_inverse_run(inverse, spectrum, n_frames, samples);
  }
  srn_fpu_leave(mode);
  srn_inverse_destroy(&inverse);
  return status;
}
