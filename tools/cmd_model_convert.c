/* specrnn model convert: weights from elsewhere to a model of our own, and back to a plain state_dict. */
#include <stdlib.h>

#include "commands.h"
#include "front_end.h"
#include "model_edit.h"
#include "model_source.h"
#include "report.h"

typedef struct options {
  const char *output, *normalizer, *config;
  model_source source;
  int test, seed;
  double tolerance;
  bool state_dict;
} options;

static const options DEFAULTS = {.tolerance = 1e-5};

#define FIELD(name) offsetof(options, name)

static const cli_option OPTIONS[] = {
    {"output", 'o', CLI_STRING, "OUT", FIELD(output), 0, 0, "the file to write (safetensors)"},
    {"state-dict", 0, CLI_FLAG, NULL, FIELD(state_dict), 0, 0,
     "write the weights alone, under PyTorch's names, for load_state_dict"},
    {"normalizer", 0, CLI_STRING, "FILE", FIELD(normalizer), 0, 0,
     "statistics of specrnn stats: every bin goes in as (x - mean) / deviation"},
    {"test", 0, CLI_COUNT, "FRAMES", FIELD(test), 1, SPECRNN_MODEL_MAX_TEST_FRAMES,
     "add a test vector of so many frames for specrnn model verify"},
    {"tolerance", 0, CLI_NUMBER, "X", FIELD(tolerance), 0, 1e9,
     "largest difference that its test allows (default 1e-5)"},
    {"seed", 0, CLI_COUNT, "N", FIELD(seed), 0, 2147483647, "of the test's input (default 0)"},
    {0},
};

static const cli_option MODEL_OPTIONS[] = {MODEL_SOURCE_OPTIONS(options, source), {0}};

static const cli_option FRONT_END_OPTIONS[] = {
    CONFIG_OPTION(FIELD(config)),
    {0},
};

static const cli_group GROUPS[] = {
    {"Options", OPTIONS, NULL, NULL},
    {"Input (what a bare state_dict does not say)", MODEL_OPTIONS, model_load_table, MODEL_LOAD_KEYS},
    {"Front end, kept with the model (--preset and --kind fill every value, each option overrides one)",
     FRONT_END_OPTIONS, front_end_options, FRONT_END_KEYS_BUT_SEED},
    {0},
};

static bool asks_for_front_end(const cli_arguments *arguments, const options *o)
{
  return o->config || cli_assigned_any(arguments, specrnn_features_options());
}

static bool check_usage(const cli_arguments *arguments, const options *o)
{
  if (!o->output) {
    report_usage("--output: say where the model goes (see specrnn model convert --help)");
    return false;
  }
  if (o->state_dict && (o->normalizer || o->test || asks_for_front_end(arguments, o))) {
    report_usage("--state-dict: holds weights alone, neither front end nor normaliser nor test");
    return false;
  }
  if (!o->test && cli_given(arguments, "seed")) {
    report_usage("--seed: it is of the vector that --test adds");
    return false;
  }
  return model_check_tolerance(arguments, o->test);
}

static specrnn_status edit(specrnn_model **model, const cli_arguments *arguments, const options *o)
{
  specrnn_status status = SPECRNN_OK;
  if (asks_for_front_end(arguments, o)) {
    specrnn_features_config front_end;
    status = front_end_from_arguments(arguments, o->config, SPECRNN_KIND_MEL, &front_end);
    status = status ? status : model_set_front_end(model, &front_end);
  }
  if (!status && o->normalizer) {
    status = model_set_normaliser(model, o->normalizer);
  }
  if (!status && o->test) {
    status = model_add_test(model, (size_t)o->test, o->tolerance, (uint64_t)o->seed);
  }
  return status;
}

static int run(const cli_arguments *arguments)
{
  const options *o = arguments->options;
  const char *path = arguments->inputs[0];
  if (!check_usage(arguments, o)) {
    return CLI_EXIT_USAGE;
  }
  specrnn_model *model = NULL;
  specrnn_log log = report_log(path);
  specrnn_status status = model_source_load(&model, path, arguments, &o->source, &log);
  if (!status) {
    status = edit(&model, arguments, o);
  }
  if (!status) {
    specrnn_log out_log = report_log(NULL);
    status = o->state_dict ? specrnn_model_export(model, o->output, &out_log)
                           : specrnn_model_save(model, o->output, &out_log);
  }
  specrnn_model_destroy(&model);
  return status == SPECRNN_ERROR_ARGUMENT ? CLI_EXIT_USAGE : report_status(status);
}

const cli_command cmd_model_convert = {
    .name = "model convert",
    .arguments = "IN -o OUT [options]",
    .summary = "a state_dict (.pt, safetensors, .npz) to a model, and back",
    .example = "specrnn model convert encoder.pt -o encoder.safetensors --nonlinearity tanh --preset whisper\n"
               "specrnn model convert encoder.safetensors -o weights.safetensors --state-dict",
    .description =
        "Reads weights (safetensors, the .pt of torch.save(module.state_dict()), .npz), which say neither how sound "
        "becomes their input nor whether an RNN has tanh or relu, and writes one file that says it all: what encode "
        "and analyze need. With --state-dict it writes the weights back for PyTorch: "
        "module.load_state_dict(safetensors.torch.load_file(OUT)).",
    .groups = GROUPS,
    .defaults = &DEFAULTS,
    .options_size = sizeof(options),
    .minimum_inputs = 1,
    .maximum_inputs = 1,
    .run = run,
};
