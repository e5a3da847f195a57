/* Inner loops of the front end, in float and in double: what each computes, on which shapes, in which order.
 *
 * Frames go through in batches of at most 16, lying side by side: lanes (count, 16) hold value k of frame b at
 * [k * 16 + b]. So a filter of three bins is still a loop of whole vectors, and no frame's bits depend on its
 * neighbours. Kernels on lanes work on all 16; where a batch has fewer frames, the rest is zeros or anything else.
 *
 * The rules of kernels.h hold. `real` is float in srn_front_f32, double in srn_front_f64. */
#ifndef SPECRNN_SRC_KERNELS_FRONT_H
#define SPECRNN_SRC_KERNELS_FRONT_H

#include <stddef.h>

enum { SRN_FRONT_LANES = 16 };

/* Rows of a filter bank without their zeros, one behind the other: row m weighs bins first[m] ... first[m] + count[m]
 * with weights[offset[m]] ... */
#define SRN_DEFINE_FILTERS(name, real)                                                                                 \
  typedef struct name {                                                                                                \
    size_t rows;                                                                                                       \
    const int *first, *count;                                                                                          \
    const size_t *offset;                                                                                              \
    const real *weights;                                                                                               \
  } name;

/* window   out[i] = samples[i] * window[i], i < n; one rounding of the product.
 *
 * sum      of samples[i], i < n, in 32 interleaved parts: part p takes i = p, p + 32, ..., ascending; then the upper
 *          half of the parts is added to the lower, part by part, until one is left.
 *
 * emphasise  out[i] = (s[i] - coefficient * s[i - 1]) * window[i] with s[i] = samples[i] - mean and s[-1] = s[0],
 *          i < n; each operation rounds once.
 *
 * power    spectra (frames, stride) of interleaved complex numbers, frames <= 16, to lanes (bins, 16):
 *          fma(re, re, im * im); lanes without a frame become 0. Relative error 1 ulp, where the squares are normal.
 *
 * sqrt     y[i] = sqrt(x[i]), i < n; correctly rounded; in place allowed.
 *
 * filter   out (rows, 16) = filters times lanes in (bins, 16): a = 0; a = fma(weight, in, a), bins ascending.
 *
 * dense    out (rows, 16) = matrix (rows, depth) times in (depth, 16): the same sum over all k, ascending. For a DCT.
 *
 * log10, ln  y[i] = factor * log(max(floor, x[i])) - offset, i < n; in place allowed. A NaN stays one. The
 * logarithm is within 2 ulp; floor > 0.
 *
 * limit    lanes (count, 16): v = lanes[k][b] - shift[b], and at least floor[b]. A NaN stays one.
 *
 * rows     lanes (count, 16) to rows: rows[b * stride + k] = (float)lanes[k][b], for b < frames, k < count. */
#define SRN_DEFINE_FRONT(name, real, filters)                                                                          \
  typedef struct name {                                                                                                \
    void (*window)(const float *samples, const real *window, real *out, size_t n);                                     \
    real (*sum)(const float *samples, size_t n);                                                                       \
    void (*emphasise)(const float *samples, real mean, real coefficient, const real *window, real *out, size_t n);     \
    void (*power)(const real *spectra, size_t stride, size_t frames, real *lanes, size_t bins);                        \
    void (*sqrt)(const real *x, real *y, size_t n);                                                                    \
    void (*filter)(const filters *f, const real *in, real *out);                                                       \
    void (*dense)(const real *matrix, size_t rows, size_t depth, const real *in, real *out);                           \
    void (*log10)(const real *x, real *y, size_t n, real floor, real factor, real offset);                             \
    void (*ln)(const real *x, real *y, size_t n, real floor, real factor, real offset);                                \
    void (*limit)(real * lanes, size_t count, const real *shift, const real *floor);                                   \
    void (*rows)(const real *lanes, size_t count, size_t frames, float *rows, size_t stride);                          \
  } name;

SRN_DEFINE_FILTERS(srn_filters_f32, float)
SRN_DEFINE_FILTERS(srn_filters_f64, double)
SRN_DEFINE_FRONT(srn_front_f32, float, srn_filters_f32)
SRN_DEFINE_FRONT(srn_front_f64, double, srn_filters_f64)

#endif
