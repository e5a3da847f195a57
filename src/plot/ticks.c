/* Where ticks go: the rules of matplotlib's MaxNLocator, and round multiples of seconds, minutes and hours. */
#include <float.h>
#include <math.h>

#include "plot/ticks.h"

/* AutoLocator's steps 1, 2, 2.5, 5, 10, continued below by a tenth and above by ten. */
static const double STEPS[] = {0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 2.5, 5.0, 10.0, 20.0};
enum { STEP_COUNT = sizeof STEPS / sizeof *STEPS, MIN_TICKS = 2 };

/* An offset is split off where |mean| / range reaches this, so that multiples of small steps stay exact. */
static const double OFFSET_THRESHOLD = 100.0;
static const double EDGE_TOLERANCE = 1e-10;
static const double MAX_EDGE_TOLERANCE = 0.4999;
/* Digits of a double that may be trusted beside a large offset. */
static const double OFFSET_DIGITS = 12.0;
/* Ranges narrower than this, relative to their largest end, are widened. */
static const double NARROW = 1e-14;
static const double WIDEN = 1e-13;
static const double MOST_STEPS = 1000.0;
static const double WHOLE_TOLERANCE = 0.001;

typedef struct spacing {
  double scale;  /* power of ten that the steps multiply */
  double offset; /* 0, or a power of ten near the mean */
} spacing;

static spacing find_spacing(double low, double high, int n_intervals)
{
  double range = high - low;
  double mean = (high + low) / 2.0;
  spacing result = {pow(10.0, floor(log10(range / n_intervals))), 0.0};
  if (fabs(mean) / range >= OFFSET_THRESHOLD) {
    result.offset = copysign(pow(10.0, floor(log10(fabs(mean)))), mean);
  }
  return result;
}

/* Whether x, a multiple of a step, is as near to `edge` as a double beside the offset can tell. */
static bool is_near(double x, double edge, double step, double offset)
{
  double tolerance = EDGE_TOLERANCE;
  if (offset != 0.0) {
    tolerance = fmax(tolerance, pow(10.0, log10(fabs(offset) / step) - OFFSET_DIGITS));
    tolerance = fmin(tolerance, MAX_EDGE_TOLERANCE);
  }
  return fabs(x - edge) < tolerance;
}

/* The largest whole number of steps that is not above x, and the smallest that is not below; x >= 0. */
static double steps_below(double x, double step, double offset)
{
  double whole = floor(x / step);
  return is_near(x / step - whole, 1.0, step, offset) ? whole + 1.0 : whole;
}

static double steps_above(double x, double step, double offset)
{
  double whole = floor(x / step);
  return is_near(x / step - whole, 0.0, step, offset) ? whole : whole + 1.0;
}

static bool step_allowed(double step, bool integer)
{
  return !integer || step < 1.0 || fabs(step - round(step)) < WHOLE_TOLERANCE;
}

/* Ticks of one step, kept where they lie inside the range with the rounding of a double forgiven. *strictly counts
 * those inside without it: that count decides about the step. */
static size_t place(double low, double high, double step, double offset, double *ticks, size_t capacity,
                    size_t *strictly)
{
  double first = floor(low / step) * step;
  double begin = steps_below(low - first, step, offset);
  double end = steps_above(high - first, step, offset);
  double slack = EDGE_TOLERANCE * step + 2.0 * DBL_EPSILON * fmax(fabs(low + offset), fabs(high + offset));
  size_t count = 0;
  *strictly = 0;
  if (!(end - begin <= MOST_STEPS)) { /* a step that a double cannot tell apart at such ends */
    return 0;
  }
  for (double i = begin; i <= end; i += 1.0) {
    double tick = i * step + first;
    *strictly += tick >= low && tick <= high;
    if (tick < low - slack || tick > high + slack) {
      continue;
    }
    if (count < capacity) {
      ticks[count] = tick + offset;
    }
    count++;
  }
  return count;
}

