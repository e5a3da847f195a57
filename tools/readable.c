/* Inputs that can be opened again. */
#include "readable.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"

enum { BLOCK = 1 << 16 };

static bool fail(const char *path)
{
  report_failure(path, "%s", strerror(errno));
  return false;
}

static bool copy_all(FILE *to, int from)
{
  char block[BLOCK];
  ssize_t n;
  while ((n = read(from, block, sizeof block)) != 0) {
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n < 0 || fwrite(block, 1, (size_t)n, to) != (size_t)n) {
      return false;
    }
  }
  return fflush(to) == 0;
}

static bool take_copy(readable *r, int descriptor, const char *path)
{
  r->copy = tmpfile();
  if (!r->copy) {
    report_failure(path, "cannot make a temporary file in %s: %s", P_tmpdir, strerror(errno));
    return false;
  }
  if (!copy_all(r->copy, descriptor)) {
    return fail(path);
  }
  snprintf(r->copy_path, sizeof r->copy_path, "/dev/fd/%d", fileno(r->copy));
  r->path = r->copy_path;
  return true;
}

bool readable_open(readable *r, const char *path)
{
  bool standard = !strcmp(path, "-");
  *r = (readable){.path = path};
  int descriptor = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (descriptor < 0 || fstat(descriptor, &status) != 0) {
    return fail(path);
  }
  bool good = true;
  /* Standard input is where its reader left it, which another opening of it would not know. */
  if (standard || (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))) {
    good = take_copy(r, descriptor, path);
  }
  if (!standard) {
    close(descriptor);
  }
  r->format = specrnn_file_identify(r->path);
  return good;
}

void readable_close(readable *r)
{
  if (r->copy) {
    fclose(r->copy);
  }
  *r = (readable){0};
}
