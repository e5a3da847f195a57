/* The front end's kernels for one type. The file that includes this defines
 *   REAL, NAME(x), FRONT_TABLE, REAL_FMA(a, b, c), REAL_SQRT(x), REAL_LOG(x), REAL_LOG10(x),
 *   VECTOR, VECTOR_ITEMS, VECTOR_LOAD, VECTOR_STORE, VECTOR_FILL, VECTOR_FMA of vector.h, VECTOR_OF_FLOATS(p),
 *   TILE with transpose_tile, the block that it transposes at a time, and
 *   CHUNK_BINS with power_of_chunks, the complex numbers in 16 bytes and their powers over a vector of frames. */

enum {
  LANES = SRN_FRONT_LANES,
  LANE_VECTORS = LANES / VECTOR_ITEMS,
  SUM_PARTS = 32,
  SUM_VECTORS = SUM_PARTS / VECTOR_ITEMS,
  DENSE_ROWS = LANE_VECTORS < 8 ? 8 / LANE_VECTORS : 1, /* eight sums hide the latency of an addition */
};

static void NAME(window)(const float *samples, const REAL *window, REAL *out, size_t n)
{
  SRN_EACH
  for (size_t i = 0; i < n; i++) {
    out[i] = samples[i] * window[i];
  }
}

static inline __attribute__((always_inline)) void add_parts(VECTOR *parts, const float *samples)
{
  SRN_UNROLL
  for (size_t v = 0; v < SUM_VECTORS; v++) {
    parts[v] += VECTOR_OF_FLOATS(samples + v * VECTOR_ITEMS);
  }
}

static REAL NAME(sum)(const float *samples, size_t n)
{
  VECTOR parts[SUM_VECTORS] = {{0}};
  size_t i = 0;
  for (; i + SUM_PARTS <= n; i += SUM_PARTS) {
    add_parts(parts, samples + i);
  }
  if (i < n) {
    float rest[SUM_PARTS] = {0};
    memcpy(rest, samples + i, (n - i) * sizeof *rest);
    add_parts(parts, rest);
  }
  REAL sums[SUM_PARTS];
  memcpy(sums, parts, sizeof sums);
  for (size_t half = SUM_PARTS / 2; half > 0; half /= 2) {
    for (size_t p = 0; p < half; p++) {
      sums[p] += sums[p + half];
    }
  }
  return sums[0];
}

static void NAME(emphasise)(const float *samples, REAL mean, REAL coefficient, const REAL *window, REAL *out, size_t n)
{
  if (n > 0) {
    REAL first = samples[0] - mean;
    out[0] = (first - coefficient * first) * window[0];
  }
  SRN_EACH
  for (size_t i = 1; i < n; i++) {
    out[i] = (samples[i] - mean - coefficient * (samples[i - 1] - mean)) * window[i];
  }
}

/* CHUNK_BINS bins, from k on, of all frames; those from `frames` on are zeros. */
static inline __attribute__((always_inline)) void power_of_lanes(const REAL *spectra, size_t stride,
                                                                 const size_t frames, size_t k, REAL *out)
{
  static const REAL ZEROS[2 * CHUNK_BINS] = {0};
  for (size_t b = 0; b < LANES; b += VECTOR_ITEMS) {
    const void *chunk[VECTOR_ITEMS];
    for (size_t i = 0; i < VECTOR_ITEMS; i++) {
      chunk[i] = b + i < frames ? spectra + (b + i) * stride + 2 * k : ZEROS;
    }
    power_of_chunks(chunk, out + b);
  }
}

static void NAME(power)(const REAL *spectra, size_t stride, size_t frames, REAL *lanes, size_t bins)
{
  size_t k = 0;
  for (; frames == LANES && k + CHUNK_BINS <= bins; k += CHUNK_BINS) {
    power_of_lanes(spectra, stride, LANES, k, lanes + k * LANES);
  }
  for (; k + CHUNK_BINS <= bins; k += CHUNK_BINS) {
    power_of_lanes(spectra, stride, frames, k, lanes + k * LANES);
  }
  for (size_t i = k * LANES; i < bins * LANES; i++) {
    const REAL *value = spectra + i % LANES * stride + 2 * (i / LANES);
    lanes[i] = i % LANES < frames ? REAL_FMA(value[0], value[0], value[1] * value[1]) : 0;
  }
}

static void NAME(sqrt)(const REAL *x, REAL *y, size_t n)
{
  SRN_EACH
  for (size_t i = 0; i < n; i++) {
    y[i] = REAL_SQRT(x[i]);
  }
}

/* out[r][b] = the sum over k of weights[r][k] in[k][b], for all lanes b and a constant number of rows, `depth` apart.
 */
static inline __attribute__((always_inline)) void dots(const REAL *weights, size_t depth, const size_t rows,
                                                       const REAL *in, REAL *out)
{
  VECTOR sum[DENSE_ROWS][LANE_VECTORS] = {{{0}}};
  for (size_t k = 0; k < depth; k++) {
    VECTOR values[LANE_VECTORS];
    SRN_UNROLL
    for (size_t v = 0; v < LANE_VECTORS; v++) {
      values[v] = VECTOR_LOAD(in + k * LANES + v * VECTOR_ITEMS);
    }
    SRN_UNROLL
    for (size_t r = 0; r < rows; r++) {
      VECTOR weight = VECTOR_FILL(weights[r * depth + k]);
      SRN_UNROLL
      for (size_t v = 0; v < LANE_VECTORS; v++) {
        sum[r][v] = VECTOR_FMA(weight, values[v], sum[r][v]);
      }
    }
  }
  SRN_UNROLL
  for (size_t r = 0; r < rows; r++) {
    SRN_UNROLL
    for (size_t v = 0; v < LANE_VECTORS; v++) {
      VECTOR_STORE(out + r * LANES + v * VECTOR_ITEMS, sum[r][v]);
    }
  }
}

static void NAME(filter)(const NAME(filters) * f, const REAL *in, REAL *out)
{
  for (size_t m = 0; m < f->rows; m++) {
    dots(f->weights + f->offset[m], (size_t)f->count[m], 1, in + (size_t)f->first[m] * LANES, out + m * LANES);
  }
}

static void NAME(dense)(const REAL *matrix, size_t rows, size_t depth, const REAL *in, REAL *out)
{
  size_t r = 0;
  for (; r + DENSE_ROWS <= rows; r += DENSE_ROWS) {
    dots(matrix + r * depth, depth, DENSE_ROWS, in, out + r * LANES);
  }
  for (; r < rows; r++) {
    dots(matrix + r * depth, depth, 1, in, out + r * LANES);
  }
}

static void NAME(log10)(const REAL *x, REAL *y, size_t n, REAL floor, REAL factor, REAL offset)
{
  SRN_EACH
  for (size_t i = 0; i < n; i++) {
    y[i] = factor * REAL_LOG10(x[i] < floor ? floor : x[i]) - offset;
  }
}

static void NAME(ln)(const REAL *x, REAL *y, size_t n, REAL floor, REAL factor, REAL offset)
{
  SRN_EACH
  for (size_t i = 0; i < n; i++) {
    y[i] = factor * REAL_LOG(x[i] < floor ? floor : x[i]) - offset;
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
    .sum = NAME(sum),
    .emphasise = NAME(emphasise),
    .power = NAME(power),
    .sqrt = NAME(sqrt),
    .filter = NAME(filter),
    .dense = NAME(dense),
    .log10 = NAME(log10),
    .ln = NAME(ln),
    .limit = NAME(limit),
    .rows = NAME(rows),
};
