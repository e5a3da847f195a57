/* The inner loops of the library: what each computes, on which shapes, in which order, within which error.
 *
 * Rules for all
 * - Arrays are float, row-major; a row begins `stride` items after the one before it. Alignment is never needed; rows
 *   that begin on cache lines are faster. Nothing outside the stated shapes is read or written.
 * - Every output depends on its own inputs alone: not on its place in the row, on the number of rows in the call, or
 *   on where the memory lies. So a stream gives the bits of the whole, at every CPU level.
 * - Elementwise kernels may work in place (y == x); otherwise outputs do not overlap inputs.
 * - Multiplications and additions are fused exactly where this file says fma, on levels that have it (`fused`); on
 *   the others fma(a, b, c) is a * b rounded, plus c. So all fused levels give the same bits; and what has no fma in
 *   its formula - maps, cells, 8-bit products - gives the same bits on every machine.
 * - Nothing is allocated, locked or remembered. The rounding mode is to-nearest. Flushing of denormals by the caller is
 *   allowed and changes only results that are denormal.
 *
 * What is not here because it is rare (pow, expm1, log1p) comes from the C library.
 *
 * Bounds are those of tests/kernels, which checks every level against a double-precision reference.
 */
#ifndef SPECRNN_SRC_KERNELS_KERNELS_H
#define SPECRNN_SRC_KERNELS_KERNELS_H

#include "kernels/front.h"
#include "specrnn/cpu.h"

/* ------------------------------------------------------------------------------------------------- packed weights */

enum {
  SRN_PANEL_ROWS = 64, /* rows of a full panel */
  SRN_PANEL_UNIT = 16  /* the last panel has a multiple of this many */
};

typedef enum srn_weight_type {
  SRN_WEIGHT_F32,  /* as they are */
  SRN_WEIGHT_BF16, /* rounded to the nearest bfloat16, 8 bits of precision */
  SRN_WEIGHT_INT8, /* whole numbers -127 ... 127 times a scale per row */
  SRN_WEIGHT_TYPES
} srn_weight_type;

/* Columns of 8-bit weights at most, so that no sum of theirs overflows 32 bits. */
enum { SRN_INT8_MOST_DEPTH = 4096 };

/* A matrix W[rows][depth] in panels of 64 rows. Panel p holds rows 64 p ... and lies column after column: the weights
 * of column k for all its rows, then those of column k + 1. The last panel is as wide as its rows need, rounded up to
 * a multiple of 16 with rows of zeros. Of bfloat16 two columns lie in one, the even one in the lower half of a word; of
 * 8-bit weights four, behind the rows' scales and sums. */
typedef struct srn_panels {
  const void *weights; /* srn_panels_bytes of them; begins on a cache line */
  size_t rows, depth;
  srn_weight_type type;
} srn_panels;

/* Bytes of the packed matrix of this shape and type; 0 for a matrix without elements, where the number does not fit, or
 * for 8-bit weights of more than SRN_INT8_MOST_DEPTH columns. */
size_t srn_panels_bytes(const srn_panels *shape);

/* Packs W, whose rows are `stride` apart, as the shape and type say, rounding to nearest. Weights are finite. Weights
 * that are already of the type come through unchanged. */
void srn_panels_pack(const srn_panels *shape, void *packed, const float *w, size_t stride);

/* The same of rows `row` ... `row` + `n_rows` - 1 alone, which begin at w, into a matrix that was zeroed or packed. */
void srn_panels_set_rows(const srn_panels *shape, void *packed, size_t row, size_t n_rows, const float *w,
                         size_t stride);

/* What the packed rows stand for, exactly; w (n_rows, depth). */
void srn_panels_get_rows(const srn_panels *panels, size_t row, size_t n_rows, float *w);

/* The whole numbers, -127 ... 127, that stand for a row of finite weights; returns what they are times. Numbers that
 * are already so come through unchanged. */
float srn_int8_row(int8_t *whole, const float *w, size_t depth);

