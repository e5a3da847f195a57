/* Mel scales and triangular filters. */
#ifndef SPECRNN_SRC_FEATURES_MEL_H
#define SPECRNN_SRC_FEATURES_MEL_H

#include "core/arena.h"
#include "specrnn/features.h"

double srn_hz_to_mel(specrnn_mel_scale scale, double hz);
double srn_mel_to_hz(specrnn_mel_scale scale, double mel);

/* Corner i of 0 ... n_mels + 1 of a resolved configuration, in Hz: filter m rises from m, peaks at m + 1, ends at m
 * + 2. */
double srn_mel_point_hz(const specrnn_features_config *config, int i);

/* The rows of a filter bank without their zeros. */
typedef struct srn_mel_bank {
  int n_mels;
  int n_bins;
  int n_empty;     /* filters without any weight */
  int *first;      /* (n_mels) first bin of the row */
  int *count;      /* (n_mels) */
  size_t *offset;  /* (n_mels) of the row in weights */
  double *weights; /* all rows, one after the other */
} srn_mel_bank;

/* From a resolved configuration. */
SPECRNN_MUST_CHECK specrnn_status srn_mel_bank_create(srn_mel_bank **out, const specrnn_features_config *config,
                                                      const specrnn_log *log);
void srn_mel_bank_destroy(srn_mel_bank **bank);

#endif
