/* The states of a model as arrays in files. */
#include "states.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "limit.h"
#include "readable.h"
#include "report.h"
#include "specrnn/encoder.h"

static const char NORMAL[] = "normal:";
static const char *const FINAL_NAMES[] = {[STATE_H] = "h_n", [STATE_C] = "c_n"};
static const char *const INITIAL_NAMES[] = {[STATE_H] = "h0", [STATE_C] = "c0"};

enum { NAME_SIZE = SPECRNN_MODEL_NAME_SIZE + 512 };

/* A module's part of the states: (rows, N, width); without rows it has none. */
typedef struct part {
  size_t rows, width;
} part;

static part part_of(const specrnn_model *model, size_t module, state_kind kind)
{
  part p = {0};
  for (size_t i = 0; i < specrnn_model_describe(model)->n_layers; i++) {
    const specrnn_layer_info *layer = specrnn_model_layer(model, i);
    size_t size = kind == STATE_H ? layer->h_size : layer->c_size;
    if (layer->module_index == module && size > 0) {
      p.rows += layer->n_directions;
      p.width = size / layer->n_directions;
    }
  }
  return p;
}

size_t states_size(const specrnn_model *model, state_kind kind)
{
  const specrnn_model_info *info = specrnn_model_describe(model);
  return kind == STATE_H ? info->h_size : info->c_size;
}

/* All modules together, if they are of one width; else, or where there is nothing, width 0. */
static part whole_of(const specrnn_model *model, state_kind kind)
{
  part whole = {0};
  for (size_t i = 0; i < specrnn_model_describe(model)->n_modules; i++) {
    part one = part_of(model, i, kind);
    if (one.rows == 0) {
      continue;
    }
    if (whole.rows > 0 && one.width != whole.width) {
      return (part){0};
    }
    whole.rows += one.rows;
    whole.width = one.width;
  }
  return whole;
}

/* ------------------------------------------------------------------------------------------------------------- writing
 */

static specrnn_status write_part(specrnn_npz_writer *writer, const char *name, part p, const float *states,
                                 size_t n_sequences, bool batched, const specrnn_log *log)
{
  const size_t with_batch[] = {p.rows, n_sequences, p.width};
  const size_t without[] = {p.rows, p.width};
  specrnn_array array = specrnn_array_view(SPECRNN_F32, batched ? 3 : 2, batched ? with_batch : without, states);
  return specrnn_npz_write(writer, name, &array, log);
}

specrnn_status states_write(specrnn_npz_writer *writer, const char *prefix, state_kind kind, const specrnn_model *model,
                            const float *states, size_t n_sequences, bool batched, const specrnn_log *log)
{
  char name[NAME_SIZE];
  part whole = whole_of(model, kind);
  if (whole.rows > 0) {
    snprintf(name, sizeof name, "%s%s", prefix, FINAL_NAMES[kind]);
    return write_part(writer, name, whole, states, n_sequences, batched, log);
  }
  specrnn_status status = SPECRNN_OK;
  for (size_t i = 0; !status && i < specrnn_model_describe(model)->n_modules; i++) {
    const specrnn_module_info *module = specrnn_model_module(model, i);
    part one = part_of(model, i, kind);
    if (one.rows > 0) {
      snprintf(name, sizeof name, "%s%s.%s", prefix, FINAL_NAMES[kind], module->name);
      status = write_part(writer, name, one, states, n_sequences, batched, log);
      states += one.rows * n_sequences * one.width;
    }
  }
  return status;
}

/* ------------------------------------------------------------------------------------------------------------- reading
 */

static bool has_shape(const specrnn_array *array, part p, size_t n_sequences)
{
  if (array->rank == 3) {
    return array->shape[0] == p.rows && array->shape[1] == n_sequences && array->shape[2] == p.width;
  }
  return array->rank == 2 && n_sequences == 1 && array->shape[0] == p.rows && array->shape[1] == p.width;
}

static specrnn_status copy_finite(float *states, const specrnn_array *array, const specrnn_log *log)
{
  specrnn_array *numbers = NULL;
  specrnn_status status = specrnn_array_to_f32(&numbers, array, SPECRNN_FINITE_REQUIRED, log);
  if (!status) {
    memcpy(states, numbers->data, specrnn_array_count(numbers) * sizeof *states);
    specrnn_array_destroy(&numbers);
  }
  return status;
}

