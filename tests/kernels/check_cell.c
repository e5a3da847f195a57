/* Recurrent cells: bit for bit the formulas of kernels.h, made of the maps of the same level. */
#include "harness.h"

enum { ROUNDS = 100, MOST_UNITS = 150, TIMED_UNITS = 256 };

static float s(const srn_kernels *k, float x)
{
  k->sigmoid(&x, &x, 1);
  return x;
}

static float t(const srn_kernels *k, float x)
{
  k->tanh(&x, &x, 1);
  return x;
}

static void check_lstm(checker *c)
{
  const srn_kernels *k = c->k;
  for (int round = 0; round < ROUNDS; round++) {
    size_t n = random_size(c, 0, MOST_UNITS);
    float *pre = random_floats(c, 4 * n, -6.0f, 6.0f), *cell = random_floats(c, n, -2.0f, 2.0f);
    float *h = take_floats(c, n), *want_cell = take_floats(c, n);
    for (size_t u = 0; u < n; u++) {
      want_cell[u] = s(k, pre[n + u]) * cell[u] + s(k, pre[u]) * t(k, pre[2 * n + u]);
    }
    k->lstm(pre, cell, h, n);
    for (size_t u = 0; u < n; u++) {
      expect_same(c, "c", u, cell[u], want_cell[u]);
      expect_same(c, "h", u, h[u], s(k, pre[3 * n + u]) * t(k, want_cell[u]));
    }
    end_round(c);
  }
}

static void check_gru(checker *c)
{
  const srn_kernels *k = c->k;
  for (int round = 0; round < ROUNDS; round++) {
    size_t n = random_size(c, 0, MOST_UNITS);
    float *in = random_floats(c, 3 * n, -6.0f, 6.0f), *rec = random_floats(c, 3 * n, -6.0f, 6.0f);
    float *h = random_floats(c, n, -1.0f, 1.0f), *want = take_floats(c, n);
    for (size_t u = 0; u < n; u++) {
      float g = t(k, s(k, in[u] + rec[u]) * rec[2 * n + u] + in[2 * n + u]);
      want[u] = s(k, in[n + u] + rec[n + u]) * (h[u] - g) + g;
    }
    k->gru(in, rec, h, n);
    for (size_t u = 0; u < n; u++) {
      expect_same(c, "h", u, h[u], want[u]);
    }
    end_round(c);
  }
}

static void check_gru_reset(checker *c)
{
  const srn_kernels *k = c->k;
  for (int round = 0; round < ROUNDS; round++) {
    size_t n = random_size(c, 0, MOST_UNITS);
    float *in = random_floats(c, n, -6.0f, 6.0f), *rec = random_floats(c, n, -6.0f, 6.0f);
    float *h = random_floats(c, n, -1.0f, 1.0f), *rh = take_floats(c, n);
    k->gru_reset(in, rec, h, rh, n);
    for (size_t u = 0; u < n; u++) {
      expect_same(c, "rh", u, rh[u], s(k, in[u] + rec[u]) * h[u]);
    }
    end_round(c);
  }
}

static void check_gru_update(checker *c)
{
  const srn_kernels *k = c->k;
  for (int round = 0; round < ROUNDS; round++) {
    size_t n = random_size(c, 0, MOST_UNITS);
    float *in = random_floats(c, 2 * n, -6.0f, 6.0f), *rec = random_floats(c, 2 * n, -6.0f, 6.0f);
    float *h = random_floats(c, n, -1.0f, 1.0f), *want = take_floats(c, n);
    for (size_t u = 0; u < n; u++) {
      float g = t(k, in[n + u] + rec[n + u]);
      want[u] = s(k, in[u] + rec[u]) * (h[u] - g) + g;
    }
    k->gru_update(in, rec, h, n);
    for (size_t u = 0; u < n; u++) {
      expect_same(c, "h", u, h[u], want[u]);
    }
    end_round(c);
  }
}

typedef struct timing {
  const srn_kernels *k;
  float in[4 * TIMED_UNITS], rec[4 * TIMED_UNITS], h[TIMED_UNITS], c[TIMED_UNITS];
} timing;

static void call_lstm(void *context)
{
  timing *timed = context;
  timed->k->lstm(timed->in, timed->c, timed->h, TIMED_UNITS);
}

static void call_gru(void *context)
{
  timing *timed = context;
  timed->k->gru(timed->in, timed->rec, timed->h, TIMED_UNITS);
}

static void bench_lstm(const srn_kernels *k)
{
  timing timed = {.k = k};
  report_time(k, "lstm of 256 units", call_lstm, &timed, 0.0, 0.0);
}

static void bench_gru(const srn_kernels *k)
{
  timing timed = {.k = k};
  report_time(k, "gru of 256 units", call_gru, &timed, 0.0, 0.0);
}

static const kernel_case CASES[] = {
    {"lstm", "bit for bit its maps", check_lstm, bench_lstm},
    {"gru", "bit for bit its maps", check_gru, bench_gru},
    {"gru_reset", "bit for bit its maps", check_gru_reset, NULL},
    {"gru_update", "bit for bit its maps", check_gru_update, NULL},
};

const kernel_family family_cell = {CASES, sizeof CASES / sizeof *CASES};
