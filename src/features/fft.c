/* FFTW behind three functions. */
#include "features/fft.h"

#include <fftw3.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/log.h"

/* From here on FFTW uses Rader's algorithm for a prime, which allocates inside execute. */
enum { FIRST_RADER_PRIME = 173 };

struct srn_fft {
  int n;
  fftw_plan plan;
  fftwf_plan plan_float;
  void *half_complex; /* (n) scratch where that transform is used, else NULL */
};

/* FFTW's planner is shared by the whole process; this makes FFTW lock it itself. Not state of ours. */
static pthread_once_t planner_once = PTHREAD_ONCE_INIT;

static void make_planner_safe(void)
{
  fftw_make_planner_thread_safe();
  fftwf_make_planner_thread_safe();
}

static int largest_prime_factor(int n)
{
  int largest = 1;
  for (int factor = 2; factor <= n / factor; factor++) {
    while (n % factor == 0) {
      largest = factor;
      n /= factor;
    }
  }
  return n > largest ? n : largest;
}

int srn_fft_nearest_stream_size(int n)
{
  for (int distance = 0;; distance++) {
    if (largest_prime_factor(n + distance) < FIRST_RADER_PRIME) {
      return n + distance;
    }
    if (n - distance > 0 && largest_prime_factor(n - distance) < FIRST_RADER_PRIME) {
      return n - distance;
    }
  }
}

/* FFTW describes a plan in words; these steps allocate whenever they run (measured for all sizes up to 4096). */
static bool steps_allocate(char *description)
{
  static const char *const STEPS[] = {"rdft2-rdft", "rader", "bluestein", "buffered"};
  bool found = !description;
  for (size_t i = 0; !found && i < sizeof STEPS / sizeof *STEPS; i++) {
    found = strstr(description, STEPS[i]) != NULL;
  }
  free(description);
  return found;
}

static bool allocates(const srn_fft *fft)
{
  return steps_allocate(fft->plan ? fftw_sprint_plan(fft->plan) : fftwf_sprint_plan(fft->plan_float));
}

static void drop_plan(srn_fft *fft)
{
  if (fft->plan) {
    fftw_destroy_plan(fft->plan);
  }
  if (fft->plan_float) {
    fftwf_destroy_plan(fft->plan_float);
  }
  fft->plan = NULL;
  fft->plan_float = NULL;
}

static void plan_complex(srn_fft *fft, specrnn_precision precision, srn_fft_use use, void *samples, void *spectrum,
                         unsigned flags)
{
  if (use == SRN_FFT_INVERSE) {
    fft->plan = fftw_plan_dft_c2r_1d(fft->n, spectrum, samples, flags);
  } else if (precision == SPECRNN_PRECISION_DOUBLE) {
    fft->plan = fftw_plan_dft_r2c_1d(fft->n, samples, spectrum, flags);
  } else {
    fft->plan_float = fftwf_plan_dft_r2c_1d(fft->n, samples, spectrum, flags);
  }
}

static void plan_half_complex(srn_fft *fft, specrnn_precision precision, void *samples, unsigned flags)
{
  fft->half_complex = srn_aligned_calloc((size_t)fft->n, sizeof(double));
  if (!fft->half_complex) {
    return;
  }
  if (precision == SPECRNN_PRECISION_DOUBLE) {
    fft->plan = fftw_plan_r2r_1d(fft->n, samples, fft->half_complex, FFTW_R2HC, flags);
  } else {
    fft->plan_float = fftwf_plan_r2r_1d(fft->n, samples, fft->half_complex, FFTW_R2HC, flags);
  }
}

/* Plans are made for cache-line-aligned arrays, which every caller has. */
static bool make_plan(srn_fft *fft, specrnn_precision precision, srn_fft_use use, unsigned flags)
{
  size_t n = (size_t)fft->n;
  void *samples = srn_aligned_calloc(n + 2, sizeof(double));
  void *spectrum = srn_aligned_calloc(n + 2, sizeof(double));
  if (samples && spectrum) {
    plan_complex(fft, precision, use, samples, spectrum, flags);
    bool made = fft->plan || fft->plan_float;
    if (made && use != SRN_FFT_INVERSE && allocates(fft) && largest_prime_factor(fft->n) < FIRST_RADER_PRIME) {
      drop_plan(fft);
      plan_half_complex(fft, precision, samples, flags);
    }
  }
  srn_aligned_free(samples);
  srn_aligned_free(spectrum);
  return fft->plan || fft->plan_float;
}

