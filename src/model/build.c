/* Building a model: one block for what is known of it; the numbers are the cache's. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/checked.h"
#include "core/fpu.h"
#include "core/log.h"
#include "model/object.h"

/* ------------------------------------------------------------------------------------------------------- the block */

static size_t count_gates(const srn_graph *graph)
{
  size_t count = 0;
  for (size_t i = 0; i < graph->n_nodes; i++) {
    count += graph->nodes[i].gates ? graph->nodes[i].n_gates : 0;
  }
  return count;
}

/* Runs twice, as core/arena.h says: to count, then to take. Pointers are only followed when there is memory. */
static specrnn_model *lay_out(srn_arena *arena, const srn_model_parts *parts, const srn_structure *structure)
{
  specrnn_model local = {0};
  specrnn_model *model = srn_arena_take(arena, 1, sizeof *model);
  specrnn_model *m = model ? model : &local;
  size_t n_layers = structure->n_layers + (structure->has_output_layer ? 1 : 0);
  m->modules = srn_arena_take(arena, parts->n_modules, sizeof *m->modules);
  m->module_infos = srn_arena_take(arena, parts->n_modules, sizeof *m->module_infos);
  m->options = srn_arena_take(arena, parts->n_modules, sizeof *m->options);
  m->layers = srn_arena_take(arena, n_layers, sizeof *m->layers);
  m->gates = srn_arena_take(arena, count_gates(parts->graph), sizeof *m->gates);
  m->descriptions = srn_arena_take(arena, n_layers, sizeof *m->descriptions);
  m->shown = srn_arena_take(arena, n_layers, sizeof *m->shown);
  m->parameters = srn_arena_take(arena, parts->graph->n_parameters, sizeof *m->parameters);
  m->tests = srn_arena_take(arena, parts->n_tests, sizeof *m->tests);
  m->front_end = parts->front_end ? srn_arena_take(arena, 1, sizeof *m->front_end) : NULL;
  m->mean = parts->mean ? srn_arena_take(arena, parts->graph->n_inputs, sizeof *m->mean) : NULL;
  m->scale = parts->mean ? srn_arena_take(arena, parts->graph->n_inputs, sizeof *m->scale) : NULL;
  return model;
}

static void lay_out_parameters(srn_arena *arena, specrnn_model *model, const srn_graph *graph)
{
  for (size_t i = 0; i < graph->n_parameters; i++) {
    srn_parameter_spec spec;
    srn_graph_parameter(graph, i, &spec);
    char *name = srn_arena_take(arena, strlen(spec.name) + 1, 1);
    if (model) {
      strcpy(name, spec.name);
      model->parameters[i] = (specrnn_parameter){name, spec.rank, {spec.shape[0], spec.shape[1]}};
    }
  }
}

static void lay_out_tests(srn_arena *arena, specrnn_model *model, const srn_model_parts *parts)
{
  for (size_t i = 0; i < parts->n_tests; i++) {
    const specrnn_model_test *test = &parts->tests[i];
    size_t n_inputs = test->n_frames * parts->graph->n_inputs;
    size_t n_outputs = test->n_frames * parts->graph->n_outputs;
    float *input = srn_arena_take(arena, n_inputs, sizeof *input);
    float *output = srn_arena_take(arena, n_outputs, sizeof *output);
    if (model) {
      memcpy(input, test->input, n_inputs * sizeof *input);
      memcpy(output, test->output, n_outputs * sizeof *output);
      model->tests[i] = (specrnn_model_test){test->n_frames, input, output, test->tolerance};
    }
  }
}

static specrnn_model *lay_out_all(srn_arena *arena, const srn_model_parts *parts, const srn_structure *structure)
{
  specrnn_model *model = lay_out(arena, parts, structure);
  lay_out_parameters(arena, model, parts->graph);
  lay_out_tests(arena, model, parts);
  return model;
}

