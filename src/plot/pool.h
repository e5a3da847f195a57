/* Rows of any number, kept as a bounded grid of cells.
 *
 * Rows become columns of the picture. Once `capacity` columns are full, pairs of them are merged and every column
 * stands for twice as many rows. Neighbouring bins that lie closer than a fraction of a pixel are one group from the
 * start. Nothing is skipped: every value takes part in the cell that covers it. */
#ifndef SPECRNN_SRC_PLOT_POOL_H
#define SPECRNN_SRC_PLOT_POOL_H

#include "specrnn/plot.h"

typedef struct srn_pool {
  specrnn_pool kind;
  size_t n_bins, n_groups;
  size_t *group_begin; /* (n_groups + 1) first bin of each group */
  double *group_edge;  /* (n_groups + 1) where the groups begin and end, in axis coordinates */
  size_t capacity;     /* most columns, even */
  size_t n_columns, allocated;
  size_t factor;   /* rows per column */
  size_t n_last;   /* rows in the last column; factor when it is full */
  uint64_t n_rows; /* pushed so far */
  float *cells;    /* (n_columns, n_groups) */
  double *sums;    /* (n_groups) of the open column, for the means */
} srn_pool;

/* What the pool of a heat map is made for. */
typedef struct srn_pool_plan {
  specrnn_pool kind;
  size_t n_bins;
  const double *edges; /* (n_bins + 1) borders of the bins in axis coordinates, rising */
  double smallest;     /* groups are at most this wide, unless they are one bin */
  size_t capacity;
} srn_pool_plan;

SPECRNN_MUST_CHECK specrnn_status srn_pool_create(srn_pool **out, const srn_pool_plan *plan, const specrnn_log *log);
void srn_pool_destroy(srn_pool **pool);

/* Appends rows (n_rows, n_bins). */
SPECRNN_MUST_CHECK specrnn_status srn_pool_push(srn_pool *pool, const float *rows, size_t n_rows,
                                                const specrnn_log *log);

/* Cells [begin, end) along one side. */
typedef struct srn_span {
  size_t begin, end;
} srn_span;

/* One value per span of groups, for the cells of these columns: NaN where all of them are, or the span is empty. The
 * columns are at least one. `scratch` is (n_groups). */
void srn_pool_values(const srn_pool *pool, srn_span columns, const srn_span *groups, size_t n_spans, float *values,
                     float *scratch);

/* Smallest and largest finite cell; false where there is none. */
bool srn_pool_extent(const srn_pool *pool, double *smallest, double *largest);

/* The values below which `low` and `high` per cent of the finite cells lie (linear between neighbours, as numpy).
 * False where there is no finite cell; an error is only lack of memory. */
SPECRNN_MUST_CHECK specrnn_status srn_pool_percentiles(const srn_pool *pool, double low, double high, double *value_low,
                                                       double *value_high, const specrnn_log *log);

#endif
