/* Paths that name a descriptor: links of the file system /proc that no path can follow. */
#include "core/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_LINKS = 40, FIRST_SIZE = 256 };

static const char OWN_PROCESS[] = "/proc/self";
static const char OWN_DESCRIPTORS[] = "/proc/self/fd";

/* FOLDER/NAME, or NULL without memory. */
static char *join(const char *folder, const char *name)
{
  size_t length = strlen(folder);
  char *path = malloc(length + strlen(name) + sizeof "/");
  if (path) {
    memcpy(path, folder, length);
    path[length] = '/';
    strcpy(path + length + 1, name);
  }
  return path;
}

/* The path, its folder without links and dots: every way to a folder becomes one. NULL where there is no such folder.
 */
static char *resolve_folder(const char *path)
{
  const char *slash = strrchr(path, '/');
  char *folder = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
  char *resolved = folder ? realpath(folder, NULL) : NULL;
  char *whole = resolved ? join(resolved, slash ? slash + 1 : path) : NULL;
  free(resolved);
  free(folder);
  return whole;
}

/* What a link says, or NULL. */
static char *read_link(const char *path)
{
  for (size_t size = FIRST_SIZE;; size *= 2) {
    char *target = malloc(size);
    ssize_t length = target ? readlink(path, target, size) : -1;
    if (length >= 0 && (size_t)length < size) {
      target[length] = '\0';
      return target;
    }
    free(target);
    if (length < 0) {
      return NULL;
    }
  }
}

/* The next path on the way, of a link at `path`, whose folder is resolved. */
static char *follow(const char *path)
{
  char *target = read_link(path);
  if (!target || target[0] == '/') {
    return target;
  }
  char *folder = strndup(path, (size_t)(strrchr(path, '/') - path + 1));
  char *next = folder ? join(folder, target) : NULL;
  free(folder);
  free(target);
  return next;
}

/* Links of /proc to open files are followed by the system alone: their text may name nothing, or another file. */
static bool is_of_processes(const struct stat *link)
{
  struct stat processes;
  return S_ISLNK(link->st_mode) && stat(OWN_DESCRIPTORS, &processes) == 0 && processes.st_dev == link->st_dev;
}

/* The number, where the link stands among the descriptors of this process or of one of its threads; else -1. */
static int own_number(const char *path)
{
  enum { MAX_DIGITS = 6 };
  char *own = realpath(OWN_PROCESS, NULL);
  size_t length = own ? strlen(own) : 0;
  const char *name = strrchr(path, '/');
  bool inside = own && !strncmp(path, own, length) && path[length] == '/';
  bool listed = inside && name - path >= 3 && !strncmp(name - 3, "/fd", 3);
  free(own);
  size_t digits = strspn(name + 1, "0123456789");
  return listed && digits > 0 && digits <= MAX_DIGITS && !name[1 + digits] ? (int)strtol(name + 1, NULL, 10) : -1;
}

static int open_link(const char *path)
{
  int number = own_number(path);
  return number >= 0 ? fcntl(number, F_DUPFD_CLOEXEC, 0) : open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
}

bool srn_descriptor_named(const char *path, int *opened)
{
  bool named = false;
  struct stat status;
  errno = 0;
  char *at = resolve_folder(path);
  for (int i = 0; at && i < MAX_LINKS && lstat(at, &status) == 0 && S_ISLNK(status.st_mode); i++) {
    if (is_of_processes(&status)) {
      *opened = open_link(at);
      named = true;
      break;
    }
    char *next = follow(at);
    free(at);
    at = next ? resolve_folder(next) : NULL;
    free(next);
  }
  if (!at && errno == ENOMEM) { /* what the path names is not known: it may not be replaced */
    *opened = -1;
    return true;
  }
  int reason = errno;
  free(at);
  errno = reason;
  return named;
}
