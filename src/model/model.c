/* Models made from structures and from other models, and what can be asked of them. */
#include "specrnn/model.h"

#include <math.h>
#include <string.h>

#include "core/arena.h"
#include "core/log.h"
#include "core/rng.h"
#include "model/object.h"

/* ----------------------------------------------------------------------------------------------- where weights come
 * from */

/* The draws of specrnn_model_config's seed. */
typedef struct drawing {
  uint64_t seed;
  const specrnn_module *modules;
  size_t module, first; /* the module of the latest array, and its first array */
} drawing;

static specrnn_status draw(void *user, size_t index, const specrnn_parameter *parameter, float *values,
                           const specrnn_log *log)
{
  (void)log;
  drawing *d = user;
  while (index - d->first >= srn_module_arrays(&d->modules[d->module])) {
    d->first += srn_module_arrays(&d->modules[d->module]);
    d->module++;
  }
  const specrnn_module *module = &d->modules[d->module];
  double fan = module->kind == SPECRNN_MODULE_LINEAR ? module->input_size : module->hidden_size;
  double bound = 1.0 / sqrt(fan);
  size_t count = srn_parameter_count(parameter);
  for (size_t i = 0; i < count; i++) {
    double u = srn_random_uniform(d->seed, ((uint64_t)index << 32) + i);
    values[i] = (float)(bound * (2.0 * u - 1.0));
  }
  return SPECRNN_OK;
}

/* Arrays one after the other: specrnn_model_config's parameters. */
static specrnn_status take_flat(void *user, size_t index, const specrnn_parameter *parameter, float *values,
                                const specrnn_log *log)
{
  (void)index;
  (void)log;
  const float **next = user;
  size_t count = srn_parameter_count(parameter);
  memcpy(values, *next, count * sizeof *values);
  *next += count;
  return SPECRNN_OK;
}

static specrnn_status take_from_model(void *user, size_t index, const specrnn_parameter *parameter, float *values,
                                      const specrnn_log *log)
{
  (void)log;
  const specrnn_model *const *model = user;
  size_t count = srn_parameter_count(parameter);
  memcpy(values, (*model)->parameters[index].data, count * sizeof *values);
  return SPECRNN_OK;
}

/* ------------------------------------------------------------------------------------------------------------ making
 */

specrnn_status specrnn_model_create(specrnn_model **out, const specrnn_model_config *config, const specrnn_log *log)
{
  if (!config->modules || !config->n_modules) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a model needs at least one module");
  }
  if (!config->mean != !config->scale) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a normaliser needs both mean and scale");
  }
  drawing drawn = {config->seed, config->modules, 0, 0};
  const float *flat = config->parameters;
  srn_model_parts parts = {
      .source = SPECRNN_MODEL_SOURCE_CREATED,
      .modules = config->modules,
      .n_modules = config->n_modules,
      .batch_first = config->batch_first,
      .front_end = config->front_end,
      .mean = config->mean,
      .scale = config->scale,
  };
  parts.parameters = flat ? (srn_parameter_source){take_flat, &flat} : (srn_parameter_source){draw, &drawn};
  return srn_model_build(out, &parts, log);
}

void specrnn_model_destroy(specrnn_model **model)
{
  if (!model || !*model) {
    return;
  }
  srn_arena_free((*model)->packed);
  srn_arena_free(*model);
  *model = NULL;
}

srn_model_parts srn_model_parts_of(const specrnn_model *model)
{
  return (srn_model_parts){
      .source = model->info.source,
      .weight_type = model->info.weight_type,
      .modules = model->modules,
      .n_modules = model->info.n_modules,
      .batch_first = model->info.batch_first,
      .front_end = model->front_end,
      .mean = model->mean,
      .scale = model->scale,
      .tests = model->tests,
      .n_tests = model->info.n_tests,
  };
}

specrnn_status srn_model_copy(specrnn_model **out, const specrnn_model *model, srn_model_parts *parts,
                              const specrnn_log *log)
{
  parts->parameters = (srn_parameter_source){take_from_model, &model};
  return srn_model_build(out, parts, log);
}

specrnn_status specrnn_model_with_front_end(specrnn_model **out, const specrnn_model *model,
                                            const specrnn_features_config *front_end, const specrnn_log *log)
{
  srn_model_parts parts = srn_model_parts_of(model);
  parts.front_end = front_end;
  return srn_model_copy(out, model, &parts, log);
}

specrnn_status specrnn_model_with_normaliser(specrnn_model **out, const specrnn_model *model, const float *mean,
                                             const float *scale, size_t n, const specrnn_log *log)
{
  if (!mean != !scale) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a normaliser needs both mean and scale");
  }
  if (mean && n != model->info.input_size) {
    return srn_fail(log, SPECRNN_ERROR_SHAPE, "the normaliser has %zu bins; the model reads %zu features", n,
                    model->info.input_size);
  }
  srn_model_parts parts = srn_model_parts_of(model);
  parts.mean = mean;
  parts.scale = scale;
  parts.n_tests = 0; /* what they expect belongs to the other normaliser */
  return srn_model_copy(out, model, &parts, log);
}

/* ------------------------------------------------------------------------------------------------------------ asking
 */

const specrnn_model_info *specrnn_model_describe(const specrnn_model *model)
{
  return &model->info;
}

const specrnn_module *specrnn_model_module(const specrnn_model *model, size_t index)
{
  return index < model->info.n_modules ? &model->modules[index] : NULL;
}

const specrnn_layer_info *specrnn_model_layer(const specrnn_model *model, size_t index)
{
  return index < srn_model_stages(model) ? &model->layers[index] : NULL;
}

const specrnn_parameter *specrnn_model_parameter(const specrnn_model *model, size_t index)
{
  return index < model->info.n_parameters ? &model->parameters[index] : NULL;
}

const specrnn_parameter *specrnn_model_find_parameter(const specrnn_model *model, const char *name)
{
  for (size_t i = 0; i < model->info.n_parameters; i++) {
    if (!strcmp(model->parameters[i].name, name)) {
      return &model->parameters[i];
    }
  }
  return NULL;
}

const specrnn_features_config *specrnn_model_front_end(const specrnn_model *model)
{
  return model->front_end;
}

bool specrnn_model_normaliser(const specrnn_model *model, const float **mean, const float **scale)
{
  if (!model->mean) {
    return false;
  }
  *mean = model->mean;
  *scale = model->scale;
  return true;
}

const specrnn_model_test *specrnn_model_test_vector(const specrnn_model *model, size_t index)
{
  return index < model->info.n_tests ? &model->tests[index] : NULL;
}
