/* Bytes from a file, from memory or from an entry of a zip, with the number that is still to come known: so that no
 * header can claim more than there is. */
#ifndef SPECRNN_SRC_IO_SOURCE_H
#define SPECRNN_SRC_IO_SOURCE_H

#include "specrnn/core.h"

typedef struct srn_source srn_source;

struct srn_source {
  /* Reads exactly `size` bytes, which are there by what the source knows. */
  specrnn_status (*read)(srn_source *source, void *bytes, size_t size, const specrnn_log *log);
  /* Goes back by `size` bytes; NULL where that cannot be. */
  specrnn_status (*go_back)(srn_source *source, uint64_t size, const specrnn_log *log);
  void (*close)(srn_source *source); /* or NULL */
  void *handle;
  const unsigned char *at; /* for a source in memory */
  uint64_t left;
};

/* Borrows the bytes. Needs no closing. */
srn_source srn_source_memory(const void *bytes, size_t size);

/* A regular file is read as it is needed; a pipe ("-" is standard input) is read into memory first. */
SPECRNN_MUST_CHECK specrnn_status srn_source_open(srn_source *source, const char *path, const specrnn_log *log);

void srn_source_close(srn_source *source);

/* Goes back by `size` bytes that were read. Not for entries of a zip. */
SPECRNN_MUST_CHECK specrnn_status srn_source_go_back(srn_source *source, uint64_t size, const specrnn_log *log);

/* Reads exactly `size` bytes. Fewer left is SPECRNN_ERROR_FORMAT: "NAME is cut short: ...". */
SPECRNN_MUST_CHECK specrnn_status srn_source_read(srn_source *source, void *bytes, size_t size, const char *what,
                                                  const specrnn_log *log);

#endif
