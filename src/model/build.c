/* Building a model: one block for everything but the packed matrices, which are a second one. */
#include <math.h>
#include <string.h>

#include "core/arena.h"
#include "core/checked.h"
#include "core/fpu.h"
#include "core/log.h"
#include "model/object.h"

/* ----------------------------------------------------------------------------------------------------- the first block
 */

/* Runs twice, as core/arena.h says: to count, then to take. Pointers are only followed when there is memory. */
static specrnn_model *lay_out(srn_arena *arena, const srn_model_parts *parts, const srn_structure *structure)
{
  specrnn_model local = {0};
  specrnn_model *model = srn_arena_take(arena, 1, sizeof *model);
  specrnn_model *m = model ? model : &local;
  size_t n_stages = structure->n_layers + (structure->has_output_layer ? 1 : 0);
  size_t input_size = (size_t)parts->modules[0].input_size;
  m->modules = srn_arena_take(arena, parts->n_modules, sizeof *m->modules);
  m->layers = srn_arena_take(arena, n_stages, sizeof *m->layers);
  m->stages = srn_arena_take(arena, n_stages, sizeof *m->stages);
  m->parameters = srn_arena_take(arena, structure->n_parameters, sizeof *m->parameters);
  m->tests = srn_arena_take(arena, parts->n_tests, sizeof *m->tests);
  m->front_end = parts->front_end ? srn_arena_take(arena, 1, sizeof *m->front_end) : NULL;
  m->mean = parts->mean ? srn_arena_take(arena, input_size, sizeof *m->mean) : NULL;
  m->scale = parts->mean ? srn_arena_take(arena, input_size, sizeof *m->scale) : NULL;
  return model;
}

/* Name and numbers of each parameter array. */
static void lay_out_parameters(srn_arena *arena, specrnn_model *model, const srn_model_parts *parts)
{
  size_t index = 0;
  for (size_t i = 0; i < parts->n_modules; i++) {
    for (size_t k = 0; k < srn_module_arrays(&parts->modules[i]); k++, index++) {
      srn_parameter_spec spec;
      srn_module_parameter(&parts->modules[i], k, &spec);
      char *name = srn_arena_take(arena, strlen(spec.name) + 1, 1);
      float *data = srn_arena_take(arena, spec.count, sizeof *data);
      if (model) {
        strcpy(name, spec.name);
        model->parameters[index] = (specrnn_parameter){name, spec.rank, {spec.shape[0], spec.shape[1]}, data};
      }
    }
  }
}

/* A linear layer's fold is not needed; a recurrent one's b_ih + b_hh is, where the cell allows it. */
static void lay_out_biases(srn_arena *arena, specrnn_model *model, const srn_model_parts *parts)
{
  size_t stage = 0;
  for (size_t i = 0; i < parts->n_modules; i++) {
    const specrnn_module *module = &parts->modules[i];
    bool folded = module->bias && (module->kind == SPECRNN_MODULE_RNN || module->kind == SPECRNN_MODULE_LSTM);
    for (size_t k = 0; k < srn_module_layers(module); k++, stage++) {
      for (size_t d = 0; folded && d < srn_module_directions(module); d++) {
        float *bias = srn_arena_take(arena, srn_module_gates(module) * (size_t)module->hidden_size, sizeof *bias);
        if (model) {
          model->stages[stage].layer.direction[d].bias_in = bias;
        }
      }
    }
  }
}

static void lay_out_tests(srn_arena *arena, specrnn_model *model, const srn_model_parts *parts, size_t output_size)
{
  size_t input_size = (size_t)parts->modules[0].input_size;
  for (size_t i = 0; i < parts->n_tests; i++) {
    const specrnn_model_test *test = &parts->tests[i];
    float *input = srn_arena_take(arena, test->n_frames * input_size, sizeof *input);
    float *output = srn_arena_take(arena, test->n_frames * output_size, sizeof *output);
    if (model) {
      memcpy(input, test->input, test->n_frames * input_size * sizeof *input);
      memcpy(output, test->output, test->n_frames * output_size * sizeof *output);
      model->tests[i] = (specrnn_model_test){test->n_frames, input, output, test->tolerance};
    }
  }
}

