/* One axis: its coordinate, its ticks and how they are written. */
#include "plot/axis.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/checked.h"

static const double MINUTE_S = 60.0;
static const double HOUR_S = 3600.0;
/* From this maximum on, a frequency axis is written in kHz. */
static const double KILOHERTZ_FROM_HZ = 10000.0;
static const double MEL_KNEE_HZ = 1000.0;
static const double LOG_KNEE_HZ = 64.0;
static const double MEL_FIRST_TICK_HZ = 512.0;
/* Logarithmic axes within these are written in plain numbers, others as powers of ten. */
static const double LEAST_PLAIN = 0.0009;
static const double MOST_PLAIN = 11000.0;
/* Stands for the logarithm of what has none. */
static const double LOG_OF_ZERO = -300.0;
/* Numbers from 10^6 on and below 10^-4 are written with an exponent. */
enum { MAX_PLAIN_EXPONENT = 6, MIN_PLAIN_EXPONENT = -4, MAX_DECIMALS = 10 };
#define MINUS "\xe2\x88\x92" /* U+2212, as wide as a plus */

double srn_axis_coordinate(specrnn_axis_kind kind, double value)
{
  switch (kind) {
  case SPECRNN_AXIS_LOG: return value > 0.0 ? log10(value) : LOG_OF_ZERO;
  case SPECRNN_AXIS_FREQUENCY_LOG: return value <= LOG_KNEE_HZ ? value / LOG_KNEE_HZ : 1.0 + log2(value / LOG_KNEE_HZ);
  case SPECRNN_AXIS_FREQUENCY_MEL:
    return value <= MEL_KNEE_HZ ? 2.0 * value : MEL_KNEE_HZ * (2.0 + log2(value / MEL_KNEE_HZ));
  case SPECRNN_AXIS_INDEX:
  case SPECRNN_AXIS_LINEAR:
  case SPECRNN_AXIS_TIME:
  case SPECRNN_AXIS_FREQUENCY: break;
  }
  return value;
}

double srn_axis_place(const srn_axis *axis, double value)
{
  double low = srn_axis_coordinate(axis->kind, axis->low);
  double high = srn_axis_coordinate(axis->kind, axis->high);
  return (srn_axis_coordinate(axis->kind, value) - low) / (high - low);
}

/* ---------------------------------------------------------------------------------------------------------- labels */

/* A leading '-' becomes a minus sign. */
static void set_label(char *label, size_t size, const char *text)
{
  bool negative = *text == '-';
  snprintf(label, size, "%s%s", negative ? MINUS : "", negative ? text + 1 : text);
}

/* The fewest decimals that tell all multiples of `step` apart and write them exactly. */
static int decimals_for(double step)
{
  int decimals = 0;
  double scaled = fabs(step); /* step * 10^decimals */
  while (decimals < MAX_DECIMALS && fabs(scaled - round(scaled)) > 1e-3 * scaled) {
    scaled *= 10.0;
    decimals++;
  }
  return decimals;
}

static double step_of(const double *values, size_t count)
{
  return count > 1 ? values[1] - values[0] : fabs(values[0]);
}

static void write_number(char *label, size_t size, double value, int decimals, int exponent)
{
  char text[28];
  if (value == 0.0) {
    snprintf(text, sizeof text, "%.*f", exponent ? 0 : decimals, 0.0);
  } else if (exponent) {
    snprintf(text, sizeof text, "%.*fe%d", decimals, value / pow(10.0, exponent), exponent);
  } else {
    snprintf(text, sizeof text, "%.*f", decimals, value);
  }
  set_label(label, size, text);
}

/* The caller's format, with more digits where its own would give a tick another value: steps of 2.5 in "%.0f". */
static void refine_format(char *refined, size_t size, const char *format, int decimals)
{
  const char *end = format + strcspn(format, "%");
  while (end[0] == '%' && end[1] == '%') {
    end += 2 + strcspn(end + 2, "%");
  }
  end += 1 + strspn(end + 1, "+- 0#123456789");
  int precision = *end == '.' ? end[1] - '0' : -1;
  const char *conversion = *end == '.' ? end + 1 + strspn(end + 1, "0123456789") : end;
  if (precision >= 0 && *conversion == 'f' && precision < decimals) {
    snprintf(refined, size, "%.*s.%d%s", (int)(end - format), format, decimals, conversion);
  } else {
    snprintf(refined, size, "%s", format);
  }
}

