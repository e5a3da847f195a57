/* Arrays to be drawn, from .npy, .csv, .npz and .npz:NAME. */
#ifndef SPECRNN_TOOLS_PLOT_ARRAY_H
#define SPECRNN_TOOLS_PLOT_ARRAY_H

#include "specrnn/io.h"

/* An array (rows, columns), leading axes of length 1 taken away; one axis is one column. */
typedef struct plot_array {
  specrnn_array *array;
  const float *data;
  size_t n_rows, n_columns;
  bool is_vector;             /* it had one axis */
  specrnn_array *times;       /* (n_rows) seconds, float64, evenly spaced, or NULL */
  specrnn_array *frequencies; /* (n_columns) Hz, float64, rising, or NULL */
  double low, high, finite;   /* range of the finite values; how many there are */
} plot_array;

/* Whether a path is that of an array, by its extension. */
bool plot_array_is(const char *path);

/* Says itself what is wrong. To be released in either case. */
SPECRNN_MUST_CHECK specrnn_status plot_array_load(plot_array *array, const char *path);
void plot_array_release(plot_array *array);

#endif
