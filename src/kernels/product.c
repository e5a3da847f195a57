/* Packed weights times the frames of a block, one order of addition for any number of frames.
 *
 * A tile is some rows times some frames: an accumulator for each vector of rows and each frame, which lives in a
 * register while k runs from 0 to depth. Tiles differ in how much they do at once, never in the order of the additions
 * of one output. */
#include "kernels/product.h"

#include "kernels/vector.h"

enum {
#if defined(__AVX512F__) || defined(__aarch64__)
  ACCUMULATORS = 24, /* of 32 registers */
#else
  ACCUMULATORS = 12, /* of 16 */
#endif
  UNIT_VECTORS = SRN_PANEL_UNIT / SRN_VECTOR_FLOATS,
  PANEL_UNITS = SRN_PANEL_ROWS / SRN_PANEL_UNIT,
  PANEL_VECTORS = SRN_PANEL_ROWS / SRN_VECTOR_FLOATS,
  MOST_FRAMES = ACCUMULATORS / UNIT_VECTORS < 6 ? ACCUMULATORS / UNIT_VECTORS : 6,
  /* One frame wants many weights on their way at once. */
  PANELS_IN_FLIGHT = 2 * PANEL_VECTORS <= ACCUMULATORS ? 2 : 1,
};

/* What a tile reads and writes. */
typedef struct tile {
  const float *w; /* the weights of a column are `width` before those of the next */
  size_t width, depth;
  const float *x, *init;
  float *y;
  size_t x_stride, init_stride, y_stride;
} tile;

/* The sizes are constants wherever this is called, so that all loops but the one over k unroll. A tile higher than a
 * panel goes on in the next one, which follows in memory. */
static inline __attribute__((always_inline)) void run_tile(const tile *t, const size_t vectors, const size_t frames)
{
  srn_vector sum[MOST_FRAMES][PANELS_IN_FLIGHT * PANEL_VECTORS];
  const size_t next_panel = (t->depth - 1) * SRN_PANEL_ROWS;
#pragma GCC unroll 8
  for (size_t f = 0; f < frames; f++) {
#pragma GCC unroll 16
    for (size_t v = 0; v < vectors; v++) {
      sum[f][v] = srn_vector_load(t->init + f * t->init_stride + v * SRN_VECTOR_FLOATS);
    }
  }
  const float *w = t->w;
  for (size_t k = 0; k < t->depth; k++, w += t->width) {
    srn_vector x[MOST_FRAMES];
#pragma GCC unroll 8
    for (size_t f = 0; f < frames; f++) {
      x[f] = srn_vector_fill(t->x[f * t->x_stride + k]);
    }
#pragma GCC unroll 16
    for (size_t v = 0; v < vectors; v++) {
      srn_vector weights = srn_vector_load(w + v * SRN_VECTOR_FLOATS + v / PANEL_VECTORS * next_panel);
#pragma GCC unroll 8
      for (size_t f = 0; f < frames; f++) {
        sum[f][v] = srn_vector_fma(weights, x[f], sum[f][v]);
      }
    }
  }
#pragma GCC unroll 8
  for (size_t f = 0; f < frames; f++) {
#pragma GCC unroll 16
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
#define TILES(frames) TILE(1, frames) TILE(2, frames) TILE(3, frames) TILE(4, frames)
TILES(1)
TILES(2)
TILES(3)
TILES(4)
TILES(5)
TILES(6)

#define TILE_ROW(frames)                                                                                               \
  {                                                                                                                    \
    tile_1x##frames, tile_2x##frames, tile_3x##frames, tile_4x##frames                                                 \
  }
static void (*const RUN_TILE[][PANEL_UNITS])(const tile *) = {TILE_ROW(1), TILE_ROW(2), TILE_ROW(3),
                                                              TILE_ROW(4), TILE_ROW(5), TILE_ROW(6)};

static void tile_panels_in_flight(const tile *t)
{
  run_tile(t, PANELS_IN_FLIGHT * PANEL_VECTORS, 1);
}

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

static void advance_rows(tile *t, size_t rows)
{
  t->w += rows;
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
    advance_rows(&t, now * SRN_PANEL_UNIT);
    units -= now;
  }
  if (rows % SRN_PANEL_UNIT != 0) {
    run_edge(&t, rows % SRN_PANEL_UNIT, frames);
  }
}

/* The rows from `first` on, at most `rows` of them, for all frames. */
static void run_rows(tile t, const srn_panels *w, size_t first, size_t rows, size_t frames)
{
  static const float ZEROS[SRN_PANEL_ROWS * PANELS_IN_FLIGHT] = {0};
  t.w += first * t.depth;
  t.init = t.init ? t.init + first : ZEROS;
  t.y += first;
  rows = w->rows - first < rows ? w->rows - first : rows;
  if (rows == SRN_PANEL_ROWS * PANELS_IN_FLIGHT && frames == 1) {
    tile_panels_in_flight(&t);
    return;
  }
  while (frames > 0) {
    size_t now = part_size(frames, MOST_FRAMES);
    tile block = t;
    for (size_t done = 0; done < rows; done += SRN_PANEL_ROWS) {
      size_t left = rows - done < SRN_PANEL_ROWS ? rows - done : SRN_PANEL_ROWS;
      block.width = (left + SRN_PANEL_UNIT - 1) / SRN_PANEL_UNIT * SRN_PANEL_UNIT;
      run_panel(block, left, now);
      block.w += SRN_PANEL_ROWS * t.depth;
      block.init += SRN_PANEL_ROWS;
      block.y += SRN_PANEL_ROWS;
    }
    t.x += now * t.x_stride;
    t.init += now * t.init_stride;
    t.y += now * t.y_stride;
    frames -= now;
  }
}

void SRN_KERNEL(product)(const srn_panels *w, const float *x, size_t x_stride, const float *init, size_t init_stride,
                         float *y, size_t y_stride, size_t frames, srn_walk walk)
{
  const size_t step = SRN_PANEL_ROWS * PANELS_IN_FLIGHT;
  size_t steps = (w->rows + step - 1) / step;
  tile t = {.w = w->weights,
            .width = SRN_PANEL_ROWS,
            .depth = w->depth,
            .x = x,
            .init = init,
            .y = y,
            .x_stride = x_stride,
            .init_stride = init ? init_stride : 0,
            .y_stride = y_stride};
  for (size_t i = 0; i < steps; i++) {
    size_t index = walk == SRN_WALK_FORWARD ? i : steps - 1 - i;
    run_rows(t, w, index * step, step, frames);
  }
}
