/* Checks of the front end's kernels for one type. The file that includes this defines
 *   REAL, TEXT (of the type), FRONT (the member of srn_kernels), FILTERS, FAMILY, TAKE and RANDOM of arrays,
 *   REFERENCE_FMA, REFERENCE_LOG and REFERENCE_LOG10 (one type more precise), ULPS and REAL_EPSILON. */
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LANES = SRN_FRONT_LANES, ROUNDS = 60, MOST_BINS = 90, TIMED_BINS = 257, TIMED_BANDS = 80, TIMED_STRIDE = 528 };

static void check_window(checker *c)
{
  for (int round = 0; round < ROUNDS; round++) {
    size_t n = random_size(c, 0, MOST_BINS);
    float *samples = random_floats(c, n, -1.0f, 1.0f);
    REAL *window = RANDOM(c, n, 0, 1), *out = TAKE(c, n);
    c->k->FRONT->window(samples, window, out, n);
    for (size_t i = 0; i < n; i++) {
      expect_same(c, "sample", i, out[i], samples[i] * window[i]);
    }
    end_round(c);
  }
}

static void check_sum(checker *c)
{
  enum { PARTS = 32, MOST_SAMPLES = 500 };
  for (int round = 0; round < ROUNDS; round++) {
    size_t n = random_size(c, 0, MOST_SAMPLES);
    float *samples = random_floats(c, n, -1.0f, 1.0f);
    REAL parts[PARTS] = {0};
    for (size_t i = 0; i < n; i++) {
      parts[i % PARTS] += samples[i];
    }
    for (size_t half = PARTS / 2; half > 0; half /= 2) {
      for (size_t p = 0; p < half; p++) {
        parts[p] += parts[p + half];
      }
    }
    expect_same(c, "sum", n, c->k->FRONT->sum(samples, n), parts[0]);
    end_round(c);
  }
}

static void check_emphasise(checker *c)
{
  for (int round = 0; round < ROUNDS; round++) {
    size_t n = random_size(c, 0, MOST_BINS);
    float *samples = random_floats(c, n, -1.0f, 1.0f);
    REAL *window = RANDOM(c, n, 0, 1), *out = TAKE(c, n);
    REAL mean = (REAL)random_number(c, -1.0, 1.0), coefficient = (REAL)random_number(c, 0.0, 1.0);
    c->k->FRONT->emphasise(samples, mean, coefficient, window, out, n);
    for (size_t i = 0; i < n; i++) {
      REAL here = samples[i] - mean, before = samples[i > 0 ? i - 1 : 0] - mean;
      REAL product = coefficient * before, difference = here - product;
      expect_same(c, "sample", i, out[i], difference * window[i]);
    }
    end_round(c);
  }
}

static void check_power(checker *c)
{
  for (int round = 0; round < ROUNDS; round++) {
    size_t bins = random_size(c, 1, MOST_BINS), frames = random_size(c, 1, LANES);
    size_t stride = 2 * bins + random_size(c, 0, 5);
    REAL *spectra = RANDOM(c, frames * stride, -1, 1), *lanes = TAKE(c, bins * LANES);
    c->k->FRONT->power(spectra, stride, frames, lanes, bins);
    for (size_t i = 0; i < bins * LANES; i++) {
      size_t bin = i / LANES, frame = i % LANES;
      const REAL *value = spectra + frame * stride + 2 * bin;
      REAL want = frame < frames ? REFERENCE_FMA(c->k, value[0], value[0], value[1] * value[1]) : 0;
      expect_same(c, "lane", i, lanes[i], want);
    }
    end_round(c);
  }
}

static void check_sqrt(checker *c)
{
  for (int round = 0; round < ROUNDS; round++) {
    size_t n = random_size(c, 0, MOST_BINS);
    REAL *x = RANDOM(c, n, 0, 9), *y = TAKE(c, n);
    c->k->FRONT->sqrt(x, y, n);
    c->k->FRONT->sqrt(x, x, n);
    for (size_t i = 0; i < n; i++) {
      expect_same(c, "in place", i, x[i], y[i]);
    }
    end_round(c);
  }
  REAL known[4] = {0, 2, (REAL)INFINITY, (REAL)NAN};
  const double roots[4] = {0.0, (REAL)sqrt(2.0), INFINITY, NAN};
  c->k->FRONT->sqrt(known, known, 4);
  for (size_t i = 0; i < 4; i++) {
    expect_same(c, "root", i, known[i], roots[i]);
  }
}

static REAL reference_sum(const srn_kernels *k, const REAL *weights, const REAL *lanes, size_t count, size_t lane)
{
  REAL sum = 0;
  for (size_t i = 0; i < count; i++) {
    sum = REFERENCE_FMA(k, weights[i], lanes[i * LANES + lane], sum);
  }
  return sum;
}

