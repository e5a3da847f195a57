/* What our own files say besides the weights, as safetensors metadata:
 *
 *     specrnn.format       "1"
 *     specrnn.modules      JSON: [{"name": ..., an option of srn_chain_options: ...}, ...] in the order of the
 * chain specrnn.weights      "bf16" or "int8"; absent for float specrnn.layout       "batch_first" or "time_first"
 *     specrnn.front_end    JSON: the options of specrnn_features_options; absent where there is none
 *     specrnn.fingerprint  16 hexadecimal digits
 *     specrnn.tests        JSON: [tolerance, ...]
 *
 * A state_dict that is written back says what PyTorch's names leave open, under the keys of specrnn_model_load_options
 * (nonlinearity, gru_reset, activation) and the order of its modules:
 *
 *     specrnn.chain        "rnn1,rnn2,output", where there are several
 *
 * and as tensors: specrnn.normaliser.mean, .scale (I), specrnn.test.N.input (T, I), specrnn.test.N.output (T, O); for
 * each matrix of 8-bit weights specrnn.scale.NAME, what the whole numbers of each of its rows are times. */
#ifndef SPECRNN_SRC_MODEL_METADATA_H
#define SPECRNN_SRC_MODEL_METADATA_H

#include "model/infer.h"
#include "model/tensors.h"

#define SRN_META_FORMAT      SRN_RESERVED_PREFIX "format"
#define SRN_META_MODULES     SRN_RESERVED_PREFIX "modules"
#define SRN_META_WEIGHTS     SRN_RESERVED_PREFIX "weights"
#define SRN_META_LAYOUT      SRN_RESERVED_PREFIX "layout"
#define SRN_META_FRONT_END   SRN_RESERVED_PREFIX "front_end"
#define SRN_META_FINGERPRINT SRN_RESERVED_PREFIX "fingerprint"
#define SRN_META_TESTS       SRN_RESERVED_PREFIX "tests"
#define SRN_META_CHAIN       SRN_RESERVED_PREFIX "chain"
#define SRN_TENSOR_MEAN      SRN_RESERVED_PREFIX "normaliser.mean"
#define SRN_TENSOR_SCALE     SRN_RESERVED_PREFIX "normaliser.scale"
#define SRN_TENSOR_ROW_SCALE SRN_RESERVED_PREFIX "scale."
#define SRN_TENSOR_TEST      SRN_RESERVED_PREFIX "test."

#define SRN_FORMAT_VERSION   "1"

/* The metadata of a model, a new object. */
SPECRNN_MUST_CHECK specrnn_status srn_metadata_write(json_t **out, const specrnn_model *model, const specrnn_log *log);

/* The metadata of a model's state_dict, a new object. */
SPECRNN_MUST_CHECK specrnn_status srn_metadata_of_state_dict(json_t **out, const specrnn_model *model,
                                                             const specrnn_log *log);

/* The type of the weights. */
SPECRNN_MUST_CHECK specrnn_status srn_metadata_weights(specrnn_weight_type *out, const srn_tensor_file *file,
                                                       const specrnn_log *log);

/* The modules that the metadata describes. */
SPECRNN_MUST_CHECK specrnn_status srn_metadata_modules(srn_found_chain *out, const srn_tensor_file *file,
                                                       const specrnn_log *log);

/* The front end; *present says whether there is one. */
SPECRNN_MUST_CHECK specrnn_status srn_metadata_front_end(specrnn_features_config *out, bool *present,
                                                         const srn_tensor_file *file, const specrnn_log *log);

/* The tolerances of the test vectors, from malloc; *count may be 0. */
SPECRNN_MUST_CHECK specrnn_status srn_metadata_tolerances(double **out, size_t *count, const srn_tensor_file *file,
                                                          const specrnn_log *log);

/* @return false where there is none, or it is no number of 16 hexadecimal digits. */
bool srn_metadata_fingerprint(uint64_t *out, const srn_tensor_file *file);

#endif
