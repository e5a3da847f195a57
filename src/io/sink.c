/* Output files and standard output. */
#include "io/sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "core/temporary.h"
#include "io/bytes.h"

enum { COPY_BLOCK = 1 << 14 };

static specrnn_status fail_target(const srn_sink *sink, const specrnn_log *log, int reason)
{
  return srn_fail(log, SPECRNN_ERROR_IO, "%s: cannot write: %s", sink->path, strerror(reason ? reason : EIO));
}

/* Of the stream that is written to, which may be the temporary file. */
static specrnn_status fail_write(const srn_sink *sink, const specrnn_log *log, int reason)
{
  if (sink->spool) {
    return srn_fail_temporary(log, "write", reason);
  }
  return fail_target(sink, log, reason);
}

specrnn_status srn_sink_open(srn_sink *sink, const char *path, srn_sink_kind kind, const specrnn_log *log)
{
  srn_sink opened = {0};
  bool to_stdout = !strcmp(path, "-");
  opened.path = strdup(to_stdout ? "standard output" : path);
  if (!opened.path) {
    return srn_fail_memory(log, strlen(path) + 1);
  }
  specrnn_status status = to_stdout ? SPECRNN_OK : srn_file_create(&opened.file, path, log);
  if (status) {
    goto failed;
  }
  opened.stream = to_stdout ? stdout : srn_file_stream(opened.file);
  /* Standard output may be a file that others append to: its positions are not ours. */
  if (kind == SRN_SINK_SEEKABLE && (to_stdout || srn_file_is_direct(opened.file))) {
    opened.spool = tmpfile();
    if (!opened.spool) {
      status = srn_fail_temporary(log, "make", errno);
      goto failed;
    }
    opened.stream = opened.spool;
  }
  *sink = opened;
  return SPECRNN_OK;

failed:
  srn_sink_abandon(&opened);
  return status;
}

bool srn_write_numbers(FILE *stream, const void *numbers, size_t count, size_t size)
{
  if (SRN_HOST_IS_LITTLE || size == 1) {
    return !count || fwrite(numbers, size, count, stream) == count;
  }
  unsigned char block[COPY_BLOCK];
  const unsigned char *at = numbers;
  while (count) {
    size_t part = count < sizeof block / size ? count : sizeof block / size;
    memcpy(block, at, part * size);
    srn_swap_bytes(block, part, size);
    if (fwrite(block, size, part, stream) != part) {
      return false;
    }
    at += part * size;
    count -= part;
  }
  return true;
}

specrnn_status srn_sink_write(srn_sink *sink, const void *bytes, size_t size, const specrnn_log *log)
{
  errno = 0;
  return !size || fwrite(bytes, 1, size, sink->stream) == size ? SPECRNN_OK : fail_write(sink, log, errno);
}

specrnn_status srn_sink_write_numbers(srn_sink *sink, const void *numbers, size_t count, size_t size,
                                      const specrnn_log *log)
{
  errno = 0;
  return srn_write_numbers(sink->stream, numbers, count, size) ? SPECRNN_OK : fail_write(sink, log, errno);
}

specrnn_status srn_sink_check(srn_sink *sink, const specrnn_log *log)
{
  return ferror(sink->stream) ? fail_write(sink, log, errno) : SPECRNN_OK;
}

specrnn_status srn_sink_seek(srn_sink *sink, uint64_t position, const specrnn_log *log)
{
  errno = 0;
  return fseeko(sink->stream, (off_t)position, SEEK_SET) == 0 ? SPECRNN_OK : fail_write(sink, log, errno);
}

bool srn_copy_stream(FILE *to, FILE *from, uint64_t size)
{
  unsigned char block[COPY_BLOCK];
  while (size) {
    size_t part = size < sizeof block ? (size_t)size : sizeof block;
    if (fread(block, 1, part, from) != part || fwrite(block, 1, part, to) != part) {
      return false;
    }
    size -= part;
  }
  return true;
}

static specrnn_status empty_spool(srn_sink *sink, const specrnn_log *log)
{
  FILE *target = sink->file ? srn_file_stream(sink->file) : stdout;
  errno = 0;
  if (fflush(sink->spool) != 0 || fseeko(sink->spool, 0, SEEK_END) != 0) {
    return fail_write(sink, log, errno);
  }
  off_t size = ftello(sink->spool);
  if (size < 0 || fseeko(sink->spool, 0, SEEK_SET) != 0 || !srn_copy_stream(target, sink->spool, (uint64_t)size)) {
    return fail_target(sink, log, errno);
  }
  return SPECRNN_OK;
}

static void release(srn_sink *sink)
{
  if (sink->spool) {
    fclose(sink->spool);
  }
  free(sink->path);
  *sink = (srn_sink){0};
}

specrnn_status srn_sink_settle(srn_sink *sink, const specrnn_log *log)
{
  if (sink->settled) {
    return SPECRNN_OK;
  }
  errno = 0;
  bool failed = ferror(sink->stream);
  if (fflush(sink->stream) != 0 || failed) { /* what a failed write left is tried again, and says why */
    return fail_write(sink, log, errno);
  }
  specrnn_status status = sink->spool ? empty_spool(sink, log) : SPECRNN_OK;
  if (!status && sink->file) {
    status = srn_file_settle(sink->file, log);
  } else if (!status && fflush(stdout) != 0) {
    status = fail_target(sink, log, errno);
  }
  sink->settled = !status;
  return status;
}

specrnn_status srn_sink_commit(srn_sink *sink, const specrnn_log *log)
{
  specrnn_status status = srn_sink_settle(sink, log);
  if (sink->file && !status) {
    status = srn_file_commit(&sink->file, log);
  }
  srn_file_abandon(&sink->file);
  release(sink);
  return status;
}

void srn_sink_abandon(srn_sink *sink)
{
  srn_file_abandon(&sink->file);
  release(sink);
}
