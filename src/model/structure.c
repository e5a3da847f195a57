/* The rules of a chain of modules, and the parameter arrays that follow from them. */
#include "model/structure.h"

#include <stdio.h>
#include <string.h>

#include "core/checked.h"
#include "core/log.h"

static const char *const KINDS[] = {"rnn", "lstm", "gru", "linear", NULL};
static const char *const NONLINEARITIES[] = {"tanh", "relu", NULL};
static const char *const RESETS[] = {"after", "before", NULL};
static const char *const ACTIVATIONS[] = {"identity", "softmax", NULL};

#define FIELD(name) offsetof(specrnn_module, name)

static const specrnn_option OPTIONS[] = {
    {"kind", SPECRNN_OPTION_CHOICE, FIELD(kind), 0, 0, KINDS, NULL, 0, NULL, "kind of layer"},
    {"input_size", SPECRNN_OPTION_INT, FIELD(input_size), 1, SPECRNN_MODEL_MAX_WIDTH, NULL, NULL, 0, NULL,
     "features read per frame"},
    {"hidden_size", SPECRNN_OPTION_INT, FIELD(hidden_size), 1, SPECRNN_MODEL_MAX_WIDTH, NULL, NULL, 0, NULL,
     "units of a layer; of a linear layer its outputs"},
    {"proj_size", SPECRNN_OPTION_INT, FIELD(proj_size), 0, SPECRNN_MODEL_MAX_WIDTH, NULL, "none", 0, NULL,
     "width of an LSTM's projected output"},
    {"num_layers", SPECRNN_OPTION_INT, FIELD(num_layers), 1, SPECRNN_MODEL_MAX_LAYERS, NULL, NULL, 0, NULL,
     "layers of the module"},
    {"bias", SPECRNN_OPTION_BOOL, FIELD(bias), 0, 1, NULL, NULL, 0, NULL, "add bias vectors"},
    {"bidirectional", SPECRNN_OPTION_BOOL, FIELD(bidirectional), 0, 1, NULL, NULL, 0, NULL,
     "run over time in both directions"},
    {"nonlinearity", SPECRNN_OPTION_CHOICE, FIELD(nonlinearity), 0, 0, NONLINEARITIES, NULL, 0, NULL, "of a plain RNN"},
    {"gru_reset", SPECRNN_OPTION_CHOICE, FIELD(gru_reset), 0, 0, RESETS, NULL, 0, NULL,
     "whether a GRU's reset gate acts after or before the recurrent product"},
    {"activation", SPECRNN_OPTION_CHOICE, FIELD(activation), 0, 0, ACTIVATIONS, NULL, 0, NULL,
     "what follows a linear layer"},
    {"dropout", SPECRNN_OPTION_DOUBLE, FIELD(dropout), 0, 0.999999, NULL, NULL, 0, NULL,
     "probability that an output of a layer but the last is dropped in training"},
    {"cell", SPECRNN_OPTION_BOOL, FIELD(cell), 0, 1, NULL, NULL, 0, NULL, "tensors are named as those of a cell"},
};

static const specrnn_module DEFAULTS = SPECRNN_MODULE_INIT;
static const specrnn_option_table TABLE = {"module", OPTIONS, sizeof OPTIONS / sizeof *OPTIONS, sizeof(specrnn_module),
                                           &DEFAULTS};

const specrnn_option_table *specrnn_module_options(void)
{
  return &TABLE;
}

const char *specrnn_module_kind_name(specrnn_module_kind kind)
{
  static const char *const NAMES[] = {"RNN", "LSTM", "GRU", "linear"};
  size_t index = (size_t)kind;
  return index < sizeof NAMES / sizeof *NAMES ? NAMES[index] : "unknown";
}

/* ------------------------------------------------------------------------------------------------------------ sizes */

size_t srn_module_gates(const specrnn_module *module)
{
  static const size_t GATES[] = {1, 4, 3, 1};
  return GATES[module->kind];
}

