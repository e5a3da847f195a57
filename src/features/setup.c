/* Sizes, latency, times and frequencies that follow from a configuration. */
#include "features/setup.h"

#include <math.h>

#include "core/fpu.h"
#include "core/log.h"
#include "features/mel.h"

static size_t values_of(const srn_setup *setup)
{
  const specrnn_features_config *config = &setup->config;
  if (config->kind == SPECRNN_KIND_WAVE) {
    return 1;
  }
  if (setup->has_mel) {
    return (size_t)config->n_mels;
  }
  return setup->is_complex ? 2 * setup->n_spectrum : setup->n_spectrum;
}

static size_t base_of(const srn_setup *setup)
{
  const specrnn_features_config *config = &setup->config;
  if (config->kind == SPECRNN_KIND_MFCC) {
    return (size_t)config->n_mfcc;
  }
  return setup->n_values + (config->kind == SPECRNN_KIND_MEL && config->use_energy);
}

specrnn_status srn_setup_of(srn_setup *out, const specrnn_features_config *config, const specrnn_log *log)
{
  srn_setup setup = {.config = *config};
  specrnn_status status = specrnn_features_resolve(&setup.config, log);
  if (status) {
    return status;
  }
  config = &setup.config;
  setup.framing = srn_framing_of(config);
  setup.n_spectrum = (size_t)config->n_fft / 2 + 1;
  setup.has_mel = config->kind == SPECRNN_KIND_MEL || config->kind == SPECRNN_KIND_MFCC;
  setup.is_complex = config->kind == SPECRNN_KIND_STFT && config->power == SPECRNN_POWER_COMPLEX;
  setup.needs_maximum = config->kind != SPECRNN_KIND_WAVE && config->scale != SPECRNN_SCALE_LINEAR &&
                        config->scale != SPECRNN_SCALE_PCEN && (isfinite(config->top_db) || isinf(config->ref));
  setup.n_values = values_of(&setup);
  setup.n_level = setup.n_values + config->use_energy;
  setup.n_base = base_of(&setup);
  setup.n_delta = setup.n_base * (1 + (size_t)config->delta_order);
  setup.n_bins = setup.n_delta * (1 + (size_t)config->splice_left + (size_t)config->splice_right);
  *out = setup;
  return SPECRNN_OK;
}

const char *srn_setup_whole_input(const srn_setup *setup)
{
  const specrnn_features_config *config = &setup->config;
  if (setup->needs_maximum && config->maximum == SPECRNN_MAXIMUM_WHOLE) {
    if (config->scale == SPECRNN_SCALE_WHISPER) {
      return "scale whisper";
    }
    return isinf(config->ref) ? "ref max" : "top_db";
  }
  return config->cmvn == SPECRNN_CMVN_UTTERANCE ? "cmvn utterance" : NULL;
}

/* Frames after the present one that deltas, CMVN and splicing look at. */
static size_t frames_ahead(const specrnn_features_config *config)
{
  size_t half = (size_t)config->delta_width / 2;
  size_t ahead = (size_t)config->splice_right;
  if (config->delta_order) {
    ahead += config->delta_kind == SPECRNN_DELTA_REGRESSION ? half * (size_t)config->delta_order : half;
  }
  if (config->cmvn == SPECRNN_CMVN_SLIDING && config->cmvn_center) {
    ahead += (size_t)(config->cmvn_window - config->cmvn_window / 2 - 1);
  }
  return ahead;
}

/* Middle of frame 0, in samples. */
static int64_t middle(const srn_framing *framing)
{
  if (framing->mirrored) {
    return framing->start + framing->win_length / 2;
  }
  return framing->pad ? 0 : framing->frame_length / 2;
}

static size_t latency(const srn_setup *setup)
{
  const srn_framing *framing = &setup->framing;
  int64_t covered = framing->start + framing->win_length - middle(framing);
  int64_t counted = framing->frame_length - 2 * (int64_t)framing->pad - middle(framing);
  if (framing->mirrored) {
    counted = framing->hop - framing->hop / 2 - middle(framing);
  }
  if (framing->drop_last) {
    counted += framing->hop;
  }
  int64_t samples = covered > counted ? covered : counted;
  return (size_t)(samples < 0 ? 0 : samples) + frames_ahead(&setup->config) * (size_t)framing->hop;
}

specrnn_status specrnn_features_describe(const specrnn_features_config *config, specrnn_features_shape *out,
                                         const specrnn_log *log)
{
  srn_setup setup;
  specrnn_status status = srn_setup_of(&setup, config, log);
  if (status) {
    return status;
  }
  *out = (specrnn_features_shape){
      .n_bins = setup.n_bins,
      .n_base_bins = setup.n_base,
      .hop_length = setup.config.hop_length,
      .frame_rate_hz = (double)setup.config.sample_rate_hz / setup.config.hop_length,
      .latency_samples = latency(&setup),
      .whole_input = srn_setup_whole_input(&setup) != NULL,
  };
  return SPECRNN_OK;
}

specrnn_status specrnn_features_frame_count(const specrnn_features_config *config, uint64_t n_samples,
                                            uint64_t *n_frames, const specrnn_log *log)
{
  srn_setup setup;
  specrnn_status status = srn_setup_of(&setup, config, log);
  if (!status) {
    *n_frames = srn_framing_count(&setup.framing, n_samples);
  }
  return status;
}

double srn_setup_time_s(const srn_setup *setup, uint64_t frame)
{
  srn_fpu_mode mode = srn_fpu_enter();
  double sample = (double)frame * setup->framing.hop + (double)middle(&setup->framing);
  volatile double time_s = sample / setup->config.sample_rate_hz;
  srn_fpu_leave(mode);
  return time_s;
}

double specrnn_features_frame_time_s(const specrnn_features_config *config, uint64_t frame)
{
  srn_setup setup;
  if (srn_setup_of(&setup, config, NULL)) {
    return NAN;
  }
  return srn_setup_time_s(&setup, frame);
}

/* The columns before deltas. */
static void base_frequencies(const srn_setup *setup, double *frequencies_hz)
{
  const specrnn_features_config *config = &setup->config;
  for (size_t i = 0; i < setup->n_base; i++) {
    frequencies_hz[i] = NAN;
  }
  if (config->kind == SPECRNN_KIND_STFT) {
    for (size_t i = config->use_energy ? 1 : 0; i < setup->n_base; i++) {
      size_t bin = setup->is_complex ? i / 2 : i;
      frequencies_hz[i] = (double)bin * config->sample_rate_hz / config->n_fft;
    }
  } else if (config->kind == SPECRNN_KIND_MEL) {
    double *bands = frequencies_hz + (config->use_energy && !config->htk_compat ? 1 : 0);
    for (int i = 0; i < config->n_mels; i++) {
      bands[i] = srn_mel_point_hz(config, i + 1);
    }
  }
}

specrnn_status specrnn_features_bin_frequencies_hz(const specrnn_features_config *config, double *frequencies_hz,
                                                   const specrnn_log *log)
{
  srn_setup setup;
  specrnn_status status = srn_setup_of(&setup, config, log);
  if (status) {
    return status;
  }
  srn_fpu_mode mode = srn_fpu_enter();
  base_frequencies(&setup, frequencies_hz);
  srn_fpu_leave(mode);
  for (size_t i = setup.n_base; i < setup.n_bins; i++) {
    frequencies_hz[i] = frequencies_hz[i - setup.n_base];
  }
  return SPECRNN_OK;
}
