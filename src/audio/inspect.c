/* Clipping of a block. */
#include "audio/inspect.h"

#include <string.h>

#include "signal/mix.h"

static void count_clipping(srn_inspector *inspector, signed char *run, float x)
{
  int side = x >= inspector->full_scale ? 1 : x <= -inspector->full_scale ? -1 : 0;
  if (!side || side * *run <= 0) {
    *run = (signed char)side;
    return;
  }
  inspector->n_clipped += side == *run ? 2 : 1; /* the second of a run brings the first with it */
  *run = (signed char)(2 * side);
}

bool srn_inspect(srn_inspector *inspector, const float *samples, size_t n_frames)
{
  size_t channels = (size_t)inspector->channels;
  float least = fminf(inspector->full_scale, (float)SRN_SAMPLE_LIMIT);
  if (!srn_samples_reach(samples, n_frames * channels, least)) {
    memset(inspector->runs, 0, channels);
    return false;
  }
  for (size_t frame = 0; frame < n_frames; frame++) {
    for (size_t channel = 0; channel < channels; channel++) {
      float x = samples[frame * channels + channel];
      count_clipping(inspector, &inspector->runs[channel], srn_sample_is_bad(x) ? 0.0F : x);
    }
  }
  return true;
}
