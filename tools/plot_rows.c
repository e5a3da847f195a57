/* Rows on their way into a heat map. */
#include "plot_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "row_spool.h"

/* A matrix of correlations of this many units takes 128 MB. */
enum { MAX_SIMILAR_UNITS = 4096, BLOCK_ROWS = 64 };

static const char *const NAMES[] = {
    [PLOT_ORDER_INDEX] = "index", [PLOT_ORDER_ACTIVITY] = "activity", [PLOT_ORDER_SIMILARITY] = "similarity"};

struct plot_rows {
  specrnn_panel *panel;
  size_t n_bins;
  plot_order order;
  const specrnn_log *log;
  row_spool *spool;
  double *sums;     /* (n_bins) */
  double *products; /* similarity: (n_bins, n_bins), the upper half: sums of products, later the correlations */
  double *activity; /* (n_bins) */
  size_t *sorted;   /* (n_bins) unit by place */
  float *block;     /* (BLOCK_ROWS, n_bins) */
};

bool plot_order_parse(plot_order *order, const char *name)
{
  *order = PLOT_ORDER_INDEX;
  if (!name) {
    return true;
  }
  for (int i = 0; i < (int)(sizeof NAMES / sizeof *NAMES); i++) {
    if (!strcmp(name, NAMES[i])) {
      *order = (plot_order)i;
      return true;
    }
  }
  report_usage("--order %s: not one of index, activity, similarity", name);
  return false;
}

const char *plot_order_label(plot_order order)
{
  static const char *const LABELS[] = {[PLOT_ORDER_INDEX] = "Hidden unit",
                                       [PLOT_ORDER_ACTIVITY] = "Hidden units, livelier upward",
                                       [PLOT_ORDER_SIMILARITY] = "Hidden units, alike together"};
  return LABELS[order];
}

static specrnn_status allocate(plot_rows *r)
{
  size_t n = r->n_bins;
  r->sums = calloc(n, sizeof *r->sums);
  r->activity = calloc(n, sizeof *r->activity);
  r->sorted = calloc(n, sizeof *r->sorted);
  r->block = calloc(n, BLOCK_ROWS * sizeof *r->block);
  r->products = r->order == PLOT_ORDER_SIMILARITY ? calloc(n * n, sizeof *r->products) : NULL;
  if (!r->sums || !r->activity || !r->sorted || !r->block || (r->order == PLOT_ORDER_SIMILARITY && !r->products)) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  return row_spool_create(&r->spool, r->log);
}

specrnn_status plot_rows_create(plot_rows **out, specrnn_panel *panel, size_t n_bins, plot_order order,
                                const specrnn_log *log)
{
  if (order == PLOT_ORDER_SIMILARITY && n_bins > MAX_SIMILAR_UNITS) {
    report_usage("--order similarity: compares at most %d units, not %zu", MAX_SIMILAR_UNITS, n_bins);
    return SPECRNN_ERROR_ARGUMENT;
  }
  plot_rows *r = calloc(1, sizeof *r);
  if (!r) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  *r = (plot_rows){.panel = panel, .n_bins = n_bins, .order = order, .log = log};
  specrnn_status status = order == PLOT_ORDER_INDEX ? SPECRNN_OK : allocate(r);
  if (status) {
    plot_rows_destroy(&r);
    return status;
  }
  *out = r;
  return SPECRNN_OK;
}

void plot_rows_destroy(plot_rows **rows)
{
  plot_rows *r = *rows;
  if (r) {
    row_spool_destroy(&r->spool);
    free(r->sums);
    free(r->products);
    free(r->activity);
    free(r->sorted);
    free(r->block);
    free(r);
    *rows = NULL;
  }
}

specrnn_status plot_rows_write(plot_rows *r, const float *data, size_t n_rows)
{
  if (!r->spool) {
    return specrnn_panel_push_rows(r->panel, data, n_rows, r->log);
  }
  for (size_t t = 0; t < n_rows; t++) {
    for (size_t i = 0; i < r->n_bins; i++) {
      r->sums[i] += data[t * r->n_bins + i];
    }
  }
  return row_spool_write(r->spool, data, n_rows, r->n_bins);
}

