/* Copying what cannot seek into an unlinked temporary file. */
#include "audio/spool.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "core/temporary.h"

enum { COPY_SIZE = 65536 };

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

static specrnn_status copy(int to, srn_audio_source *from, const specrnn_log *log)
{
  unsigned char bytes[COPY_SIZE];
  uint64_t at = 0;
  for (size_t n; (n = srn_audio_source_take(from, at, bytes, sizeof bytes)) > 0; at += n) {
    if (!write_all(to, bytes, n)) {
      return srn_fail_temporary(log, "write", errno);
    }
  }
  if (from->error) {
    return srn_fail(log, SPECRNN_ERROR_IO, "cannot read: %s", strerror(from->error));
  }
  if (lseek(to, 0, SEEK_SET) != 0) {
    return srn_fail_temporary(log, "read", errno);
  }
  return SPECRNN_OK;
}

specrnn_status srn_spool(FILE **out, srn_audio_source *pipe, const specrnn_log *log)
{
  FILE *file = tmpfile();
  if (!file) {
    return srn_fail_temporary(log, "make", errno);
  }
  specrnn_status status = copy(fileno(file), pipe, log);
  if (status) {
    fclose(file);
    return status;
  }
  *out = file;
  return SPECRNN_OK;
}
