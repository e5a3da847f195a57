/* Where the bytes of a picture go: a file that appears whole or not at all, or memory. */
#ifndef SPECRNN_SRC_PLOT_SINK_H
#define SPECRNN_SRC_PLOT_SINK_H

#include "core/file.h"

typedef struct srn_plot_sink {
  srn_file *file;      /* or NULL: memory */
  char *path;          /* of the file, for messages */
  unsigned char *data; /* owned until it is taken */
  size_t size, allocated;
  int error; /* errno of the first write that failed */
} srn_plot_sink;

SPECRNN_MUST_CHECK specrnn_status srn_plot_sink_open_file(srn_plot_sink *sink, const char *path,
                                                          const specrnn_log *log);

/* False when the bytes could not be taken; srn_plot_sink_commit tells why for a file. */
bool srn_plot_sink_write(srn_plot_sink *sink, const void *data, size_t size);

/* All is on the disk, under no name yet. */
SPECRNN_MUST_CHECK specrnn_status srn_plot_sink_settle(srn_plot_sink *sink, const specrnn_log *log);

/* The file gets its name. For memory nothing is left to do. */
SPECRNN_MUST_CHECK specrnn_status srn_plot_sink_commit(srn_plot_sink *sink, const specrnn_log *log);

/* Forgets everything that was written. */
void srn_plot_sink_abandon(srn_plot_sink *sink);

#endif
