/* Rows of any number, kept as a bounded grid of cells. */
#include "plot/pool.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/checked.h"
#include "core/log.h"
#include "core/pages.h"

enum { FIRST_BYTES = 1 << 24, FIRST_COLUMNS = 64 };

static const double DB_PER_DECADE = 10.0;

static size_t count_groups(const srn_pool_plan *plan, size_t *begin, double *edge)
{
  size_t groups = 0;
  for (size_t bin = 0; bin < plan->n_bins;) {
    size_t end = bin + 1;
    while (end < plan->n_bins && plan->edges[end + 1] - plan->edges[bin] <= plan->smallest) {
      end++;
    }
    if (begin) {
      begin[groups] = bin;
      edge[groups] = plan->edges[bin];
    }
    groups++;
    bin = end;
  }
  if (begin) {
    begin[groups] = plan->n_bins;
    edge[groups] = plan->edges[plan->n_bins];
  }
  return groups;
}

specrnn_status srn_pool_create(srn_pool **out, const srn_pool_plan *plan, const specrnn_log *log)
{
  srn_pool *pool = calloc(1, sizeof *pool);
  if (!pool) {
    return srn_fail_memory(log, sizeof *pool);
  }
  pool->kind = plan->kind;
  pool->n_bins = plan->n_bins;
  pool->n_groups = count_groups(plan, NULL, NULL);
  pool->capacity = plan->capacity;
  pool->factor = 1;
  pool->group_begin = calloc(pool->n_groups + 1, sizeof *pool->group_begin);
  pool->group_edge = calloc(pool->n_groups + 1, sizeof *pool->group_edge);
  pool->sums = calloc(pool->n_groups, sizeof *pool->sums);
  if (!pool->group_begin || !pool->group_edge || !pool->sums) {
    specrnn_status status = srn_fail_memory(log, pool->n_groups * sizeof *pool->sums);
    srn_pool_destroy(&pool);
    return status;
  }
  count_groups(plan, pool->group_begin, pool->group_edge);
  *out = pool;
  return SPECRNN_OK;
}

void srn_pool_destroy(srn_pool **pool)
{
  if (!*pool) {
    return;
  }
  free((*pool)->group_begin);
  free((*pool)->group_edge);
  free((*pool)->sums);
  free((*pool)->cells);
  free(*pool);
  *pool = NULL;
}

/* ------------------------------------------------------------------------------------------------------- combining */

/* Means are sums in this domain. */
static double to_sum(specrnn_pool kind, double value)
{
  return kind == SPECRNN_POOL_MEAN_DB ? pow(10.0, value / DB_PER_DECADE) : value;
}

static double from_sum(specrnn_pool kind, double sum, double count)
{
  return kind == SPECRNN_POOL_MEAN_DB ? DB_PER_DECADE * log10(sum / count) : sum / count;
}

static bool is_mean(specrnn_pool kind)
{
  return kind == SPECRNN_POOL_MEAN || kind == SPECRNN_POOL_MEAN_DB;
}

/* The stronger of two; a NaN gives way to a number. */
static float stronger(specrnn_pool kind, float a, float b)
{
  if (kind == SPECRNN_POOL_MAX_ABS) {
    return fabsf(b) > fabsf(a) || a != a ? b : a;
  }
  return b > a || a != a ? b : a;
}

static void merge_into(specrnn_pool kind, float *restrict to, const float *restrict from, size_t count)
{
  if (kind == SPECRNN_POOL_MAX) {
    for (size_t i = 0; i < count; i++) {
      to[i] = from[i] > to[i] || to[i] != to[i] ? from[i] : to[i];
    }
    return;
  }
  for (size_t i = 0; i < count; i++) {
    to[i] = is_mean(kind) ? (float)from_sum(kind, to_sum(kind, to[i]) + to_sum(kind, from[i]), 2.0)
                          : stronger(kind, to[i], from[i]);
  }
}

