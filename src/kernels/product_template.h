/* Packed float or bfloat16 weights times the frames of a block, one order of addition for any number of frames. The
 * file that includes this defines NAME of the kernel, WORD (4 bytes) of packed weights, COLUMNS of k that a word holds,
 *   and WORD_COLUMN(p, c), the vector of column c of the words at p.
 *
 * A tile is some rows times some frames: an accumulator for each vector of rows and each frame, which lives in a
 * register while k runs from 0 to depth. Tiles differ in how much they do at once, never in the order of the additions
 * of one output. */
#include "kernels/product.h"
#include "kernels/vector.h"

enum {
#if defined(__AVX512F__) || defined(__aarch64__)
  ACCUMULATORS = 24, /* of 32 registers */
#elif defined(__AVX2__)
  ACCUMULATORS = COLUMNS == 1 ? 12 : 10, /* of 16; taking words apart needs some */
#else
  ACCUMULATORS = 8, /* of 16; products need registers too where there is no fma */
#endif
  UNIT_VECTORS = SRN_PANEL_UNIT / SRN_VECTOR_FLOATS,
  PANEL_UNITS = SRN_PANEL_ROWS / SRN_PANEL_UNIT,
  PANEL_VECTORS = SRN_PANEL_ROWS / SRN_VECTOR_FLOATS,
  MOST_FRAMES = ACCUMULATORS / UNIT_VECTORS < 6 ? ACCUMULATORS / UNIT_VECTORS : 6,
  /* Few frames leave registers for two panels at once: more weights on their way, more sums that do not wait for each
   * other. So many frames do; 0 where two panels are never at once. */
  PAIR_FRAMES = ACCUMULATORS / (2 * PANEL_VECTORS),
  PAIR_PANELS = PAIR_FRAMES > 0 ? 2 : 1,
  MOST_VECTORS = PAIR_PANELS * PANEL_VECTORS,
};

/* What a tile reads and writes. */
typedef struct tile {
  const WORD *w; /* the words of COLUMNS columns are `width` before those of the next */
  size_t width, depth, steps;
  const float *x, *init;
  float *y;
  size_t x_stride, init_stride, y_stride;
} tile;

typedef srn_vector sums[MOST_FRAMES][MOST_VECTORS];

/* The sizes are constants wherever these are called, so that all loops but the one over k unroll. */
#define CONSTANT_SIZES static inline __attribute__((always_inline))

/* Weights v of column c at w. A tile higher than a panel goes on in the next one, which follows in memory. */
CONSTANT_SIZES srn_vector weights_at(const tile *t, const WORD *w, const size_t c, const size_t v)
{
  const size_t next_panel = (t->steps - 1) * SRN_PANEL_ROWS;
  return WORD_COLUMN(w + v * SRN_VECTOR_FLOATS + v / PANEL_VECTORS * next_panel, c);
}

/* Column c of the words at w, column k of all, where fewer registers hold the inputs than the weights. */
CONSTANT_SIZES void add_holding_inputs(const tile *t, const WORD *w, const size_t c, size_t k, sums sum,
                                       const size_t vectors, const size_t frames)
{
  srn_vector x[MOST_FRAMES];
  SRN_UNROLL
  for (size_t f = 0; f < frames; f++) {
    x[f] = srn_vector_fill(t->x[f * t->x_stride + k]);
  }
  SRN_UNROLL
  for (size_t v = 0; v < vectors; v++) {
    srn_vector weights = weights_at(t, w, c, v);
    SRN_UNROLL
    for (size_t f = 0; f < frames; f++) {
      sum[f][v] = srn_vector_fma(weights, x[f], sum[f][v]);
    }
  }
}

/* The same where fewer registers hold the weights than the inputs. */
CONSTANT_SIZES void add_holding_weights(const tile *t, const WORD *w, const size_t c, size_t k, sums sum,
                                        const size_t vectors, const size_t frames)
{
  srn_vector weights[MOST_VECTORS];
  SRN_UNROLL
  for (size_t v = 0; v < vectors; v++) {
    weights[v] = weights_at(t, w, c, v);
  }
  SRN_UNROLL
  for (size_t f = 0; f < frames; f++) {
    srn_vector x = srn_vector_fill(t->x[f * t->x_stride + k]);
    SRN_UNROLL
    for (size_t v = 0; v < vectors; v++) {
      sum[f][v] = srn_vector_fma(weights[v], x, sum[f][v]);
    }
  }
}

