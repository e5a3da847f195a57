/* A stream of interleaved float frames at another rate: soxr, recipe HQ, as librosa uses it.
 *
 * N frames give ceil(N * rate out / rate in), as librosa's resample pads and trims; how the stream is cut into calls
 * does not change one bit, and neither does the caller's floating-point mode. Equal rates are copied. */
#ifndef SPECRNN_SRC_SIGNAL_RESAMPLE_H
#define SPECRNN_SRC_SIGNAL_RESAMPLE_H

#include "specrnn/core.h"

/* The greatest ratio of the rates, up or down (audio.h, SPECRNN_AUDIO_MAX_RATIO). */
enum { SRN_MAX_RATIO = 256 };

typedef struct srn_resampler srn_resampler;

/* Rates from 1 Hz on; a ratio above SRN_MAX_RATIO is refused. */
SPECRNN_MUST_CHECK specrnn_status srn_resampler_create(srn_resampler **out, int rate_in_hz, int rate_out_hz,
                                                       int channels, const specrnn_log *log);

/* Takes up to n_in frames and gives up to `capacity`. Frames not taken are to be offered again; taking all and giving
 * none is usual, as the filter looks ahead. Where all were taken and `capacity` was reached, more may wait: a call with
 * n_in = 0 gives it. Allocates only while soxr's buffers grow to the largest block seen. */
SPECRNN_MUST_CHECK specrnn_status srn_resampler_process(srn_resampler *resampler, const float *in, size_t n_in,
                                                        size_t *n_taken, float *out, size_t capacity, size_t *n_out,
                                                        const specrnn_log *log);

/* After the last frame was taken: gives what is left; 0 frames at the end. */
SPECRNN_MUST_CHECK specrnn_status srn_resampler_finish(srn_resampler *resampler, float *out, size_t capacity,
                                                       size_t *n_out, const specrnn_log *log);

/* Back to the state after creation; allocates where the rates differ. Unchanged on failure. */
SPECRNN_MUST_CHECK specrnn_status srn_resampler_restart(srn_resampler *resampler, const specrnn_log *log);

void srn_resampler_destroy(srn_resampler **resampler);

/* The most frames of the result that are owed at any moment, because soxr works in blocks and its filters look ahead:
 * a frame of the result is there once `delay` times rate in / rate out more frames than reach up to it were taken.
 * Measured on a stream of zeros; takes some milliseconds at ratios near SRN_MAX_RATIO, else less than one. */
SPECRNN_MUST_CHECK specrnn_status srn_resampler_delay(size_t *delay, int rate_in_hz, int rate_out_hz,
                                                      const specrnn_log *log);

#endif
