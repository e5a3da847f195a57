/* Clipping of a block, and what is louder than full scale. */
#include "audio/inspect.h"

#include <math.h>
#include <string.h>

#include "signal/mix.h"

/* What is above full scale was not clipped there. */
static int side_of(const srn_inspector *inspector, float x)
{
  float magnitude = fabsf(x);
  return magnitude >= inspector->full_scale && magnitude <= 1.0F ? (x > 0.0F ? 1 : -1) : 0;
}

static void count_clipping(srn_inspector *inspector, signed char *run, float x)
{
  int side = side_of(inspector, x);
  if (!side || side * *run <= 0) {
    *run = (signed char)side;
    return;
  }
  inspector->n_clipped += side == *run ? 2 : 1; /* the second of a run brings the first with it */
  *run = (signed char)(2 * side);
}

static void count_above(srn_inspector *inspector, float x)
{
  if (fabsf(x) > 1.0F) {
    inspector->n_above++;
    inspector->peak = fmaxf(inspector->peak, fabsf(x));
  }
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
      bool is_bad = srn_sample_is_bad(x);
      inspector->n_beyond += is_bad && isfinite(x);
      count_clipping(inspector, &inspector->runs[channel], is_bad ? 0.0F : x);
      count_above(inspector, is_bad ? 0.0F : x);
    }
  }
  return true;
}
