/* Paths and names of inputs and outputs. */
#ifndef SPECRNN_TOOLS_PATH_H
#define SPECRNN_TOOLS_PATH_H

#include <stdbool.h>

/* Whether a path ends with `extension` (".npz"), in any case. */
bool path_has_extension(const char *path, const char *extension);

/* Whether a path is that of a folder: one that exists, or any with / at its end. */
bool path_is_folder(const char *path);

#endif
