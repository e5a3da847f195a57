/* From a configuration with "auto" in it to a complete one, and the rules between its fields. */
#include <limits.h>
#include <math.h>

#include "core/checked.h"
#include "core/fpu.h"
#include "core/log.h"
#include "features/setup.h"

static const double KALDI_WINDOW_MS = 25.0;
static const double KALDI_HOP_MS = 10.0;
static const double MS_TO_S = 0.001;
enum { LIBROSA_N_FFT = 2048, TORCH_N_FFT = 400, WHISPER_HOP = 160, MAX_N_FFT = 1048576 };

static int at_least_one(double value)
{
  return srn_whole_int(value, 1, INT_MAX);
}

static int next_power_of_two(int n)
{
  int power = 1;
  while (power < n && power < MAX_N_FFT) {
    power *= 2;
  }
  return power;
}

static void resolve_kaldi_lengths(specrnn_features_config *config)
{
  /* The order of the products is Kaldi's: it decides what the truncation gives. */
  if (config->win_length == SPECRNN_AUTO) {
    config->win_length = at_least_one(config->sample_rate_hz * KALDI_WINDOW_MS * MS_TO_S);
  }
  if (config->hop_length == SPECRNN_AUTO) {
    config->hop_length = at_least_one(config->sample_rate_hz * KALDI_HOP_MS * MS_TO_S);
  }
  if (config->n_fft == SPECRNN_AUTO) {
    config->n_fft = config->round_to_power_of_two ? next_power_of_two(config->win_length) : config->win_length;
  }
}

static void resolve_lengths(specrnn_features_config *config)
{
  if (config->kind == SPECRNN_KIND_WAVE) {
    config->n_fft = config->win_length = config->hop_length = 1;
    config->center = false;
    config->snip_edges = true;
    return;
  }
  if (config->preset == SPECRNN_PRESET_KALDI) {
    resolve_kaldi_lengths(config);
    return;
  }
  if (config->n_fft == SPECRNN_AUTO) {
    config->n_fft = config->preset == SPECRNN_PRESET_LIBROSA ? LIBROSA_N_FFT : TORCH_N_FFT;
  }
  if (config->win_length == SPECRNN_AUTO) {
    config->win_length = config->n_fft;
  }
  if (config->hop_length == SPECRNN_AUTO) {
    switch (config->preset) {
    case SPECRNN_PRESET_TORCHAUDIO: config->hop_length = at_least_one(config->win_length / 2); break;
    case SPECRNN_PRESET_WHISPER: config->hop_length = WHISPER_HOP; break;
    case SPECRNN_PRESET_LIBROSA:
    case SPECRNN_PRESET_KALDI: config->hop_length = at_least_one(config->win_length / 4); break;
    }
  }
}

static void resolve_levels(specrnn_features_config *config)
{
  if (config->amin == SPECRNN_AUTO) {
    config->amin = pow(10.0, -5.0 * (config->power == SPECRNN_POWER_COMPLEX ? 1.0 : config->power));
  }
  if (config->fmax == SPECRNN_FMAX_NYQUIST && config->mel_bank == SPECRNN_MEL_BANK_TORCHAUDIO) {
    config->fmax = config->sample_rate_hz / 2 > 0 ? config->sample_rate_hz / 2 : 0.5;
  } else if (config->fmax <= 0.0) {
    config->fmax += config->sample_rate_hz / 2.0;
  }
}

static specrnn_status check_mel(const specrnn_features_config *config, const specrnn_log *log)
{
  double nyquist = config->sample_rate_hz / 2.0;
  if (config->kind != SPECRNN_KIND_MEL && config->kind != SPECRNN_KIND_MFCC) {
    return SPECRNN_OK;
  }
  if (config->fmax > nyquist) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "fmax is %g Hz, above the Nyquist frequency of %g Hz", config->fmax,
                    nyquist);
  }
  if (config->fmin >= config->fmax) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "fmin is %g Hz; it must be below fmax, %g Hz", config->fmin,
                    config->fmax);
  }
  if (config->kind == SPECRNN_KIND_MFCC && config->n_mfcc > config->n_mels) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "n_mfcc is %d; there are only %d mel bands", config->n_mfcc,
                    config->n_mels);
  }
  return SPECRNN_OK;
}

static specrnn_status check_complex(const specrnn_features_config *config, const specrnn_log *log)
{
  if (config->power != SPECRNN_POWER_COMPLEX || config->kind == SPECRNN_KIND_WAVE) {
    return SPECRNN_OK;
  }
  if (config->kind != SPECRNN_KIND_STFT || config->scale != SPECRNN_SCALE_LINEAR || config->use_energy) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "power complex needs kind stft, scale linear and no use_energy");
  }
  return SPECRNN_OK;
}

static specrnn_status check_frames(const specrnn_features_config *config, const specrnn_log *log)
{
  if (config->win_length > config->n_fft) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "win_length is %d; it must be at most n_fft, %d", config->win_length,
                    config->n_fft);
  }
  if (config->center && !config->snip_edges) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT,
                    "snip_edges false needs center false: both say how the ends are padded");
  }
  if (config->delta_width % 2 == 0) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "delta_width is %d; it must be odd", config->delta_width);
  }
  if (isfinite(config->fit_duration_s) && config->fit_duration_s * config->sample_rate_hz < 1.0) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "fit_duration_s is %g s: less than one sample at %d Hz",
                    config->fit_duration_s, config->sample_rate_hz);
  }
  return SPECRNN_OK;
}

specrnn_status specrnn_features_resolve(specrnn_features_config *config, const specrnn_log *log)
{
  specrnn_status status = specrnn_option_validate(specrnn_features_options(), config, log);
  if (status) {
    return status;
  }
  specrnn_features_config complete = *config;
  srn_fpu_mode mode = srn_fpu_enter(); /* a length rounded up would be another one */
  resolve_lengths(&complete);
  resolve_levels(&complete);
  srn_fpu_leave(mode);
  if ((status = check_frames(&complete, log)) || (status = check_mel(&complete, log)) ||
      (status = check_complex(&complete, log))) {
    return status;
  }
  *config = complete;
  return SPECRNN_OK;
}
