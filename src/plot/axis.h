/* One axis: its coordinate, its ticks and how they are written. No drawing. */
#ifndef SPECRNN_SRC_PLOT_AXIS_H
#define SPECRNN_SRC_PLOT_AXIS_H

#include "plot/ticks.h"

typedef struct srn_axis {
  specrnn_axis_kind kind;
  double low, high;   /* range shown, low < high */
  const char *format; /* one printf conversion of a double, or NULL: by the kind */
  size_t n_ticks;
  struct {
    double value;
    char label[sizeof((specrnn_tick *)0)->label];
  } ticks[SRN_MAX_TICKS];
} srn_axis;

/* The coordinate in which the axis is linear; rising. */
double srn_axis_coordinate(specrnn_axis_kind kind, double value);

/* 0 at `low`, 1 at `high`. */
double srn_axis_place(const srn_axis *axis, double value);

/* Fills the ticks inside the range, at most n_intervals + 1 of them, and their labels. */
void srn_axis_find_ticks(srn_axis *axis, int n_intervals);

/* Values of marks without labels on a logarithmic axis: 2 ... 9 times each power of ten, the powers alone where these
 * would be more than `capacity`, and none where the powers are; none on other axes. */
size_t srn_axis_minor_ticks(const srn_axis *axis, double *values, size_t capacity);

/* "Time (s)" and the like; "" where the kind has no unit. */
const char *srn_axis_default_label(const srn_axis *axis);

/* Whether `format` is one conversion of a double (e, f, g) among plain text, short enough for a tick. */
bool srn_axis_format_valid(const char *format);

#endif
