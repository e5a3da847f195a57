/* Models that differ from another in one thing. What makes the numbers is shared where it is the same. */
#include "core/log.h"
#include "model/object.h"

srn_model_parts srn_model_parts_of(const specrnn_model *model)
{
  return (srn_model_parts){
      .source = model->info.source,
      .weight_type = model->info.weight_type,
      .modules = model->modules,
      .n_modules = model->info.n_modules,
      .graph = model->graph,
      .cache = model->cache,
      .batch_first = model->info.batch_first,
      .front_end = model->front_end,
      .mean = model->mean,
      .scale = model->scale,
      .tests = model->tests,
      .n_tests = model->info.n_tests,
  };
}

specrnn_status specrnn_model_with_front_end(specrnn_model **out, const specrnn_model *model,
                                            const specrnn_features_config *front_end, const specrnn_log *log)
{
  srn_model_parts parts = srn_model_parts_of(model);
  parts.front_end = front_end;
  return srn_model_build(out, &parts, log);
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
  return srn_model_build(out, &parts, log);
}

static specrnn_status take_from_cache(void *user, size_t index, const srn_parameter_spec *spec, size_t row,
                                      size_t n_rows, float *values, const specrnn_log *log)
{
  (void)spec;
  (void)log;
  srn_cache_get_rows(user, index, row, n_rows, values);
  return SPECRNN_OK;
}

specrnn_status specrnn_model_with_weights(specrnn_model **out, const specrnn_model *model, specrnn_weight_type type,
                                          const specrnn_log *log)
{
  if (!specrnn_weight_type_name(type)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "no type of weights has the number %d", (int)type);
  }
  srn_model_parts parts = srn_model_parts_of(model);
  parts.weight_type = type;
  parts.cache = NULL;
  parts.parameters = (srn_parameter_source){take_from_cache, model->cache};
  parts.n_tests = 0;
  return srn_model_build(out, &parts, log);
}
