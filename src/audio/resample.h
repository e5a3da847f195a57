/* A stream of interleaved float frames at another rate: soxr, recipe HQ, as librosa uses it.
 *
 * N frames give ceil(N * rate out / rate in), as librosa's resample pads and trims; how the stream is cut into calls
 * does not change one bit. */
#ifndef SPECRNN_SRC_AUDIO_RESAMPLE_H
#define SPECRNN_SRC_AUDIO_RESAMPLE_H

#include "specrnn/core.h"

typedef struct srn_resampler srn_resampler;

/* Rates within SPECRNN_AUDIO_MIN_RATE_HZ ... MAX; a ratio above SPECRNN_AUDIO_MAX_RATIO is refused. */
SPECRNN_MUST_CHECK specrnn_status srn_resampler_create(srn_resampler **out, int rate_in_hz, int rate_out_hz,
                                                       int channels, const specrnn_log *log);

/* Takes up to n_in frames and gives up to `capacity`. Frames not taken are to be offered again; taking all and giving
 * none is usual, as the filter looks ahead. Allocates only while soxr's buffers grow to the largest block seen. */
SPECRNN_MUST_CHECK specrnn_status srn_resampler_process(srn_resampler *resampler, const float *in, size_t n_in,
                                                        size_t *n_taken, float *out, size_t capacity, size_t *n_out,
                                                        const specrnn_log *log);

/* After the last frame was taken: gives what is left; 0 frames at the end. */
SPECRNN_MUST_CHECK specrnn_status srn_resampler_finish(srn_resampler *resampler, float *out, size_t capacity,
                                                       size_t *n_out, const specrnn_log *log);

void srn_resampler_destroy(srn_resampler **resampler);

#endif
