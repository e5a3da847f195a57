/* specrnn encode: sound or features to the states of a recurrent model. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "encode_call.h"
#include "front_end.h"
#include "jobs.h"
#include "lengths.h"
#include "path.h"
#include "plans.h"
#include "report.h"
#include "result_names.h"
#include "states.h"

static const encode_options DEFAULTS = {.jobs = JOBS_ONE_PER_CPU};

#define FIELD(name) offsetof(encode_options, name)

static const cli_option OPTIONS[] = {
    {"output", 'o', CLI_STRING, "OUT", FIELD(output), 0, 0,
     "file by its extension: .npz holds everything, .npy .csv .json .ark .raw one table; a folder (with / at the end, "
     "or "
     "existing) for a file per input; - for standard output"},
    {"format", 0, CLI_STRING, "F", FIELD(format), 0, 0,
     "npz|npy|csv|json|ark|raw, for folders (default npz) and standard output (default raw: float32, little-endian)"},
    {"layer", 0, CLI_STRING, "N|all|output", FIELD(layer), 0, 0,
     "layer 1, 2 ..., all of them side by side, or the model's output (default: all for .npz, output for a table and "
     "for "
     "--pool)"},
    {"pool", 0, CLI_STRING, "mean|last|max", FIELD(pool), 0, 0,
     "one vector per input: arrays vectors (inputs, width) and names; neighbours reads them"},
    {"gates", 0, CLI_FLAG, NULL, FIELD(gates), 0, 0,
     "also layerN.gates (frames, directions, gates, hidden), in the order h, i f g o or r z n, and layerN.cell"},
    NAMES_OPTION(FIELD(names)),
    JOBS_OPTION(FIELD(jobs)),
    PLANS_OPTION(FIELD(plans)),
    {0},
};

static const cli_option MODEL_OPTIONS[] = {
    {"model", 0, CLI_STRING, "M", FIELD(model), 0, 0,
     "safetensors, .pt of a state_dict, or .npz (default: the model built into the program)"},
    MODEL_SOURCE_OPTIONS(encode_options, source),
    {0},
};

static const cli_option STATE_OPTIONS[] = {
    {"h0", 0, CLI_STRING, "FILE|normal:SIGMA", FIELD(h0), 0, 0,
     "initial h: .npy (L * D, N, H) or flat, an .npz that encode wrote, or drawn from N(0, SIGMA^2) (default zero)"},
    {"c0", 0, CLI_STRING, "FILE|normal:SIGMA", FIELD(c0), 0, 0, "initial c of an LSTM in the same way"},
    {"seed", 0, CLI_COUNT, "N", FIELD(seed), 0, 2147483647, "of drawn states; the same for every input (default 0)"},
    {0},
};

static const cli_option ARRAY_OPTIONS[] = {
    {"batch-first", 0, CLI_FLAG, NULL, FIELD(batch_first), 0, 0, "arrays of rank 3 are (N, T, I)"},
    {"time-first", 0, CLI_FLAG, NULL, FIELD(time_first), 0, 0,
     "arrays of rank 3 are (T, N, I) (default: as the model says)"},
    {"lengths", 0, CLI_STRING, "5,3,7|FILE", FIELD(lengths), 0, 0,
     "true lengths of the sequences of a batch, or an .npy of them; what lies beyond is 0"},
    {0},
};

static const cli_option FRONT_END_OPTIONS[] = {
    CONFIG_OPTION(FIELD(config)),
    {"stats", 0, CLI_STRING, "FILE", FIELD(stats), 0, 0, "statistics for --cmvn file, as specrnn stats writes them"},
    {0},
};

static const cli_group GROUPS[] = {
    {"Options", OPTIONS, NULL, NULL},
    {"Model (what a bare state_dict does not say)", MODEL_OPTIONS, model_load_table, MODEL_LOAD_KEYS},
    {"Initial states", STATE_OPTIONS, NULL, NULL},
    {"Arrays as input", ARRAY_OPTIONS, NULL, NULL},
    {"Sound as input", NULL, audio_input_options, AUDIO_INPUT_KEYS},
    {"Front end, if the model has none (--preset and --kind fill every value, each option overrides one)",
     FRONT_END_OPTIONS, front_end_options, FRONT_END_KEYS_BUT_SEED},
    {0},
};

enum { FORMAT_PATH_SIZE = 256 };

/* --------------------------------------------------------------------------------------------------------- what is
 * asked */

