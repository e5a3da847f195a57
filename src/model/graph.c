/* Graphs as programs make them: modules by name, kind and JSON. */
#include "model/graph.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "model/object.h"
#include "specrnn/io.h"

enum { VALUE_SIZE = 64 };

struct specrnn_graph {
  size_t input_size;
  srn_chain_module *modules;
  size_t count, capacity;
};

const srn_chain_module *srn_graph_chain(const specrnn_graph *graph)
{
  return graph->modules;
}

size_t srn_graph_count(const specrnn_graph *graph)
{
  return graph->count;
}

/* ------------------------------------------------------------------------------------------------------------ kinds */

const char *specrnn_kind_name(size_t index)
{
  const srn_kind *kind = srn_kind_get(index);
  return kind ? kind->name : NULL;
}

const char *specrnn_kind_help(const char *name)
{
  const srn_kind *kind = srn_kind_find(name);
  return kind ? kind->help : NULL;
}

const specrnn_option_table *specrnn_kind_options(const char *name)
{
  const srn_kind *kind = srn_kind_find(name);
  return kind ? kind->options : NULL;
}

static specrnn_status find_kind(const srn_kind **out, const char *name, const specrnn_log *log)
{
  enum { MOST = 64 };
  const char *names[MOST + 1] = {NULL};
  for (size_t i = 0; i < MOST && specrnn_kind_name(i); i++) {
    names[i] = specrnn_kind_name(i);
  }
  *out = srn_kind_find(name);
  const char *nearest = *out ? NULL : specrnn_nearest_name(name, names);
  return *out ? SPECRNN_OK
              : srn_fail(log, SPECRNN_ERROR_ARGUMENT, "'%.64s' is no kind of layer%s%s%s", name,
                         nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
}

/* ----------------------------------------------------------------------------------------------------------- making */

specrnn_status specrnn_graph_create(specrnn_graph **out, size_t input_size, const specrnn_log *log)
{
  if (input_size < 1 || input_size > SPECRNN_MODEL_MAX_WIDTH) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a graph reads 1 to %d features per frame, not %zu",
                    SPECRNN_MODEL_MAX_WIDTH, input_size);
  }
  specrnn_graph *graph = calloc(1, sizeof *graph);
  if (!graph) {
    return srn_fail_memory(log, sizeof *graph);
  }
  graph->input_size = input_size;
  *out = graph;
  return SPECRNN_OK;
}

void specrnn_graph_destroy(specrnn_graph **graph)
{
  if (graph && *graph) {
    free((*graph)->modules);
    free(*graph);
    *graph = NULL;
  }
}

size_t specrnn_graph_output_size(const specrnn_graph *graph)
{
  return graph->count ? srn_module_width(&graph->modules[graph->count - 1]) : graph->input_size;
}

static specrnn_status reserve(specrnn_graph *graph, const specrnn_log *log)
{
  if (graph->count < graph->capacity) {
    return SPECRNN_OK;
  }
  if (graph->count > SPECRNN_MODEL_MAX_LAYERS) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the chain has more than %d layers", SPECRNN_MODEL_MAX_LAYERS);
  }
  size_t capacity = graph->capacity ? 2 * graph->capacity : 8;
  srn_chain_module *modules = realloc(graph->modules, capacity * sizeof *modules);
  if (!modules) {
    return srn_fail_memory(log, capacity * sizeof *modules);
  }
  graph->modules = modules;
  graph->capacity = capacity;
  return SPECRNN_OK;
}

/* The name that comes last in a graph: an activation is known by that of its module. */
static specrnn_status check_inputs(const specrnn_graph *graph, const char *name, const char *const *inputs,
                                   size_t n_inputs, const specrnn_log *log)
{
  const char *before = graph->count ? graph->modules[graph->count - 1].name : "input";
  size_t length = strlen(before);
  bool chained = n_inputs == 0 || (n_inputs == 1 && !strncmp(inputs[0], before, length) &&
                                   (!inputs[0][length] || inputs[0][length] == '.'));
  return chained ? SPECRNN_OK
                 : srn_fail(log, SPECRNN_ERROR_UNSUPPORTED,
                            "module '%s' does not read the one before it, '%s', alone: only chains can be run", name,
                            before);
}

