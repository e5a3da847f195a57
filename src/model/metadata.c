/* The metadata of our own files, to and from JSON. */
#include "model/metadata.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "model/object.h"

/* ------------------------------------------------------------------------------------------------------------ writing
 */

/* An option struct as a JSON object. */
static specrnn_status config_object(json_t **out, const specrnn_option_table *table, const void *config,
                                    const specrnn_log *log)
{
  char *text;
  specrnn_status status = specrnn_config_to_json(&text, table, config, log);
  if (status) {
    return status;
  }
  *out = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
  specrnn_json_destroy(&text);
  return *out ? SPECRNN_OK : srn_fail_memory(log, 0);
}

static specrnn_status modules_array(json_t *array, const specrnn_model *model, const specrnn_log *log)
{
  for (size_t i = 0; i < model->info.n_modules; i++) {
    json_t *options;
    specrnn_status status = config_object(&options, srn_chain_options(), &model->modules[i], log);
    if (status) {
      return status;
    }
    json_t *object = json_pack("{s:s}", "name", model->modules[i].name);
    bool done = object && json_object_update(object, options) == 0;
    json_decref(options);
    if (!done || json_array_append_new(array, object) != 0) {
      return srn_fail_memory(log, 0);
    }
  }
  return SPECRNN_OK;
}

/* Puts JSON as text under a key; takes the value over. */
static specrnn_status put_json(json_t *metadata, const char *key, json_t *value, const specrnn_log *log)
{
  char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;
  json_decref(value);
  bool done = text && json_object_set_new(metadata, key, json_string(text)) == 0;
  free(text);
  return done ? SPECRNN_OK : srn_fail_memory(log, 0);
}

static specrnn_status put_text(json_t *metadata, const char *key, const char *text, const specrnn_log *log)
{
  return json_object_set_new(metadata, key, json_string(text)) == 0 ? SPECRNN_OK : srn_fail_memory(log, 0);
}

static specrnn_status put_modules(json_t *metadata, const specrnn_model *model, const specrnn_log *log)
{
  json_t *array = json_array();
  specrnn_status status = array ? modules_array(array, model, log) : srn_fail_memory(log, 0);
  if (status) {
    json_decref(array);
    return status;
  }
  return put_json(metadata, SRN_META_MODULES, array, log);
}

static specrnn_status put_front_end(json_t *metadata, const specrnn_model *model, const specrnn_log *log)
{
  if (!model->front_end) {
    return SPECRNN_OK;
  }
  char *text;
  specrnn_status status = specrnn_config_to_json(&text, specrnn_features_options(), model->front_end, log);
  if (!status) {
    status = put_text(metadata, SRN_META_FRONT_END, text, log);
    specrnn_json_destroy(&text);
  }
  return status;
}

static specrnn_status put_tolerances(json_t *metadata, const specrnn_model *model, const specrnn_log *log)
{
  json_t *array = json_array();
  for (size_t i = 0; i < model->info.n_tests; i++) {
    if (json_array_append_new(array, json_real(model->tests[i].tolerance)) != 0) {
      json_decref(array);
      return srn_fail_memory(log, 0);
    }
  }
  return put_json(metadata, SRN_META_TESTS, array, log);
}

specrnn_status srn_metadata_write(json_t **out, const specrnn_model *model, const specrnn_log *log)
{
  char fingerprint[24];
  snprintf(fingerprint, sizeof fingerprint, "%016" PRIx64, model->info.fingerprint);
  json_t *metadata = json_object();
  specrnn_status status = metadata ? SPECRNN_OK : srn_fail_memory(log, 0);
  if (!status) {
    status = put_text(metadata, SRN_META_FORMAT, SRN_FORMAT_VERSION, log);
  }
  if (!status) {
    status = put_text(metadata, SRN_META_LAYOUT, model->info.batch_first ? "batch_first" : "time_first", log);
  }
  if (!status && model->info.weight_type != SPECRNN_WEIGHT_F32) {
    status = put_text(metadata, SRN_META_WEIGHTS, specrnn_weight_type_name(model->info.weight_type), log);
  }
  if (!status) {
    status = put_text(metadata, SRN_META_FINGERPRINT, fingerprint, log);
  }
  if (!status) {
    status = put_modules(metadata, model, log);
  }
  if (!status) {
    status = put_front_end(metadata, model, log);
  }
  if (!status) {
    status = put_tolerances(metadata, model, log);
  }
  if (status) {
    json_decref(metadata);
    return status;
  }
  *out = metadata;
  return SPECRNN_OK;
}