static bool choose_pooling(encode_call *c)
{
  static const char *const NAMES[] = {
      [ENCODE_POOL_MEAN] = "mean", [ENCODE_POOL_LAST] = "last", [ENCODE_POOL_MAX] = "max"};
  c->pools = c->options->pool != NULL;
  for (int i = 0; c->pools && i < (int)(sizeof NAMES / sizeof *NAMES); i++) {
    if (!strcmp(c->options->pool, NAMES[i])) {
      c->pooling = (encode_pooling)i;
      return true;
    }
  }
  if (c->pools) {
    report_usage("--pool %s: not one of mean, last, max", c->options->pool);
  }
  return !c->pools;
}

static bool choose_format(encode_call *c)
{
  const encode_options *o = c->options;
  specrnn_log log = report_usage_log();
  if (!o->output) {
    report_usage("--output: say where the states go (see specrnn encode --help)");
    return false;
  }
  bool to_stdout = !strcmp(o->output, "-");
  c->to_folder = !to_stdout && !c->pools && path_is_folder(o->output);
  if (o->format) {
    char path[FORMAT_PATH_SIZE];
    snprintf(path, sizeof path, "x.%.200s", o->format);
    return specrnn_table_format_of_path(&c->format, path, &log) == SPECRNN_OK;
  }
  if (to_stdout || c->to_folder) {
    c->format = to_stdout ? SPECRNN_TABLE_RAW : SPECRNN_TABLE_NPZ;
    return true;
  }
  return specrnn_table_format_of_path(&c->format, o->output, &log) == SPECRNN_OK;
}

static bool choose_names(encode_call *c)
{
  const encode_options *o = c->options;
  if (c->pools && o->names) {
    report_usage("--names: vectors of --pool always have the names of their inputs beside them");
    return false;
  }
  bool several = !c->to_folder && (c->list.count > 1 || c->arguments->n_inputs > 1);
  return c->pools || result_names_choose(o->names, c->format, several, &c->named);
}

static bool check_format(encode_call *c)
{
  const encode_options *o = c->options;
  if (!choose_names(c)) {
    return false;
  }
  bool holds_vectors =
      c->format == SPECRNN_TABLE_NPZ || c->format == SPECRNN_TABLE_NPY || c->format == SPECRNN_TABLE_RAW;
  if (c->pools && !holds_vectors) {
    report_usage("%s: vectors go to an .npz, with their names, or to an .npy", o->output);
    return false;
  }
  if (!c->pools && c->list.count > 1 && !c->to_folder && !specrnn_table_format_holds_many(c->format)) {
    report_usage("%s: holds the states of one input; name a folder, an .npz or an .ark for %zu, or --pool", o->output,
                 c->list.count);
    return false;
  }
  if (o->gates && (c->pools || c->format != SPECRNN_TABLE_NPZ)) {
    report_usage("--gates: go to an .npz, without --pool");
    return false;
  }
  if (o->batch_first && o->time_first) {
    report_usage("--batch-first and --time-first: one or the other");
    return false;
  }
  return true;
}

static bool choose_layers(encode_call *c)
{
  bool everything = c->format == SPECRNN_TABLE_NPZ && !c->pools;
  const char *layer = c->options->layer ? c->options->layer : everything ? "all" : "output";
  if (!encode_choice_parse(&c->choice, c->model, layer)) {
    return false;
  }
  if (everything && !strcmp(layer, "all")) {
    c->choice.output = true;
  }
  return true;
}

