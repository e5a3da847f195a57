/* Bands of rows as one zlib stream, pressed piece by piece on several threads: the same bytes whatever their number. */
#ifndef SPECRNN_SRC_PLOT_DEFLATE_H
#define SPECRNN_SRC_PLOT_DEFLATE_H

#include <stdbool.h>
#include <stdint.h>

#include "specrnn/core.h"

typedef struct srn_deflater srn_deflater;

/* Where the rows come from: row `row` of the band into `out`. Called by several threads at once. */
typedef void (*srn_row_packer)(const void *user, size_t row, unsigned char *out);

typedef struct srn_piece {
  unsigned char *data;
  size_t size;
} srn_piece;

/* level: zlib's, 1 to 9. No band may have more than max_rows rows. */
SPECRNN_MUST_CHECK specrnn_status srn_deflater_create(srn_deflater **out, int level, size_t row_bytes, size_t max_rows,
                                                      const specrnn_log *log);
void srn_deflater_destroy(srn_deflater **deflater);

/* Presses the next band; `last` ends the stream. Its part of the stream is *pieces (*n_pieces), one after the other,
 * which belong to the deflater and live until the next call. */
SPECRNN_MUST_CHECK specrnn_status srn_deflater_press(srn_deflater *deflater, size_t n_rows, srn_row_packer pack,
                                                     const void *user, bool last, const srn_piece **pieces,
                                                     size_t *n_pieces, const specrnn_log *log);

#endif
