/* The floor for one precision. The file that includes this defines REAL, FFTW(x) and FLOOR(x). */

typedef struct FLOOR(transform) {
  REAL *window;            /* (win_length) */
  REAL *frames;            /* (batch, row) */
  REAL *power;             /* (batch, n_fft / 2 + 1) */
  FFTW(complex) * spectra; /* (batch, spectrum_row) */
  FFTW(plan) plan;
} FLOOR(transform);

static void FLOOR(destroy)(void *opaque)
{
  FLOOR(transform) *t = opaque;
  if (t->plan) {
    FFTW(destroy_plan)(t->plan);
  }
  FFTW(free)(t->window);
  FFTW(free)(t->frames);
  FFTW(free)(t->power);
  FFTW(free)(t->spectra);
  free(t);
}

static void *FLOOR(create)(const bench_floor *f, unsigned flags)
{
  FLOOR(transform) *t = calloc(1, sizeof *t);
  if (!t) {
    return NULL;
  }
  size_t row = round_up((size_t)f->n_fft, CACHE_LINE / sizeof(REAL));
  size_t spectrum_row = round_up((size_t)f->n_fft / 2 + 1, CACHE_LINE / sizeof(FFTW(complex)));
  t->window = FFTW(alloc_real)((size_t)f->win_length);
  t->frames = FFTW(alloc_real)(row * f->batch);
  t->power = FFTW(alloc_real)(((size_t)f->n_fft / 2 + 1) * f->batch);
  t->spectra = FFTW(alloc_complex)(spectrum_row * f->batch);
  if (t->window && t->frames && t->power && t->spectra) {
    t->plan = FFTW(plan_many_dft_r2c)(1, &f->n_fft, (int)f->batch, t->frames, NULL, 1, (int)row, t->spectra, NULL, 1,
                                      (int)spectrum_row, flags);
  }
  if (!t->plan) {
    FLOOR(destroy)(t);
    return NULL;
  }
  for (int i = 0; i < f->win_length; i++) {
    t->window[i] = (REAL)(0.5 - 0.5 * cos(6.283185307179586 * i / f->win_length));
  }
  for (size_t i = 0; i < row * f->batch; i++) {
    t->frames[i] = 0;
  }
  return t;
}

/* The frames behind a full last batch are computed too, from the same samples: a fraction of a batch in thousands. */
static void FLOOR(run)(const bench_floor *f, size_t first)
{
  const FLOOR(transform) *t = f->transform;
  size_t n_bins = (size_t)f->n_fft / 2 + 1;
  size_t row = round_up((size_t)f->n_fft, CACHE_LINE / sizeof(REAL));
  size_t spectrum_row = round_up(n_bins, CACHE_LINE / sizeof(FFTW(complex)));
  for (size_t b = 0; b < f->batch; b++) {
    size_t frame = first + b < f->n_frames ? first + b : f->n_frames - 1;
    const float *restrict x = f->samples + frame * (size_t)f->hop_length;
    REAL *restrict y = t->frames + b * row;
    for (int i = 0; i < f->win_length; i++) {
      y[i] = x[i] * t->window[i];
    }
  }
  FFTW(execute)(t->plan);
  for (size_t b = 0; b < f->batch; b++) {
    const REAL *restrict s = (const REAL *)(t->spectra + b * spectrum_row);
    REAL *restrict p = t->power + b * n_bins;
    for (size_t k = 0; k < n_bins; k++) {
      p[k] = s[2 * k] * s[2 * k] + s[2 * k + 1] * s[2 * k + 1];
    }
  }
  bench_keep(t->power);
}
