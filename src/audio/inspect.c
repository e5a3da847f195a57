/* Bad samples, clipping and the mix of channels of a block. */
#include "audio/inspect.h"

#include <math.h>
#include <string.h>

/* The bits of |x|, which are ordered as the magnitudes are, NaN above all. */
static uint32_t magnitude_bits(float x)
{
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits & UINT32_C(0x7fffffff);
}

/* Whether some |x| is `limit` or more, or no number: the sign of one difference says it, and differences are gathered
 * in vectors without a comparison. */
static bool reaches(const float *samples, size_t n, float limit)
{
  uint32_t last_below = magnitude_bits(limit) - 1;
  uint32_t signs = 0;
  for (size_t i = 0; i < n; i++) {
    signs |= last_below - magnitude_bits(samples[i]);
  }
  return signs >> 31;
}

static bool is_bad(float x)
{
  return !(fabsf(x) <= (float)SPECRNN_AUDIO_MAX_MAGNITUDE);
}

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

size_t srn_inspect(srn_inspector *inspector, float *samples, size_t n_frames)
{
  size_t channels = (size_t)inspector->channels;
  size_t n = n_frames * channels;
  if (!reaches(samples, n, inspector->full_scale)) {
    memset(inspector->runs, 0, channels);
    return n;
  }
  for (size_t frame = 0; frame < n_frames; frame++) {
    for (size_t channel = 0; channel < channels; channel++) {
      float *x = &samples[frame * channels + channel];
      if (is_bad(*x)) {
        if (!inspector->replace_bad) {
          return (size_t)(x - samples);
        }
        *x = 0.0F;
        inspector->n_bad++;
      }
      count_clipping(inspector, &inspector->runs[channel], *x);
    }
  }
  return n;
}

void srn_pick_channel(float *samples, size_t n_frames, size_t channels, size_t channel)
{
  for (size_t frame = 0; frame < n_frames; frame++) {
    samples[frame] = samples[frame * channels + channel];
  }
}

void srn_mean_channels(float *samples, size_t n_frames, size_t channels)
{
  for (size_t frame = 0; frame < n_frames; frame++) {
    double sum = 0.0;
    for (size_t channel = 0; channel < channels; channel++) {
      sum += samples[frame * channels + channel];
    }
    samples[frame] = (float)(sum / (double)channels);
  }
}
