/* What is done to a block of decoded samples before it is resampled: bad samples, clipping, channels. */
#ifndef SPECRNN_SRC_AUDIO_INSPECT_H
#define SPECRNN_SRC_AUDIO_INSPECT_H

#include "specrnn/audio.h"

typedef struct srn_inspector {
  int channels;
  float full_scale; /* magnitude that counts as clipped */
  bool replace_bad; /* by 0; otherwise the first one ends the inspection */
  uint64_t n_bad;
  uint64_t n_clipped;
  /* Per channel: 0 inside, +-1 at full scale once, +-2 at full scale in a run that is being counted. */
  signed char runs[SPECRNN_AUDIO_MAX_CHANNELS];
} srn_inspector;

/* Looks at (n_frames, channels) samples that follow those of the call before.
 * Returns the index of the first bad sample that was not replaced, or the number of samples. */
size_t srn_inspect(srn_inspector *inspector, float *samples, size_t n_frames);

/* In place: (n_frames, channels) becomes (n_frames) of one channel, or of their mean. */
void srn_pick_channel(float *samples, size_t n_frames, size_t channels, size_t channel);
void srn_mean_channels(float *samples, size_t n_frames, size_t channels);

#endif
