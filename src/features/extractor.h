/* The stream with what only the offline driver uses: stopping before the maximum, and going on from stored levels. */
#ifndef SPECRNN_SRC_FEATURES_EXTRACTOR_H
#define SPECRNN_SRC_FEATURES_EXTRACTOR_H

#include "features/post.h"
#include "features/setup.h"

typedef struct srn_extractor_spec {
  srn_post_part part;
  bool offline; /* any n_fft */
  size_t max_push;
  const specrnn_statistics *statistics; /* of n_delta bins, or NULL */
} srn_extractor_spec;

/* From a setup, without the checks that a stream needs. */
SPECRNN_MUST_CHECK specrnn_status srn_extractor_make(specrnn_extractor **out, const srn_setup *setup,
                                                     const srn_extractor_spec *spec, const specrnn_log *log);

/* SPECRNN_ERROR_ARGUMENT, SPECRNN_ERROR_EMPTY or SPECRNN_ERROR_SHAPE where CMVN from a file has no statistics, or unfit
 * ones. */
SPECRNN_MUST_CHECK specrnn_status srn_extractor_check_statistics(const srn_setup *setup,
                                                                 const specrnn_statistics *statistics,
                                                                 const specrnn_log *log);

/* Up to max_frames level rows (n_frames, n_level), in place of pull: the first pass where the maximum is not known. */
SPECRNN_MUST_CHECK specrnn_status srn_extractor_pull_levels(specrnn_extractor *extractor, float *levels,
                                                            size_t max_frames, size_t *n_frames);

/* The second pass: the maximum is known, and up to SRN_LANES level rows are given in place of samples, whenever pull
 * says SPECRNN_NEED_INPUT. */
void srn_extractor_set_maximum(specrnn_extractor *extractor, double maximum);
void srn_extractor_push_levels(specrnn_extractor *extractor, const float *levels, size_t n_frames);

/* The row of a stage of the next frame; for SPECRNN_STAGE_FINAL use pull. Same results as pull; *width is its length.
 */
SPECRNN_MUST_CHECK specrnn_status srn_extractor_tap(specrnn_extractor *extractor, specrnn_stage stage, float *row,
                                                    size_t *width);

/* Why flush failed, to the log. */
specrnn_status srn_extractor_explain(const specrnn_extractor *extractor, specrnn_status status, const specrnn_log *log);

uint64_t srn_extractor_n_samples(const specrnn_extractor *extractor);

#endif
