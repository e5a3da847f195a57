/* .npy on sources and streams: what the files of their own and the entries of .npz share. */
#ifndef SPECRNN_SRC_IO_NPY_H
#define SPECRNN_SRC_IO_NPY_H

#include <stdio.h>

#include "io/npy_header.h"

/* The source holds one array, from its header to its last byte. */
SPECRNN_MUST_CHECK specrnn_status srn_npy_read(specrnn_array **out, srn_source *source, const specrnn_log *log);

/* Reads the header and checks that the data have the length that it says; *array receives type, rank and shape, and no
 * data. */
SPECRNN_MUST_CHECK specrnn_status srn_npy_read_header(specrnn_array *array, srn_npy_header *header, srn_source *source,
                                                      const specrnn_log *log);

/* Reads `count` elements behind the header, into the machine's byte order. */
SPECRNN_MUST_CHECK specrnn_status srn_npy_read_data(void *data, const srn_npy_header *header, specrnn_dtype dtype,
                                                    size_t count, srn_source *source, const specrnn_log *log);

/* As srn_npy_read for strings; see specrnn_npz_read_texts. */
SPECRNN_MUST_CHECK specrnn_status srn_npy_read_texts(char ***out, size_t *count, srn_source *source,
                                                     const specrnn_log *log);

/* "<f4" for SPECRNN_F32; NULL for what .npy cannot hold. */
const char *srn_npy_descr(specrnn_dtype dtype);

/* The size of the numbers that make up an element: a complex one has two. */
size_t srn_npy_unit(specrnn_dtype dtype);

/* Writes all elements in little-endian order. False where the stream did not take them. */
bool srn_npy_write_data(FILE *stream, specrnn_dtype dtype, const void *data, size_t count);

/* Writes a zero-dimensional (`scalar`, count 1) or a rank 1 array of strings. */
SPECRNN_MUST_CHECK specrnn_status srn_npy_write_texts(FILE *stream, const char *const *texts, size_t count, bool scalar,
                                                      const specrnn_log *log);

#endif