CONSTANT_SIZES void add_column(const tile *t, const WORD *w, const size_t c, size_t k, sums sum, const size_t vectors,
                               const size_t frames)
{
  if (frames <= vectors) {
    add_holding_inputs(t, w, c, k, sum, vectors, frames);
  } else {
    add_holding_weights(t, w, c, k, sum, vectors, frames);
  }
}

CONSTANT_SIZES void run_tile(const tile *t, const size_t vectors, const size_t frames)
{
  sums sum;
  SRN_UNROLL
  for (size_t f = 0; f < frames; f++) {
    SRN_UNROLL
    for (size_t v = 0; v < vectors; v++) {
      sum[f][v] = srn_vector_load(t->init + f * t->init_stride + v * SRN_VECTOR_FLOATS);
    }
  }
  const WORD *w = t->w;
  size_t k = 0;
  for (; k + COLUMNS <= t->depth; k += COLUMNS, w += t->width) {
    SRN_UNROLL
    for (size_t c = 0; c < COLUMNS; c++) {
      add_column(t, w, c, k + c, sum, vectors, frames);
    }
  }
  for (; k < t->depth; k++) { /* at most one left, the first of its words */
    add_column(t, w, 0, k, sum, vectors, frames);
  }
  SRN_UNROLL
  for (size_t f = 0; f < frames; f++) {
    SRN_UNROLL
    for (size_t v = 0; v < vectors; v++) {
      srn_vector_store(t->y + f * t->y_stride + v * SRN_VECTOR_FLOATS, sum[f][v]);
    }
  }
}

/* Units of rows that a tile of so many frames holds at most. */
#define MOST_UNITS(frames)                                                                                             \
  (ACCUMULATORS / UNIT_VECTORS / (frames) < PANEL_UNITS ? ACCUMULATORS / UNIT_VECTORS / (frames) : PANEL_UNITS)

#define TILE(units, frames)                                                                                            \
  static void tile_##units##x##frames(const tile *t)                                                                   \
  {                                                                                                                    \
    if (units <= MOST_UNITS(frames)) { /* the others are never called, and empty */                                    \
      run_tile(t, units *UNIT_VECTORS, frames);                                                                        \
    }                                                                                                                  \
  }
#define PAIR(frames)                                                                                                   \
  static void tile_pair_x##frames(const tile *t)                                                                       \
  {                                                                                                                    \
    if (frames <= PAIR_FRAMES) {                                                                                       \
      run_tile(t, MOST_VECTORS, frames);                                                                               \
    }                                                                                                                  \
  }
#define TILES(frames) TILE(1, frames) TILE(2, frames) TILE(3, frames) TILE(4, frames) PAIR(frames)
TILES(1)
TILES(2)
TILES(3)
TILES(4)
TILES(5)
TILES(6)

/* [frames - 1][units - 1]; a pair of panels stands behind the units of one. */
#define TILE_ROW(frames)                                                                                               \
  {                                                                                                                    \
    tile_1x##frames, tile_2x##frames, tile_3x##frames, tile_4x##frames, tile_pair_x##frames                            \
  }
static void (*const RUN_TILE[][PANEL_UNITS + 1])(const tile *) = {TILE_ROW(1), TILE_ROW(2), TILE_ROW(3),
                                                                  TILE_ROW(4), TILE_ROW(5), TILE_ROW(6)};

/* The size of equal parts, none above `most`, that make up `total`. */
static size_t part_size(size_t total, size_t most)
{
  size_t parts = (total + most - 1) / most;
  return (total + parts - 1) / parts;
}

