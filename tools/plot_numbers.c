/* The kinds of specrnn plot that draw arrays: heatmap, lines, scatter, difference. */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "path.h"
#include "plot_array.h"
#include "plot_call.h"
#include "plot_rows.h"
#include "readable.h"
#include "report.h"

/* Inches, as matplotlib's figure of one panel. */
static const double WIDTH_IN = 6.4;
static const double HEIGHT_IN = 4.8;
static const double WIDE_IN = 10.0;
static const double TIME_HEIGHT_IN = 4.0;

enum { MAX_LINES = 64, MAX_LEGENDS = 10 };

static specrnn_axis axis_of(specrnn_axis_kind kind, const char *label)
{
  specrnn_axis axis = SPECRNN_AXIS_INIT;
  axis.kind = kind;
  axis.label = label;
  return axis;
}

static void release_all(plot_array *arrays, int n)
{
  for (int i = 0; i < n; i++) {
    plot_array_release(&arrays[i]);
  }
  free(arrays);
}

static specrnn_status refuse(const char *path)
{
  if (strcmp(path, "-") != 0 && access(path, R_OK) != 0) {
    report_failure(path, "cannot open: %s", strerror(errno));
    return SPECRNN_ERROR_IO;
  }
  if (path_is_folder(path)) {
    report_failure(path, "is a folder");
    return SPECRNN_ERROR_IO;
  }
  specrnn_file_format format = readable_format(path);
  bool is_known = format != SPECRNN_FILE_OTHER;
  report_usage("%s: %s%sthis kind draws arrays (.npy, .npz, .csv)", path,
               is_known ? specrnn_file_format_name(format) : "", is_known ? "; " : "");
  return SPECRNN_ERROR_ARGUMENT;
}

typedef specrnn_status (*array_opener)(plot_array *array, const char *path);

/* All inputs of the call; the caller gives them to release_all in the end, whatever came out. */
static specrnn_status open_all(plot_array **arrays, const plot_call *c, array_opener open_one)
{
  *arrays = calloc((size_t)c->arguments->n_inputs, sizeof **arrays);
  if (!*arrays) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  specrnn_status status = SPECRNN_OK;
  for (int i = 0; !status && i < c->arguments->n_inputs; i++) {
    const char *path = c->arguments->inputs[i];
    if (!plot_array_is(path)) {
      status = refuse(path);
    } else {
      status = open_one(&(*arrays)[i], path);
    }
  }
  return status;
}

/* -------------------------------------------------------------------------------------------------------- heat maps */

static void place_rows(const plot_call *c, const plot_array *a, plot_place *place, specrnn_heatmap_config *look)
{
  place->x = axis_of(SPECRNN_AXIS_INDEX, "Row");
  if (isfinite(c->options->step_s)) {
    place->x = axis_of(SPECRNN_AXIS_TIME, NULL);
    look->x_step = c->options->step_s;
  } else if (a->times) {
    const double *times = a->times->data;
    place->x = axis_of(SPECRNN_AXIS_TIME, NULL);
    look->x_first = times[0];
    look->x_step = (times[a->n_rows - 1] - times[0]) / (double)(a->n_rows - 1);
  }
}

static bool is_evenly_spaced(const plot_array *a)
{
  const double *f = a->frequencies->data;
  double step = f[1] - f[0];
  return fabs(f[a->n_columns - 1] - f[0] - step * (double)(a->n_columns - 1)) < 1e-3 * step;
}

static specrnn_status place_columns(const plot_call *c, const plot_array *a, plot_place *place,
                                    specrnn_heatmap_config *look)
{
  place->y = axis_of(SPECRNN_AXIS_INDEX, "Column");
  if (!a->frequencies) {
    return c->options->axis
               ? plot_misuse("--axis", "the array has no frequencies beside it, as an .npz of features has")
               : SPECRNN_OK;
  }
  bool even = is_evenly_spaced(a);
  place->y = axis_of(even ? SPECRNN_AXIS_FREQUENCY : SPECRNN_AXIS_FREQUENCY_MEL, NULL);
  look->bin_centres = a->frequencies->data;
  return plot_frequency_axis(c, &place->y);
}

/* Signed numbers within -1 ... 1 are states: the diverging map, zero at its centre. */
static void choose_colours(const plot_array *a, specrnn_heatmap_config *look)
{
  if (a->low < 0.0 && a->high > 0.0 && a->low >= -1.0 && a->high <= 1.0) {
    look->colormap = SPECRNN_COLORMAP_COOLWARM;
    look->symmetric = true;
    look->pool = SPECRNN_POOL_MAX_ABS;
  }
}

