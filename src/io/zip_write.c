/* A zip archive written by libzip: it reads the entries from regions of a file and writes to a stream of ours, so that
 * the archive appears under its name as every other output does. */
#include "io/zip_write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#include "core/log.h"
#include "core/temporary.h"

/* MS-DOS: year since 1980, month, day in bits 9, 5, 0. */
enum { FIRST_DOS_DAY = 1 << 5 | 1 };

/* ---------------------------------------------------------------------------------------------- entries: regions read
 */

typedef struct region_reader {
  int descriptor;
  uint64_t start;
  uint64_t size;
  uint64_t position;
  zip_error_t error;
} region_reader;

static zip_int64_t read_region(region_reader *reader, void *data, zip_uint64_t size)
{
  uint64_t left = reader->size - reader->position;
  size_t wanted = (size_t)(size < left ? size : left);
  ssize_t got = wanted ? pread(reader->descriptor, data, wanted, (off_t)(reader->start + reader->position)) : 0;
  if (got < 0 || (wanted && !got)) {
    zip_error_set(&reader->error, ZIP_ER_READ, got < 0 ? errno : EIO);
    return -1;
  }
  reader->position += (uint64_t)got;
  return got;
}

static zip_int64_t serve_region(void *user, void *data, zip_uint64_t size, zip_source_cmd_t command)
{
  region_reader *reader = user;
  switch (command) {
  case ZIP_SOURCE_OPEN: reader->position = 0; return 0;
  case ZIP_SOURCE_READ: return read_region(reader, data, size);
  case ZIP_SOURCE_CLOSE: return 0;
  case ZIP_SOURCE_STAT: {
    zip_stat_t *stat = data;
    zip_stat_init(stat);
    stat->size = reader->size;
    stat->valid = ZIP_STAT_SIZE;
    return sizeof *stat;
  }
  case ZIP_SOURCE_ERROR: return zip_error_to_data(&reader->error, data, size);
  case ZIP_SOURCE_FREE:
    zip_error_fini(&reader->error);
    free(reader);
    return 0;
  case ZIP_SOURCE_SUPPORTS:
    return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT,
                                          ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, -1);
  default: zip_error_set(&reader->error, ZIP_ER_OPNOTSUPP, 0); return -1;
  }
}

/* --------------------------------------------------------------------------------------------- the archive: a stream
 */

typedef struct stream_writer {
  FILE *stream;
  zip_error_t error;
} stream_writer;

static zip_int64_t fail_write(stream_writer *writer)
{
  zip_error_set(&writer->error, ZIP_ER_WRITE, errno ? errno : EIO);
  return -1;
}

static zip_int64_t write_stream(stream_writer *writer, const void *data, zip_uint64_t size)
{
  errno = 0;
  return fwrite(data, 1, (size_t)size, writer->stream) == size ? (zip_int64_t)size : fail_write(writer);
}

static zip_int64_t seek_stream(stream_writer *writer, void *data, zip_uint64_t size)
{
  zip_source_args_seek_t *arguments = ZIP_SOURCE_GET_ARGS(zip_source_args_seek_t, data, size, &writer->error);
  if (!arguments) {
    return -1;
  }
  errno = 0;
  return fseeko(writer->stream, arguments->offset, arguments->whence) == 0 ? 0 : fail_write(writer);
}

static zip_int64_t tell_stream(stream_writer *writer)
{
  off_t position = ftello(writer->stream);
  return position >= 0 ? position : fail_write(writer);
}

