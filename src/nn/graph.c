/* From modules to nodes: shapes, and where states and parameters lie. */
#include "nn/graph.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "core/checked.h"
#include "core/log.h"

enum { MAX_NODES = 4096 };

/* One block of memory. */
typedef struct block {
  srn_graph graph; /* first: what the others see */
  atomic_size_t owners;
} block;

/* What is asked for. */
typedef struct plan {
  size_t n_inputs;
  const srn_module_request *requests;
  size_t n_modules;
} plan;

/* --------------------------------------------------------------------------------------------------------- modules */

static size_t layers_of(const srn_module_request *request)
{
  return request->kind->n_layers ? request->kind->n_layers(request->options) : 1;
}

static specrnn_status check(const plan *p, size_t *most_nodes, const specrnn_log *log)
{
  *most_nodes = 0;
  for (size_t i = 0; i < p->n_modules; i++) {
    const srn_module_request *request = &p->requests[i];
    const srn_kind *kind = request->kind;
    specrnn_status status = specrnn_option_validate(kind->options, request->options, log);
    if (status) {
      return status;
    }
    const char *broken = kind->broken_rule ? kind->broken_rule(request->options) : NULL;
    if (broken) {
      return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "module '%s': %s", request->name, broken);
    }
    *most_nodes += 2 * layers_of(request); /* with a dropout behind each */
    if (*most_nodes > MAX_NODES) {
      return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the network has more than %d layers", MAX_NODES / 2);
    }
  }
  return SPECRNN_OK;
}

/* Places of the block, found twice, as core/arena.h says. */
typedef struct places {
  block *block;
  srn_module *modules;
  srn_node *nodes;
  srn_dropout_options *dropouts;
  unsigned char **options; /* of each module */
} places;

static places lay_out(srn_arena *arena, const plan *p, size_t most_nodes)
{
  places at;
  at.block = srn_arena_take(arena, 1, sizeof *at.block);
  at.modules = srn_arena_take(arena, p->n_modules, sizeof *at.modules);
  at.nodes = srn_arena_take(arena, most_nodes, sizeof *at.nodes);
  at.dropouts = srn_arena_take(arena, p->n_modules, sizeof *at.dropouts);
  at.options = srn_arena_take(arena, p->n_modules, sizeof *at.options);
  for (size_t i = 0; i < p->n_modules; i++) {
    unsigned char *options = srn_arena_take(arena, 1, p->requests[i].kind->options->size);
    if (at.options) {
      at.options[i] = options;
    }
  }
  return at;
}

/* ----------------------------------------------------------------------------------------------------------- nodes */

static uint64_t hash_name(const char *name)
{
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  for (; *name; name++) {
    hash = (hash ^ (unsigned char)*name) * UINT64_C(0x00000100000001b3);
  }
  return hash;
}

static size_t larger(size_t a, size_t b)
{
  return a > b ? a : b;
}

static bool count_weights(srn_graph *graph, const srn_node *node)
{
  bool fits = true;
  for (size_t i = 0; i < node->n_parameters && fits; i++) {
    srn_parameter_spec spec = {.rank = 0};
    node->kind->parameter(node, i, &spec);
    fits = srn_size_add(graph->n_weights, srn_parameter_count(&spec), &graph->n_weights);
  }
  return fits;
}

/* Adds a node behind the last; false where its weights cannot be counted. */
static bool add_node(srn_graph *graph, srn_node *nodes, const srn_node *made)
{
  srn_node *node = &nodes[graph->n_nodes++];
  *node = *made;
  node->n_inputs = graph->n_outputs;
  node->kind->plan(node);
  node->h_offset = graph->h_size;
  node->c_offset = graph->c_size;
  node->first_parameter = graph->n_parameters;
  graph->h_size += node->h_size;
  graph->c_size += node->c_size;
  graph->n_parameters += node->n_parameters;
  graph->n_outputs = node->n_outputs;
  graph->row_size = larger(graph->row_size, node->n_outputs);
  graph->needs_end |= node->n_directions > 1;
  return count_weights(graph, node);
}

static bool add_module(srn_graph *graph, const places *at, size_t index, const srn_module_request *request)
{
  srn_module *module = &at->modules[index];
  snprintf(module->name, sizeof module->name, "%s", request->name);
  module->kind = request->kind;
  module->first_node = graph->n_nodes;
  module->first_parameter = graph->n_parameters;
  memcpy(at->options[index], request->options, request->kind->options->size);
  bool fits = true;
  for (size_t layer = 0; layer < layers_of(request) && fits; layer++) {
    srn_node node = {.kind = request->kind, .options = at->options[index], .module = index, .layer = layer};
    fits = add_node(graph, at->nodes, &node);
    double dropout = at->nodes[graph->n_nodes - 1].dropout;
    if (dropout > 0.0) {
      at->dropouts[index].p = dropout;
      node.kind = &SRN_KIND_DROPOUT;
      node.options = &at->dropouts[index];
      fits = fits && add_node(graph, at->nodes, &node);
    }
  }
  module->n_nodes = graph->n_nodes - module->first_node;
  module->n_parameters = graph->n_parameters - module->first_parameter;
  return fits;
}

