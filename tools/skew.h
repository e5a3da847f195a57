/* The comparison of a front end with a reference, and the search for the option that explains a difference. */
#ifndef SPECRNN_TOOLS_SKEW_H
#define SPECRNN_TOOLS_SKEW_H

#include "specrnn/features.h"
#include "specrnn/io.h"

enum { SKEW_MAX_EXPLANATIONS = 8 };

typedef struct skew_input {
  const float *samples;
  size_t n_samples;
  const specrnn_features_config *front_end; /* resolved */
  double tolerance;                         /* below 0: the gate of the preset */
  const char *subject;                      /* of messages */
} skew_input;

typedef enum skew_kind {
  SKEW_NONE,
  SKEW_FRAMES, /* another number of frames */
  SKEW_BINS,   /* another number of values per frame */
  SKEW_VALUES,
} skew_kind;

typedef struct skew_departure {
  skew_kind kind;
  specrnn_stage stage;
  size_t ours_count, ref_count; /* for FRAMES and BINS */
  size_t frame, bin;            /* the first departing value */
  double ours, reference;
  double tolerance;
  size_t n_values, n_departing;
  double worst; /* largest difference among those that the tolerance judges */
  size_t worst_frame, worst_bin;
} skew_departure;

typedef struct skew_explanation {
  char option[64]; /* "--mel-scale htk" */
  specrnn_stage stage;
} skew_explanation;

/* Compares one stage with a reference (frames, values), F64. */
SPECRNN_MUST_CHECK specrnn_status skew_compare(const skew_input *input, specrnn_stage stage,
                                               const specrnn_array *reference, skew_departure *departure);

/* Changes one option at a time; returns how many of them reproduce the reference. */
size_t skew_explain(const skew_input *input, specrnn_stage stage, const specrnn_array *reference,
                    skew_explanation found[SKEW_MAX_EXPLANATIONS]);

#endif
