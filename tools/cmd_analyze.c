/* specrnn analyze: a sound file, its spectrogram, the hidden states of a model, and pictures of all of it. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "analysis.h"
#include "analyze_pictures.h"
#include "analyze_report.h"
#include "commands.h"
#include "front_end.h"
#include "model_source.h"
#include "plans.h"
#include "report.h"
#include "shown.h"

typedef struct options {
  const char *output;
  const char *model;
  const char *config;
  const char *plans;
  model_source source;
  bool literal, json, report;
} options;

static const options DEFAULTS = {.output = "specrnn-out"};

#define FIELD(name) offsetof(options, name)

static const cli_option OPTIONS[] = {
    {"output", 'o', CLI_STRING, "DIR", FIELD(output), 0, 0,
     "folder for the pictures, made if missing (default specrnn-out)"},
    {"model", 0, CLI_STRING, "M", FIELD(model), 0, 0,
     "model file (safetensors, .pt or .npz); without it the model built into the program"},
    {"literal", 0, CLI_FLAG, NULL, FIELD(literal), 0, 0,
     "the tutorial as it stands: raw dB into the encoder, axes in frames and bins"},
    PLANS_OPTION(FIELD(plans)),
    {"report", 0, CLI_FLAG, NULL, FIELD(report), 0, 0,
     "also index.html: one file with pictures (light and dark, unless --theme is given), numbers, parameters and the "
     "command inside, which needs no network"},
    {"json", 0, CLI_FLAG, NULL, FIELD(json), 0, 0, "print the facts as one JSON object, and messages as JSON lines"},
    {0},
};

static const cli_option STATE_DICT_OPTIONS[] = {
    MODEL_SOURCE_OPTIONS(options, source),
    {0},
};

static const cli_option FRONT_END_OPTIONS[] = {
    CONFIG_OPTION(FIELD(config)),
    {0},
};

static const cli_option PICTURE_OPTIONS[] = {{0}};

static const char *const PICTURE_KEYS[] = {"dpi", "theme", "font_size", NULL};

static const specrnn_option_table *figure_options(void)
{
  return specrnn_figure_options();
}

static const specrnn_option_table *audio_options(void)
{
  return specrnn_audio_options();
}

static const char *const AUDIO_KEYS[] = {"offset", "duration", "nan", "truncated", NULL};

static const cli_group GROUPS[] = {
    {"Options", OPTIONS, NULL, NULL},
    {"Pictures", PICTURE_OPTIONS, figure_options, PICTURE_KEYS},
    {"Sound as input", NULL, audio_options, AUDIO_KEYS},
    {"A model file that says less: a state_dict", STATE_DICT_OPTIONS, model_load_table, MODEL_LOAD_KEYS},
    {"Front end of a model file that has none (--preset and --kind fill every value)", FRONT_END_OPTIONS,
     front_end_options, NULL},
    {0},
};

static const char REPORT_NAME[] = "index.html";

/* Everything that one call holds. */
typedef struct call {
  const cli_arguments *arguments;
  const options *options;
  const char *path;
  specrnn_model *model;
  specrnn_features_config front_end;
  specrnn_audio_config audio;
  analyze_pictures *pictures;
  char **paths; /* of the pictures, then of the report */
  size_t n_paths;
  analysis_result result;
  double elapsed_s;
} call;

/* --------------------------------------------------------------------------------------------------------- what is
 * said */