static specrnn_status write_rows(plot_rows *rows, plot_array *a, const plot_scaling *scaling)
{
  const double *block = NULL;
  float *floats = NULL;
  size_t n_rows = 0;
  specrnn_status status;
  while (!(status = plot_array_read(a, &block, &n_rows)) && n_rows > 0) {
    size_t count = n_rows * a->n_columns;
    floats = floats ? floats : malloc(count * sizeof *floats); /* the first block is the largest */
    if (!floats) {
      report_memory();
      return SPECRNN_ERROR_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
      floats[i] = (float)((block[i] - scaling->base) / scaling->unit);
    }
    status = plot_rows_write(rows, floats, n_rows);
    if (status) {
      break;
    }
  }
  free(floats);
  return status ? status : plot_rows_end(rows);
}

/* Whether the numbers differ by no more than their type rounds: colours would magnify that into a pattern. */
static bool is_constant(const plot_array *a)
{
  double part = a->dtype == SPECRNN_F32 ? FLT_EPSILON : a->dtype == SPECRNN_F64 ? DBL_EPSILON : 0.0;
  return a->high - a->low <= part * fmax(fabs(a->low), fabs(a->high));
}

/* Ends that the caller gives are of the numbers as they are. */
static plot_scaling scale_colours(const plot_call *c, const plot_array *a)
{
  const specrnn_option_table *table = specrnn_heatmap_options();
  bool given = cli_assigned(c->arguments, table, "vmin") || cli_assigned(c->arguments, table, "vmax");
  if (given || !(a->low <= a->high)) {
    return (plot_scaling){.unit = 1.0};
  }
  return is_constant(a) ? plot_scaling_of("Value", a->high, a->high) : plot_scaling_of("Value", a->low, a->high);
}

static specrnn_status draw_map(plot_call *c, int source, plot_array *a, plot_order order)
{
  specrnn_heatmap_config look = SPECRNN_HEATMAP_CONFIG_INIT;
  plot_place place = {.source = source};
  look.n_bins = a->n_columns;
  snprintf(place.title, sizeof place.title, "%.400s (%zu, %zu)", plot_name(c->arguments->inputs[source]), a->n_rows,
           a->n_columns);
  place_rows(c, a, &place, &look);
  specrnn_status status = plot_array_measure(a);
  choose_colours(a, &look);
  status = status ? status : place_columns(c, a, &place, &look);
  if (order != PLOT_ORDER_INDEX) {
    look.bin_centres = NULL;
    place.y = axis_of(SPECRNN_AXIS_INDEX, plot_order_label(order));
  }
  plot_scaling scaling = scale_colours(c, a);
  if (scaling.scaled) {
    look.colorbar_label = scaling.label;
  } else if (a->finite == 0.0) {
    look.colorbar_label = "no value is finite";
  }
  specrnn_panel *panel = NULL;
  status = status ? status : plot_add_map(c, &panel, &place, &look);
  specrnn_log log = report_log(c->arguments->inputs[source]);
  plot_rows *rows = NULL;
  status = status ? status : plot_rows_create(&rows, panel, a->n_columns, order, &log);
  status = status ? status : write_rows(rows, a, &scaling);
  plot_rows_destroy(&rows);
  return status;
}

specrnn_status plot_heatmap_draw(plot_call *c)
{
  plot_array *arrays = NULL;
  plot_order order;
  int n = c->arguments->n_inputs;
  specrnn_status status = plot_order_parse(&order, c->options->order) ? SPECRNN_OK : SPECRNN_ERROR_ARGUMENT;
  status = status ? status : open_all(&arrays, c, plot_array_open);
  if (!status && !c->options->kind && arrays[0].is_vector) {
    release_all(arrays, n);
    return plot_lines_draw(c);
  }
  status = status ? status : plot_begin(c, n, 1, WIDE_IN, TIME_HEIGHT_IN);
  for (int i = 0; !status && i < n; i++) {
    status = draw_map(c, i, &arrays[i], order);
  }
  if (arrays) {
    release_all(arrays, n);
  }
  return status;
}

/* ------------------------------------------------------------------------------------------------------- difference */

static specrnn_status check_shapes(const plot_array *a, const plot_array *b)
{
  if (a->n_rows == b->n_rows && a->n_columns == b->n_columns) {
    return SPECRNN_OK;
  }
  report_failure(b->path, "shape (%zu, %zu); %s has (%zu, %zu)", b->n_rows, b->n_columns, plot_name(a->path), a->n_rows,
                 a->n_columns);
  return SPECRNN_ERROR_SHAPE;
}