/* "rnn1,rnn2,output" */
static specrnn_status put_chain(json_t *metadata, const specrnn_model *model, const specrnn_log *log)
{
  size_t n_modules = model->info.n_modules;
  if (n_modules < 2) {
    return SPECRNN_OK;
  }
  size_t size = n_modules * SPECRNN_MODEL_NAME_SIZE;
  char *names = malloc(size);
  if (!names) {
    return srn_fail_memory(log, size);
  }
  size_t length = 0;
  for (size_t i = 0; i < n_modules; i++) {
    length += (size_t)snprintf(names + length, size - length, "%s%s", i ? "," : "", model->modules[i].name);
  }
  specrnn_status status = put_text(metadata, SRN_META_CHAIN, names, log);
  free(names);
  return status;
}

/* An option of every module that has it, as specrnn_model_load_options spells its choices: where they differ no key can
 * say it. */
static specrnn_status put_choice(json_t *metadata, const specrnn_model *model, const srn_open_option *open,
                                 const specrnn_log *log)
{
  const specrnn_option_table *table = srn_chain_options();
  const specrnn_option *option = specrnn_option_find(table, open->key);
  char said[32] = "";
  char text[sizeof said];
  for (size_t i = 0; i < model->info.n_modules; i++) {
    if (model->modules[i].kind != open->kind) {
      continue;
    }
    specrnn_option_get(table, &model->modules[i], option, text, sizeof text);
    if (said[0] && strcmp(said, text) != 0) {
      return SPECRNN_OK;
    }
    memcpy(said, text, sizeof said);
  }
  return said[0] ? put_text(metadata, open->key, said, log) : SPECRNN_OK;
}

specrnn_status srn_metadata_of_state_dict(json_t **out, const specrnn_model *model, const specrnn_log *log)
{
  json_t *metadata = json_object();
  specrnn_status status = metadata ? put_text(metadata, "format", "pt", log) : srn_fail_memory(log, 0);
  if (!status) {
    status = put_chain(metadata, model, log);
  }
  for (size_t i = 0; !status && srn_open_option_get(i); i++) {
    status = put_choice(metadata, model, srn_open_option_get(i), log);
  }
  if (status) {
    json_decref(metadata);
    return status;
  }
  *out = metadata;
  return SPECRNN_OK;
}

/* ------------------------------------------------------------------------------------------------------------ reading
 */

static specrnn_status read_module(srn_chain_module *out, json_t *object, const specrnn_log *log)
{
  srn_chain_module module = SRN_CHAIN_MODULE_INIT;
  const char *name = json_string_value(json_object_get(object, "name"));
  if (!name || strlen(name) >= sizeof module.name) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, SRN_META_MODULES ": a module has no name of at most %d characters",
                    SPECRNN_MODEL_NAME_SIZE - 1);
  }
  char kept[SPECRNN_MODEL_NAME_SIZE] = "";
  strcpy(kept, name);
  json_object_del(object, "name");
  char *text = json_dumps(object, JSON_COMPACT);
  if (!text) {
    return srn_fail_memory(log, 0);
  }
  specrnn_status status =
      specrnn_config_from_json(&module, srn_chain_options(), text, SPECRNN_UNKNOWN_KEYS_REFUSE, log);
  free(text);
  if (status) {
    return status;
  }
  memcpy(module.name, kept, sizeof kept);
  *out = module;
  return SPECRNN_OK;
}

/* A JSON array under a key of the metadata; NULL where there is no such key. */
static specrnn_status read_array(json_t **out, const srn_tensor_file *file, const char *key, const specrnn_log *log)
{
  const char *text = srn_tensors_metadata(file, key);
  json_t *array = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
  if (text && !json_is_array(array)) {
    json_decref(array);
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "%s is no JSON array", key);
  }
  *out = array;
  return SPECRNN_OK;
}