size_t srn_module_directions(const specrnn_module *module)
{
  return module->bidirectional ? 2 : 1;
}

size_t srn_module_state_size(const specrnn_module *module)
{
  return (size_t)(module->proj_size ? module->proj_size : module->hidden_size);
}

size_t srn_module_width(const specrnn_module *module)
{
  return srn_module_directions(module) * srn_module_state_size(module);
}

size_t srn_module_layers(const specrnn_module *module)
{
  return (size_t)module->num_layers;
}

size_t srn_module_arrays_per_direction(const specrnn_module *module)
{
  if (module->kind == SPECRNN_MODULE_LINEAR) {
    return module->bias ? 2 : 1;
  }
  return (module->bias ? 4 : 2) + (module->proj_size ? 1 : 0);
}

size_t srn_module_arrays(const specrnn_module *module)
{
  return srn_module_layers(module) * srn_module_directions(module) * srn_module_arrays_per_direction(module);
}

/* ------------------------------------------------------------------------------------------------------- parameters */

static void set_shape(srn_parameter_spec *spec, size_t rank, size_t rows, size_t columns)
{
  spec->rank = rank;
  spec->shape[0] = rows;
  spec->shape[1] = rank == 2 ? columns : 0;
  spec->count = rank == 2 ? rows * columns : rows;
}

static void linear_parameter(const specrnn_module *module, size_t index, srn_parameter_spec *spec)
{
  const char *dot = module->name[0] ? "." : "";
  snprintf(spec->name, sizeof spec->name, "%s%s%s", module->name, dot, index ? "bias" : "weight");
  set_shape(spec, index ? 1 : 2, (size_t)module->hidden_size, (size_t)module->input_size);
}

void srn_module_parameter(const specrnn_module *module, size_t index, srn_parameter_spec *spec)
{
  static const char *const NAMES[] = {"weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"};
  if (module->kind == SPECRNN_MODULE_LINEAR) {
    linear_parameter(module, index, spec);
    return;
  }
  size_t per_direction = srn_module_arrays_per_direction(module);
  size_t directions = srn_module_directions(module);
  size_t kind = index % per_direction;
  size_t direction = index / per_direction % directions;
  size_t layer = index / per_direction / directions;
  if (!module->bias && kind == SRN_B_IH) {
    kind = SRN_W_HR;
  }
  char suffix[32] = "";
  if (!module->cell) {
    snprintf(suffix, sizeof suffix, "_l%zu%s", layer, direction ? "_reverse" : "");
  }
  snprintf(spec->name, sizeof spec->name, "%s%s%s%s", module->name, module->name[0] ? "." : "", NAMES[kind], suffix);
  size_t rows = srn_module_gates(module) * (size_t)module->hidden_size;
  switch ((srn_array_kind)kind) {
  case SRN_W_IH: set_shape(spec, 2, rows, layer ? srn_module_width(module) : (size_t)module->input_size); break;
  case SRN_W_HH: set_shape(spec, 2, rows, srn_module_state_size(module)); break;
  case SRN_B_IH:
  case SRN_B_HH: set_shape(spec, 1, rows, 0); break;
  case SRN_W_HR: set_shape(spec, 2, (size_t)module->proj_size, (size_t)module->hidden_size); break;
  }
}

/* ------------------------------------------------------------------------------------------------------------ rules */

static specrnn_status check_name(const specrnn_module *module, const specrnn_log *log)
{
  static const char ALLOWED[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  if (!memchr(module->name, '\0', sizeof module->name)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the name of a module is longer than %d characters",
                    SPECRNN_MODEL_NAME_SIZE - 1);
  }
  if (module->name[strspn(module->name, ALLOWED)]) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT,
                    "the name of a module holds something else than letters, digits, '_', '-' and '.'");
  }
  if (!strncmp(module->name, SRN_RESERVED_PREFIX, strlen(SRN_RESERVED_PREFIX))) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a module is named '%s'; names with '%s' are reserved", module->name,
                    SRN_RESERVED_PREFIX);
  }
  return SPECRNN_OK;
}