static double now_s(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void print_parameter(const specrnn_parameter *parameter)
{
  printf("  %-24s (%zu", shown(parameter->name), parameter->shape[0]);
  printf(parameter->rank == 2 ? ", %zu)\n" : ")\n", parameter->shape[1]);
}

static void print_facts(const call *c)
{
  const specrnn_model_info *model = specrnn_model_describe(c->model);
  const analysis_result *r = &c->result;
  char peak[LEVEL_SIZE];
  char rms[LEVEL_SIZE];
  char begin[ANALYSIS_BEGIN_SIZE];
  level_text(peak, sizeof peak, r->peak);
  level_text(rms, sizeof rms, r->rms);
  analysis_begin_text(begin, sizeof begin, &c->audio);
  printf("%s: %.3f s%s, %d Hz, %d channel%s (%s, %s), peak %s, RMS %s\n", shown(c->path), r->duration_s, begin,
         r->audio.native_rate_hz, r->audio.native_channels, r->audio.native_channels == 1 ? "" : "s",
         r->audio.container, r->audio.encoding, peak, rms);
  if (model_source_is_builtin(c->options->model)) {
    printf("Built-in model: " MODEL_BUILTIN_REMARK "\n");
  }
  printf("\nShapes (batch, frames, features)\n");
  printf("  %-24s (1, %llu, %zu)\n", "Spectrogram", (unsigned long long)r->n_frames, model->input_size);
  for (size_t i = 0; i < model->n_layers; i++) {
    char name[48];
    snprintf(name, sizeof name, "Layer %zu output", i + 1);
    printf("  %-24s (1, %llu, %zu)\n", name, (unsigned long long)r->n_frames, specrnn_model_layer(c->model, i)->width);
  }
  printf("\nParameters (%zu in all)\n", model->n_weights);
  for (size_t i = 0; i < model->n_parameters; i++) {
    print_parameter(specrnn_model_parameter(c->model, i));
  }
  printf("\nTime %.3f s\n", c->elapsed_s);
  printf("\nPictures\n");
  for (size_t i = 0; i < analyze_pictures_count(c->pictures); i++) {
    printf("  %s/%s\n", shown(c->options->output), analyze_picture_name(c->pictures, i));
  }
  if (c->options->report) {
    printf("\nReport\n  %s/%s\n", shown(c->options->output), REPORT_NAME);
  }
}

static json_t *shape_json(uint64_t n_frames, size_t width)
{
  return json_pack("[i, I, I]", 1, (json_int_t)n_frames, (json_int_t)width);
}

/* JSON has no infinity: the level of silence is null. */
static json_t *level_json(double level)
{
  return level > 0.0 ? json_real(decibels_full_scale(level)) : json_null();
}

static json_t *layers_json(const call *c)
{
  json_t *layers = json_array();
  for (size_t i = 0; i < specrnn_model_describe(c->model)->n_layers; i++) {
    const specrnn_layer_info *layer = specrnn_model_layer(c->model, i);
    json_array_append_new(layers, json_pack("{s:s, s:s, s:o}", "module", layer->module->name, "kind", layer->title,
                                            "shape", shape_json(c->result.n_frames, layer->width)));
  }
  return layers;
}

static json_t *parameters_json(const call *c)
{
  json_t *parameters = json_object();
  for (size_t i = 0; i < specrnn_model_describe(c->model)->n_parameters; i++) {
    const specrnn_parameter *parameter = specrnn_model_parameter(c->model, i);
    json_t *shape = json_array();
    for (size_t k = 0; k < parameter->rank; k++) {
      json_array_append_new(shape, json_integer((json_int_t)parameter->shape[k]));
    }
    json_object_set_new(parameters, parameter->name, shape);
  }
  return parameters;
}

/* FOLDER/NAME in memory that the caller frees. */
static char *path_of(const call *c, const char *name)
{
  size_t size = strlen(c->options->output) + strlen(name) + sizeof "/";
  char *path = malloc(size);
  if (path) {
    snprintf(path, size, "%s/%s", c->options->output, name);
  }
  return path;
}

static json_t *pictures_json(const call *c)
{
  json_t *pictures = json_array();
  for (size_t i = 0; i < analyze_pictures_count(c->pictures); i++) {
    char *path = path_of(c, analyze_picture_name(c->pictures, i));
    json_array_append_new(pictures, path ? shown_json(path) : NULL);
    free(path);
  }
  return pictures;
}

static int print_json(const call *c)
{
  const analysis_result *r = &c->result;
  json_t *facts = json_pack(
      "{s:o, s:f, s:f, s:i, s:i, s:i, s:I, s:s, s:s, s:o, s:o, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:f, s:s*}", "file",
      shown_json(c->path), "offset_s", c->audio.offset_s, "duration_s", r->duration_s, "native_sample_rate_hz",
      r->audio.native_rate_hz, "native_channels", r->audio.native_channels, "sample_rate_hz",
      c->front_end.sample_rate_hz, "samples", (json_int_t)r->n_samples, "container", r->audio.container, "encoding",
      r->audio.encoding, "peak_dbfs", level_json(r->peak), "rms_dbfs", level_json(r->rms), "clipped_samples",
      (json_int_t)r->audio.n_clipped, "samples_above_full_scale", (json_int_t)r->audio.n_above, "replaced_samples",
      (json_int_t)r->audio.n_bad, "spectrogram", shape_json(r->n_frames, specrnn_model_describe(c->model)->input_size),
      "layers", layers_json(c), "parameters", parameters_json(c), "pictures", pictures_json(c), "elapsed_s",
      c->elapsed_s, "remark", model_source_is_builtin(c->options->model) ? MODEL_BUILTIN_REMARK : NULL);
  if (!facts) {
    return report_failure(c->path, "cannot make JSON of the facts: a name is not UTF-8, or memory is out");
  }
  json_dumpf(facts, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
  putchar('\n');
  json_decref(facts);
  return CLI_EXIT_OK;
}

/* --------------------------------------------------------------------------------------------------------------- steps
 */

static specrnn_status load_model(call *c)
{
  specrnn_log log = report_log(model_source_name(c->options->model));
  specrnn_status status = model_source_load(&c->model, c->options->model, c->arguments, &c->options->source, &log);
  if (status || !c->options->literal) {
    return status;
  }
  specrnn_model *raw = NULL;
  status =
      specrnn_model_with_normaliser(&raw, c->model, NULL, NULL, specrnn_model_describe(c->model)->input_size, &log);
  if (!status) {
    specrnn_model_destroy(&c->model);
    c->model = raw;
  }
  return status;
}

static specrnn_status use_plans(call *c)
{
  return plans_use(c->options->plans) ? SPECRNN_OK : SPECRNN_ERROR_IO;
}

/* The front end must exist, and give what the model reads. */
static specrnn_status find_front_end(call *c)
{
  specrnn_status status = model_source_front_end(&c->front_end, c->model, c->options->model, c->arguments,
                                                 c->options->config, SPECRNN_KIND_STFT);
  return status ? status : model_source_check_width(&c->front_end, c->model, c->options->model);
}

static const char *base_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash && slash[1] ? slash + 1 : path;
}

static specrnn_status create_pictures(call *c)
{
  if (!cli_assign(c->arguments, specrnn_audio_options(), &c->audio)) {
    return SPECRNN_ERROR_ARGUMENT;
  }
  analyze_pictures_config config = {
      .model = c->model,
      .front_end = &c->front_end,
      .look = SPECRNN_FIGURE_CONFIG_INIT,
      .literal = c->options->literal,
      .offset_s = c->audio.offset_s,
      .input = base_name(c->path),
      .model_path = c->options->model,
      .command_line = c->arguments->command_line,
  };
  if (!cli_assign(c->arguments, specrnn_figure_options(), &config.look)) {
    return SPECRNN_ERROR_ARGUMENT;
  }
  specrnn_log log = report_log(NULL);
  return analyze_pictures_create(&c->pictures, &config, &log);
}

static specrnn_status analyse(call *c)
{
  analysis_config config = {
      .path = c->path,
      .model = c->model,
      .front_end = &c->front_end,
      .audio = c->audio,
  };
  const analysis_observer observer = {
      .samples = analyze_pictures_samples, .frames = analyze_pictures_frames, .user = c->pictures};
  specrnn_log log = report_log(c->path);
  specrnn_status status = analysis_run(&config, &observer, &c->result, &log);
  if (!status && c->result.n_frames == 0) {
    report_failure(c->path, "too short: not one frame of %d samples", c->front_end.n_fft);
    return SPECRNN_ERROR_EMPTY;
  }
  return status;
}

static void free_paths(char **paths, size_t count)
{
  for (size_t i = 0; paths && i < count; i++) {
    free(paths[i]);
  }
  free(paths);
}

/* Every file that this call writes: the pictures in their order, then the report. */
static specrnn_status find_paths(call *c)
{
  size_t n_pictures = analyze_pictures_count(c->pictures);
  c->paths = calloc(n_pictures + 1, sizeof *c->paths);
  bool complete = c->paths != NULL;
  for (size_t i = 0; complete && i < n_pictures + c->options->report; i++) {
    c->paths[i] = path_of(c, i < n_pictures ? analyze_picture_name(c->pictures, i) : REPORT_NAME);
    complete = c->paths[i] != NULL;
    c->n_paths += complete;
  }
  if (!complete) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  return SPECRNN_OK;
}

static specrnn_status check_paths(call *c)
{
  if (!strcmp(c->options->output, "-")) {
    report_usage("--output -: names a folder; ./- is one of that name");
    return SPECRNN_ERROR_ARGUMENT;
  }
  bool good = cli_outputs_differ((const char *const *)c->paths, c->n_paths);
  for (size_t i = 0; good && i < c->n_paths; i++) {
    good = cli_output_spares_inputs(c->arguments, c->paths[i]);
  }
  return good ? SPECRNN_OK : SPECRNN_ERROR_ARGUMENT;
}

static specrnn_status write_pictures(const call *c)
{
  const char *folder = c->options->output;
  if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
    report_failure(folder, "cannot make the folder: %s", strerror(errno));
    return SPECRNN_ERROR_IO;
  }
  size_t count = analyze_pictures_count(c->pictures);
  specrnn_figure **figures = calloc(count, sizeof(*figures));
  if (!figures) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  for (size_t i = 0; i < count; i++) {
    figures[i] = analyze_picture_figure(c->pictures, i);
  }
  specrnn_log log = report_log(NULL);
  specrnn_status status =
      specrnn_figures_write(figures, (const char *const *)c->paths, count, SPECRNN_PICTURE_PNG, &log);
  free(figures);
  return status;
}

