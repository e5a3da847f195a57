/* The block of packed parameters. */
#include "nn/cache.h"

#include <stdatomic.h>

#include "core/log.h"

/* One block of memory: this, the parts, then what the kinds take for each. */
typedef struct block {
  srn_cache cache; /* first: what the others see */
  atomic_size_t owners;
} block;

/* Runs twice, as core/arena.h says. */
static block *lay_out(srn_arena *arena, const srn_graph *graph, srn_weight_type type)
{
  block *b = srn_arena_take(arena, 1, sizeof *b);
  void **parts = srn_arena_take(arena, graph->n_nodes, sizeof *parts);
  for (size_t i = 0; i < graph->n_nodes; i++) {
    const srn_node *node = &graph->nodes[i];
    void *part = node->kind->lay_out ? node->kind->lay_out(node, type, arena) : NULL;
    if (parts) {
      parts[i] = part;
    }
  }
  if (b) {
    b->cache = (srn_cache){graph, type, parts, arena->used};
    atomic_init(&b->owners, 1);
  }
  return b;
}

static specrnn_status check_type(const srn_graph *graph, srn_weight_type type, const specrnn_log *log)
{
  for (size_t i = 0; type == SRN_WEIGHT_INT8 && i < graph->n_parameters; i++) {
    srn_parameter_spec spec;
    srn_graph_parameter(graph, i, &spec);
    if (srn_parameter_is_matrix(&spec) && spec.row_size > SRN_INT8_MOST_DEPTH) {
      return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "%s has %zu columns; 8-bit weights may have %d", spec.name,
                      spec.row_size, SRN_INT8_MOST_DEPTH);
    }
  }
  return SPECRNN_OK;
}

size_t srn_cache_size(const srn_graph *graph, srn_weight_type type)
{
  srn_arena arena = {0};
  lay_out(&arena, graph, type);
  return arena.overflow ? 0 : arena.used;
}

specrnn_status srn_cache_create(srn_cache **out, const srn_graph *graph, srn_weight_type type, const specrnn_log *log)
{
  specrnn_status status = check_type(graph, type, log);
  if (status) {
    return status;
  }
  srn_arena arena = {0};
  lay_out(&arena, graph, type);
  size_t size = arena.used;
  if (!srn_arena_allocate(&arena)) {
    return srn_fail_memory(log, size);
  }
  block *b = lay_out(&arena, graph, type);
  srn_graph_share(graph);
  *out = &b->cache;
  return SPECRNN_OK;
}

srn_cache *srn_cache_share(srn_cache *cache)
{
  atomic_fetch_add_explicit(&((block *)cache)->owners, 1, memory_order_relaxed);
  return cache;
}

void srn_cache_release(srn_cache *cache)
{
  if (cache && atomic_fetch_sub_explicit(&((block *)cache)->owners, 1, memory_order_acq_rel) == 1) {
    srn_graph_release(cache->graph);
    srn_arena_free(cache);
  }
}

void srn_cache_set_rows(srn_cache *cache, size_t index, size_t row, size_t n_rows, const float *values)
{
  const srn_node *node = srn_graph_node_of(cache->graph, index);
  void *part = cache->parts[node - cache->graph->nodes];
  node->kind->set_rows(node, part, index - node->first_parameter, row, n_rows, values);
}

void srn_cache_get_rows(const srn_cache *cache, size_t index, size_t row, size_t n_rows, float *values)
{
  const srn_node *node = srn_graph_node_of(cache->graph, index);
  const void *part = cache->parts[node - cache->graph->nodes];
  node->kind->get_rows(node, part, index - node->first_parameter, row, n_rows, values);
}

void srn_cache_refresh_one(srn_cache *cache, size_t index, const float *values)
{
  srn_parameter_spec spec;
  srn_graph_parameter(cache->graph, index, &spec);
  srn_cache_set_rows(cache, index, 0, spec.n_rows, values);
}

void srn_cache_refresh(srn_cache *cache, const float *const *values)
{
  for (size_t i = 0; i < cache->graph->n_parameters; i++) {
    srn_cache_refresh_one(cache, i, values[i]);
  }
}
