/* An LSTM kept as one matrix on [h; x]: NAME.weight (4H, H + I), NAME.bias (4H), rows f, i, o, c. */
#ifndef SPECRNN_SRC_MODEL_CONCATENATED_H
#define SPECRNN_SRC_MODEL_CONCATENATED_H

#include "model/structure.h"
#include "model/tensors.h"

/* The name of its weight or its bias. */
void srn_concatenated_name(char name[SRN_PARAMETER_NAME_SIZE], const srn_chain_module *module, const char *leaf);

/* Rows of one of the parameters that PyTorch has in its place. */
void srn_concatenated_read(const srn_tensor_file *file, const srn_chain_module *module, const srn_parameter_spec *spec,
                           size_t row, size_t n_rows, float *values);

#endif
