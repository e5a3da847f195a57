/* Drawing a figure that has been laid out. */
#ifndef SPECRNN_SRC_PLOT_DRAW_H
#define SPECRNN_SRC_PLOT_DRAW_H

#include "plot/figure.h"

/* Pixels of an image surface that shows `window` of the figure, or a vector surface of the whole of it. */
typedef struct srn_canvas {
  cairo_t *cairo;         /* user space is the figure's pixels */
  cairo_surface_t *image; /* NULL for vector surfaces */
  srn_box window;
} srn_canvas;

/* Pixels of a heat map's image per pixel of the figure, in SVG and PDF. */
enum { SRN_VECTOR_PIXELS = 2 };

/* Draws everything, or what of it lies in the window. The figure has been laid out. */
SPECRNN_MUST_CHECK specrnn_status srn_draw_figure(specrnn_figure *figure, const srn_canvas *canvas,
                                                  const specrnn_log *log);

/* What lies inside the axes (draw_data.c): pictures, waveforms, series, labels, cursor, text. */
SPECRNN_MUST_CHECK specrnn_status srn_draw_data(specrnn_panel *panel, const srn_canvas *canvas, const specrnn_log *log);

void srn_set_color(cairo_t *cairo, srn_color color);

/* A filled rectangle whose edges lie between pixels. */
void srn_fill_box(cairo_t *cairo, double x, double y, double width, double height);

/* A line width in whole pixels, at least one. */
int srn_line_px(const specrnn_figure *figure, double points);

/* Pixel places of values on the axes of a panel. */
double srn_x_px(const specrnn_panel *panel, double value);
double srn_y_px(const specrnn_panel *panel, double value);

#endif
