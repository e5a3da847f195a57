/* What a panel shows: taken from the caller, and the ranges that it proposes. */
#ifndef SPECRNN_SRC_PLOT_DATA_H
#define SPECRNN_SRC_PLOT_DATA_H

#include "plot/figure.h"

typedef struct srn_range {
  double low, high; /* low > high: empty */
} srn_range;

/* The range that the data of a panel proposes for an axis, margins included; empty where there are no data. */
srn_range srn_data_range(const specrnn_panel *panel, bool horizontal);

/* vmin, vmax and shift of the panel's heat map, from its configuration and its cells. */
SPECRNN_MUST_CHECK specrnn_status srn_heatmap_find_colors(srn_heatmap *heatmap, const specrnn_log *log);

/* What is to stand beside the colour bar, after srn_heatmap_find_colors; "" for nothing. */
const char *srn_heatmap_bar_label(const srn_heatmap *heatmap);

/* Where column or row `index` of cells begins, on the x axis. */
double srn_heatmap_column_begin(const srn_heatmap *heatmap, double index);

void srn_heatmap_destroy(srn_heatmap **heatmap);

void srn_data_destroy(specrnn_panel *panel);

#endif
