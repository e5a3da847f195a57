/* Loading: the format by content, the chain from metadata or names, every tensor used once, every shape checked. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "io/whole_file.h"
#include "model/concatenated.h"
#include "model/infer.h"
#include "model/int8.h"
#include "model/metadata.h"
#include "model/object.h"
#include "specrnn/io.h"

/* ------------------------------------------------------------------------------------------------------------ options
 */

static const char *const LOAD_NONLINEARITIES[] = {"auto", "tanh", "relu", NULL};
static const char *const LOAD_RESETS[] = {"auto", "after", "before", NULL};
static const char *const LOAD_ACTIVATIONS[] = {"auto", "identity", "softmax", NULL};
static const char *const LOAD_LAYOUTS[] = {"auto", "batch_first", "time_first", NULL};

#define FIELD(name) offsetof(specrnn_model_load_config, name)

static const specrnn_option OPTIONS[] = {
    {"nonlinearity", SPECRNN_OPTION_CHOICE, FIELD(nonlinearity), 0, 0, LOAD_NONLINEARITIES, NULL, 0, NULL,
     "of plain RNNs, where the file does not say"},
    {"gru_reset", SPECRNN_OPTION_CHOICE, FIELD(gru_reset), 0, 0, LOAD_RESETS, NULL, 0, NULL,
     "whether the reset gate of GRUs acts after or before the recurrent product, where the file does not say"},
    {"activation", SPECRNN_OPTION_CHOICE, FIELD(activation), 0, 0, LOAD_ACTIVATIONS, NULL, 0, NULL,
     "what follows the output layer, where the file does not say"},
    {"layout", SPECRNN_OPTION_CHOICE, FIELD(layout), 0, 0, LOAD_LAYOUTS, NULL, 0, NULL,
     "layout of batches, where the file does not say"},
};

static const specrnn_model_load_config DEFAULTS = SPECRNN_MODEL_LOAD_CONFIG_INIT;
static const specrnn_option_table TABLE = {"model", OPTIONS, sizeof OPTIONS / sizeof *OPTIONS,
                                           sizeof(specrnn_model_load_config), &DEFAULTS};

const specrnn_option_table *specrnn_model_load_options(void)
{
  return &TABLE;
}

/* ------------------------------------------------------------------------------------------------------------ loading
 */

/* Storages, rows and panels of a file of half floats or bytes take up to five times its size. */
enum { BUDGET_TIMES = 8 };

/* Everything between a file's bytes and the model. */
typedef struct loading {
  srn_tensor_file file;
  specrnn_model_load_config config;
  srn_found_chain chain;
  srn_chain_module *modules; /* those of the chain, without what else is known of them */
  const srn_graph *graph;
  bool own; /* a file of specrnn_model_save */
  specrnn_weight_type weight_type;
  bool batch_first;
  bool has_front_end;
  specrnn_features_config front_end;
  float *mean, *scale;
  specrnn_model_test *tests;
  size_t n_tests;
} loading;

static void release(loading *l)
{
  for (size_t i = 0; i < l->n_tests; i++) {
    free((void *)(uintptr_t)l->tests[i].input);
    free((void *)(uintptr_t)l->tests[i].output);
  }
  free(l->tests);
  free(l->mean);
  free(l->scale);
  srn_graph_release(l->graph);
  free(l->modules);
  free(l->chain.modules);
  srn_tensors_release(&l->file);
}

/* ------------------------------------------------------------------------------------------- what a state_dict leaves
 * open */

/* The choice of one option: given, or said by the metadata; a contradiction is an error. 0 where nobody says. */
static specrnn_status resolve_choice(loading *l, const char *key, int *choice, const specrnn_log *log)
{
  const specrnn_option *option = specrnn_option_find(&TABLE, key);
  const char *said = srn_tensors_metadata(&l->file, key);
  specrnn_model_load_config from_file = DEFAULTS;
  if (said) {
    specrnn_status status = specrnn_option_set(&TABLE, &from_file, key, said, log);
    if (status) {
      return status;
    }
  }
  int given;
  int stated;
  memcpy(&given, (const char *)&l->config + option->offset, sizeof given);
  memcpy(&stated, (const char *)&from_file + option->offset, sizeof stated);
  if (given && stated && given != stated) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the file says %s %s; %s was asked for", key, said,
                    option->choices[given]);
  }
  *choice = given ? given : stated;
  return SPECRNN_OK;
}

