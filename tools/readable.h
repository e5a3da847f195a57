/* What a user names as input is opened once. A file is read where it lies. A thing that cannot be read twice (standard
 * input, a pipe, a socket, a device) is read through here alone: sound streams from it, anything else is taken whole
 * into a temporary file without a name, which readers open as often as they like. The same thing under two names is
 * known by device and inode.
 *
 * Nothing else in the program opens an input; tests/gates has the rule. All of it may be called by several threads. */
#ifndef SPECRNN_TOOLS_READABLE_H
#define SPECRNN_TOOLS_READABLE_H

#include <stdio.h>

#include "specrnn/audio.h"
#include "specrnn/io.h"

/* What an input is. Of a pipe the first bytes say it, and sound is not read beyond them. */
specrnn_file_format readable_format(const char *named);

/* What to open to read it, which lives until the program ends. Fails where a pipe streamed already as sound, and where
 * it cannot be copied; the log says so, as for a reader. What cannot be found is left to whoever opens it. */
SPECRNN_MUST_CHECK specrnn_status readable_path(const char **path, const char *named, const specrnn_log *log);

/* The library's readers of one file, by what the user named. */
SPECRNN_MUST_CHECK specrnn_status readable_npy_load(specrnn_array **out, const char *named, const specrnn_log *log);
/* A text without a number is no table. */
SPECRNN_MUST_CHECK specrnn_status readable_csv_load(specrnn_array **out, const char *named, const specrnn_log *log);
SPECRNN_MUST_CHECK specrnn_status readable_npy_open(specrnn_npy_reader **out, const char *named,
                                                    const specrnn_log *log);
SPECRNN_MUST_CHECK specrnn_status readable_audio_open(specrnn_audio **out, const char *named,
                                                      const specrnn_audio_config *config, const specrnn_log *log);

/* A text that is to be JSON, whole, in memory that free() takes; the message is out where it fails. */
SPECRNN_MUST_CHECK specrnn_status readable_json(char **text, const char *named);

/* For other texts: a stream to be closed, or NULL after a message. */
FILE *readable_stream(const char *named);

#endif
