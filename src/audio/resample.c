/* Resampling of a stream by soxr, to an exact number of frames. */
#include "audio/resample.h"

#include <soxr.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "specrnn/audio.h"

struct srn_resampler {
  soxr_t soxr;
  int rate_in_hz, rate_out_hz, channels;
  uint64_t n_taken; /* frames */
  uint64_t n_given;
};

/* ceil(n * out / in) without a product that could overflow. */
static uint64_t frames_due(const srn_resampler *resampler, uint64_t n)
{
  uint64_t in = (uint64_t)resampler->rate_in_hz;
  uint64_t out = (uint64_t)resampler->rate_out_hz;
  return n / in * out + (n % in * out + in - 1) / in;
}

static specrnn_status check_ratio(int rate_in_hz, int rate_out_hz, const specrnn_log *log)
{
  int slower = rate_in_hz < rate_out_hz ? rate_in_hz : rate_out_hz;
  int faster = rate_in_hz < rate_out_hz ? rate_out_hz : rate_in_hz;
  if (faster <= (int64_t)slower * SPECRNN_AUDIO_MAX_RATIO) {
    return SPECRNN_OK;
  }
  return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "cannot resample from %d Hz to %d Hz: the ratio is at most %d",
                  rate_in_hz, rate_out_hz, SPECRNN_AUDIO_MAX_RATIO);
}

specrnn_status srn_resampler_create(srn_resampler **out, int rate_in_hz, int rate_out_hz, int channels,
                                    const specrnn_log *log)
{
  specrnn_status status = check_ratio(rate_in_hz, rate_out_hz, log);
  if (status) {
    return status;
  }
  srn_resampler *resampler = calloc(1, sizeof *resampler);
  if (!resampler) {
    return srn_fail_memory(log, sizeof *resampler);
  }
  *resampler = (srn_resampler){.rate_in_hz = rate_in_hz, .rate_out_hz = rate_out_hz, .channels = channels};
  soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
  soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
  soxr_runtime_spec_t runtime = soxr_runtime_spec(1);
  soxr_error_t error = NULL;
  resampler->soxr = soxr_create(rate_in_hz, rate_out_hz, (unsigned)channels, &error, &io, &quality, &runtime);
  if (!resampler->soxr) {
    srn_resampler_destroy(&resampler);
    return srn_fail(log, SPECRNN_ERROR_MEMORY, "cannot resample from %d Hz to %d Hz: %s", rate_in_hz, rate_out_hz,
                    soxr_strerror(error));
  }
  *out = resampler;
  return SPECRNN_OK;
}

/* No more frames than the exact number for the input so far, whatever soxr's rounding would give. */
static size_t limit(const srn_resampler *resampler, uint64_t n_in, size_t capacity)
{
  uint64_t left = frames_due(resampler, n_in) - resampler->n_given;
  return left < capacity ? (size_t)left : capacity;
}

static specrnn_status fail_soxr(soxr_error_t error, const specrnn_log *log)
{
  return srn_fail(log, SPECRNN_ERROR_MEMORY, "cannot resample: %s", soxr_strerror(error));
}

specrnn_status srn_resampler_process(srn_resampler *resampler, const float *in, size_t n_in, size_t *n_taken,
                                     float *out, size_t capacity, size_t *n_out, const specrnn_log *log)
{
  size_t taken = 0;
  size_t given = 0;
  size_t room = limit(resampler, resampler->n_taken + n_in, capacity);
  soxr_error_t error = soxr_process(resampler->soxr, in, n_in, &taken, out, room, &given);
  if (error) {
    return fail_soxr(error, log);
  }
  resampler->n_taken += taken;
  resampler->n_given += given;
  *n_taken = taken;
  *n_out = given;
  return SPECRNN_OK;
}

specrnn_status srn_resampler_finish(srn_resampler *resampler, float *out, size_t capacity, size_t *n_out,
                                    const specrnn_log *log)
{
  size_t room = limit(resampler, resampler->n_taken, capacity);
  size_t given = 0;
  soxr_error_t error = room ? soxr_process(resampler->soxr, NULL, 0, NULL, out, room, &given) : NULL;
  if (error) {
    return fail_soxr(error, log);
  }
  size_t channels = (size_t)resampler->channels;
  memset(out + given * channels, 0, (room - given) * channels * sizeof *out); /* where soxr has no more */
  resampler->n_given += room;
  *n_out = room;
  return SPECRNN_OK;
}

void srn_resampler_destroy(srn_resampler **resampler)
{
  if (resampler && *resampler) {
    soxr_delete((*resampler)->soxr);
    free(*resampler);
    *resampler = NULL;
  }
}
