/* The only user of libmpg123. */
#include "audio/mpeg_decoder.h"

#include <mpg123.h>

#include "audio/view.h"

static ssize_t read_view(void *user, void *bytes, size_t n)
{
  return (ssize_t)srn_view_read(bytes, (sf_count_t)n, user);
}

static off_t seek_view(void *user, off_t offset, int whence)
{
  return (off_t)srn_view_seek(offset, whence, user);
}

/* One format from the first frame to the last, as float, without the encoder's delay and padding. */
static bool configure(mpg123_handle *handle)
{
  const long flags = MPG123_QUIET | MPG123_FORCE_FLOAT | MPG123_GAPLESS | MPG123_NO_FRANKENSTEIN;
  return mpg123_param(handle, MPG123_ADD_FLAGS, flags, 0.0) == MPG123_OK &&
         mpg123_param(handle, MPG123_REMOVE_FLAGS, MPG123_AUTO_RESAMPLE, 0.0) == MPG123_OK &&
         mpg123_replace_reader_handle(handle, read_view, seek_view, NULL) == MPG123_OK;
}

static bool learn(mpg123_handle *handle, SF_INFO *info)
{
  static const int LAYERS[] = {0, SF_FORMAT_MPEG_LAYER_I, SF_FORMAT_MPEG_LAYER_II, SF_FORMAT_MPEG_LAYER_III};
  struct mpg123_frameinfo frame;
  long rate;
  int channels, encoding;
  if (mpg123_getformat(handle, &rate, &channels, &encoding) != MPG123_OK || encoding != MPG123_ENC_FLOAT_32 ||
      mpg123_info(handle, &frame) != MPG123_OK || frame.layer < 1 || frame.layer > 3) {
    return false;
  }
  off_t length = mpg123_length(handle);
  *info = (SF_INFO){.samplerate = (int)rate, .channels = channels, .format = SF_FORMAT_MPEG | LAYERS[frame.layer]};
  info->frames = length >= 0 ? length : SF_COUNT_MAX;
  info->seekable = length >= 0;
  return true;
}

bool srn_mpeg_open(srn_decoder *decoder)
{
  int error = mpg123_init();
  mpg123_handle *handle = error == MPG123_OK ? mpg123_new(NULL, &error) : NULL;
  decoder->view.position = 0;
  if (handle && configure(handle) && mpg123_open_handle(handle, decoder) == MPG123_OK &&
      learn(handle, &decoder->info)) {
    decoder->mpeg = handle;
    return true;
  }
  decoder->failure = mpg123_plain_strerror(handle ? mpg123_errcode(handle) : error);
  mpg123_delete(handle);
  return false;
}

size_t srn_mpeg_read(srn_decoder *decoder, float *samples, size_t n_wanted)
{
  size_t frame = (size_t)decoder->info.channels * sizeof *samples;
  size_t n_bytes = 0;
  int status = mpg123_read(decoder->mpeg, (void *)samples, n_wanted * frame, &n_bytes);
  if (n_bytes == 0 && status == MPG123_NEW_FORMAT) {
    decoder->failure = "its sample rate or number of channels changes";
  } else if (n_bytes == 0 && status != MPG123_OK && status != MPG123_DONE) {
    decoder->failure = mpg123_plain_strerror(mpg123_errcode(decoder->mpeg));
  }
  return n_bytes / frame;
}

void srn_mpeg_close(srn_decoder *decoder)
{
  mpg123_delete(decoder->mpeg);
  decoder->mpeg = NULL;
}
