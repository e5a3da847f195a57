/* The cells of a heat map as pixels. */
#ifndef SPECRNN_SRC_PLOT_PAINT_H
#define SPECRNN_SRC_PLOT_PAINT_H

#include "plot/figure.h"

/* Paints the pixels of `window` (in pixels of an area of width x height) as 0xffRRGGBB into `pixels` (stride in
 * pixels). Pixels without data are left alone. Every cell belongs to exactly one pixel where there are more cells than
 * pixels; the cell under its centre colours a pixel where there are fewer. */
SPECRNN_MUST_CHECK specrnn_status srn_paint_heatmap(const specrnn_panel *panel, int width, int height, srn_box window,
                                                    uint32_t *pixels, size_t stride, const specrnn_log *log);

#endif
