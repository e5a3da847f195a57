/* specrnn_audio: decode a block, inspect it, mix it, resample it. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audio/decoder.h"
#include "audio/inspect.h"
#include "core/checked.h"
#include "core/fpu.h"
#include "core/log.h"
#include "signal/mix.h"
#include "signal/resample.h"
#include "specrnn/audio.h"

/* Of one block, all channels; four frames at the greatest number of them. */
enum { BLOCK_SAMPLES = 4096 };

/* The public limits are those of the code that a stream shares. */
_Static_assert((int64_t)SPECRNN_AUDIO_MAX_MAGNITUDE == (int64_t)SRN_SAMPLE_LIMIT, "one limit of samples");
_Static_assert(SPECRNN_AUDIO_MAX_RATIO == SRN_MAX_RATIO, "one limit of ratios");

struct specrnn_audio {
  specrnn_audio_config config;
  srn_decoder decoder;
  srn_inspector inspector;
  srn_mixer mixer;
  srn_resampler *resampler;
  int sample_rate_hz;
  int channels;         /* of the result */
  int64_t n_skipped;    /* native frames before the segment that were there */
  int64_t n_segment;    /* native frames asked for, INT64_MAX for all */
  uint64_t n_native;    /* native frames of the segment decoded */
  uint64_t n_given;     /* frames of the result */
  size_t pending_begin; /* frames of the block that were not yet used */
  size_t pending_end;
  bool skipped; /* the frames before the segment are behind */
  bool ended;
  bool failed;
  float block[BLOCK_SAMPLES];
};

/* ------------------------------------------------------------------------------------------------------------ open */

static specrnn_status check_input(const specrnn_audio *audio, const specrnn_log *log)
{
  const SF_INFO *info = &audio->decoder.info;
  if (info->samplerate < SPECRNN_AUDIO_MIN_RATE_HZ || info->samplerate > SPECRNN_AUDIO_MAX_RATE_HZ) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "its sample rate is %d Hz; rates from %d to %d Hz are read",
                    info->samplerate, SPECRNN_AUDIO_MIN_RATE_HZ, SPECRNN_AUDIO_MAX_RATE_HZ);
  }
  if (info->channels < 1 || info->channels > SPECRNN_AUDIO_MAX_CHANNELS) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "it has %d channels; 1 to %d are read", info->channels,
                    SPECRNN_AUDIO_MAX_CHANNELS);
  }
  if (audio->config.channels == SPECRNN_AUDIO_ONE && audio->config.channel >= info->channels) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "there is no channel %d: it has %d, counted from 0",
                    audio->config.channel, info->channels);
  }
  return SPECRNN_OK;
}

/* The products of librosa.load: in double, truncated. INT64_MAX, all that there is, for infinity. */
static int64_t seconds_to_frames(double seconds, int rate_hz)
{
  int64_t n_frames;
  return srn_int64_of(seconds * rate_hz, &n_frames) ? n_frames : INT64_MAX;
}

static specrnn_status prepare(specrnn_audio *audio, const specrnn_log *log)
{
  const specrnn_audio_config *config = &audio->config;
  const SF_INFO *info = &audio->decoder.info;
  specrnn_status status = check_input(audio, log);
  if (status) {
    return status;
  }
  bool all = config->channels == SPECRNN_AUDIO_ALL || config->channels == SPECRNN_AUDIO_FEATURES;
  audio->channels = all ? info->channels : 1;
  audio->sample_rate_hz = config->sample_rate_hz ? config->sample_rate_hz : info->samplerate;
  audio->n_segment = seconds_to_frames(config->duration_s, info->samplerate);
  audio->inspector.channels = config->channels == SPECRNN_AUDIO_ONE ? 1 : info->channels;
  audio->inspector.full_scale = audio->decoder.full_scale;
  audio->mixer.channels = config->channels == SPECRNN_AUDIO_MEAN ? (size_t)info->channels : 1;
  audio->mixer.replace_bad = config->nan == SPECRNN_AUDIO_NAN_ZERO;
  return srn_resampler_create(&audio->resampler, info->samplerate, audio->sample_rate_hz, audio->channels, log);
}

/* A path; where that is NULL a descriptor with the bytes that were read from it; where that is -1 memory. */
typedef struct origin {
  const char *path;
  int descriptor;
  const void *bytes;
  size_t n_bytes;
} origin;

