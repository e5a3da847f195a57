/* specrnn model init: a new model with random weights. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cells.h"
#include "commands.h"
#include "front_end.h"
#include "lengths.h"
#include "model_edit.h"
#include "model_source.h"
#include "readable.h"
#include "report.h"

typedef struct options {
  const char *output, *cell, *hidden_size, *nonlinearity, *gru_reset, *output_activation, *normalizer, *config,
      *modules;
  int input_size, num_layers, proj_size, output_size, seed, test;
  double dropout, tolerance;
  bool bidirectional, bias, time_first;
} options;

static const options DEFAULTS = {
    .cell = CELL_OF_INIT,
    .hidden_size = "128",
    .nonlinearity = "tanh",
    .gru_reset = "after",
    .output_activation = "identity",
    .num_layers = 1,
    .tolerance = 1e-5,
    .bias = true,
};

#define FIELD(name) offsetof(options, name)

static const cli_option OPTIONS[] = {
    {"output", 'o', CLI_STRING, "OUT", FIELD(output), 0, 0, "the model's file (safetensors)"},
    {"seed", 0, CLI_COUNT, "N", FIELD(seed), 0, 2147483647, "of the weights (default 0)"},
    {"normalizer", 0, CLI_STRING, "FILE", FIELD(normalizer), 0, 0,
     "statistics of specrnn stats: every bin goes in as (x - mean) / deviation"},
    {"test", 0, CLI_COUNT, "FRAMES", FIELD(test), 1, SPECRNN_MODEL_MAX_TEST_FRAMES,
     "store a test vector of so many frames for specrnn model verify"},
    {"tolerance", 0, CLI_NUMBER, "X", FIELD(tolerance), 0, 1e9,
     "largest difference that its test allows (default 1e-5)"},
    {0},
};

static const cli_option STRUCTURE_OPTIONS[] = {
    {"modules", 0, CLI_STRING, "FILE", FIELD(modules), 0, 0,
     "the whole graph as JSON, as model show --json prints it, in the place of the options below"},
    {"cell", 0, CLI_STRING, "rnn|lstm|gru", FIELD(cell), 0, 0, "kind of the recurrent modules (default rnn)"},
    {"input-size", 0, CLI_COUNT, "N", FIELD(input_size), 1, SPECRNN_MODEL_MAX_WIDTH,
     "features per frame (default: what the front end gives)"},
    {"hidden-size", 0, CLI_STRING, "N,...", FIELD(hidden_size), 0, 0,
     "one module for each number, as 128,64; they are called by their cell, rnn1, rnn2 ... or lstm1, lstm2 ... "
     "(default 128)"},
    {"num-layers", 0, CLI_COUNT, "N", FIELD(num_layers), 1, SPECRNN_MODEL_MAX_LAYERS,
     "layers of each module (default 1)"},
    {"bidirectional", 0, CLI_FLAG, NULL, FIELD(bidirectional), 0, 0, "both directions, side by side; not for streams"},
    {"bias", 0, CLI_SWITCH, NULL, FIELD(bias), 0, 0, "with bias_ih and bias_hh (default true)"},
    {"nonlinearity", 0, CLI_STRING, "tanh|relu", FIELD(nonlinearity), 0, 0, "of an RNN (default tanh)"},
    {"gru-reset", 0, CLI_STRING, "after|before", FIELD(gru_reset), 0, 0,
     "of a GRU: the reset gate after W_hn h (PyTorch, the default) or before it"},
    {"proj-size", 0, CLI_COUNT, "N", FIELD(proj_size), 0, SPECRNN_MODEL_MAX_WIDTH,
     "of an LSTM: h is projected to N numbers (default 0, not)"},
    {"dropout", 0, CLI_NUMBER, "P", FIELD(dropout), 0, 0.999,
     "between the layers of a module, in training (default 0)"},
    {"output-size", 0, CLI_COUNT, "N", FIELD(output_size), 0, SPECRNN_MODEL_MAX_WIDTH,
     "a linear layer on top gives N numbers per frame (default 0, none)"},
    {"output-activation", 0, CLI_STRING, "identity|softmax", FIELD(output_activation), 0, 0,
     "of the output layer (default identity)"},
    {"time-first", 0, CLI_FLAG, NULL, FIELD(time_first), 0, 0,
     "note that arrays for this model are (T, N, I), not (N, T, I)"},
    {0},
};

static const cli_option FRONT_END_OPTIONS[] = {
    CONFIG_OPTION(FIELD(config)),
    {0},
};

static const cli_group GROUPS[] = {
    {"Options", OPTIONS, NULL, NULL},
    {"Structure", STRUCTURE_OPTIONS, NULL, NULL},
    {"Front end, stored with the model (--preset and --kind fill every value, each option overrides one)",
     FRONT_END_OPTIONS, front_end_options, FRONT_END_KEYS_BUT_SEED},
    {0},
};

typedef struct call {
  const cli_arguments *arguments;
  const options *options;
  specrnn_features_config front_end;
  bool has_front_end;
  size_t input_size;
  specrnn_graph *graph;
  specrnn_model *model;
} call;

/* The index of a word in a list that ends with NULL; -1 after a message. */
static int word_index(const char *option, const char *word, const char *const *words)
{
  for (int i = 0; words[i]; i++) {
    if (!strcmp(word, words[i])) {
      return i;
    }
  }
  report_usage("--%s %s: no such choice (see specrnn model init --help)", option, word);
  return -1;
}

