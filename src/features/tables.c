/* Window, filter bank and cosine matrix of a configuration, in double; and the level's own arithmetic. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/fpu.h"
#include "core/log.h"
#include "features/analysis.h"

static const double PI = 3.14159265358979323846;

specrnn_status specrnn_dct_matrix(double *matrix, int n_mfcc, int n_mels)
{
  if (n_mfcc < 1 || n_mels < 1) {
    return SPECRNN_ERROR_ARGUMENT;
  }
  srn_fpu_mode mode = srn_fpu_enter();
  double scale = sqrt(2.0 / n_mels);
  for (int k = 0; k < n_mfcc; k++) {
    for (int m = 0; m < n_mels; m++) {
      double *element = &matrix[(size_t)k * (size_t)n_mels + (size_t)m];
      *element = scale * cos(PI / n_mels * (m + 0.5) * k) * (k == 0 ? sqrt(0.5) : 1.0);
    }
  }
  srn_fpu_leave(mode);
  return SPECRNN_OK;
}

specrnn_status specrnn_mel_filters(const specrnn_features_config *config, float *filters, const specrnn_log *log)
{
  specrnn_features_config mel = *config;
  srn_mel_bank *bank = NULL;
  srn_setup setup;
  mel.kind = SPECRNN_KIND_MEL;
  specrnn_status status = srn_setup_of(&setup, &mel, log);
  srn_fpu_mode mode = srn_fpu_enter();
  status = status ? status : srn_mel_bank_create(&bank, &setup.config, log);
  srn_fpu_leave(mode);
  if (status) {
    return status;
  }
  size_t n_bins = (size_t)bank->n_bins;
  for (int m = 0; m < bank->n_mels; m++) {
    float *row = filters + (size_t)m * n_bins;
    memset(row, 0, n_bins * sizeof *row);
    for (int i = 0; i < bank->count[m]; i++) {
      row[bank->first[m] + i] = (float)bank->weights[bank->offset[m] + (size_t)i];
    }
  }
  srn_mel_bank_destroy(&bank);
  return SPECRNN_OK;
}

static double lifter(const specrnn_features_config *config, int k)
{
  if (config->lifter == 0.0) {
    return 1.0;
  }
  int number = config->lifter_kind == SPECRNN_LIFTER_LIBROSA ? k + 1 : k;
  return 1.0 + 0.5 * config->lifter * sin(PI * number / config->lifter);
}

static bool fill_dct(srn_tables *tables, const specrnn_features_config *config)
{
  size_t n_mels = (size_t)config->n_mels;
  tables->dct = malloc((size_t)config->n_mfcc * n_mels * sizeof *tables->dct);
  if (!tables->dct || specrnn_dct_matrix(tables->dct, config->n_mfcc, config->n_mels)) {
    return false;
  }
  for (int k = 0; k < config->n_mfcc; k++) {
    double factor = lifter(config, k);
    for (size_t m = 0; m < n_mels; m++) {
      tables->dct[(size_t)k * n_mels + m] *= factor;
    }
  }
  return true;
}

specrnn_status srn_tables_create(srn_tables *out, const srn_setup *setup, const specrnn_log *log)
{
  const specrnn_features_config *config = &setup->config;
  srn_tables tables = {NULL, NULL, NULL};
  specrnn_status status = SPECRNN_OK;
  size_t window_bytes = (size_t)config->win_length * sizeof *tables.window;
  tables.window = malloc(window_bytes);
  if (!tables.window) {
    return srn_fail_memory(log, window_bytes);
  }
  status = specrnn_window_fill(tables.window, config->win_length, config->window, config->kaiser_beta,
                               config->window_periodic);
  if (!status && setup->has_mel) {
    status = srn_mel_bank_create(&tables.mel, config, log);
  }
  if (!status && config->kind == SPECRNN_KIND_MFCC && !fill_dct(&tables, config)) {
    status = srn_fail_memory(log, (size_t)config->n_mfcc * (size_t)config->n_mels * sizeof *tables.dct);
  }
  if (status) {
    srn_tables_destroy(&tables);
    return status;
  }
  *out = tables;
  return SPECRNN_OK;
}

void srn_tables_destroy(srn_tables *tables)
{
  free(tables->window);
  free(tables->dct);
  srn_mel_bank_destroy(&tables->mel);
  *tables = (srn_tables){NULL, NULL, NULL};
}

double srn_level_of(const specrnn_features_config *config, double value)
{
  double v = value < config->amin ? config->amin : value;
  switch (config->scale) {
  case SPECRNN_SCALE_DB: return 20.0 / config->power * log10(v);
  case SPECRNN_SCALE_LN: return log(v);
  case SPECRNN_SCALE_LOG10:
  case SPECRNN_SCALE_WHISPER: return log10(v);
  case SPECRNN_SCALE_LINEAR:
  case SPECRNN_SCALE_PCEN: break;
  }
  return value;
}

double srn_value_of(const specrnn_features_config *config, double level)
{
  double full = isinf(config->ref) ? level : level + srn_level_of(config, config->ref);
  switch (config->scale) {
  case SPECRNN_SCALE_DB: return pow(10.0, full * config->power / 20.0);
  case SPECRNN_SCALE_LN: return exp(full);
  case SPECRNN_SCALE_LOG10:
  case SPECRNN_SCALE_WHISPER: return pow(10.0, full);
  case SPECRNN_SCALE_LINEAR:
  case SPECRNN_SCALE_PCEN: break;
  }
  return level;
}

double srn_level_per_db(const specrnn_features_config *config)
{
  switch (config->scale) {
  case SPECRNN_SCALE_LN: return config->power / 20.0 * log(10.0);
  case SPECRNN_SCALE_LOG10:
  case SPECRNN_SCALE_WHISPER: return config->power / 20.0;
  case SPECRNN_SCALE_DB:
  case SPECRNN_SCALE_LINEAR:
  case SPECRNN_SCALE_PCEN: break;
  }
  return 1.0;
}
