/* What a figure holds. */
#ifndef SPECRNN_SRC_PLOT_FIGURE_H
#define SPECRNN_SRC_PLOT_FIGURE_H

#include "plot/axis.h"
#include "plot/pool.h"
#include "plot/text.h"
#include "plot/theme.h"

/* A rectangle of whole pixels. */
typedef struct srn_box {
  int x, y, width, height;
} srn_box;

typedef struct srn_heatmap {
  specrnn_heatmap_config config; /* its texts are owned */
  srn_pool *pool;
  double y_low, y_high;     /* of the bins, in the unit of the axis: the range that it proposes */
  double vmin, vmax, shift; /* colours in use: of value + shift; found by the layout */
  bool below, above;        /* percentiles leave values beyond them: the bar says so by pointed ends */
  bool empty;               /* no value is finite: the bar has no numbers */
  bool all_floor;           /* nothing but the configured floor is there */
} srn_heatmap;

typedef struct srn_waveform {
  double x_first, x_step;
  srn_pool *highest, *lowest; /* one bin each; lowest holds negated samples, so that both are maxima */
} srn_waveform;

typedef enum srn_series_kind { SRN_POINTS, SRN_BARS } srn_series_kind;

typedef struct srn_series {
  srn_series_kind kind;
  specrnn_series look; /* its legend is owned */
  size_t count;
  double *x, *y; /* points; or for bars: count + 1 borders and count heights */
} srn_series;

struct specrnn_panel {
  specrnn_figure *figure;
  specrnn_panel_config config; /* its texts are owned */
  srn_heatmap *heatmap;
  srn_waveform *waveform;
  srn_series *series;
  size_t n_series;
  specrnn_interval *intervals; /* texts are owned */
  size_t n_intervals;
  char *text;
  double cursor, horizon;

  /* found by the layout */
  srn_axis x, y, bar;
  srn_box area, bar_area;
  double tick_width, bar_tick_width; /* widest tick labels of the column */
  bool x_labels;                     /* this panel has the labels of the time axis of its column */
  double reach_left, reach_right, reach_top, reach_bottom; /* of texts beyond the area, px */
};

/* Draws something else than panels over the whole figure. */
typedef struct srn_painter {
  specrnn_status (*paint)(specrnn_figure *figure, cairo_t *cairo, void *what, const specrnn_log *log);
  void (*destroy)(void *what);
  void *what;
} srn_painter;

typedef struct srn_metadata {
  char *key, *value;
} srn_metadata;

struct specrnn_figure {
  specrnn_plotter *plotter;
  specrnn_figure_config config; /* its title is owned */
  int width, height;            /* pixels */
  double point;                 /* pixels per point */
  specrnn_panel **panels;
  size_t n_panels;
  srn_painter painter;
  srn_metadata *metadata;
  size_t n_metadata;
  bool is_cramped; /* found by the layout: there is no room for the labels of colour bars */
};

/* An array of `count` items with room for one more, which is zeroed; NULL for lack of memory, and nothing has changed.
 */
void *srn_grow(void *items, size_t count, size_t size);

/* Frees a text of a configuration: owned since it was copied, though the public structs call it const. */
void srn_free_text(const char *text);

/* A font size of the figure in pixels: 1 for ticks and labels, 1.2 for titles. */
double srn_font_px(const specrnn_figure *figure, double scale);

/* Copies a text that may be NULL; remarks characters that no font has. */
SPECRNN_MUST_CHECK specrnn_status srn_own_text(const specrnn_figure *figure, const char **text, const specrnn_log *log);

#endif
