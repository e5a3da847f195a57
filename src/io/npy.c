/* .npy: arrays of numbers read and written. */
#include "io/npy.h"

#include <errno.h>
#include <string.h>

#include "core/log.h"
#include "io/bytes.h"
#include "io/sink.h"

/* Element types, without their byte order. */
static const struct {
  const char *code;
  const char *descr; /* as it is written */
  specrnn_dtype dtype;
  size_t unit;
} TYPES[] = {
    {"f4", "<f4", SPECRNN_F32, 4}, {"f8", "<f8", SPECRNN_F64, 8},    {"f2", "<f2", SPECRNN_F16, 2},
    {"i8", "<i8", SPECRNN_I64, 8}, {"i4", "<i4", SPECRNN_I32, 4},    {"u1", "|u1", SPECRNN_U8, 1},
    {"b1", NULL, SPECRNN_U8, 1},   {"c8", "<c8", SPECRNN_C64, 4},    {"i1", "|i1", SPECRNN_I8, 1},
    {"i2", "<i2", SPECRNN_I16, 2}, {"u2", "<u2", SPECRNN_U16, 2},    {"u4", "<u4", SPECRNN_U32, 4},
    {"u8", "<u8", SPECRNN_U64, 8}, {"c16", "<c16", SPECRNN_C128, 8},
};

enum { TYPE_COUNT = sizeof TYPES / sizeof *TYPES };

static size_t type_of(specrnn_dtype dtype)
{
  size_t i = 0;
  while (i < TYPE_COUNT && (TYPES[i].dtype != dtype || !TYPES[i].descr)) {
    i++;
  }
  return i;
}

const char *srn_npy_descr(specrnn_dtype dtype)
{
  size_t i = type_of(dtype);
  return i < TYPE_COUNT ? TYPES[i].descr : NULL;
}

size_t srn_npy_unit(specrnn_dtype dtype)
{
  size_t i = type_of(dtype);
  return i < TYPE_COUNT ? TYPES[i].unit : specrnn_dtype_size(dtype);
}

/* A byte order must be given where it matters, and may be '|' where it does not. */
static specrnn_status find_type(const char *descr, size_t *type, const specrnn_log *log)
{
  bool ordered = descr[0] == '<' || descr[0] == '>';
  for (size_t i = 0; i < TYPE_COUNT; i++) {
    if ((ordered || (descr[0] == '|' && TYPES[i].unit == 1)) && !strcmp(descr + 1, TYPES[i].code)) {
      *type = i;
      return SPECRNN_OK;
    }
  }
  if (strchr(descr, 'O')) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "object arrays hold Python code (a pickle) and are refused");
  }
  return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED,
                  "elements of type '%s'; floats, integers, complex numbers of up to 64 bits a part, and bool are read",
                  descr);
}

/* Column-major to row-major: the place in the file advances by `stride` with each axis. */
static void transpose(specrnn_array *to, const unsigned char *from)
{
  size_t size = specrnn_dtype_size(to->dtype);
  size_t count = specrnn_array_count(to);
  size_t stride[SPECRNN_MAX_RANK];
  size_t place[SPECRNN_MAX_RANK] = {0};
  size_t step = size;
  for (int axis = 0; axis < to->rank; axis++) {
    stride[axis] = step;
    step *= to->shape[axis];
  }
  unsigned char *out = to->data;
  size_t offset = 0;
  for (size_t i = 0; i < count; i++, out += size) {
    memcpy(out, from + offset, size);
    for (int axis = to->rank - 1; axis >= 0; axis--) {
      offset += stride[axis];
      if (++place[axis] < to->shape[axis]) {
        break;
      }
      offset -= stride[axis] * to->shape[axis];
      place[axis] = 0;
    }
  }
}

