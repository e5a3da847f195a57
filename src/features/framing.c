/* Positions and counts of frames, as spec'd by librosa (centred), and by Kaldi (snip_edges and mirrored). */
#include "features/framing.h"

#include <math.h>

#include "core/checked.h"
#include "core/fpu.h"

srn_framing srn_framing_of(const specrnn_features_config *config)
{
  static const srn_edge EDGES[] = {SRN_EDGE_CONSTANT, SRN_EDGE_REFLECT, SRN_EDGE_HOLD};
  bool left = config->window_position == SPECRNN_WINDOW_LEFT;
  srn_framing framing = {
      .n_fft = config->n_fft,
      .win_length = config->win_length,
      .win_offset = left ? 0 : (config->n_fft - config->win_length) / 2,
      .frame_length = left ? config->win_length : config->n_fft,
      .hop = config->hop_length,
      .minimum = 1,
      .edge = SRN_EDGE_NONE,
      .drop_last = config->drop_last_frame,
  };
  framing.start = framing.win_offset;
  if (config->center) {
    framing.pad = config->n_fft / 2;
    framing.reach = framing.pad;
    framing.start -= framing.pad;
    framing.edge = EDGES[config->pad_mode];
    if (framing.edge == SRN_EDGE_REFLECT) {
      framing.minimum = (uint64_t)framing.pad + 1;
    }
  } else if (!config->snip_edges) {
    framing.mirrored = true;
    framing.edge = SRN_EDGE_MIRROR;
    framing.reach = framing.win_length;
    framing.start = framing.hop / 2 - framing.win_length / 2;
  }
  if (isfinite(config->fit_duration_s)) {
    srn_fpu_mode mode = srn_fpu_enter();
    double fit = round(config->fit_duration_s * config->sample_rate_hz);
    int64_t n_samples;
    framing.fit = srn_int64_of(fit, &n_samples) ? (uint64_t)n_samples : 0;
    srn_fpu_leave(mode);
  }
  return framing;
}

static uint64_t count_all(const srn_framing *framing, uint64_t n_samples)
{
  uint64_t hop = (uint64_t)framing->hop;
  if (n_samples < framing->minimum) {
    return 0;
  }
  if (framing->mirrored) {
    return (n_samples + hop / 2) / hop;
  }
  uint64_t padded = n_samples + 2 * (uint64_t)framing->pad;
  uint64_t length = (uint64_t)framing->frame_length;
  return padded < length ? 0 : 1 + (padded - length) / hop;
}

uint64_t srn_framing_count(const srn_framing *framing, uint64_t n_samples)
{
  if (framing->fit && n_samples) {
    n_samples = framing->fit;
  }
  uint64_t count = count_all(framing, n_samples);
  return framing->drop_last && count ? count - 1 : count;
}

int64_t srn_framing_position(const srn_framing *framing, uint64_t frame)
{
  return (int64_t)(frame * (uint64_t)framing->hop) + framing->start;
}

uint64_t srn_framing_ready(const srn_framing *framing, uint64_t n_samples)
{
  if (!n_samples) {
    return 0;
  }
  /* With a fixed duration the count is known from the first sample on. */
  uint64_t counted;
  if (framing->fit) {
    counted = srn_framing_count(framing, n_samples);
  } else {
    counted = count_all(framing, n_samples);
    counted -= framing->drop_last && counted ? 1 : 0;
  }
  int64_t first_end = framing->start + framing->win_length; /* where the window of frame 0 ends */
  int64_t beyond = (int64_t)n_samples - first_end;
  uint64_t covered = beyond < 0 ? 0 : (uint64_t)beyond / (uint64_t)framing->hop + 1;
  /* The mirrored start of a frame may need more samples than its window holds. */
  if (n_samples < framing->minimum) {
    covered = 0;
  }
  return covered < counted ? covered : counted;
}

uint64_t srn_framing_least(const srn_framing *framing)
{
  uint64_t none = 0; /* gives no frame; `enough` does */
  uint64_t enough = 1;
  while (srn_framing_count(framing, enough) == 0) {
    none = enough;
    enough *= 2;
  }
  while (enough - none > 1) {
    uint64_t middle = none + (enough - none) / 2;
    if (srn_framing_count(framing, middle) == 0) {
      none = middle;
    } else {
      enough = middle;
    }
  }
  return enough;
}

/* Kaldi's way, which goes back and forth where the input is shorter than what is to be filled. */
static int64_t mirror(int64_t position, int64_t n)
{
  int64_t within = position % (2 * n);
  within += within < 0 ? 2 * n : 0;
  return within < n ? within : 2 * n - 1 - within;
}

int64_t srn_framing_source(const srn_framing *framing, int64_t position, uint64_t n_samples)
{
  int64_t n = (int64_t)n_samples;
  switch (framing->edge) {
  case SRN_EDGE_REFLECT: return position < 0 ? -position : 2 * (n - 1) - position;
  case SRN_EDGE_HOLD: return position < 0 ? 0 : n - 1;
  case SRN_EDGE_MIRROR: return mirror(position, n);
  case SRN_EDGE_CONSTANT:
  case SRN_EDGE_NONE: break;
  }
  return -1;
}