/* Of the power of ten at or below a number; `slack` for one that rounding has left a little below a power. */
static int exponent_of(double value, double slack)
{
  return srn_whole_int(floor(log10(value) + slack), DBL_MIN_10_EXP - DBL_DIG, DBL_MAX_10_EXP);
}

static void write_numbers(srn_axis *axis, const double *values, size_t count, double unit)
{
  double largest = 0.0;
  for (size_t i = 0; i < count; i++) {
    largest = fmax(largest, fabs(values[i]));
  }
  double step = step_of(values, count);
  int exponent = largest > 0.0 ? exponent_of(largest, 1e-9) : 0;
  if (exponent >= MIN_PLAIN_EXPONENT && exponent < MAX_PLAIN_EXPONENT) {
    exponent = 0;
  }
  int decimals = decimals_for(exponent ? step / pow(10.0, exponent) : step);
  char format[sizeof axis->ticks[0].label + 2] = "";
  if (axis->format) {
    refine_format(format, sizeof format, axis->format, decimals_for(step * unit));
  }
  for (size_t i = 0; i < count; i++) {
    double value = fabs(values[i]) < step * 1e-6 ? 0.0 : values[i]; /* rounding may leave -1e-17 for zero */
    axis->ticks[i].value = value * unit;
    if (axis->format) {
      snprintf(axis->ticks[i].label, sizeof axis->ticks[i].label, format, value * unit);
    } else {
      write_number(axis->ticks[i].label, sizeof axis->ticks[i].label, value, decimals, exponent);
    }
  }
}

static void write_times(srn_axis *axis, const double *values, size_t count)
{
  int decimals = decimals_for(step_of(values, count));
  double reach = fmax(fabs(axis->low), fabs(axis->high));
  for (size_t i = 0; i < count; i++) {
    double seconds = fabs(values[i]);
    const char *sign = values[i] < 0.0 && seconds > 1e-9 ? MINUS : "";
    char *label = axis->ticks[i].label;
    size_t size = sizeof axis->ticks[i].label;
    int width = decimals ? decimals + 3 : 2; /* of the seconds: "05" or "05.25" */
    axis->ticks[i].value = values[i];
    if (reach < MINUTE_S) {
      snprintf(label, size, "%s%.*f", sign, decimals, seconds);
    } else if (reach < HOUR_S) {
      double minutes = floor((seconds + 1e-9) / MINUTE_S);
      snprintf(label, size, "%s%.0f:%0*.*f", sign, minutes, width, decimals, fabs(seconds - minutes * MINUTE_S));
    } else {
      double hours = floor((seconds + 1e-9) / HOUR_S);
      double minutes = floor((seconds + 1e-9 - hours * HOUR_S) / MINUTE_S);
      double rest = fabs(seconds - hours * HOUR_S - minutes * MINUTE_S);
      snprintf(label, size, "%s%.0f:%02.0f:%0*.*f", sign, hours, minutes, width, decimals, rest);
    }
  }
}

/* ------------------------------------------------------------------------------------------------------- the kinds */

/* Halves of an index mean nothing, unless the range holds no whole number at all. */
static size_t keep_whole(double *values, size_t count)
{
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    if (values[i] == round(values[i])) {
      values[kept++] = values[i];
    }
  }
  return kept ? kept : count;
}

static void ticks_linear(srn_axis *axis, int n_intervals, bool integer, double unit)
{
  double values[SRN_MAX_TICKS];
  size_t count = specrnn_ticks_linear(axis->low / unit, axis->high / unit, n_intervals, integer, values, SRN_MAX_TICKS);
  axis->n_ticks = count < SRN_MAX_TICKS ? count : SRN_MAX_TICKS;
  if (integer) {
    axis->n_ticks = keep_whole(values, axis->n_ticks);
  }
  write_numbers(axis, values, axis->n_ticks, unit);
}