static specrnn_status create(srn_fft **out, int n, specrnn_precision precision, srn_fft_use use, unsigned flags,
                             const specrnn_log *log)
{
  pthread_once(&planner_once, make_planner_safe);
  srn_fft *fft = calloc(1, sizeof *fft);
  if (!fft) {
    return srn_fail_memory(log, sizeof *fft);
  }
  fft->n = n;
  if (!make_plan(fft, precision, use, flags)) {
    srn_fft_destroy(&fft);
    return srn_fail_memory(log, (size_t)n * sizeof(double));
  }
  *out = fft;
  return SPECRNN_OK;
}

specrnn_status srn_fft_create(srn_fft **out, int n, specrnn_precision precision, srn_fft_use use,
                              const specrnn_log *log)
{
  if (use == SRN_FFT_STREAM && srn_fft_nearest_stream_size(n) != n) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED,
                    "n_fft is %d, which FFTW can only transform by allocating memory each time; a stream can have %d",
                    n, srn_fft_nearest_stream_size(n));
  }
  srn_fft *fft = NULL;
  specrnn_status status = create(&fft, n, precision, use, FFTW_ESTIMATE, log);
  if (!status && use == SRN_FFT_STREAM && allocates(fft)) { /* no estimate does */
    srn_fft_destroy(&fft);
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED,
                    "n_fft is %d, which the measured plan for it transforms by allocating memory each time", n);
  }
  if (!status) {
    *out = fft;
  }
  return status;
}

void srn_fft_destroy(srn_fft **fft)
{
  srn_fft *f = *fft;
  if (!f) {
    return;
  }
  drop_plan(f);
  srn_aligned_free(f->half_complex);
  free(f);
  *fft = NULL;
}

/* Half-complex order is r0 r1 ... r(n/2) i((n+1)/2-1) ... i1. */
#define UNPACK_HALF_COMPLEX(type, half, spectrum, n)                                                                   \
  do {                                                                                                                 \
    const type *h = (half);                                                                                            \
    for (int k = 0; k <= (n) / 2; k++) {                                                                               \
      (spectrum)[2 * k] = h[k];                                                                                        \
      (spectrum)[2 * k + 1] = k > 0 && 2 * k < (n) ? h[(n)-k] : 0;                                                     \
    }                                                                                                                  \
  } while (0)

void srn_fft_forward_double(const srn_fft *fft, double *samples, double *spectrum)
{
  if (fft->half_complex) {
    fftw_execute_r2r(fft->plan, samples, fft->half_complex);
    UNPACK_HALF_COMPLEX(double, fft->half_complex, spectrum, fft->n);
  } else {
    fftw_execute_dft_r2c(fft->plan, samples, (fftw_complex *)spectrum);
  }
}

void srn_fft_forward_float(const srn_fft *fft, float *samples, float *spectrum)
{
  if (fft->half_complex) {
    fftwf_execute_r2r(fft->plan_float, samples, fft->half_complex);
    UNPACK_HALF_COMPLEX(float, fft->half_complex, spectrum, fft->n);
  } else {
    fftwf_execute_dft_r2c(fft->plan_float, samples, (fftwf_complex *)spectrum);
  }
}

void srn_fft_inverse(const srn_fft *fft, double *spectrum, double *samples)
{
  fftw_execute_dft_c2r(fft->plan, (fftw_complex *)spectrum, samples);
}

/* ------------------------------------------------------------------------------------------------------------ wisdom
 */

char *srn_fft_wisdom_export(specrnn_precision precision)
{
  return precision == SPECRNN_PRECISION_DOUBLE ? fftw_export_wisdom_to_string() : fftwf_export_wisdom_to_string();
}

bool srn_fft_wisdom_import(specrnn_precision precision, const char *text)
{
  return precision == SPECRNN_PRECISION_DOUBLE ? fftw_import_wisdom_from_string(text)
                                               : fftwf_import_wisdom_from_string(text);
}

void srn_fft_wisdom_forget(specrnn_precision precision)
{
  if (precision == SPECRNN_PRECISION_DOUBLE) {
    fftw_forget_wisdom();
  } else {
    fftwf_forget_wisdom();
  }
}

specrnn_status srn_fft_measure(int n, specrnn_precision precision, const specrnn_log *log)
{
  srn_fft *fft = NULL;
  char *before = srn_fft_wisdom_export(precision);
  if (!before) {
    return srn_fail_memory(log, 1);
  }
  specrnn_status status = create(&fft, n, precision, SRN_FFT_OFFLINE, FFTW_MEASURE, log);
  if (!status && allocates(fft)) {
    srn_fft_wisdom_forget(precision);
    srn_fft_wisdom_import(precision, before);
  }
  srn_fft_destroy(&fft);
  free(before);
  return status;
}
