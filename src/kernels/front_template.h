/* The front end's kernels for one type. The file that includes this defines
 *   REAL, NAME(x), FRONT_TABLE, REAL_FMA(a, b, c), REAL_SQRT(x), REAL_LOG(x), REAL_LOG10(x),
 *   and TILE with transpose_tile, the block that it transposes at a time. */

enum { LANES = SRN_FRONT_LANES };

static void NAME(window)(const float *samples, const REAL *window, REAL *out, size_t n)
{
  SRN_EACH
  for (size_t i = 0; i < n; i++) {
    out[i] = samples[i] * window[i];
  }
}

/* `count` bins of a frame, at most a block of them */
static inline void square(const REAL *restrict spectrum, REAL *restrict power, size_t count)
{
  for (size_t k = 0; k < count; k++) {
    REAL re = spectrum[2 * k], im = spectrum[2 * k + 1];
    power[k] = REAL_FMA(re, re, im * im);
  }
}

static void NAME(power)(const REAL *spectra, size_t stride, size_t frames, REAL *lanes, size_t bins)
{
  REAL block[LANES][LANES] = {{0}}; /* (frames, bins) */
  for (size_t k = 0; k < bins; k += LANES) {
    size_t count = bins - k < LANES ? bins - k : LANES;
    for (size_t b = 0; b < frames; b++) {
      if (count == LANES) {
        square(spectra + b * stride + 2 * k, block[b], LANES);
      } else {
        square(spectra + b * stride + 2 * k, block[b], count);
      }
    }
    if (count == LANES) {
      for (size_t i = 0; i < LANES; i += TILE) {
        for (size_t b = 0; b < LANES; b += TILE) {
          transpose_tile(&block[b][i], LANES, lanes + (k + i) * LANES + b, LANES);
        }
      }
    } else {
      for (size_t i = 0; i < count * LANES; i++) {
        lanes[k * LANES + i] = block[i % LANES][i / LANES];
      }
    }
  }
}

static void NAME(sqrt)(const REAL *x, REAL *y, size_t n)
{
  SRN_EACH
  for (size_t i = 0; i < n; i++) {
    y[i] = REAL_SQRT(x[i]);
  }
}

/* The sum over k of weights[k] in[k][b], for all lanes b. */
static inline void dot(const REAL *restrict weights, size_t count, const REAL *restrict in, REAL *restrict out)
{
  REAL sum[LANES] = {0};
  for (size_t k = 0; k < count; k++) {
    for (size_t b = 0; b < LANES; b++) {
      sum[b] = REAL_FMA(weights[k], in[k * LANES + b], sum[b]);
    }
  }
  memcpy(out, sum, sizeof sum);
}

static void NAME(filter)(const NAME(filters) * f, const REAL *in, REAL *out)
{
  for (size_t m = 0; m < f->rows; m++) {
    dot(f->weights + f->offset[m], (size_t)f->count[m], in + (size_t)f->first[m] * LANES, out + m * LANES);
  }
}

static void NAME(dense)(const REAL *matrix, size_t rows, size_t depth, const REAL *in, REAL *out)
{
  for (size_t r = 0; r < rows; r++) {
    dot(matrix + r * depth, depth, in, out + r * LANES);
  }
}

static void NAME(log10)(const REAL *x, REAL *y, size_t n, REAL floor, REAL factor, REAL offset)
{
  SRN_EACH
  for (size_t i = 0; i < n; i++) {
    y[i] = REAL_FMA(factor, REAL_LOG10(x[i] < floor ? floor : x[i]), -offset);
  }
}

static void NAME(ln)(const REAL *x, REAL *y, size_t n, REAL floor, REAL factor, REAL offset)
{
  SRN_EACH
  for (size_t i = 0; i < n; i++) {
    y[i] = REAL_FMA(factor, REAL_LOG(x[i] < floor ? floor : x[i]), -offset);
  }
}

static void NAME(limit)(REAL *lanes, size_t count, const REAL *shift, const REAL *floor)
{
  for (size_t k = 0; k < count; k++) {
    SRN_EACH
    for (size_t b = 0; b < LANES; b++) {
      REAL v = lanes[k * LANES + b] - shift[b];
      lanes[k * LANES + b] = v < floor[b] ? floor[b] : v;
    }
  }
}

static void NAME(rows)(const REAL *lanes, size_t count, size_t frames, float *rows, size_t stride)
{
  REAL block[LANES][LANES]; /* (frames, values) */
  size_t whole = count - count % LANES;
  for (size_t k = 0; k < whole; k += LANES) {
    for (size_t i = 0; i < LANES; i += TILE) {
      for (size_t b = 0; b < LANES; b += TILE) {
        transpose_tile(lanes + (k + i) * LANES + b, LANES, &block[b][i], LANES);
      }
    }
    for (size_t b = 0; b < frames; b++) {
      for (size_t i = 0; i < LANES; i++) {
        rows[b * stride + k + i] = (float)block[b][i];
      }
    }
  }
  for (size_t b = 0; b < frames; b++) {
    for (size_t k = whole; k < count; k++) {
      rows[b * stride + k] = (float)lanes[k * LANES + b];
    }
  }
}

const NAME(front) FRONT_TABLE = {
    .window = NAME(window),
    .power = NAME(power),
    .sqrt = NAME(sqrt),
    .filter = NAME(filter),
    .dense = NAME(dense),
    .log10 = NAME(log10),
    .ln = NAME(ln),
    .limit = NAME(limit),
    .rows = NAME(rows),
};
