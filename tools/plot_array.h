/* Arrays to be drawn, from .npy, .csv, .npz and .npz:NAME. */
#ifndef SPECRNN_TOOLS_PLOT_ARRAY_H
#define SPECRNN_TOOLS_PLOT_ARRAY_H

#include "specrnn/io.h"

/* An array (rows, columns), leading axes of length 1 taken away; one axis is one column. */
typedef struct plot_array {
  const char *path;
  specrnn_array *array; /* in memory, or NULL: rows are read as they are needed */
  const double *data;   /* (n_rows, n_columns), or NULL likewise */
  size_t n_rows, n_columns;
  bool is_vector;             /* it had one axis */
  specrnn_array *times;       /* (n_rows) seconds, float64, evenly spaced, or NULL */
  specrnn_array *frequencies; /* (n_columns) Hz, float64, rising, or NULL */
  specrnn_dtype dtype;        /* as it is stored */
  double low, high, finite;   /* range of the finite values; how many there are; after loading or plot_array_measure */
  specrnn_npy_reader *reader; /* or NULL: in memory */
  double *block;              /* rows that were read last */
  size_t at;                  /* the next row to read */
} plot_array;

/* Whether a path is that of an array, by its extension. */
bool plot_array_is(const char *path);

/* The array as a whole in memory. These say themselves what is wrong; the path must outlive the array, which is to be
 * released in either case. */
SPECRNN_MUST_CHECK specrnn_status plot_array_load(plot_array *array, const char *path);
void plot_array_release(plot_array *array);

/* The array to be read by blocks of rows: an .npy stays on disk, unless it is in column-major order or no regular file,
 * so that memory does not grow with its rows. Others are in memory. */
SPECRNN_MUST_CHECK specrnn_status plot_array_open(plot_array *array, const char *path);

/* The next rows, of arrays with as many columns always as many; n_rows = 0 at the end, and then from the start again.
 * They live until the next call. */
SPECRNN_MUST_CHECK specrnn_status plot_array_read(plot_array *array, const double **rows, size_t *n_rows);

/* Finds low, high and finite, in a pass over all rows. */
SPECRNN_MUST_CHECK specrnn_status plot_array_measure(plot_array *array);

/* How numbers are drawn so that none of what tells them apart is lost, (x - base) / unit: a heat map takes floats, and
 * an axis has few digits. `label` says it, "Value - 1000000000" or "Value / 1e+300". */
typedef struct plot_scaling {
  double base, unit;
  bool scaled;
  char label[80];
} plot_scaling;

/* For numbers from low to high that are called `name`. */
plot_scaling plot_scaling_of(const char *name, double low, double high);

#endif