static specrnn_status allocate(specrnn_model **out, const srn_model_parts *parts, const srn_structure *structure,
                               const specrnn_log *log)
{
  srn_arena arena = {0};
  lay_out_all(&arena, parts, structure);
  size_t size = arena.used;
  specrnn_status status = parts->budget ? srn_budget_take(parts->budget, size, "the model", log) : SPECRNN_OK;
  if (status) {
    return status;
  }
  if (!srn_arena_allocate(&arena)) {
    return srn_fail_memory(log, size);
  }
  *out = lay_out_all(&arena, parts, structure);
  return SPECRNN_OK;
}

/* ------------------------------------------------------------------------------------------------------- contents */

static void describe(specrnn_model *model, const srn_model_parts *parts, const srn_structure *structure)
{
  const srn_graph *graph = parts->graph;
  model->info = (specrnn_model_info){
      .source = parts->source,
      .weight_type = parts->weight_type,
      .n_modules = parts->n_modules,
      .n_layers = structure->n_layers,
      .n_parameters = graph->n_parameters,
      .n_weights = graph->n_weights,
      .input_size = graph->n_inputs,
      .output_size = graph->n_outputs,
      .h_size = graph->h_size,
      .c_size = graph->c_size,
      .n_tests = parts->n_tests,
      .has_output_layer = structure->has_output_layer,
      .bidirectional = graph->needs_end,
      .batch_first = parts->batch_first,
      .has_normaliser = parts->mean != NULL,
      .has_front_end = parts->front_end != NULL,
  };
}

static void describe_modules(specrnn_model *model)
{
  for (size_t i = 0; i < model->info.n_modules; i++) {
    const srn_chain_module *module = &model->modules[i];
    const srn_kind *kind = srn_chain_kind_of(module);
    srn_chain_options_json(module, model->options[i], SRN_OPTIONS_SIZE);
    model->module_infos[i] = (specrnn_module_info){module->name,
                                                   kind->name,
                                                   kind->title,
                                                   model->options[i],
                                                   (size_t)module->input_size,
                                                   srn_module_width(module),
                                                   srn_module_layers(module)};
  }
}

static void copy_small_parts(specrnn_model *model, const srn_model_parts *parts)
{
  memcpy(model->modules, parts->modules, parts->n_modules * sizeof *model->modules);
  if (parts->front_end) {
    *model->front_end = *parts->front_end;
  }
  if (parts->mean) {
    memcpy(model->mean, parts->mean, model->info.input_size * sizeof *model->mean);
    memcpy(model->scale, parts->scale, model->info.input_size * sizeof *model->scale);
  }
}

/* Weights and bytes of one layer, from its parameter arrays. Biases are read in a step, too, but are counted as
 * parameters only: the bytes of a step are those of the matrices. */
static void measure_layer(specrnn_layer_info *layer, const specrnn_model *model, const srn_node *node)
{
  for (size_t i = 0; i < node->n_parameters; i++) {
    srn_parameter_spec spec;
    srn_graph_parameter(model->graph, node->first_parameter + i, &spec);
    size_t count = srn_parameter_count(&spec);
    layer->n_weights += count;
    layer->bytes_per_step += srn_parameter_is_matrix(&spec) ? count * srn_weights_size(model->info.weight_type) : 0;
  }
}

/* The gates of a layer behind those of the layers before it. */
static specrnn_gate *copy_gates(specrnn_model *model, size_t index, const srn_node *node)
{
  specrnn_gate *gates = model->gates;
  for (size_t i = 0; i < index; i++) {
    gates += model->layers[i].gates ? model->layers[i].n_gates : 0;
  }
  for (size_t g = 0; node->gates && g < node->n_gates; g++) {
    gates[g] = (specrnn_gate){node->gates[g].name, node->gates[g].low, node->gates[g].high};
  }
  return node->gates ? gates : NULL;
}

