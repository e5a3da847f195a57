/* What a block of bytes is, by its structure. */
#ifndef SPECRNN_SRC_IO_FORMAT_H
#define SPECRNN_SRC_IO_FORMAT_H

#include "specrnn/io.h"

/* As specrnn_file_identify for a file in memory. */
specrnn_file_format srn_format_of(const void *bytes, size_t n_bytes);

#endif
