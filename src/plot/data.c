/* Waveforms, series, histograms, texts and labels of a panel, and the ranges that they propose. */
#include "plot/data.h"

#include <stdlib.h>
#include <string.h>

#include "core/checked.h"
#include "core/log.h"

enum { WAVE_COLUMNS_PER_PIXEL = 4, MIN_COLUMNS = 64, DEFAULT_BARS = 50, MAX_BARS = 100000, PUSH_BLOCK = 1024 };

/* matplotlib's axes.xmargin and axes.ymargin. */
static const double MARGIN = 0.05;

/* --------------------------------------------------------------------------------------------------------- waveform */

static void destroy_waveform(srn_waveform **waveform)
{
  if (*waveform) {
    srn_pool_destroy(&(*waveform)->highest);
    srn_pool_destroy(&(*waveform)->lowest);
    free(*waveform);
    *waveform = NULL;
  }
}

specrnn_status specrnn_panel_add_waveform(specrnn_panel *panel, double x_first, double x_step, const specrnn_log *log)
{
  if (!panel || !(x_step > 0.0) || !isfinite(x_step) || !isfinite(x_first)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "samples of a waveform cannot begin at %g and be %g apart", x_first,
                    x_step);
  }
  if (panel->waveform) {
    return srn_fail(log, SPECRNN_ERROR_STATE, "the panel has a waveform already");
  }
  srn_waveform *waveform = calloc(1, sizeof *waveform);
  if (!waveform) {
    return srn_fail_memory(log, sizeof *waveform);
  }
  waveform->x_first = x_first;
  waveform->x_step = x_step;
  static const double EDGES[] = {0.0, 1.0};
  size_t columns = (size_t)WAVE_COLUMNS_PER_PIXEL * (size_t)panel->figure->width;
  srn_pool_plan plan = {
      .kind = SPECRNN_POOL_MAX, .n_bins = 1, .edges = EDGES, .capacity = columns > MIN_COLUMNS ? columns : MIN_COLUMNS};
  specrnn_status status = srn_pool_create(&waveform->highest, &plan, log);
  status = status ? status : srn_pool_create(&waveform->lowest, &plan, log);
  if (status) {
    destroy_waveform(&waveform);
    return status;
  }
  panel->waveform = waveform;
  return SPECRNN_OK;
}

specrnn_status specrnn_panel_push_samples(specrnn_panel *panel, const float *samples, size_t n_samples,
                                          const specrnn_log *log)
{
  if (!panel || (!samples && n_samples)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "no samples to push");
  }
  if (!panel->waveform) {
    return srn_fail(log, SPECRNN_ERROR_STATE, "the panel has no waveform");
  }
  specrnn_status status = SPECRNN_OK;
  for (size_t done = 0; done < n_samples && !status; done += PUSH_BLOCK) {
    float highest[PUSH_BLOCK];
    float lowest[PUSH_BLOCK];
    size_t count = n_samples - done < PUSH_BLOCK ? n_samples - done : PUSH_BLOCK;
    for (size_t i = 0; i < count; i++) {
      highest[i] = isfinite(samples[done + i]) ? samples[done + i] : NAN;
      lowest[i] = -highest[i];
    }
    status = srn_pool_push(panel->waveform->highest, highest, count, log);
    status = status ? status : srn_pool_push(panel->waveform->lowest, lowest, count, log);
  }
  return status;
}

/* ----------------------------------------------------------------------------------------------------------- series */

static specrnn_status check_look(const specrnn_series *look, const specrnn_log *log)
{
  if (look->color < -1 || look->color >= SRN_CYCLE) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "color of a series is %d; it must be from -1 to %d", look->color,
                    SRN_CYCLE - 1);
  }
  if (!(look->width_pt >= 0.0 && look->width_pt <= 100.0) || !(look->marker_pt >= 0.0 && look->marker_pt <= 100.0)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "width and marker of a series are %g and %g pt; 0 to 100 are possible",
                    look->width_pt, look->marker_pt);
  }
  return SPECRNN_OK;
}

static void destroy_series(srn_series *series)
{
  free(series->x);
  free(series->y);
  srn_free_text(series->look.legend);
}

