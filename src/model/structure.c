/* The rules of a chain of modules, and the graph that follows from them. */
#include "model/structure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"

static const char *const KINDS[] = {"rnn", "lstm", "gru", "linear", NULL};
static const char *const NONLINEARITIES[] = {"tanh", "relu", NULL};
static const char *const RESETS[] = {"after", "before", NULL};
static const char *const ACTIVATIONS[] = {"identity", "softmax", NULL};

#define FIELD(name) offsetof(srn_chain_module, name)

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

static const srn_chain_module DEFAULTS = SRN_CHAIN_MODULE_INIT;
static const specrnn_option_table TABLE = {"module", OPTIONS, sizeof OPTIONS / sizeof *OPTIONS,
                                           sizeof(srn_chain_module), &DEFAULTS};

const specrnn_option_table *srn_chain_options(void)
{
  return &TABLE;
}

const srn_kind *srn_chain_kind_of(const srn_chain_module *module)
{
  return srn_kind_find(KINDS[module->kind]);
}

bool srn_chain_set_kind(srn_chain_module *module, const srn_kind *kind)
{
  for (int i = 0; KINDS[i]; i++) {
    if (!strcmp(KINDS[i], kind->name)) {
      module->kind = i;
      return true;
    }
  }
  return false;
}

/* The option of a chain that says what one of a kind does. */
static const specrnn_option *option_of(const specrnn_option *of_kind)
{
  return specrnn_option_find(&TABLE, strcmp(of_kind->key, "output_size") ? of_kind->key : "hidden_size");
}

void srn_chain_get(const srn_chain_module *module, const specrnn_option *of_kind, char *text, size_t size)
{
  specrnn_option_get(&TABLE, module, option_of(of_kind), text, size);
}

specrnn_status srn_chain_set(srn_chain_module *module, const specrnn_option *of_kind, const char *text,
                             const specrnn_log *log)
{
  return specrnn_option_set(&TABLE, module, option_of(of_kind)->key, text, log);
}

/* ------------------------------------------------------------------------------------------------------------ sizes */

size_t srn_module_directions(const srn_chain_module *module)
{
  return module->bidirectional ? 2 : 1;
}

size_t srn_module_state_size(const srn_chain_module *module)
{
  return (size_t)(module->proj_size ? module->proj_size : module->hidden_size);
}

size_t srn_module_width(const srn_chain_module *module)
{
  return srn_module_directions(module) * srn_module_state_size(module);
}

size_t srn_module_layers(const srn_chain_module *module)
{
  return (size_t)module->num_layers;
}

/* ------------------------------------------------------------------------------------------ what files leave open */

/* PyTorch, whose names state_dicts have, has no GRU that resets before, and a layer's output is what its weights give.
 */
static const srn_open_option OPEN[] = {
    {"nonlinearity", "tanh or relu", SPECRNN_LOG_WARNING, SRN_CHAIN_RNN, false},
    {"gru_reset", "whether GRUs reset after or before", SPECRNN_LOG_INFO, SRN_CHAIN_GRU, false},
    {"activation", "what follows the output layer", SPECRNN_LOG_INFO, SRN_CHAIN_LINEAR, true},
};

const srn_open_option *srn_open_option_get(size_t index)
{
  return index < sizeof OPEN / sizeof *OPEN ? &OPEN[index] : NULL;
}

bool srn_open_option_concerns(const srn_open_option *option, const srn_chain_module *modules, size_t n_modules,
                              size_t index)
{
  return modules[index].kind == option->kind && (!option->last || index + 1 == n_modules);
}

static size_t place_of(const char *key)
{
  return specrnn_option_find(&TABLE, key)->offset;
}

int srn_module_choice(const srn_chain_module *module, const char *key)
{
  int choice;
  memcpy(&choice, (const char *)module + place_of(key), sizeof choice);
  return choice;
}

void srn_module_choose(srn_chain_module *module, const char *key, int choice)
{
  memcpy((char *)module + place_of(key), &choice, sizeof choice);
}

