/* The floor of the front end: what window, FFTW and power alone cost. The one place of the command that calls FFTW. */
#ifndef SPECRNN_TOOLS_BENCH_FLOOR_H
#define SPECRNN_TOOLS_BENCH_FLOOR_H

#include <stdbool.h>
#include <stddef.h>

typedef struct bench_floor bench_floor;

/* Frames of n_fft samples every hop_length of `samples`; win_length samples are windowed, the rest of a frame is zero.
 * `batch` transforms at a time, each in a row of its own cache lines, planned with FFTW_ESTIMATE as the library does,
 * or with FFTW_MEASURE. NULL where memory is lacking. */
bench_floor *bench_floor_create(int n_fft, int win_length, int hop_length, size_t batch, bool in_double, bool measured,
                                const float *samples, size_t n_samples);
void bench_floor_destroy(bench_floor *floor);

/* Window, transform, power of every frame once. `user` is the floor. */
void bench_floor_run(void *user);

size_t bench_floor_frames(const bench_floor *floor);

#endif
