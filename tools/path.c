/* Paths and names of inputs and outputs. */
#include "path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

bool path_has_extension(const char *path, const char *extension)
{
  size_t length = strlen(path);
  size_t n = strlen(extension);
  return length > n && !strcasecmp(path + length - n, extension);
}

bool path_is_folder(const char *path)
{
  struct stat status;
  size_t length = strlen(path);
  return (length > 0 && path[length - 1] == '/') || (stat(path, &status) == 0 && S_ISDIR(status.st_mode));
}
