/* The floor of the front end: window, FFTW, power, in both precisions. */
#include "bench_floor.h"

#include <fftw3.h>
#include <math.h>
#include <stdlib.h>

#include "bench.h"

enum { CACHE_LINE = 64 };

struct bench_floor {
  int n_fft, win_length, hop_length;
  size_t batch, n_frames;
  bool in_double;
  const float *samples;
  size_t row, spectrum_row; /* items from row to row */
  float *window_f, *frames_f, *power_f;
  double *window_d, *frames_d, *power_d;
  fftwf_complex *spectrum_f;
  fftw_complex *spectrum_d;
  fftwf_plan plan_f;
  fftw_plan plan_d;
};

static size_t round_up(size_t count, size_t multiple)
{
  return (count + multiple - 1) / multiple * multiple;
}

static bool plan_float(bench_floor *f, unsigned flags)
{
  size_t n_bins = (size_t)f->n_fft / 2 + 1;
  f->window_f = fftwf_alloc_real(f->row);
  f->frames_f = fftwf_alloc_real(f->row * f->batch);
  f->spectrum_f = fftwf_alloc_complex(f->spectrum_row * f->batch);
  f->power_f = fftwf_alloc_real(n_bins * f->batch);
  if (!f->window_f || !f->frames_f || !f->spectrum_f || !f->power_f) {
    return false;
  }
  f->plan_f = fftwf_plan_many_dft_r2c(1, &f->n_fft, (int)f->batch, f->frames_f, NULL, 1, (int)f->row, f->spectrum_f,
                                      NULL, 1, (int)f->spectrum_row, flags);
  for (int i = 0; i < f->win_length; i++) {
    f->window_f[i] = (float)(0.5 - 0.5 * cos(6.283185307179586 * i / f->win_length));
  }
  for (size_t i = 0; i < f->row * f->batch; i++) {
    f->frames_f[i] = 0.0f;
  }
  return f->plan_f != NULL;
}

static bool plan_double(bench_floor *f, unsigned flags)
{
  size_t n_bins = (size_t)f->n_fft / 2 + 1;
  f->window_d = fftw_alloc_real(f->row);
  f->frames_d = fftw_alloc_real(f->row * f->batch);
  f->spectrum_d = fftw_alloc_complex(f->spectrum_row * f->batch);
  f->power_d = fftw_alloc_real(n_bins * f->batch);
  if (!f->window_d || !f->frames_d || !f->spectrum_d || !f->power_d) {
    return false;
  }
  f->plan_d = fftw_plan_many_dft_r2c(1, &f->n_fft, (int)f->batch, f->frames_d, NULL, 1, (int)f->row, f->spectrum_d,
                                     NULL, 1, (int)f->spectrum_row, flags);
  for (int i = 0; i < f->win_length; i++) {
    f->window_d[i] = 0.5 - 0.5 * cos(6.283185307179586 * i / f->win_length);
  }
  for (size_t i = 0; i < f->row * f->batch; i++) {
    f->frames_d[i] = 0.0;
  }
  return f->plan_d != NULL;
}

bench_floor *bench_floor_create(int n_fft, int win_length, int hop_length, size_t batch, bool in_double, bool measured,
                                const float *samples, size_t n_samples)
{
  bench_floor *f = calloc(1, sizeof *f);
  if (!f) {
    return NULL;
  }
  size_t item = in_double ? sizeof(double) : sizeof(float);
  f->n_fft = n_fft;
  f->win_length = win_length;
  f->hop_length = hop_length;
  f->batch = batch;
  f->in_double = in_double;
  f->samples = samples;
  f->n_frames = n_samples < (size_t)n_fft ? 0 : 1 + (n_samples - (size_t)n_fft) / (size_t)hop_length;
  f->row = round_up((size_t)n_fft, CACHE_LINE / item);
  f->spectrum_row = round_up((size_t)n_fft / 2 + 1, CACHE_LINE / item / 2);
  unsigned flags = measured ? FFTW_MEASURE : FFTW_ESTIMATE;
  if (!(in_double ? plan_double(f, flags) : plan_float(f, flags))) {
    bench_floor_destroy(f);
    return NULL;
  }
  return f;
}

void bench_floor_destroy(bench_floor *f)
{
  if (!f) {
    return;
  }
  if (f->plan_f) {
    fftwf_destroy_plan(f->plan_f);
  }
  if (f->plan_d) {
    fftw_destroy_plan(f->plan_d);
  }
  fftwf_free(f->window_f);
  fftwf_free(f->frames_f);
  fftwf_free(f->spectrum_f);
  fftwf_free(f->power_f);
  fftw_free(f->window_d);
  fftw_free(f->frames_d);
  fftw_free(f->spectrum_d);
  fftw_free(f->power_d);
  free(f);
}

/* The frames behind a full last batch are computed too, from the same samples: a fraction of a batch in thousands. */
static void run_float(const bench_floor *f, size_t first)
{
  size_t n_bins = (size_t)f->n_fft / 2 + 1;
  for (size_t b = 0; b < f->batch; b++) {
    size_t frame = first + b < f->n_frames ? first + b : f->n_frames - 1;
    const float *restrict x = f->samples + frame * (size_t)f->hop_length;
    float *restrict y = f->frames_f + b * f->row;
    for (int i = 0; i < f->win_length; i++) {
      y[i] = x[i] * f->window_f[i];
    }
  }
  fftwf_execute(f->plan_f);
  for (size_t b = 0; b < f->batch; b++) {
    const float *restrict s = (const float *)(f->spectrum_f + b * f->spectrum_row);
    float *restrict p = f->power_f + b * n_bins;
    for (size_t k = 0; k < n_bins; k++) {
      p[k] = s[2 * k] * s[2 * k] + s[2 * k + 1] * s[2 * k + 1];
    }
  }
  bench_keep(f->power_f);
}

static void run_double(const bench_floor *f, size_t first)
{
  size_t n_bins = (size_t)f->n_fft / 2 + 1;
  for (size_t b = 0; b < f->batch; b++) {
    size_t frame = first + b < f->n_frames ? first + b : f->n_frames - 1;
    const float *restrict x = f->samples + frame * (size_t)f->hop_length;
    double *restrict y = f->frames_d + b * f->row;
    for (int i = 0; i < f->win_length; i++) {
      y[i] = (double)x[i] * f->window_d[i];
    }
  }
  fftw_execute(f->plan_d);
  for (size_t b = 0; b < f->batch; b++) {
    const double *restrict s = (const double *)(f->spectrum_d + b * f->spectrum_row);
    double *restrict p = f->power_d + b * n_bins;
    for (size_t k = 0; k < n_bins; k++) {
      p[k] = s[2 * k] * s[2 * k] + s[2 * k + 1] * s[2 * k + 1];
    }
  }
  bench_keep(f->power_d);
}

void bench_floor_run(void *user)
{
  const bench_floor *f = user;
  for (size_t first = 0; first < f->n_frames; first += f->batch) {
    if (f->in_double) {
      run_double(f, first);
    } else {
      run_float(f, first);
    }
  }
}

size_t bench_floor_frames(const bench_floor *f)
{
  return f->n_frames;
}
