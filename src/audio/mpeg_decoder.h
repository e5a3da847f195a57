/* MP3 by libmpg123 itself: libsndfile, which could do it, lets it print. The same numbers. */
#ifndef SPECRNN_SRC_AUDIO_MPEG_DECODER_H
#define SPECRNN_SRC_AUDIO_MPEG_DECODER_H

#include "audio/decoder.h"

/* Opens what the decoder's view shows and fills its info. False leaves a reason in decoder->failure. */
bool srn_mpeg_open(srn_decoder *decoder);

/* Frames read; 0 at the end, and where decoding fails, with decoder->failure. */
size_t srn_mpeg_read(srn_decoder *decoder, float *samples, size_t n_wanted);

/* Also of one that is not open. */
void srn_mpeg_close(srn_decoder *decoder);

#endif
