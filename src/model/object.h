/* The model's inside, and how one is built. */
#ifndef SPECRNN_SRC_MODEL_OBJECT_H
#define SPECRNN_SRC_MODEL_OBJECT_H

#include <stdatomic.h>

#include "core/budget.h"
#include "model/structure.h"
#include "nn/sweep.h"

enum { SRN_DESCRIPTION_SIZE = 64, SRN_OPTIONS_SIZE = 256 };

/* A graph, its numbers, and what is known beside them. Copies that differ in the latter share graph and numbers. */
struct specrnn_model {
  atomic_size_t owners;
  specrnn_model_info info;
  const srn_graph *graph; /* the cache's */
  srn_cache *cache;
  srn_chain_module *modules;
  specrnn_module_info *module_infos; /* of each */
  char (*options)[SRN_OPTIONS_SIZE]; /* their JSON */
  specrnn_layer_info *layers;        /* n_layers, and the output layer */
  specrnn_gate *gates;               /* of all layers */
  char (*descriptions)[SRN_DESCRIPTION_SIZE];
  size_t *shown; /* of each: the node whose rows are the layer's */
  specrnn_parameter *parameters;
  specrnn_features_config *front_end; /* or NULL */
  float *mean, *scale;                /* or NULL */
  specrnn_model_test *tests;
};

static inline size_t srn_model_layers(const specrnn_model *model)
{
  return model->info.n_layers + (model->info.has_output_layer ? 1 : 0);
}

/* Nodes up to the last layer, or up to the output. */
static inline size_t srn_model_nodes(const specrnn_model *model, bool with_output)
{
  return model->shown[(with_output ? srn_model_layers(model) : model->info.n_layers) - 1] + 1;
}

/* The layer that a node's rows are, or srn_model_layers of them where it is none. */
size_t srn_model_layer_of(const specrnn_model *model, size_t node);

/* Where the numbers of a new model come from: writes rows of parameter array `index`, whose rows are asked for in
 * order. */
typedef struct srn_parameter_source {
  specrnn_status (*fill)(void *user, size_t index, const srn_parameter_spec *spec, size_t row, size_t n_rows,
                         float *values, const specrnn_log *log);
  void *user;
} srn_parameter_source;

/* Rows of a parameter that are worked on at once: a panel, or as many as take a MiB. */
size_t srn_rows_at_once(const srn_parameter_spec *spec);

/* Everything that a model is made from. */
typedef struct srn_model_parts {
  specrnn_model_source source;
  specrnn_weight_type weight_type;
  const srn_chain_module *modules;
  size_t n_modules;
  const srn_graph *graph; /* of the modules */
  srn_cache *cache;       /* its numbers, to be shared; NULL: `parameters` gives them */
  srn_parameter_source parameters;
  bool batch_first;
  const specrnn_features_config *front_end;
  const float *mean, *scale;
  const specrnn_model_test *tests;
  size_t n_tests;
  srn_budget *budget; /* NULL: no limit */
} srn_model_parts;

SPECRNN_MUST_CHECK specrnn_status srn_model_build(specrnn_model **out, const srn_model_parts *parts,
                                                  const specrnn_log *log);

/* The parts of a model that exists, so that a copy with changes can be built. */
srn_model_parts srn_model_parts_of(const specrnn_model *model);

/* The options of a module that differ from the defaults of its kind, as a JSON object. */
void srn_chain_options_json(const srn_chain_module *module, char *text, size_t size);

/* As the kernels call it. */
srn_weight_type srn_weights_packed_type(specrnn_weight_type type);

/* Bytes of a weight. */
size_t srn_weights_size(specrnn_weight_type type);

/* FNV-1a, 64 bits, over what makes the numbers; see fingerprint.c for the order. */
SPECRNN_MUST_CHECK specrnn_status srn_model_fingerprint(uint64_t *out, const specrnn_model *model,
                                                        const specrnn_log *log);

#endif
