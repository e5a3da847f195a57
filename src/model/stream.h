/* What a stream shows to those who run several at once. */
#ifndef SPECRNN_SRC_MODEL_STREAM_H
#define SPECRNN_SRC_MODEL_STREAM_H

#include "specrnn/encoder.h"

/* The states, layer after layer, at specrnn_layer_info's offsets. */
float *srn_encoder_h(specrnn_encoder *encoder);
float *srn_encoder_c(specrnn_encoder *encoder);

/* SPECRNN_ERROR_UNSUPPORTED for a model that needs the future. */
SPECRNN_MUST_CHECK specrnn_status srn_check_streamable(const specrnn_model *model, const specrnn_log *log);

#endif
