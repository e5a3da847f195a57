/* Paths that name an open descriptor of a process: /dev/stdout, /dev/fd/3, /proc/self/fd/1, and whatever leads there.
 */
#ifndef SPECRNN_SRC_CORE_DESCRIPTOR_H
#define SPECRNN_SRC_CORE_DESCRIPTOR_H

#include <stdbool.h>

/* Whether the path leads to a descriptor; then *opened is a new one for writing to the same file, or -1 with the reason
 * in errno; so it is where memory is lacking to find out. Opened by the path alone, as any other, a file behind it
 * would be another one, which begins at its start.
 *
 * One of this process is duplicated, with its position. Of that of another process the position is not to be had: what
 * is written goes to the end of its file. */
bool srn_descriptor_named(const char *path, int *opened);

#endif