/* Appends a series with room for `n_x` and `n_y` numbers. */
static specrnn_status append_series(specrnn_panel *panel, srn_series_kind kind, const specrnn_series *look, size_t n_x,
                                    size_t n_y, srn_series **out, const specrnn_log *log)
{
  srn_series made = {.kind = kind, .look = *look, .count = n_y};
  made.look.legend = NULL;
  specrnn_status status = check_look(look, log);
  if (status) {
    return status;
  }
  if (made.look.color < 0) {
    made.look.color = (int)(panel->n_series % SRN_CYCLE);
  }
  made.x = calloc(n_x ? n_x : 1, sizeof *made.x);
  made.y = calloc(n_y ? n_y : 1, sizeof *made.y);
  srn_series *grown = made.x && made.y ? srn_grow(panel->series, panel->n_series, sizeof *grown) : NULL;
  if (!grown) {
    destroy_series(&made);
    return srn_fail_memory(log, (n_x + n_y) * sizeof *made.x);
  }
  panel->series = grown;
  made.look.legend = look->legend;
  status = srn_own_text(panel->figure, &made.look.legend, log);
  if (status) {
    destroy_series(&made);
    return status;
  }
  panel->series[panel->n_series] = made;
  *out = &panel->series[panel->n_series++];
  return SPECRNN_OK;
}

specrnn_status specrnn_panel_add_series(specrnn_panel *panel, const double *x, const double *y, size_t n_points,
                                        const specrnn_series *series, const specrnn_log *log)
{
  static const specrnn_series LINE = SPECRNN_SERIES_INIT;
  if (!panel || (!y && n_points)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a series needs a panel and its y");
  }
  srn_series *made;
  specrnn_status status = append_series(panel, SRN_POINTS, series ? series : &LINE, n_points, n_points, &made, log);
  for (size_t i = 0; i < n_points && !status; i++) {
    made->x[i] = x ? x[i] : (double)i;
    made->y[i] = y[i];
  }
  return status;
}

static srn_range range_of_floats(const float *values, size_t count)
{
  srn_range range = {INFINITY, -INFINITY};
  for (size_t i = 0; i < count; i++) {
    if (isfinite(values[i])) {
      range.low = fmin(range.low, values[i]);
      range.high = fmax(range.high, values[i]);
    }
  }
  return range;
}

specrnn_status specrnn_panel_add_histogram(specrnn_panel *panel, const float *values, size_t n_values, int n_bars,
                                           const specrnn_series *series, const specrnn_log *log)
{
  static const specrnn_series LOOK = SPECRNN_SERIES_INIT;
  if (!panel || (!values && n_values)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a histogram needs a panel and its values");
  }
  if (n_bars < 0 || n_bars > MAX_BARS) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a histogram of %d bars: 1 to %d are possible", n_bars, MAX_BARS);
  }
  srn_range range = range_of_floats(values, n_values);
  if (range.low > range.high) {
    return srn_fail(log, SPECRNN_ERROR_EMPTY, "a histogram of no finite value");
  }
  if (range.low == range.high) { /* as numpy does */
    range.low -= 0.5;
    range.high += 0.5;
  }
  size_t bars = n_bars ? (size_t)n_bars : DEFAULT_BARS;
  srn_series *made;
  specrnn_status status = append_series(panel, SRN_BARS, series ? series : &LOOK, bars + 1, bars, &made, log);
  if (status) {
    return status;
  }
  for (size_t i = 0; i <= bars; i++) {
    made->x[i] = range.low + (range.high - range.low) * (double)i / (double)bars;
  }
  for (size_t i = 0; i < n_values; i++) {
    if (isfinite(values[i])) {
      double place = (values[i] - range.low) / (range.high - range.low) * (double)bars;
      made->y[srn_whole(place, 0, (int64_t)bars - 1)] += 1.0;
    }
  }
  return SPECRNN_OK;
}

