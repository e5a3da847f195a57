/* How spectrograms are drawn. */
#include "spectrogram_look.h"

#include <math.h>
#include <stdio.h>

/* What the front end makes of digital silence: its floor. Levels relative to their own maximum are 0 there, as the
 * maximum is the floor itself. INFINITY where something else than the spectrum has a say. */
static double level_of_silence(const specrnn_features_config *f)
{
  bool bands = f->kind == SPECRNN_KIND_STFT || f->kind == SPECRNN_KIND_MEL;
  if (!bands || f->cmvn != SPECRNN_CMVN_NONE || f->delta_order > 0 || f->use_energy || f->dither > 0.0) {
    return INFINITY;
  }
  double amin = f->amin;
  double log10_floor = f->ref == SPECRNN_REF_MAX ? 0.0 : log10(amin) - log10(fmax(f->ref, amin));
  switch (f->scale) {
  case SPECRNN_SCALE_DB: return 20.0 / f->power * log10_floor;
  case SPECRNN_SCALE_LN: return log(10.0) * log10_floor;
  case SPECRNN_SCALE_LOG10: return log10_floor;
  case SPECRNN_SCALE_WHISPER: return (log10_floor + 4.0) / 4.0;
  case SPECRNN_SCALE_LINEAR:
  case SPECRNN_SCALE_PCEN: break;
  }
  return 0.0;
}

void spectrogram_look_set(spectrogram_look *look, const specrnn_features_config *front_end,
                          specrnn_heatmap_config *heatmap)
{
  bool of_maximum = front_end->ref == SPECRNN_REF_MAX;
  bool decibels = front_end->scale == SPECRNN_SCALE_DB && front_end->kind != SPECRNN_KIND_MFCC;
  heatmap->floor = level_of_silence(front_end);
  heatmap->floor_label = look->floor_label;
  snprintf(look->floor_label, sizeof look->floor_label, "silence");
  if (!decibels) {
    return;
  }
  heatmap->colorbar_label = look->label;
  if (of_maximum || heatmap->relative_to_max) {
    snprintf(look->label, sizeof look->label, "dB re maximum");
  } else {
    snprintf(look->label, sizeof look->label, "dB re %g", front_end->ref);
  }
  if (!of_maximum) { /* silence has no maximum: its levels are as they come from the front end */
    snprintf(look->floor_label, sizeof look->floor_label, "dB re %g, silence", front_end->ref);
  }
}
