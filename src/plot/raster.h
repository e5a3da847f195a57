/* A figure as pixels, band by band, so that memory does not depend on its height. */
#ifndef SPECRNN_SRC_PLOT_RASTER_H
#define SPECRNN_SRC_PLOT_RASTER_H

#include "plot/figure.h"

typedef struct srn_raster {
  specrnn_figure *figure;
  int width, height, band_rows; /* band_rows == height for all but huge pictures */
  uint32_t *pixels;             /* (band_rows, width) 0xffRRGGBB */
} srn_raster;

/* Lays the figure out and allocates one band. */
SPECRNN_MUST_CHECK specrnn_status srn_raster_open(srn_raster *raster, specrnn_figure *figure, const specrnn_log *log);

/* Draws rows y ... y + rows - 1; rows is at most band_rows. */
SPECRNN_MUST_CHECK specrnn_status srn_raster_draw(srn_raster *raster, int y, int rows, const specrnn_log *log);

void srn_raster_close(srn_raster *raster);

#endif
