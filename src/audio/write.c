/* A WAV file that appears whole or not at all. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <sndfile.h>
#include <string.h>
#include <sys/stat.h>

#include "core/checked.h"
#include "core/file.h"
#include "core/fpu.h"
#include "core/log.h"
#include "core/temporary.h"
#include "specrnn/audio.h"

/* What the header of a WAV takes of the 4 GiB that its sizes can state; libsndfile writes less than 100 bytes. */
enum { HEADER_ROOM = 1024, BLOCK_SAMPLES = 4096 };

static const struct {
  int subtype;
  size_t bytes;
} FORMATS[] = {
    [SPECRNN_AUDIO_FLOAT32] = {SF_FORMAT_FLOAT, 4},
    [SPECRNN_AUDIO_PCM16] = {SF_FORMAT_PCM_16, 2},
};

typedef struct wav_writer {
  FILE *stream;     /* seekable: the header is completed at the end */
  const char *path; /* or NULL: a temporary file */
  SNDFILE *sndfile;
  int error; /* errno of the first failure */
  uint64_t n_limited;
} wav_writer;

/* -------------------------------------------------------------------------------------- libsndfile on a stdio stream
 */

static sf_count_t stream_tell(void *user)
{
  return ftello(((wav_writer *)user)->stream);
}

static sf_count_t stream_seek(sf_count_t offset, int whence, void *user)
{
  return fseeko(((wav_writer *)user)->stream, offset, whence) == 0 ? stream_tell(user) : -1;
}

static sf_count_t stream_length(void *user)
{
  sf_count_t here = stream_tell(user);
  sf_count_t length = stream_seek(0, SEEK_END, user);
  return stream_seek(here, SEEK_SET, user) == here ? length : -1;
}

static sf_count_t stream_read(void *bytes, sf_count_t count, void *user)
{
  (void)bytes;
  (void)count;
  (void)user;
  return 0;
}

static sf_count_t stream_write(const void *bytes, sf_count_t count, void *user)
{
  wav_writer *writer = user;
  errno = 0;
  size_t n = fwrite(bytes, 1, (size_t)count, writer->stream);
  if (n < (size_t)count && !writer->error) {
    writer->error = errno ? errno : EIO;
  }
  return (sf_count_t)n;
}

/* --------------------------------------------------------------------------------------------------------- samples */

static specrnn_status check_finite(const float *samples, size_t n, size_t first, const specrnn_log *log)
{
  for (size_t i = 0; i < n; i++) {
    if (!isfinite(samples[i])) {
      return srn_fail(log, SPECRNN_ERROR_NOT_FINITE, "value %zu of the samples is %g", first + i, (double)samples[i]);
    }
  }
  return SPECRNN_OK;
}

/* The inverse of what reading does: 32768 is 1. libsndfile's own conversion has 32767 there and wraps around. */
static short to_pcm16(float x, uint64_t *n_limited)
{
  float scaled = rintf(x * 32768.0F);
  *n_limited += scaled < SHRT_MIN || scaled > SHRT_MAX;
  return (short)srn_whole_int(scaled, SHRT_MIN, SHRT_MAX);
}

static bool write_block(wav_writer *writer, const float *samples, size_t n, specrnn_audio_format format)
{
  if (format == SPECRNN_AUDIO_FLOAT32) {
    return sf_write_float(writer->sndfile, samples, (sf_count_t)n) == (sf_count_t)n;
  }
  short block[BLOCK_SAMPLES];
  srn_fpu_mode mode = srn_fpu_enter_exact();
  for (size_t i = 0; i < n; i++) {
    block[i] = to_pcm16(samples[i], &writer->n_limited);
  }
  srn_fpu_leave(mode);
  return sf_write_short(writer->sndfile, block, (sf_count_t)n) == (sf_count_t)n;
}

static specrnn_status fail_write(const wav_writer *writer, const specrnn_log *log)
{
  if (!writer->path && writer->error) {
    return srn_fail_temporary(log, "write", writer->error);
  }
  return srn_fail(log, SPECRNN_ERROR_IO, "%s: cannot write: %s", writer->path ? writer->path : "WAV",
                  writer->error ? strerror(writer->error) : sf_strerror(writer->sndfile));
}

/* `unit` samples are a frame; libsndfile takes whole ones. */
static specrnn_status write_samples(wav_writer *writer, const float *samples, size_t count, size_t unit,
                                    specrnn_audio_format format, const specrnn_log *log)
{
  size_t block = BLOCK_SAMPLES / unit * unit;
  for (size_t begin = 0; begin < count; begin += block) {
    size_t n = count - begin < block ? count - begin : block;
    specrnn_status status = check_finite(samples + begin, n, begin, log);
    if (status) {
      return status;
    }
    if (!write_block(writer, samples + begin, n, format)) {
      return fail_write(writer, log);
    }
  }
  return SPECRNN_OK;
}

