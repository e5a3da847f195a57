/* What is done to samples before they are resampled, in a stream and in a file: bad ones are found or replaced, and
 * channels become one. */
#ifndef SPECRNN_SRC_SIGNAL_MIX_H
#define SPECRNN_SRC_SIGNAL_MIX_H

#include <math.h>

#include "specrnn/core.h"

/* A sample beyond it is treated as NaN and infinity are (audio.h, SPECRNN_AUDIO_MAX_MAGNITUDE). */
#define SRN_SAMPLE_LIMIT 1e12

static inline bool srn_sample_is_bad(float x)
{
  return !(fabsf(x) <= (float)SRN_SAMPLE_LIMIT);
}

typedef struct srn_mixer {
  size_t channels;  /* interleaved in what comes; their mean goes on */
  bool replace_bad; /* by 0; else the first bad sample ends the work */
  bool all_good;    /* somebody has looked at the next block: no sample is bad */
  uint64_t n_bad;   /* replaced so far */
} srn_mixer;

/* Mixes n_frames instants of `in` into as many samples of `out`, which may be the same memory: the mean, added up in
 * double in the order of the channels, rounded once. The caller's floating-point mode does not matter; denormals count
 * as 0 where there is something to add.
 * Returns the index in `in` of the first bad sample that was not to be replaced, and has then done nothing; else
 * n_frames * channels. */
size_t srn_mix(srn_mixer *mixer, float *out, const float *in, size_t n_frames);

/* In place: (n_frames, channels) becomes the (n_frames) of one channel. */
void srn_pick_channel(float *samples, size_t n_frames, size_t channels, size_t channel);

/* Whether some |x| is `limit` or more, or no number. */
bool srn_samples_reach(const float *samples, size_t n, float limit);

#endif