/* All columns are full: pairs become one. The capacity is even. */
static void halve(srn_pool *pool)
{
  for (size_t c = 0; c < pool->n_columns / 2; c++) {
    float *to = pool->cells + c * pool->n_groups;
    memmove(to, pool->cells + 2 * c * pool->n_groups, pool->n_groups * sizeof *to);
    merge_into(pool->kind, to, pool->cells + (2 * c + 1) * pool->n_groups, pool->n_groups);
  }
  pool->n_columns /= 2;
  pool->factor *= 2;
  pool->n_last = pool->factor;
}

/* Columns for the first time: enough for most pictures, as memory that is not touched costs nothing and growth does. */
static size_t first_columns(const srn_pool *pool)
{
  size_t columns = FIRST_BYTES / sizeof *pool->cells / pool->n_groups;
  return columns > FIRST_COLUMNS ? columns : FIRST_COLUMNS;
}

static specrnn_status reserve_column(srn_pool *pool, const specrnn_log *log)
{
  if (pool->n_columns < pool->allocated) {
    return SPECRNN_OK;
  }
  size_t wanted = pool->allocated ? 2 * pool->allocated : first_columns(pool);
  wanted = wanted < pool->capacity ? wanted : pool->capacity;
  size_t bytes;
  if (!srn_size_mul(wanted, pool->n_groups, &bytes) || !srn_size_mul(bytes, sizeof *pool->cells, &bytes)) {
    return srn_fail(log, SPECRNN_ERROR_MEMORY, "out of memory (%zu columns of %zu bins)", wanted, pool->n_groups);
  }
  float *cells = realloc(pool->cells, bytes);
  if (!cells) {
    return srn_fail_memory(log, bytes);
  }
  if (!pool->allocated) {
    srn_pages_advise_large(cells, bytes); /* only now: moved later, large pages would be split */
  }
  pool->cells = cells;
  pool->allocated = wanted;
  return SPECRNN_OK;
}

/* A row reduced to groups, as the first of its column (`first`) or merged into it. */
static void put_row(srn_pool *pool, const float *row, float *column, bool first)
{
  specrnn_pool kind = pool->kind;
  for (size_t g = 0; g < pool->n_groups; g++) {
    size_t begin = pool->group_begin[g];
    size_t end = pool->group_begin[g + 1];
    if (is_mean(kind)) {
      double sum = 0.0;
      for (size_t b = begin; b < end; b++) {
        sum += to_sum(kind, row[b]);
      }
      sum /= (double)(end - begin);
      pool->sums[g] = first ? sum : pool->sums[g] + sum;
      bool alone = first && end - begin == 1; /* stays exact */
      column[g] = alone ? row[begin] : (float)from_sum(kind, pool->sums[g], (double)pool->n_last);
      continue;
    }
    float value = first ? row[begin] : stronger(kind, column[g], row[begin]);
    for (size_t b = begin + 1; b < end; b++) {
      value = stronger(kind, value, row[b]);
    }
    column[g] = value;
  }
}

/* Makes sure that the last column has room for a row; *first where it has none yet. */
static specrnn_status open_column(srn_pool *pool, bool *first, const specrnn_log *log)
{
  *first = pool->n_columns == 0 || pool->n_last == pool->factor;
  if (!*first) {
    return SPECRNN_OK;
  }
  if (pool->n_columns == pool->capacity) {
    halve(pool);
  }
  specrnn_status status = reserve_column(pool, log);
  if (!status) {
    pool->n_columns++;
    pool->n_last = 0;
  }
  return status;
}

static specrnn_status push_row(srn_pool *pool, const float *row, const specrnn_log *log)
{
  bool first;
  specrnn_status status = open_column(pool, &first, log);
  if (status) {
    return status;
  }
  pool->n_last++;
  pool->n_rows++;
  float *column = pool->cells + (pool->n_columns - 1) * pool->n_groups;
  if (pool->n_groups != pool->n_bins || is_mean(pool->kind)) {
    put_row(pool, row, column, first);
  } else if (first) {
    memcpy(column, row, pool->n_bins * sizeof *row);
  } else {
    merge_into(pool->kind, column, row, pool->n_bins);
  }
  return SPECRNN_OK;
}

