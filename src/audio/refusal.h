/* What is said of inputs that are no sound. */
#ifndef SPECRNN_SRC_AUDIO_REFUSAL_H
#define SPECRNN_SRC_AUDIO_REFUSAL_H

#include "audio/decoder.h"
#include "specrnn/io.h"

/* What the input is, if not sound. Of a pipe its first bytes have to say it. */
specrnn_file_format srn_decoder_format(srn_decoder *decoder);

/* What the input is, where that is known and is no sound that is read; SPECRNN_OK where it is not. */
specrnn_status srn_decoder_fail_known(srn_decoder *decoder, const specrnn_log *log);

/* After libsndfile has failed to open it: that, or libsndfile's reason. Never SPECRNN_OK. */
specrnn_status srn_decoder_refuse(srn_decoder *decoder, const specrnn_log *log);

#endif
