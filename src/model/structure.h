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

/* What a state_dict leaves open of modules of a kind, an option of theirs: the first choice is PyTorch's. */
typedef struct srn_open_option {
  const char *key;         /* of specrnn_module_options and of specrnn_model_load_options */
  const char *question;    /* "the file does not say ..." */
  specrnn_log_level level; /* of saying so: a warning where the other choice is as likely */
  specrnn_module_kind kind;
  bool last; /* of the last module alone */
} srn_open_option;

/* Option `index`; NULL past the last. */
const srn_open_option *srn_open_option_get(size_t index);

/* Whether it is one of module `index`. */
bool srn_open_option_concerns(const srn_open_option *option, const specrnn_module *modules, size_t n_modules,
                              size_t index);

/* The place of an option's choice in a module. */
int srn_module_choice(const specrnn_module *module, const char *key);
void srn_module_choose(specrnn_module *module, const char *key, int choice);

/* The kind of a recurrent layer by the rows of W_hh for each column of it; false where there is none. */
bool srn_module_recognise(specrnn_module *module, size_t gates);

/* What one matrix alone is: a linear layer. */
void srn_module_set_linear(specrnn_module *module, size_t n_outputs, size_t n_inputs);

/* Checks every module and that the widths chain, and makes the graph of it. */
SPECRNN_MUST_CHECK specrnn_status srn_chain_graph(const srn_graph **out, const specrnn_module *modules,
                                                  size_t n_modules, const specrnn_log *log);

/* Modules of the graph that a module of the chain becomes: 2 with an activation, else 1. */
size_t srn_module_parts(const specrnn_module *module);

#endif
