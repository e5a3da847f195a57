/* What tables need of the writer of .npz beyond its public calls. */
#ifndef SPECRNN_SRC_IO_NPZ_WRITE_H
#define SPECRNN_SRC_IO_NPZ_WRITE_H

#include "specrnn/io.h"

/* specrnn_npz_begin_rows for an array (channels, rows, columns...); with 0 channels the two are the same. */
SPECRNN_MUST_CHECK specrnn_status srn_npz_begin_channels(specrnn_npz_writer *writer, size_t *slot, const char *name,
                                                         specrnn_dtype dtype, size_t n_channels, int row_rank,
                                                         const size_t *row_shape, const specrnn_log *log);

/* The number of entries, and the return to an earlier one: those behind it are forgotten, open ones among them. */
size_t srn_npz_writer_count(const specrnn_npz_writer *writer);
SPECRNN_MUST_CHECK specrnn_status srn_npz_writer_drop_from(specrnn_npz_writer *writer, size_t count,
                                                           const specrnn_log *log);

#endif
