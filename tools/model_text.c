/* What a model is, as text and as JSON. */
#include "model_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "report.h"
#include "shown.h"
#include "specrnn/features.h"
#include "specrnn/io.h"

enum { NAME_WIDTH = 24, VALUE_SIZE = 64, WORD_SIZE = 128, LINE_WIDTH = 100 };

static const char *const SOURCES[] = {
    [SPECRNN_MODEL_SOURCE_CREATED] = "created",
    [SPECRNN_MODEL_SOURCE_OWN] = "specrnn model",
    [SPECRNN_MODEL_SOURCE_STATE_DICT] = "bare state_dict",
};

/* --------------------------------------------------------------------------------------------------------------- notes
 */

static void take_note(void *user, specrnn_log_level level, const char *message)
{
  model_notes *notes = user;
  specrnn_log said = report_log(notes->path);
  char **texts = level != SPECRNN_LOG_ERROR ? realloc(notes->texts, (notes->count + 1) * sizeof *texts) : NULL;
  char *text = texts ? strdup(message) : NULL;
  if (texts) {
    notes->texts = texts;
  }
  if (text) {
    notes->texts[notes->count++] = text;
  } else {
    said.write(said.user, level, message);
  }
}

specrnn_log model_notes_log(model_notes *notes)
{
  return (specrnn_log){.write = take_note, .user = notes};
}

void model_notes_release(model_notes *notes)
{
  for (size_t i = 0; i < notes->count; i++) {
    free(notes->texts[i]);
  }
  free(notes->texts);
}

/* --------------------------------------------------------------------------------------------------------------- words
 */

/* Whether a field has the same text in both. */
static bool is_same(const specrnn_features_config *a, const specrnn_features_config *b, const specrnn_option *option)
{
  char x[VALUE_SIZE];
  char y[VALUE_SIZE];
  specrnn_option_get(specrnn_features_options(), a, option, x, sizeof x);
  specrnn_option_get(specrnn_features_options(), b, option, y, sizeof y);
  return !strcmp(x, y);
}

/* Calls `add` with every option that a command line needs to say to get this front end. */
static void each_front_end_option(const specrnn_features_config *front_end,
                                  void (*add)(const char *name, const char *value, int *column), int *column)
{
  const specrnn_option_table *table = specrnn_features_options();
  specrnn_features_config base; /* what the options so far give, autos not yet resolved */
  if (specrnn_features_preset(&base, front_end->preset, front_end->kind)) {
    return;
  }
  for (size_t i = 0; i < table->count; i++) {
    const specrnn_option *option = &table->options[i];
    specrnn_features_config resolved = base;
    bool is_first = option->offset == offsetof(specrnn_features_config, preset) ||
                    option->offset == offsetof(specrnn_features_config, kind);
    if (!is_first && !specrnn_features_resolve(&resolved, NULL) && is_same(&resolved, front_end, option)) {
      continue;
    }
    char name[WORD_SIZE];
    char value[VALUE_SIZE];
    specrnn_option_get(table, front_end, option, value, sizeof value);
    cli_option_name(option, name, sizeof name);
    if (specrnn_option_set(table, &base, option->key, value, NULL)) {
      return;
    }
    add(name, value, column);
  }
}

static void print_option(const char *name, const char *value, int *column)
{
  static const char FLAG[] = "--[no-]"; /* how a boolean is called */
  char word[2 * WORD_SIZE];
  bool is_flag = !strncmp(name, FLAG, sizeof FLAG - 1);
  if (is_flag) {
    snprintf(word, sizeof word, "--%s%s", strcmp(value, "true") != 0 ? "no-" : "", name + sizeof FLAG - 1);
  } else {
    snprintf(word, sizeof word, "%s %s", name, value);
  }
  int length = (int)strlen(word);
  if (*column > 2 && *column + 1 + length > LINE_WIDTH) {
    printf("\n ");
    *column = 1;
  }
  *column += printf(" %s", word);
}

/* ---------------------------------------------------------------------------------------------------------------- text
 */

static void print_layer(const specrnn_model *model, size_t index)
{
  const specrnn_layer_info *layer = specrnn_model_layer(model, index);
  char name[WORD_SIZE];
  if (index < specrnn_model_describe(model)->n_layers) {
    snprintf(name, sizeof name, "%zu", index + 1);
  } else {
    snprintf(name, sizeof name, "output");
  }
  printf("  %-8s%-16s%-24s%6zu%8zu%12zu%16zu\n", name, shown(layer->module->name), layer->description,
         layer->input_size, layer->width, layer->n_weights, layer->bytes_per_step);
}

