/* Resampling of a stream by soxr, to an exact number of frames. */
#include "signal/resample.h"

#include <soxr.h>
#include <stdlib.h>
#include <string.h>

#include "core/fpu.h"
#include "core/log.h"

struct srn_resampler {
  soxr_t soxr; /* NULL: the rates are equal */
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
  if (faster <= (int64_t)slower * SRN_MAX_RATIO) {
    return SPECRNN_OK;
  }
  return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "cannot resample from %d Hz to %d Hz: the ratio is at most %d",
                  rate_in_hz, rate_out_hz, SRN_MAX_RATIO);
}

/* The filters are designed here: by the caller's floating-point mode, if it were let. */
static specrnn_status create_soxr(soxr_t *out, const srn_resampler *resampler, const specrnn_log *log)
{
  soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
  soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
  soxr_runtime_spec_t runtime = soxr_runtime_spec(1);
  soxr_error_t error = NULL;
  srn_fpu_mode mode = srn_fpu_enter();
  soxr_t soxr = soxr_create(resampler->rate_in_hz, resampler->rate_out_hz, (unsigned)resampler->channels, &error, &io,
                            &quality, &runtime);
  srn_fpu_leave(mode);
  if (!soxr) {
    return srn_fail(log, SPECRNN_ERROR_MEMORY, "cannot resample from %d Hz to %d Hz: %s", resampler->rate_in_hz,
                    resampler->rate_out_hz, soxr_strerror(error));
  }
  *out = soxr;
  return SPECRNN_OK;
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
  status = rate_in_hz == rate_out_hz ? SPECRNN_OK : create_soxr(&resampler->soxr, resampler, log);
  if (status) {
    srn_resampler_destroy(&resampler);
    return status;
  }
  *out = resampler;
  return SPECRNN_OK;
}

specrnn_status srn_resampler_restart(srn_resampler *resampler, const specrnn_log *log)
{
  soxr_t fresh = NULL;
  specrnn_status status = resampler->soxr ? create_soxr(&fresh, resampler, log) : SPECRNN_OK;
  if (status) {
    return status;
  }
  soxr_delete(resampler->soxr);
  resampler->soxr = fresh;
  resampler->n_taken = resampler->n_given = 0;
  return SPECRNN_OK;
}

/* No more frames than the exact number for the input so far, whatever soxr's rounding would give. */
static size_t limit(const srn_resampler *resampler, uint64_t n_in, size_t capacity)
{
  uint64_t left = frames_due(resampler, n_in) - resampler->n_given;
  return left < capacity ? (size_t)left : capacity;
}

/* soxr without input ends its stream where `in` is NULL, and gives what waits where it is not. */
static specrnn_status run_soxr(srn_resampler *resampler, const float *in, size_t n_in, size_t *n_taken, float *out,
                               size_t room, size_t *n_out, const specrnn_log *log)
{
  srn_fpu_mode mode = srn_fpu_enter();
  soxr_error_t error = soxr_process(resampler->soxr, in, n_in, n_taken, out, room, n_out);
  srn_fpu_leave(mode);
  return error ? srn_fail(log, SPECRNN_ERROR_MEMORY, "cannot resample: %s", soxr_strerror(error)) : SPECRNN_OK;
}

specrnn_status srn_resampler_process(srn_resampler *resampler, const float *in, size_t n_in, size_t *n_taken,
                                     float *out, size_t capacity, size_t *n_out, const specrnn_log *log)
{
  size_t taken = n_in < capacity ? n_in : capacity;
  size_t given = taken;
  specrnn_status status = SPECRNN_OK;
  if (resampler->soxr) {
    size_t room = limit(resampler, resampler->n_taken + n_in, capacity);
    status = run_soxr(resampler, in, n_in, &taken, out, room, &given, log);
  } else {
    memcpy(out, in, taken * (size_t)resampler->channels * sizeof *out);
  }
  if (status) {
    return status;
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
  size_t room = limit(resampler, resampler->n_taken, capacity); /* 0 for equal rates */
  size_t given = 0;
  specrnn_status status = room ? run_soxr(resampler, NULL, 0, NULL, out, room, &given, log) : SPECRNN_OK;
  if (status) {
    return status;
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

/* Everything that waits behind n_in zeros; *burst says whether anything came. */
static specrnn_status push_zeros(srn_resampler *resampler, const float *zeros, size_t n_in, bool *burst,
                                 const specrnn_log *log)
{
  float out[512];
  size_t capacity = sizeof out / sizeof *out;
  size_t given = 1;
  *burst = false;
  while (n_in > 0 || given > 0) {
    size_t taken = 0;
    specrnn_status status = srn_resampler_process(resampler, zeros, n_in, &taken, out, capacity, &given, log);
    if (status) {
      return status;
    }
    n_in -= taken;
    *burst |= given > 0;
  }
  return SPECRNN_OK;
}

/* Steps of at most one frame of the result, so that what is owed before a burst is missed by less than one. */
static specrnn_status measure_delay(srn_resampler *resampler, size_t *delay, const specrnn_log *log)
{
  enum { BURSTS = 4 };
  static const float ZEROS[SRN_MAX_RATIO];
  size_t step =
      resampler->rate_in_hz > resampler->rate_out_hz ? (size_t)(resampler->rate_in_hz / resampler->rate_out_hz) : 1;
  uint64_t most = 0;
  for (int n = 0; n < BURSTS;) {
    uint64_t owed = frames_due(resampler, resampler->n_taken + step) - resampler->n_given;
    bool burst;
    specrnn_status status = push_zeros(resampler, ZEROS, step, &burst, log);
    if (status) {
      return status;
    }
    most = owed > most ? owed : most;
    n += burst;
  }
  *delay = (size_t)most;
  return SPECRNN_OK;
}

specrnn_status srn_resampler_delay(size_t *delay, int rate_in_hz, int rate_out_hz, const specrnn_log *log)
{
  srn_resampler *resampler = NULL;
  if (rate_in_hz == rate_out_hz) {
    *delay = 0;
    return SPECRNN_OK;
  }
  specrnn_status status = srn_resampler_create(&resampler, rate_in_hz, rate_out_hz, 1, log);
  if (!status) {
    status = measure_delay(resampler, delay, log);
  }
  srn_resampler_destroy(&resampler);
  return status;
}