static bool concerns_any(const loading *l, const srn_open_option *open)
{
  for (size_t i = 0; i < l->chain.count; i++) {
    if (srn_open_option_concerns(open, l->modules, l->chain.count, i)) {
      return true;
    }
  }
  return false;
}

/* What was asked for, as the place of a choice of specrnn_model_load_config: 0 is auto. */
static int asked(const loading *l, const srn_open_option *open)
{
  int choice;
  memcpy(&choice, (const char *)&l->config + specrnn_option_find(&TABLE, open->key)->offset, sizeof choice);
  return choice;
}

/* One option of every module that it concerns. Says which default was taken where neither file nor option said it. */
static specrnn_status apply_choice(loading *l, const srn_open_option *open, const specrnn_log *log)
{
  int choice;
  specrnn_status status = resolve_choice(l, open->key, &choice, log);
  if (status) {
    return status;
  }
  if (!choice && concerns_any(l, open)) {
    const char *taken = specrnn_option_find(srn_chain_options(), open->key)->choices[0];
    srn_log(log, open->level, "the file does not say %s: %s is taken", open->question, taken);
  }
  for (size_t i = 0; choice && i < l->chain.count; i++) {
    if (srn_open_option_concerns(open, l->modules, l->chain.count, i)) {
      srn_module_choose(&l->modules[i], open->key, choice - 1);
    }
  }
  return SPECRNN_OK;
}

static specrnn_status apply_choices(loading *l, const specrnn_log *log)
{
  int layout;
  specrnn_status status = SPECRNN_OK;
  for (size_t i = 0; !status && srn_open_option_get(i); i++) {
    status = apply_choice(l, srn_open_option_get(i), log);
  }
  if (!status) {
    status = resolve_choice(l, "layout", &layout, log);
  }
  if (!status) {
    l->batch_first = layout != SPECRNN_LOAD_LAYOUT_TIME_FIRST;
  }
  return status;
}

/* ------------------------------------------------------------------------------------------------------- our own files
 */

static specrnn_status contradicts(const char *key, const char *given, const specrnn_log *log)
{
  return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the file itself says everything; %s %s contradicts it", key, given);
}

/* An option that says something else than the file does is an error. */
static specrnn_status check_own_choices(const loading *l, const specrnn_log *log)
{
  const specrnn_model_load_config *config = &l->config;
  if (config->chain || config->concatenated) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "%s: the file itself says how its modules chain",
                    config->chain ? "chain" : "concatenated");
  }
  const srn_open_option *open;
  for (size_t k = 0; (open = srn_open_option_get(k)); k++) {
    int choice = asked(l, open);
    for (size_t i = 0; choice && i < l->chain.count; i++) {
      if (srn_open_option_concerns(open, l->modules, l->chain.count, i) &&
          srn_module_choice(&l->modules[i], open->key) != choice - 1) {
        return contradicts(open->key, specrnn_option_find(&TABLE, open->key)->choices[choice], log);
      }
    }
  }
  if (config->layout && (config->layout == SPECRNN_LOAD_LAYOUT_BATCH_FIRST) != l->batch_first) {
    return contradicts("layout", LOAD_LAYOUTS[config->layout], log);
  }
  return SPECRNN_OK;
}

