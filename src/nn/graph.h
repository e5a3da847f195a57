/* A graph: the immutable plan of a network, without a number in it. Nodes stand in the order in which they run; each
 * reads the one before it. */
#ifndef SPECRNN_SRC_NN_GRAPH_H
#define SPECRNN_SRC_NN_GRAPH_H

#include "nn/kind.h"

/* A module, as somebody asks for it. */
typedef struct srn_module_request {
  const char *name; /* of the parameters; "" where they have none */
  const srn_kind *kind;
  const void *options; /* of the kind's own struct; copied */
} srn_module_request;

/* A module, as it stands. Its nodes are the layers with what lies between them; the last is what it puts out. */
typedef struct srn_module {
  char name[SRN_NAME_SIZE];
  const srn_kind *kind;
  size_t first_node, n_nodes;
  size_t first_parameter, n_parameters;
} srn_module;

/* Reference-counted, shared by threads. */
typedef struct srn_graph {
  size_t n_inputs, n_outputs; /* features of a row */
  size_t n_modules, n_nodes, n_parameters;
  size_t n_weights;      /* numbers in all parameters */
  size_t h_size, c_size; /* states of a sequence */
  size_t row_size;       /* the widest row, the input included */
  bool needs_end;        /* some node does: no stream */
  const srn_module *modules;
  const srn_node *nodes;
} srn_graph;

/* The modules one after the other.
 * @return SPECRNN_ERROR_ARGUMENT for options that are out of range or do not fit, with the module's name;
 * SPECRNN_ERROR_MEMORY. */
SPECRNN_MUST_CHECK specrnn_status srn_graph_create(const srn_graph **out, size_t n_inputs,
                                                   const srn_module_request *modules, size_t n_modules,
                                                   const specrnn_log *log);

/* Another owner, and one less; NULL is allowed. */
const srn_graph *srn_graph_share(const srn_graph *graph);
void srn_graph_release(const srn_graph *graph);

/* Parameter array `index` below n_parameters, under its whole name. */
void srn_graph_parameter(const srn_graph *graph, size_t index, srn_parameter_spec *spec);

/* The node that a parameter array belongs to. */
const srn_node *srn_graph_node_of(const srn_graph *graph, size_t parameter);

/* "rnn1", of a module of several layers "rnn1.0", "rnn1.1" ..., and of the dropout behind one "rnn1.0.dropout". */
enum { SRN_NODE_NAME_SIZE = SRN_NAME_SIZE + 32 };
void srn_graph_node_name(const srn_graph *graph, size_t node, char name[SRN_NODE_NAME_SIZE]);

/* Floats of scratch that any node needs; never 0 but where the number does not fit. */
size_t srn_graph_scratch(const srn_graph *graph, size_t n_sequences, size_t block_rows);

/* Floats that any node saves of a row. */
size_t srn_graph_saved(const srn_graph *graph);

#endif