/* Rules between the fields of one module: the first broken one in words, or NULL. */
static const char *broken_rule(const specrnn_module *module)
{
  bool linear = module->kind == SPECRNN_MODULE_LINEAR;
  const struct {
    bool broken;
    const char *text;
  } rules[] = {
      {module->proj_size && module->kind != SPECRNN_MODULE_LSTM, "proj_size is for an LSTM only"},
      {module->proj_size && module->proj_size >= module->hidden_size, "proj_size must be below hidden_size"},
      {srn_module_width(module) > SPECRNN_MODEL_MAX_WIDTH, "its width is above 65536"},
      {linear && (module->num_layers != 1 || module->bidirectional), "a linear module is one layer in one direction"},
      {linear && module->cell, "a linear module is no recurrent cell"},
      {module->cell && (module->num_layers != 1 || module->bidirectional), "a cell is one layer in one direction"},
      {module->cell && module->proj_size, "a cell has no projection"},
  };
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
    if (rules[i].broken) {
      return rules[i].text;
    }
  }
  return NULL;
}

static specrnn_status check_module(const specrnn_module *module, const specrnn_log *log)
{
  specrnn_status status = check_name(module, log);
  if (!status) {
    status = specrnn_option_validate(&TABLE, module, log);
  }
  if (!status && broken_rule(module)) {
    status = srn_fail(log, SPECRNN_ERROR_ARGUMENT, "module '%s': %s", module->name, broken_rule(module));
  }
  return status;
}

/* The module fits behind those before it. */
static specrnn_status check_place(const specrnn_module *modules, size_t index, const specrnn_log *log)
{
  const specrnn_module *module = &modules[index];
  for (size_t i = 0; i < index; i++) {
    if (!strcmp(modules[i].name, module->name)) {
      return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "two modules are named '%s'", module->name);
    }
  }
  if (index && srn_module_width(&modules[index - 1]) != (size_t)module->input_size) {
    return srn_fail(
        log, SPECRNN_ERROR_SHAPE,
        "the modules do not chain: '%s' puts out %zu features and '%s' reads %d (the chain may need another order)",
        modules[index - 1].name, srn_module_width(&modules[index - 1]), module->name, module->input_size);
  }
  return SPECRNN_OK;
}

static bool add_module(srn_structure *sum, const specrnn_module *module)
{
  sum->n_layers += srn_module_layers(module);
  sum->bidirectional |= module->bidirectional;
  size_t count = srn_module_arrays(module);
  sum->n_parameters += count;
  for (size_t i = 0; i < count; i++) {
    srn_parameter_spec spec;
    srn_module_parameter(module, i, &spec);
    if (!srn_size_add(sum->n_weights, spec.count, &sum->n_weights)) {
      return false;
    }
  }
  return true;
}

specrnn_status srn_structure_check(srn_structure *out, const specrnn_module *modules, size_t n_modules,
                                   const specrnn_log *log)
{
  srn_structure sum = {0};
  bool recurrent = false;
  for (size_t i = 0; i < n_modules; i++) {
    specrnn_status status = check_module(&modules[i], log);
    if (!status) {
      status = check_place(modules, i, log);
    }
    if (status) {
      return status;
    }
    recurrent |= modules[i].kind != SPECRNN_MODULE_LINEAR;
    if (!add_module(&sum, &modules[i]) || sum.n_layers > SPECRNN_MODEL_MAX_LAYERS + 1) {
      return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the chain has more than %d layers", SPECRNN_MODEL_MAX_LAYERS);
    }
  }
  if (!recurrent) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the model has no recurrent layer");
  }
  sum.has_output_layer = modules[n_modules - 1].kind == SPECRNN_MODULE_LINEAR;
  sum.n_layers -= sum.has_output_layer ? 1 : 0;
  *out = sum;
  return SPECRNN_OK;
}
