/* libsndfile's virtual files over the view of a decoder. */
#ifndef SPECRNN_SRC_AUDIO_VIEW_H
#define SPECRNN_SRC_AUDIO_VIEW_H

#include "audio/decoder.h"

/* Opens what the decoder's view shows, in decoder->info.format where that is a raw one. NULL as sf_open_virtual. */
SNDFILE *srn_view_open(srn_decoder *decoder);

/* Reading and seeking in the view of the decoder that `user` is, as libsndfile's virtual files want it. */
sf_count_t srn_view_read(void *bytes, sf_count_t count, void *user);
sf_count_t srn_view_seek(sf_count_t offset, int whence, void *user);

#endif