static bool prepare(double *low, double *high)
{
  if (!isfinite(*low) || !isfinite(*high)) {
    return false;
  }
  if (*high < *low) {
    double other = *low;
    *low = *high;
    *high = other;
  }
  double largest = fmax(fabs(*low), fabs(*high));
  if (largest == 0.0) {
    *low = -WIDEN;
    *high = WIDEN;
  } else if (*high - *low <= largest * NARROW) {
    *low -= WIDEN * fabs(*low);
    *high += WIDEN * fabs(*high);
  }
  return isfinite(*high - *low);
}

size_t specrnn_ticks_linear(double minimum, double maximum, int n_intervals, bool integer, double *ticks,
                            size_t capacity)
{
  if (!prepare(&minimum, &maximum)) {
    return 0;
  }
  n_intervals = n_intervals < 1 ? 1 : n_intervals > SRN_MAX_INTERVALS ? SRN_MAX_INTERVALS : n_intervals;
  spacing s = find_spacing(minimum, maximum, n_intervals);
  double low = minimum - s.offset;
  double high = maximum - s.offset;
  double raw_step = (high - low) / n_intervals;
  int chosen = 0;
  while (chosen < STEP_COUNT - 1 &&
         !(step_allowed(STEPS[chosen] * s.scale, integer) && STEPS[chosen] * s.scale >= raw_step)) {
    chosen++;
  }
  size_t count = 0;
  size_t strictly;
  for (; chosen >= 0; chosen--) {
    double step = STEPS[chosen] * s.scale;
    if (!step_allowed(step, integer)) {
      continue;
    }
    if (integer && floor(high) - ceil(low) >= MIN_TICKS - 1) {
      step = fmax(1.0, step);
    }
    count = place(low, high, step, s.offset, ticks, capacity, &strictly);
    if (strictly >= MIN_TICKS) {
      break;
    }
  }
  return count;
}

/* Seconds. Below one second decimal steps are made of 1, 2, 5; beyond a day, days. */
static const double TIME_STEPS[] = {1,   2,   5,    10,   15,   30,    60,    120,   300,
                                    600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400};
static const double LARGEST_FRACTION_S = 0.5;
enum { TIME_STEP_COUNT = sizeof TIME_STEPS / sizeof *TIME_STEPS };

static double decimal_step(double at_least)
{
  static const double DIGITS[] = {1.0, 2.0, 5.0};
  double scale = pow(10.0, floor(log10(at_least)));
  for (int i = 0; i < 3; i++) {
    if (DIGITS[i] * scale >= at_least * (1.0 - EDGE_TOLERANCE)) {
      return DIGITS[i] * scale;
    }
  }
  return 10.0 * scale;
}

double srn_time_step(double at_least)
{
  if (at_least <= LARGEST_FRACTION_S) {
    return decimal_step(at_least);
  }
  for (int i = 0; i < TIME_STEP_COUNT; i++) {
    if (TIME_STEPS[i] >= at_least) {
      return TIME_STEPS[i];
    }
  }
  double day = TIME_STEPS[TIME_STEP_COUNT - 1];
  return day * ceil(decimal_step(at_least / day));
}

/* The next smaller step, for a range in which the right one shows a single tick. */
static double smaller_time_step(double step)
{
  for (int i = TIME_STEP_COUNT - 1; i > 0; i--) {
    if (TIME_STEPS[i] <= step) {
      return TIME_STEPS[i - 1];
    }
  }
  return decimal_step(step / 2.5); /* 5 -> 2, 2 -> 1, 1 -> 0.5 */
}

size_t specrnn_ticks_time(double minimum, double maximum, int n_intervals, double *ticks, size_t capacity)
{
  if (!prepare(&minimum, &maximum)) {
    return 0;
  }
  n_intervals = n_intervals < 1 ? 1 : n_intervals > SRN_MAX_INTERVALS ? SRN_MAX_INTERVALS : n_intervals;
  double step = srn_time_step((maximum - minimum) / n_intervals);
  size_t strictly;
  size_t count = place(minimum, maximum, step, 0.0, ticks, capacity, &strictly);
  for (int i = 0; i < 3 && count < MIN_TICKS; i++) {
    step = smaller_time_step(step);
    count = place(minimum, maximum, step, 0.0, ticks, capacity, &strictly);
  }
  return count;
}
