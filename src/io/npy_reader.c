/* .npy read block by block. */
#include <stdlib.h>

#include "core/log.h"
#include "io/array.h"
#include "io/npy.h"

enum { BUFFER_ELEMENTS = 8192 };

struct specrnn_npy_reader {
  srn_source source;
  srn_npy_header header;
  specrnn_array array;
  uint64_t size;                    /* bytes of the data */
  uint64_t buffer[BUFFER_ELEMENTS]; /* elements as they are stored; the largest have 8 bytes */
};

static specrnn_status open_array(specrnn_npy_reader *r, const char *path, const specrnn_log *log)
{
  specrnn_status status = srn_source_open(&r->source, path, log);
  status = status ? status : srn_npy_read_header(&r->array, &r->header, &r->source, log);
  if (status) {
    return status;
  }
  r->size = r->source.left;
  if (r->header.fortran_order && r->array.rank > 1) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "an array in column-major order cannot be read by rows");
  }
  if (srn_dtype_is_complex(r->array.dtype)) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "the array is complex; real numbers are needed");
  }
  return SPECRNN_OK;
}

specrnn_status specrnn_npy_open(specrnn_npy_reader **out, const char *path, const specrnn_log *log)
{
  specrnn_npy_reader *reader = calloc(1, sizeof *reader);
  if (!reader) {
    return srn_fail_memory(log, sizeof *reader);
  }
  specrnn_status status = open_array(reader, path, log);
  if (status) {
    specrnn_npy_close(&reader);
    return status;
  }
  *out = reader;
  return SPECRNN_OK;
}

void specrnn_npy_close(specrnn_npy_reader **reader)
{
  if (reader && *reader) {
    srn_source_close(&(*reader)->source);
    free(*reader);
    *reader = NULL;
  }
}

const specrnn_array *specrnn_npy_describe(const specrnn_npy_reader *reader)
{
  return &reader->array;
}

/* Reads the next `count` elements block by block, and hands each block to `take` with the place of its first. */
static specrnn_status read_blocks(specrnn_npy_reader *reader, size_t count,
                                  void (*take)(void *to, const specrnn_array *block, size_t at, size_t n), void *to,
                                  const specrnn_log *log)
{
  uint64_t left = reader->source.left / specrnn_dtype_size(reader->array.dtype);
  if (count > left) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "%zu elements are asked for, %llu are left", count,
                    (unsigned long long)left);
  }
  specrnn_array block = reader->array;
  block.data = reader->buffer;
  for (size_t at = 0; at < count;) {
    size_t n = count - at < BUFFER_ELEMENTS ? count - at : BUFFER_ELEMENTS;
    specrnn_status status =
        srn_npy_read_data(reader->buffer, &reader->header, reader->array.dtype, n, &reader->source, log);
    if (status) {
      return status;
    }
    take(to, &block, at, n);
    at += n;
  }
  return SPECRNN_OK;
}

static void take_floats(void *to, const specrnn_array *block, size_t at, size_t n)
{
  srn_array_to_floats((float *)to + at, block, n);
}

static void take_doubles(void *to, const specrnn_array *block, size_t at, size_t n)
{
  srn_array_to_doubles((double *)to + at, block, n);
}

specrnn_status specrnn_npy_read(specrnn_npy_reader *reader, float *values, size_t count, const specrnn_log *log)
{
  return read_blocks(reader, count, take_floats, values, log);
}

specrnn_status specrnn_npy_read_f64(specrnn_npy_reader *reader, double *values, size_t count, const specrnn_log *log)
{
  return read_blocks(reader, count, take_doubles, values, log);
}

specrnn_status specrnn_npy_rewind(specrnn_npy_reader *reader, const specrnn_log *log)
{
  return srn_source_go_back(&reader->source, reader->size - reader->source.left, log);
}
