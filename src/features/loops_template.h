/* The inner loops of the analysis for one floating-point type: REAL, with NAME(x) and the functions of <math.h> below.
 *
 * Arrays called lanes are (count, SRN_LANES); loops run over the first n lanes. No loop adds in another order for
 * another n, so a frame's bits do not depend on its batch. */

static void NAME(multiply)(REAL *restrict out, const float *restrict samples, const REAL *restrict window, int n)
{
  for (int i = 0; i < n; i++) {
    out[i] = samples[i] * window[i];
  }
}

static void NAME(copy)(REAL *restrict out, const float *restrict samples, int n)
{
  for (int i = 0; i < n; i++) {
    out[i] = samples[i];
  }
}

static void NAME(scale)(REAL *restrict values, const REAL *restrict factors, int n)
{
  for (int i = 0; i < n; i++) {
    values[i] *= factors[i];
  }
}

static void NAME(scale_all)(REAL *restrict values, REAL factor, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    values[i] *= factor;
  }
}

static void NAME(remove_mean)(REAL *restrict values, int n)
{
  REAL sum = 0;
  for (int i = 0; i < n; i++) {
    sum += values[i];
  }
  REAL mean = sum / (REAL)n;
  for (int i = 0; i < n; i++) {
    values[i] -= mean;
  }
}

static REAL NAME(energy)(const REAL *restrict values, int n)
{
  REAL sum = 0;
  for (int i = 0; i < n; i++) {
    sum += values[i] * values[i];
  }
  return sum;
}

static void NAME(preemphasise)(REAL *restrict values, int n, REAL coefficient)
{
  for (int i = n - 1; i > 0; i--) {
    values[i] -= coefficient * values[i - 1];
  }
  values[0] -= coefficient * values[0];
}

/* One frame's spectrum, (n_bins) pairs, into lane `lane`: squared modulus. */
static void NAME(power)(const REAL *restrict spectrum, REAL *restrict lanes, int lane, size_t n_bins)
{
  for (size_t k = 0; k < n_bins; k++) {
    REAL re = spectrum[2 * k];
    REAL im = spectrum[2 * k + 1];
    lanes[k * SRN_LANES + (size_t)lane] = re * re + im * im;
  }
}

static void NAME(magnitude)(REAL *restrict lanes, size_t count)
{
  for (size_t i = 0; i < count * SRN_LANES; i++) {
    lanes[i] = REAL_SQRT(lanes[i]);
  }
}

static void NAME(any_power)(REAL *restrict lanes, size_t count, REAL half_exponent, int n)
{
  for (size_t k = 0; k < count; k++) {
    for (int b = 0; b < n; b++) {
      lanes[k * SRN_LANES + (size_t)b] = REAL_POW(lanes[k * SRN_LANES + (size_t)b], half_exponent);
    }
  }
}

/* One frame's values, side by side, into lane `lane`. */
static void NAME(spread)(const REAL *restrict values, REAL *restrict lanes, int lane, size_t count)
{
  for (size_t k = 0; k < count; k++) {
    lanes[k * SRN_LANES + (size_t)lane] = values[k];
  }
}

/* One row of a filter bank or matrix over all lanes: out (SRN_LANES), lanes at its first column. */
static void NAME(dot)(REAL *restrict out, const REAL *restrict weights, const REAL *restrict lanes, int count)
{
  REAL sum[SRN_LANES] = {0};
  for (int k = 0; k < count; k++) {
    REAL weight = weights[k];
    for (int b = 0; b < SRN_LANES; b++) {
      sum[b] += weight * lanes[k * SRN_LANES + b];
    }
  }
  for (int b = 0; b < SRN_LANES; b++) {
    out[b] = sum[b];
  }
}

/* factor * (log(max(v, floor))) - offset. A NaN stays one. */
static void NAME(log10_level)(REAL *restrict out, const REAL *restrict in, size_t count, int n, REAL floor, REAL factor,
                              REAL offset)
{
  for (size_t k = 0; k < count; k++) {
    for (int b = 0; b < n; b++) {
      REAL v = in[k * SRN_LANES + (size_t)b];
      out[k * SRN_LANES + (size_t)b] = factor * REAL_LOG10(v < floor ? floor : v) - offset;
    }
  }
}

static void NAME(ln_level)(REAL *restrict out, const REAL *restrict in, size_t count, int n, REAL floor, REAL offset)
{
  for (size_t k = 0; k < count; k++) {
    for (int b = 0; b < n; b++) {
      REAL v = in[k * SRN_LANES + (size_t)b];
      out[k * SRN_LANES + (size_t)b] = REAL_LOG(v < floor ? floor : v) - offset;
    }
  }
}

/* Per lane: subtract shift, then at least floor. */
static void NAME(limit)(REAL *restrict lanes, size_t count, const REAL *restrict shift, const REAL *restrict floor)
{
  for (size_t k = 0; k < count; k++) {
    for (int b = 0; b < SRN_LANES; b++) {
      REAL v = lanes[k * SRN_LANES + (size_t)b] - shift[b];
      lanes[k * SRN_LANES + (size_t)b] = v < floor[b] ? floor[b] : v;
    }
  }
}

static void NAME(whisper)(REAL *restrict lanes, size_t count)
{
  for (size_t i = 0; i < count * SRN_LANES; i++) {
    lanes[i] = (lanes[i] + (REAL)4) / (REAL)4;
  }
}
