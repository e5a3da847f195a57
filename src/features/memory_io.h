/* Sources and sinks over arrays. */
#ifndef SPECRNN_SRC_FEATURES_MEMORY_IO_H
#define SPECRNN_SRC_FEATURES_MEMORY_IO_H

#include "specrnn/features.h"

typedef struct srn_memory_source {
  const float *samples;
  size_t left;
} srn_memory_source;

/* Mono; `memory` must outlive the source. */
specrnn_sample_source srn_memory_source_of(srn_memory_source *memory);

/* A sink that takes everything and keeps nothing. */
specrnn_status srn_discard_rows(void *user, const float *rows, size_t n_rows, size_t n_bins);

#endif
