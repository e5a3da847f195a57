/* A decoder over a file, a pipe or memory: the only place that opens libsndfile and libmpg123, and the one that holds
 * what came against what the header promised. */
#ifndef SPECRNN_SRC_AUDIO_DECODER_H
#define SPECRNN_SRC_AUDIO_DECODER_H

#include <sndfile.h>
#include <stdio.h>

#include "audio/ogg.h"
#include "audio/promise.h"
#include "audio/source.h"

/* The bytes that libsndfile sees: a part of the source, with one field written anew. */
typedef struct srn_decoder_view {
  uint64_t begin;
  uint64_t end; /* UINT64_MAX where it shows itself in reading */
  uint64_t position;
  uint64_t patch_at; /* offset in the source */
  size_t n_patch;    /* 0 without one */
  unsigned char patch[8];
} srn_decoder_view;

/* It stays where it was opened: libsndfile keeps a pointer to it. */
typedef struct srn_decoder {
  SNDFILE *sndfile;                  /* or */
  struct mpg123_handle_struct *mpeg; /* libmpg123 */
  SF_INFO info;
  const char *path; /* while it is being opened, of what can be opened by one; or NULL */
  int descriptor;   /* to be closed, or -1 */
  FILE *spool;      /* copy of an unseekable input, or NULL */
  srn_audio_source source;
  srn_decoder_view view;

  srn_promise promise;
  srn_ogg_link link;      /* of an Ogg that is being decoded */
  int n_links;            /* that were begun */
  bool is_opening;        /* what a pipe shows now may be wanted again */
  bool is_raw;            /* the view holds nothing but samples */
  bool is_exceeded;       /* more sound lies there than was promised */
  bool is_followed;       /* by another file, which is not read */
  bool is_cut;            /* fewer bytes are there than were promised */
  uint64_t n_there;       /* bytes of samples that are there; of a pipe not known */
  uint64_t n_link_frames; /* decoded of the link */
  const char *failure;    /* what is wrong where libsndfile has no word for it, or NULL */

  int64_t n_header_frames; /* as the header states, or the size where that is wrong; -1 where neither does */
  int64_t n_slack;         /* that many may be missing all the same */
  bool exact_header;       /* that number is a promise: fewer frames mean a truncated file */
  bool exact_seek;         /* srn_decoder_seek finds the very frame */
  float full_scale;        /* magnitude of the outermost value of the encoding */
} srn_decoder;

SPECRNN_MUST_CHECK specrnn_status srn_decoder_open_path(srn_decoder *decoder, const char *path, const specrnn_log *log);
/* A descriptor, which the decoder closes, and the bytes that were read from it already; SRN_AUDIO_LOOK_SIZE of them at
 * most, and none where it can seek. */
SPECRNN_MUST_CHECK specrnn_status srn_decoder_open_descriptor(srn_decoder *decoder, int descriptor, const void *head,
                                                              size_t n_head, const specrnn_log *log);
SPECRNN_MUST_CHECK specrnn_status srn_decoder_open_memory(srn_decoder *decoder, const void *bytes, size_t n_bytes,
                                                          const specrnn_log *log);

/* Also after a failed open, and twice. */
void srn_decoder_close(srn_decoder *decoder);

/* Up to n_wanted frames; 0 at the end. False says that it failed: srn_decoder_error has the reason. */
bool srn_decoder_read(srn_decoder *decoder, float *samples, int64_t n_wanted, size_t *n_frames);
bool srn_decoder_seek(srn_decoder *decoder, int64_t frame);

/* Why the last read failed: the status for it, and a text without decoration, truncated as snprintf does. */
specrnn_status srn_decoder_error(const srn_decoder *decoder, char *text, size_t size);

/* What is to be said of an input that was read to its end, where n_frames were. */
typedef enum srn_verdict { SRN_WHOLE, SRN_TRUNCATED, SRN_EXCEEDED } srn_verdict;
srn_verdict srn_decoder_conclude(srn_decoder *decoder, int64_t n_frames, char *text, size_t size);

/* Every frame of the present link of an Ogg was decoded, as far as its number is known. */
bool srn_decoder_has_link(const srn_decoder *decoder);

/* libsndfile's English names of a format. Static text, never NULL. */
const char *srn_container_name(int format);
const char *srn_encoding_name(int format);

#endif