/* ----------------------------------------------------------------------------------------------------------
 * preparation */

static specrnn_status load_model(encode_call *c)
{
  specrnn_log log = report_log(c->options->model);
  return model_source_load(&c->model, c->options->model, c->arguments, &c->options->source, &log);
}

static specrnn_status list_inputs(encode_call *c)
{
  return encode_list_build(&c->list, c->arguments->inputs, c->arguments->n_inputs);
}

/* Before the model, which may have remarks of its own. */
static specrnn_status choose_output(encode_call *c)
{
  return choose_pooling(c) && choose_format(c) ? SPECRNN_OK : SPECRNN_ERROR_ARGUMENT;
}

static bool is_drawn(const char *states)
{
  return states && !strncmp(states, "normal:", strlen("normal:"));
}

/* What none of the inputs has a use for would be passed over in silence. */
static bool check_use(const encode_call *c)
{
  const cli_arguments *a = c->arguments;
  bool has_sound = encode_list_has_sound(&c->list);
  bool has_arrays = encode_list_has_arrays(&c->list);
  char sound[CLI_SPELT_SIZE];
  char front_end[CLI_SPELT_SIZE] = "--config";
  bool sets_front_end = cli_first_assigned(a, specrnn_features_options(), front_end);
  const struct {
    const char *option;
    bool misused;
    const char *reason;
  } USES[] = {
      {sound, !has_sound && cli_first_assigned(a, specrnn_audio_options(), sound), "it is of sound, and no input is"},
      {front_end, !has_sound && (sets_front_end || c->options->config), "it is of sound, and no input is"},
      {"--stats", !has_sound && c->options->stats, "it is of sound, and no input is"},
      {"--batch-first", !has_arrays && c->options->batch_first, "it is of arrays, and no input is"},
      {"--time-first", !has_arrays && c->options->time_first, "it is of arrays, and no input is"},
      {"--seed", cli_given(a, "seed") && !is_drawn(c->options->h0) && !is_drawn(c->options->c0),
       "it is of states that are drawn, as by --h0 normal:0.1"},
  };
  for (size_t i = 0; i < sizeof USES / sizeof *USES; i++) {
    if (USES[i].misused && c->list.count > 0) {
      report_usage("%s: %s", USES[i].option, USES[i].reason);
      return false;
    }
  }
  return true;
}

static specrnn_status choose(encode_call *c)
{
  const encode_options *o = c->options;
  bool fine = check_use(c) && check_format(c) && choose_layers(c) &&
              (!o->h0 || states_check(o->h0, STATE_H, c->model)) && (!o->c0 || states_check(o->c0, STATE_C, c->model));
  return fine ? SPECRNN_OK : SPECRNN_ERROR_ARGUMENT;
}

/* The model's front end, or for a bare state_dict the one of the options. */
static specrnn_status find_front_end(encode_call *c)
{
  bool asked = c->options->config || cli_assigned_any(c->arguments, specrnn_features_options());
  if (!encode_list_has_sound(&c->list) && !asked && !specrnn_model_front_end(c->model)) {
    return SPECRNN_OK;
  }
  specrnn_status status = model_source_front_end(&c->front_end, c->model, c->options->model, c->arguments,
                                                 c->options->config, SPECRNN_KIND_MEL);
  c->has_front_end = status == SPECRNN_OK;
  return status;
}

