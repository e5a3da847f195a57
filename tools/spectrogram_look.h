/* How spectrograms are drawn, in every picture of them: what their levels are relative to, and how silence looks. */
#ifndef SPECRNN_TOOLS_SPECTROGRAM_LOOK_H
#define SPECRNN_TOOLS_SPECTROGRAM_LOOK_H

#include "specrnn/features.h"
#include "specrnn/plot.h"

/* Texts of the colour bar, which must live until the heat map is made. */
typedef struct spectrogram_look {
  char label[64], floor_label[64];
} spectrogram_look;

/* Sets the floor of *heatmap and, for dB, the labels of its colour bar. `front_end` is resolved, and what rows are
 * computed with; levels below the maximum are told by heatmap->relative_to_max or by the front end's ref. */
void spectrogram_look_set(spectrogram_look *look, const specrnn_features_config *front_end,
                          specrnn_heatmap_config *heatmap);

#endif