static void ticks_time(srn_axis *axis, int n_intervals)
{
  double values[SRN_MAX_TICKS];
  size_t count = specrnn_ticks_time(axis->low, axis->high, n_intervals, values, SRN_MAX_TICKS);
  axis->n_ticks = count < SRN_MAX_TICKS ? count : SRN_MAX_TICKS;
  write_times(axis, values, axis->n_ticks);
}

/* 0 and `first` times powers of two, every second one (fourth ...) where there would be too many. */
static bool ticks_octaves(srn_axis *axis, int n_intervals, double first)
{
  double values[SRN_MAX_TICKS];
  size_t all = 0;
  for (double f = first; f <= axis->high * (1.0 + 1e-9) && all < SRN_MAX_TICKS; f *= 2.0) {
    all += f >= axis->low;
  }
  size_t stride = 1;
  while (all / stride > (size_t)n_intervals) {
    stride++;
  }
  size_t count = 0;
  if (axis->low <= 0.0) {
    values[count++] = 0.0;
  }
  size_t i = 0;
  for (double f = first; i < all && count < SRN_MAX_TICKS; f *= 2.0) {
    if (f >= axis->low && i++ % stride == 0) {
      values[count++] = f;
    }
  }
  if (count < 2) {
    return false;
  }
  axis->n_ticks = count;
  for (i = 0; i < count; i++) {
    axis->ticks[i].value = values[i];
    snprintf(axis->ticks[i].label, sizeof axis->ticks[i].label, "%.0f", values[i]);
  }
  return true;
}

static void write_power(char *label, size_t size, double value, int exponent)
{
  static const char *const DIGITS[] = {"\xe2\x81\xb0", "\xc2\xb9",     "\xc2\xb2",     "\xc2\xb3",     "\xe2\x81\xb4",
                                       "\xe2\x81\xb5", "\xe2\x81\xb6", "\xe2\x81\xb7", "\xe2\x81\xb8", "\xe2\x81\xb9"};
  int mantissa = srn_whole_int(round(value / pow(10.0, exponent)), 0, 10);
  int size_of_exponent = abs(exponent);
  char front[8] = "";
  if (mantissa > 1) {
    snprintf(front, sizeof front, "%d\xc2\xb7", mantissa % 10);
  }
  snprintf(label, size, "%s10%s%s%s%s", front, exponent < 0 ? "\xe2\x81\xbb" : "",
           size_of_exponent >= 100 ? DIGITS[size_of_exponent / 100 % 10] : "",
           size_of_exponent >= 10 ? DIGITS[size_of_exponent / 10 % 10] : "", DIGITS[size_of_exponent % 10]);
}

/* Powers of ten; with 2 and 5 times them where the range holds few. */
static bool ticks_decades(srn_axis *axis, int n_intervals)
{
  static const double BETWEEN[] = {1.0, 2.0, 5.0};
  int first = exponent_of(axis->low, 0.0);
  int last = exponent_of(axis->high, 1e-9);
  int per_decade = 3 * (last - first + 1) <= n_intervals + 2 ? 3 : 1;
  int stride = 1 + (last - first) / (n_intervals > 0 ? n_intervals : 1);
  bool plain = axis->low >= LEAST_PLAIN && axis->high <= MOST_PLAIN;
  size_t count = 0;
  for (int e = first; e <= last; e++) {
    if (e % stride) {
      continue;
    }
    for (int i = 0; i < per_decade && count < SRN_MAX_TICKS; i++) {
      double value = BETWEEN[i] * pow(10.0, e);
      if (value < axis->low * (1.0 - 1e-9) || value > axis->high * (1.0 + 1e-9)) {
        continue;
      }
      axis->ticks[count].value = value;
      char *label = axis->ticks[count++].label;
      if (plain) {
        snprintf(label, sizeof axis->ticks->label, "%g", value);
      } else {
        write_power(label, sizeof axis->ticks->label, value, e);
      }
    }
  }
  axis->n_ticks = count;
  return count >= 2;
}

