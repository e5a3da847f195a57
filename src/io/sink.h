/* Where output goes: a file that appears whole or not at all, or standard output. */
#ifndef SPECRNN_SRC_IO_SINK_H
#define SPECRNN_SRC_IO_SINK_H

#include <stdio.h>

#include "core/file.h"

typedef enum srn_sink_kind {
  SRN_SINK_DIRECT,   /* written from front to back */
  SRN_SINK_SEEKABLE, /* earlier bytes are changed later; what cannot be sought is collected in a temporary file first */
} srn_sink_kind;

typedef struct srn_sink {
  FILE *stream;   /* to write to; in a seekable sink position 0 is the start of the output */
  srn_file *file; /* NULL for standard output */
  FILE *spool;    /* the temporary file, or NULL */
  char *path;     /* for messages */
  bool settled;
} srn_sink;

/* "-" is standard output. */
SPECRNN_MUST_CHECK specrnn_status srn_sink_open(srn_sink *sink, const char *path, srn_sink_kind kind,
                                                const specrnn_log *log);

SPECRNN_MUST_CHECK specrnn_status srn_sink_write(srn_sink *sink, const void *bytes, size_t size,
                                                 const specrnn_log *log);

/* Writes numbers of `size` bytes in little-endian order. */
SPECRNN_MUST_CHECK specrnn_status srn_sink_write_numbers(srn_sink *sink, const void *numbers, size_t count, size_t size,
                                                         const specrnn_log *log);

/* After printing to the stream: whether all of it was taken. */
SPECRNN_MUST_CHECK specrnn_status srn_sink_check(srn_sink *sink, const specrnn_log *log);

/* Moves in a seekable sink. */
SPECRNN_MUST_CHECK specrnn_status srn_sink_seek(srn_sink *sink, uint64_t position, const specrnn_log *log);

/* All is written, and synced where it is a file, which has no name yet: see srn_file_settle. */
SPECRNN_MUST_CHECK specrnn_status srn_sink_settle(srn_sink *sink, const specrnn_log *log);

/* Settles, and gives the file its name. The sink is empty afterwards in either case. */
SPECRNN_MUST_CHECK specrnn_status srn_sink_commit(srn_sink *sink, const specrnn_log *log);

/* Accepts an empty sink. */
void srn_sink_abandon(srn_sink *sink);

/* The sizes of what is written piecewise: numbers in the order of files. False where the stream did not take them. */
bool srn_write_numbers(FILE *stream, const void *numbers, size_t count, size_t size);

/* Appends `size` bytes of `from`, from its position on. False where reading or writing failed; errno says why. */
bool srn_copy_stream(FILE *to, FILE *from, uint64_t size);

#endif
