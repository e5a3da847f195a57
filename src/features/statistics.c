/* Per-bin mean, deviation, least and largest value in one pass, and normalisation by them. */
#include "features/statistics.h"

#include <math.h>
#include <string.h>

#include "core/arena.h"
#include "core/fpu.h"
#include "core/log.h"

static const double LEAST_DEVIATION = 1e-5;

struct specrnn_statistics {
  size_t n_bins;
  uint64_t n_rows;
  double *mean;
  double *spread; /* sum of squared distances from the mean */
  double *minimum;
  double *maximum;
};

static specrnn_statistics *build(srn_arena *arena, size_t n_bins)
{
  specrnn_statistics *s = srn_arena_take(arena, 1, sizeof *s);
  double *mean = srn_arena_take(arena, n_bins, sizeof *mean);
  double *spread = srn_arena_take(arena, n_bins, sizeof *spread);
  double *minimum = srn_arena_take(arena, n_bins, sizeof *minimum);
  double *maximum = srn_arena_take(arena, n_bins, sizeof *maximum);
  if (s) {
    *s = (specrnn_statistics){n_bins, 0, mean, spread, minimum, maximum};
  }
  return s;
}

specrnn_status specrnn_statistics_create(specrnn_statistics **out, size_t n_bins, const specrnn_log *log)
{
  srn_arena arena = {0};
  if (!n_bins) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "statistics of 0 bins");
  }
  build(&arena, n_bins);
  size_t bytes = arena.used;
  if (!srn_arena_allocate(&arena)) {
    return srn_fail_memory(log, bytes);
  }
  specrnn_statistics *s = build(&arena, n_bins);
  for (size_t k = 0; k < n_bins; k++) {
    s->minimum[k] = INFINITY;
    s->maximum[k] = -INFINITY;
  }
  *out = s;
  return SPECRNN_OK;
}

specrnn_status specrnn_statistics_restore(specrnn_statistics **out, size_t n_bins, uint64_t n_rows, const double *mean,
                                          const double *deviation, const double *minimum, const double *maximum,
                                          const specrnn_log *log)
{
  specrnn_statistics *s = NULL;
  if (!n_rows) {
    return srn_fail(log, SPECRNN_ERROR_EMPTY, "the statistics are of 0 rows");
  }
  for (size_t k = 0; k < n_bins; k++) {
    if (!isfinite(mean[k]) || !isfinite(deviation[k])) {
      return srn_fail(log, SPECRNN_ERROR_NOT_FINITE, "the statistics of bin %zu are not finite", k);
    }
    if (deviation[k] < 0.0) {
      return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the deviation of bin %zu is %g", k, deviation[k]);
    }
  }
  specrnn_status status = specrnn_statistics_create(&s, n_bins, log);
  if (status) {
    return status;
  }
  s->n_rows = n_rows;
  for (size_t k = 0; k < n_bins; k++) {
    s->mean[k] = mean[k];
    s->spread[k] = deviation[k] * deviation[k] * (double)s->n_rows;
    s->minimum[k] = minimum ? minimum[k] : s->minimum[k];
    s->maximum[k] = maximum ? maximum[k] : s->maximum[k];
  }
  *out = s;
  return SPECRNN_OK;
}

void specrnn_statistics_destroy(specrnn_statistics **statistics)
{
  srn_arena_free(*statistics);
  *statistics = NULL;
}

void specrnn_statistics_add(specrnn_statistics *s, const float *rows, size_t n_rows)
{
  srn_fpu_mode mode = srn_fpu_enter();
  for (size_t i = 0; i < n_rows; i++) {
    const float *row = rows + i * s->n_bins;
    double weight = 1.0 / (double)++s->n_rows;
    for (size_t k = 0; k < s->n_bins; k++) {
      double value = row[k];
      double distance = value - s->mean[k];
      s->mean[k] += distance * weight;
      s->spread[k] += distance * (value - s->mean[k]);
      s->minimum[k] = value < s->minimum[k] ? value : s->minimum[k];
      s->maximum[k] = value > s->maximum[k] ? value : s->maximum[k];
    }
  }
  srn_fpu_leave(mode);
}

specrnn_status specrnn_statistics_merge(specrnn_statistics *s, const specrnn_statistics *other)
{
  if (s->n_bins != other->n_bins) {
    return SPECRNN_ERROR_SHAPE;
  }
  if (!other->n_rows) {
    return SPECRNN_OK;
  }
  srn_fpu_mode mode = srn_fpu_enter();
  double mine = (double)s->n_rows;
  double theirs = (double)other->n_rows;
  double total = mine + theirs;
  for (size_t k = 0; k < s->n_bins; k++) {
    double distance = other->mean[k] - s->mean[k];
    s->mean[k] += distance * (theirs / total);
    s->spread[k] += other->spread[k] + distance * distance * (mine * theirs / total);
    s->minimum[k] = fmin(s->minimum[k], other->minimum[k]);
    s->maximum[k] = fmax(s->maximum[k], other->maximum[k]);
  }
  srn_fpu_leave(mode);
  s->n_rows += other->n_rows;
  return SPECRNN_OK;
}

size_t specrnn_statistics_n_bins(const specrnn_statistics *s)
{
  return s->n_bins;
}

uint64_t specrnn_statistics_n_rows(const specrnn_statistics *s)
{
  return s->n_rows;
}

static void read_values(double *out, const double *values, const specrnn_statistics *s)
{
  for (size_t k = 0; out && k < s->n_bins; k++) {
    out[k] = s->n_rows ? values[k] : NAN;
  }
}

void specrnn_statistics_read(const specrnn_statistics *s, double *mean, double *deviation, double *minimum,
                             double *maximum)
{
  read_values(mean, s->mean, s);
  read_values(minimum, s->minimum, s);
  read_values(maximum, s->maximum, s);
  srn_fpu_mode mode = srn_fpu_enter();
  for (size_t k = 0; deviation && k < s->n_bins; k++) {
    deviation[k] = s->n_rows ? sqrt(s->spread[k] / (double)s->n_rows) : NAN;
  }
  srn_fpu_leave(mode);
}

double srn_cmvn_factor(double deviation)
{
  return 1.0 / (deviation < LEAST_DEVIATION ? LEAST_DEVIATION : deviation);
}

specrnn_status specrnn_cmvn_apply(float *out, const float *rows, size_t n_rows, const specrnn_statistics *s,
                                  bool variance)
{
  if (!s->n_rows) {
    return SPECRNN_ERROR_EMPTY;
  }
  srn_fpu_mode mode = srn_fpu_enter();
  for (size_t k = 0; k < s->n_bins; k++) {
    double factor = variance ? srn_cmvn_factor(sqrt(s->spread[k] / (double)s->n_rows)) : 1.0;
    for (size_t i = 0; i < n_rows; i++) {
      out[i * s->n_bins + k] = (float)((rows[i * s->n_bins + k] - s->mean[k]) * factor);
    }
  }
  srn_fpu_leave(mode);
  return SPECRNN_OK;
}
