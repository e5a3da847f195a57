/* What is to be told of a block of decoded samples: clipping, what is above full scale, what is no sound. */
#ifndef SPECRNN_SRC_AUDIO_INSPECT_H
#define SPECRNN_SRC_AUDIO_INSPECT_H

#include "specrnn/audio.h"

typedef struct srn_inspector {
  int channels;
  float full_scale; /* the outermost magnitude of the encoding: from it to 1 a run is clipped */
  uint64_t n_clipped;
  uint64_t n_above;  /* beyond 1, which only float and lossy encodings hold */
  float peak;        /* of these */
  uint64_t n_beyond; /* finite, and beyond SPECRNN_AUDIO_MAX_MAGNITUDE: bad samples that are neither NaN nor infinite */
  /* Per channel: 0 inside, +-1 at full scale once, +-2 at full scale in a run that is being counted. */
  signed char runs[SPECRNN_AUDIO_MAX_CHANNELS];
} srn_inspector;

/* Looks at (n_frames, channels) samples that follow those of the call before. Bad samples count as 0.
 * Returns whether any is as loud as full scale: where none is, none is bad either. */
bool srn_inspect(srn_inspector *inspector, const float *samples, size_t n_frames);

#endif
