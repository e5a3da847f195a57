/* A .npy that grows by rows in a stream that can be sought: its header is set when the rows are counted. */
#ifndef SPECRNN_SRC_IO_ROWS_H
#define SPECRNN_SRC_IO_ROWS_H

#include <stdio.h>

#include "specrnn/io.h"

typedef struct srn_rows {
  FILE *stream;
  uint64_t start; /* of the header */
  size_t header_size;
  specrnn_dtype dtype;
  int rank;                       /* of the whole array */
  size_t shape[SPECRNN_MAX_RANK]; /* the axis of the rows is set at the end */
  size_t n_channels;              /* 0: rows are the first axis; else the second, after so many channels */
  size_t row_count;               /* elements of a row */
  size_t n_rows;                  /* of all channels */
} srn_rows;

/* Writes a header for no rows at the stream's position. A full disk shows in the stream's error flag; what is returned
 * is SPECRNN_ERROR_UNSUPPORTED for a type that .npy cannot hold, or SPECRNN_ERROR_ARGUMENT for a shape. */
SPECRNN_MUST_CHECK specrnn_status srn_rows_begin(srn_rows *rows, FILE *stream, specrnn_dtype dtype, size_t n_channels,
                                                 int row_rank, const size_t *row_shape, const specrnn_log *log);

/* False where the stream did not take them. */
bool srn_rows_append(srn_rows *rows, const void *data, size_t n_rows);

/* Sets the header and returns to the end. *size receives the length of the whole. False as above. The number of rows is
 * a multiple of the channels. */
bool srn_rows_end(srn_rows *rows, uint64_t *size);

#endif
