/* Opening of inputs: a path, standard input, memory; and what can be known of an encoding. */
#include "audio/decoder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio/peek.h"
#include "audio/spool.h"
#include "core/log.h"

/* Programs that write a WAV or AIFF to a pipe cannot know its length and state one near 2^31 or 2^32 bytes: sox
 * 0x7f000000 and 0x7ffff000, others 0x7fffff00, 0x80000000, 0xffffffff. Sizes from here on promise nothing. */
#define STREAMING_SIZE UINT32_C(0x7e000000)

/* Larger counts are libsndfile's ways to say that it does not know. */
#define MAX_PLAUSIBLE_FRAMES (INT64_C(1) << 53)

static const struct encoding {
  int subtype;
  int bytes;        /* of one sample where all have the same size, otherwise 0 */
  float full_scale; /* the largest value below 1, or 1 */
} ENCODINGS[] = {
    {SF_FORMAT_PCM_S8, 1, 1.0F - 0x1p-7F},
    {SF_FORMAT_PCM_U8, 1, 1.0F - 0x1p-7F},
    {SF_FORMAT_PCM_16, 2, 1.0F - 0x1p-15F},
    {SF_FORMAT_PCM_24, 3, 1.0F - 0x1p-23F},
    {SF_FORMAT_PCM_32, 4, 1.0F},
    {SF_FORMAT_FLOAT, 4, 1.0F},
    {SF_FORMAT_DOUBLE, 8, 1.0F},
    {SF_FORMAT_ULAW, 1, 32124.0F / 32768.0F},
    {SF_FORMAT_ALAW, 1, 32256.0F / 32768.0F},
    {SF_FORMAT_IMA_ADPCM, 0, 1.0F - 0x1p-15F},
    {SF_FORMAT_MS_ADPCM, 0, 1.0F - 0x1p-15F},
    {SF_FORMAT_GSM610, 0, 1.0F - 0x1p-15F},
    {SF_FORMAT_ALAC_16, 0, 1.0F - 0x1p-15F},
    {SF_FORMAT_ALAC_24, 0, 1.0F - 0x1p-23F},
};

static struct encoding find_encoding(int format)
{
  for (size_t i = 0; i < sizeof ENCODINGS / sizeof *ENCODINGS; i++) {
    if (ENCODINGS[i].subtype == (format & SF_FORMAT_SUBMASK)) {
      return ENCODINGS[i];
    }
  }
  return (struct encoding){0, 0, 1.0F};
}

/* Chunks that hold the samples, with the bytes in front of the first one. */
static const struct container {
  int type;
  const char *chunk;
  unsigned n_before;
} CONTAINERS[] = {
    {SF_FORMAT_WAV, "data", 0},
    {SF_FORMAT_WAVEX, "data", 0},
    {SF_FORMAT_AIFF, "SSND", 8},
};

/* Bytes of samples that the header promises, before libsndfile corrects them to the file's length. */
static bool promised_bytes(const srn_decoder *decoder, uint32_t *bytes)
{
  for (size_t i = 0; i < sizeof CONTAINERS / sizeof *CONTAINERS; i++) {
    const struct container *container = &CONTAINERS[i];
    if (container->type != (decoder->info.format & SF_FORMAT_TYPEMASK)) {
      continue;
    }
    SF_CHUNK_INFO chunk = {.id_size = 4};
    memcpy(chunk.id, container->chunk, 4);
    SF_CHUNK_ITERATOR *iterator = sf_get_chunk_iterator(decoder->sndfile, &chunk);
    if (!iterator || sf_get_chunk_size(iterator, &chunk) != SF_ERR_NO_ERROR || chunk.datalen >= STREAMING_SIZE ||
        chunk.datalen < container->n_before) {
      return false;
    }
    *bytes = chunk.datalen - container->n_before;
    return true;
  }
  return false;
}

static void learn_format(srn_decoder *decoder)
{
  const SF_INFO *info = &decoder->info;
  struct encoding encoding = find_encoding(info->format);
  bool is_flac = (info->format & SF_FORMAT_TYPEMASK) == SF_FORMAT_FLAC;
  bool is_linear = encoding.bytes > 0 && !is_flac;
  uint32_t bytes;
  decoder->full_scale = encoding.full_scale;
  decoder->exact_seek = is_linear && info->seekable;
  if (is_linear && promised_bytes(decoder, &bytes)) {
    decoder->n_header_frames = bytes / ((int64_t)encoding.bytes * info->channels);
    decoder->exact_header = true;
  } else {
    bool known = info->seekable && info->frames >= 0 && info->frames < MAX_PLAUSIBLE_FRAMES;
    decoder->n_header_frames = known ? info->frames : -1;
    decoder->exact_header = known && is_flac;
    decoder->exact_seek |= known && is_flac && info->frames > 0;
  }
}

specrnn_status srn_decoder_error(SNDFILE *sndfile, char *text, size_t size)
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

static specrnn_status fail_open(const specrnn_log *log)
{
  char text[256];
  specrnn_status status = srn_decoder_error(NULL, text, sizeof text);
  return srn_fail(log, status, "not readable as audio: %s", text);
}

/* ------------------------------------------------------------------------------------------ files, standard input */

/* libsndfile gets a descriptor of its own: where it fails, versions from 1.0.30 on close what they were given, whatever
 * they were told, and closing ours once more could hit a file that another thread has just opened. */
