/* Bytes as a file, whole or not at all. */
#include <stdio.h>

#include "core/file.h"
#include "core/log.h"
#include "specrnn/io.h"

specrnn_status specrnn_bytes_save(const char *path, const void *bytes, size_t size, const specrnn_log *log)
{
  if (!path || (!bytes && size)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a file needs a path and its bytes");
  }
  srn_file *file = NULL;
  specrnn_status status = srn_file_create(&file, path, log);
  if (status) {
    return status;
  }
  fwrite(bytes, 1, size, srn_file_stream(file)); /* commit asks the stream whether all went well */
  return srn_file_commit(&file, log);
}