static specrnn_status open_decoder(srn_decoder *decoder, const origin *from, const specrnn_log *log)
{
  if (from->path) {
    return srn_decoder_open_path(decoder, from->path, log);
  }
  return from->descriptor >= 0 ? srn_decoder_open_descriptor(decoder, from->descriptor, from->bytes, from->n_bytes, log)
                               : srn_decoder_open_memory(decoder, from->bytes, from->n_bytes, log);
}

static specrnn_status open_input(specrnn_audio **out, const origin *from, const specrnn_audio_config *config,
                                 const specrnn_log *log)
{
  const specrnn_audio_config defaults = SPECRNN_AUDIO_CONFIG_INIT;
  if (!config) {
    config = &defaults;
  }
  specrnn_status status = specrnn_option_validate(specrnn_audio_options(), config, log);
  specrnn_audio *audio = status ? NULL : calloc(1, sizeof *audio);
  if (!audio) {
    if (from->descriptor >= 0) {
      close(from->descriptor); /* it was given away */
    }
    return status ? status : srn_fail_memory(log, sizeof *audio);
  }
  audio->config = *config;
  status = open_decoder(&audio->decoder, from, log);
  if (!status) {
    status = prepare(audio, log);
  }
  if (status) {
    specrnn_audio_close(&audio);
    return status;
  }
  *out = audio;
  return SPECRNN_OK;
}

specrnn_status specrnn_audio_open(specrnn_audio **out, const char *path, const specrnn_audio_config *config,
                                  const specrnn_log *log)
{
  const origin from = {.path = path, .descriptor = -1};
  return open_input(out, &from, config, log);
}

specrnn_status specrnn_audio_open_descriptor(specrnn_audio **out, int descriptor, const void *head, size_t n_head,
                                             const specrnn_audio_config *config, const specrnn_log *log)
{
  if (descriptor < 0) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "%d is no descriptor", descriptor);
  }
  const origin from = {.descriptor = descriptor, .bytes = head, .n_bytes = n_head};
  return open_input(out, &from, config, log);
}

specrnn_status specrnn_audio_open_memory(specrnn_audio **out, const void *bytes, size_t n_bytes,
                                         const specrnn_audio_config *config, const specrnn_log *log)
{
  const origin from = {.descriptor = -1, .bytes = bytes, .n_bytes = n_bytes};
  return open_input(out, &from, config, log);
}

void specrnn_audio_close(specrnn_audio **audio)
{
  if (audio && *audio) {
    srn_resampler_destroy(&(*audio)->resampler);
    srn_decoder_close(&(*audio)->decoder);
    free(*audio);
    *audio = NULL;
  }
}

/* ---------------------------------------------------------------------------------------------------------- decode */

/* Damage ends the input where the caller accepts a premature end. */
static specrnn_status fail_decode(const specrnn_audio *audio, const specrnn_log *log)
{
  static const char FORMAT[] = "cannot decode after sample %" PRIu64 ": %s";
  char text[256];
  uint64_t n_before = (uint64_t)audio->n_skipped + audio->n_native;
  specrnn_status status = srn_decoder_error(&audio->decoder, text, sizeof text);
  if (status == SPECRNN_ERROR_IO || audio->config.truncated == SPECRNN_AUDIO_TRUNCATED_ERROR) {
    return srn_fail(log, status, FORMAT, n_before, text);
  }
  srn_log(log, SPECRNN_LOG_WARNING, FORMAT, n_before, text);
  return SPECRNN_OK;
}

/* Up to a block of native frames; 0 at the end of the input. */
static specrnn_status decode(specrnn_audio *audio, int64_t n_wanted, size_t *n_frames, const specrnn_log *log)
{
  int64_t capacity = BLOCK_SAMPLES / audio->decoder.info.channels;
  bool ok = srn_decoder_read(&audio->decoder, audio->block, n_wanted < capacity ? n_wanted : capacity, n_frames);
  return ok ? SPECRNN_OK : fail_decode(audio, log);
}

/* To the first frame of the segment: by a seek where that is exact, otherwise by decoding. */
static specrnn_status skip(specrnn_audio *audio, const specrnn_log *log)
{
  int64_t n_skip = seconds_to_frames(audio->config.offset_s, audio->decoder.info.samplerate);
  if (audio->decoder.exact_seek && n_skip > 0 && n_skip <= audio->decoder.info.frames) {
    if (!srn_decoder_seek(&audio->decoder, n_skip)) {
      return srn_fail(log, SPECRNN_ERROR_FORMAT, "cannot find sample %" PRId64 ": damaged or truncated", n_skip);
    }
    audio->n_skipped = n_skip;
  }
  while (audio->n_skipped < n_skip) {
    size_t n = 0;
    specrnn_status status = decode(audio, n_skip - audio->n_skipped, &n, log);
    if (status || n == 0) {
      return status;
    }
    audio->n_skipped += (int64_t)n;
  }
  return SPECRNN_OK;
}

