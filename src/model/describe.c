/* What can be asked of a model. */
#include <string.h>

#include "core/log.h"
#include "model/object.h"

const specrnn_model_info *specrnn_model_describe(const specrnn_model *model)
{
  return &model->info;
}

const specrnn_module_info *specrnn_model_module(const specrnn_model *model, size_t index)
{
  return index < model->info.n_modules ? &model->module_infos[index] : NULL;
}

const specrnn_layer_info *specrnn_model_layer(const specrnn_model *model, size_t index)
{
  return index < srn_model_layers(model) ? &model->layers[index] : NULL;
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

specrnn_status specrnn_model_read_parameter(const specrnn_model *model, size_t index, float *values,
                                            const specrnn_log *log)
{
  if (index >= model->info.n_parameters) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the model has %zu parameter arrays; there is none of number %zu",
                    model->info.n_parameters, index);
  }
  srn_parameter_spec spec;
  srn_graph_parameter(model->graph, index, &spec);
  srn_cache_get_rows(model->cache, index, 0, spec.n_rows, values);
  return SPECRNN_OK;
}

bool specrnn_model_has_option(const specrnn_model *model, const char *key)
{
  const srn_open_option *open;
  for (size_t k = 0; (open = srn_open_option_get(k)); k++) {
    for (size_t i = 0; !strcmp(open->key, key) && i < model->info.n_modules; i++) {
      if (srn_open_option_concerns(open, model->modules, model->info.n_modules, i)) {
        return true;
      }
    }
  }
  return false;
}