static specrnn_status open_sndfile(srn_decoder *decoder, int descriptor, const specrnn_log *log)
{
  int own = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (own < 0) {
    return srn_fail(log, SPECRNN_ERROR_IO, "cannot open: %s", strerror(errno));
  }
  decoder->sndfile = sf_open_fd(own, SFM_READ, &decoder->info, SF_TRUE);
  if (!decoder->sndfile) {
    return fail_open(log);
  }
  learn_format(decoder);
  return SPECRNN_OK;
}

static specrnn_status open_descriptor(srn_decoder *decoder, int descriptor, const specrnn_log *log)
{
  struct stat status;
  if (fstat(descriptor, &status) != 0) {
    return srn_fail(log, SPECRNN_ERROR_IO, "cannot read: %s", strerror(errno));
  }
  if (S_ISDIR(status.st_mode)) {
    return srn_fail(log, SPECRNN_ERROR_IO, "cannot read: %s", strerror(EISDIR));
  }
  if (lseek(descriptor, 0, SEEK_CUR) < 0 && !srn_can_stream(descriptor)) {
    specrnn_status result = srn_spool(&decoder->spool, descriptor, log);
    if (result) {
      return result;
    }
    descriptor = fileno(decoder->spool);
    if (fstat(descriptor, &status) != 0) {
      return srn_fail(log, SPECRNN_ERROR_IO, "cannot read: %s", strerror(errno));
    }
  }
  if (S_ISREG(status.st_mode) && status.st_size == 0) {
    return srn_fail(log, SPECRNN_ERROR_EMPTY, "nothing in it: 0 bytes");
  }
  return open_sndfile(decoder, descriptor, log);
}

specrnn_status srn_decoder_open_path(srn_decoder *decoder, const char *path, const specrnn_log *log)
{
  *decoder = (srn_decoder){.descriptor = -1};
  if (!strcmp(path, "-")) {
    return open_descriptor(decoder, STDIN_FILENO, log);
  }
  decoder->descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (decoder->descriptor < 0) {
    return srn_fail(log, SPECRNN_ERROR_IO, "cannot open: %s", strerror(errno));
  }
  return open_descriptor(decoder, decoder->descriptor, log);
}

/* --------------------------------------------------------------------------------------------------------- memory */

static sf_count_t memory_length(void *user)
{
  return (sf_count_t)((srn_decoder *)user)->n_bytes;
}

static sf_count_t memory_seek(sf_count_t offset, int whence, void *user)
{
  srn_decoder *decoder = user;
  sf_count_t from = whence == SEEK_SET   ? 0
                    : whence == SEEK_CUR ? (sf_count_t)decoder->position
                                         : (sf_count_t)decoder->n_bytes;
  if (offset < -from || offset > (sf_count_t)decoder->n_bytes - from) {
    return -1;
  }
  decoder->position = (size_t)(from + offset);
  return (sf_count_t)decoder->position;
}

static sf_count_t memory_read(void *bytes, sf_count_t count, void *user)
{
  srn_decoder *decoder = user;
  size_t left = decoder->n_bytes - decoder->position;
  size_t n = count < 0 ? 0 : (uint64_t)count < left ? (size_t)count : left;
  memcpy(bytes, decoder->bytes + decoder->position, n);
  decoder->position += n;
  return (sf_count_t)n;
}

static sf_count_t memory_write(const void *bytes, sf_count_t count, void *user)
{
  (void)bytes;
  (void)count;
  (void)user;
  return 0;
}

static sf_count_t memory_tell(void *user)
{
  return (sf_count_t)((srn_decoder *)user)->position;
}

specrnn_status srn_decoder_open_memory(srn_decoder *decoder, const void *bytes, size_t n_bytes, const specrnn_log *log)
{
  *decoder = (srn_decoder){.descriptor = -1, .bytes = bytes, .n_bytes = n_bytes};
  if (n_bytes == 0) {
    return srn_fail(log, SPECRNN_ERROR_EMPTY, "nothing in it: 0 bytes");
  }
  if (n_bytes > INT64_MAX) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "%zu bytes are more than can be in memory", n_bytes);
  }
  SF_VIRTUAL_IO io = {memory_length, memory_seek, memory_read, memory_write, memory_tell};
  decoder->sndfile = sf_open_virtual(&io, SFM_READ, &decoder->info, decoder);
  if (!decoder->sndfile) {
    return fail_open(log);
  }
  learn_format(decoder);
  return SPECRNN_OK;
}

/* ------------------------------------------------------------------------------------------------------------ both */

void srn_decoder_close(srn_decoder *decoder)
{
  if (decoder->sndfile) {
    sf_close(decoder->sndfile);
  }
  if (decoder->spool) {
    fclose(decoder->spool);
  }
  if (decoder->descriptor >= 0) {
    close(decoder->descriptor);
  }
  *decoder = (srn_decoder){.descriptor = -1};
}

static const char *format_name(int format)
{
  SF_FORMAT_INFO info = {.format = format};
  return sf_command(NULL, SFC_GET_FORMAT_INFO, &info, sizeof info) == 0 && info.name ? info.name : "unknown";
}

const char *srn_container_name(int format)
{
  return format_name(format & SF_FORMAT_TYPEMASK);
}

const char *srn_encoding_name(int format)
{
  return format_name(format & SF_FORMAT_SUBMASK);
}