/* The nearest bfloat16 of a finite number, ties to even. */
uint16_t srn_bf16_of(float w);

/* The order in which a product visits the panels. Where the weights outgrow the L2 cache, walking them in turn forward
 * and backward from step to step finds half a cache full of them still there. The result is the same. */
typedef enum srn_walk { SRN_WALK_FORWARD, SRN_WALK_BACKWARD } srn_walk;

/* --------------------------------------------------------------------------------------------------------- the table
 */

/* y[f][r] = init[f][r] + sum over k of W[r][k] x[f][k], for f < frames and r < rows; x is (frames, depth), init and y
 * are (frames, rows). init_stride 0 gives every frame the same row (a bias); a NULL init is zeros; init may be y itself
 * with the same stride (add to what is there). A frame's result does not depend on the other frames.
 *
 * f32, bf16: one accumulator per output, k ascending: a = init; a = fma(W[r][k], x[f][k], a).
 *
 * int8: x of a frame becomes whole numbers, q = round(x (2047 / m)), m = max |x|; the sum over k of w q is exact,
 * whatever the instructions; y = init + (float)sum * (scale[r] * (m / 2047)). A frame with a NaN or an infinity gives
 * NaNs; one below 1e-30 everywhere counts as zeros. Takes 20 KiB of stack. */
typedef void srn_product(const srn_panels *w, const float *x, size_t x_stride, const float *init, size_t init_stride,
                         float *y, size_t y_stride, size_t frames, srn_walk walk);

/* y[i] = f(x[i]), i < n */
typedef void srn_map(const float *x, float *y, size_t n);

typedef struct srn_kernels {
  specrnn_cpu_level level;
  bool fused; /* fma rounds once */

  srn_product *product; /* of any type */

  /* Functions of one number. NaN gives NaN, limits at the infinities are exact, denormals count.
   *   tanh     1e-7 absolute, 2e-7 relative        exp     1.25 ulp
   *   sigmoid  1e-7 absolute, 2e-7 relative        log     1 ulp   (natural; of 0 -inf, of less NaN)
   *   relu     exact                               log10   2 ulp */
  srn_map *tanh, *sigmoid, *relu, *exp, *log, *log10;

  /* Cells: a step of n units from their pre-activations, which already hold products and biases. s is `sigmoid`, t is
   * `tanh`, to the bit, so that an observer recomputes any gate by the maps above.
   *
   * lstm, pre (4, n) = i, f, g, o:  c' = s(f) c + s(i) t(g);  h' = s(o) t(c')
   * gru, reset after the product, in (3, n) = W_i x + b_i and rec (3, n) = W_h h + b_h, gates r, z, n:
   *        g = t(s(in_r + rec_r) rec_n + in_n);  z = s(in_z + rec_z);  h' = z (h - g) + g
   * gru, reset before the product, in two halves around it:
   *   gru_reset   (in (n) and rec (n) of gate r):  rh = s(in + rec) h,  the input of the product for gate n
   *   gru_update  (in (2, n) and rec (2, n) of gates z, n):  g = t(in_n + rec_n);  z = s(in_z + rec_z);
   *        h' = z (h - g) + g
   * c and h are updated in place. The cells of plain RNNs are `tanh` and `relu`. */
  void (*lstm)(const float *pre, float *c, float *h, size_t n);
  void (*gru)(const float *in, const float *rec, float *h, size_t n);
  void (*gru_reset)(const float *in, const float *rec, const float *h, float *rh, size_t n);
  void (*gru_update)(const float *in, const float *rec, float *h, size_t n);

  /* front.h */
  const srn_front_f32 *front_f32;
  const srn_front_f64 *front_f64;
} srn_kernels;

/* The table of the highest level within `limit` that this machine runs. Never NULL. */
const srn_kernels *srn_kernels_at(specrnn_cpu_level limit);

/* What an object takes when it is created, and keeps. */
static inline const srn_kernels *srn_kernels_get(void)
{
  return srn_kernels_at(specrnn_cpu_level_in_use());
}

#endif