static void print_layers(const specrnn_model *model)
{
  const specrnn_model_info *info = specrnn_model_describe(model);
  printf("\n  %-8s%-16s%-24s%6s%8s%12s%16s\n", "Layer", "Module", "Kind", "Input", "Output", "Parameters",
         "Bytes per step");
  for (size_t i = 0; i < info->n_layers + (info->has_output_layer ? 1 : 0); i++) {
    print_layer(model, i);
  }
  printf("  %-62s%12zu%16zu\n", "in all", info->n_weights, info->bytes_per_step);
}

static void print_parameters(const specrnn_model *model)
{
  printf("\nParameters\n");
  for (size_t i = 0; i < specrnn_model_describe(model)->n_parameters; i++) {
    const specrnn_parameter *p = specrnn_model_parameter(model, i);
    char shape[VALUE_SIZE];
    snprintf(shape, sizeof shape, p->rank == 2 ? "(%zu, %zu)" : "(%zu,)", p->shape[0], p->shape[1]);
    printf("  %-*s %s\n", NAME_WIDTH, shown(p->name), shape);
  }
}

static void print_front_end(const specrnn_model *model)
{
  const specrnn_features_config *front_end = specrnn_model_front_end(model);
  specrnn_features_shape shape;
  if (!front_end) {
    size_t n = specrnn_model_describe(model)->input_size;
    printf("\nFront end: none; the model reads %zu feature%s per frame from elsewhere\n", n, n == 1 ? "" : "s");
    return;
  }
  printf("\nFront end");
  if (!specrnn_features_describe(front_end, &shape, NULL)) {
    printf(": %zu features, %g frames per second%s", shape.n_bins, shape.frame_rate_hz,
           shape.whole_input ? "; needs the whole input" : "");
  }
  printf("\n ");
  int column = 1;
  each_front_end_option(front_end, print_option, &column);
  putchar('\n');
}

typedef struct range {
  float least, largest;
} range;

static range range_of(const float *numbers, size_t n)
{
  range r = {numbers[0], numbers[0]};
  for (size_t i = 1; i < n; i++) {
    r.least = numbers[i] < r.least ? numbers[i] : r.least;
    r.largest = numbers[i] > r.largest ? numbers[i] : r.largest;
  }
  return r;
}

static void print_normaliser(const specrnn_model *model)
{
  const float *mean;
  const float *scale;
  size_t n = specrnn_model_describe(model)->input_size;
  if (!specrnn_model_normaliser(model, &mean, &scale)) {
    printf("\nNormaliser: none\n");
    return;
  }
  range m = range_of(mean, n);
  range s = range_of(scale, n);
  printf("\nNormaliser: (x - mean) * scale, mean %.4g ... %.4g, scale %.4g ... %.4g\n", (double)m.least,
         (double)m.largest, (double)s.least, (double)s.largest);
}

static bool needs_whole_input(const specrnn_features_config *front_end)
{
  specrnn_features_shape shape;
  return !specrnn_features_describe(front_end, &shape, NULL) && shape.whole_input;
}

/* A maximum of the whole input has stand-ins in a stream, other steps that need all of it have none. */
static const char *stream_text(const specrnn_model *model)
{
  if (specrnn_model_describe(model)->bidirectional) {
    return "no, it runs in both directions";
  }
  const specrnn_features_config *front_end = specrnn_model_front_end(model);
  if (!front_end || !needs_whole_input(front_end)) {
    return "yes";
  }
  specrnn_features_config in_stream = *front_end;
  in_stream.maximum = SPECRNN_MAXIMUM_RUNNING;
  return needs_whole_input(&in_stream) ? "no, its front end needs the whole input"
                                       : "yes, with a fixed or running maximum";
}

static void print_tests(const specrnn_model *model)
{
  size_t n = specrnn_model_describe(model)->n_tests;
  printf("Test vectors: ");
  if (n == 0) {
    printf("none");
  }
  for (size_t i = 0; i < n; i++) {
    const specrnn_model_test *test = specrnn_model_test_vector(model, i);
    printf("%s%zu frames within %g", i ? ", " : "", test->n_frames, test->tolerance);
  }
  putchar('\n');
}

void model_print(const specrnn_model *model, const model_notes *notes)
{
  const specrnn_model_info *info = specrnn_model_describe(model);
  printf("%s: %s, %zu layer%s, %zu -> %zu features, fingerprint %016" PRIx64 "\n", shown(notes->path),
         SOURCES[info->source], info->n_layers, info->n_layers == 1 ? "" : "s", info->input_size, info->output_size,
         info->fingerprint);
  if (notes->remark) {
    printf("  %s\n", notes->remark);
  }
  print_layers(model);
  print_parameters(model);
  print_front_end(model);
  print_normaliser(model);
  print_tests(model);
  printf("Weights: %s\n", specrnn_weight_type_name(info->weight_type));
  printf("Arrays: %s, %zu)\n", info->batch_first ? "batch first, (N, T" : "time first, (T, N", info->input_size);
  printf("Streams: %s\n", stream_text(model));
  if (notes->count > 0) {
    printf("\nAssumed\n");
  }
  for (size_t i = 0; i < notes->count; i++) {
    printf("  %s\n", shown(notes->texts[i]));
  }
}