/* The largest of value and the samples, which is NaN only where all are. In several parts, as one comparison would wait
 * for the one before it. */
static float largest(float value, const float *samples, size_t count)
{
  enum { PARTS = 32 };
  float part[PARTS];
  for (size_t p = 0; p < PARTS; p++) {
    part[p] = -INFINITY; /* a NaN is never larger */
  }
  size_t whole = count - count % PARTS;
  for (size_t i = 0; i < whole; i += PARTS) {
    for (size_t p = 0; p < PARTS; p++) {
      part[p] = samples[i + p] > part[p] ? samples[i + p] : part[p];
    }
  }
  for (size_t p = 0; whole > 0 && p < PARTS; p++) {
    bool larger = part[p] > value || value != value;
    value = larger && part[p] > -INFINITY ? part[p] : value;
  }
  for (size_t i = whole; i < count; i++) {
    value = samples[i] > value || value != value ? samples[i] : value;
  }
  return value;
}

/* Samples of a waveform: as many as the open column takes at once. */
static specrnn_status push_samples(srn_pool *pool, const float *samples, size_t count, const specrnn_log *log)
{
  while (count) {
    bool first;
    specrnn_status status = open_column(pool, &first, log);
    if (status) {
      return status;
    }
    size_t room = pool->factor - pool->n_last;
    size_t taken = count < room ? count : room;
    float *column = pool->cells + pool->n_columns - 1;
    *column = largest(first ? samples[0] : *column, samples, taken);
    pool->n_last += taken;
    pool->n_rows += taken;
    samples += taken;
    count -= taken;
  }
  return SPECRNN_OK;
}

specrnn_status srn_pool_push(srn_pool *pool, const float *rows, size_t n_rows, const specrnn_log *log)
{
  if (pool->n_bins == 1 && pool->kind == SPECRNN_POOL_MAX) {
    return push_samples(pool, rows, n_rows, log);
  }
  for (size_t i = 0; i < n_rows; i++) {
    specrnn_status status = push_row(pool, rows + i * pool->n_bins, log);
    if (status) {
      return status;
    }
  }
  return SPECRNN_OK;
}

/* ---------------------------------------------------------------------------------------------------------- asking */

/* Means are taken over all cells at once. */
static float mean_of(const srn_pool *pool, srn_span columns, srn_span groups)
{
  size_t count = (columns.end - columns.begin) * (groups.end - groups.begin);
  if (count == 1) {
    return pool->cells[columns.begin * pool->n_groups + groups.begin];
  }
  double sum = 0.0;
  for (size_t c = columns.begin; c < columns.end; c++) {
    const float *column = pool->cells + c * pool->n_groups;
    for (size_t g = groups.begin; g < groups.end; g++) {
      sum += to_sum(pool->kind, column[g]);
    }
  }
  return (float)from_sum(pool->kind, sum, (double)count);
}

/* The columns as one; a single one needs no copy. */
static const float *merge_columns(const srn_pool *pool, srn_span columns, float *scratch)
{
  const float *first = pool->cells + columns.begin * pool->n_groups;
  if (columns.end - columns.begin == 1) {
    return first;
  }
  memcpy(scratch, first, pool->n_groups * sizeof *scratch);
  for (size_t c = columns.begin + 1; c < columns.end; c++) {
    merge_into(pool->kind, scratch, pool->cells + c * pool->n_groups, pool->n_groups);
  }
  return scratch;
}

static float strongest(specrnn_pool kind, const float *values, srn_span span)
{
  float value = values[span.begin];
  for (size_t g = span.begin + 1; g < span.end; g++) {
    value = stronger(kind, value, values[g]);
  }
  return value;
}

/* As strongest() of SPECRNN_POOL_MAX, and without a branch on the values, which no processor foresees: comparisons pass
 * over NaN, so that only a result of minus infinity leaves open what was there. */
