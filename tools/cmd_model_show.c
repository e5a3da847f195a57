/* specrnn model show: layers, shapes, parameters, front end, normaliser, tests. */
#include <stdio.h>

#include "commands.h"
#include "model_source.h"
#include "model_text.h"
#include "report.h"

typedef struct options {
  model_source source;
  bool json;
} options;

static const options DEFAULTS = {0};

static const cli_option OPTIONS[] = {
    {"json", 0, CLI_FLAG, NULL, offsetof(options, json), 0, 0, "print one JSON object, and messages as JSON lines"},
    {0},
};

static const cli_option MODEL_OPTIONS[] = {MODEL_SOURCE_OPTIONS(options, source), {0}};

static const cli_group GROUPS[] = {
    {"Options", OPTIONS, NULL, NULL},
    {"Model (what a bare state_dict does not say)", MODEL_OPTIONS, model_load_table, MODEL_LOAD_KEYS},
    {0},
};

static int print_json(const specrnn_model *model, const model_notes *notes)
{
  json_t *facts = model_json(model, notes);
  if (!facts) {
    return report_failure(notes->path, "cannot make JSON of the facts: a name is not UTF-8, or memory is out");
  }
  json_dumpf(facts, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
  putchar('\n');
  json_decref(facts);
  return CLI_EXIT_OK;
}

static int run(const cli_arguments *arguments)
{
  const options *o = arguments->options;
  const char *path = arguments->n_inputs > 0 ? arguments->inputs[0] : NULL;
  specrnn_model *model = NULL;
  model_notes notes = {.path = model_source_name(path),
                       .remark = model_source_is_builtin(path) ? MODEL_BUILTIN_REMARK : NULL};
  specrnn_log log = model_notes_log(&notes);
  report_as_json(o->json);
  specrnn_status status = model_source_load(&model, path, arguments, &o->source, &log);
  int exit_status = status == SPECRNN_ERROR_ARGUMENT ? CLI_EXIT_USAGE : report_status(status);
  if (!status && o->json) {
    exit_status = print_json(model, &notes);
  } else if (!status) {
    model_print(model, &notes);
  }
  model_notes_release(&notes);
  specrnn_model_destroy(&model);
  return exit_status;
}

const cli_command cmd_model_show = {
    .name = "model show",
    .arguments = "[MODEL] [options]",
    .summary = "layers, shapes, parameters, front end, normaliser",
    .example = "specrnn model show voice.safetensors\n"
               "specrnn model show encoder.pt --nonlinearity relu --json",
    .description =
        "Prints what a model is: its layers and the shapes of its parameters, the bytes of weights that one frame of "
        "one stream reads, the front end as the options that make it, the normaliser, the test vectors, and what had "
        "to be assumed because a state_dict does not say it. Without MODEL: the model built into the program.\n"
        "Keys of --json: file, type, source, fingerprint, weights, input_size, output_size, n_parameters, "
        "bytes_per_step, batch_first, bidirectional, graph (what model init --modules takes), layers (module, kind, "
        "description, input_size, width, directions, parameters, "
        "bytes_per_step), parameters (shape by name), front_end, normaliser (mean, scale), tests (frames, tolerance), "
        "assumed, remark (of the model in the program).",
    .groups = GROUPS,
    .defaults = &DEFAULTS,
    .options_size = sizeof(options),
    .minimum_inputs = 0,
    .maximum_inputs = 1,
    .run = run,
};