static void check_filter(checker *c)
{
  enum { MOST_ROWS = 40 };
  int first[MOST_ROWS], count[MOST_ROWS];
  size_t offset[MOST_ROWS];
  for (int round = 0; round < ROUNDS; round++) {
    size_t bins = random_size(c, 1, MOST_BINS), rows = random_size(c, 1, MOST_ROWS), used = 0;
    for (size_t m = 0; m < rows; m++) {
      first[m] = (int)random_size(c, 0, bins - 1);
      count[m] = (int)random_size(c, 0, bins - (size_t)first[m]);
      offset[m] = used;
      used += (size_t)count[m];
    }
    REAL *weights = RANDOM(c, used, 0, 1), *in = RANDOM(c, bins * LANES, 0, 1), *out = TAKE(c, rows * LANES);
    FILTERS filters = {rows, first, count, offset, weights};
    c->k->FRONT->filter(&filters, in, out);
    for (size_t i = 0; i < rows * LANES; i++) {
      size_t m = i / LANES;
      const REAL *lanes = in + (size_t)first[m] * LANES;
      expect_same(c, "band", i, out[i], reference_sum(c->k, weights + offset[m], lanes, (size_t)count[m], i % LANES));
    }
    end_round(c);
  }
}

static void check_dense(checker *c)
{
  for (int round = 0; round < ROUNDS; round++) {
    size_t rows = random_size(c, 1, 40), depth = random_size(c, 1, MOST_BINS);
    REAL *matrix = RANDOM(c, rows * depth, -1, 1), *in = RANDOM(c, depth * LANES, -1, 1);
    REAL *out = TAKE(c, rows * LANES);
    c->k->FRONT->dense(matrix, rows, depth, in, out);
    for (size_t i = 0; i < rows * LANES; i++) {
      expect_same(c, "value", i, out[i], reference_sum(c->k, matrix + i / LANES * depth, in, depth, i % LANES));
    }
    end_round(c);
  }
}

/* Within 2 ulp of the logarithm alone, and of the level that it makes: one rounding more. */
static void check_one_level(checker *c, REAL x, REAL alone, REAL level, bool decimal)
{
  long double want = decimal ? REFERENCE_LOG10(x) : REFERENCE_LOG(x);
  expect_within(c, "ulps", (double)x, ULPS(alone, want), 2.0);
  double allowed = (10.0 * 2.0 * fabs((double)want) + fabs((double)level)) * (double)REAL_EPSILON;
  if (!(fabs((double)(10.0L * want - 1.0L - (long double)level)) <= allowed)) {
    fault(c, "level of %a is %a", (double)x, (double)level);
  }
}

static void check_level(checker *c, bool decimal)
{
  enum { COUNT = 1000, BLOCKS = 200 };
  static REAL x[COUNT], alone[COUNT], level[COUNT];
  void (*kernel)(const REAL *, REAL *, size_t, REAL, REAL, REAL) = decimal ? c->k->FRONT->log10 : c->k->FRONT->ln;
  for (int block = 0; block < BLOCKS; block++) {
    double low = block % 2 ? LEAST_EXPONENT : -2.0, high = block % 2 ? -LEAST_EXPONENT : 2.0; /* of 2; near 1, too */
    for (size_t i = 0; i < COUNT; i++) {
      x[i] = (REAL)exp2(random_number(c, low, high));
    }
    kernel(x, alone, COUNT, TRUE_MINIMUM, 1, 0);
    kernel(x, level, COUNT, TRUE_MINIMUM, 10, 1);
    for (size_t i = 0; i < COUNT; i++) {
      check_one_level(c, x[i], alone[i], level[i], decimal);
    }
  }
  REAL edges[4] = {0, (REAL)-INFINITY, (REAL)INFINITY, (REAL)NAN};
  const double wanted[4] = {0.0, 0.0, INFINITY, NAN};
  kernel(edges, edges, 4, 1, 1, 0);
  for (size_t i = 0; i < 4; i++) {
    expect_same(c, "edge", i, edges[i], wanted[i]);
  }
}

static void check_log10(checker *c)
{
  check_level(c, true);
}

static void check_ln(checker *c)
{
  check_level(c, false);
}

static void check_limit(checker *c)
{
  for (int round = 0; round < ROUNDS; round++) {
    size_t count = random_size(c, 1, MOST_BINS);
    REAL *lanes = RANDOM(c, count * LANES, -1, 1), *want = TAKE(c, count * LANES);
    REAL *shift = RANDOM(c, LANES, -1, 1), *floor = RANDOM(c, LANES, -1, 1);
    lanes[random_size(c, 0, count * LANES - 1)] = (REAL)NAN;
    for (size_t i = 0; i < count * LANES; i++) {
      REAL value = lanes[i] - shift[i % LANES];
      want[i] = value < floor[i % LANES] ? floor[i % LANES] : value;
    }
    c->k->FRONT->limit(lanes, count, shift, floor);
    for (size_t i = 0; i < count * LANES; i++) {
      expect_same(c, "lane", i, lanes[i], want[i]);
    }
    end_round(c);
  }
}

