/* The model that a command line names. */
#include "model_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feature_run.h"
#include "front_end.h"
#include "limit.h"
#include "report.h"

/* Deviations below this are those of a constant bin; the same limit as that of the library's CMVN. */
#define LEAST_DEVIATION 1e-5

const char *const MODEL_LOAD_KEYS[] = {"nonlinearity", "gru_reset", "activation", NULL};

const char *const FRONT_END_KEYS_BUT_SEED[] = {CLI_ALL_BUT, "seed", NULL};

const specrnn_option_table *model_load_table(void)
{
  return specrnn_model_load_options();
}

bool model_source_is_builtin(const char *path)
{
  return !path || !strcmp(path, "builtin");
}

bool model_source_first(const cli_arguments *arguments, const model_source *source, char name[CLI_SPELT_SIZE])
{
  const char *own = source->chain ? "--chain" : source->concatenated ? "--concatenated" : NULL;
  if (own) {
    snprintf(name, CLI_SPELT_SIZE, "%s", own);
  }
  return own || cli_first_assigned(arguments, specrnn_model_load_options(), name);
}

/* A choice about modules that the model does not have would be passed over in silence. */
static specrnn_status check_concern(specrnn_model **model, const char *path, const cli_arguments *arguments)
{
  const specrnn_option_table *table = specrnn_model_load_options();
  for (size_t i = 0; MODEL_LOAD_KEYS[i]; i++) {
    if (cli_assigned(arguments, table, MODEL_LOAD_KEYS[i]) && !specrnn_model_has_option(*model, MODEL_LOAD_KEYS[i])) {
      char name[CLI_SPELT_SIZE] = "--";
      cli_option_spelling(specrnn_option_find(table, MODEL_LOAD_KEYS[i]), name + 2, sizeof name - 2);
      report_usage("%s: %s has no module that it is about", name, path);
      specrnn_model_destroy(model);
      return SPECRNN_ERROR_ARGUMENT;
    }
  }
  return SPECRNN_OK;
}

specrnn_status model_source_load(specrnn_model **out, const char *path, const cli_arguments *arguments,
                                 const model_source *source, const specrnn_log *log)
{
  specrnn_model_load_config config = SPECRNN_MODEL_LOAD_CONFIG_INIT;
  if (!cli_assign(arguments, specrnn_model_load_options(), &config)) {
    return SPECRNN_ERROR_ARGUMENT;
  }
  config.chain = source->chain;
  config.concatenated = source->concatenated;
  if (!model_source_is_builtin(path)) {
    specrnn_status status = limit_model_load(out, path, &config, log);
    return status ? status : check_concern(out, path, arguments);
  }
  char name[CLI_SPELT_SIZE];
  if (model_source_first(arguments, source, name)) {
    report_usage("%s: it is of a state_dict, and the model is the built-in one", name);
    return SPECRNN_ERROR_ARGUMENT;
  }
  return specrnn_model_load_builtin(out, NULL, log);
}

void model_layer_title(char *title, size_t size, const specrnn_model *model, size_t index, const char *path)
{
  const specrnn_layer_info *layer = specrnn_model_layer(model, index);
  snprintf(title, size, "Layer %zu: %s %s, %zu units%s", index + 1, layer->title, layer->module->name, layer->width,
           model_source_is_builtin(path) ? ", untrained" : "");
}

const char *model_source_name(const char *path)
{
  return model_source_is_builtin(path) ? "built-in model" : path;
}

specrnn_status model_source_check_width(const specrnn_features_config *front_end, const specrnn_model *model,
                                        const char *path)
{
  specrnn_features_shape shape;
  specrnn_log log = report_log(model_source_name(path));
  size_t input_size = specrnn_model_describe(model)->input_size;
  specrnn_status status = specrnn_features_describe(front_end, &shape, &log);
  if (!status && shape.n_bins != input_size) {
    report_failure(model_source_name(path), "reads %zu features per frame; the front end gives %zu", input_size,
                   shape.n_bins);
    status = SPECRNN_ERROR_SHAPE;
  }
  return status;
}

specrnn_status model_source_front_end(specrnn_features_config *out, const specrnn_model *model, const char *path,
                                      const cli_arguments *arguments, const char *config_path,
                                      specrnn_features_kind kind)
{
  const specrnn_features_config *stored = specrnn_model_front_end(model);
  bool asked = config_path || cli_assigned_any(arguments, specrnn_features_options());
  char option[CLI_SPELT_SIZE] = "--config";
  if (stored && asked) {
    (void)cli_first_assigned(arguments, specrnn_features_options(), option);
    report_usage("%s: has its own front end, which %s cannot change (specrnn model convert can)",
                 model_source_name(path), option);
    return SPECRNN_ERROR_ARGUMENT;
  }
  if (stored) {
    specrnn_log log = report_log(model_source_name(path));
    *out = *stored;
    return specrnn_features_resolve(out, &log);
  }
  if (!asked) {
    report_failure(model_source_name(path),
                   "does not say how sound becomes the %zu features that it reads: give front-end options or --config, "
                   "or make a model of it with specrnn model convert",
                   specrnn_model_describe(model)->input_size);
    return SPECRNN_ERROR_FORMAT;
  }
  return front_end_from_arguments(arguments, config_path, kind, out);
}

specrnn_status normaliser_load(float **mean, float **scale, const char *path, size_t input_size)
{
  specrnn_statistics *statistics = NULL;
  specrnn_status status = statistics_load(&statistics, path);
  if (status) {
    return status;
  }
  size_t n_bins = specrnn_statistics_n_bins(statistics);
  double *read = NULL;
  float *numbers = NULL;
  if (n_bins != input_size) {
    report_failure(path, "statistics of %zu bins; the model reads %zu features per frame", n_bins, input_size);
    status = SPECRNN_ERROR_SHAPE;
    goto done;
  }
  read = calloc(2 * n_bins, sizeof *read);
  numbers = calloc(2 * n_bins, sizeof *numbers);
  if (!read || !numbers) {
    report_memory();
    free(numbers);
    status = SPECRNN_ERROR_MEMORY;
    goto done;
  }
  specrnn_statistics_read(statistics, read, read + n_bins, NULL, NULL);
  for (size_t i = 0; i < n_bins; i++) {
    double deviation = read[n_bins + i];
    numbers[i] = (float)read[i];
    numbers[n_bins + i] = deviation >= LEAST_DEVIATION ? (float)(1.0 / deviation) : 1.0f;
  }
  *mean = numbers;
  *scale = numbers + n_bins;
done:
  free(read);
  specrnn_statistics_destroy(&statistics);
  return status;
}