static specrnn_status fail_bad_sample(const specrnn_audio *audio, size_t index, const specrnn_log *log)
{
  size_t channels = (size_t)audio->inspector.channels;
  int64_t frame = audio->n_skipped + (int64_t)(audio->n_native + index / channels);
  size_t channel = audio->config.channels == SPECRNN_AUDIO_ONE ? (size_t)audio->config.channel : index % channels;
  float x = audio->block[index];
  return srn_fail(log, SPECRNN_ERROR_NOT_FINITE, "sample %" PRId64 " (%.6f s) of channel %zu is %g%s", frame,
                  (double)frame / audio->decoder.info.samplerate, channel, (double)x,
                  isfinite(x) ? ": no sound is beyond 1e12" : "");
}

/* The block as it goes on to the resampler. */
static specrnn_status condition(specrnn_audio *audio, size_t n_frames, const specrnn_log *log)
{
  size_t native_channels = (size_t)audio->decoder.info.channels;
  if (audio->config.channels == SPECRNN_AUDIO_ONE) {
    srn_pick_channel(audio->block, n_frames, native_channels, (size_t)audio->config.channel);
  }
  size_t n_samples = n_frames * (size_t)audio->inspector.channels;
  audio->mixer.all_good = !srn_inspect(&audio->inspector, audio->block, n_frames);
  size_t bad = srn_mix(&audio->mixer, audio->block, audio->block, n_samples / audio->mixer.channels);
  if (bad < n_samples) {
    return fail_bad_sample(audio, bad, log);
  }
  return SPECRNN_OK;
}

/* What came against what the header promised. */
static specrnn_status check_length(specrnn_audio *audio, const specrnn_log *log)
{
  char text[256];
  int64_t n_there = audio->n_skipped + (int64_t)audio->n_native;
  bool cut_by_request = (int64_t)audio->n_native >= audio->n_segment;
  srn_verdict verdict = cut_by_request ? SRN_WHOLE : srn_decoder_conclude(&audio->decoder, n_there, text, sizeof text);
  if (verdict == SRN_TRUNCATED && audio->config.truncated == SPECRNN_AUDIO_TRUNCATED_ERROR) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "%s", text);
  }
  if (verdict != SRN_WHOLE) {
    srn_log(log, SPECRNN_LOG_WARNING, "%s", text);
  }
  return SPECRNN_OK;
}

static void tell_replaced(uint64_t n, const char *what, const specrnn_log *log)
{
  if (n > 0) {
    srn_log(log, SPECRNN_LOG_WARNING, "%" PRIu64 " sample%s %s %s replaced by 0", n, n == 1 ? "" : "s", what,
            n == 1 ? "was" : "were");
  }
}

/* Samples that are no sound, or louder than their encoding means them to be. */
static void tell_levels(const specrnn_audio *audio, const specrnn_log *log)
{
  const srn_inspector *inspector = &audio->inspector;
  if (audio->mixer.n_bad > 0) {
    tell_replaced(audio->mixer.n_bad - inspector->n_beyond, "that are not finite", log);
    tell_replaced(inspector->n_beyond, "beyond 1e12, which no sound is,", log);
  }
  if (inspector->n_clipped > 0) {
    srn_log(log, SPECRNN_LOG_WARNING, "%" PRIu64 " samples are clipped", inspector->n_clipped);
  }
  if (inspector->n_above > 0) {
    srn_log(log, SPECRNN_LOG_WARNING, "%" PRIu64 " sample%s above full scale, the loudest at %.4g (%+.1f dBFS)",
            inspector->n_above, inspector->n_above == 1 ? "" : "s", (double)inspector->peak,
            20.0 * log10((double)inspector->peak));
  }
}

static specrnn_status fail_empty(const specrnn_audio *audio, const specrnn_log *log)
{
  int rate_hz = audio->decoder.info.samplerate;
  if (audio->n_segment == 0) {
    return srn_fail(log, SPECRNN_ERROR_EMPTY, "duration is %g s: not one sample at %d Hz", audio->config.duration_s,
                    rate_hz);
  }
  if (audio->n_skipped > 0) {
    return srn_fail(log, SPECRNN_ERROR_EMPTY, "no audio samples in the segment: the input has %.6g s",
                    (double)audio->n_skipped / rate_hz);
  }
  return srn_fail(log, SPECRNN_ERROR_EMPTY, "no audio samples");
}