/* The archive is always new: there is nothing in it to read, and nothing that a rollback would bring back. */
static zip_int64_t serve_stream(void *user, void *data, zip_uint64_t size, zip_source_cmd_t command)
{
  stream_writer *writer = user;
  switch (command) {
  case ZIP_SOURCE_BEGIN_WRITE:
  case ZIP_SOURCE_ROLLBACK_WRITE:
  case ZIP_SOURCE_REMOVE:
  case ZIP_SOURCE_FREE: return 0;
  case ZIP_SOURCE_WRITE: return write_stream(writer, data, size);
  case ZIP_SOURCE_SEEK_WRITE: return seek_stream(writer, data, size);
  case ZIP_SOURCE_TELL_WRITE: return tell_stream(writer);
  case ZIP_SOURCE_COMMIT_WRITE: errno = 0; return fflush(writer->stream) == 0 ? 0 : fail_write(writer);
  case ZIP_SOURCE_STAT: zip_error_set(&writer->error, ZIP_ER_READ, ENOENT); return -1;
  case ZIP_SOURCE_ERROR: return zip_error_to_data(&writer->error, data, size);
  case ZIP_SOURCE_SUPPORTS: return ZIP_SOURCE_SUPPORTS_WRITABLE;
  default: zip_error_set(&writer->error, ZIP_ER_OPNOTSUPP, 0); return -1;
  }
}

/* -------------------------------------------------------------------------------------------------------- the archive
 */

static bool add_region(zip_t *archive, int descriptor, const srn_zip_region *region, bool deflate)
{
  region_reader *reader = calloc(1, sizeof *reader);
  if (!reader) {
    zip_error_set(zip_get_error(archive), ZIP_ER_MEMORY, 0);
    return false;
  }
  reader->descriptor = descriptor;
  reader->start = region->start;
  reader->size = region->size;
  zip_error_init(&reader->error);
  zip_source_t *source = zip_source_function(archive, serve_region, reader);
  if (!source) {
    free(reader);
    return false;
  }
  zip_int64_t index = zip_file_add(archive, region->name, source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(source);
    return false;
  }
  return zip_set_file_compression(archive, (zip_uint64_t)index, deflate ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0) == 0 &&
         zip_file_set_dostime(archive, (zip_uint64_t)index, 0, FIRST_DOS_DAY, 0) == 0;
}

static specrnn_status fail_zip(const srn_sink *sink, zip_error_t *error, const specrnn_log *log)
{
  specrnn_status status = zip_error_code_zip(error) == ZIP_ER_MEMORY ? SPECRNN_ERROR_MEMORY : SPECRNN_ERROR_IO;
  if (zip_error_system_type(error) == ZIP_ET_SYS) {
    return srn_fail(log, status, "%s: cannot write: %s", sink->path, strerror(zip_error_code_system(error)));
  }
  return srn_fail(log, status, "%s: cannot write: %s", sink->path, zip_error_strerror(error));
}

static specrnn_status write_archive(srn_sink *sink, stream_writer *writer, int descriptor,
                                    const srn_zip_region *regions, size_t count, bool deflate, const specrnn_log *log)
{
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t *target = zip_source_function_create(serve_stream, writer, &error);
  zip_t *archive = target ? zip_open_from_source(target, ZIP_CREATE | ZIP_TRUNCATE, &error) : NULL;
  if (!archive) {
    specrnn_status status = fail_zip(sink, &error, log);
    zip_source_free(target);
    zip_error_fini(&error);
    return status;
  }
  zip_error_fini(&error);
  bool written = true;
  for (size_t i = 0; written && i < count; i++) {
    written = add_region(archive, descriptor, &regions[i], deflate);
  }
  if (!written || zip_close(archive) != 0) {
    specrnn_status status = fail_zip(sink, zip_get_error(archive), log);
    zip_discard(archive);
    return status;
  }
  return SPECRNN_OK;
}

specrnn_status srn_zip_write(srn_sink *sink, FILE *spool, const srn_zip_region *regions, size_t count, bool deflate,
                             const specrnn_log *log)
{
  if (fflush(spool) != 0) {
    return srn_fail_temporary(log, "write", errno);
  }
  stream_writer writer = {.stream = sink->stream};
  zip_error_init(&writer.error);
  specrnn_status status = write_archive(sink, &writer, fileno(spool), regions, count, deflate, log);
  zip_error_fini(&writer.error);
  return status;
}