/* The last rows of a matrix that fill no unit: by way of a whole unit of stack. */
static void run_edge(const tile *t, size_t rows, size_t frames)
{
  float edge[6][SRN_PANEL_UNIT] = {{0}};
  tile whole = *t;
  whole.init = whole.y = edge[0];
  whole.init_stride = whole.y_stride = SRN_PANEL_UNIT;
  for (size_t f = 0; f < frames; f++) {
    memcpy(edge[f], t->init + f * t->init_stride, rows * sizeof(float));
  }
  RUN_TILE[frames - 1][0](&whole);
  for (size_t f = 0; f < frames; f++) {
    memcpy(t->y + f * t->y_stride, edge[f], rows * sizeof(float));
  }
}

static void advance_rows(tile *t, size_t rows, size_t weights)
{
  t->w += weights;
  t->init += rows;
  t->y += rows;
}

/* One panel, `rows` of it in use, for at most MOST_FRAMES frames. */
static void run_panel(tile t, size_t rows, size_t frames)
{
  size_t units = rows / SRN_PANEL_UNIT;
  while (units > 0) {
    size_t now = part_size(units, MOST_UNITS(frames));
    RUN_TILE[frames - 1][now - 1](&t);
    advance_rows(&t, now * SRN_PANEL_UNIT, now * SRN_PANEL_UNIT);
    units -= now;
  }
  if (rows % SRN_PANEL_UNIT != 0) {
    run_edge(&t, rows % SRN_PANEL_UNIT, frames);
  }
}

/* Panels one after the other as the walk goes, `rows` of them in use, for at most MOST_FRAMES frames. */
static void run_panels(const tile *t, size_t rows, size_t frames, srn_walk walk)
{
  size_t n = (rows + SRN_PANEL_ROWS - 1) / SRN_PANEL_ROWS;
  for (size_t i = 0; i < n; i++) {
    size_t first = (walk == SRN_WALK_FORWARD ? i : n - 1 - i) * SRN_PANEL_ROWS;
    size_t left = rows - first < SRN_PANEL_ROWS ? rows - first : SRN_PANEL_ROWS;
    tile panel = *t;
    advance_rows(&panel, first, first * t->steps);
    panel.width = (left + SRN_PANEL_UNIT - 1) / SRN_PANEL_UNIT * SRN_PANEL_UNIT;
    run_panel(panel, left, frames);
  }
}

/* At most a pair of panels. At the end where walks turn back they go one by one: one is small enough to be found in the
 * L1 cache when the walk comes back, where a pair would have pushed out its own beginning. */
static void run_pair(const tile *t, size_t rows, size_t frames, srn_walk walk, bool turns)
{
  bool whole = rows == (size_t)PAIR_PANELS * SRN_PANEL_ROWS;
  if (PAIR_FRAMES > 0 && frames <= PAIR_FRAMES && whole && !turns) {
    RUN_TILE[frames - 1][PANEL_UNITS](t);
  } else {
    run_panels(t, rows, frames, walk);
  }
}

void NAME(const srn_panels *w, const float *x, size_t x_stride, const float *init, size_t init_stride, float *y,
          size_t y_stride, size_t frames, srn_walk walk)
{
  static const float ZEROS[PAIR_PANELS * SRN_PANEL_ROWS] = {0};
  const WORD *weights = w->weights;
  const size_t columns = (w->depth + COLUMNS - 1) / COLUMNS;
  const size_t step = (size_t)PAIR_PANELS * SRN_PANEL_ROWS;
  size_t steps = (w->rows + step - 1) / step;
  for (size_t i = 0; i < steps; i++) {
    size_t first = (walk == SRN_WALK_FORWARD ? i : steps - 1 - i) * step;
    size_t rows = w->rows - first < step ? w->rows - first : step;
    tile t = {.w = weights + first * columns,
              .width = SRN_PANEL_ROWS,
              .depth = w->depth,
              .steps = columns,
              .x = x,
              .init = init ? init + first : ZEROS,
              .y = y + first,
              .x_stride = x_stride,
              .init_stride = init ? init_stride : 0,
              .y_stride = y_stride};
    for (size_t left = frames; left > 0;) {
      size_t now = part_size(left, MOST_FRAMES);
      run_pair(&t, rows, now, walk, first + rows == w->rows);
      t.x += now * t.x_stride;
      t.init += now * t.init_stride;
      t.y += now * t.y_stride;
      left -= now;
    }
  }
}