/* The options of a kind from JSON into a module of the chain. */
static specrnn_status take_options(srn_chain_module *module, const srn_kind *kind, const char *json,
                                   const specrnn_log *log)
{
  const specrnn_option_table *table = kind->options;
  void *options = malloc(table->size);
  if (!options) {
    return srn_fail_memory(log, table->size);
  }
  memcpy(options, table->defaults, table->size);
  specrnn_status status =
      json ? specrnn_config_from_json(options, table, json, SPECRNN_UNKNOWN_KEYS_REFUSE, log) : SPECRNN_OK;
  status = status ? status : specrnn_option_validate(table, options, log);
  for (size_t i = 0; i < table->count && !status; i++) {
    char value[VALUE_SIZE];
    specrnn_option_get(table, options, &table->options[i], value, sizeof value);
    status = srn_chain_set(module, &table->options[i], value, log);
  }
  const char *broken = !status && kind->broken_rule ? kind->broken_rule(options) : NULL;
  free(options);
  return broken ? srn_fail(log, SPECRNN_ERROR_ARGUMENT, "module '%s': %s", module->name, broken) : status;
}

/* An activation is a part of the module before it. */
static specrnn_status add_activation(specrnn_graph *graph, const char *name, const srn_kind *kind,
                                     const specrnn_log *log)
{
  srn_chain_module *before = graph->count ? &graph->modules[graph->count - 1] : NULL;
  if (!before || before->kind != SRN_CHAIN_LINEAR || before->activation != SRN_CHAIN_IDENTITY) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "module '%s': a %s follows a linear module", name, kind->name);
  }
  before->activation = SRN_CHAIN_SOFTMAX;
  return SPECRNN_OK;
}

specrnn_status specrnn_graph_add(specrnn_graph *graph, const char *name, const char *kind_name,
                                 const char *const *inputs, size_t n_inputs, const char *options,
                                 const specrnn_log *log)
{
  const srn_kind *kind;
  srn_chain_module module = SRN_CHAIN_MODULE_INIT;
  specrnn_status status = find_kind(&kind, kind_name, log);
  if (!status && strlen(name) >= sizeof module.name) {
    status = srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the name of a module is longer than %d characters",
                      SPECRNN_MODEL_NAME_SIZE - 1);
  }
  status = status ? status : check_inputs(graph, name, inputs, n_inputs, log);
  status = status ? status : reserve(graph, log);
  if (status) {
    return status;
  }
  if (kind == &SRN_KIND_SOFTMAX) {
    return add_activation(graph, name, kind, log);
  }
  strcpy(module.name, name);
  if (!srn_chain_set_kind(&module, kind)) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "module '%s': %s is an option of recurrent modules", name,
                    kind->name);
  }
  module.input_size = (int)specrnn_graph_output_size(graph);
  status = take_options(&module, kind, options, log);
  status = status ? status : srn_chain_check_name(graph->modules, graph->count, &module, log);
  if (!status) {
    graph->modules[graph->count++] = module;
  }
  return status;
}

specrnn_status specrnn_model_graph(specrnn_graph **out, const specrnn_model *model, const specrnn_log *log)
{
  specrnn_graph *graph = NULL;
  specrnn_status status = specrnn_graph_create(&graph, model->info.input_size, log);
  for (size_t i = 0; i < model->info.n_modules && !status; i++) {
    status = reserve(graph, log);
    if (!status) {
      graph->modules[graph->count++] = model->modules[i];
    }
  }
  if (status) {
    specrnn_graph_destroy(&graph);
    return status;
  }
  *out = graph;
  return SPECRNN_OK;
}

/* ------------------------------------------------------------------------------------------------------------- JSON */

/* A value as JSON: choices and words are strings. */
static json_t *value_json(const specrnn_option *option, const char *text)
{
  bool is_text = option->type == SPECRNN_OPTION_CHOICE || (option->word && !strcmp(text, option->word));
  return is_text ? json_string(text) : json_loads(text, JSON_DECODE_ANY, NULL);
}

/* The options that differ from the defaults of the kind, into an object. */
static bool put_options(json_t *object, const srn_chain_module *module)
{
  const specrnn_option_table *table = srn_chain_kind_of(module)->options;
  bool done = true;
  for (size_t i = 0; i < table->count && done; i++) {
    char value[VALUE_SIZE];
    char standard[VALUE_SIZE];
    srn_chain_get(module, &table->options[i], value, sizeof value);
    specrnn_option_get(table, table->defaults, &table->options[i], standard, sizeof standard);
    done = !strcmp(value, standard) ||
           json_object_set_new(object, table->options[i].key, value_json(&table->options[i], value)) == 0;
  }
  return done;
}

