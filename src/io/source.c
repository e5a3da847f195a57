/* Sources of bytes: memory and files. */
#include "io/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "io/whole_file.h"

static specrnn_status read_memory(srn_source *source, void *bytes, size_t size, const specrnn_log *log)
{
  (void)log;
  if (size) {
    memcpy(bytes, source->at, size);
  }
  source->at += size;
  return SPECRNN_OK;
}

static specrnn_status go_back_in_memory(srn_source *source, uint64_t size, const specrnn_log *log)
{
  (void)log;
  source->at -= size;
  return SPECRNN_OK;
}

static void close_memory(srn_source *source)
{
  free(source->handle);
}

static specrnn_status read_file(srn_source *source, void *bytes, size_t size, const specrnn_log *log)
{
  errno = 0;
  if (fread(bytes, 1, size, source->handle) == size) {
    return SPECRNN_OK;
  }
  if (ferror((FILE *)source->handle)) {
    return srn_fail(log, SPECRNN_ERROR_IO, "cannot read: %s", strerror(errno ? errno : EIO));
  }
  return srn_fail(log, SPECRNN_ERROR_IO, "the file became shorter while it was read");
}

static specrnn_status go_back_in_file(srn_source *source, uint64_t size, const specrnn_log *log)
{
  if (fseeko(source->handle, -(off_t)size, SEEK_CUR) != 0) {
    return srn_fail(log, SPECRNN_ERROR_IO, "cannot read again: %s", strerror(errno));
  }
  return SPECRNN_OK;
}

static void close_file(srn_source *source)
{
  srn_input_close(source->handle);
}

srn_source srn_source_memory(const void *bytes, size_t size)
{
  return (srn_source){.read = read_memory, .go_back = go_back_in_memory, .at = bytes, .left = size};
}

specrnn_status srn_source_open(srn_source *source, const char *path, const specrnn_log *log)
{
  FILE *stream;
  specrnn_status status = srn_input_open(&stream, path, log);
  if (status) {
    return status;
  }
  uint64_t left;
  if (srn_input_size(stream, &left)) {
    *source = (srn_source){
        .read = read_file, .go_back = go_back_in_file, .close = close_file, .handle = stream, .left = left};
    return SPECRNN_OK;
  }
  unsigned char *bytes;
  size_t size;
  status = srn_stream_read_whole(&bytes, &size, stream, SRN_WHOLE_FILE_LIMIT, log);
  srn_input_close(stream);
  if (!status) {
    *source = srn_source_memory(bytes, size);
    source->close = close_memory;
    source->handle = bytes;
  }
  return status;
}

void srn_source_close(srn_source *source)
{
  if (source->close) {
    source->close(source);
  }
  *source = (srn_source){0};
}

specrnn_status srn_source_read(srn_source *source, void *bytes, size_t size, const char *what, const specrnn_log *log)
{
  if (size > source->left) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "%s is cut short: %zu bytes are needed, %llu are there", what, size,
                    (unsigned long long)source->left);
  }
  source->left -= size;
  return source->read(source, bytes, size, log);
}

specrnn_status srn_source_go_back(srn_source *source, uint64_t size, const specrnn_log *log)
{
  specrnn_status status = source->go_back(source, size, log);
  if (!status) {
    source->left += size;
  }
  return status;
}
