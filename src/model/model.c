/* Models made from structures, and their end. */
#include <string.h>

#include "core/arena.h"
#include "core/log.h"
#include "core/rng.h"
#include "model/graph.h"
#include "model/object.h"

/* ----------------------------------------------------------------------------------------- where numbers come from */

/* The draws of specrnn_model_config's seed. */
static specrnn_status draw(void *user, size_t index, const srn_parameter_spec *spec, size_t row, size_t n_rows,
                           float *values, const specrnn_log *log)
{
  (void)log;
  const uint64_t *seed = user;
  uint64_t first = ((uint64_t)index << 32) + (uint64_t)row * spec->row_size;
  for (size_t i = 0; i < n_rows * spec->row_size; i++) {
    values[i] = (float)(spec->bound * (2.0 * srn_random_uniform(*seed, first + i) - 1.0));
  }
  return SPECRNN_OK;
}

/* Arrays one after the other: specrnn_model_config's parameters. */
static specrnn_status take_flat(void *user, size_t index, const srn_parameter_spec *spec, size_t row, size_t n_rows,
                                float *values, const specrnn_log *log)
{
  (void)index;
  (void)row;
  (void)log;
  const float **next = user;
  size_t count = n_rows * spec->row_size;
  memcpy(values, *next, count * sizeof *values);
  *next += count;
  return SPECRNN_OK;
}

/* ---------------------------------------------------------------------------------------------------------- making */

specrnn_status specrnn_model_create(specrnn_model **out, const specrnn_model_config *config, const specrnn_log *log)
{
  if (!config->graph || !srn_graph_count(config->graph)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a model needs at least one module");
  }
  if (!config->mean != !config->scale) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a normaliser needs both mean and scale");
  }
  uint64_t seed = config->seed;
  const float *flat = config->parameters;
  srn_model_parts parts = {
      .source = SPECRNN_MODEL_SOURCE_CREATED,
      .modules = srn_graph_chain(config->graph),
      .n_modules = srn_graph_count(config->graph),
      .batch_first = config->batch_first,
      .front_end = config->front_end,
      .mean = config->mean,
      .scale = config->scale,
  };
  parts.parameters = flat ? (srn_parameter_source){take_flat, &flat} : (srn_parameter_source){draw, &seed};
  specrnn_status status = srn_chain_graph(&parts.graph, parts.modules, parts.n_modules, log);
  if (!status) {
    status = srn_model_build(out, &parts, log);
    srn_graph_release(parts.graph);
  }
  return status;
}

specrnn_model *specrnn_model_share(const specrnn_model *model)
{
  specrnn_model *shared = (specrnn_model *)(uintptr_t)model; /* of what is const the number of owners alone changes */
  atomic_fetch_add_explicit(&shared->owners, 1, memory_order_relaxed);
  return shared;
}

void specrnn_model_destroy(specrnn_model **model)
{
  if (!model || !*model) {
    return;
  }
  if (atomic_fetch_sub_explicit(&(*model)->owners, 1, memory_order_acq_rel) == 1) {
    srn_cache_release((*model)->cache);
    srn_arena_free(*model);
  }
  *model = NULL;
}
