/* Bad samples and the mean of channels. */
#include "signal/mix.h"

#include <string.h>

#include "core/fpu.h"

/* The bits of |x|, which are ordered as the magnitudes are, NaN above all. */
static uint32_t magnitude_bits(float x)
{
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits & UINT32_C(0x7fffffff);
}

/* The sign of one difference says whether a sample is above; differences are gathered in vectors without a comparison.
 */
static bool exceeds(const float *samples, size_t n, uint32_t last_below)
{
  uint32_t signs = 0;
  for (size_t i = 0; i < n; i++) {
    signs |= last_below - magnitude_bits(samples[i]);
  }
  return signs >> 31;
}

bool srn_samples_reach(const float *samples, size_t n, float limit)
{
  return exceeds(samples, n, magnitude_bits(limit) - 1);
}

static size_t first_bad(const float *samples, size_t n)
{
  size_t i = exceeds(samples, n, magnitude_bits((float)SRN_SAMPLE_LIMIT)) ? 0 : n;
  while (i < n && !srn_sample_is_bad(samples[i])) {
    i++;
  }
  return i;
}

static void mean(float *out, const float *in, size_t n_frames, size_t channels)
{
  for (size_t frame = 0; frame < n_frames; frame++) {
    double sum = 0.0;
    for (size_t channel = 0; channel < channels; channel++) {
      sum += in[frame * channels + channel];
    }
    out[frame] = (float)(sum / (double)channels);
  }
}

static uint64_t mean_of_good(float *out, const float *in, size_t n_frames, size_t channels)
{
  uint64_t n_bad = 0;
  for (size_t frame = 0; frame < n_frames; frame++) {
    double sum = 0.0;
    for (size_t channel = 0; channel < channels; channel++) {
      float x = in[frame * channels + channel];
      bool bad = srn_sample_is_bad(x);
      n_bad += bad;
      sum += bad ? 0.0F : x;
    }
    out[frame] = (float)(sum / (double)channels);
  }
  return n_bad;
}

static uint64_t copy_good(float *out, const float *in, size_t n)
{
  uint64_t n_bad = 0;
  for (size_t i = 0; i < n; i++) {
    bool bad = srn_sample_is_bad(in[i]);
    n_bad += bad;
    out[i] = bad ? 0.0F : in[i];
  }
  return n_bad;
}

static void mix(srn_mixer *mixer, float *out, const float *in, size_t n_frames, bool all_good)
{
  size_t channels = mixer->channels;
  size_t n = n_frames * channels;
  if (!all_good) {
    mixer->n_bad += channels == 1 ? copy_good(out, in, n) : mean_of_good(out, in, n_frames, channels);
  } else if (channels > 1) {
    mean(out, in, n_frames, channels);
  } else if (out != in) {
    memcpy(out, in, n * sizeof *out);
  }
}

size_t srn_mix(srn_mixer *mixer, float *out, const float *in, size_t n_frames)
{
  size_t n = n_frames * mixer->channels;
  srn_fpu_mode mode = srn_fpu_enter(); /* a NaN that is compared could trap */
  size_t bad = mixer->all_good ? n : first_bad(in, n);
  if (bad == n || mixer->replace_bad) {
    mix(mixer, out, in, n_frames, bad == n);
    bad = n;
  }
  srn_fpu_leave(mode);
  return bad;
}

void srn_pick_channel(float *samples, size_t n_frames, size_t channels, size_t channel)
{
  for (size_t frame = 0; frame < n_frames; frame++) {
    samples[frame] = samples[frame * channels + channel];
  }
}