/* ------------------------------------------------------------------------------------------------------------ file */

/* To the file of that path, or a temporary one (NULL). */
static specrnn_status write_wav(FILE *stream, const char *path, const float *samples, size_t count, SF_INFO info,
                                specrnn_audio_format format, const specrnn_log *log)
{
  wav_writer writer = {.stream = stream, .path = path};
  SF_VIRTUAL_IO io = {stream_length, stream_seek, stream_read, stream_write, stream_tell};
  writer.sndfile = sf_open_virtual(&io, SFM_WRITE, &info, &writer);
  if (!writer.sndfile) {
    return fail_write(&writer, log);
  }
  /* The chunk of peaks carries the time of day. */
  sf_command(writer.sndfile, SFC_SET_ADD_PEAK_CHUNK, NULL, SF_FALSE);
  specrnn_status status = write_samples(&writer, samples, count, (size_t)info.channels, format, log);
  bool closed = sf_close(writer.sndfile) == 0;
  if (!status && (!closed || writer.error)) {
    writer.sndfile = NULL;
    writer.error = writer.error ? writer.error : EIO;
    status = fail_write(&writer, log);
  }
  if (!status && writer.n_limited > 0) {
    srn_log(log, SPECRNN_LOG_WARNING, "%" PRIu64 " samples beyond full scale were limited to it", writer.n_limited);
  }
  return status;
}

static specrnn_status copy_stream(FILE *to, const char *path, FILE *from, const specrnn_log *log)
{
  unsigned char bytes[BLOCK_SAMPLES];
  size_t n;
  rewind(from);
  while ((n = fread(bytes, 1, sizeof bytes, from)) > 0) {
    if (fwrite(bytes, 1, n, to) != n) {
      return srn_fail(log, SPECRNN_ERROR_IO, "%s: cannot write: %s", path, strerror(errno));
    }
  }
  return ferror(from) ? srn_fail_temporary(log, "read", errno) : SPECRNN_OK;
}

/* What has no positions of ours, a pipe, a device or a descriptor, gets a copy of the finished file. */
static specrnn_status write_stream(srn_file *file, const char *path, const float *samples, size_t count, SF_INFO info,
                                   specrnn_audio_format format, const specrnn_log *log)
{
  FILE *stream = srn_file_stream(file);
  if (!srn_file_is_direct(file)) {
    return write_wav(stream, path, samples, count, info, format, log);
  }
  FILE *spool = tmpfile();
  if (!spool) {
    return srn_fail_temporary(log, "make", errno);
  }
  specrnn_status status = write_wav(spool, NULL, samples, count, info, format, log);
  if (!status) {
    status = copy_stream(stream, path, spool, log);
  }
  fclose(spool);
  return status;
}

static specrnn_status check_request(size_t n_frames, int n_channels, int rate_hz, specrnn_audio_format format,
                                    size_t *count, const specrnn_log *log)
{
  if ((size_t)format >= sizeof FORMATS / sizeof *FORMATS) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "%d is no format of audio files", (int)format);
  }
  if (n_channels < 1 || n_channels > SPECRNN_AUDIO_MAX_CHANNELS) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "an audio file has 1 to %d channels, not %d",
                    SPECRNN_AUDIO_MAX_CHANNELS, n_channels);
  }
  if (rate_hz < SPECRNN_AUDIO_MIN_RATE_HZ || rate_hz > SPECRNN_AUDIO_MAX_RATE_HZ) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a sample rate is from %d to %d Hz, not %d", SPECRNN_AUDIO_MIN_RATE_HZ,
                    SPECRNN_AUDIO_MAX_RATE_HZ, rate_hz);
  }
  size_t bytes;
  if (!srn_size_mul(n_frames, (size_t)n_channels, count) || !srn_size_mul(*count, FORMATS[format].bytes, &bytes) ||
      bytes > UINT32_MAX - HEADER_ROOM) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "%zu frames do not fit into the 4 GiB of a WAV file", n_frames);
  }
  return SPECRNN_OK;
}

specrnn_status specrnn_audio_write(const char *path, const float *samples, size_t n_frames, int n_channels, int rate_hz,
                                   specrnn_audio_format format, const specrnn_log *log)
{
  size_t count = 0;
  specrnn_status status = check_request(n_frames, n_channels, rate_hz, format, &count, log);
  if (status) {
    return status;
  }
  srn_file *file = NULL;
  status = srn_file_create(&file, path, log);
  if (status) {
    return status;
  }
  SF_INFO info = {.samplerate = rate_hz, .channels = n_channels, .format = SF_FORMAT_WAV | FORMATS[format].subtype};
  status = write_stream(file, path, samples, count, info, format, log);
  if (status) {
    srn_file_abandon(&file);
    return status;
  }
  return srn_file_commit(&file, log);
}