static void describe_layer(specrnn_model *model, size_t index, size_t module, const srn_node *node)
{
  if (node->kind->describe) {
    node->kind->describe(node, model->descriptions[index], SRN_DESCRIPTION_SIZE);
  } else {
    snprintf(model->descriptions[index], SRN_DESCRIPTION_SIZE, "%s", node->kind->title);
  }
  specrnn_layer_info info = {
      .module = &model->module_infos[module],
      .kind = node->kind->name,
      .title = node->kind->title,
      .description = model->descriptions[index],
      .cell = node->cell,
      .h_size = node->h_size,
      .c_size = node->c_size,
      .gates = copy_gates(model, index, node),
      .low = node->low,
      .high = node->high,
      .module_index = module,
      .layer_in_module = (int)node->layer,
      .input_size = node->n_inputs,
      .width = node->n_outputs,
      .n_directions = node->n_directions,
      .n_gates = node->n_gates,
      .hidden_size = node->n_units,
      .h_offset = node->h_offset,
      .c_offset = node->c_offset,
  };
  measure_layer(&info, model, node);
  model->info.bytes_per_step += info.bytes_per_step;
  model->layers[index] = info;
}

/* The layers of the chain among the nodes of its graph. */
static void find_layers(specrnn_model *model)
{
  const srn_graph *graph = model->graph;
  const srn_module *made = graph->modules;
  size_t layer = 0;
  for (size_t i = 0; i < model->info.n_modules; i++) {
    for (size_t k = made->first_node; k < made->first_node + made->n_nodes; k++) {
      if (graph->nodes[k].kind == made->kind) { /* else what lies between layers */
        describe_layer(model, layer, i, &graph->nodes[k]);
        model->shown[layer++] = k;
      }
    }
    const srn_module *last = made + srn_module_parts(&model->modules[i]) - 1;
    if (last != made) { /* an activation is what the layer shows */
      char *text = model->descriptions[layer - 1];
      size_t length = strlen(text);
      snprintf(text + length, SRN_DESCRIPTION_SIZE - length, " %s", last->kind->title);
    }
    model->shown[layer - 1] = last->first_node + last->n_nodes - 1;
    made = last + 1;
  }
}

size_t srn_model_layer_of(const specrnn_model *model, size_t node)
{
  size_t layer = 0;
  while (layer < srn_model_layers(model) && model->shown[layer] != node) {
    layer++;
  }
  return layer;
}

/* -------------------------------------------------------------------------------------------------------- numbers */

size_t srn_rows_at_once(const srn_parameter_spec *spec)
{
  enum { MOST_NUMBERS = 1 << 18 };
  size_t rows = spec->row_size < MOST_NUMBERS ? MOST_NUMBERS / spec->row_size : 1;
  rows = rows < SRN_PANEL_ROWS ? rows : SRN_PANEL_ROWS;
  return rows < spec->n_rows ? rows : spec->n_rows;
}

static specrnn_status check_finite(const srn_parameter_spec *spec, size_t row, size_t n_rows, const float *values,
                                   const specrnn_log *log)
{
  for (size_t i = 0; i < n_rows * spec->row_size; i++) {
    if (!isfinite(values[i])) {
      return srn_fail(log, SPECRNN_ERROR_NOT_FINITE, "%s holds a value that is not finite, number %zu of %zu",
                      spec->name, row * spec->row_size + i, srn_parameter_count(spec));
    }
  }
  return SPECRNN_OK;
}

static specrnn_status fill_rows(srn_cache *cache, const srn_parameter_source *source, size_t index,
                                const srn_parameter_spec *spec, size_t row, size_t n_rows, float *values,
                                const specrnn_log *log)
{
  specrnn_status status = source->fill(source->user, index, spec, row, n_rows, values, log);
  if (!status) {
    status = check_finite(spec, row, n_rows, values, log);
  }
  if (status) {
    return status;
  }
  srn_cache_set_rows(cache, index, row, n_rows, values);
  if (cache->type == SRN_WEIGHT_F32) {
    return SPECRNN_OK;
  }
  srn_cache_get_rows(cache, index, row, n_rows, values); /* rounding may meet the end of the range */
  return check_finite(spec, row, n_rows, values, log);
}

static specrnn_status fill_parameter(srn_cache *cache, const srn_parameter_source *source, size_t index,
                                     const specrnn_log *log)
{
  srn_parameter_spec spec;
  srn_graph_parameter(cache->graph, index, &spec);
  size_t at_once = srn_rows_at_once(&spec);
  float *values = malloc(at_once * spec.row_size * sizeof *values);
  if (!values) {
    return srn_fail_memory(log, at_once * spec.row_size * sizeof *values);
  }
  specrnn_status status = SPECRNN_OK;
  for (size_t row = 0; row < spec.n_rows && !status; row += at_once) {
    size_t left = spec.n_rows - row;
    status = fill_rows(cache, source, index, &spec, row, left < at_once ? left : at_once, values, log);
  }
  free(values);
  return status;
}