/* ---------------------------------------------------------------------------------------------------------------- JSON
 */

static json_t *layers_json(const specrnn_model *model)
{
  const specrnn_model_info *info = specrnn_model_describe(model);
  json_t *layers = json_array();
  for (size_t i = 0; i < info->n_layers + (info->has_output_layer ? 1 : 0); i++) {
    const specrnn_layer_info *layer = specrnn_model_layer(model, i);
    json_array_append_new(layers,
                          json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I}", "module", layer->module->name, "kind",
                                    layer->title, "description", layer->description, "input_size",
                                    (json_int_t)layer->input_size, "width", (json_int_t)layer->width, "directions",
                                    (json_int_t)layer->n_directions, "parameters", (json_int_t)layer->n_weights,
                                    "bytes_per_step", (json_int_t)layer->bytes_per_step));
  }
  return layers;
}

/* What model init --modules takes. */
static json_t *graph_json(const specrnn_model *model)
{
  specrnn_graph *graph = NULL;
  char *text = NULL;
  bool made = specrnn_model_graph(&graph, model, NULL) == SPECRNN_OK && specrnn_graph_to_json(&text, graph, NULL) == 0;
  json_t *object = made ? json_loads(text, 0, NULL) : NULL;
  specrnn_json_destroy(&text);
  specrnn_graph_destroy(&graph);
  return object;
}

static json_t *parameters_json(const specrnn_model *model)
{
  json_t *parameters = json_object();
  for (size_t i = 0; i < specrnn_model_describe(model)->n_parameters; i++) {
    const specrnn_parameter *p = specrnn_model_parameter(model, i);
    json_t *shape = json_array();
    for (size_t k = 0; k < p->rank; k++) {
      json_array_append_new(shape, json_integer((json_int_t)p->shape[k]));
    }
    json_object_set_new(parameters, p->name, shape);
  }
  return parameters;
}

static json_t *front_end_json(const specrnn_model *model)
{
  const specrnn_features_config *front_end = specrnn_model_front_end(model);
  char *text = NULL;
  if (!front_end || specrnn_config_to_json(&text, specrnn_features_options(), front_end, NULL)) {
    return json_null();
  }
  json_t *object = json_loads(text, 0, NULL);
  specrnn_json_destroy(&text);
  return object;
}

static json_t *normaliser_json(const specrnn_model *model)
{
  const float *mean;
  const float *scale;
  size_t n = specrnn_model_describe(model)->input_size;
  if (!specrnn_model_normaliser(model, &mean, &scale)) {
    return json_null();
  }
  json_t *means = json_array();
  json_t *scales = json_array();
  for (size_t i = 0; i < n; i++) {
    json_array_append_new(means, json_real((double)mean[i]));
    json_array_append_new(scales, json_real((double)scale[i]));
  }
  return json_pack("{s:o, s:o}", "mean", means, "scale", scales);
}

static json_t *tests_json(const specrnn_model *model)
{
  json_t *tests = json_array();
  for (size_t i = 0; i < specrnn_model_describe(model)->n_tests; i++) {
    const specrnn_model_test *test = specrnn_model_test_vector(model, i);
    json_array_append_new(tests,
                          json_pack("{s:I, s:f}", "frames", (json_int_t)test->n_frames, "tolerance", test->tolerance));
  }
  return tests;
}

static json_t *notes_json(const model_notes *notes)
{
  json_t *texts = json_array();
  for (size_t i = 0; i < notes->count; i++) {
    json_array_append_new(texts, json_string(notes->texts[i]));
  }
  return texts;
}

json_t *model_json(const specrnn_model *model, const model_notes *notes)
{
  const specrnn_model_info *info = specrnn_model_describe(model);
  char fingerprint[VALUE_SIZE];
  snprintf(fingerprint, sizeof fingerprint, "%016" PRIx64, info->fingerprint);
  return json_pack("{s:o, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s*}",
                   "file", shown_json(notes->path), "type", "model", "source", SOURCES[info->source], "fingerprint",
                   fingerprint, "weights", specrnn_weight_type_name(info->weight_type), "input_size",
                   (json_int_t)info->input_size, "output_size", (json_int_t)info->output_size, "n_parameters",
                   (json_int_t)info->n_weights, "bytes_per_step", (json_int_t)info->bytes_per_step, "batch_first",
                   info->batch_first, "bidirectional", info->bidirectional, "graph", graph_json(model), "layers",
                   layers_json(model), "parameters", parameters_json(model), "front_end", front_end_json(model),
                   "normaliser", normaliser_json(model), "tests", tests_json(model), "assumed", notes_json(notes),
                   "remark", notes->remark);
}
