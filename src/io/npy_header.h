/* The header of .npy: magic, version, and a Python dictionary literal with type, order and shape.
 * The format is described in NumPy's documentation, "NEP 1" and numpy.lib.format. */
#ifndef SPECRNN_SRC_IO_NPY_HEADER_H
#define SPECRNN_SRC_IO_NPY_HEADER_H

#include "io/source.h"
#include "specrnn/io.h"

enum {
  SRN_NPY_DESCR_SIZE = 32,
  SRN_NPY_HEADER_SIZE = 512, /* more than any header that is written */
};

typedef struct srn_npy_header {
  char descr[SRN_NPY_DESCR_SIZE]; /* "<f4" */
  bool fortran_order;
  int rank;
  size_t shape[SPECRNN_MAX_RANK];
} srn_npy_header;

/* Reads and checks everything in front of the data. */
SPECRNN_MUST_CHECK specrnn_status srn_npy_header_read(srn_npy_header *header, srn_source *source,
                                                      const specrnn_log *log);

/* Checks that the source holds exactly `item_size` bytes for every element; *count receives their number. */
SPECRNN_MUST_CHECK specrnn_status srn_npy_check_length(const srn_npy_header *header, size_t item_size,
                                                       const srn_source *source, size_t *count, const specrnn_log *log);

/* Writes a version 1.0 header as numpy.save does, and returns its length. NumPy leaves room for a first axis of 20
 * digits, so the length does not depend on the number of rows: it can be set when all rows are written. Where another
 * axis is not known either, `min_size` (0, or what an earlier header took) keeps the room. */
size_t srn_npy_header_write(unsigned char bytes[SRN_NPY_HEADER_SIZE], const char *descr, int rank, const size_t *shape,
                            size_t min_size);

#endif