/* ------------------------------------------------------------------------------------------------------------- input
 */

/* A graph says what these options say. */
static bool is_said_by_graph(const call *c, const char *option)
{
  return strcmp(option, "modules") != 0 && strcmp(option, "time-first") != 0 && cli_given(c->arguments, option);
}

static specrnn_status read_graph(call *c)
{
  for (const cli_option *option = STRUCTURE_OPTIONS; option->name; option++) {
    if (is_said_by_graph(c, option->name)) {
      report_usage("--%s: the graph of --modules says it", option->name);
      return SPECRNN_ERROR_ARGUMENT;
    }
  }
  char *text = NULL;
  const char *path = c->options->modules;
  specrnn_log log = report_log(path);
  specrnn_status status = readable_json(&text, path);
  status = status ? status : specrnn_graph_from_json(&c->graph, text, &log);
  free(text);
  return status;
}

static specrnn_status find_front_end(call *c)
{
  const options *o = c->options;
  if (!o->output) {
    report_usage("--output: say where the model goes (see specrnn model init --help)");
    return SPECRNN_ERROR_ARGUMENT;
  }
  specrnn_status status = o->modules ? read_graph(c) : SPECRNN_OK;
  if (status) {
    return status;
  }
  c->has_front_end = o->config || cli_assigned_any(c->arguments, specrnn_features_options());
  if (!c->has_front_end) {
    c->input_size = (size_t)o->input_size;
    if (c->input_size == 0 && !c->graph) {
      report_usage("--input-size: is needed, or a front end, as --preset librosa");
      return SPECRNN_ERROR_ARGUMENT;
    }
    return SPECRNN_OK;
  }
  status = front_end_from_arguments(c->arguments, o->config, SPECRNN_KIND_MEL, &c->front_end);
  if (status) {
    return status;
  }
  specrnn_features_shape shape;
  specrnn_log log = report_usage_log();
  status = specrnn_features_describe(&c->front_end, &shape, &log);
  if (status) {
    return status;
  }
  /* Several channels of raw samples are features too: the model says how many. */
  c->input_size = o->input_size ? (size_t)o->input_size : shape.n_bins;
  return SPECRNN_OK;
}

/* ----------------------------------------------------------------------------------------------------------- structure
 */

/* An option of a module, as the command line has it. */
typedef struct setting {
  const char *key;    /* of the kind */
  const char *option; /* of the command */
  json_t *value;      /* NULL: its default */
  bool differs;       /* from what other kinds do without being asked */
} setting;

