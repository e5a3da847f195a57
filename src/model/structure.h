/* What a chain of modules is made of: rules, layers, parameter arrays. Nothing here allocates. */
#ifndef SPECRNN_SRC_MODEL_STRUCTURE_H
#define SPECRNN_SRC_MODEL_STRUCTURE_H

#include "specrnn/model.h"

enum {
  /* Of a parameter's name: that of its module, ".weight_ih_l255_reverse" and the final 0. */
  SRN_PARAMETER_NAME_SIZE = SPECRNN_MODEL_NAME_SIZE + 32,
};

/* What the tensors of our own files that are no parameters begin with. */
#define SRN_RESERVED_PREFIX "specrnn."

/* Gates of a module's cell: 1, 4, 3; linear 1. */
size_t srn_module_gates(const specrnn_module *module);

/* Directions, width of h per direction, features put out per frame. */
size_t srn_module_directions(const specrnn_module *module);
size_t srn_module_state_size(const specrnn_module *module);
size_t srn_module_width(const specrnn_module *module);

/* Number of layers; 1 for a linear module. */
size_t srn_module_layers(const specrnn_module *module);

/* Number of parameter arrays of one layer in one direction, and of the module. */
size_t srn_module_arrays_per_direction(const specrnn_module *module);
size_t srn_module_arrays(const specrnn_module *module);

/* Places of the arrays of one layer in one direction; without bias W_hr follows W_hh. */
typedef enum srn_array_kind { SRN_W_IH, SRN_W_HH, SRN_B_IH, SRN_B_HH, SRN_W_HR } srn_array_kind;

/* A parameter array without its data. */
typedef struct srn_parameter_spec {
  char name[SRN_PARAMETER_NAME_SIZE];
  size_t rank, shape[2];
  size_t count; /* of numbers */
} srn_parameter_spec;

/* Parameter array `index` of a module. */
void srn_module_parameter(const specrnn_module *module, size_t index, srn_parameter_spec *spec);

/* What a valid chain sums up to. */
typedef struct srn_structure {
  size_t n_layers; /* without the output layer */
  bool has_output_layer;
  bool bidirectional;
  size_t n_parameters, n_weights;
} srn_structure;

/* Checks every module and that the widths chain. */
SPECRNN_MUST_CHECK specrnn_status srn_structure_check(srn_structure *out, const specrnn_module *modules,
                                                      size_t n_modules, const specrnn_log *log);

#endif