/* -------------------------------------------------------------------------------------------------------- the order */

static void add_moments(plot_rows *r, const float *row, const double *mean)
{
  size_t n = r->n_bins;
  for (size_t i = 0; i < n; i++) {
    double x = row[i] - mean[i];
    r->activity[i] += fabs(x);
    if (!r->products) {
      continue;
    }
    double *products = r->products + i * n;
    for (size_t j = i; j < n; j++) {
      products[j] += x * (row[j] - mean[j]);
    }
  }
}

/* |correlation|; a unit that never moves is like no other. */
static double likeness(const plot_rows *r, size_t i, size_t j)
{
  size_t n = r->n_bins;
  double scale = sqrt(r->products[i * n + i] * r->products[j * n + j]);
  double product = i < j ? r->products[i * n + j] : r->products[j * n + i];
  return scale > 0.0 ? fabs(product) / scale : 0.0;
}

static size_t liveliest(const plot_rows *r, const bool *taken)
{
  size_t best = SIZE_MAX;
  for (size_t i = 0; i < r->n_bins; i++) {
    if (!taken[i] && (best == SIZE_MAX || r->activity[i] > r->activity[best])) {
      best = i;
    }
  }
  return best;
}

static size_t most_alike(const plot_rows *r, const bool *taken, size_t unit)
{
  size_t best = SIZE_MAX;
  double largest = -1.0;
  for (size_t i = 0; i < r->n_bins; i++) {
    double like = taken[i] ? -1.0 : likeness(r, unit, i);
    if (like > largest) {
      best = i;
      largest = like;
    }
  }
  return best;
}

/* Places are counted from the bottom, so the first one chosen goes on top. */
static specrnn_status sort_units(plot_rows *r)
{
  bool *taken = calloc(r->n_bins, sizeof *taken);
  if (!taken) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  size_t unit = liveliest(r, taken);
  for (size_t place = r->n_bins; place-- > 0;) {
    r->sorted[place] = unit;
    taken[unit] = true;
    if (place > 0) {
      unit = r->order == PLOT_ORDER_ACTIVITY ? liveliest(r, taken) : most_alike(r, taken, unit);
    }
  }
  free(taken);
  return SPECRNN_OK;
}

static specrnn_status push_sorted(plot_rows *r, const float *rows, size_t n_rows)
{
  specrnn_status status = SPECRNN_OK;
  while (!status && n_rows > 0) {
    size_t n = n_rows < BLOCK_ROWS ? n_rows : BLOCK_ROWS;
    for (size_t t = 0; t < n; t++) {
      for (size_t i = 0; i < r->n_bins; i++) {
        r->block[t * r->n_bins + i] = rows[t * r->n_bins + r->sorted[i]];
      }
    }
    status = specrnn_panel_push_rows(r->panel, r->block, n, r->log);
    rows += n * r->n_bins;
    n_rows -= n;
  }
  return status;
}

specrnn_status plot_rows_end(plot_rows *r)
{
  const float *rows;
  size_t n_rows;
  specrnn_status status;
  if (!r->spool) {
    return SPECRNN_OK;
  }
  double count = (double)row_spool_count(r->spool);
  for (size_t i = 0; i < r->n_bins && count > 0; i++) {
    r->sums[i] /= count;
  }
  while (!(status = row_spool_read(r->spool, &rows, &n_rows)) && n_rows > 0) {
    for (size_t t = 0; t < n_rows; t++) {
      add_moments(r, rows + t * r->n_bins, r->sums);
    }
  }
  status = status ? status : sort_units(r);
  status = status ? status : row_spool_rewind(r->spool);
  while (!status && !(status = row_spool_read(r->spool, &rows, &n_rows)) && n_rows > 0) {
    status = push_sorted(r, rows, n_rows);
  }
  return status;
}
