/* The inverse STFT, made once and run often. */
#ifndef SPECRNN_SRC_FEATURES_INVERSE_H
#define SPECRNN_SRC_FEATURES_INVERSE_H

#include "features/setup.h"

typedef struct srn_inverse srn_inverse;

SPECRNN_MUST_CHECK specrnn_status srn_inverse_create(srn_inverse **out, const srn_setup *setup, size_t n_samples,
                                                     const specrnn_log *log);
void srn_inverse_destroy(srn_inverse **inverse);

/* spectrum (n_frames, 2 n_spectrum) to the n_samples samples given to create. */
void srn_inverse_run(srn_inverse *inverse, const float *spectrum, size_t n_frames, float *samples);

#endif