/* Magnitudes of differences. */
typedef struct extent {
  double largest; /* infinite where a number stands against an infinity */
  double finite;  /* the largest of those that have a colour */
} extent;

/* Two arrays of one shape, block by block: how far they differ, and the rows of it, in a unit, where there is a
 * panel. */
static specrnn_status subtract(plot_array *a, plot_array *b, specrnn_panel *panel, double unit, extent *found)
{
  specrnn_log log = report_log(a->path);
  float *difference = NULL;
  const double *x = NULL;
  const double *y = NULL;
  size_t n_rows = 0;
  specrnn_status status;
  *found = (extent){0};
  while (!(status = plot_array_read(a, &x, &n_rows)) && !(status = plot_array_read(b, &y, &n_rows)) && n_rows > 0) {
    size_t count = n_rows * a->n_columns;
    difference = difference ? difference : malloc(count * sizeof *difference); /* the first block is the largest */
    if (!difference) {
      report_memory();
      return SPECRNN_ERROR_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
      double exact = x[i] == y[i] ? 0.0 : x[i] - y[i]; /* two infinities of one sign agree */
      found->largest = fmax(found->largest, fabs(exact));
      found->finite = isfinite(exact) ? fmax(found->finite, fabs(exact)) : found->finite;
      difference[i] = (float)(exact / unit);
    }
    status = panel ? specrnn_panel_push_rows(panel, difference, n_rows, &log) : SPECRNN_OK;
    if (status) {
      break;
    }
  }
  free(difference);
  return status;
}

static specrnn_status draw_difference(plot_call *c, plot_array *a, plot_array *b)
{
  extent found;
  specrnn_heatmap_config look = SPECRNN_HEATMAP_CONFIG_INIT;
  look.n_bins = a->n_columns;
  look.colormap = SPECRNN_COLORMAP_COOLWARM;
  look.symmetric = true;
  look.pool = SPECRNN_POOL_MAX_ABS;
  look.colorbar_label = "Difference";
  specrnn_status status = subtract(a, b, NULL, 1.0, &found);
  if (status) {
    return status;
  }
  plot_scaling scaling = plot_scaling_of("Difference", -found.finite, found.finite);
  if (scaling.scaled) {
    look.colorbar_label = scaling.label;
  }
  if (found.finite == 0.0) { /* a range is needed, and everything is at its centre */
    look.vmin = -1.0;
    look.vmax = 1.0;
  }
  plot_place place = {0};
  snprintf(place.title, sizeof place.title, "%.200s \xe2\x88\x92 %.200s, largest %.3g", plot_name(a->path),
           plot_name(b->path), found.largest);
  place_rows(c, a, &place, &look);
  specrnn_panel *panel = NULL;
  status = place_columns(c, a, &place, &look);
  status = status ? status : plot_begin(c, 1, 1, WIDE_IN, TIME_HEIGHT_IN);
  status = status ? status : plot_add_map(c, &panel, &place, &look);
  return status ? status : subtract(a, b, panel, scaling.unit, &found);
}

/* A difference needs no range of either array; measuring warns of integers that doubles do not hold. */
static specrnn_status check_exactness(plot_array *a)
{
  bool is_wide = a->dtype == SPECRNN_I64 || a->dtype == SPECRNN_U64;
  return is_wide ? plot_array_measure(a) : SPECRNN_OK;
}

specrnn_status plot_difference_draw(plot_call *c)
{
  plot_array *arrays = NULL;
  specrnn_status status = open_all(&arrays, c, plot_array_open);
  status = status ? status : check_shapes(&arrays[0], &arrays[1]);
  status = status ? status : check_exactness(&arrays[0]);
  status = status ? status : check_exactness(&arrays[1]);
  status = status ? status : draw_difference(c, &arrays[0], &arrays[1]);
  if (arrays) {
    release_all(arrays, c->arguments->n_inputs);
  }
  return status;
}

/* ------------------------------------------------------------------------------------------------ lines and scatter */

static void copy_column(double *column, const plot_array *a, size_t index, const plot_scaling *scaling)
{
  for (size_t i = 0; i < a->n_rows; i++) {
    column[i] = (a->data[i * a->n_columns + index] - scaling->base) / scaling->unit;
  }
}

/* Of the columns from `first` to `end`; a logarithmic axis shows numbers as they are. */
static plot_scaling scale_columns(const plot_array *a, size_t first, size_t end, const char *name, bool log)
{
  double low = INFINITY;
  double high = -INFINITY;
  for (size_t i = 0; i < a->n_rows; i++) {
    for (size_t k = first; k < end; k++) {
      double x = a->data[i * a->n_columns + k];
      low = isfinite(x) ? fmin(low, x) : low;
      high = isfinite(x) ? fmax(high, x) : high;
    }
  }
  return log || low > high ? plot_scaling_of(name, 0.0, 0.0) : plot_scaling_of(name, low, high);
}