/* The settings that the kind has, as JSON text; NULL after a message, as for one that asks for
 * what the kind cannot do. */
static char *options_json(const char *kind, const setting *settings, size_t n_settings)
{
  json_t *object = json_object();
  bool good = object != NULL;
  for (size_t i = 0; i < n_settings; i++) {
    if (!settings[i].value) {
      continue;
    }
    if (specrnn_option_find(specrnn_kind_options(kind), settings[i].key)) {
      good = json_object_set(object, settings[i].key, settings[i].value) == 0 && good;
    } else if (good && settings[i].differs) {
      report_usage("--%s: it is no option of --cell %s", settings[i].option, kind);
      json_decref(object);
      return NULL;
    }
  }
  char *text = good ? json_dumps(object, JSON_COMPACT) : NULL;
  json_decref(object);
  if (!text) {
    report_memory();
  }
  return text;
}

static specrnn_status add_module(call *c, const char *name, const char *kind, const setting *settings,
                                 size_t n_settings)
{
  specrnn_log log = report_usage_log();
  char *text = options_json(kind, settings, n_settings);
  specrnn_status status = text ? specrnn_graph_add(c->graph, name, kind, NULL, 0, text, &log) : SPECRNN_ERROR_ARGUMENT;
  free(text);
  return status;
}

static specrnn_status add_recurrent(call *c, size_t index, size_t hidden_size)
{
  const options *o = c->options;
  char name[SPECRNN_MODEL_NAME_SIZE];
  snprintf(name, sizeof name, "%s%zu", o->cell, index + 1);
  const setting settings[] = {
      {"hidden_size", "hidden-size", json_integer((json_int_t)hidden_size), true},
      {"num_layers", "num-layers", json_integer(o->num_layers), true},
      {"bias", "bias", json_boolean(o->bias), true},
      {"bidirectional", "bidirectional", json_boolean(o->bidirectional), true},
      {"proj_size", "proj-size", o->proj_size ? json_integer(o->proj_size) : NULL, true},
      {"dropout", "dropout", json_real(o->dropout), true},
      {"nonlinearity", "nonlinearity", json_string(o->nonlinearity), strcmp(o->nonlinearity, "tanh") != 0},
      {"gru_reset", "gru-reset", json_string(o->gru_reset), strcmp(o->gru_reset, "after") != 0},
  };
  enum { COUNT = sizeof settings / sizeof *settings };
  specrnn_status status = add_module(c, name, o->cell, settings, COUNT);
  for (size_t i = 0; i < COUNT; i++) {
    json_decref(settings[i].value);
  }
  return status;
}

static specrnn_status add_output(call *c)
{
  static const char NAME[] = "to_output"; /* after rnn1, lstm1, gru1 also in the natural order of a bare state_dict */
  const options *o = c->options;
  const setting size = {"output_size", "output-size", json_integer(o->output_size), true};
  specrnn_status status = add_module(c, NAME, "linear", &size, 1);
  json_decref(size.value);
  if (status || !strcmp(o->output_activation, "identity")) {
    return status;
  }
  specrnn_log log = report_usage_log();
  return specrnn_graph_add(c->graph, "to_output.softmax", o->output_activation, NULL, 0, NULL, &log);
}

/* Words that are no choice are told as those of the command line. */
static bool check_words(const options *o)
{
  static const char *const CELLS[] = CELL_WORDS;
  static const char *const NONLINEARITIES[] = {"tanh", "relu", NULL};
  static const char *const RESETS[] = {"after", "before", NULL};
  static const char *const ACTIVATIONS[] = {"identity", "softmax", NULL};
  return word_index("cell", o->cell, CELLS) >= 0 && word_index("nonlinearity", o->nonlinearity, NONLINEARITIES) >= 0 &&
         word_index("gru-reset", o->gru_reset, RESETS) >= 0 &&
         word_index("output-activation", o->output_activation, ACTIVATIONS) >= 0;
}

