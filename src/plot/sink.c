/* Where the bytes of a picture go. */
#include "plot/sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/checked.h"
#include "core/log.h"

enum { FIRST_SIZE = 1 << 16 };

specrnn_status srn_plot_sink_open_file(srn_plot_sink *sink, const char *path, const specrnn_log *log)
{
  *sink = (srn_plot_sink){.path = strdup(path)};
  if (!sink->path) {
    return srn_fail_memory(log, strlen(path) + 1);
  }
  specrnn_status status = srn_file_create(&sink->file, path, log);
  if (status) {
    srn_plot_sink_abandon(sink);
  }
  return status;
}

static bool reserve(srn_plot_sink *sink, size_t needed)
{
  size_t wanted = sink->allocated ? sink->allocated : FIRST_SIZE;
  while (wanted < needed) {
    if (!srn_size_mul(wanted, 2, &wanted)) {
      return false;
    }
  }
  if (wanted <= sink->allocated) {
    return true;
  }
  unsigned char *grown = realloc(sink->data, wanted);
  if (!grown) {
    return false;
  }
  sink->data = grown;
  sink->allocated = wanted;
  return true;
}

bool srn_plot_sink_write(srn_plot_sink *sink, const void *data, size_t size)
{
  if (sink->file) {
    if (fwrite(data, 1, size, srn_file_stream(sink->file)) == size) {
      return true;
    }
    sink->error = sink->error ? sink->error : errno;
    return false;
  }
  size_t end;
  if (!srn_size_add(sink->size, size, &end) || !reserve(sink, end)) {
    return false;
  }
  if (size) {
    memcpy(sink->data + sink->size, data, size);
  }
  sink->size = end;
  return true;
}

specrnn_status srn_plot_sink_settle(srn_plot_sink *sink, const specrnn_log *log)
{
  if (!sink->file) {
    return SPECRNN_OK;
  }
  if (sink->error) { /* srn_file_settle would know only that something failed */
    return srn_fail(log, SPECRNN_ERROR_IO, "%s: cannot write: %s", sink->path, strerror(sink->error));
  }
  return srn_file_settle(sink->file, log);
}

specrnn_status srn_plot_sink_commit(srn_plot_sink *sink, const specrnn_log *log)
{
  specrnn_status status = srn_plot_sink_settle(sink, log);
  return status || !sink->file ? status : srn_file_commit(&sink->file, log);
}

void srn_plot_sink_abandon(srn_plot_sink *sink)
{
  srn_file_abandon(&sink->file);
  free(sink->data);
  free(sink->path);
  *sink = (srn_plot_sink){0};
}
