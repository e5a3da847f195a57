/* .npy files that grow by rows. */
#include "io/rows.h"

#include "core/checked.h"
#include "core/log.h"
#include "io/npy.h"

static bool write_header(const srn_rows *rows)
{
  unsigned char header[SRN_NPY_HEADER_SIZE];
  size_t length = srn_npy_header_write(header, srn_npy_descr(rows->dtype), rows->rank, rows->shape);
  return fwrite(header, 1, length, rows->stream) == length;
}

specrnn_status srn_rows_begin(srn_rows *rows, FILE *stream, specrnn_dtype dtype, int row_rank, const size_t *row_shape,
                              const specrnn_log *log)
{
  if (!srn_npy_descr(dtype)) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, ".npy cannot hold %s", specrnn_dtype_name(dtype));
  }
  if (row_rank < 0 || row_rank >= SPECRNN_MAX_RANK) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "rows of rank %d; 0 to %d is possible", row_rank,
                    SPECRNN_MAX_RANK - 1);
  }
  srn_rows begun = {.stream = stream, .dtype = dtype, .rank = row_rank + 1, .row_count = 1};
  size_t bytes = specrnn_dtype_size(dtype);
  for (int i = 0; i < row_rank; i++) {
    begun.shape[i + 1] = row_shape[i];
    begun.row_count *= row_shape[i];
    if (!srn_size_mul(bytes, row_shape[i], &bytes)) {
      return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "rows of more bytes than memory can have");
    }
  }
  off_t start = ftello(stream);
  begun.start = start > 0 ? (uint64_t)start : 0;
  write_header(&begun);
  *rows = begun;
  return SPECRNN_OK;
}

bool srn_rows_append(srn_rows *rows, const void *data, size_t n_rows)
{
  rows->shape[0] += n_rows;
  return srn_npy_write_data(rows->stream, rows->dtype, data, n_rows * rows->row_count);
}

bool srn_rows_end(srn_rows *rows, uint64_t *size)
{
  off_t end = ftello(rows->stream);
  if (end < 0 || fseeko(rows->stream, (off_t)rows->start, SEEK_SET) != 0 || !write_header(rows) ||
      fseeko(rows->stream, end, SEEK_SET) != 0 || ferror(rows->stream)) {
    return false;
  }
  *size = (uint64_t)end - rows->start;
  return true;
}
