/* What follows from a resolved configuration: sizes, needs, look-ahead. */
#ifndef SPECRNN_SRC_FEATURES_SETUP_H
#define SPECRNN_SRC_FEATURES_SETUP_H

#include "features/framing.h"

typedef struct srn_setup {
  specrnn_features_config config; /* resolved */
  srn_framing framing;
  size_t n_spectrum; /* n_fft / 2 + 1 */
  size_t n_values;   /* bins or bands per frame before the cepstrum and the energy */
  size_t n_level;    /* floats of a level row: the values, then the energy if there is one */
  size_t n_base;     /* of a row before deltas, CMVN and splicing */
  size_t n_delta;    /* after deltas: what CMVN sees */
  size_t n_bins;     /* of a row as it comes out */
  bool has_mel;
  bool is_complex;
  bool needs_maximum; /* top_db or ref = max on a logarithmic scale */
} srn_setup;

/* Resolves a copy of the configuration, then derives the rest. */
SPECRNN_MUST_CHECK specrnn_status srn_setup_of(srn_setup *out, const specrnn_features_config *config,
                                               const specrnn_log *log);

/* Time of the middle of a frame, in seconds from the first sample. */
double srn_setup_time_s(const srn_setup *setup, uint64_t frame);

/* The option that makes the whole input necessary, in words; NULL where none does. */
const char *srn_setup_whole_input(const srn_setup *setup);

#endif