bool srn_module_recognise(srn_chain_module *module, size_t gates)
{
  static const struct {
    size_t gates;
    srn_chain_kind kind;
  } CELLS[] = {{1, SRN_CHAIN_RNN}, {3, SRN_CHAIN_GRU}, {4, SRN_CHAIN_LSTM}};
  for (size_t i = 0; i < sizeof CELLS / sizeof *CELLS; i++) {
    if (CELLS[i].gates == gates) {
      module->kind = CELLS[i].kind;
      return true;
    }
  }
  return false;
}

void srn_module_set_linear(srn_chain_module *module, size_t n_outputs, size_t n_inputs)
{
  module->kind = SRN_CHAIN_LINEAR;
  module->input_size = (int)n_inputs;
  module->hidden_size = (int)n_outputs;
}

/* ------------------------------------------------------------------------------------------------------------ rules */

static specrnn_status check_name(const srn_chain_module *module, const specrnn_log *log)
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

/* Options that a kind does not have: the first one in words, or NULL. The rules between those that it has are its own.
 */
static const char *broken_rule(const srn_chain_module *module)
{
  bool linear = module->kind == SRN_CHAIN_LINEAR;
  const struct {
    bool broken;
    const char *text;
  } rules[] = {
      {module->proj_size && module->kind != SRN_CHAIN_LSTM, "proj_size is for an LSTM only"},
      {linear && (module->num_layers != 1 || module->bidirectional), "a linear module is one layer in one direction"},
      {linear && module->cell, "a linear module is no recurrent cell"},
  };
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
    if (rules[i].broken) {
      return rules[i].text;
    }
  }
  return NULL;
}

static specrnn_status check_module(const srn_chain_module *module, const specrnn_log *log)
{
  specrnn_status status = specrnn_option_validate(&TABLE, module, log);
  if (!status && broken_rule(module)) {
    status = srn_fail(log, SPECRNN_ERROR_ARGUMENT, "module '%s': %s", module->name, broken_rule(module));
  }
  return status;
}

specrnn_status srn_chain_check_name(const srn_chain_module *modules, size_t count, const srn_chain_module *module,
                                    const specrnn_log *log)
{
  for (size_t i = 0; i < count; i++) {
    if (!strcmp(modules[i].name, module->name)) {
      return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "two modules are named '%s'", module->name);
    }
  }
  return check_name(module, log);
}

/* The module fits behind those before it. */
static specrnn_status check_place(const srn_chain_module *modules, size_t index, const specrnn_log *log)
{
  const srn_chain_module *module = &modules[index];
  specrnn_status status = srn_chain_check_name(modules, index, module, log);
  if (!status && index && srn_module_width(&modules[index - 1]) != (size_t)module->input_size) {
    return srn_fail(
        log, SPECRNN_ERROR_SHAPE,
        "the modules do not chain: '%s' puts out %zu features and '%s' reads %d (the chain may need another order)",
        modules[index - 1].name, srn_module_width(&modules[index - 1]), module->name, module->input_size);
  }
  return status;
}

static specrnn_status check_chain(const srn_chain_module *modules, size_t n_modules, const specrnn_log *log)
{
  size_t n_layers = 0;
  bool recurrent = false;
  for (size_t i = 0; i < n_modules; i++) {
    specrnn_status status = check_module(&modules[i], log);
    if (!status) {
      status = check_place(modules, i, log);
    }
    if (status) {
      return status;
    }
    recurrent |= modules[i].kind != SRN_CHAIN_LINEAR;
    n_layers += srn_module_layers(&modules[i]);
    if (n_layers > SPECRNN_MODEL_MAX_LAYERS + 1) {
      return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the chain has more than %d layers", SPECRNN_MODEL_MAX_LAYERS);
    }
  }
  return recurrent ? SPECRNN_OK : srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the model has no recurrent layer");
}

srn_structure srn_structure_of(const srn_chain_module *modules, size_t n_modules)
{
  srn_structure sum = {0, modules[n_modules - 1].kind == SRN_CHAIN_LINEAR};
  for (size_t i = 0; i < n_modules; i++) {
    sum.n_layers += srn_module_layers(&modules[i]);
  }
  sum.n_layers -= sum.has_output_layer ? 1 : 0;
  return sum;
}

