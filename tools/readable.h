/* Inputs that can be read as often as one likes, pipes among them. */
#ifndef SPECRNN_TOOLS_READABLE_H
#define SPECRNN_TOOLS_READABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "specrnn/io.h"

typedef struct readable {
  const char *path; /* what to open: the input itself, or the copy of a pipe */
  specrnn_file_format format;
  FILE *copy; /* without a name; or NULL */
  char copy_path[32];
} readable;

/* Opens nothing yet but what cannot be opened twice: standard input ("-") and pipes are copied to their end. False
 * after a message. The path must outlive the object. */
bool readable_open(readable *r, const char *path);

void readable_close(readable *r);

#endif