/* Multiples `first` ... `last` of the powers of ten inside the range; only the first `capacity` are written. */
static size_t multiples_of_powers(const srn_axis *axis, int first, int last, double *values, size_t capacity)
{
  size_t count = 0;
  for (int e = exponent_of(axis->low, 0.0); e <= exponent_of(axis->high, 0.0); e++) {
    for (int digit = first; digit <= last; digit++) {
      double value = digit * pow(10.0, e);
      if (value >= axis->low && value <= axis->high) {
        if (count < capacity) {
          values[count] = value;
        }
        count++;
      }
    }
  }
  return count;
}

size_t srn_axis_minor_ticks(const srn_axis *axis, double *values, size_t capacity)
{
  if (axis->kind != SPECRNN_AXIS_LOG) {
    return 0;
  }
  size_t count = multiples_of_powers(axis, 2, 9, values, capacity);
  if (count > capacity) { /* where labels leave powers out, these have their marks */
    count = multiples_of_powers(axis, 1, 1, values, capacity);
  }
  return count <= capacity ? count : 0;
}

static double frequency_unit(const srn_axis *axis)
{
  return axis->kind == SPECRNN_AXIS_FREQUENCY && axis->high >= KILOHERTZ_FROM_HZ ? 1000.0 : 1.0;
}

void srn_axis_find_ticks(srn_axis *axis, int n_intervals)
{
  bool done = false;
  switch (axis->kind) {
  case SPECRNN_AXIS_TIME: ticks_time(axis, n_intervals); return;
  case SPECRNN_AXIS_LOG: done = ticks_decades(axis, n_intervals); break;
  case SPECRNN_AXIS_FREQUENCY_LOG: done = ticks_octaves(axis, n_intervals, LOG_KNEE_HZ); break;
  case SPECRNN_AXIS_FREQUENCY_MEL: done = ticks_octaves(axis, n_intervals, MEL_FIRST_TICK_HZ); break;
  case SPECRNN_AXIS_INDEX:
  case SPECRNN_AXIS_LINEAR:
  case SPECRNN_AXIS_FREQUENCY: break;
  }
  if (!done) {
    ticks_linear(axis, n_intervals, axis->kind == SPECRNN_AXIS_INDEX, frequency_unit(axis));
  }
}

const char *srn_axis_default_label(const srn_axis *axis)
{
  double reach = fmax(fabs(axis->low), fabs(axis->high));
  switch (axis->kind) {
  case SPECRNN_AXIS_TIME: return reach < MINUTE_S ? "Time (s)" : reach < HOUR_S ? "Time (m:ss)" : "Time (h:mm:ss)";
  case SPECRNN_AXIS_FREQUENCY: return frequency_unit(axis) > 1.0 ? "Frequency (kHz)" : "Frequency (Hz)";
  case SPECRNN_AXIS_FREQUENCY_LOG:
  case SPECRNN_AXIS_FREQUENCY_MEL: return "Frequency (Hz)";
  case SPECRNN_AXIS_INDEX:
  case SPECRNN_AXIS_LINEAR:
  case SPECRNN_AXIS_LOG: break;
  }
  return "";
}

bool srn_axis_format_valid(const char *format)
{
  int conversions = 0;
  for (const char *c = format; *c; c++) {
    if (*c != '%') {
      continue;
    }
    if (c[1] == '%') {
      c++;
      continue;
    }
    c += 1 + strspn(c + 1, "+- 0#");
    size_t width = strspn(c, "0123456789");
    c += width;
    size_t precision = 0;
    if (*c == '.') {
      precision = strspn(++c, "0123456789");
      c += precision;
    }
    if (width > 1 || precision > 1 || !*c || !strchr("efgEG", *c)) {
      return false;
    }
    conversions++;
  }
  return conversions == 1 && strlen(format) < sizeof((specrnn_tick *)0)->label;
}
