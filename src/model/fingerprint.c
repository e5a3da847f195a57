/* A number that tells models apart: FNV-1a with 64 bits, fed with 32-bit words instead of bytes.
 *
 * In order: each module's name and those of its options that differ from the defaults, as "key=value;" (so that an
 * option added later leaves older models their fingerprint); the bits of every parameter; the type of weights but f32;
 * mean and scale; the front end's options in the same way. batch_first, dropout and test vectors do not change what a
 * stream computes, and dropout is left out. */
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "model/object.h"

enum { VALUE_SIZE = 64 };

static const uint64_t FNV_OFFSET = UINT64_C(0xcbf29ce484222325);
static const uint64_t FNV_PRIME = UINT64_C(0x00000100000001b3);

static uint64_t mix(uint64_t hash, uint32_t word)
{
  return (hash ^ word) * FNV_PRIME;
}

static uint64_t mix_text(uint64_t hash, const char *text)
{
  for (; *text; text++) {
    hash = mix(hash, (unsigned char)*text);
  }
  return hash;
}

static uint64_t mix_floats(uint64_t hash, const float *values, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, &values[i], sizeof bits);
    hash = mix(hash, bits);
  }
  return hash;
}

static uint64_t mix_options(uint64_t hash, const specrnn_option_table *table, const void *config, const char *skipped)
{
  for (size_t i = 0; i < table->count; i++) {
    const specrnn_option *option = &table->options[i];
    char value[VALUE_SIZE];
    char standard[VALUE_SIZE];
    specrnn_option_get(table, config, option, value, sizeof value);
    specrnn_option_get(table, table->defaults, option, standard, sizeof standard);
    if (strcmp(value, standard) && strcmp(option->key, skipped)) {
      hash = mix_text(hash, option->key);
      hash = mix(hash, '=');
      hash = mix_text(hash, value);
      hash = mix(hash, ';');
    }
  }
  return hash;
}

static specrnn_status mix_parameter(uint64_t *hash, const srn_cache *cache, size_t index, const specrnn_log *log)
{
  srn_parameter_spec spec;
  srn_graph_parameter(cache->graph, index, &spec);
  size_t at_once = srn_rows_at_once(&spec);
  float *values = malloc(at_once * spec.row_size * sizeof *values);
  if (!values) {
    return srn_fail_memory(log, at_once * spec.row_size * sizeof *values);
  }
  for (size_t row = 0; row < spec.n_rows; row += at_once) {
    size_t n_rows = spec.n_rows - row < at_once ? spec.n_rows - row : at_once;
    srn_cache_get_rows(cache, index, row, n_rows, values);
    *hash = mix_floats(*hash, values, n_rows * spec.row_size);
  }
  free(values);
  return SPECRNN_OK;
}

specrnn_status srn_model_fingerprint(uint64_t *out, const specrnn_model *model, const specrnn_log *log)
{
  uint64_t hash = FNV_OFFSET;
  for (size_t i = 0; i < model->info.n_modules; i++) {
    hash = mix_text(hash, model->modules[i].name);
    hash = mix(hash, ':');
    hash = mix_options(hash, srn_chain_options(), &model->modules[i], "dropout");
  }
  for (size_t i = 0; i < model->info.n_parameters; i++) {
    specrnn_status status = mix_parameter(&hash, model->cache, i, log);
    if (status) {
      return status;
    }
  }
  if (model->info.weight_type != SPECRNN_WEIGHT_F32) {
    hash = mix_text(hash, specrnn_weight_type_name(model->info.weight_type));
  }
  if (model->mean) {
    hash = mix_floats(hash, model->mean, model->info.input_size);
    hash = mix_floats(hash, model->scale, model->info.input_size);
  }
  if (model->front_end) {
    hash = mix_options(hash, specrnn_features_options(), model->front_end, "");
  }
  *out = hash;
  return SPECRNN_OK;
}
