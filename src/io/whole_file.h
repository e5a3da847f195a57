/* A file that is read into memory at once, with a limit on its size. */
#ifndef SPECRNN_SRC_IO_WHOLE_FILE_H
#define SPECRNN_SRC_IO_WHOLE_FILE_H

#include <stdio.h>

#include "specrnn/core.h"

/* What no reader of a format that must be in memory asks for more than. */
#define SRN_WHOLE_FILE_LIMIT (SIZE_MAX / 4)

/* Opens for reading; "-" is standard input. A directory is refused. Messages do not repeat the path. */
SPECRNN_MUST_CHECK specrnn_status srn_input_open(FILE **out, const char *path, const specrnn_log *log);

/* Closes what srn_input_open gave, except standard input. */
void srn_input_close(FILE *stream);

/* The bytes from the stream's position to the end of a regular file; false for anything else. */
bool srn_input_size(FILE *stream, uint64_t *size);

/* Reads the rest of a stream. The block grows with what was read, never with what a header claims, and is at most twice
 * as large. A file above `limit` bytes is SPECRNN_ERROR_FORMAT. *bytes goes with free(), and is not NULL for an empty
 * file. */
SPECRNN_MUST_CHECK specrnn_status srn_stream_read_whole(unsigned char **bytes, size_t *size, FILE *stream, size_t limit,
                                                        const specrnn_log *log);

/* Opens, reads and closes. */
SPECRNN_MUST_CHECK specrnn_status srn_whole_file_read(unsigned char **bytes, size_t *size, const char *path,
                                                      size_t limit, const specrnn_log *log);

#endif
