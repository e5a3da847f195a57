/* Why an input cannot be decoded, and what it is where it is no sound. */
#include "audio/refusal.h"

#include <stdio.h>
#include <string.h>

#include "audio/foreign.h"
#include "core/log.h"

static specrnn_status sndfile_error(SNDFILE *sndfile, char *text, size_t size)
{
  static const struct {
    int error;
    specrnn_status status;
  } STATUSES[] = {
      {SF_ERR_SYSTEM, SPECRNN_ERROR_IO},
      {SF_ERR_UNSUPPORTED_ENCODING, SPECRNN_ERROR_UNSUPPORTED},
  };
  static const char PREFIX[] = "Error : ";
  const char *words = sf_strerror(sndfile);
  if (!strncmp(words, PREFIX, sizeof PREFIX - 1)) {
    words += sizeof PREFIX - 1;
  }
  size_t length = strlen(words);
  while (length > 0 && strchr(". \n", words[length - 1])) {
    length--;
  }
  snprintf(text, size, "%.*s", (int)length, words);
  for (size_t i = 0; i < sizeof STATUSES / sizeof *STATUSES; i++) {
    if (sf_error(sndfile) == STATUSES[i].error) {
      return STATUSES[i].status;
    }
  }
  return SPECRNN_ERROR_FORMAT;
}

specrnn_status srn_decoder_error(const srn_decoder *decoder, char *text, size_t size)
{
  if (decoder->source.error) {
    snprintf(text, size, "%s", strerror(decoder->source.error));
    return SPECRNN_ERROR_IO;
  }
  if (decoder->failure) {
    snprintf(text, size, "%s", decoder->failure);
    return SPECRNN_ERROR_FORMAT;
  }
  return sndfile_error(decoder->sndfile, text, size);
}

/* The whole is looked at where it can be: the first bytes of a zip do not say what is in it. */
specrnn_file_format srn_decoder_format(srn_decoder *decoder)
{
  unsigned char head[1024];
  char path[sizeof "/dev/fd/" + 3 * sizeof(int)];
  srn_audio_source *source = &decoder->source;
  if (decoder->path) {
    return specrnn_file_identify(decoder->path);
  }
  if (source->bytes) {
    return specrnn_bytes_identify(source->bytes, (size_t)source->size);
  }
  if (!source->is_stream && source->base == 0) {
    snprintf(path, sizeof path, "/dev/fd/%d", source->descriptor);
    return specrnn_file_identify(path);
  }
  return specrnn_bytes_identify(head, srn_audio_source_look(source, 0, head, sizeof head));
}

specrnn_status srn_decoder_fail_known(srn_decoder *decoder, const specrnn_log *log)
{
  srn_foreign foreign = srn_foreign_find(&decoder->source);
  if (foreign.name && foreign.is_sound) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED,
                    "%s, which is not read; ffmpeg turns it into WAV: ffmpeg -i FILE -f wav - | specrnn analyze -",
                    foreign.name);
  }
  if (foreign.name) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "this is no sound: %s", foreign.name);
  }
  specrnn_file_format format = srn_decoder_format(decoder);
  return format == SPECRNN_FILE_OTHER ? SPECRNN_OK
                                      : srn_fail(log, SPECRNN_ERROR_FORMAT, "this is no sound: %s%s",
                                                 specrnn_file_format_name(format), specrnn_file_format_advice(format));
}

specrnn_status srn_decoder_refuse(srn_decoder *decoder, const specrnn_log *log)
{
  char text[256];
  specrnn_status status = sndfile_error(NULL, text, sizeof text);
  if (decoder->source.error) {
    return srn_fail(log, SPECRNN_ERROR_IO, "cannot read: %s", strerror(decoder->source.error));
  }
  bool is_unknown = sf_error(NULL) == SF_ERR_UNRECOGNISED_FORMAT;
  specrnn_status known = srn_decoder_fail_known(decoder, log);
  if (known) {
    return known;
  }
  return is_unknown ? srn_fail(log, status, "this is no sound: it begins as no format does that is known")
                    : srn_fail(log, status, "not readable as audio: %s", text);
}