specrnn_status specrnn_panel_add_bars(specrnn_panel *panel, double low, double high, const double *heights,
                                      size_t n_bars, const specrnn_series *series, const specrnn_log *log)
{
  static const specrnn_series LOOK = SPECRNN_SERIES_INIT;
  if (!panel || !heights || n_bars < 1 || n_bars > MAX_BARS || !(low < high) || !isfinite(high - low)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "%zu bars from %g to %g cannot be drawn", n_bars, low, high);
  }
  srn_series *made;
  specrnn_status status = append_series(panel, SRN_BARS, series ? series : &LOOK, n_bars + 1, n_bars, &made, log);
  if (status) {
    return status;
  }
  for (size_t i = 0; i <= n_bars; i++) {
    made->x[i] = low + (high - low) * (double)i / (double)n_bars;
  }
  memcpy(made->y, heights, n_bars * sizeof *heights);
  return SPECRNN_OK;
}

/* ------------------------------------------------------------------------------------------ texts, labels, the cursor
 */

specrnn_status specrnn_panel_set_text(specrnn_panel *panel, const char *text, const specrnn_log *log)
{
  if (!panel || !text) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a text needs a panel and the text");
  }
  char *copy = srn_text_copy(text);
  if (!copy) {
    return srn_fail_memory(log, strlen(text));
  }
  free(panel->text);
  panel->text = copy;
  return SPECRNN_OK;
}

static specrnn_status add_label(specrnn_panel *panel, const specrnn_interval *interval, const specrnn_log *log)
{
  if (!isfinite(interval->start) || !isfinite(interval->end) || interval->end < interval->start || !interval->text) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a label cannot run from %g to %g", interval->start, interval->end);
  }
  specrnn_interval *grown = srn_grow(panel->intervals, panel->n_intervals, sizeof *grown);
  if (!grown) {
    return srn_fail_memory(log, sizeof *grown);
  }
  panel->intervals = grown;
  specrnn_interval *made = &grown[panel->n_intervals];
  *made = *interval;
  specrnn_status status = srn_own_text(panel->figure, &made->text, log);
  panel->n_intervals += !status;
  return status;
}

static int compare_starts(const void *a, const void *b)
{
  double x = ((const specrnn_interval *)a)->start;
  double y = ((const specrnn_interval *)b)->start;
  return (x > y) - (x < y);
}

specrnn_status specrnn_panel_add_labels(specrnn_panel *panel, const specrnn_interval *intervals, size_t n_intervals,
                                        const specrnn_log *log)
{
  if (!panel || (!intervals && n_intervals)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "labels need a panel and their intervals");
  }
  size_t before = panel->n_intervals;
  specrnn_status status = SPECRNN_OK;
  for (size_t i = 0; i < n_intervals && !status; i++) {
    status = add_label(panel, &intervals[i], log);
  }
  while (status && panel->n_intervals > before) {
    srn_free_text(panel->intervals[--panel->n_intervals].text);
  }
  if (!status && panel->n_intervals) {
    qsort(panel->intervals, panel->n_intervals, sizeof *panel->intervals, compare_starts);
  }
  return status;
}

specrnn_status specrnn_panel_set_cursor(specrnn_panel *panel, double x, const specrnn_log *log)
{
  if (!panel) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a cursor needs a panel");
  }
  panel->cursor = x;
  return SPECRNN_OK;
}

specrnn_status specrnn_panel_set_horizon(specrnn_panel *panel, double x, const specrnn_log *log)
{
  if (!panel || isnan(x)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a horizon needs a panel and a place");
  }
  panel->horizon = x;
  return SPECRNN_OK;
}

void srn_data_destroy(specrnn_panel *panel)
{
  srn_heatmap_destroy(&panel->heatmap);
  destroy_waveform(&panel->waveform);
  for (size_t i = 0; i < panel->n_series; i++) {
    destroy_series(&panel->series[i]);
  }
  for (size_t i = 0; i < panel->n_intervals; i++) {
    srn_free_text(panel->intervals[i].text);
  }
  free(panel->series);
  free(panel->intervals);
  free(panel->text);
}

/* ----------------------------------------------------------------------------------------------------------- ranges */

static srn_range join(srn_range a, srn_range b)
{
  return (srn_range){fmin(a.low, b.low), fmax(a.high, b.high)};
}

