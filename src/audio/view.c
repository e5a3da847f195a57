/* A part of a source as a file of libsndfile's. */
#include "audio/view.h"

#include "audio/encoding.h"

static uint64_t view_size(const srn_decoder_view *view)
{
  uint64_t size = view->end - view->begin;
  return size < SF_COUNT_MAX ? size : SF_COUNT_MAX;
}

static sf_count_t view_length(void *user)
{
  return (sf_count_t)view_size(&((srn_decoder *)user)->view);
}

static sf_count_t view_tell(void *user)
{
  return (sf_count_t)((srn_decoder *)user)->view.position;
}

/* Behind the end there are positions, as in files, and nothing to be read. A pipe stays where it is. */
sf_count_t srn_view_seek(sf_count_t offset, int whence, void *user)
{
  srn_decoder *decoder = user;
  srn_decoder_view *view = &decoder->view;
  sf_count_t from = whence == SEEK_SET   ? 0
                    : whence == SEEK_CUR ? (sf_count_t)view->position
                                         : (sf_count_t)view_size(view);
  if (offset < -from || offset > SF_COUNT_MAX - from) {
    return -1;
  }
  if (decoder->source.is_stream && from + offset != (sf_count_t)view->position) {
    return -1;
  }
  view->position = (uint64_t)(from + offset);
  return (sf_count_t)view->position;
}

/* Lays the patched field over bytes that were read from an offset of the source. */
static void apply_patch(const srn_decoder_view *view, uint64_t offset, unsigned char *bytes, size_t n)
{
  for (size_t i = 0; i < view->n_patch; i++) {
    uint64_t at = view->patch_at + i;
    if (at >= offset && at - offset < n) {
      bytes[at - offset] = view->patch[i];
    }
  }
}

/* A pipe of samples comes to the end of what was promised: what follows says whether to read on. */
static void decide_end(srn_decoder *decoder)
{
  srn_decoder_view *view = &decoder->view;
  bool at_end = decoder->source.is_stream && decoder->promise.sized && view->position == decoder->promise.n_bytes;
  if (at_end && !decoder->is_exceeded) {
    size_t frame = srn_encoding_find(decoder->info.format).bytes * (size_t)decoder->info.channels;
    decoder->is_exceeded = srn_promise_is_exceeded(&decoder->promise, &decoder->source, frame);
    decoder->is_followed = srn_promise_is_followed(&decoder->promise, &decoder->source);
    view->end = decoder->is_exceeded ? UINT64_MAX : view->begin + view->position;
  }
}

/* Ogg in a pipe is shown page by page, up to the end of a link. */
static uint64_t readable_ogg(srn_decoder *decoder, uint64_t at)
{
  while (at >= decoder->link.end && srn_ogg_step(&decoder->link, &decoder->source)) {
  }
  return decoder->link.end > at ? decoder->link.end - at : 0;
}

static uint64_t readable(srn_decoder *decoder)
{
  srn_decoder_view *view = &decoder->view;
  if (decoder->source.is_stream && decoder->n_links > 0) {
    return readable_ogg(decoder, view->begin + view->position);
  }
  decide_end(decoder);
  uint64_t end = view->end;
  if (decoder->source.is_stream && decoder->promise.sized && !decoder->is_exceeded) {
    end = decoder->promise.begin + decoder->promise.n_bytes;
  }
  uint64_t size = end - view->begin;
  return size > view->position ? size - view->position : 0;
}

/* What a pipe shows while it is opened can be had once more. */
static size_t get(srn_decoder *decoder, uint64_t offset, unsigned char *to, size_t n)
{
  return decoder->is_opening ? srn_audio_source_look(&decoder->source, offset, to, n)
                             : srn_audio_source_take(&decoder->source, offset, to, n);
}

sf_count_t srn_view_read(void *bytes, sf_count_t count, void *user)
{
  srn_decoder *decoder = user;
  srn_decoder_view *view = &decoder->view;
  size_t done = 0;
  while (count > 0 && done < (size_t)count) {
    uint64_t left = readable(decoder);
    size_t n = (size_t)count - done < left ? (size_t)count - done : (size_t)left;
    unsigned char *to = (unsigned char *)bytes + done;
    uint64_t offset = view->begin + view->position;
    size_t got = n > 0 ? get(decoder, offset, to, n) : 0;
    if (got == 0) {
      decoder->link.is_cut |= n > 0 && decoder->n_links > 0;
      break;
    }
    apply_patch(view, offset, to, got);
    view->position += got;
    done += got;
  }
  return (sf_count_t)done;
}

static sf_count_t view_write(const void *bytes, sf_count_t count, void *user)
{
  (void)bytes;
  (void)count;
  (void)user;
  return 0;
}

SNDFILE *srn_view_open(srn_decoder *decoder)
{
  SF_VIRTUAL_IO io = {view_length, srn_view_seek, srn_view_read, view_write, view_tell};
  decoder->view.position = 0;
  return sf_open_virtual(&io, SFM_READ, &decoder->info, decoder);
}
