/* The product of packed weights, bit for bit: of floats and bfloat16 the scalar loop over k, of 8-bit weights exact
 * sums. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "harness.h"

enum { ROUNDS = 400, MOST_ROWS = 330, MOST_DEPTH = 90, MOST_FRAMES = 20 };

typedef enum init_kind { INIT_NONE, INIT_BIAS, INIT_ROWS, INIT_IN_PLACE, INIT_KINDS } init_kind;

typedef struct problem {
  srn_panels panels; /* shape and type */
  size_t frames, x_stride, y_stride, init_stride;
  float *w, *x; /* w (rows, depth) */
  const float *init;
  float *y;
} problem;

/* ------------------------------------------------------------------------------------------------------- references */

static float to_bf16(float w)
{
  int exponent;
  frexpf(w, &exponent);
  return ldexpf(rintf(ldexpf(w, 8 - exponent)), exponent - 8);
}

/* A scale of at most 17 digits, not below largest / 127. */
static float scale_of(const float *w, size_t depth)
{
  float largest = 0.0f;
  for (size_t k = 0; k < depth; k++) {
    largest = fabsf(w[k]) > largest ? fabsf(w[k]) : largest;
  }
  int exponent;
  float scale = largest / 127.0f;
  frexpf(scale, &exponent);
  return ldexpf(ceilf(ldexpf(scale, 17 - exponent)), exponent - 17);
}

static float reference_float(const srn_kernels *k, const problem *p, const float *w, const float *x, float sum)
{
  for (size_t i = 0; i < p->panels.depth; i++) {
    sum = reference_fma(k, p->panels.type == SRN_WEIGHT_BF16 ? to_bf16(w[i]) : w[i], x[i], sum);
  }
  return sum;
}

static float reference_int8(const problem *p, const float *w, const float *x, float start)
{
  float scale = scale_of(w, p->panels.depth), largest = 0.0f;
  for (size_t i = 0; i < p->panels.depth; i++) {
    largest = fabsf(x[i]) > largest ? fabsf(x[i]) : largest;
  }
  float factor = largest < 1e-30f ? 0.0f : 2047.0f / largest;
  int64_t sum = 0;
  for (size_t i = 0; i < p->panels.depth; i++) {
    sum += (int64_t)(scale > 0.0f ? rintf(w[i] / scale) : 0.0f) * (int64_t)rintf(x[i] * factor);
  }
  return start + (float)sum * (scale * (largest < 1e-30f ? 0.0f : largest / 2047.0f));
}

/* ----------------------------------------------------------------------------------------------------------- checks */

static problem random_problem(checker *c, srn_weight_type type, init_kind kind)
{
  problem p = {.panels = {NULL, random_size(c, 1, MOST_ROWS), random_size(c, 1, MOST_DEPTH), type}};
  p.frames = random_size(c, 1, MOST_FRAMES);
  if (random_size(c, 0, 2) == 0) { /* whole panels */
    p.panels.rows = (p.panels.rows + SRN_PANEL_ROWS - 1) / SRN_PANEL_ROWS * SRN_PANEL_ROWS;
  }
  p.x_stride = p.panels.depth + random_size(c, 0, 5);
  p.y_stride = p.panels.rows + random_size(c, 0, 5);
  p.w = random_floats(c, p.panels.rows * p.panels.depth, -1.0f, 1.0f);
  p.x = random_floats(c, p.frames * p.x_stride, -1.0f, 1.0f);
  p.y = random_floats(c, p.frames * p.y_stride, -1.0f, 1.0f);
  switch (kind) {
  case INIT_BIAS: p.init = random_floats(c, p.panels.rows, -1.0f, 1.0f); break;
  case INIT_ROWS:
    p.init_stride = p.panels.rows + random_size(c, 0, 5);
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
      float *to = &want[f * p->y_stride + r];
      if (r >= p->panels.rows) {
        *to = p->y[f * p->y_stride + r];
        continue;
      }
      const float *w = p->w + r * p->panels.depth, *x = p->x + f * p->x_stride;
      float start = p->init ? p->init[f * p->init_stride + r] : 0.0f;
      *to = p->panels.type == SRN_WEIGHT_INT8 ? reference_int8(p, w, x, start) : reference_float(c->k, p, w, x, start);
    }
  }
  return want;
}

