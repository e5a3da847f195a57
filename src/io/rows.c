/* .npy files that grow by rows. */
#include "io/rows.h"

#include <string.h>

#include "core/checked.h"
#include "core/log.h"
#include "io/npy.h"

static size_t format_header(const srn_rows *rows, size_t n_rows, unsigned char header[SRN_NPY_HEADER_SIZE])
{
  size_t shape[SPECRNN_MAX_RANK];
  memcpy(shape, rows->shape, sizeof shape);
  shape[rows->n_channels ? 1 : 0] = n_rows;
  return srn_npy_header_write(header, srn_npy_descr(rows->dtype), rows->rank, shape, rows->header_size);
}

static specrnn_status set_shape(srn_rows *rows, int row_rank, const size_t *row_shape, const specrnn_log *log)
{
  size_t bytes = specrnn_dtype_size(rows->dtype);
  rows->rank = 0;
  if (rows->n_channels) {
    rows->shape[rows->rank++] = rows->n_channels;
  }
  rows->shape[rows->rank++] = 0;
  if (row_rank < 0 || row_rank > SPECRNN_MAX_RANK - rows->rank) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "rows of rank %d; 0 to %d is possible", row_rank,
                    SPECRNN_MAX_RANK - rows->rank);
  }
  rows->row_count = 1;
  for (int i = 0; i < row_rank; i++) {
    if (!srn_size_mul(bytes, row_shape[i], &bytes)) {
      return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "rows of more bytes than memory can have");
    }
    rows->shape[rows->rank++] = row_shape[i];
    rows->row_count *= row_shape[i];
  }
  return SPECRNN_OK;
}

specrnn_status srn_rows_begin(srn_rows *rows, FILE *stream, specrnn_dtype dtype, size_t n_channels, int row_rank,
                              const size_t *row_shape, const specrnn_log *log)
{
  if (!srn_npy_descr(dtype)) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, ".npy cannot hold %s", specrnn_dtype_name(dtype));
  }
  srn_rows begun = {.stream = stream, .dtype = dtype, .n_channels = n_channels};
  specrnn_status status = set_shape(&begun, row_rank, row_shape, log);
  if (status) {
    return status;
  }
  off_t start = ftello(stream);
  begun.start = start > 0 ? (uint64_t)start : 0;
  unsigned char header[SRN_NPY_HEADER_SIZE];
  begun.header_size = format_header(&begun, SIZE_MAX, header); /* room for any number */
  fwrite(header, 1, begun.header_size, stream);
  *rows = begun;
  return SPECRNN_OK;
}

bool srn_rows_append(srn_rows *rows, const void *data, size_t n_rows)
{
  rows->n_rows += n_rows;
  return srn_npy_write_data(rows->stream, rows->dtype, data, n_rows * rows->row_count);
}

bool srn_rows_end(srn_rows *rows, uint64_t *size)
{
  unsigned char header[SRN_NPY_HEADER_SIZE];
  size_t n_rows = rows->n_channels ? rows->n_rows / rows->n_channels : rows->n_rows;
  size_t header_size = format_header(rows, n_rows, header);
  off_t end = ftello(rows->stream);
  if (end < 0 || fseeko(rows->stream, (off_t)rows->start, SEEK_SET) != 0 ||
      fwrite(header, 1, header_size, rows->stream) != header_size || fseeko(rows->stream, end, SEEK_SET) != 0 ||
      ferror(rows->stream)) {
    return false;
  }
  *size = (uint64_t)end - rows->start;
  return true;
}
