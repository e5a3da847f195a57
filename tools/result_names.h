/* What results are called: one rule for arrays in files and for files in folders.
 *
 * An input is called by the last part of its path, without the extension. A table in an .ark always has that name;
 * arrays of an .npz have it in front, NAME/features, but for a single input that the command line names. A folder gets
 * a file of that name for each input. Two results never have one place. */
#ifndef SPECRNN_TOOLS_RESULT_NAMES_H
#define SPECRNN_TOOLS_RESULT_NAMES_H

#include "specrnn/io.h"

#define NAMES_OPTION(offset)                                                                                           \
  {                                                                                                                    \
    "names", 0, CLI_STRING, "auto|always", offset, 0, 0,                                                               \
        "whether arrays have the name of their input in front, NAME/features: those of several inputs and of .ark "    \
        "(auto), "                                                                                                     \
        "or all (always)"                                                                                              \
  }

/* Whether arrays are named, of what --names says (NULL: auto). `several`: the file holds more than one input. False
 * after a message for another word, and for a format that has no names. */
bool result_names_choose(const char *text, specrnn_table_format format, bool several, bool *named);

/* The name of an input: the last part of its path, without the extension; "stdin" for "-". Truncates. */
void input_name(const char *path, char *name, size_t size);

/* False after a message where two of the inputs have one name: their results would have one place. */
bool input_names_differ(const char *const *paths, int n_paths);

/* FOLDER/NAME.EXTENSION, every / of the name as _, in memory that the caller frees; NULL without memory. */
char *path_in_folder(const char *folder, const char *name, const char *extension);

/* False after a message where two names lead path_in_folder to one file, by their text or by what the folder holds. */
bool folder_places_differ(const char *folder, const char *const *names, size_t n_names, const char *extension);

#endif