static void run(checker *c, problem *p)
{
  float *packed = take_floats(c, srn_panels_bytes(&p->panels) / sizeof(float));
  srn_panels_pack(&p->panels, packed, p->w, p->panels.depth);
  p->panels.weights = packed;
  srn_walk walk = random_size(c, 0, 1) ? SRN_WALK_FORWARD : SRN_WALK_BACKWARD;
  c->k->product(&p->panels, p->x, p->x_stride, p->init, p->init_stride, p->y, p->y_stride, p->frames, walk);
}

static void check_type(checker *c, srn_weight_type type)
{
  for (int round = 0; round < ROUNDS; round++) {
    problem p = random_problem(c, type, (init_kind)(round % INIT_KINDS));
    float *want = expected(c, &p);
    run(c, &p);
    for (size_t i = 0; i < p.frames * p.y_stride; i++) {
      expect_same(c, "y", i, p.y[i], want[i]);
    }
    end_round(c);
  }
}

static void check_f32(checker *c)
{
  check_type(c, SRN_WEIGHT_F32);
}

static void check_bf16(checker *c)
{
  check_type(c, SRN_WEIGHT_BF16);
}

/* The largest sums there can be: the deepest matrix, all weights and inputs at their ends. */
static void check_int8_ends(checker *c)
{
  for (int signs = 0; signs < 4; signs++) {
    problem p = {.panels = {NULL, 80, SRN_INT8_MOST_DEPTH, SRN_WEIGHT_INT8}, .frames = 3};
    p.x_stride = p.panels.depth;
    p.y_stride = p.panels.rows;
    float w = signs & 1 ? -1.0f : 1.0f, x = signs & 2 ? -1.0f : 1.0f;
    p.w = random_floats(c, p.panels.rows * p.panels.depth, w, w);
    p.x = random_floats(c, p.frames * p.panels.depth, x, x);
    p.y = take_floats(c, p.frames * p.panels.rows);
    float *want = expected(c, &p);
    run(c, &p);
    for (size_t i = 0; i < p.frames * p.panels.rows; i++) {
      expect_same(c, "y of ends", i, p.y[i], want[i]);
    }
    end_round(c);
  }
}

/* Inputs without a scale: none of them disturbs the frames beside it. */
static void check_int8_odd_inputs(checker *c)
{
  static const struct {
    float x, product; /* with a weight of 127, whose scale is 1 */
  } FRAMES[] = {{NAN, NAN},       {0.0f, 0.0f},   {INFINITY, NAN}, {1e-31f, 0.0f},
                {-INFINITY, NAN}, {2.0f, 254.0f}, {-3.0f, -381.0f}};
  enum { COUNT = sizeof FRAMES / sizeof *FRAMES, DEPTH = 7 };
  problem p = {.panels = {NULL, 5, DEPTH, SRN_WEIGHT_INT8}, .frames = COUNT, .x_stride = DEPTH, .y_stride = 5};
  p.w = random_floats(c, 5 * DEPTH, 0.0f, 0.0f);
  p.x = random_floats(c, COUNT * DEPTH, 0.0f, 0.0f);
  p.y = take_floats(c, COUNT * 5);
  p.w[3] = 127.0f; /* row 0; the others are zeros */
  for (size_t f = 0; f < COUNT; f++) {
    p.x[f * DEPTH + 3] = FRAMES[f].x;
  }
  run(c, &p);
  for (size_t f = 0; f < COUNT; f++) {
    expect_within(c, "odd input", (double)f, isnan(p.y[f * 5]) != isnan(FRAMES[f].product), 0.0);
    if (!isnan(FRAMES[f].product)) {
      expect_within(c, "odd input", (double)f, fabs((double)p.y[f * 5] - (double)FRAMES[f].product), 1e-4);
      expect_same(c, "row of zeros", f, p.y[f * 5 + 1], 0.0);
    }
  }
  end_round(c);
}

static void check_int8(checker *c)
{
  check_type(c, SRN_WEIGHT_INT8);
  check_int8_ends(c);
  check_int8_odd_inputs(c);
}