/* A reserved tensor as floats; its shape must be (rows, columns), or (columns) where rows is 0. */
static specrnn_status read_reserved(float **out, loading *l, const char *name, size_t rows, size_t columns,
                                    const specrnn_log *log)
{
  srn_tensor *tensor = srn_tensors_find(&l->file, name);
  if (!tensor) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "%s is missing", name);
  }
  bool fits = tensor->int8 ? false
              : rows       ? tensor->rank == 2 && tensor->shape[0] == rows && tensor->shape[1] == columns
                           : tensor->rank == 1 && tensor->shape[0] == columns;
  if (!fits) {
    char shape[128];
    srn_tensor_shape_text(tensor, shape, sizeof shape);
    return srn_fail(log, SPECRNN_ERROR_SHAPE, "%s has shape %s, which does not fit the model", name, shape);
  }
  size_t count = srn_tensor_count(tensor);
  float *values = malloc(count * sizeof *values);
  if (!values) {
    return srn_fail_memory(log, count * sizeof *values);
  }
  srn_tensor_read(tensor, values);
  for (size_t i = 0; i < count; i++) {
    if (!isfinite(values[i])) {
      free(values);
      return srn_fail(log, SPECRNN_ERROR_NOT_FINITE, "%s holds a value that is not finite, number %zu of %zu", name, i,
                      count);
    }
  }
  tensor->used = true;
  *out = values;
  return SPECRNN_OK;
}

static specrnn_status read_normaliser(loading *l, const specrnn_log *log)
{
  if (!srn_tensors_find(&l->file, SRN_TENSOR_MEAN) && !srn_tensors_find(&l->file, SRN_TENSOR_SCALE)) {
    return SPECRNN_OK;
  }
  size_t width = (size_t)l->modules[0].input_size;
  specrnn_status status = read_reserved(&l->mean, l, SRN_TENSOR_MEAN, 0, width, log);
  if (!status) {
    status = read_reserved(&l->scale, l, SRN_TENSOR_SCALE, 0, width, log);
  }
  return status;
}

static specrnn_status read_test(loading *l, size_t index, const specrnn_log *log)
{
  char input_name[64];
  char output_name[64];
  snprintf(input_name, sizeof input_name, SRN_TENSOR_TEST "%zu.input", index);
  snprintf(output_name, sizeof output_name, SRN_TENSOR_TEST "%zu.output", index);
  const srn_tensor *input = srn_tensors_find(&l->file, input_name);
  size_t n_frames = input && input->rank == 2 ? input->shape[0] : 1;
  if (!n_frames || n_frames > SPECRNN_MODEL_MAX_TEST_FRAMES) {
    return srn_fail(log, SPECRNN_ERROR_SHAPE, "%s has %zu frames; 1 to %d are possible", input_name, n_frames,
                    SPECRNN_MODEL_MAX_TEST_FRAMES);
  }
  specrnn_model_test *test = &l->tests[index];
  float *values;
  specrnn_status status = read_reserved(&values, l, input_name, n_frames, (size_t)l->modules[0].input_size, log);
  if (status) {
    return status;
  }
  test->input = values;
  test->n_frames = n_frames;
  status = read_reserved(&values, l, output_name, n_frames, srn_module_width(&l->modules[l->chain.count - 1]), log);
  if (!status) {
    test->output = values;
  }
  return status;
}

static specrnn_status read_tests(loading *l, const specrnn_log *log)
{
  double *tolerances;
  size_t count;
  specrnn_status status = srn_metadata_tolerances(&tolerances, &count, &l->file, log);
  if (status) {
    return status;
  }
  l->tests = calloc(count + 1, sizeof *l->tests);
  if (!l->tests) {
    free(tolerances);
    return srn_fail_memory(log, count * sizeof *l->tests);
  }
  l->n_tests = count;
  for (size_t i = 0; i < count && !status; i++) {
    l->tests[i].tolerance = tolerances[i];
    status = read_test(l, i, log);
  }
  free(tolerances);
  return status;
}

static specrnn_status read_own(loading *l, const specrnn_log *log)
{
  const char *version = srn_tensors_metadata(&l->file, SRN_META_FORMAT);
  const char *layout = srn_tensors_metadata(&l->file, SRN_META_LAYOUT);
  if (strcmp(version, SRN_FORMAT_VERSION) != 0) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "the model has format %.16s; this library reads format %s", version,
                    SRN_FORMAT_VERSION);
  }
  l->batch_first = !layout || !strcmp(layout, "batch_first");
  if (layout && !l->batch_first && strcmp(layout, "time_first") != 0) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, SRN_META_LAYOUT " is neither batch_first nor time_first");
  }
  specrnn_status status = srn_metadata_weights(&l->weight_type, &l->file, log);
  return status ? status : srn_metadata_front_end(&l->front_end, &l->has_front_end, &l->file, log);
}

