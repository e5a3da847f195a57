/* Least, largest and mean of an array, block by block. */
#include "array_summary.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "whole.h"

enum { BLOCK = 1 << 14 };

/* From here on six digits do not reach the unit. */
#define SIX_DIGITS_REACH 1e6

/* Neumaier's sum: what rounding loses is kept beside it. Numbers whose sum no double holds are scaled. */
typedef struct sum {
  double total, lost, scale;
} sum;

#define SMALL_SCALE 0x1p-64

static void add(sum *s, double x)
{
  double total = s->total + x;
  s->lost += fabs(s->total) >= fabs(x) ? (s->total - total) + x : (x - total) + s->total;
  s->total = total;
}

static void take(array_summary *s, sum *numbers, double x)
{
  if (!isfinite(x)) {
    *(isnan(x) ? &s->n_nan : &s->n_infinite) += 1;
    return;
  }
  s->n_finite++;
  s->least = fmin(s->least, x);
  s->largest = fmax(s->largest, x);
  add(numbers, x * numbers->scale);
}

static bool is_integer(specrnn_dtype dtype)
{
  switch (dtype) {
  case SPECRNN_I64:
  case SPECRNN_I32:
  case SPECRNN_I16:
  case SPECRNN_I8:
  case SPECRNN_U64:
  case SPECRNN_U32:
  case SPECRNN_U16:
  case SPECRNN_U8: return true;
  case SPECRNN_F64:
  case SPECRNN_F32:
  case SPECRNN_F16:
  case SPECRNN_BF16:
  case SPECRNN_C64:
  case SPECRNN_C128: break;
  }
  return false;
}

/* Integers of 64 bits, which a double may round; the others are exact in one. */
static void find_exact_ends(array_summary *s, const specrnn_array *array)
{
  size_t count = specrnn_array_count(array);
  const int64_t *x = array->data;
  const uint64_t *u = array->data;
  if (array->dtype != SPECRNN_I64 && array->dtype != SPECRNN_U64) {
    s->least_i = whole_of(s->least, INT64_MIN, INT64_MAX);
    s->largest_i = whole_of(s->largest, INT64_MIN, INT64_MAX);
    return;
  }
  s->least_i = s->largest_i = x[0];
  s->least_u = s->largest_u = u[0];
  for (size_t i = 1; i < count; i++) {
    s->least_i = x[i] < s->least_i ? x[i] : s->least_i;
    s->largest_i = x[i] > s->largest_i ? x[i] : s->largest_i;
    s->least_u = u[i] < s->least_u ? u[i] : s->least_u;
    s->largest_u = u[i] > s->largest_u ? u[i] : s->largest_u;
  }
}

static void take_complex(array_summary *s, sum *numbers, const specrnn_array *block, size_t count)
{
  const float *f = block->data;
  const double *d = block->data;
  for (size_t i = 0; i < count; i++) {
    bool wide = block->dtype == SPECRNN_C128;
    take(s, numbers, wide ? hypot(d[2 * i], d[2 * i + 1]) : hypot((double)f[2 * i], (double)f[2 * i + 1]));
  }
}

static specrnn_status take_real(array_summary *s, sum *numbers, const specrnn_array *block, size_t count,
                                const specrnn_log *log)
{
  specrnn_array *doubles = NULL;
  specrnn_status status = specrnn_array_to_f64(&doubles, block, log);
  for (size_t i = 0; !status && i < count; i++) {
    take(s, numbers, ((const double *)doubles->data)[i]);
  }
  specrnn_array_destroy(&doubles);
  return status;
}

static specrnn_status summarise(array_summary *s, const specrnn_array *array, double scale, const specrnn_log *log)
{
  size_t count = specrnn_array_count(array);
  size_t size = specrnn_dtype_size(array->dtype);
  sum numbers = {.scale = scale};
  *s = (array_summary){.least = INFINITY, .largest = -INFINITY};
  s->is_complex = array->dtype == SPECRNN_C64 || array->dtype == SPECRNN_C128;
  s->is_integer = is_integer(array->dtype);
  for (size_t at = 0; at < count; at += BLOCK) {
    size_t n = count - at < BLOCK ? count - at : BLOCK;
    const specrnn_array block = specrnn_array_view(array->dtype, 1, &n, (const char *)array->data + at * size);
    specrnn_status status = SPECRNN_OK;
    if (s->is_complex) {
      take_complex(s, &numbers, &block, n);
    } else {
      status = take_real(s, &numbers, &block, n, log);
    }
    if (status) {
      return status;
    }
  }
  s->mean = (numbers.total + numbers.lost) / (double)s->n_finite / scale;
  return SPECRNN_OK;
}

specrnn_status array_summarise(array_summary *s, const specrnn_array *array, const specrnn_log *log)
{
  specrnn_status status = summarise(s, array, 1.0, log);
  if (!status && s->n_finite > 0 && !isfinite(s->mean)) {
    status = summarise(s, array, SMALL_SCALE, log);
  }
  if (!status && s->is_integer && s->n_finite > 0) {
    find_exact_ends(s, array);
  }
  return status;
}

/* Of numbers that lie near each other three digits of their distance show. */
static int digits_for(const array_summary *s, double x)
{
  enum { FEW = 6, MANY = 15, MOST = 17, OF_DISTANCE = 3 };
  double distance = s->largest - s->least;
  double furthest = fmax(fabs(s->least), fabs(s->largest));
  double needed = distance > 0.0 ? ceil(log10(furthest / distance)) + OF_DISTANCE : FEW;
  int digits = whole_int_of(needed, FEW, MOST);
  return fabs(x) >= SIX_DIGITS_REACH && digits < MANY ? MANY : digits;
}

static void number_text(const array_summary *s, double x, char text[SUMMARY_TEXT_SIZE])
{
  snprintf(text, SUMMARY_TEXT_SIZE, "%.*g", digits_for(s, x), x);
}

void array_mean_text(const array_summary *s, char text[SUMMARY_TEXT_SIZE])
{
  number_text(s, s->mean, text);
}

static void end_text(const array_summary *s, specrnn_dtype dtype, double x, int64_t i, uint64_t u,
                     char text[SUMMARY_TEXT_SIZE])
{
  if (!s->is_integer) {
    number_text(s, x, text);
  } else if (dtype == SPECRNN_U64) {
    snprintf(text, SUMMARY_TEXT_SIZE, "%" PRIu64, u);
  } else {
    snprintf(text, SUMMARY_TEXT_SIZE, "%" PRId64, i);
  }
}

void array_least_text(const array_summary *s, specrnn_dtype dtype, char text[SUMMARY_TEXT_SIZE])
{
  end_text(s, dtype, s->least, s->least_i, s->least_u, text);
}

void array_largest_text(const array_summary *s, specrnn_dtype dtype, char text[SUMMARY_TEXT_SIZE])
{
  end_text(s, dtype, s->largest, s->largest_i, s->largest_u, text);
}
