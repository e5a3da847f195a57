/* The real Fourier transform of one size and precision: the only place that knows FFTW.
 *
 * FFTW's transform to complex numbers allocates inside execute for many sizes (its rdft2-rdft, Rader and Bluestein
 * steps do). Where a plan does, the half-complex transform is used, which allocates only for sizes with a prime factor
 * of 173 or more; those are refused for streams. */
#ifndef SPECRNN_SRC_FEATURES_FFT_H
#define SPECRNN_SRC_FEATURES_FFT_H

#include "specrnn/features.h"

typedef struct srn_fft srn_fft;

typedef enum srn_fft_use {
  SRN_FFT_STREAM,  /* refuses sizes for which execute would allocate */
  SRN_FFT_OFFLINE, /* any size */
  SRN_FFT_INVERSE, /* any size, from the spectrum to samples */
} srn_fft_use;

/* SPECRNN_ERROR_UNSUPPORTED for a size that a stream cannot use, with the nearest that it can in the message. */
SPECRNN_MUST_CHECK specrnn_status srn_fft_create(srn_fft **out, int n, specrnn_precision precision, srn_fft_use use,
                                                 const specrnn_log *log);
void srn_fft_destroy(srn_fft **fft);

/* samples (n) to spectrum (n / 2 + 1 pairs); both start on a cache line. samples may be overwritten. */
void srn_fft_forward_double(const srn_fft *fft, double *samples, double *spectrum);
void srn_fft_forward_float(const srn_fft *fft, float *samples, float *spectrum);

/* The unscaled inverse, n times the samples; spectrum is overwritten. Double only. */
void srn_fft_inverse(const srn_fft *fft, double *spectrum, double *samples);

/* Wisdom: what FFTW has learnt in this process about the fastest plans. Plans made from now on follow it.
 *
 * Measures the forward transform. A plan that would allocate inside execute is not kept. */
SPECRNN_MUST_CHECK specrnn_status srn_fft_measure(int n, specrnn_precision precision, const specrnn_log *log);
/* As text, to be freed; NULL without memory. */
char *srn_fft_wisdom_export(specrnn_precision precision);
/* Adds. False where the text is of another FFTW or machine. Not for damaged text, which FFTW may believe. */
bool srn_fft_wisdom_import(specrnn_precision precision, const char *text);
void srn_fft_wisdom_forget(specrnn_precision precision);

/* The size nearest to n that a stream can use; n itself where it can. */
int srn_fft_nearest_stream_size(int n);

#endif