specrnn_status srn_graph_create(const srn_graph **out, size_t n_inputs, const srn_module_request *modules,
                                size_t n_modules, const specrnn_log *log)
{
  const plan p = {n_inputs, modules, n_modules};
  size_t most_nodes;
  specrnn_status status = check(&p, &most_nodes, log);
  if (status) {
    return status;
  }
  srn_arena arena = {0};
  lay_out(&arena, &p, most_nodes);
  size_t size = arena.used;
  if (!srn_arena_allocate(&arena)) {
    return srn_fail_memory(log, size);
  }
  places at = lay_out(&arena, &p, most_nodes);
  srn_graph *graph = &at.block->graph;
  atomic_init(&at.block->owners, 1);
  *graph = (srn_graph){.n_inputs = n_inputs, .n_outputs = n_inputs, .n_modules = n_modules, .row_size = n_inputs};
  graph->modules = at.modules;
  graph->nodes = at.nodes;
  bool fits = true;
  for (size_t i = 0; i < n_modules && fits; i++) {
    fits = add_module(graph, &at, i, &modules[i]);
  }
  for (size_t i = 0; i < graph->n_nodes; i++) {
    char name[SRN_NODE_NAME_SIZE];
    srn_graph_node_name(graph, i, name);
    at.nodes[i].key = hash_name(name);
  }
  if (!fits) {
    srn_graph_release(graph);
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the network has more weights than can be counted");
  }
  *out = graph;
  return SPECRNN_OK;
}

static block *block_of(const srn_graph *graph)
{
  return (block *)(uintptr_t)graph;
}

const srn_graph *srn_graph_share(const srn_graph *graph)
{
  atomic_fetch_add_explicit(&block_of(graph)->owners, 1, memory_order_relaxed);
  return graph;
}

void srn_graph_release(const srn_graph *graph)
{
  if (graph && atomic_fetch_sub_explicit(&block_of(graph)->owners, 1, memory_order_acq_rel) == 1) {
    srn_arena_free(block_of(graph));
  }
}

/* ---------------------------------------------------------------------------------------------------------- asking */

const srn_node *srn_graph_node_of(const srn_graph *graph, size_t parameter)
{
  const srn_node *node = graph->nodes;
  while (parameter >= node->first_parameter + node->n_parameters) {
    node++;
  }
  return node;
}

void srn_graph_parameter(const srn_graph *graph, size_t index, srn_parameter_spec *spec)
{
  const srn_node *node = srn_graph_node_of(graph, index);
  const char *module = graph->modules[node->module].name;
  srn_parameter_spec part = {.rank = 0};
  node->kind->parameter(node, index - node->first_parameter, &part);
  *spec = part;
  snprintf(spec->name, sizeof spec->name, "%.*s%s%.*s", SRN_NAME_SIZE - 1, module, *module ? "." : "",
           SRN_PARAMETER_NAME_SIZE - SRN_NAME_SIZE - 1, part.name);
}

void srn_graph_node_name(const srn_graph *graph, size_t index, char name[SRN_NODE_NAME_SIZE])
{
  const srn_node *node = &graph->nodes[index];
  const srn_module *module = &graph->modules[node->module];
  bool several = module->n_nodes > 1;
  bool between = node->kind != module->kind;
  int length = snprintf(name, SRN_NODE_NAME_SIZE, "%s", module->name);
  if (several) {
    length += snprintf(name + length, (size_t)(SRN_NODE_NAME_SIZE - length), ".%zu", node->layer);
  }
  if (between) {
    snprintf(name + length, (size_t)(SRN_NODE_NAME_SIZE - length), ".%s", node->kind->name);
  }
}

size_t srn_graph_scratch(const srn_graph *graph, size_t n_sequences, size_t block_rows)
{
  size_t most = 1;
  for (size_t i = 0; i < graph->n_nodes; i++) {
    const srn_node *node = &graph->nodes[i];
    size_t needed = node->kind->scratch ? node->kind->scratch(node, n_sequences, block_rows) : 1;
    if (!needed) {
      return 0;
    }
    most = larger(most, needed);
  }
  return most;
}

size_t srn_graph_saved(const srn_graph *graph)
{
  size_t most = 0;
  for (size_t i = 0; i < graph->n_nodes; i++) {
    most = larger(most, graph->nodes[i].saved_size);
  }
  return most;
}
