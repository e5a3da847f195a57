/* A decoder over a file, a pipe or memory: the only place that opens libsndfile for reading. */
#ifndef SPECRNN_SRC_AUDIO_DECODER_H
#define SPECRNN_SRC_AUDIO_DECODER_H

#include <sndfile.h>
#include <stdio.h>

#include "specrnn/core.h"

/* It stays where it was opened: libsndfile keeps a pointer to it. */
typedef struct srn_decoder {
  SNDFILE *sndfile;
  SF_INFO info;
  int descriptor;             /* to be closed, or -1 */
  FILE *spool;                /* copy of an unseekable input, or NULL */
  const unsigned char *bytes; /* of an input in memory */
  size_t n_bytes;
  size_t position; /* in bytes */

  int64_t n_header_frames; /* as the header states, -1 where it does not */
  bool exact_header;       /* that number is a promise: fewer frames mean a truncated file */
  bool exact_seek;         /* sf_seek finds the very frame */
  float full_scale;        /* magnitude of the outermost value of the encoding */
} srn_decoder;

SPECRNN_MUST_CHECK specrnn_status srn_decoder_open_path(srn_decoder *decoder, const char *path, const specrnn_log *log);
SPECRNN_MUST_CHECK specrnn_status srn_decoder_open_memory(srn_decoder *decoder, const void *bytes, size_t n_bytes,
                                                          const specrnn_log *log);

/* Also after a failed open, and twice. */
void srn_decoder_close(srn_decoder *decoder);

/* What libsndfile says of a handle, or of the last failed open where it is NULL: the status for it, and its text
 * without decoration, truncated as snprintf does. */
specrnn_status srn_decoder_error(SNDFILE *sndfile, char *text, size_t size);

/* libsndfile's English names of a format. Static text, never NULL. */
const char *srn_container_name(int format);
const char *srn_encoding_name(int format);

#endif
