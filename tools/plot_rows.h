/* Rows on their way into a heat map: as they come, or with their bins sorted, which needs all of them first. */
#ifndef SPECRNN_TOOLS_PLOT_ROWS_H
#define SPECRNN_TOOLS_PLOT_ROWS_H

#include "specrnn/plot.h"

typedef enum plot_order {
  PLOT_ORDER_INDEX,
  PLOT_ORDER_ACTIVITY,   /* by the mean of |h - mean of the unit|, the liveliest on top; equal ones by index */
  PLOT_ORDER_SIMILARITY, /* a chain: the liveliest unit first, then always the unit that is left whose |correlation|
                            with the one before is largest; of equal ones the lower index */
} plot_order;

/* The order of that name, NULL being index. False after a message about usage. */
bool plot_order_parse(plot_order *order, const char *name);

/* What an axis of sorted units is called: "Hidden units, livelier upward". */
const char *plot_order_label(plot_order order);

typedef struct plot_rows plot_rows;

/* The panel has a heat map of n_bins; the log must outlive the object. Memory does not grow with the number of rows:
 * those that wait are in a temporary file. */
SPECRNN_MUST_CHECK specrnn_status plot_rows_create(plot_rows **out, specrnn_panel *panel, size_t n_bins,
                                                   plot_order order, const specrnn_log *log);
void plot_rows_destroy(plot_rows **rows);

SPECRNN_MUST_CHECK specrnn_status plot_rows_write(plot_rows *rows, const float *data, size_t n_rows);
SPECRNN_MUST_CHECK specrnn_status plot_rows_end(plot_rows *rows);

#endif
