/* What a public graph holds. */
#ifndef SPECRNN_SRC_MODEL_GRAPH_H
#define SPECRNN_SRC_MODEL_GRAPH_H

#include "model/structure.h"

const srn_chain_module *srn_graph_chain(const specrnn_graph *graph);
size_t srn_graph_count(const specrnn_graph *graph);

#endif
