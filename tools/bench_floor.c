/* The floor of the front end: window, FFTW, power, in both precisions. */
#include "bench_floor.h"

#include <fftw3.h>
#include <math.h>
#include <stdlib.h>

#include "bench.h"

enum { CACHE_LINE = 64 };

/* One precision: the template below, twice. */
typedef struct precision {
  void *(*create)(const bench_floor *floor, unsigned flags);
  void (*destroy)(void *transform);
  void (*run)(const bench_floor *floor, size_t first);
} precision;

struct bench_floor {
  int n_fft, win_length, hop_length;
  size_t batch, n_frames;
  const float *samples;
  const precision *precision;
  void *transform;
};

static size_t round_up(size_t count, size_t multiple)
{
  return (count + multiple - 1) / multiple * multiple;
}

#define REAL     float
#define FFTW(x)  fftwf_##x
#define FLOOR(x) float_##x
#include "bench_floor_template.h"
#undef REAL
#undef FFTW
#undef FLOOR
#define REAL     double
#define FFTW(x)  fftw_##x
#define FLOOR(x) double_##x
#include "bench_floor_template.h"

static const precision FLOAT = {float_create, float_destroy, float_run};
static const precision DOUBLE = {double_create, double_destroy, double_run};

bench_floor *bench_floor_create(int n_fft, int win_length, int hop_length, size_t batch, bool in_double, bool measured,
                                const float *samples, size_t n_samples)
{
  bench_floor *f = calloc(1, sizeof *f);
  if (!f) {
    return NULL;
  }
  f->n_fft = n_fft;
  f->win_length = win_length;
  f->hop_length = hop_length;
  f->batch = batch;
  f->samples = samples;
  f->n_frames = n_samples < (size_t)n_fft ? 0 : 1 + (n_samples - (size_t)n_fft) / (size_t)hop_length;
  f->precision = in_double ? &DOUBLE : &FLOAT;
  f->transform = f->precision->create(f, measured ? FFTW_MEASURE : FFTW_ESTIMATE);
  if (!f->transform) {
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
  if (f->transform) {
    f->precision->destroy(f->transform);
  }
  free(f);
}

void bench_floor_run(void *user)
{
  const bench_floor *f = user;
  for (size_t first = 0; first < f->n_frames; first += f->batch) {
    f->precision->run(f, first);
  }
}

size_t bench_floor_frames(const bench_floor *f)
{
  return f->n_frames;
}