/* ------------------------------------------------------------------------------------------------------------- the
 * chain */

static specrnn_status find_chain(loading *l, const specrnn_log *log)
{
  specrnn_status status =
      l->own ? srn_metadata_modules(&l->chain, &l->file, log) : srn_infer_chain(&l->chain, &l->file, &l->config, log);
  if (status) {
    return status;
  }
  l->modules = calloc(l->chain.count, sizeof *l->modules);
  if (!l->modules) {
    return srn_fail_memory(log, l->chain.count * sizeof *l->modules);
  }
  for (size_t i = 0; i < l->chain.count; i++) {
    l->modules[i] = l->chain.modules[i].module;
  }
  return l->own ? check_own_choices(l, log) : apply_choices(l, log);
}

/* The tensor of a parameter is there, fits, and is marked as used. */
static specrnn_status claim(loading *l, const srn_parameter_spec *spec, const specrnn_log *log)
{
  srn_tensor *tensor = srn_tensors_find(&l->file, spec->name);
  if (!tensor) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "%s is missing", spec->name);
  }
  tensor->used = true;
  specrnn_status status = srn_tensor_check_shape(tensor, spec->rank, spec->shape, log);
  return status ? status : srn_int8_claim(&l->file, l->weight_type, tensor, spec, log);
}

/* The module of the file that a parameter array belongs to. */
static const srn_found_module *module_of(const loading *l, size_t index)
{
  const char *name = l->graph->modules[srn_graph_node_of(l->graph, index)->module].name;
  const srn_found_module *found = l->chain.modules;
  while (strcmp(found->module.name, name) != 0) {
    found++;
  }
  return found;
}

/* The two tensors of an LSTM on [h; x]. */
static specrnn_status claim_concatenated(loading *l, const srn_chain_module *module, const specrnn_log *log)
{
  size_t rows = 4 * (size_t)module->hidden_size;
  srn_parameter_spec spec = {.rank = 0};
  specrnn_status status = SPECRNN_OK;
  srn_parameter_set_matrix(&spec, rows, (size_t)module->hidden_size + (size_t)module->input_size);
  srn_concatenated_name(spec.name, module, "weight");
  status = claim(l, &spec, log);
  if (!status && module->bias) {
    srn_parameter_set_vector(&spec, rows);
    srn_concatenated_name(spec.name, module, "bias");
    status = claim(l, &spec, log);
  }
  return status;
}

static specrnn_status claim_parameter(loading *l, size_t index, const specrnn_log *log)
{
  const srn_found_module *found = module_of(l, index);
  srn_parameter_spec spec;
  if (found->concatenated) {
    bool first = srn_graph_node_of(l->graph, index)->first_parameter == index;
    return first ? claim_concatenated(l, &found->module, log) : SPECRNN_OK;
  }
  srn_graph_parameter(l->graph, index, &spec);
  return claim(l, &spec, log);
}

static specrnn_status claim_all(loading *l, const specrnn_log *log)
{
  specrnn_status status = SPECRNN_OK;
  for (size_t i = 0; i < l->graph->n_parameters && !status; i++) {
    status = claim_parameter(l, i, log);
  }
  for (size_t i = 0; i < l->file.count && !status; i++) {
    if (!l->file.tensors[i].used) {
      status = srn_fail(log, SPECRNN_ERROR_FORMAT, "%.128s is not used by the model", l->file.tensors[i].name);
    }
  }
  return status;
}

/* ------------------------------------------------------------------------------------------------------------- weights
 */

