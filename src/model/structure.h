/* A chain of modules, as files of format 1 and the public interface describe it: its rules, and the graph that it is.
 */
#ifndef SPECRNN_SRC_MODEL_STRUCTURE_H
#define SPECRNN_SRC_MODEL_STRUCTURE_H

#include "nn/graph.h"
#include "specrnn/model.h"

typedef enum srn_chain_kind { SRN_CHAIN_RNN, SRN_CHAIN_LSTM, SRN_CHAIN_GRU, SRN_CHAIN_LINEAR } srn_chain_kind;

/* What follows a linear module. */
typedef enum srn_chain_activation { SRN_CHAIN_IDENTITY, SRN_CHAIN_SOFTMAX } srn_chain_activation;

/* A module as format 1 has it: one struct for all kinds. Of a linear one hidden_size is the number of outputs, and only
 * input_size, hidden_size, bias and activation count. */
typedef struct srn_chain_module {
  char name[SPECRNN_MODEL_NAME_SIZE];
  int kind; /* srn_chain_kind */
  int input_size, hidden_size, proj_size, num_layers;
  bool bias, bidirectional;
  int nonlinearity; /* of an RNN: 0 tanh, 1 relu */
  int gru_reset;    /* of a GRU: 0 after, 1 before */
  int activation;   /* srn_chain_activation, of a linear module */
  double dropout;
  bool cell;
} srn_chain_module;

#define SRN_CHAIN_MODULE_INIT                                                                                          \
  {                                                                                                                    \
    "", SRN_CHAIN_RNN, 0, 0, 0, 1, true, false, 0, 0, SRN_CHAIN_IDENTITY, 0.0, false                                   \
  }

/* Every field but the name, with its key, range and help. */
const specrnn_option_table *srn_chain_options(void);

/* The kind of the graph that a module is, and back: false where format 1 has none of that name. */
const srn_kind *srn_chain_kind_of(const srn_chain_module *module);
bool srn_chain_set_kind(srn_chain_module *module, const srn_kind *kind);

/* What a module of the chain says of an option of its kind, as text; and back. */
void srn_chain_get(const srn_chain_module *module, const specrnn_option *of_kind, char *text, size_t size);
SPECRNN_MUST_CHECK specrnn_status srn_chain_set(srn_chain_module *module, const specrnn_option *of_kind,
                                                const char *text, const specrnn_log *log);

/* What the tensors of our own files that are no parameters begin with. */
#define SRN_RESERVED_PREFIX "specrnn."

/* Directions, width of h per direction, features put out per frame. */
size_t srn_module_directions(const srn_chain_module *module);
size_t srn_module_state_size(const srn_chain_module *module);
size_t srn_module_width(const srn_chain_module *module);

/* Number of layers; 1 for a linear module. */
size_t srn_module_layers(const srn_chain_module *module);

/* What a chain sums up to. */
typedef struct srn_structure {
  size_t n_layers; /* without the output layer */
  bool has_output_layer;
} srn_structure;

srn_structure srn_structure_of(const srn_chain_module *modules, size_t n_modules);

/* What a state_dict leaves open of modules of a kind, an option of theirs: the first choice is PyTorch's. */
typedef struct srn_open_option {
  const char *key;         /* of srn_chain_options and of specrnn_model_load_options */
  const char *question;    /* "the file does not say ..." */
  specrnn_log_level level; /* of saying so: a warning where the other choice is as likely */
  int kind;
  bool last; /* of the last module alone */
} srn_open_option;

/* Option `index`; NULL past the last. */
const srn_open_option *srn_open_option_get(size_t index);

/* Whether it is one of module `index`. */
bool srn_open_option_concerns(const srn_open_option *option, const srn_chain_module *modules, size_t n_modules,
                              size_t index);

/* The place of an option's choice in a module. */
int srn_module_choice(const srn_chain_module *module, const char *key);
void srn_module_choose(srn_chain_module *module, const char *key, int choice);

/* The kind of a recurrent layer by the rows of W_hh for each column of it; false where there is none. */
bool srn_module_recognise(srn_chain_module *module, size_t gates);

/* What one matrix alone is: a linear layer. */
void srn_module_set_linear(srn_chain_module *module, size_t n_outputs, size_t n_inputs);

/* A name that a module may have behind `count` others. */
SPECRNN_MUST_CHECK specrnn_status srn_chain_check_name(const srn_chain_module *modules, size_t count,
                                                       const srn_chain_module *module, const specrnn_log *log);

/* Checks every module and that the widths chain, and makes the graph of it. */
SPECRNN_MUST_CHECK specrnn_status srn_chain_graph(const srn_graph **out, const srn_chain_module *modules,
                                                  size_t n_modules, const specrnn_log *log);

/* Modules of the graph that a module of the chain becomes: 2 with an activation, else 1. */
size_t srn_module_parts(const srn_chain_module *module);

#endif