static specrnn_status make_cache(srn_cache **out, const srn_model_parts *parts, const specrnn_log *log)
{
  if (parts->cache) {
    *out = srn_cache_share(parts->cache);
    return SPECRNN_OK;
  }
  srn_weight_type type = srn_weights_packed_type(parts->weight_type);
  size_t size = srn_cache_size(parts->graph, type);
  specrnn_status status = parts->budget ? srn_budget_take(parts->budget, size, "the model's weights", log) : SPECRNN_OK;
  srn_cache *cache = NULL;
  if (!status) {
    status = srn_cache_create(&cache, parts->graph, type, log);
  }
  for (size_t i = 0; i < parts->graph->n_parameters && !status; i++) {
    status = fill_parameter(cache, &parts->parameters, i, log);
  }
  if (status) {
    srn_cache_release(cache);
    return status;
  }
  *out = cache;
  return SPECRNN_OK;
}

static specrnn_status check_normaliser(const specrnn_model *model, const specrnn_log *log)
{
  for (size_t i = 0; model->mean && i < model->info.input_size; i++) {
    if (!isfinite(model->mean[i]) || !isfinite(model->scale[i])) {
      return srn_fail(log, SPECRNN_ERROR_NOT_FINITE, "the normaliser of bin %zu is not finite", i);
    }
  }
  return SPECRNN_OK;
}

/* ----------------------------------------------------------------------------------------------------------- build */

static specrnn_status check_front_end(const srn_model_parts *parts, const specrnn_log *log)
{
  if (!parts->front_end) {
    return SPECRNN_OK;
  }
  specrnn_features_shape shape;
  specrnn_status status = specrnn_features_describe(parts->front_end, &shape, log);
  if (!status && shape.n_bins != parts->graph->n_inputs) {
    status = srn_fail(log, SPECRNN_ERROR_SHAPE, "the front end gives %zu features per frame; the model reads %zu",
                      shape.n_bins, parts->graph->n_inputs);
  }
  return status;
}

/* A block that was just allocated becomes a model. */
static specrnn_status complete(specrnn_model *model, const srn_model_parts *parts, const srn_structure *structure,
                               const specrnn_log *log)
{
  atomic_init(&model->owners, 1);
  describe(model, parts, structure);
  copy_small_parts(model, parts);
  describe_modules(model);
  specrnn_status status = make_cache(&model->cache, parts, log);
  if (status) {
    return status;
  }
  model->graph = model->cache->graph;
  find_layers(model);
  if (model->front_end) {
    status = specrnn_features_resolve(model->front_end, log); /* no "auto" is left in what is saved */
  }
  if (!status) {
    status = check_normaliser(model, log);
  }
  return status ? status : srn_model_fingerprint(&model->info.fingerprint, model, log);
}

static specrnn_status build(specrnn_model **out, const srn_model_parts *parts, const specrnn_log *log)
{
  srn_structure structure = srn_structure_of(parts->modules, parts->n_modules);
  specrnn_model *model = NULL;
  specrnn_status status = check_front_end(parts, log);
  if (!status) {
    status = allocate(&model, parts, &structure, log);
  }
  if (status) {
    return status;
  }
  status = complete(model, parts, &structure, log);
  if (status) {
    specrnn_model_destroy(&model);
    return status;
  }
  *out = model;
  return SPECRNN_OK;
}

/* Weights that are drawn, folded, packed or quantised are rounded: not as the caller happens to round. */
specrnn_status srn_model_build(specrnn_model **out, const srn_model_parts *parts, const specrnn_log *log)
{
  srn_fpu_mode mode = srn_fpu_enter_exact();
  specrnn_status status = build(out, parts, log);
  srn_fpu_leave(mode);
  return status;
}