/* A series per column; with `x` the first column is x. */
static specrnn_status add_columns(specrnn_panel *panel, const plot_array *a, const double *x, bool x_is_column,
                                  const plot_scaling *scaling, const specrnn_series *look, const specrnn_log *log)
{
  double *y = calloc(a->n_rows, sizeof *y);
  if (!y) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  size_t first = x_is_column ? 1 : 0;
  size_t n_series = a->n_columns - first;
  specrnn_status status = SPECRNN_OK;
  for (size_t k = first; !status && k < a->n_columns; k++) {
    char legend[32];
    specrnn_series series = *look;
    snprintf(legend, sizeof legend, "%zu", k);
    series.legend = n_series > 1 && n_series <= MAX_LEGENDS ? legend : NULL;
    copy_column(y, a, k, scaling);
    status = specrnn_panel_add_series(panel, x, y, a->n_rows, &series, log);
  }
  free(y);
  return status;
}

static void fill_times(double *x, const plot_call *c, const plot_array *a)
{
  for (size_t i = 0; i < a->n_rows; i++) {
    x[i] = isfinite(c->options->step_s) ? (double)i * c->options->step_s
           : a->times                   ? ((const double *)a->times->data)[i]
                                        : (double)i;
  }
}

static specrnn_status draw_columns(plot_call *c, int source, const plot_array *a, bool scatter)
{
  static const specrnn_series LINE = SPECRNN_SERIES_INIT;
  static const specrnn_series DOTS = SPECRNN_SERIES_SCATTER_INIT;
  bool x_is_column = scatter && a->n_columns > 1;
  bool is_time = !x_is_column && (a->times || isfinite(c->options->step_s));
  const char *path = c->arguments->inputs[source];
  if (a->finite == 0.0) {
    report_failure(path, "no finite value in it");
    return SPECRNN_ERROR_EMPTY;
  }
  if (a->n_columns > MAX_LINES) {
    report_usage("%s: %zu columns are too many for lines (%d); draw a heatmap", path, a->n_columns, MAX_LINES);
    return SPECRNN_ERROR_ARGUMENT;
  }
  if (x_is_column && isfinite(c->options->step_s)) {
    return plot_misuse("--step", "the first of several columns is x here");
  }
  plot_place place = {.source = source};
  snprintf(place.title, sizeof place.title, "%.400s", plot_name(path));
  size_t first = x_is_column ? 1 : 0;
  const plot_scaling x_scaling = scale_columns(a, 0, first, "Column 0", false);
  const plot_scaling y_scaling =
      scale_columns(a, first, a->n_columns, x_is_column && a->n_columns == 2 ? "Column 1" : "Value", c->options->log_y);
  place.x = x_is_column ? axis_of(SPECRNN_AXIS_LINEAR, x_scaling.label)
            : is_time   ? axis_of(SPECRNN_AXIS_TIME, NULL)
                        : axis_of(SPECRNN_AXIS_INDEX, "Row");
  place.y = axis_of(c->options->log_y ? SPECRNN_AXIS_LOG : SPECRNN_AXIS_LINEAR, y_scaling.label);
  double *x = calloc(a->n_rows, sizeof *x);
  if (!x) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  if (x_is_column) {
    copy_column(x, a, 0, &x_scaling);
  } else {
    fill_times(x, c, a);
  }
  specrnn_panel *panel = NULL;
  specrnn_log log = report_log(path);
  specrnn_status status = plot_add_panel(c, &panel, &place);
  status = status ? status : add_columns(panel, a, x, x_is_column, &y_scaling, scatter ? &DOTS : &LINE, &log);
  free(x);
  return status;
}

static specrnn_status draw_series(plot_call *c, bool scatter)
{
  plot_array *arrays = NULL;
  int n = c->arguments->n_inputs;
  specrnn_status status = open_all(&arrays, c, plot_array_load);
  status = status ? status : plot_begin(c, n, 1, n > 1 && !c->options->stack ? WIDE_IN : WIDTH_IN, HEIGHT_IN);
  for (int i = 0; !status && i < n; i++) {
    status = draw_columns(c, i, &arrays[i], scatter);
  }
  if (arrays) {
    release_all(arrays, n);
  }
  return status;
}

specrnn_status plot_lines_draw(plot_call *c)
{
  return draw_series(c, false);
}

specrnn_status plot_scatter_draw(plot_call *c)
{
  return draw_series(c, true);
}
