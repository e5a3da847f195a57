/* The chain of modules that the tensors of a state_dict speak of. */
#ifndef SPECRNN_SRC_MODEL_INFER_H
#define SPECRNN_SRC_MODEL_INFER_H

#include "model/structure.h"
#include "model/tensors.h"

/* A module and how its tensors lie in the file. */
typedef struct srn_found_module {
  srn_chain_module module;
  bool concatenated; /* NAME.weight (4H, H + I), NAME.bias (4H), rows f, i, o, c */
  bool lone_weight;  /* NAME.weight without a bias: a linear layer, or an embedding */
} srn_found_module;

typedef struct srn_found_chain {
  srn_found_module *modules; /* free() */
  size_t count;
} srn_found_chain;

/* Names, shapes and `config` say what the modules are and in which order they come. Nonlinearities are PyTorch's
 * defaults. Whether every tensor is there, and fits, is not checked here. */
SPECRNN_MUST_CHECK specrnn_status srn_infer_chain(srn_found_chain *out, const srn_tensor_file *file,
                                                  const specrnn_model_load_config *config, const specrnn_log *log);

#endif
