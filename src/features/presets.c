/* The four front ends as configurations. */
#include "specrnn/features.h"

enum { KALDI_MEL_BANDS = 23, WHISPER_MEL_BANDS = 80 };

static const double FLOAT_EPSILON = 1.1920928955078125e-07; /* Kaldi's floor of energies */

static const specrnn_features_config LIBROSA = SPECRNN_FEATURES_CONFIG_INIT;

static void librosa(specrnn_features_config *config)
{
  if (config->kind == SPECRNN_KIND_STFT) {
    config->power = 1.0;
  }
}

static void torchaudio(specrnn_features_config *config)
{
  config->sample_rate_hz = 16000;
  config->pad_mode = SPECRNN_PAD_REFLECT;
  config->mel_scale = SPECRNN_MEL_HTK;
  config->mel_norm = SPECRNN_MEL_NORM_NONE;
  config->mel_bank = SPECRNN_MEL_BANK_TORCHAUDIO;
  config->amin = 1e-10;
  config->top_db = config->kind == SPECRNN_KIND_MFCC ? 80.0 : SPECRNN_NONE;
  config->n_mfcc = 40;
  config->delta_kind = SPECRNN_DELTA_REGRESSION;
  config->delta_width = 5;
  if (config->kind == SPECRNN_KIND_STFT) {
    config->power = 1.0;
  }
}

static void kaldi(specrnn_features_config *config)
{
  config->sample_rate_hz = 16000;
  config->input_scale = 32768.0;
  config->window = SPECRNN_WINDOW_POVEY;
  config->window_periodic = false;
  config->window_position = SPECRNN_WINDOW_LEFT;
  config->center = false;
  config->remove_dc_offset = true;
  config->preemphasis = 0.97;
  config->n_mels = KALDI_MEL_BANDS;
  config->fmin = 20.0;
  config->mel_scale = SPECRNN_MEL_KALDI;
  config->mel_norm = SPECRNN_MEL_NORM_NONE;
  config->mel_bank = SPECRNN_MEL_BANK_KALDI;
  config->scale = SPECRNN_SCALE_LN;
  config->amin = FLOAT_EPSILON;
  config->top_db = SPECRNN_NONE;
  config->use_energy = config->kind == SPECRNN_KIND_STFT;
  config->n_mfcc = 13;
  config->lifter = 22.0;
  config->lifter_kind = SPECRNN_LIFTER_KALDI;
  config->delta_kind = SPECRNN_DELTA_REGRESSION;
  config->delta_width = 5;
}

static void whisper(specrnn_features_config *config)
{
  config->sample_rate_hz = 16000;
  config->pad_mode = SPECRNN_PAD_REFLECT;
  config->drop_last_frame = true;
  config->n_mels = WHISPER_MEL_BANDS;
  config->scale = SPECRNN_SCALE_WHISPER;
  config->amin = 1e-10;
}

specrnn_status specrnn_features_preset(specrnn_features_config *out, specrnn_preset preset, specrnn_features_kind kind)
{
  static void (*const FILL[])(specrnn_features_config *) = {librosa, torchaudio, kaldi, whisper};
  if ((unsigned)preset >= sizeof FILL / sizeof *FILL || (unsigned)kind > SPECRNN_KIND_WAVE) {
    return SPECRNN_ERROR_ARGUMENT;
  }
  specrnn_features_config config = LIBROSA;
  config.preset = preset;
  config.kind = kind;
  FILL[preset](&config);
  if (kind == SPECRNN_KIND_WAVE) {
    config.scale = SPECRNN_SCALE_LINEAR;
    config.input_scale = 1.0;
    config.drop_last_frame = false;
    config.use_energy = false;
    config.remove_dc_offset = false;
    config.preemphasis = 0.0;
  }
  *out = config;
  return SPECRNN_OK;
}
