/* The product of packed weights: bit for bit the scalar loop over k, for any shape. */
#include <stdio.h>

#include "core/arena.h"
#include "harness.h"

enum { ROUNDS = 400, MOST_ROWS = 330, MOST_DEPTH = 90, MOST_FRAMES = 20 };

typedef enum init_kind { INIT_NONE, INIT_BIAS, INIT_ROWS, INIT_IN_PLACE, INIT_KINDS } init_kind;

typedef struct problem {
  size_t rows, depth, frames, x_stride, y_stride, init_stride;
  const float *w, *x, *init;
  float *y;
} problem;

static float reference(const srn_kernels *k, const problem *p, size_t frame, size_t row, float sum)
{
  for (size_t i = 0; i < p->depth; i++) {
    sum = reference_fma(k, p->w[row * p->depth + i], p->x[frame * p->x_stride + i], sum);
  }
  return sum;
}

static problem random_problem(checker *c, init_kind kind)
{
  problem p = {.rows = random_size(c, 1, MOST_ROWS), .depth = random_size(c, 1, MOST_DEPTH)};
  p.frames = random_size(c, 1, MOST_FRAMES);
  if (random_size(c, 0, 2) == 0) { /* whole panels */
    p.rows = (p.rows + SRN_PANEL_ROWS - 1) / SRN_PANEL_ROWS * SRN_PANEL_ROWS;
  }
  p.x_stride = p.depth + random_size(c, 0, 5);
  p.y_stride = p.rows + random_size(c, 0, 5);
  p.w = random_floats(c, p.rows * p.depth, -1.0f, 1.0f);
  p.x = random_floats(c, p.frames * p.x_stride, -1.0f, 1.0f);
  p.y = random_floats(c, p.frames * p.y_stride, -1.0f, 1.0f);
  switch (kind) {
  case INIT_BIAS: p.init = random_floats(c, p.rows, -1.0f, 1.0f); break;
  case INIT_ROWS:
    p.init_stride = p.rows + random_size(c, 0, 5);
    p.init = random_floats(c, p.frames * p.init_stride, -1.0f, 1.0f);
    break;
  case INIT_IN_PLACE:
    p.init_stride = p.y_stride;
    p.init = p.y;
    break;
  default: break;
  }
  return p;
}

/* What y must be afterwards; what lies between its rows stays. */
static float *expected(checker *c, const problem *p)
{
  float *want = take_floats(c, p->frames * p->y_stride);
  for (size_t f = 0; f < p->frames; f++) {
    for (size_t r = 0; r < p->y_stride; r++) {
      float start = p->init && r < p->rows ? p->init[f * p->init_stride + r] : 0.0f;
      want[f * p->y_stride + r] = r < p->rows ? reference(c->k, p, f, r, start) : p->y[f * p->y_stride + r];
    }
  }
  return want;
}

static void check_round(checker *c, init_kind kind)
{
  problem p = random_problem(c, kind);
  float *want = expected(c, &p);
  float *packed = take_floats(c, srn_panels_size(p.rows, p.depth));
  srn_panels_pack(packed, p.w, p.depth, p.rows, p.depth);
  srn_panels panels = {packed, p.rows, p.depth};
  srn_walk walk = random_size(c, 0, 1) ? SRN_WALK_FORWARD : SRN_WALK_BACKWARD;
  c->k->product(&panels, p.x, p.x_stride, p.init, p.init_stride, p.y, p.y_stride, p.frames, walk);
  for (size_t i = 0; i < p.frames * p.y_stride; i++) {
    expect_same(c, "y", i, p.y[i], want[i]);
  }
  end_round(c);
}

static void check_product(checker *c)
{
  for (int round = 0; round < ROUNDS; round++) {
    check_round(c, (init_kind)(round % INIT_KINDS));
  }
}

static void check_pack(checker *c)
{
  for (size_t rows = 1; rows < 150; rows += 7) {
    size_t depth = 5, stride = 7;
    float *w = random_floats(c, rows * stride, -1.0f, 1.0f);
    float *packed = take_floats(c, srn_panels_size(rows, depth));
    srn_panels_pack(packed, w, stride, rows, depth);
    size_t padded = (rows + SRN_PANEL_UNIT - 1) / SRN_PANEL_UNIT * SRN_PANEL_UNIT;
    expect_same(c, "size", rows, (double)srn_panels_size(rows, depth), (double)(padded * depth));
    for (size_t r = 0; r < padded; r++) {
      size_t first = r / SRN_PANEL_ROWS * SRN_PANEL_ROWS;
      size_t width = padded - first < SRN_PANEL_ROWS ? padded - first : SRN_PANEL_ROWS;
      for (size_t i = 0; i < depth; i++) {
        expect_same(c, "weight", r, packed[first * depth + i * width + r - first], r < rows ? w[r * stride + i] : 0.0);
      }
    }
    end_round(c);
  }
  expect_same(c, "size of too much", 0, (double)srn_panels_size(SIZE_MAX / 8, 3), 0.0);
  expect_same(c, "size of too many rows", 0, (double)srn_panels_size(SIZE_MAX, 1), 0.0);
}

typedef struct timing {
  const srn_kernels *k;
  srn_panels panels;
  float *x, *y;
  size_t frames;
  int step;
} timing;

static void call_product(void *context)
{
  timing *t = context;
  srn_walk walk = t->step++ & 1 ? SRN_WALK_BACKWARD : SRN_WALK_FORWARD;
  t->k->product(&t->panels, t->x, t->panels.depth, NULL, 0, t->y, t->panels.rows, t->frames, walk);
}

static void time_shape(const srn_kernels *k, size_t rows, size_t depth, size_t frames)
{
  char what[80];
  size_t size = srn_panels_size(rows, depth);
  float *weights = srn_aligned_calloc(size, sizeof *weights);
  timing t = {k,
              {weights, rows, depth},
              srn_aligned_calloc(frames * depth, sizeof(float)),
              srn_aligned_calloc(frames * rows, sizeof(float)),
              frames,
              0};
  if (weights && t.x && t.y) {
    for (size_t i = 0; i < size; i++) {
      weights[i] = (float)(i % 17) * 0.01f;
    }
    snprintf(what, sizeof what, "product %zu x %zu, %zu frame%s", rows, depth, frames, frames > 1 ? "s" : "");
    report_time(k, what, call_product, &t, (double)size * sizeof(float), 2.0 * (double)(rows * depth * frames));
  }
  srn_aligned_free(weights);
  srn_aligned_free(t.x);
  srn_aligned_free(t.y);
}

static void bench_product(const srn_kernels *k)
{
  static const size_t HIDDEN[] = {64, 128, 256, 512, 1024}, FRAMES[] = {1, 2, 3, 4, 6, 16, 64};
  for (size_t h = 0; h < sizeof HIDDEN / sizeof *HIDDEN; h++) {
    for (size_t f = 0; f < sizeof FRAMES / sizeof *FRAMES; f++) {
      time_shape(k, 3 * HIDDEN[h], HIDDEN[h], FRAMES[f]);
    }
  }
}

static const kernel_case CASES[] = {
    {"pack", "exact", check_pack, NULL},
    {"product", "bit for bit the scalar loop over k", check_product, bench_product},
};

const kernel_family family_product = {CASES, sizeof CASES / sizeof *CASES};
