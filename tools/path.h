/* Paths and names of inputs and outputs. */
#ifndef SPECRNN_TOOLS_PATH_H
#define SPECRNN_TOOLS_PATH_H

#include <stdbool.h>

/* Whether a path ends with `extension` (".npz"), in any case. */
bool path_has_extension(const char *path, const char *extension);

/* Whether a path is that of a folder: one that exists, or any with / at its end. */
bool path_is_folder(const char *path);

/* FOLDER/NAME.EXTENSION, every / of the name as _, in memory that the caller frees; NULL without memory. */
char *path_in_folder(const char *folder, const char *name, const char *extension);

#endif
