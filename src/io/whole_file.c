/* Files read into memory at once. */
#include "io/whole_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/log.h"

enum { FIRST_BLOCK = 1 << 16 };

static specrnn_status fail_read(const specrnn_log *log, int reason)
{
  return srn_fail(log, SPECRNN_ERROR_IO, "cannot read: %s", strerror(reason));
}

specrnn_status srn_input_open(FILE **out, const char *path, const specrnn_log *log)
{
  if (!strcmp(path, "-")) {
    *out = stdin;
    return SPECRNN_OK;
  }
  FILE *stream = fopen(path, "rb");
  if (!stream) {
    return fail_read(log, errno);
  }
  struct stat status;
  if (fstat(fileno(stream), &status) == 0 && S_ISDIR(status.st_mode)) {
    fclose(stream);
    return fail_read(log, EISDIR);
  }
  *out = stream;
  return SPECRNN_OK;
}

void srn_input_close(FILE *stream)
{
  if (stream && stream != stdin) {
    fclose(stream);
  }
}

bool srn_input_size(FILE *stream, uint64_t *size)
{
  struct stat status;
  off_t position = ftello(stream);
  if (position < 0 || fstat(fileno(stream), &status) != 0 || !S_ISREG(status.st_mode) || status.st_size < position) {
    return false;
  }
  *size = (uint64_t)(status.st_size - position);
  return true;
}

/* Where the size is known, one byte more is asked for, so that the end of the file shows without another block. */
static size_t first_capacity(FILE *stream, size_t limit)
{
  uint64_t size;
  if (!srn_input_size(stream, &size)) {
    return FIRST_BLOCK;
  }
  return size < limit ? (size_t)size + 1 : limit + 1;
}

specrnn_status srn_stream_read_whole(unsigned char **bytes, size_t *size, FILE *stream, size_t limit,
                                     const specrnn_log *log)
{
  size_t capacity = first_capacity(stream, limit);
  size_t used = 0;
  unsigned char *block = malloc(capacity);
  if (!block) {
    return srn_fail_memory(log, capacity);
  }
  specrnn_status status = SPECRNN_OK;
  for (;;) {
    errno = 0;
    used += fread(block + used, 1, capacity - used, stream);
    if (used < capacity) {
      break;
    }
    if (used > limit) {
      status = srn_fail(log, SPECRNN_ERROR_FORMAT, "larger than the limit of %zu bytes", limit);
      goto failed;
    }
    unsigned char *grown = realloc(block, capacity * 2);
    if (!grown) {
      status = srn_fail_memory(log, capacity * 2);
      goto failed;
    }
    block = grown;
    capacity *= 2;
  }
  if (ferror(stream)) {
    status = fail_read(log, errno ? errno : EIO);
    goto failed;
  }
  if (used > limit) {
    status = srn_fail(log, SPECRNN_ERROR_FORMAT, "larger than the limit of %zu bytes", limit);
    goto failed;
  }
  *bytes = block;
  *size = used;
  return SPECRNN_OK;

failed:
  free(block);
  return status;
}

specrnn_status srn_whole_file_read(unsigned char **bytes, size_t *size, const char *path, size_t limit,
                                   const specrnn_log *log)
{
  FILE *stream;
  specrnn_status status = srn_input_open(&stream, path, log);
  if (status) {
    return status;
  }
  status = srn_stream_read_whole(bytes, size, stream, limit, log);
  srn_input_close(stream);
  return status;
}