/* An array for all modules, or (`flat` allowed) its numbers in a row. */
static specrnn_status take(float *states, const specrnn_array *array, part p, size_t flat, size_t n_sequences,
                           const char *path, const char *name)
{
  specrnn_log log = report_log(path);
  bool is_flat = array->rank == 1 && flat > 0 && array->shape[0] == flat;
  if (is_flat || (p.rows > 0 && has_shape(array, p, n_sequences))) {
    return copy_finite(states, array, &log);
  }
  char shape[128];
  specrnn_array_shape_text(array, shape, sizeof shape);
  if (p.rows > 0) {
    report_failure(path, "%s has shape %s; (%zu, %zu, %zu) is needed", name, shape, p.rows, n_sequences, p.width);
  } else {
    report_failure(path, "%s has shape %s; the modules differ in width, so (%zu,) is needed", name, shape, flat);
  }
  return SPECRNN_ERROR_SHAPE;
}

static specrnn_status read_npy(float *states, const char *path, state_kind kind, const specrnn_model *model,
                               size_t n_sequences)
{
  specrnn_log log = report_log(path);
  specrnn_array *array = NULL;
  specrnn_status status = readable_npy_load(&array, path, &log);
  if (!status) {
    status = take(states, array, whole_of(model, kind), states_size(model, kind) * n_sequences, n_sequences, path,
                  INITIAL_NAMES[kind]);
  }
  specrnn_array_destroy(&array);
  return status;
}

static specrnn_status read_entry(float *states, specrnn_npz *npz, const char *name, part p, size_t flat,
                                 size_t n_sequences, const char *path)
{
  specrnn_log log = report_log(path);
  specrnn_array *array = NULL;
  specrnn_status status = specrnn_npz_read(&array, npz, name, &log);
  if (!status) {
    status = take(states, array, p, flat, n_sequences, path, name);
  }
  specrnn_array_destroy(&array);
  return status;
}

static specrnn_status read_modules(float *states, specrnn_npz *npz, state_kind kind, const specrnn_model *model,
                                   size_t n_sequences, const char *path)
{
  specrnn_status status = SPECRNN_OK;
  for (size_t i = 0; !status && i < specrnn_model_describe(model)->n_modules; i++) {
    const specrnn_module_info *module = specrnn_model_module(model, i);
    part one = part_of(model, i, kind);
    if (one.rows > 0) {
      char name[NAME_SIZE];
      snprintf(name, sizeof name, "%s.%s", FINAL_NAMES[kind], module->name);
      status = read_entry(states, npz, name, one, 0, n_sequences, path);
      states += one.rows * n_sequences * one.width;
    }
  }
  return status;
}

static specrnn_status read_npz(float *states, const char *path, state_kind kind, const specrnn_model *model,
                               size_t n_sequences)
{
  specrnn_log log = report_log(path);
  specrnn_npz *npz = NULL;
  specrnn_status status = limit_npz_open(&npz, path, &log);
  if (status) {
    return status;
  }
  size_t flat = states_size(model, kind) * n_sequences;
  if (specrnn_npz_has(npz, INITIAL_NAMES[kind])) {
    status = read_entry(states, npz, INITIAL_NAMES[kind], whole_of(model, kind), flat, n_sequences, path);
  } else if (specrnn_npz_has(npz, FINAL_NAMES[kind])) {
    status = read_entry(states, npz, FINAL_NAMES[kind], whole_of(model, kind), flat, n_sequences, path);
  } else {
    status = read_modules(states, npz, kind, model, n_sequences, path);
  }
  specrnn_npz_close(&npz);
  return status;
}

static bool is_normal(const char *argument)
{
  return !strncmp(argument, NORMAL, sizeof NORMAL - 1);
}

static bool parse_sigma(const char *argument, double *sigma)
{
  char *end;
  const char *text = argument + sizeof NORMAL - 1;
  *sigma = strtod(text, &end);
  return end != text && !*end && isfinite(*sigma) && *sigma >= 0.0;
}

bool states_check(const char *argument, state_kind kind, const specrnn_model *model)
{
  double sigma;
  if (states_size(model, kind) == 0) {
    report_usage("--%s: the model has no LSTM", INITIAL_NAMES[kind]);
    return false;
  }
  if (is_normal(argument) && !parse_sigma(argument, &sigma)) {
    report_usage("--%s %s: after normal: comes a deviation, as normal:0.1", INITIAL_NAMES[kind], argument);
    return false;
  }
  return true;
}

specrnn_status states_read(float *states, const char *argument, state_kind kind, const specrnn_model *model,
                           size_t n_sequences, uint64_t seed)
{
  double sigma;
  if (is_normal(argument) && parse_sigma(argument, &sigma)) {
    /* h and c are drawn apart: two seeds. */
    specrnn_model_draw_state(states, states_size(model, kind) * n_sequences, sigma, seed + (kind == STATE_C ? 1 : 0));
    return SPECRNN_OK;
  }
  return readable_format(argument) == SPECRNN_FILE_NPZ ? read_npz(states, argument, kind, model, n_sequences)
                                                       : read_npy(states, argument, kind, model, n_sequences);
}
