/* What is to be said of an input at its end: what came against what its header promised. */
#include <inttypes.h>
#include <string.h>

#include "audio/decoder.h"
#include "audio/encoding.h"

static srn_verdict conclude_ogg(const srn_decoder *decoder, char *text, size_t size)
{
  if (!srn_ogg_is_complete(&decoder->link)) {
    snprintf(text, size, "truncated: its last page of Ogg is not the end of a stream");
    return SRN_TRUNCATED;
  }
  if (!srn_decoder_has_link(decoder)) {
    snprintf(text, size, "damaged: its Ogg has %" PRId64 " frames, and %" PRIu64 " could be decoded",
             (int64_t)decoder->info.frames, decoder->n_link_frames);
    return SRN_TRUNCATED;
  }
  return SRN_WHOLE;
}

/* FLAC that was joined to FLAC by cat: its decoder stops where the first ends, having read a little further. */
static bool is_followed_by_flac(srn_decoder *decoder)
{
  static const unsigned char STREAMINFO[2][8] = {{'f', 'L', 'a', 'C', 0, 0, 0, 34},
                                                 {'f', 'L', 'a', 'C', 128, 0, 0, 34}};
  enum { MOST_READ_AHEAD = 1 << 17 };
  unsigned char bytes[4096];
  uint64_t ahead = decoder->view.position < MOST_READ_AHEAD ? decoder->view.position - 1 : MOST_READ_AHEAD;
  if ((decoder->info.format & SF_FORMAT_TYPEMASK) != SF_FORMAT_FLAC || decoder->view.position == 0) {
    return false;
  }
  uint64_t at = decoder->view.position - ahead;
  for (size_t n = sizeof bytes; n == sizeof bytes; at += n - 7) {
    n = srn_audio_source_look(&decoder->source, at, bytes, sizeof bytes);
    for (size_t i = 0; i + 8 <= n; i++) {
      if (bytes[i] == 'f' && (!memcmp(bytes + i, STREAMINFO[0], 8) || !memcmp(bytes + i, STREAMINFO[1], 8))) {
        return true;
      }
    }
  }
  return false;
}

srn_verdict srn_decoder_conclude(srn_decoder *decoder, int64_t n_frames, char *text, size_t size)
{
  const srn_promise *promise = &decoder->promise;
  if (decoder->n_links) {
    return conclude_ogg(decoder, text, size);
  }
  if (decoder->exact_header && n_frames < decoder->n_header_frames - decoder->n_slack) {
    snprintf(text, size, "truncated: its header promises %" PRId64 " frames, and there are %" PRId64,
             decoder->n_header_frames, n_frames);
    return SRN_TRUNCATED;
  }
  if (decoder->is_cut) {
    snprintf(text, size, "truncated: its header promises %" PRIu64 " bytes of sound, and there are %" PRIu64,
             promise->n_bytes, decoder->n_there);
    return SRN_TRUNCATED;
  }
  if (decoder->is_followed || is_followed_by_flac(decoder)) {
    snprintf(text, size, "another file follows behind its sound, which is not read");
    return SRN_TRUNCATED;
  }
  size_t frame = srn_encoding_find(decoder->info.format).bytes * (size_t)decoder->info.channels;
  if (decoder->is_exceeded) {
    snprintf(text, size,
             "its header promises %" PRIu64 " %s, and more sound follows: read to the end, %" PRId64 " frames",
             frame ? promise->n_bytes / frame : promise->n_bytes, frame ? "frames" : "bytes", n_frames);
    return SRN_EXCEEDED;
  }
  return SRN_WHOLE;
}