/* ----------------------------------------------------------------------------------------------------------- graph */

_Static_assert((int)SPECRNN_MODEL_NAME_SIZE == (int)SRN_NAME_SIZE &&
                   (int)SPECRNN_MODEL_MAX_WIDTH == (int)SRN_MAX_WIDTH &&
                   (int)SPECRNN_MODEL_MAX_LAYERS == (int)SRN_MAX_LAYERS,
               "the limits of modules are those of nodes");

size_t srn_module_parts(const srn_chain_module *module)
{
  return module->kind == SRN_CHAIN_LINEAR && module->activation == SRN_CHAIN_SOFTMAX ? 2 : 1;
}

/* The options of a module as its kind has them, from malloc. */
static specrnn_status convert_options(void **out, const srn_chain_module *module, const srn_kind *kind,
                                      const specrnn_log *log)
{
  const specrnn_option_table *table = kind->options;
  void *options = malloc(table->size);
  if (!options) {
    return srn_fail_memory(log, table->size);
  }
  memcpy(options, table->defaults, table->size);
  specrnn_status status = SPECRNN_OK;
  for (size_t i = 0; i < table->count && !status; i++) {
    char value[64];
    srn_chain_get(module, &table->options[i], value, sizeof value);
    status = specrnn_option_set(table, options, table->options[i].key, value, log);
  }
  if (status) {
    free(options);
    return status;
  }
  *out = options;
  return SPECRNN_OK;
}

/* Requests for the graph, two at most for each module, and what they point to. */
typedef struct request_list {
  srn_module_request *requests;
  char (*names)[SRN_NAME_SIZE]; /* of activations */
  void **options;               /* of each module */
  size_t count;
} request_list;

static specrnn_status add_requests(request_list *list, const srn_chain_module *modules, size_t index,
                                   const specrnn_log *log)
{
  const srn_chain_module *module = &modules[index];
  const srn_kind *kind = srn_chain_kind_of(module);
  specrnn_status status = convert_options(&list->options[index], module, kind, log);
  if (status) {
    return status;
  }
  list->requests[list->count++] = (srn_module_request){module->name, kind, list->options[index]};
  if (srn_module_parts(module) > 1) {
    const srn_kind *activation = srn_kind_find(ACTIVATIONS[module->activation]);
    int room = (int)(SRN_NAME_SIZE - sizeof "." - strlen(activation->name));
    snprintf(list->names[index], SRN_NAME_SIZE, "%.*s.%s", room, module->name, activation->name);
    const void *defaults = activation->options->defaults;
    list->requests[list->count++] = (srn_module_request){list->names[index], activation, defaults};
  }
  return SPECRNN_OK;
}

static specrnn_status make_graph(const srn_graph **out, request_list *list, const srn_chain_module *modules,
                                 size_t n_modules, const specrnn_log *log)
{
  list->requests = calloc(2 * n_modules, sizeof *list->requests);
  list->names = calloc(n_modules, sizeof *list->names);
  list->options = calloc(n_modules, sizeof *list->options);
  if (!list->requests || !list->names || !list->options) {
    return srn_fail_memory(log, 2 * n_modules * sizeof *list->requests);
  }
  specrnn_status status = SPECRNN_OK;
  for (size_t i = 0; i < n_modules && !status; i++) {
    status = add_requests(list, modules, i, log);
  }
  return status ? status : srn_graph_create(out, (size_t)modules[0].input_size, list->requests, list->count, log);
}

specrnn_status srn_chain_graph(const srn_graph **out, const srn_chain_module *modules, size_t n_modules,
                               const specrnn_log *log)
{
  specrnn_status status = check_chain(modules, n_modules, log);
  if (status) {
    return status;
  }
  request_list list = {0};
  status = make_graph(out, &list, modules, n_modules, log);
  for (size_t i = 0; list.options && i < n_modules; i++) {
    free(list.options[i]);
  }
  free(list.options);
  free(list.names);
  free(list.requests);
  return status;
}