/* Room on both sides, or none where `sticky` is the end (bars stand on zero). */
static srn_range with_margin(srn_range range, specrnn_axis_kind kind, double sticky)
{
  if (range.low > range.high) {
    return range;
  }
  if (kind == SPECRNN_AXIS_LOG) {
    double room = pow(range.high / range.low, MARGIN);
    return (srn_range){range.low / room, range.high * room};
  }
  double room = MARGIN * (range.high - range.low);
  return (srn_range){range.low == sticky ? range.low : range.low - room, range.high + room};
}

static srn_range range_of_doubles(const double *values, size_t count, specrnn_axis_kind kind)
{
  srn_range range = {INFINITY, -INFINITY};
  for (size_t i = 0; i < count; i++) {
    if (isfinite(values[i]) && (kind != SPECRNN_AXIS_LOG || values[i] > 0.0)) {
      range = join(range, (srn_range){values[i], values[i]});
    }
  }
  return range;
}

static srn_range range_of_heatmap(const srn_heatmap *heatmap, bool horizontal, specrnn_axis_kind kind)
{
  if (!horizontal) {
    return (srn_range){heatmap->y_low, heatmap->y_high};
  }
  const specrnn_heatmap_config *config = &heatmap->config;
  if (heatmap->pool->n_rows == 0) {
    return (srn_range){INFINITY, -INFINITY};
  }
  double low = config->x_first - config->x_step / 2.0;
  double high = low + (double)heatmap->pool->n_rows * config->x_step;
  bool starts_at_zero = kind == SPECRNN_AXIS_TIME && config->x_first >= 0.0 && low < 0.0;
  return (srn_range){starts_at_zero ? 0.0 : low, high};
}

static srn_range range_of_waveform(const srn_waveform *waveform, bool horizontal)
{
  srn_range range = {INFINITY, -INFINITY};
  if (horizontal && waveform->highest->n_rows) {
    double length = (double)waveform->highest->n_rows * waveform->x_step;
    return (srn_range){waveform->x_first, waveform->x_first + length};
  }
  double unused;
  if (!horizontal && srn_pool_extent(waveform->highest, &unused, &range.high) &&
      srn_pool_extent(waveform->lowest, &unused, &range.low)) {
    range.low = -range.low;
    if (range.low == range.high) {
      range = join(range, (srn_range){-1.0, 1.0}); /* silence */
    }
  }
  return with_margin(range, SPECRNN_AXIS_LINEAR, INFINITY);
}

static srn_range range_of_series(const srn_series *series, bool horizontal, specrnn_axis_kind kind)
{
  bool bars = series->kind == SRN_BARS;
  size_t count = bars && horizontal ? series->count + 1 : series->count;
  srn_range range = range_of_doubles(horizontal ? series->x : series->y, count, kind);
  if (bars && !horizontal && kind != SPECRNN_AXIS_LOG) {
    range = join(range, (srn_range){0.0, 0.0});
  }
  return range;
}

srn_range srn_data_range(const specrnn_panel *panel, bool horizontal)
{
  specrnn_axis_kind kind = horizontal ? panel->config.x.kind : panel->config.y.kind;
  srn_range range = {INFINITY, -INFINITY};
  bool has_bars = false;
  for (size_t i = 0; i < panel->n_series; i++) {
    range = join(range, range_of_series(&panel->series[i], horizontal, kind));
    has_bars |= panel->series[i].kind == SRN_BARS;
  }
  range = with_margin(range, kind, has_bars && !horizontal ? 0.0 : INFINITY);
  if (panel->heatmap || (horizontal && panel->waveform)) {
    range = (srn_range){INFINITY, -INFINITY}; /* lines over a picture follow it */
  }
  if (panel->heatmap) {
    range = join(range, range_of_heatmap(panel->heatmap, horizontal, kind));
  }
  if (panel->waveform) {
    range = join(range, range_of_waveform(panel->waveform, horizontal));
  }
  bool only_labels = range.low > range.high && horizontal;
  for (size_t i = 0; i < panel->n_intervals && only_labels; i++) {
    range = join(range, (srn_range){panel->intervals[i].start, panel->intervals[i].end});
  }
  return range;
}
