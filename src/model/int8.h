/* 8-bit weights on their way from a file to the model. */
#ifndef SPECRNN_SRC_MODEL_INT8_H
#define SPECRNN_SRC_MODEL_INT8_H

#include "model/structure.h"
#include "model/tensors.h"

/* Signed bytes are the matrices of a model of 8-bit weights and nothing else, and each comes with its scales, which are
 * marked as used. @return SPECRNN_ERROR_UNSUPPORTED, _FORMAT, _SHAPE. */
SPECRNN_MUST_CHECK specrnn_status srn_int8_claim(srn_tensor_file *file, specrnn_weight_type type,
                                                 const srn_tensor *tensor, const srn_parameter_spec *spec,
                                                 const specrnn_log *log);

/* The whole numbers of rows of a parameter become what they stand for. */
SPECRNN_MUST_CHECK specrnn_status srn_int8_scale_rows(const srn_tensor_file *file, const srn_parameter_spec *spec,
                                                      size_t row, size_t n_rows, float *values, const specrnn_log *log);

#endif
