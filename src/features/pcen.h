/* One step of per-channel energy normalisation (Wang et al. 2017, as librosa.pcen). */
#ifndef SPECRNN_SRC_FEATURES_PCEN_H
#define SPECRNN_SRC_FEATURES_PCEN_H

#include "specrnn/features.h"

typedef struct srn_pcen {
  double smoothing; /* b of M[t] = (1 - b) M[t-1] + b S[t] */
  double gain;
  double bias;
  double power;
  double eps;
  double log_eps;
  double scale; /* bias ^ power */
} srn_pcen;

/* M before the first frame: the filter starts in its state for a steady input of 1. */
#define SRN_PCEN_START 1.0

/* From a resolved configuration. */
srn_pcen srn_pcen_of(const specrnn_features_config *config);

/* Moves the smoother and returns the normalised value. */
double srn_pcen_step(const srn_pcen *pcen, double *smooth, double value);

#endif