static specrnn_status fill(void *user, size_t index, const srn_parameter_spec *spec, size_t row, size_t n_rows,
                           float *values, const specrnn_log *log)
{
  const loading *l = user;
  const srn_found_module *found = module_of(l, index);
  if (found->concatenated) {
    srn_concatenated_read(&l->file, &found->module, spec, row, n_rows, values);
    return SPECRNN_OK;
  }
  const srn_tensor *tensor = srn_tensors_find(&l->file, spec->name);
  srn_tensor_read_part(tensor, row * spec->row_size, n_rows * spec->row_size, values);
  return tensor->int8 ? srn_int8_scale_rows(&l->file, spec, row, n_rows, values, log) : SPECRNN_OK;
}

static specrnn_status check_fingerprint(const loading *l, const specrnn_model *model, const specrnn_log *log)
{
  uint64_t expected;
  if (!srn_metadata_fingerprint(&expected, &l->file)) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, SRN_META_FINGERPRINT " is no number of 16 hexadecimal digits");
  }
  if (expected != model->info.fingerprint) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "the fingerprint does not fit the content: the file was changed");
  }
  return SPECRNN_OK;
}

static specrnn_status build(specrnn_model **out, loading *l, const specrnn_log *log)
{
  srn_model_parts parts = {
      .source = l->own ? SPECRNN_MODEL_SOURCE_OWN : SPECRNN_MODEL_SOURCE_STATE_DICT,
      .weight_type = l->weight_type,
      .modules = l->modules,
      .n_modules = l->chain.count,
      .graph = l->graph,
      .batch_first = l->batch_first,
      .front_end = l->has_front_end ? &l->front_end : NULL,
      .mean = l->mean,
      .scale = l->scale,
      .tests = l->tests,
      .n_tests = l->n_tests,
      .parameters = {fill, l},
      .budget = &l->file.budget,
  };
  specrnn_model *model;
  specrnn_status status = srn_model_build(&model, &parts, log);
  if (status) {
    return status;
  }
  status = l->own ? check_fingerprint(l, model, log) : SPECRNN_OK;
  if (status) {
    specrnn_model_destroy(&model);
    return status;
  }
  *out = model;
  return SPECRNN_OK;
}

/* From tensors to a model. */
static specrnn_status assemble(specrnn_model **out, loading *l, const specrnn_log *log)
{
  l->own = srn_tensors_metadata(&l->file, SRN_META_FORMAT) != NULL;
  specrnn_status status = l->own ? read_own(l, log) : SPECRNN_OK;
  if (!status) {
    status = find_chain(l, log);
  }
  if (!status) {
    status = srn_chain_graph(&l->graph, l->modules, l->chain.count, log);
  }
  if (!status && l->own) {
    status = read_normaliser(l, log);
  }
  if (!status && l->own) {
    status = read_tests(l, log);
  }
  if (!status) {
    status = claim_all(l, log);
  }
  return status ? status : build(out, l, log);
}

/* ---------------------------------------------------------------------------------------------------------- a file */

specrnn_status specrnn_model_load_memory(specrnn_model **out, const void *bytes, size_t n_bytes,
                                         const specrnn_model_load_config *config, const specrnn_log *log)
{
  loading l = {.config = config ? *config : DEFAULTS};
  l.file.budget = srn_budget_for(n_bytes, BUDGET_TIMES, l.config.memory_limit);
  specrnn_status status = specrnn_option_validate(&TABLE, &l.config, log);
  if (!status) {
    status = srn_tensors_read(&l.file, bytes, n_bytes, log);
  }
  if (!status) {
    status = assemble(out, &l, log);
  }
  release(&l);
  return status;
}

specrnn_status specrnn_model_load(specrnn_model **out, const char *path, const specrnn_model_load_config *config,
                                  const specrnn_log *log)
{
  unsigned char *bytes;
  size_t n_bytes;
  specrnn_status status = srn_whole_file_read(&bytes, &n_bytes, path, SRN_WHOLE_FILE_LIMIT, log);
  if (status) {
    return status;
  }
  status = specrnn_model_load_memory(out, bytes, n_bytes, config, log);
  free(bytes);
  return status;
}
