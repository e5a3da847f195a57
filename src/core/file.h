/* Output files that appear whole or not at all: written without a name, synced, and given their name at the end.
 *
 * Where the system has files without a name (Linux, most file systems), nothing is left behind whatever ends the
 * process. Elsewhere the file has a temporary name beside the final one, which temporary.h knows and can remove.
 *
 * A path that names something else than a regular file (a pipe, /dev/null), or a descriptor (/dev/stdout), is written
 * directly, as it cannot be replaced. A symbolic link keeps pointing where it points; one that cannot be followed is
 * refused, and so is a file that may not be written. What replaces a file has its permissions, and its owner and group
 * where the system allows it. */
#ifndef SPECRNN_SRC_CORE_FILE_H
#define SPECRNN_SRC_CORE_FILE_H

#include <stdio.h>

#include "specrnn/core.h"

typedef struct srn_file srn_file;

/* Opens the file. Fails with SPECRNN_ERROR_IO and a message that holds the path and the system's reason. */
SPECRNN_MUST_CHECK specrnn_status srn_file_create(srn_file **out, const char *path, const specrnn_log *log);

/* The stream to write to. Errors may be left to srn_file_commit, which checks ferror. */
FILE *srn_file_stream(srn_file *file);

/* Whether what is written goes to its place at once: a pipe, a device, a descriptor, whose positions are not ours. */
bool srn_file_is_direct(const srn_file *file);

/* Says that everything has been written: from here on the file is synced by a thread of its own, until commit waits for
 * it. Several files are so synced at once, and beside the caller's further work. Where no thread can be had, commit
 * syncs. */
void srn_file_finish(srn_file *file);

/* Flushes and syncs, and gives no name yet: of a set of files every one is settled before the first is committed, so
 * that a full disk leaves none of them. */
SPECRNN_MUST_CHECK specrnn_status srn_file_settle(srn_file *file, const specrnn_log *log);

/* Settles, unless that was done, and gives the file its name; on failure nothing is left of it. *file is NULL
 * afterwards in either case. */
SPECRNN_MUST_CHECK specrnn_status srn_file_commit(srn_file **file, const specrnn_log *log);

/* The same for a set of files that belong together (those that are not NULL). Each is settled before the first gets its
 * name. Two programs that write one set at once mix it: the one that ends last finds that, and fails. */
SPECRNN_MUST_CHECK specrnn_status srn_files_commit(srn_file **const files[], size_t n_files, const specrnn_log *log);

/* Forgets the file: nothing has happened to the final name. Accepts a null file. */
void srn_file_abandon(srn_file **file);

#endif