static specrnn_status to_row_major(specrnn_array **array, const specrnn_log *log)
{
  specrnn_array *ordered;
  specrnn_status status = specrnn_array_create(&ordered, (*array)->dtype, (*array)->rank, (*array)->shape, log);
  if (!status) {
    transpose(ordered, (*array)->data);
    specrnn_array_destroy(array);
    *array = ordered;
  }
  return status;
}

specrnn_status srn_npy_read_header(specrnn_array *array, srn_npy_header *header, srn_source *source,
                                   const specrnn_log *log)
{
  size_t type = 0;
  size_t count = 0;
  specrnn_status status = srn_npy_header_read(header, source, log);
  status = status ? status : find_type(header->descr, &type, log);
  status = status ? status : srn_npy_check_length(header, specrnn_dtype_size(TYPES[type].dtype), source, &count, log);
  if (!status) {
    *array = specrnn_array_view(TYPES[type].dtype, header->rank, header->shape, NULL);
  }
  return status;
}

specrnn_status srn_npy_read_data(void *data, const srn_npy_header *header, specrnn_dtype dtype, size_t count,
                                 srn_source *source, const specrnn_log *log)
{
  size_t bytes = count * specrnn_dtype_size(dtype);
  size_t unit = srn_npy_unit(dtype);
  specrnn_status status = srn_source_read(source, data, bytes, "the array", log);
  if (!status && (header->descr[0] == '>') == SRN_HOST_IS_LITTLE) {
    srn_swap_bytes(data, bytes / unit, unit);
  }
  return status;
}

specrnn_status srn_npy_read(specrnn_array **out, srn_source *source, const specrnn_log *log)
{
  srn_npy_header header;
  specrnn_array stored;
  specrnn_array *array = NULL;
  specrnn_status status = srn_npy_read_header(&stored, &header, source, log);
  status = status ? status : specrnn_array_create(&array, stored.dtype, stored.rank, stored.shape, log);
  if (status) {
    return status;
  }
  status = srn_npy_read_data(array->data, &header, array->dtype, specrnn_array_count(array), source, log);
  if (!status && header.fortran_order && header.rank > 1) {
    status = to_row_major(&array, log);
  }
  if (status) {
    specrnn_array_destroy(&array);
    return status;
  }
  *out = array;
  return SPECRNN_OK;
}

specrnn_status specrnn_npy_load(specrnn_array **out, const char *path, const specrnn_log *log)
{
  srn_source source;
  specrnn_status status = srn_source_open(&source, path, log);
  if (!status) {
    status = srn_npy_read(out, &source, log);
    srn_source_close(&source);
  }
  return status;
}

specrnn_status specrnn_npy_parse(specrnn_array **out, const void *bytes, size_t size, const specrnn_log *log)
{
  srn_source source = srn_source_memory(bytes, size);
  return srn_npy_read(out, &source, log);
}

bool srn_npy_write_data(FILE *stream, specrnn_dtype dtype, const void *data, size_t count)
{
  size_t unit = srn_npy_unit(dtype);
  return srn_write_numbers(stream, data, count * (specrnn_dtype_size(dtype) / unit), unit);
}

specrnn_status specrnn_npy_save(const char *path, const specrnn_array *array, const specrnn_log *log)
{
  const char *descr = srn_npy_descr(array->dtype);
  if (!descr) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, ".npy cannot hold %s", specrnn_dtype_name(array->dtype));
  }
  srn_sink sink;
  specrnn_status status = srn_sink_open(&sink, path, SRN_SINK_DIRECT, log);
  if (status) {
    return status;
  }
  unsigned char header[SRN_NPY_HEADER_SIZE];
  size_t length = srn_npy_header_write(header, descr, array->rank, array->shape, 0);
  status = srn_sink_write(&sink, header, length, log);
  if (!status) {
    errno = 0;
    srn_npy_write_data(sink.stream, array->dtype, array->data, specrnn_array_count(array));
    status = srn_sink_check(&sink, log);
  }
  if (status) {
    srn_sink_abandon(&sink);
    return status;
  }
  return srn_sink_commit(&sink, log);
}
