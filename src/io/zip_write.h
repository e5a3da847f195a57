/* A zip archive written by libzip from regions of one file. The only writer on libzip. */
#ifndef SPECRNN_SRC_IO_ZIP_WRITE_H
#define SPECRNN_SRC_IO_ZIP_WRITE_H

#include "io/sink.h"

/* An entry: a name, and where its bytes lie. */
typedef struct srn_zip_region {
  const char *name;
  uint64_t start;
  uint64_t size;
} srn_zip_region;

/* Writes the archive to a seekable sink, which stays open. The bytes depend on names and content alone: every entry is
 * dated 1980-01-01, as by numpy.savez. `spool` is flushed first and read by position. */
SPECRNN_MUST_CHECK specrnn_status srn_zip_write(srn_sink *sink, FILE *spool, const srn_zip_region *regions,
                                                size_t count, bool deflate, const specrnn_log *log);

#endif