static specrnn_status write_report(const call *c)
{
  const analyze_report report = {
      .input = base_name(c->path),
      .model = model_source_is_builtin(c->options->model) ? "the built-in model (" MODEL_BUILTIN_REMARK ")"
                                                          : base_name(c->options->model),
      .command_line = c->arguments->command_line,
      .weights = c->model,
      .front_end = &c->front_end,
      .audio = &c->audio,
      .result = &c->result,
      .pictures = c->pictures,
      .both_themes = !cli_assigned(c->arguments, specrnn_figure_options(), "theme"),
  };
  return analyze_report_write(&report, c->paths[c->n_paths - 1]);
}

static int run_call(call *c)
{
  static specrnn_status (*const STEPS[])(call *) = {use_plans,  load_model,  find_front_end, create_pictures,
                                                    find_paths, check_paths, analyse};
  double start_s = now_s();
  for (size_t i = 0; i < sizeof STEPS / sizeof *STEPS; i++) {
    specrnn_status status = STEPS[i](c);
    if (status) { /* a value that cannot be is a matter of the call */
      return status == SPECRNN_ERROR_ARGUMENT ? CLI_EXIT_USAGE : CLI_EXIT_FAILED;
    }
  }
  specrnn_status status = write_pictures(c);
  if (!status && c->options->report) {
    status = write_report(c);
  }
  if (status) {
    return report_status(status);
  }
  c->elapsed_s = now_s() - start_s;
  if (c->options->json) {
    return print_json(c);
  }
  print_facts(c);
  return CLI_EXIT_OK;
}