specrnn_status srn_metadata_modules(srn_found_chain *out, const srn_tensor_file *file, const specrnn_log *log)
{
  json_t *array = NULL;
  specrnn_status status = read_array(&array, file, SRN_META_MODULES, log);
  if (status) {
    return status;
  }
  size_t count = json_array_size(array);
  if (!count || count > SPECRNN_MODEL_MAX_LAYERS + 1) {
    json_decref(array);
    return srn_fail(log, SPECRNN_ERROR_FORMAT, SRN_META_MODULES " names %zu modules", count);
  }
  srn_found_module *modules = calloc(count, sizeof *modules);
  status = modules ? SPECRNN_OK : srn_fail_memory(log, count * sizeof *modules);
  for (size_t i = 0; i < count && !status; i++) {
    status = read_module(&modules[i].module, json_array_get(array, i), log);
  }
  json_decref(array);
  if (status) {
    free(modules);
    return status;
  }
  *out = (srn_found_chain){modules, count};
  return SPECRNN_OK;
}

specrnn_status srn_metadata_weights(specrnn_weight_type *out, const srn_tensor_file *file, const specrnn_log *log)
{
  const char *text = srn_tensors_metadata(file, SRN_META_WEIGHTS);
  for (int type = 0; type < SPECRNN_WEIGHT_TYPES; type++) {
    if (!strcmp(text ? text : specrnn_weight_type_name(SPECRNN_WEIGHT_F32), specrnn_weight_type_name(type))) {
      *out = type;
      return SPECRNN_OK;
    }
  }
  return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "the model has weights of type %.16s; f32, bf16 and int8 can be read",
                  text);
}

specrnn_status srn_metadata_front_end(specrnn_features_config *out, bool *present, const srn_tensor_file *file,
                                      const specrnn_log *log)
{
  const char *text = srn_tensors_metadata(file, SRN_META_FRONT_END);
  *present = text != NULL;
  if (!text) {
    return SPECRNN_OK;
  }
  return specrnn_config_from_json(out, specrnn_features_options(), text, SPECRNN_UNKNOWN_KEYS_REFUSE, log);
}

specrnn_status srn_metadata_tolerances(double **out, size_t *count, const srn_tensor_file *file, const specrnn_log *log)
{
  json_t *array = NULL;
  specrnn_status status = read_array(&array, file, SRN_META_TESTS, log);
  if (status) {
    return status;
  }
  size_t n = json_array_size(array);
  if (n > SPECRNN_MODEL_MAX_TESTS) {
    json_decref(array);
    return srn_fail(log, SPECRNN_ERROR_FORMAT, SRN_META_TESTS " names %zu test vectors; at most %d can be read", n,
                    SPECRNN_MODEL_MAX_TESTS);
  }
  double *tolerances = calloc(n + 1, sizeof *tolerances);
  status = tolerances ? SPECRNN_OK : srn_fail_memory(log, n * sizeof *tolerances);
  for (size_t i = 0; i < n && !status; i++) {
    const json_t *number = json_array_get(array, i);
    tolerances[i] = json_number_value(number);
    if (!json_is_number(number) || !(tolerances[i] >= 0.0)) {
      status = srn_fail(log, SPECRNN_ERROR_FORMAT, SRN_META_TESTS ": tolerance %zu is no number from 0 up", i);
    }
  }
  json_decref(array);
  if (status) {
    free(tolerances);
    return status;
  }
  *out = tolerances;
  *count = n;
  return SPECRNN_OK;
}

bool srn_metadata_fingerprint(uint64_t *out, const srn_tensor_file *file)
{
  enum { DIGITS = 16, HEXADECIMAL = 16 };
  const char *text = srn_tensors_metadata(file, SRN_META_FINGERPRINT);
  if (!text || strlen(text) != DIGITS || strspn(text, "0123456789abcdef") != DIGITS) {
    return false;
  }
  *out = strtoull(text, NULL, HEXADECIMAL);
  return true;
}
