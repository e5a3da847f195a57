/* The samples that frames still need, and the frames cut from them. */
#ifndef SPECRNN_SRC_FEATURES_SAMPLES_H
#define SPECRNN_SRC_FEATURES_SAMPLES_H

#include "core/arena.h"
#include "features/setup.h"

typedef struct srn_samples {
  srn_framing framing;
  double scale;
  double dither;
  uint64_t seed;
  size_t capacity;   /* of data */
  size_t limit;      /* samples that may wait */
  float *data;       /* scaled and dithered */
  float *scratch;    /* (SRN_LANES, win_length) frames that reach beyond the ends */
  size_t used;       /* of data */
  uint64_t base;     /* index of data[0] in the input */
  uint64_t n_pushed; /* of the input, those beyond a fixed duration included */
  uint64_t next;     /* frame to be cut next */
  bool ended;
} srn_samples;

/* SPECRNN_ERROR_MEMORY is said by the arena. max_push samples always fit when no frame is waiting. */
void srn_samples_build(srn_samples *samples, srn_arena *arena, const srn_setup *setup, size_t max_push);
void srn_samples_reset(srn_samples *samples);

/* False, taking nothing, where they do not fit. */
bool srn_samples_push(srn_samples *samples, const float *values, size_t count);

/* Frames that can be cut now. */
uint64_t srn_samples_ready(const srn_samples *samples);

/* Points frames[0 ... n-1] at the next n ready frames, n <= SRN_LANES; valid until the next push. */
void srn_samples_cut(srn_samples *samples, const float **frames, int n);

#endif
