/* Which fields of a front end have an effect, beside the others. */
#include <math.h>
#include <string.h>

#include "specrnn/features.h"

typedef specrnn_features_config config;

static bool has_frames(const config *c)
{
  return c->kind != SPECRNN_KIND_WAVE;
}

static bool has_mel(const config *c)
{
  return c->kind == SPECRNN_KIND_MEL || c->kind == SPECRNN_KIND_MFCC;
}

static bool has_cepstrum(const config *c)
{
  return c->kind == SPECRNN_KIND_MFCC;
}

static bool is_logarithmic(const config *c)
{
  return has_frames(c) && c->scale != SPECRNN_SCALE_LINEAR && c->scale != SPECRNN_SCALE_PCEN;
}

static bool needs_maximum(const config *c)
{
  return is_logarithmic(c) && (c->ref == SPECRNN_REF_MAX || isfinite(c->top_db));
}

static bool has_fixed_maximum(const config *c)
{
  return needs_maximum(c) && c->maximum == SPECRNN_MAXIMUM_FIXED;
}

static bool is_kaiser(const config *c)
{
  return has_frames(c) && c->window == SPECRNN_WINDOW_KAISER;
}

static bool has_period(const config *c)
{
  return has_frames(c) && c->window != SPECRNN_WINDOW_RECTANGULAR;
}

static bool pads(const config *c)
{
  return has_frames(c) && c->center;
}

static bool does_not_center(const config *c)
{
  return has_frames(c) && !c->center;
}

static bool dithers(const config *c)
{
  return has_frames(c) && c->dither > 0.0;
}

static bool has_energy(const config *c)
{
  return has_frames(c) && c->use_energy;
}

static bool orders_energy(const config *c)
{
  return has_energy(c) || has_cepstrum(c);
}

static bool is_pcen(const config *c)
{
  return has_frames(c) && c->scale == SPECRNN_SCALE_PCEN;
}

static bool is_liftered(const config *c)
{
  return has_cepstrum(c) && c->lifter > 0.0;
}

static bool has_deltas(const config *c)
{
  return c->delta_order > 0;
}

static bool is_normalised(const config *c)
{
  return c->cmvn != SPECRNN_CMVN_NONE;
}

static bool slides(const config *c)
{
  return c->cmvn == SPECRNN_CMVN_SLIDING;
}

/* Fields that are not named always count. */
static const struct {
  const char *key;
  bool (*counts)(const config *c);
  const char *when; /* the option that would make it count */
} FIELDS[] = {
    {"n_fft", has_frames, "another kind than wave"},
    {"win_length", has_frames, "another kind than wave"},
    {"hop_length", has_frames, "another kind than wave"},
    {"round_to_power_of_two", has_frames, "another kind than wave"},
    {"window", has_frames, "another kind than wave"},
    {"kaiser_beta", is_kaiser, "window kaiser"},
    {"window_periodic", has_period, "a window that is not rectangular"},
    {"window_position", has_frames, "another kind than wave"},
    {"center", has_frames, "another kind than wave"},
    {"pad_mode", pads, "center"},
    {"snip_edges", does_not_center, "no-center"},
    {"drop_last_frame", has_frames, "another kind than wave"},
    {"dither", has_frames, "another kind than wave"},
    {"seed", dithers, "dither"},
    {"remove_dc_offset", has_frames, "another kind than wave"},
    {"preemphasis", has_frames, "another kind than wave"},
    {"power", has_frames, "another kind than wave"},
    {"normalized", has_frames, "another kind than wave"},
    {"n_mels", has_mel, "kind mel or mfcc"},
    {"fmin", has_mel, "kind mel or mfcc"},
    {"fmax", has_mel, "kind mel or mfcc"},
    {"mel_scale", has_mel, "kind mel or mfcc"},
    {"mel_norm", has_mel, "kind mel or mfcc"},
    {"mel_bank", has_mel, "kind mel or mfcc"},
    {"scale", has_frames, "another kind than wave"},
    {"ref", is_logarithmic, "a logarithmic scale"},
    {"amin", is_logarithmic, "a logarithmic scale"},
    {"top_db", is_logarithmic, "a logarithmic scale"},
    {"maximum", needs_maximum, "ref max or top_db"},
    {"maximum_value", has_fixed_maximum, "maximum fixed"},
    {"use_energy", has_frames, "another kind than wave"},
    {"raw_energy", has_energy, "use_energy"},
    {"energy_floor", has_energy, "use_energy"},
    {"htk_compat", orders_energy, "use_energy or kind mfcc"},
    {"pcen_gain", is_pcen, "scale pcen"},
    {"pcen_bias", is_pcen, "scale pcen"},
    {"pcen_power", is_pcen, "scale pcen"},
    {"pcen_time_constant_s", is_pcen, "scale pcen"},
    {"pcen_eps", is_pcen, "scale pcen"},
    {"n_mfcc", has_cepstrum, "kind mfcc"},
    {"lifter", has_cepstrum, "kind mfcc"},
    {"lifter_kind", is_liftered, "kind mfcc and lifter"},
    {"delta_kind", has_deltas, "delta_order"},
    {"delta_width", has_deltas, "delta_order"},
    {"cmvn_variance", is_normalised, "cmvn"},
    {"cmvn_window", slides, "cmvn sliding"},
    {"cmvn_min_window", slides, "cmvn sliding"},
    {"cmvn_center", slides, "cmvn sliding"},
    {"precision", has_frames, "another kind than wave"},
};

const char *specrnn_features_unused(const specrnn_features_config *front_end, const char *key)
{
  for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++) {
    if (!strcmp(FIELDS[i].key, key)) {
      return FIELDS[i].counts(front_end) ? NULL : FIELDS[i].when;
    }
  }
  return NULL;
}
