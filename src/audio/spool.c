/* Copying what cannot seek into an unlinked temporary file. */
#include "audio/spool.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"

enum { COPY_SIZE = 65536 };

/* Waits where the descriptor does not. The number of bytes, 0 at the end, -1 with errno. */
static ssize_t read_some(int descriptor, unsigned char *bytes, size_t size)
{
  for (;;) {
    ssize_t n = read(descriptor, bytes, size);
    if (n >= 0) {
      return n;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      struct pollfd request = {.fd = descriptor, .events = POLLIN};
      poll(&request, 1, -1);
    } else if (errno != EINTR) {
      return -1;
    }
  }
}

static bool write_all(int descriptor, const unsigned char *bytes, size_t size)
{
  while (size > 0) {
    ssize_t n = write(descriptor, bytes, size);
    if (n < 0 && errno != EINTR) {
      return false;
    }
    if (n > 0) {
      bytes += n;
      size -= (size_t)n;
    }
  }
  return true;
}

static specrnn_status copy(int to, int from, const specrnn_log *log)
{
  unsigned char bytes[COPY_SIZE];
  ssize_t n;
  while ((n = read_some(from, bytes, sizeof bytes)) > 0) {
    if (!write_all(to, bytes, (size_t)n)) {
      return srn_fail(log, SPECRNN_ERROR_IO, "cannot write a temporary copy of the input: %s", strerror(errno));
    }
  }
  if (n < 0) {
    return srn_fail(log, SPECRNN_ERROR_IO, "cannot read: %s", strerror(errno));
  }
  if (lseek(to, 0, SEEK_SET) != 0) {
    return srn_fail(log, SPECRNN_ERROR_IO, "cannot read the temporary copy of the input: %s", strerror(errno));
  }
  return SPECRNN_OK;
}

specrnn_status srn_spool(FILE **out, int descriptor, const specrnn_log *log)
{
  FILE *file = tmpfile();
  if (!file) {
    return srn_fail(log, SPECRNN_ERROR_IO, "cannot create a temporary copy of the input: %s", strerror(errno));
  }
  specrnn_status status = copy(fileno(file), descriptor, log);
  if (status) {
    fclose(file);
    return status;
  }
  *out = file;
  return SPECRNN_OK;
}