static void check_rows(checker *c)
{
  for (int round = 0; round < ROUNDS; round++) {
    size_t count = random_size(c, 1, MOST_BINS), frames = random_size(c, 1, LANES);
    size_t stride = count + random_size(c, 0, 5);
    REAL *lanes = RANDOM(c, count * LANES, -1, 1);
    float *rows = take_floats(c, frames * stride);
    c->k->FRONT->rows(lanes, count, frames, rows, stride);
    for (size_t i = 0; i < frames * stride; i++) {
      size_t k = i % stride;
      expect_same(c, "value", i, rows[i], k < count ? (float)lanes[k * LANES + i / stride] : NAN);
    }
    end_round(c);
  }
}

typedef struct timing {
  const srn_kernels *k;
  float samples[2 * TIMED_BINS], rows[LANES * TIMED_BINS];
  REAL window[2 * TIMED_BINS], spectra[LANES * TIMED_STRIDE], lanes[TIMED_BINS * LANES], bands[TIMED_BANDS * LANES];
  REAL matrix[TIMED_BANDS * TIMED_BANDS];
  int first[TIMED_BANDS], count[TIMED_BANDS];
  size_t offset[TIMED_BANDS];
} timing;

/* Triangles as mel filters are: from 2 bins to 11. */
static void prepare(timing *t, const srn_kernels *k)
{
  memset(t, 0, sizeof *t);
  t->k = k;
  for (size_t m = 0; m < TIMED_BANDS; m++) {
    t->first[m] = (int)m * 3;
    t->count[m] = 2 + (int)m / 9;
    t->offset[m] = m * 12;
  }
  for (size_t i = 0; i < sizeof t->lanes / sizeof *t->lanes; i++) {
    t->lanes[i] = 1;
  }
}

static void call_window(void *context)
{
  timing *t = context;
  t->k->FRONT->window(t->samples, t->window, t->window, 512);
}

/* Mean, pre-emphasis, window: what Kaldi does to a frame. */
static void call_emphasise(void *context)
{
  timing *t = context;
  REAL mean = t->k->FRONT->sum(t->samples, 400) / 400;
  t->k->FRONT->emphasise(t->samples, mean, (REAL)0.97, t->window, t->lanes, 400);
}

static void call_power(void *context)
{
  timing *t = context;
  t->k->FRONT->power(t->spectra, TIMED_STRIDE, LANES, t->lanes, TIMED_BINS);
}

static void call_filter(void *context)
{
  timing *t = context;
  const FILTERS filters = {TIMED_BANDS, t->first, t->count, t->offset, t->matrix};
  t->k->FRONT->filter(&filters, t->lanes, t->bands);
}

static void call_dense(void *context)
{
  timing *t = context;
  t->k->FRONT->dense(t->matrix, 20, TIMED_BANDS, t->lanes, t->bands);
}

static void call_log10(void *context)
{
  timing *t = context;
  t->k->FRONT->log10(t->lanes, t->bands, TIMED_BANDS * LANES, (REAL)1e-10, 10, 0);
}

static void call_rows(void *context)
{
  timing *t = context;
  t->k->FRONT->rows(t->bands, TIMED_BANDS, LANES, t->rows, TIMED_BANDS);
}

static void bench_all(const srn_kernels *k)
{
  static const struct {
    const char *what;
    void (*call)(void *);
  } CALLS[] = {
      {TEXT "_window of 512", call_window},      {TEXT "_sum and _emphasise of 400", call_emphasise},
      {TEXT "_power 257 bins x 16", call_power}, {TEXT "_filter 80 bands x 16", call_filter},
      {TEXT "_dense 20 x 80 x 16", call_dense},  {TEXT "_log10 80 bands x 16", call_log10},
      {TEXT "_rows 80 bands x 16", call_rows},
  };
  static timing t;
  prepare(&t, k);
  for (size_t i = 0; i < sizeof CALLS / sizeof *CALLS; i++) {
    report_time(k, CALLS[i].what, CALLS[i].call, &t, 0.0, 0.0);
  }
}

static const kernel_case CASES[] = {
    {TEXT "_window", "exact", check_window, bench_all},
    {TEXT "_sum", "bit for bit the sum in 32 parts", check_sum, NULL},
    {TEXT "_emphasise", "exact", check_emphasise, NULL},
    {TEXT "_power", "bit for bit fma(re, re, im * im)", check_power, NULL},
    {TEXT "_sqrt", "exact", check_sqrt, NULL},
    {TEXT "_filter", "bit for bit the scalar loop over bins", check_filter, NULL},
    {TEXT "_dense", "bit for bit the scalar loop over k", check_dense, NULL},
    {TEXT "_log10", "2 ulp", check_log10, NULL},
    {TEXT "_ln", "2 ulp", check_ln, NULL},
    {TEXT "_limit", "exact", check_limit, NULL},
    {TEXT "_rows", "exact", check_rows, NULL},
};

const kernel_family FAMILY = {CASES, sizeof CASES / sizeof *CASES};