static float maximum(const float *values, srn_span span)
{
  float value = -INFINITY;
  for (size_t g = span.begin; g < span.end; g++) {
    value = values[g] > value ? values[g] : value;
  }
  return value > -INFINITY ? value : strongest(SPECRNN_POOL_MAX, values, span);
}

void srn_pool_values(const srn_pool *pool, srn_span columns, const srn_span *groups, size_t n_spans, float *values,
                     float *scratch)
{
  const float *column = is_mean(pool->kind) ? NULL : merge_columns(pool, columns, scratch);
  for (size_t i = 0; i < n_spans; i++) {
    srn_span span = groups[i];
    if (span.begin >= span.end) {
      values[i] = NAN;
    } else if (!column) {
      values[i] = mean_of(pool, columns, span);
    } else {
      values[i] = pool->kind == SPECRNN_POOL_MAX ? maximum(column, span) : strongest(pool->kind, column, span);
    }
  }
}

/* The range of the numbers that pass `finite_only`. Infinities are rare: without the question whether a value is one,
 * the loop is a vector's smallest and largest. */
static bool find_extent(const float *values, size_t count, bool finite_only, float *smallest, float *largest)
{
  enum { LANES = 16 };
  float low[LANES];
  float high[LANES];
  for (size_t k = 0; k < LANES; k++) {
    low[k] = INFINITY;
    high[k] = -INFINITY;
  }
  for (size_t i = 0; i + LANES <= count && !finite_only; i += LANES) {
    for (size_t k = 0; k < LANES; k++) {
      low[k] = values[i + k] < low[k] ? values[i + k] : low[k];
      high[k] = values[i + k] > high[k] ? values[i + k] : high[k];
    }
  }
  for (size_t i = finite_only ? 0 : count - count % LANES; i < count; i++) {
    if (!finite_only || isfinite(values[i])) {
      low[0] = values[i] < low[0] ? values[i] : low[0];
      high[0] = values[i] > high[0] ? values[i] : high[0];
    }
  }
  for (size_t k = 1; k < LANES; k++) {
    low[0] = low[k] < low[0] ? low[k] : low[0];
    high[0] = high[k] > high[0] ? high[k] : high[0];
  }
  *smallest = low[0];
  *largest = high[0];
  return low[0] <= high[0];
}

bool srn_pool_extent(const srn_pool *pool, double *smallest, double *largest)
{
  size_t count = pool->n_columns * pool->n_groups;
  float low;
  float high;
  bool found = find_extent(pool->cells, count, false, &low, &high);
  if (found && (isinf(low) || isinf(high))) {
    found = find_extent(pool->cells, count, true, &low, &high);
  }
  if (found) {
    *smallest = low;
    *largest = high;
  }
  return found;
}

static int compare_floats(const void *a, const void *b)
{
  float x = *(const float *)a;
  float y = *(const float *)b;
  return (x > y) - (x < y);
}

static double percentile(const float *sorted, size_t count, double per_cent)
{
  double place = per_cent / 100.0 * (double)(count - 1);
  size_t index = (size_t)srn_whole(place, 0, (int64_t)count - 1);
  size_t next = index + 1 < count ? index + 1 : index;
  return sorted[index] + (place - (double)index) * ((double)sorted[next] - sorted[index]);
}

specrnn_status srn_pool_percentiles(const srn_pool *pool, double low, double high, double *value_low,
                                    double *value_high, const specrnn_log *log)
{
  size_t count = pool->n_columns * pool->n_groups;
  float *sorted = malloc((count ? count : 1) * sizeof *sorted);
  if (!sorted) {
    return srn_fail_memory(log, count * sizeof *sorted);
  }
  size_t finite = 0;
  for (size_t i = 0; i < count; i++) {
    if (isfinite(pool->cells[i])) {
      sorted[finite++] = pool->cells[i];
    }
  }
  if (finite) {
    qsort(sorted, finite, sizeof *sorted, compare_floats);
    *value_low = percentile(sorted, finite, low);
    *value_high = percentile(sorted, finite, high);
  }
  free(sorted);
  return SPECRNN_OK;
}
