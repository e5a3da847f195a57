/* The tables of the colour maps. */
#ifndef SPECRNN_SRC_PLOT_COLORMAP_H
#define SPECRNN_SRC_PLOT_COLORMAP_H

#include "specrnn/plot.h"

extern const uint8_t srn_colormap_inferno[SPECRNN_COLORMAP_SIZE][3];
extern const uint8_t srn_colormap_magma[SPECRNN_COLORMAP_SIZE][3];
extern const uint8_t srn_colormap_viridis[SPECRNN_COLORMAP_SIZE][3];
extern const uint8_t srn_colormap_plasma[SPECRNN_COLORMAP_SIZE][3];
extern const uint8_t srn_colormap_gray[SPECRNN_COLORMAP_SIZE][3];
extern const uint8_t srn_colormap_coolwarm[SPECRNN_COLORMAP_SIZE][3];

#endif