static specrnn_status add_modules(call *c, const size_t *sizes, size_t count)
{
  const options *o = c->options;
  specrnn_status status = SPECRNN_OK;
  for (size_t i = 0; i < count && !status; i++) {
    status = add_recurrent(c, i, sizes[i]);
  }
  if (!status && !o->output_size && cli_given(c->arguments, "output-activation")) {
    report_usage("--output-activation: there is no output layer without --output-size");
    return SPECRNN_ERROR_ARGUMENT;
  }
  return !status && o->output_size ? add_output(c) : status;
}

static specrnn_status build_graph(call *c)
{
  size_t *sizes = NULL;
  size_t count;
  specrnn_log log = report_usage_log();
  if (c->graph) {
    return SPECRNN_OK;
  }
  if (!check_words(c->options)) {
    return SPECRNN_ERROR_ARGUMENT;
  }
  specrnn_status status =
      lengths_parse(&sizes, &count, "hidden-size", c->options->hidden_size, SPECRNN_MODEL_MAX_WIDTH);
  status = status ? status : specrnn_graph_create(&c->graph, c->input_size, &log);
  status = status ? status : add_modules(c, sizes, count);
  free(sizes);
  return status;
}

/* --------------------------------------------------------------------------------------------------------------- model
 */

static specrnn_status create_model(call *c)
{
  specrnn_model_config config = SPECRNN_MODEL_CONFIG_INIT;
  config.graph = c->graph;
  config.batch_first = !c->options->time_first;
  config.seed = (uint64_t)c->options->seed;
  config.front_end = c->has_front_end ? &c->front_end : NULL;
  specrnn_log log = report_usage_log();
  specrnn_status status = specrnn_model_create(&c->model, &config, &log);
  return status == SPECRNN_ERROR_SHAPE ? SPECRNN_ERROR_ARGUMENT : status; /* it is the command line's shape */
}

static specrnn_status check_use(call *c)
{
  return model_check_tolerance(c->arguments, c->options->test) ? SPECRNN_OK : SPECRNN_ERROR_ARGUMENT;
}

static specrnn_status finish_model(call *c)
{
  const options *o = c->options;
  specrnn_status status = o->normalizer ? model_set_normaliser(&c->model, o->normalizer) : SPECRNN_OK;
  if (!status && o->test) {
    status = model_add_test(&c->model, (size_t)o->test, o->tolerance, (uint64_t)o->seed);
  }
  if (!status) {
    specrnn_log log = report_log(NULL);
    status = specrnn_model_save(c->model, o->output, &log);
  }
  return status;
}

static int run(const cli_arguments *arguments)
{
  static specrnn_status (*const STEPS[])(call *) = {check_use, find_front_end, build_graph, create_model, finish_model};
  call c = {.arguments = arguments, .options = arguments->options};
  specrnn_status status = SPECRNN_OK;
  for (size_t i = 0; !status && i < sizeof STEPS / sizeof *STEPS; i++) {
    status = STEPS[i](&c);
  }
  specrnn_model_destroy(&c.model);
  specrnn_graph_destroy(&c.graph);
  return status == SPECRNN_ERROR_ARGUMENT ? CLI_EXIT_USAGE : report_status(status);
}

const cli_command cmd_model_init = {
    .name = "model init",
    .arguments = "-o OUT [options]",
    .summary = "a new model with random weights",
    .example = "specrnn model init -o voice.safetensors --cell gru --hidden-size 128 --preset whisper\n"
               "specrnn model init -o wide.safetensors --hidden-size 128,64 --num-layers 2 --preset librosa\n"
               "specrnn model init -o classes.safetensors --cell lstm --input-size 80 --output-size 10",
    .description =
        "Makes a model: recurrent modules one after the other, and a front end that makes their input from sound, all "
        "in one safetensors file. The weights are PyTorch's: uniform in (-1/sqrt(H), 1/sqrt(H)), a function of --seed "
        "alone.",
    .groups = GROUPS,
    .defaults = &DEFAULTS,
    .options_size = sizeof(options),
    .minimum_inputs = 0,
    .maximum_inputs = 0,
    .run = run,
};
