/* Which samples a frame is made of: positions, counts, what stands beyond the ends. Arithmetic only. */
#ifndef SPECRNN_SRC_FEATURES_FRAMING_H
#define SPECRNN_SRC_FEATURES_FRAMING_H

#include "specrnn/features.h"

typedef enum srn_edge {
  SRN_EDGE_NONE,     /* frames never leave the input */
  SRN_EDGE_CONSTANT, /* zeros */
  SRN_EDGE_REFLECT,  /* 2 1 | 0 1 2 */
  SRN_EDGE_HOLD,     /* 0 0 | 0 1 2 */
  SRN_EDGE_MIRROR,   /* 1 0 | 0 1 2 | 2 1, Kaldi; back and forth where the input is shorter than that */
} srn_edge;

typedef struct srn_framing {
  int n_fft;
  int win_length;
  int win_offset;   /* of the window in the transform's buffer */
  int frame_length; /* samples that must exist for a frame to be counted */
  int hop;
  int64_t start;    /* of the window of frame 0, relative to sample 0 */
  int pad;          /* samples added at each end, for the count */
  int reach;        /* samples beyond the end that a frame may touch */
  uint64_t minimum; /* samples below which there is no frame */
  uint64_t fit;     /* the input is padded or trimmed to this length; 0: taken as it is */
  srn_edge edge;
  bool mirrored; /* Kaldi's count without snip_edges */
  bool drop_last;
} srn_framing;

/* From a resolved configuration. */
srn_framing srn_framing_of(const specrnn_features_config *config);

/* Frames of an input of exactly n_samples. */
uint64_t srn_framing_count(const srn_framing *framing, uint64_t n_samples);

/* The shortest input that gives a frame. Not for a fixed duration, where every input gives as many. */
uint64_t srn_framing_least(const srn_framing *framing);

/* Frames that are complete when n_samples have come and more may follow. Never more than of any longer input. */
uint64_t srn_framing_ready(const srn_framing *framing, uint64_t n_samples);

/* Position of the window of a frame, relative to sample 0. */
int64_t srn_framing_position(const srn_framing *framing, uint64_t frame);

/* The sample that stands at a position outside [0, n_samples), or -1 for zero. */
int64_t srn_framing_source(const srn_framing *framing, int64_t position, uint64_t n_samples);

#endif
