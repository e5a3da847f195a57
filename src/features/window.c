/* Windows in double, periodic and symmetric. */
#include <math.h>

#include "core/fpu.h"
#include "specrnn/features.h"

static const double PI = 3.14159265358979323846;

static double cosine(double phase)
{
  return cos(2.0 * PI * phase);
}

static double hann(double phase, double beta)
{
  (void)beta;
  return 0.5 - 0.5 * cosine(phase);
}

static double hamming(double phase, double beta)
{
  (void)beta;
  return 0.54 - 0.46 * cosine(phase);
}

static double blackman(double phase, double beta)
{
  (void)beta;
  return 0.42 - 0.5 * cosine(phase) + 0.08 * cosine(2.0 * phase);
}

static double povey(double phase, double beta)
{
  /* Rounding can leave -1e-17 at the ends, of which there is no power. */
  return pow(fmax(hann(phase, beta), 0.0), 0.85);
}

static double rectangular(double phase, double beta)
{
  (void)phase;
  (void)beta;
  return 1.0;
}

/* Modified Bessel function of the first kind, order 0, by its power series: sum of ((x/2)^k / k!)^2. */
static double bessel_i0(double x)
{
  double term = 1.0;
  double sum = 1.0;
  for (int k = 1; term > sum * 1e-17; k++) {
    double factor = x / (2.0 * k);
    term *= factor * factor;
    sum += term;
  }
  return sum;
}

static double kaiser(double phase, double beta)
{
  double x = 2.0 * phase - 1.0;
  return bessel_i0(beta * sqrt(fmax(1.0 - x * x, 0.0))) / bessel_i0(beta);
}

specrnn_status specrnn_window_fill(double *window, int length, specrnn_window shape, double kaiser_beta, bool periodic)
{
  static double (*const SHAPES[])(double, double) = {hann, hamming, blackman, povey, rectangular, kaiser};
  if (length < 1 || (unsigned)shape >= sizeof SHAPES / sizeof *SHAPES) {
    return SPECRNN_ERROR_ARGUMENT;
  }
  if (length == 1) {
    window[0] = 1.0;
    return SPECRNN_OK;
  }
  srn_fpu_mode mode = srn_fpu_enter();
  double period = periodic ? length : length - 1;
  for (int i = 0; i < length; i++) {
    window[i] = SHAPES[shape](i / period, kaiser_beta);
  }
  srn_fpu_leave(mode);
  return SPECRNN_OK;
}