static int run(const cli_arguments *arguments)
{
  call c = {.arguments = arguments,
            .options = arguments->options,
            .path = arguments->inputs[0],
            .audio = SPECRNN_AUDIO_CONFIG_INIT};
  report_as_json(c.options->json);
  int status = run_call(&c);
  free_paths(c.paths, c.n_paths);
  analyze_pictures_destroy(&c.pictures);
  specrnn_model_destroy(&c.model);
  return status;
}

const cli_command cmd_analyze = {
    .name = "analyze",
    .arguments = "IN [-o DIR] [options]",
    .summary = "spectrogram, encoder, pictures, shapes",
    .example = "specrnn analyze test.wav\n"
               "specrnn analyze test.wav -o pictures --offset 1.5 --duration 3\n"
               "specrnn analyze test.wav --report",
    .description =
        "Reads a sound file (WAV, FLAC, Ogg, AIFF, MP3 ...; - is standard input), computes the model's front end, runs "
        "its frames through the model, prints the shapes, and draws spectrogram.png, layer1.png, layer2.png ..., "
        "features.png (the maps of all layers) and overview.png (waveform, spectrogram and maps on one time axis).\n"
        "Times are those of the file: with --offset 10 the axes begin at 10 s, unless they are --literal.\n"
        "Keys of --json: file, offset_s, duration_s, native_sample_rate_hz, native_channels, sample_rate_hz, samples, "
        "container, "
        "encoding, peak_dbfs and rms_dbfs (null for silence), clipped_samples, samples_above_full_scale, "
        "replaced_samples, spectrogram (its shape: batch, frames, features), layers (module, kind, shape), parameters "
        "(shape by name), pictures (paths), "
        "elapsed_s, remark (on the model in the program).",
    .groups = GROUPS,
    .defaults = &DEFAULTS,
    .options_size = sizeof(options),
    .minimum_inputs = 1,
    .maximum_inputs = 1,
    .run = run,
};