void srn_chain_options_json(const srn_chain_module *module, char *text, size_t size)
{
  json_t *object = json_object();
  size_t length =
      object && put_options(object, module) ? json_dumpb(object, text, size - 1, JSON_REAL_PRECISION(17)) : 0;
  text[length < size ? length : 0] = '\0';
  json_decref(object);
}

static bool put_module(json_t *nodes, const srn_chain_module *module)
{
  json_t *node = json_pack("{s:s, s:s}", "name", module->name, "kind", srn_chain_kind_of(module)->name);
  bool done = node && put_options(node, module) && json_array_append(nodes, node) == 0;
  json_decref(node);
  if (done && srn_module_parts(module) > 1) {
    done = json_array_append_new(
               nodes, json_pack("{s:s+, s:s}", "name", module->name, ".softmax", "kind", SRN_KIND_SOFTMAX.name)) == 0;
  }
  return done;
}

specrnn_status specrnn_graph_to_json(char **json, const specrnn_graph *graph, const specrnn_log *log)
{
  json_t *nodes = json_array();
  bool done = nodes != NULL;
  for (size_t i = 0; i < graph->count && done; i++) {
    done = put_module(nodes, &graph->modules[i]);
  }
  json_t *whole = json_pack("{s:[I], s:o}", "input_shape", (json_int_t)graph->input_size, "nodes", nodes);
  char *text = done && whole ? json_dumps(whole, JSON_REAL_PRECISION(17)) : NULL;
  json_decref(whole);
  if (!text) {
    return srn_fail_memory(log, 0);
  }
  *json = text;
  return SPECRNN_OK;
}

static specrnn_status fail_json(const specrnn_log *log, const char *what)
{
  return srn_fail(log, SPECRNN_ERROR_FORMAT, "the graph %s", what);
}

/* A node: "name", "kind", perhaps "input"; the rest are its options. */
static specrnn_status take_node(specrnn_graph *graph, json_t *node, const specrnn_log *log)
{
  const char *name = json_string_value(json_object_get(node, "name"));
  const char *kind = json_string_value(json_object_get(node, "kind"));
  const json_t *input = json_object_get(node, "input");
  const char *read =
      json_string_value(json_is_array(input) && json_array_size(input) == 1 ? json_array_get(input, 0) : input);
  if (!name || !kind || (input && !read)) {
    return fail_json(log, input && !read ? "has a node that reads several: only chains can be run"
                                         : "has a node without a name or without a kind");
  }
  json_t *options = json_copy(node);
  json_object_del(options, "name");
  json_object_del(options, "kind");
  json_object_del(options, "input");
  char *text = options ? json_dumps(options, JSON_REAL_PRECISION(17)) : NULL;
  json_decref(options);
  specrnn_status status =
      text ? specrnn_graph_add(graph, name, kind, &read, read ? 1 : 0, text, log) : srn_fail_memory(log, 0);
  free(text);
  return status;
}

static specrnn_status take_graph(specrnn_graph **out, const json_t *whole, const specrnn_log *log)
{
  json_t *nodes = json_object_get(whole, "nodes");
  const json_t *shape = json_object_get(whole, "input_shape");
  const json_t *size = json_is_array(shape) && json_array_size(shape) == 1 ? json_array_get(shape, 0) : NULL;
  if (!json_is_array(nodes) || !json_is_integer(size)) {
    return fail_json(log, "is no object with \"input_shape\": [80] and \"nodes\": [...]");
  }
  json_int_t n_inputs = json_integer_value(size);
  specrnn_graph *graph = NULL;
  specrnn_status status = specrnn_graph_create(&graph, n_inputs > 0 ? (size_t)n_inputs : 0, log);
  for (size_t i = 0; i < json_array_size(nodes) && !status; i++) {
    status = take_node(graph, json_array_get(nodes, i), log);
  }
  if (status) {
    specrnn_graph_destroy(&graph);
    return status;
  }
  *out = graph;
  return SPECRNN_OK;
}

specrnn_status specrnn_graph_from_json(specrnn_graph **out, const char *json, const specrnn_log *log)
{
  json_error_t error;
  json_t *whole = json_loads(json, JSON_REJECT_DUPLICATES, &error);
  if (!whole) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "the graph is no JSON: line %d: %s", error.line, error.text);
  }
  specrnn_status status = take_graph(out, whole, log);
  json_decref(whole);
  return status;
}