static specrnn_model *lay_out_all(srn_arena *arena, const srn_model_parts *parts, const srn_structure *structure)
{
  specrnn_model *model = lay_out(arena, parts, structure);
  lay_out_parameters(arena, model, parts);
  lay_out_biases(arena, model, parts);
  lay_out_tests(arena, model, parts, srn_module_width(&parts->modules[parts->n_modules - 1]));
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

/* ----------------------------------------------------------------------------------------------------------- contents
 */

static void describe(specrnn_model *model, const srn_model_parts *parts, const srn_structure *structure)
{
  model->info = (specrnn_model_info){
      .source = parts->source,
      .weight_type = parts->weight_type,
      .n_modules = parts->n_modules,
      .n_layers = structure->n_layers,
      .n_parameters = structure->n_parameters,
      .n_weights = structure->n_weights,
      .input_size = (size_t)parts->modules[0].input_size,
      .output_size = srn_module_width(&parts->modules[parts->n_modules - 1]),
      .n_tests = parts->n_tests,
      .has_output_layer = structure->has_output_layer,
      .bidirectional = structure->bidirectional,
      .batch_first = parts->batch_first,
      .has_normaliser = parts->mean != NULL,
      .has_front_end = parts->front_end != NULL,
  };
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
static void measure_layer(specrnn_layer_info *layer, const specrnn_parameter *arrays, size_t n_arrays,
                          size_t weight_size)
{
  for (size_t i = 0; i < n_arrays; i++) {
    size_t count = srn_parameter_count(&arrays[i]);
    layer->n_weights += count;
    layer->bytes_per_step += arrays[i].rank == 2 ? count * weight_size : 0;
  }
}

static specrnn_layer_info layer_info(specrnn_model *model, size_t module_index, size_t layer)
{
  const specrnn_module *module = &model->modules[module_index];
  specrnn_layer_info info = {
      .module = module,
      .module_index = module_index,
      .layer_in_module = (int)layer,
      .input_size = layer ? srn_module_width(module) : (size_t)module->input_size,
      .width = srn_module_width(module),
      .n_directions = srn_module_directions(module),
      .n_gates = srn_module_gates(module),
      .hidden_size = (size_t)module->hidden_size,
      .h_offset = model->info.h_size,
      .c_offset = model->info.c_size,
  };
  if (module->kind != SPECRNN_MODULE_LINEAR) {
    model->info.h_size += info.width;
  }
  if (module->kind == SPECRNN_MODULE_LSTM) {
    model->info.c_size += info.n_directions * info.hidden_size;
  }
  return info;
}

static const srn_cell *cell_of(const specrnn_module *module)
{
  switch (module->kind) {
  case SPECRNN_MODULE_RNN:
    return module->nonlinearity == SPECRNN_NONLINEARITY_RELU ? &SRN_CELL_RNN_RELU : &SRN_CELL_RNN_TANH;
  case SPECRNN_MODULE_LSTM: return &SRN_CELL_LSTM;
  case SPECRNN_MODULE_GRU:
    return module->gru_reset == SPECRNN_GRU_RESET_BEFORE ? &SRN_CELL_GRU_RESET_BEFORE : &SRN_CELL_GRU_RESET_AFTER;
  case SPECRNN_MODULE_LINEAR: break;
  }
  return NULL;
}

static srn_weights weights_of(const float *rows, size_t n_rows, size_t depth)
{
  return (srn_weights){{NULL, n_rows, depth, SRN_WEIGHT_F32}, rows};
}

/* One direction of a recurrent layer from its parameter arrays. */
static void connect_direction(srn_direction *direction, const srn_layer *layer, const specrnn_module *module,
                              const specrnn_parameter *arrays)
{
  const specrnn_parameter *w_ih = &arrays[SRN_W_IH];
  const specrnn_parameter *w_hh = &arrays[SRN_W_HH];
  size_t rows = w_hh->shape[0];
  size_t depth = w_hh->shape[1];
  direction->w_ih = weights_of(w_ih->data, w_ih->shape[0], w_ih->shape[1]);
  direction->w_hh = weights_of(w_hh->data, rows, depth);
  if (layer->cell == &SRN_CELL_GRU_RESET_BEFORE) {
    size_t apart = rows - layer->hidden_size;
    direction->w_hh = weights_of(w_hh->data, apart, depth);
    direction->w_hn = weights_of(w_hh->data + apart * depth, layer->hidden_size, depth);
  }
  if (module->proj_size) {
    const specrnn_parameter *w_hr = &arrays[module->bias ? SRN_W_HR : SRN_B_IH];
    direction->w_hr = weights_of(w_hr->data, w_hr->shape[0], w_hr->shape[1]);
  }
  if (module->bias && layer->cell->recur) {
    direction->bias_in = arrays[SRN_B_IH].data;
    direction->bias_rec = arrays[SRN_B_HH].data;
  }
}

static void connect_stage(srn_stage *stage, const specrnn_layer_info *info, const specrnn_parameter *arrays)
{
  const specrnn_module *module = info->module;
  stage->recurrent = module->kind != SPECRNN_MODULE_LINEAR;
  stage->dropout = info->layer_in_module + 1 < module->num_layers ? module->dropout : 0.0;
  if (!stage->recurrent) {
    stage->linear.weight = weights_of(arrays[0].data, arrays[0].shape[0], arrays[0].shape[1]);
    stage->linear.bias = module->bias ? arrays[1].data : NULL;
    stage->softmax = module->activation == SPECRNN_OUTPUT_SOFTMAX;
    return;
  }
  srn_layer *layer = &stage->layer;
  layer->cell = cell_of(module);
  layer->input_size = info->input_size;
  layer->hidden_size = info->hidden_size;
  layer->state_size = srn_module_state_size(module);
  layer->n_directions = info->n_directions;
  for (size_t d = 0; d < info->n_directions; d++) {
    connect_direction(&layer->direction[d], layer, module, arrays + d * srn_module_arrays_per_direction(module));
  }
}

static void connect(specrnn_model *model)
{
  const specrnn_parameter *arrays = model->parameters;
  size_t index = 0;
  for (size_t i = 0; i < model->info.n_modules; i++) {
    const specrnn_module *module = &model->modules[i];
    size_t n_arrays = srn_module_arrays_per_direction(module) * srn_module_directions(module);
    for (size_t k = 0; k < srn_module_layers(module); k++, index++, arrays += n_arrays) {
      model->layers[index] = layer_info(model, i, k);
      measure_layer(&model->layers[index], arrays, n_arrays, srn_weights_size(model->info.weight_type));
      model->info.bytes_per_step += model->layers[index].bytes_per_step;
      connect_stage(&model->stages[index], &model->layers[index], arrays);
    }
  }
}

/* The model owns the memory behind the const pointers of its parts, and writes to it while it is being built. */
static float *owned(const float *part)
{
  return (float *)(uintptr_t)part;
}

static specrnn_status check_finite(const specrnn_parameter *parameter, size_t count, const specrnn_log *log)
{
  for (size_t i = 0; i < count; i++) {
    if (!isfinite(parameter->data[i])) {
      return srn_fail(log, SPECRNN_ERROR_NOT_FINITE, "%s holds a value that is not finite, number %zu of %zu",
                      parameter->name, i, count);
    }
  }
  return SPECRNN_OK;
}

static specrnn_status fill(specrnn_model *model, const srn_parameter_source *source, const specrnn_log *log)
{
  for (size_t i = 0; i < model->info.n_parameters; i++) {
    const specrnn_parameter *parameter = &model->parameters[i];
    size_t count = srn_parameter_count(parameter);
    specrnn_status status = source->fill(source->user, i, parameter, owned(parameter->data), log);
    if (!status) {
      status = check_finite(parameter, count, log);
    }
    if (!status && parameter->rank == 2) {
      status = srn_weights_round(model->info.weight_type, owned(parameter->data), parameter->shape[0],
                                 parameter->shape[1], parameter->name, log);
    }
    if (!status) {
      status = check_finite(parameter, count, log); /* rounding may meet the end of the range */
    }
    if (status) {
      return status;
    }
  }
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

static void fold_biases(specrnn_model *model)
{
  const specrnn_parameter *arrays = model->parameters;
  for (size_t i = 0; i < srn_model_stages(model); i++) {
    const specrnn_module *module = model->layers[i].module;
    for (size_t d = 0; d < model->layers[i].n_directions; d++, arrays += srn_module_arrays_per_direction(module)) {
      srn_stage *stage = &model->stages[i];
      if (!stage->recurrent || !module->bias || stage->layer.cell->recur) {
        continue;
      }
      float *folded = owned(stage->layer.direction[d].bias_in);
      for (size_t r = 0; r < arrays[SRN_B_IH].shape[0]; r++) {
        folded[r] = arrays[SRN_B_IH].data[r] + arrays[SRN_B_HH].data[r];
      }
    }
  }
}

/* ---------------------------------------------------------------------------------------------------------- panels */

/* Calls `use` with every matrix of the model. */
static void each_matrix(specrnn_model *model, void (*use)(srn_weights *weights, void *user), void *user)
{
  for (size_t i = 0; i < srn_model_stages(model); i++) {
    srn_stage *stage = &model->stages[i];
    if (!stage->recurrent) {
      use(&stage->linear.weight, user);
    }
    for (size_t d = 0; stage->recurrent && d < stage->layer.n_directions; d++) {
      srn_direction *direction = &stage->layer.direction[d];
      srn_weights *all[] = {&direction->w_ih, &direction->w_hh, &direction->w_hn, &direction->w_hr};
      for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        if (all[k]->rows) {
          use(all[k], user);
        }
      }
    }
  }
}

static void set_type(srn_weights *weights, void *user)
{
  const specrnn_weight_type *type = user;
  weights->panels.type = srn_weights_packed_type(*type);
}

static void take_panels(srn_weights *weights, void *user)
{
  srn_arena *arena = user;
  size_t size = srn_panels_bytes(&weights->panels);
  arena->overflow |= size == 0;
  weights->panels.weights = srn_arena_take(arena, size, 1);
}

static void pack_panels(srn_weights *weights, void *user)
{
  (void)user;
  const srn_panels *panels = &weights->panels;
  srn_panels_pack(panels, owned(panels->weights), weights->rows, panels->depth);
}

static specrnn_status pack(specrnn_model *model, srn_budget *budget, const specrnn_log *log)
{
  srn_arena arena = {0};
  each_matrix(model, set_type, &model->info.weight_type);
  each_matrix(model, take_panels, &arena);
  size_t size = arena.used;
  specrnn_status status = budget ? srn_budget_take(budget, size, "the model, packed,", log) : SPECRNN_OK;
  if (status) {
    return status;
  }
  if (!srn_arena_allocate(&arena)) {
    return srn_fail_memory(log, size);
  }
  model->packed = (float *)(void *)arena.base;
  each_matrix(model, take_panels, &arena);
  each_matrix(model, pack_panels, NULL);
  return SPECRNN_OK;
}

/* ------------------------------------------------------------------------------------------------------------- build
 */

static specrnn_status check_front_end(const srn_model_parts *parts, const specrnn_log *log)
{
  if (!parts->front_end) {
    return SPECRNN_OK;
  }
  specrnn_features_shape shape;
  specrnn_status status = specrnn_features_describe(parts->front_end, &shape, log);
  if (!status && shape.n_bins != (size_t)parts->modules[0].input_size) {
    status = srn_fail(log, SPECRNN_ERROR_SHAPE, "the front end gives %zu features per frame; the model reads %d",
                      shape.n_bins, parts->modules[0].input_size);
  }
  return status;
}

static specrnn_status build(specrnn_model **out, const srn_model_parts *parts, const specrnn_log *log)
{
  srn_structure structure;
  specrnn_model *model = NULL;
  specrnn_status status = srn_structure_check(&structure, parts->modules, parts->n_modules, log);
  if (!status) {
    status = check_front_end(parts, log);
  }
  if (!status) {
    status = allocate(&model, parts, &structure, log);
  }
  if (status) {
    return status;
  }
  describe(model, parts, &structure);
  copy_small_parts(model, parts);
  connect(model);
  status = fill(model, &parts->parameters, log);
  if (!status && model->front_end) {
    status = specrnn_features_resolve(model->front_end, log); /* no "auto" is left in what is saved */
  }
  if (!status) {
    status = check_normaliser(model, log);
  }
  if (!status) {
    fold_biases(model);
    status = pack(model, parts->budget, log);
  }
  if (status) {
    specrnn_model_destroy(&model);
    return status;
  }
  model->info.fingerprint = srn_model_fingerprint(model);
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
