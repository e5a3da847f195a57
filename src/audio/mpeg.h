/* What the first frame of an MP3 says of the whole: the header of Xing and LAME. */
#ifndef SPECRNN_SRC_AUDIO_MPEG_H
#define SPECRNN_SRC_AUDIO_MPEG_H

#include "audio/decoder.h"

typedef struct srn_mpeg_promise {
  int64_t n_frames; /* samples per channel, without the encoder's delay and padding; -1 without such a header */
  int64_t n_slack;  /* that may be missing all the same: encoders differ by a frame of MP3 in what they count */
} srn_mpeg_promise;

srn_mpeg_promise srn_mpeg_promised(srn_audio_source *source);

/* libmpg123 prints a line where the size in that header is another than that of the file, which a cut or a tag makes.
 * Shows it the true one: what was promised in frames is checked here. */
void srn_mpeg_quieten(srn_audio_source *source, srn_decoder_view *view);

#endif