/* ------------------------------------------------------------------------------------------------- packing, by itself
 */

static void check_bytes(checker *c, srn_panels shape, double bytes)
{
  expect_same(c, "bytes", shape.rows, (double)srn_panels_bytes(&shape), bytes);
}

/* Packing what a product by unit vectors gives back changes nothing: rounded weights stay as they are. */
static void check_pack_again(checker *c, srn_weight_type type)
{
  enum { ROWS = 37, DEPTH = 11 };
  problem p = {.panels = {NULL, ROWS, DEPTH, type}, .frames = DEPTH, .x_stride = DEPTH, .y_stride = ROWS};
  p.w = random_floats(c, ROWS * DEPTH, -0.3f, 0.3f);
  p.x = random_floats(c, DEPTH * DEPTH, 0.0f, 0.0f);
  p.y = take_floats(c, DEPTH * ROWS);
  for (size_t k = 0; k < DEPTH; k++) {
    p.x[k * DEPTH + k] = 2047.0f; /* scale 1 exactly */
  }
  run(c, &p);
  float *rounded = take_floats(c, ROWS * DEPTH);
  for (size_t i = 0; i < ROWS * DEPTH; i++) {
    rounded[i] = p.y[i % DEPTH * ROWS + i / DEPTH] / 2047.0f;
    expect_within(c, "rounded weight", p.w[i], fabs((double)rounded[i] - p.w[i]),
                  type == SRN_WEIGHT_F32 ? 0.0 : 0.0013);
  }
  size_t bytes = srn_panels_bytes(&p.panels);
  float *again = take_floats(c, bytes / sizeof(float));
  srn_panels_pack(&p.panels, again, rounded, DEPTH);
  expect_same(c, "packed again", (size_t)type, memcmp(again, p.panels.weights, bytes), 0.0);
  end_round(c);
}

/* Rows that come in pieces lie as those that come at once, and are read back: of floats what was given, of the others
 * what packs to the same again. */
static void check_rows(checker *c, srn_weight_type type, size_t rows, size_t depth, size_t piece)
{
  srn_panels panels = {NULL, rows, depth, type};
  size_t bytes = srn_panels_bytes(&panels);
  float *w = random_floats(c, rows * depth, -3.0f, 3.0f);
  float *back = take_floats(c, rows * depth);
  float *whole = take_floats(c, bytes / sizeof(float));
  float *pieces = take_floats(c, bytes / sizeof(float));
  memset(pieces, 0, bytes);
  srn_panels_pack(&panels, whole, w, depth);
  for (size_t row = 0; row < rows; row += piece) {
    size_t n = rows - row < piece ? rows - row : piece;
    srn_panels_set_rows(&panels, pieces, row, n, w + row * depth, depth);
  }
  expect_same(c, "packed in pieces", piece, memcmp(whole, pieces, bytes), 0.0);
  panels.weights = pieces;
  for (size_t row = 0; row < rows; row += piece) {
    size_t n = rows - row < piece ? rows - row : piece;
    srn_panels_get_rows(&panels, row, n, back + row * depth);
  }
  if (type == SRN_WEIGHT_F32) {
    expect_same(c, "read back", piece, memcmp(back, w, rows * depth * sizeof *w), 0.0);
  }
  for (size_t i = 0; i < rows * depth; i++) {
    expect_within(c, "read back", w[i], fabs((double)back[i] - w[i]), type == SRN_WEIGHT_F32 ? 0.0 : 0.013);
  }
  srn_panels_pack(&panels, whole, back, depth);
  expect_same(c, "read back and packed", piece, memcmp(whole, pieces, bytes), 0.0);
  end_round(c);
}

