/* Functions of one number: over a grid of all floats, at the limits, and bit for bit the same at every place. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "harness.h"

enum { GRID_STEP = 4093 /* a prime: about a million of all floats */, BLOCK = 1000, ROUNDS = 100, MOST_N = 150 };

typedef struct limit {
  double x, y;
} limit;

typedef struct map_test {
  double (*reference)(double x);
  double ulps;               /* INFINITY: not bounded so */
  double absolute, relative; /* the latter where the result is not denormal */
  limit limits[8];
  size_t n_limits;
} map_test;

static double sigmoid(double x)
{
  return x < 0.0 ? exp(x) / (1.0 + exp(x)) : 1.0 / (1.0 + exp(-x));
}

static double relu(double x)
{
  return x < 0.0 ? 0.0 : x;
}

static const map_test TANH = {tanh,
                              INFINITY,
                              1.0e-7,
                              2.0e-7,
                              {{0.0, 0.0},
                               {-0.0, -0.0},
                               {INFINITY, 1.0},
                               {-INFINITY, -1.0},
                               {20.0, 1.0},
                               {-20.0, -1.0},
                               {0x1p-149, 0x1p-149},
                               {NAN, NAN}},
                              8};
static const map_test SIGMOID = {
    sigmoid,
    INFINITY,
    1.0e-7,
    2.0e-7,
    {{0.0, 0.5}, {-0.0, 0.5}, {INFINITY, 1.0}, {-INFINITY, 0.0}, {200.0, 1.0}, {-200.0, 0.0}, {NAN, NAN}},
    7};
static const map_test RELU = {
    relu, 0.0, 0.0, 0.0, {{0.0, 0.0}, {-0.0, -0.0}, {INFINITY, INFINITY}, {-INFINITY, 0.0}, {NAN, NAN}}, 5};
static const map_test EXP = {
    exp,
    1.25,
    INFINITY,
    INFINITY,
    {{0.0, 1.0}, {-0.0, 1.0}, {INFINITY, INFINITY}, {-INFINITY, 0.0}, {1e30, INFINITY}, {-1e30, 0.0}, {NAN, NAN}},
    7};
static const map_test LOG = {
    log,
    1.0,
    INFINITY,
    INFINITY,
    {{1.0, 0.0}, {0.0, -INFINITY}, {-0.0, -INFINITY}, {INFINITY, INFINITY}, {-INFINITY, NAN}, {-1.0, NAN}, {NAN, NAN}},
    7};
static const map_test LOG10 = {
    log10,
    2.0,
    INFINITY,
    INFINITY,
    {{1.0, 0.0}, {0.0, -INFINITY}, {-0.0, -INFINITY}, {INFINITY, INFINITY}, {-INFINITY, NAN}, {-1.0, NAN}, {NAN, NAN}},
    7};

static void check_value(checker *c, const map_test *test, float x, float y)
{
  double want = test->reference((double)x);
  if (isnan(want)) {
    expect_same(c, "result", 0, y, want);
    return;
  }
  if (!isinf(test->ulps)) {
    expect_within(c, "ulps", x, ulps(y, want), test->ulps);
    return;
  }
  double error = fabs(y - want);
  expect_within(c, "absolute error", x, error, test->absolute);
  if (fabs(want) >= FLT_MIN) {
    expect_within(c, "relative error", x, error / fabs(want), test->relative);
  } else if (!(error <= 0x1p-149)) {
    fault(c, "denormal result at %a is %a", (double)x, (double)y);
  }
}

static void check_grid(checker *c, const map_test *test, srn_map *map)
{
  float x[BLOCK], y[BLOCK];
  for (uint64_t first = 0; first <= UINT32_MAX; first += (uint64_t)BLOCK * GRID_STEP) {
    for (size_t i = 0; i < BLOCK; i++) {
      uint32_t bits = (uint32_t)(first + i * GRID_STEP);
      memcpy(&x[i], &bits, sizeof bits);
    }
    map(x, y, BLOCK);
    for (size_t i = 0; i < BLOCK; i++) {
      check_value(c, test, x[i], y[i]);
    }
  }
}

