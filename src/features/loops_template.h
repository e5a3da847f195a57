/* The loops of the analysis that run frame by frame, for one floating-point type: REAL, with NAME(x). What runs over a
 * batch of frames stands in kernels/front.h. */

enum { NAME(PARTS) = 8 }; /* the energy is a sum of this many interleaved parts in every build */

static REAL NAME(energy)(const REAL *restrict values, int n)
{
  REAL parts[NAME(PARTS)] = {0};
  int i = 0;
  for (; i + NAME(PARTS) <= n; i += NAME(PARTS)) {
    for (int p = 0; p < NAME(PARTS); p++) {
      parts[p] += values[i + p] * values[i + p];
    }
  }
  for (int p = 0; i < n; i++, p++) {
    parts[p] += values[i] * values[i];
  }
  return ((parts[0] + parts[4]) + (parts[1] + parts[5])) + ((parts[2] + parts[6]) + (parts[3] + parts[7]));
}

static void NAME(subtract)(REAL *restrict out, const float *restrict samples, REAL offset, int n)
{
  for (int i = 0; i < n; i++) {
    out[i] = samples[i] - offset;
  }
}

static void NAME(scale)(REAL *restrict values, REAL factor, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    values[i] *= factor;
  }
}

/* One frame's values, side by side, into lane `lane`. */
static void NAME(spread)(const REAL *restrict values, REAL *restrict lanes, int lane, size_t count)
{
  for (size_t k = 0; k < count; k++) {
    lanes[k * SRN_LANES + (size_t)lane] = values[k];
  }
}

static void NAME(raise_to)(REAL *restrict lanes, size_t count, REAL exponent)
{
  for (size_t i = 0; i < count; i++) {
    lanes[i] = REAL_POW(lanes[i], exponent);
  }
}

static void NAME(whisper)(REAL *restrict lanes, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    lanes[i] = (lanes[i] + (REAL)4) / (REAL)4;
  }
}