static void check_pack(checker *c)
{
  check_bytes(c, (srn_panels){NULL, 100, 7, SRN_WEIGHT_F32}, 112 * 7 * 4);
  check_bytes(c, (srn_panels){NULL, 100, 7, SRN_WEIGHT_BF16}, 112 * 4 * 4);
  check_bytes(c, (srn_panels){NULL, 100, 7, SRN_WEIGHT_INT8}, 112 * 8 + 112 * 2 * 4);
  check_bytes(c, (srn_panels){NULL, 0, 7, SRN_WEIGHT_F32}, 0);
  check_bytes(c, (srn_panels){NULL, 7, 0, SRN_WEIGHT_INT8}, 0);
  check_bytes(c, (srn_panels){NULL, SIZE_MAX / 8, 3, SRN_WEIGHT_F32}, 0);
  check_bytes(c, (srn_panels){NULL, SIZE_MAX, 1, SRN_WEIGHT_F32}, 0);
  check_bytes(c, (srn_panels){NULL, 1, SIZE_MAX, SRN_WEIGHT_BF16}, 0);
  check_bytes(c, (srn_panels){NULL, 1, SRN_INT8_MOST_DEPTH + 1, SRN_WEIGHT_INT8}, 0);
  for (int type = 0; type < SRN_WEIGHT_TYPES; type++) {
    check_pack_again(c, (srn_weight_type)type);
    static const size_t SHAPES[][3] = {{1, 1, 1}, {37, 11, 1}, {64, 3, 7}, {65, 10, 64}, {129, 5, 50}, {200, 33, 200}};
    for (size_t i = 0; i < sizeof SHAPES / sizeof *SHAPES; i++) {
      check_rows(c, (srn_weight_type)type, SHAPES[i][0], SHAPES[i][1], SHAPES[i][2]);
    }
  }
}

/* ------------------------------------------------------------------------------------------------------------ timing
 */

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

static void time_shape(const srn_kernels *k, srn_panels panels, size_t frames)
{
  static const char *const NAMES[SRN_WEIGHT_TYPES] = {"f32", "bf16", "int8"};
  char what[80];
  size_t bytes = srn_panels_bytes(&panels), n_weights = panels.rows * panels.depth;
  float *w = srn_aligned_calloc(n_weights, sizeof *w), *packed = srn_aligned_calloc(bytes, 1);
  timing t = {k,
              panels,
              srn_aligned_calloc(frames * panels.depth, sizeof(float)),
              srn_aligned_calloc(frames * panels.rows, sizeof(float)),
              frames,
              0};
  if (w && packed && t.x && t.y) {
    for (size_t i = 0; i < n_weights; i++) {
      w[i] = (float)(i % 17) * 0.01f;
    }
    t.x[0] = 1.0f;
    srn_panels_pack(&panels, packed, w, panels.depth);
    t.panels.weights = packed;
    snprintf(what, sizeof what, "%s %zu x %zu, %zu frame%s", NAMES[panels.type], panels.rows, panels.depth, frames,
             frames > 1 ? "s" : "");
    report_time(k, what, call_product, &t, (double)bytes, 2.0 * (double)(n_weights * frames));
  }
  srn_aligned_free(w);
  srn_aligned_free(packed);
  srn_aligned_free(t.x);
  srn_aligned_free(t.y);
}

static void time_type(const srn_kernels *k, srn_weight_type type)
{
  static const size_t HIDDEN[] = {64, 128, 256, 512, 1024}, FRAMES[] = {1, 2, 3, 4, 6, 16, 64};
  for (size_t h = 0; h < sizeof HIDDEN / sizeof *HIDDEN; h++) {
    for (size_t f = 0; f < sizeof FRAMES / sizeof *FRAMES; f++) {
      time_shape(k, (srn_panels){NULL, 3 * HIDDEN[h], HIDDEN[h], type}, FRAMES[f]);
    }
  }
}

static void bench_f32(const srn_kernels *k)
{
  time_type(k, SRN_WEIGHT_F32);
}

static void bench_bf16(const srn_kernels *k)
{
  time_type(k, SRN_WEIGHT_BF16);
}

static void bench_int8(const srn_kernels *k)
{
  time_type(k, SRN_WEIGHT_INT8);
}

static const kernel_case CASES[] = {
    {"pack", "exact", check_pack, NULL},
    {"product_f32", "bit for bit the scalar loop over k", check_f32, bench_f32},
    {"product_bf16", "bit for bit the scalar loop over rounded weights", check_bf16, bench_bf16},
    {"product_int8", "bit for bit the exact sum", check_int8, bench_int8},
};

const kernel_family family_product = {CASES, sizeof CASES / sizeof *CASES};