static void check_limits(checker *c, const map_test *test, srn_map *map)
{
  for (size_t i = 0; i < test->n_limits; i++) {
    float x = (float)test->limits[i].x, y = -7.0f;
    map(&x, &y, 1);
    expect_same(c, "limit", i, y, test->limits[i].y);
  }
}

/* The result at a place is that of a call for it alone, whether in place or not. */
static void check_places(checker *c, srn_map *map)
{
  for (int round = 0; round < ROUNDS; round++) {
    size_t n = random_size(c, 0, MOST_N);
    float *x = random_floats(c, n, -12.0f, 12.0f), *y = take_floats(c, n), *alone = take_floats(c, n);
    for (size_t i = 0; i < n; i++) {
      map(x + i, alone + i, 1);
    }
    map(x, y, n);
    map(x, x, n);
    for (size_t i = 0; i < n; i++) {
      expect_same(c, "in a row", i, y[i], alone[i]);
      expect_same(c, "in place", i, x[i], alone[i]);
    }
    end_round(c);
  }
}

/* Every level gives the same bits. */
static void check_levels_agree(checker *c, size_t offset_of_map)
{
  enum { COUNT = 20000 };
  static float x[COUNT], y[COUNT], other_y[COUNT];
  srn_map *map, *other_map;
  memcpy(&map, (const char *)c->k + offset_of_map, sizeof map);
  for (size_t i = 0; i < COUNT; i++) {
    x[i] = (float)random_number(c, -30.0, 30.0);
  }
  map(x, y, COUNT);
  for (int level = 0; level < SPECRNN_CPU_LEVELS; level++) {
    const srn_kernels *other = srn_kernels_at((specrnn_cpu_level)level);
    memcpy(&other_map, (const char *)other + offset_of_map, sizeof other_map);
    other_map(x, other_y, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
      expect_same(c, "beside another level", i, y[i], other_y[i]);
    }
  }
}

static void check_map(checker *c, const map_test *test, size_t offset_of_map)
{
  srn_map *map;
  memcpy(&map, (const char *)c->k + offset_of_map, sizeof map);
  check_limits(c, test, map);
  check_grid(c, test, map);
  check_places(c, map);
  check_levels_agree(c, offset_of_map);
}

typedef struct timing {
  srn_map *map;
  float x[512], y[512];
} timing;

static void call_map(void *context)
{
  timing *t = context;
  t->map(t->x, t->y, 512);
}

static void time_map(const srn_kernels *k, const char *what, srn_map *map)
{
  timing t = {.map = map};
  for (int i = 0; i < 512; i++) {
    t.x[i] = 0.01f * (float)i;
  }
  report_time(k, what, call_map, &t, 0.0, 0.0);
}

#define MAP(name, test)                                                                                                \
  static void check_##name(checker *c)                                                                                 \
  {                                                                                                                    \
    check_map(c, &test, offsetof(srn_kernels, name));                                                                  \
  }                                                                                                                    \
  static void bench_##name(const srn_kernels *k)                                                                       \
  {                                                                                                                    \
    time_map(k, #name " of 512", k->name);                                                                             \
  }
MAP(tanh, TANH)
MAP(sigmoid, SIGMOID)
MAP(relu, RELU)
MAP(exp, EXP)
MAP(log, LOG)
MAP(log10, LOG10)

static const kernel_case CASES[] = {
    {"tanh", "1e-7 absolute, 2e-7 relative", check_tanh, bench_tanh},
    {"sigmoid", "1e-7 absolute, 2e-7 relative", check_sigmoid, bench_sigmoid},
    {"relu", "exact", check_relu, bench_relu},
    {"exp", "1.25 ulp", check_exp, bench_exp},
    {"log", "1 ulp", check_log, bench_log},
    {"log10", "2 ulp", check_log10, bench_log10},
};

const kernel_family family_map = {CASES, sizeof CASES / sizeof *CASES};
