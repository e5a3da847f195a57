/* A chain of modules, as files of format 1 and the public interface describe it: its rules, and the graph that it is.
 */
#ifndef SPECRNN_SRC_MODEL_STRUCTURE_H
#define SPECRNN_SRC_MODEL_STRUCTURE_H

#include "nn/graph.h"
#include "specrnn/model.h"

/* What the tensors of our own files that are no parameters begin with. */
#define SRN_RESERVED_PREFIX "specrnn."

/* Directions, width of h per direction, features put out per frame. */
size_t srn_module_directions(const specrnn_module *module);
size_t srn_module_state_size(const specrnn_module *module);
size_t srn_module_width(const specrnn_module *module);

/* Number of layers; 1 for a linear module. */
size_t srn_module_layers(const specrnn_module *module);

/* What a chain sums up to. */
typedef struct srn_structure {
  size_t n_layers; /* without the output layer */
  bool has_output_layer;
} srn_structure;

srn_structure srn_structure_of(const specrnn_module *modules, size_t n_modules);

/* Checks every module and that the widths chain, and makes the graph of it. */
SPECRNN_MUST_CHECK specrnn_status srn_chain_graph(const srn_graph **out, const specrnn_module *modules,
                                                  size_t n_modules, const specrnn_log *log);

/* Modules of the graph that a module of the chain becomes: 2 with an activation, else 1. */
size_t srn_module_parts(const specrnn_module *module);

#endif