/* The end of the native frames: what is to be said about them is said here, once. */
static specrnn_status conclude(specrnn_audio *audio, const specrnn_log *log)
{
  audio->ended = true;
  specrnn_status status = check_length(audio, log);
  if (status) {
    return status;
  }
  if (audio->n_native == 0) {
    return fail_empty(audio, log);
  }
  tell_levels(audio, log);
  return SPECRNN_OK;
}

static specrnn_status fill_block(specrnn_audio *audio, const specrnn_log *log)
{
  size_t n = 0;
  int64_t n_left = audio->n_segment - (int64_t)audio->n_native;
  specrnn_status status = SPECRNN_OK;
  if (!audio->skipped) {
    status = skip(audio, log);
    audio->skipped = true;
  }
  if (!status && n_left > 0) {
    status = decode(audio, n_left, &n, log);
  }
  if (!status) {
    status = n > 0 ? condition(audio, n, log) : conclude(audio, log);
  }
  if (status) {
    return status;
  }
  audio->n_native += n;
  audio->pending_begin = 0;
  audio->pending_end = n;
  return SPECRNN_OK;
}

/* ------------------------------------------------------------------------------------------------------------ read */

/* Moves what is pending through the resampler to the caller. */
static specrnn_status drain(specrnn_audio *audio, float *samples, size_t capacity, size_t *n_out,
                            const specrnn_log *log)
{
  size_t channels = (size_t)audio->channels;
  size_t n_pending = audio->pending_end - audio->pending_begin;
  const float *pending = audio->block + audio->pending_begin * channels;
  size_t n_taken = 0;
  specrnn_status status = SPECRNN_OK;
  if (n_pending > 0) {
    status = srn_resampler_process(audio->resampler, pending, n_pending, &n_taken, samples, capacity, n_out, log);
  } else if (audio->ended) {
    status = srn_resampler_finish(audio->resampler, samples, capacity, n_out, log);
  }
  audio->pending_begin += n_taken;
  return status;
}

static specrnn_status read_some(specrnn_audio *audio, float *samples, size_t capacity, size_t *n_frames,
                                const specrnn_log *log)
{
  for (;;) {
    size_t n = 0;
    specrnn_status status = SPECRNN_OK;
    if (audio->pending_begin == audio->pending_end && !audio->ended) {
      status = fill_block(audio, log);
    }
    if (!status) {
      status = drain(audio, samples, capacity, &n, log);
    }
    if (status || n > 0 || (audio->ended && audio->pending_begin == audio->pending_end)) {
      *n_frames = n;
      return status;
    }
  }
}

specrnn_status specrnn_audio_read(specrnn_audio *audio, float *samples, size_t capacity_frames, size_t *n_frames,
                                  const specrnn_log *log)
{
  if (capacity_frames == 0) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a read needs room for at least one frame");
  }
  if (audio->failed) {
    return srn_fail(log, SPECRNN_ERROR_STATE, "an earlier read of this input failed");
  }
  size_t n = 0;
  srn_fpu_mode mode = srn_fpu_enter(); /* decoders round, too */
  specrnn_status status = read_some(audio, samples, capacity_frames, &n, log);
  srn_fpu_leave(mode);
  if (status) {
    audio->failed = true;
    return status;
  }
  audio->n_given += n;
  *n_frames = n;
  return SPECRNN_OK;
}

void specrnn_audio_get_info(const specrnn_audio *audio, specrnn_audio_info *info)
{
  *info = (specrnn_audio_info){
      .native_rate_hz = audio->decoder.info.samplerate,
      .native_channels = audio->decoder.info.channels,
      .sample_rate_hz = audio->sample_rate_hz,
      .channels = audio->channels,
      .container = srn_container_name(audio->decoder.info.format),
      .encoding = srn_encoding_name(audio->decoder.info.format),
      .n_header_frames = audio->decoder.n_header_frames,
      .n_native_frames = audio->n_native,
      .n_frames = audio->n_given,
      .n_bad = audio->mixer.n_bad,
      .n_clipped = audio->inspector.n_clipped,
      .n_above = audio->inspector.n_above,
  };
}
