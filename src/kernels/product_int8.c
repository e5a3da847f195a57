/* 8-bit weights times frames that are rounded to 12 bits: exact sums, so the same result on every machine. */
#include <float.h>
#include <math.h>

#include "kernels/int8_vector.h"
#include "kernels/product.h"
#include "kernels/vector.h"

enum { BLOCK_FRAMES = 2 /* that share a reading of the weights; their inputs lie on the stack */ };

/* A matrix taken apart. */
typedef struct matrix {
  const float *scales;
  const int32_t *weight_sums;
  const uint32_t *words;
  size_t rows, groups;
} matrix;

static matrix matrix_of(const srn_panels *w)
{
  size_t rows = (w->rows + SRN_PANEL_UNIT - 1) / SRN_PANEL_UNIT * SRN_PANEL_UNIT;
  const float *scales = w->weights;
  const int32_t *weight_sums = (const int32_t *)(scales + rows);
  size_t groups = (w->depth + SRN_INT8_COLUMNS - 1) / SRN_INT8_COLUMNS;
  return (matrix){scales, weight_sums, (const uint32_t *)(weight_sums + rows), w->rows, groups};
}

/* The largest magnitude, or NaN where some value is no number. */
static float magnitude_of(const float *x, size_t depth)
{
  uint32_t largest = 0; /* magnitudes are ordered as their bits, infinities and NaNs above all numbers */
  for (size_t k = 0; k < depth; k++) {
    uint32_t bits = srn_bits_of_float(x[k]) & 0x7fffffff;
    largest = bits > largest ? bits : largest;
  }
  float magnitude = srn_float_of_bits(largest);
  return magnitude <= FLT_MAX ? magnitude : NAN;
}

/* Rounds a frame to whole numbers of at most INPUT_LIMIT; the result times them is the frame. */
static float round_frame(const float *x, size_t depth, inputs *out)
{
  const float least_magnitude = 1e-30f;
  const float to_integer = 0x1.8p+23f; /* adding it rounds to an integer, which the low bits then hold */
  float magnitude = magnitude_of(x, depth);
  float factor = magnitude >= least_magnitude ? (float)INPUT_LIMIT / magnitude : 0.0f;
  size_t padded = (depth + SRN_INT8_COLUMNS - 1) / SRN_INT8_COLUMNS * SRN_INT8_COLUMNS;
  for (size_t k = 0; k < depth; k++) {
    float usable = factor > 0.0f ? x[k] : 0.0f;
    float shifted = usable * factor + to_integer;
    put_input(out, k, (int32_t)(srn_bits_of_float(shifted) - srn_bits_of_float(to_integer)));
  }
  for (size_t k = depth; k < padded; k++) {
    put_input(out, k, 0);
  }
  return magnitude < least_magnitude ? 0.0f : magnitude / (float)INPUT_LIMIT;
}

/* The sums of `rows` rows, a constant, whose first words are at w, for a constant number of frames. */
static inline __attribute__((always_inline)) void run_tile(const uint32_t *w, size_t width, size_t groups,
                                                           const int32_t *weight_sums, const inputs *x,
                                                           int32_t (*out)[SRN_PANEL_ROWS], const size_t rows,
                                                           const size_t frames)
{
  row_sums sum[BLOCK_FRAMES][SRN_PANEL_ROWS / SUM_ROWS];
  memset(sum, 0, sizeof sum);
  for (size_t g = 0; g < groups; g++, w += width) {
    group in[BLOCK_FRAMES];
    SRN_UNROLL
    for (size_t f = 0; f < frames; f++) {
      in[f] = group_at(&x[f], g * SRN_INT8_COLUMNS);
    }
    SRN_UNROLL
    for (size_t s = 0; s < rows / SUM_ROWS; s++) {
      SRN_UNROLL
      for (size_t f = 0; f < frames; f++) {
        sum[f][s] = sums_add(sum[f][s], in[f], w + s * SUM_ROWS);
      }
    }
  }
  SRN_UNROLL
  for (size_t f = 0; f < frames; f++) {
    SRN_UNROLL
    for (size_t s = 0; s < rows / SUM_ROWS; s++) {
      sums_store(sum[f][s], weight_sums + s * SUM_ROWS, out[f] + s * SUM_ROWS);
    }
  }
}

/* All sums of a panel of so many rows, padding included. */
static void run_panel(const matrix *m, size_t first, size_t width, const inputs *x, size_t frames,
                      int32_t (*out)[SRN_PANEL_ROWS])
{
  const uint32_t *w = m->words + first * m->groups;
  const int32_t *weight_sums = m->weight_sums + first;
  int32_t part[BLOCK_FRAMES][SRN_PANEL_ROWS];
  size_t rows;
  for (size_t done = 0; done < width; done += rows) {
    rows = width - done >= TILE_ROWS ? TILE_ROWS : SRN_PANEL_UNIT;
    if (frames == 1 && rows == TILE_ROWS) {
      run_tile(w + done, width, m->groups, weight_sums + done, x, part, TILE_ROWS, 1);
    } else if (frames == 1) {
      run_tile(w + done, width, m->groups, weight_sums + done, x, part, SRN_PANEL_UNIT, 1);
    } else if (rows == TILE_ROWS) {
      run_tile(w + done, width, m->groups, weight_sums + done, x, part, TILE_ROWS, 2);
    } else {
      run_tile(w + done, width, m->groups, weight_sums + done, x, part, SRN_PANEL_UNIT, 2);
    }
    for (size_t f = 0; f < frames; f++) {
      memcpy(out[f] + done, part[f], rows * sizeof(int32_t));
    }
  }
}

static void put_out(const int32_t *sums, const float *scales, float input_scale, const float *init, float *y,
                    size_t rows)
{
  SRN_EACH
  for (size_t r = 0; r < rows; r++) {
    float start = init ? init[r] : 0.0f;
    y[r] = start + (float)sums[r] * (scales[r] * input_scale);
  }
}

void SRN_OWN_KERNEL(product_int8)(const srn_panels *w, const float *x, size_t x_stride, const float *init,
                                  size_t init_stride, float *y, size_t y_stride, size_t frames, srn_walk walk)
{
  matrix m = matrix_of(w);
  inputs rounded[BLOCK_FRAMES];
  float input_scales[BLOCK_FRAMES];
  int32_t sums[BLOCK_FRAMES][SRN_PANEL_ROWS];
  size_t panels = (m.rows + SRN_PANEL_ROWS - 1) / SRN_PANEL_ROWS;
  for (size_t frame = 0; frame < frames; frame += BLOCK_FRAMES) {
    size_t now = frames - frame < BLOCK_FRAMES ? frames - frame : BLOCK_FRAMES;
    for (size_t f = 0; f < now; f++) {
      input_scales[f] = round_frame(x + (frame + f) * x_stride, w->depth, &rounded[f]);
    }
    for (size_t i = 0; i < panels; i++) {
      size_t first = (walk == SRN_WALK_FORWARD ? i : panels - 1 - i) * SRN_PANEL_ROWS;
      size_t rows = m.rows - first < SRN_PANEL_ROWS ? m.rows - first : SRN_PANEL_ROWS;
      size_t width = (rows + SRN_PANEL_UNIT - 1) / SRN_PANEL_UNIT * SRN_PANEL_UNIT;
      run_panel(&m, first, width, rounded, now, sums);
      for (size_t f = 0; f < now; f++) {
        put_out(sums[f], m.scales + first, input_scales[f], init ? init + (frame + f) * init_stride + first : NULL,
                y + (frame + f) * y_stride + first, rows);
      }
    }
  }
}
