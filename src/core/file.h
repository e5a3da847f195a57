/* Output files that appear whole or not at all: written under a temporary name beside the final one, synced, renamed.
 *
 * A path that names something else than a regular file (a pipe, /dev/null) is written directly, as it cannot be
 * replaced; a symbolic link keeps pointing where it points. */
#ifndef SPECRNN_SRC_CORE_FILE_H
#define SPECRNN_SRC_CORE_FILE_H

#include <stdio.h>

#include "specrnn/core.h"

typedef struct srn_file srn_file;

/* Opens the temporary file. Fails with SPECRNN_ERROR_IO and a message that holds the path and the system's reason. */
SPECRNN_MUST_CHECK specrnn_status srn_file_create(srn_file **out, const char *path, const specrnn_log *log);

/* The stream to write to. Errors may be left to srn_file_commit, which checks ferror. */
FILE *srn_file_stream(srn_file *file);

/* Says that everything has been written: from here on the file is synced by a thread of its own, until commit waits for
 * it. Several files are so synced at once, and beside the caller's further work. Where no thread can be had, commit
 * syncs. */
void srn_file_finish(srn_file *file);

/* Flushes, syncs and renames; on failure the temporary file is removed. *file is NULL afterwards in either case. */
SPECRNN_MUST_CHECK specrnn_status srn_file_commit(srn_file **file, const specrnn_log *log);

/* Removes the temporary file: nothing has happened to the final name. Accepts a null file. */
void srn_file_abandon(srn_file **file);

#endif
