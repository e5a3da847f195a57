/* What the first frame of an MP3 says of the whole: the header of Xing and LAME. */
#ifndef SPECRNN_SRC_AUDIO_MPEG_H
#define SPECRNN_SRC_AUDIO_MPEG_H

#include "audio/source.h"

typedef struct srn_mpeg_promise {
  int64_t n_frames; /* samples per channel, without the encoder's delay and padding; -1 without such a header */
  bool is_followed; /* by another file with such a header */
  int64_t n_slack;  /* that may be missing all the same: encoders differ by a frame of MP3 in what they count */
} srn_mpeg_promise;

/* The offset behind the ID3 tags at another; that offset itself without any. */
uint64_t srn_mpeg_behind_tags(srn_audio_source *source, uint64_t at);

srn_mpeg_promise srn_mpeg_promised(srn_audio_source *source);

/* A frame of MPEG sound of any layer lies behind the tags in front. */
bool srn_mpeg_is(srn_audio_source *source);

#endif
