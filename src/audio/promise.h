/* What the header of a container promises: where its samples lie and how many bytes they are. The one place that knows
 * it, for files, memory and pipes; and what may lie behind them. */
#ifndef SPECRNN_SRC_AUDIO_PROMISE_H
#define SPECRNN_SRC_AUDIO_PROMISE_H

#include "audio/source.h"

/* What may lie behind the promised samples. */
enum srn_behind {
  SRN_BEHIND_SOUND,  /* more of them, where the header is stale; or chunks, tags, padding */
  SRN_BEHIND_OTHER,  /* other things of the container, which are no samples */
  SRN_BEHIND_BLOCKS, /* blocks that only the decoder understands */
};

typedef struct srn_promise {
  bool found;        /* the header says where the samples begin */
  bool sized;        /* and how many bytes they are: not one of the sizes that mean "unknown" */
  uint64_t begin;    /* of the first sample */
  uint64_t n_before; /* bytes of its chunk in front of it */
  bool is_misread;   /* libsndfile takes other bytes for samples, or the samples for others */
  uint64_t n_bytes;  /* of samples; 0 where it is not known */

  /* The field that holds the size, to be written anew for a decoder that believes it; n_field is 0 without one. */
  uint64_t field_at;
  size_t n_field;
  bool field_is_big_endian;
  uint64_t field_extra; /* what the field counts beside the samples */

  const char *fault; /* why what lies there cannot be read, or NULL */
  enum srn_behind behind;
  unsigned wav_tag;                    /* the encoding that a WAV states in front of its samples; 0 in others */
  unsigned wav_block;                  /* and the bytes of a block of it */
  const struct srn_chunk_rule *chunks; /* how chunks look in this container, or NULL */
} srn_promise;

srn_promise srn_promise_read(srn_audio_source *source);

/* Whether sound lies behind the promised samples: not nothing, nor less than a frame, nor chunks, tags or padding. */
bool srn_promise_is_exceeded(const srn_promise *promise, srn_audio_source *source, size_t frame_bytes);

/* Whether another file of the same kind begins behind them, as where two were joined by cat. */
bool srn_promise_is_followed(const srn_promise *promise, srn_audio_source *source);

#endif
