/* The model's inside, and how one is built. */
#ifndef SPECRNN_SRC_MODEL_OBJECT_H
#define SPECRNN_SRC_MODEL_OBJECT_H

#include "core/budget.h"
#include "model/structure.h"
#include "nn/layer.h"

/* What runs at one place of the chain: a layer, or the output layer. */
typedef struct srn_stage {
  bool recurrent;
  srn_layer layer;   /* recurrent */
  srn_linear linear; /* else */
  bool softmax;      /* after the linear layer */
  double dropout;    /* after this layer, in training */
} srn_stage;

struct specrnn_model {
  specrnn_model_info info;
  specrnn_module *modules;
  specrnn_layer_info *layers; /* n_layers, and the output layer */
  srn_stage *stages;          /* the same */
  specrnn_parameter *parameters;
  specrnn_features_config *front_end; /* or NULL */
  float *mean, *scale;                /* or NULL */
  specrnn_model_test *tests;
  float *packed; /* the panels of every matrix: a block of its own */
};

static inline size_t srn_model_stages(const specrnn_model *model)
{
  return model->info.n_layers + (model->info.has_output_layer ? 1 : 0);
}

/* Numbers in a parameter array. */
static inline size_t srn_parameter_count(const specrnn_parameter *parameter)
{
  return parameter->shape[0] * (parameter->rank == 2 ? parameter->shape[1] : 1);
}

/* Where a new model's parameters come from: writes the numbers of parameter array `index`. */
typedef struct srn_parameter_source {
  specrnn_status (*fill)(void *user, size_t index, const specrnn_parameter *parameter, float *values,
                         const specrnn_log *log);
  void *user;
} srn_parameter_source;

/* Everything that a model is made from. */
typedef struct srn_model_parts {
  specrnn_model_source source;
  specrnn_weight_type weight_type;
  const specrnn_module *modules;
  size_t n_modules;
  bool batch_first;
  const specrnn_features_config *front_end;
  const float *mean, *scale;
  const specrnn_model_test *tests;
  size_t n_tests;
  srn_parameter_source parameters;
  srn_budget *budget; /* NULL: no limit */
} srn_model_parts;

SPECRNN_MUST_CHECK specrnn_status srn_model_build(specrnn_model **out, const srn_model_parts *parts,
                                                  const specrnn_log *log);

/* The parts of a model that exists, so that a copy with changes can be built. */
srn_model_parts srn_model_parts_of(const specrnn_model *model);

/* A copy of a model from its parts, changed; the parameters are the model's. */
SPECRNN_MUST_CHECK specrnn_status srn_model_copy(specrnn_model **out, const specrnn_model *model,
                                                 srn_model_parts *parts, const specrnn_log *log);

/* Runs stage `index` of the chain. `sweep` holds everything but what belongs to the stage itself: h and c are set here
 * from the states of the whole chain, which begin at sweep->h and sweep->c. */
void srn_stage_forward(const specrnn_model *model, size_t index, const srn_sweep *sweep);

/* Floats of scratch that any stage needs; 0 where the number does not fit. */
size_t srn_model_scratch(const specrnn_model *model, size_t n_sequences, size_t block_rows);

/* The widest row that goes from stage to stage, the normalised input included. */
size_t srn_model_row_size(const specrnn_model *model);

/* Rounds a matrix (rows, depth) to the type, in place. SPECRNN_ERROR_UNSUPPORTED for a shape that the type cannot have,
 * SPECRNN_ERROR_MEMORY. */
SPECRNN_MUST_CHECK specrnn_status srn_weights_round(specrnn_weight_type type, float *w, size_t rows, size_t depth,
                                                    const char *name, const specrnn_log *log);

/* As the kernels call it. */
srn_weight_type srn_weights_packed_type(specrnn_weight_type type);

/* Bytes of a weight. */
size_t srn_weights_size(specrnn_weight_type type);

/* FNV-1a, 64 bits, over what makes the numbers; see fingerprint.c for the order. */
uint64_t srn_model_fingerprint(const specrnn_model *model);

#endif