/* What reads sound. */
static specrnn_status prepare_sound(encode_call *c)
{
  specrnn_log log = report_log(NULL);
  if (!c->has_front_end) {
    return statistics_for(&c->statistics, NULL, c->options->stats);
  }
  if (!front_end_audio(c->arguments, &c->front_end, &c->source.sound.audio)) {
    return SPECRNN_ERROR_ARGUMENT;
  }
  if (!plans_use(c->options->plans)) {
    return SPECRNN_ERROR_IO;
  }
  c->source.sound.front_end = &c->front_end;
  c->source.sound.progress_name = c->list.count == 1 ? c->list.items[0].path : NULL;
  const specrnn_features_config *of_sound = encode_list_has_sound(&c->list) ? &c->front_end : NULL;
  specrnn_status status = statistics_for(&c->statistics, of_sound, c->options->stats);
  if (status) {
    return status;
  }
  c->source.sound.statistics = c->statistics;
  return specrnn_config_to_json(&c->front_end_json, specrnn_features_options(), &c->front_end, &log);
}

static specrnn_status prepare_pass(encode_call *c)
{
  const encode_options *o = c->options;
  c->source.list = &c->list;
  c->source.pass =
      (encode_pass_config){.model = c->model, .h0 = o->h0, .c0 = o->c0, .seed = (uint64_t)o->seed, .trace = o->gates};
  c->source.front_end_json = c->front_end_json;
  c->source.batch_first = !o->time_first && (o->batch_first || specrnn_model_describe(c->model)->batch_first);
  if (!o->lengths) {
    return SPECRNN_OK;
  }
  if (encode_list_has_sound(&c->list)) {
    report_usage("--lengths: are those of arrays, not of sound");
    return SPECRNN_ERROR_ARGUMENT;
  }
  specrnn_status status = lengths_read(&c->lengths, &c->source.n_lengths, o->lengths);
  c->source.lengths = c->lengths;
  return status;
}

/* ----------------------------------------------------------------------------------------------------------------- run
 */

static int run_call(encode_call *c)
{
  static specrnn_status (*const STEPS[])(encode_call *) = {choose_output,  load_model,    list_inputs, choose,
                                                           find_front_end, prepare_sound, prepare_pass};
  for (size_t i = 0; i < sizeof STEPS / sizeof *STEPS; i++) {
    specrnn_status status = STEPS[i](c);
    if (status) {
      return status == SPECRNN_ERROR_ARGUMENT ? CLI_EXIT_USAGE : CLI_EXIT_FAILED;
    }
  }
  if (c->list.count == 0) {
    return CLI_EXIT_FAILED;
  }
  int exit_status = encode_write(c);
  return c->list.some_failed ? CLI_EXIT_FAILED : exit_status;
}

static int run(const cli_arguments *arguments)
{
  encode_call c = {.arguments = arguments, .options = arguments->options};
  int status = run_call(&c);
  encode_list_release(&c.list);
  specrnn_statistics_destroy(&c.statistics);
  specrnn_json_destroy(&c.front_end_json);
  specrnn_model_destroy(&c.model);
  free(c.lengths);
  return status;
}

const cli_command cmd_encode = {
    .name = "encode",
    .arguments = "IN... -o OUT [options]",
    .summary = "hidden states of every layer, or one vector per input",
    .example = "specrnn encode voice.wav -o states.npz\n"
               "specrnn encode corpus/*.flac --pool mean -o vectors.npz --model voice.safetensors\n"
               "specrnn encode batch.npy --lengths 188,120,97 --model encoder.pt --nonlinearity tanh -o states.npz",
    .description =
        "Runs sound, or arrays of features (.npy or the .npz of specrnn features; (T, I) or (N, T, I)), through a "
        "recurrent model. An .npz receives layer1, layer2 ... (frames, width), output, the final states h_n and c_n as "
        "PyTorch lays them out (h_n.MODULE where modules differ in width), times (s), names and the front end as JSON; "
        "with several inputs each name carries its input's in front: voice/layer1. With --pool all inputs give one "
        "array, vectors (inputs, width), with their names.\n"
        "An input that fails is reported, the others are done, and the exit status is 1.",
    .groups = GROUPS,
    .defaults = &DEFAULTS,
    .options_size = sizeof(encode_options),
    .minimum_inputs = 1,
    .maximum_inputs = -1,
    .run = run,
};
