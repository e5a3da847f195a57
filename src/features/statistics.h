/* The divisor of variance normalisation. */
#ifndef SPECRNN_SRC_FEATURES_STATISTICS_H
#define SPECRNN_SRC_FEATURES_STATISTICS_H

#include "specrnn/features.h"

/* 1 / deviation, of which at least 1e-5 is taken: the root of Kaldi's least variance. */
double srn_cmvn_factor(double deviation);

#endif
