/* specrnn plot: a picture of sound, of an array, of what a model makes of them, or of its weights. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "front_end.h"
#include "path.h"
#include "plot_array.h"
#include "plot_call.h"
#include "plot_rows.h"
#include "report.h"
#include "specrnn/io.h"

/* So many panels stand side by side in the width of one; for more the picture grows. */
static const double WIDE_ENOUGH_FOR = 2.0;

static const plot_options DEFAULTS = {.step_s = NAN};

#define FIELD(name) offsetof(plot_options, name)

static const cli_option OPTIONS[] = {
    {"output", 'o', CLI_STRING, "OUT", FIELD(output), 0, 0, ".png, .svg or .pdf; - writes a PNG to standard output"},
    {"kind", 0, CLI_STRING, "KIND", FIELD(kind), 0, 0,
     "of sound: spectrogram (default), mel, mfcc, waveform, hidden, gates, cell, histogram (of hidden states); of an "
     "array: heatmap (default), lines (default for one axis), scatter, histogram, difference (two arrays), hidden, "
     "gates, cell (features through a model); of a model: weights"},
    {"title", 0, CLI_STRING, "TEXT", FIELD(title), 0, 0, "above the picture (default: what is shown, of which input)"},
    {"axis", 0, CLI_STRING, "linear|log|mel", FIELD(axis), 0, 0,
     "of frequencies (default: mel for mel bands, else linear)"},
    {"labels", 0, CLI_STRING, "FILE", FIELD(labels), 0, 0,
     "label track of Audacity (START, END, TEXT in seconds, with tabs between), drawn over time axes"},
    {"stack", 0, CLI_FLAG, NULL, FIELD(stack), 0, 0, "several inputs below each other, not side by side"},
    {"log-y", 0, CLI_FLAG, NULL, FIELD(log_y), 0, 0, "decades on the y axis of lines and scatter"},
    {"bars", 0, CLI_COUNT, "N", FIELD(bars), 1, 100000, "of a histogram (default 50)"},
    {"step", 0, CLI_TIME, "S", FIELD(step_s), 1e-9, 1e9,
     "seconds from row to row of an array: its x axis is time then (default: times of an .npz, else the row's number)"},
    {0},
};

static const cli_option MODEL_OPTIONS[] = {
    {"model", 0, CLI_STRING, "M", FIELD(model), 0, 0,
     "for hidden, gates, cell and histogram (default: the model built into the program)"},
    {"compare", 0, CLI_STRING, "M", FIELD(compare), 0, 0,
     "a second model beside it, on the same sound (builtin: the one built into the program)"},
    {"layer", 0, CLI_COUNT, "N", FIELD(layer), 1, SPECRNN_MODEL_MAX_LAYERS,
     "hidden: only this one (default: all); gates, cell, histogram: which one (default 1)"},
    {"order", 0, CLI_STRING, "ORDER", FIELD(order), 0, 0,
     "of hidden units, from the top: index, activity (mean distance from the unit's mean), similarity (the liveliest, "
     "then always the one most correlated with the one before)"},
    MODEL_SOURCE_OPTIONS(plot_options, source),
    {0},
};

static const cli_option FRONT_END_OPTIONS[] = {
    CONFIG_OPTION(FIELD(config)),
    {0},
};

static const char *const FRONT_END_KEYS[] = {CLI_ALL_BUT, "kind", NULL};
static const char *const FIGURE_KEYS[] = {CLI_ALL_BUT, "share_x", NULL};

static const specrnn_option_table *figure_options(void)
{
  return specrnn_figure_options();
}

static const specrnn_option_table *heatmap_options(void)
{
  return specrnn_heatmap_options();
}

static const cli_group GROUPS[] = {
    {"Options", OPTIONS, NULL, NULL},
    {"Picture", NULL, figure_options, FIGURE_KEYS},
    {"Colours", NULL, heatmap_options, NULL},
    {"Model", MODEL_OPTIONS, model_load_table, MODEL_LOAD_KEYS},
    {"Sound as input", NULL, audio_input_options, AUDIO_INPUT_KEYS},
    {"Front end (with --preset or --config: at its rate)", FRONT_END_OPTIONS, front_end_options, FRONT_END_KEYS},
    {0},
};

static const cli_own_default OWN_DEFAULTS[] = {
    {"width", "10, or 6.4 for lines, scatter and histogram; 5 for each of more than two side by side"},
    {"height",
     "4, times the panels below each other; 2 for each of several layers or gates, 3 for a waveform and for a "
     "row of weights, 4.8 for lines, scatter and histogram"},
    {"layout", "tight"},
    {"colormap", "inferno, or coolwarm for signed states, cells, weights, cepstra and differences"},
    {"vmin", "auto, or -top_db for spectrograms in dB, 0 for gates, -1 for bounded states"},
    {"vmax", "auto, or 0 for spectrograms in dB, 1 for gates and bounded states"},
    {"percentile_low", "0, or 6 for mfcc"},
    {"percentile_high", "100, or 94 for mfcc"},
    {"symmetric", "true where the colours are coolwarm by default"},
    {"relative_to_max", "true for spectrograms in dB"},
    {"pool", "max, or max-abs for states, cells, weights, cepstra and differences"},
    {"sample_rate_hz", "that of the input"},
    {"precision", "float"},
    {0},
};

/* ---------------------------------------------------------------------------------------------------------- kinds */

typedef struct plot_kind {
  const char *name;
  plot_draw draw;
  int minimum_inputs, maximum_inputs;
} plot_kind;

static const plot_kind KINDS[] = {
    {"spectrogram", plot_sound_draw, 1, PLOT_MAX_INPUTS},
    {"mel", plot_sound_draw, 1, PLOT_MAX_INPUTS},
    {"mfcc", plot_sound_draw, 1, PLOT_MAX_INPUTS},
    {"waveform", plot_waveform_draw, 1, PLOT_MAX_INPUTS},
    {"hidden", plot_states_draw, 1, PLOT_MAX_INPUTS},
    {"gates", plot_states_draw, 1, PLOT_MAX_INPUTS},
    {"cell", plot_states_draw, 1, PLOT_MAX_INPUTS},
    {"histogram", plot_histogram_draw, 1, PLOT_MAX_INPUTS},
    {"weights", plot_weights_draw, 1, 1},
    {"heatmap", plot_heatmap_draw, 1, PLOT_MAX_INPUTS},
    {"lines", plot_lines_draw, 1, PLOT_MAX_INPUTS},
    {"scatter", plot_scatter_draw, 1, PLOT_MAX_INPUTS},
    {"difference", plot_difference_draw, 2, 2},
};

static const plot_kind *find_kind(const char *name)
{
  for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
    if (!strcmp(name, KINDS[i].name)) {
      return &KINDS[i];
    }
  }
  return NULL;
}

static const plot_kind *fail_kind(const char *name)
{
  enum { COUNT = sizeof KINDS / sizeof *KINDS, TEXT_SIZE = 256 };
  const char *names[COUNT + 1] = {NULL};
  char all[TEXT_SIZE] = "";
  size_t length = 0;
  for (size_t i = 0; i < COUNT; i++) {
    names[i] = KINDS[i].name;
    length += (size_t)snprintf(all + length, sizeof all - length, "%s%s", i ? ", " : "", names[i]);
  }
  const char *nearest = specrnn_nearest_name(name, names);
  report_usage("--kind %s: not one of %s%s%s%s", name, all, nearest ? "; did you mean " : "", nearest ? nearest : "",
               nearest ? "?" : "");
  return NULL;
}

/* By default arrays of one axis are lines: heatmap sees to that when the array is there. */
static const plot_kind *choose_kind(const cli_arguments *arguments)
{
  const char *name = ((const plot_options *)arguments->options)->kind;
  if (!name) {
    name = plot_array_is(arguments->inputs[0]) ? "heatmap" : "spectrogram";
  }
  const plot_kind *kind = find_kind(name);
  if (!kind) {
    return fail_kind(name);
  }
  if (arguments->n_inputs < kind->minimum_inputs || arguments->n_inputs > kind->maximum_inputs) {
    report_usage("--kind %s: takes %d%s input%s, not %d", name, kind->minimum_inputs,
                 kind->maximum_inputs > kind->minimum_inputs ? " to 16" : "", kind->maximum_inputs == 1 ? "" : "s",
                 arguments->n_inputs);
    return NULL;
  }
  return kind;
}

/* ---------------------------------------------------------------------------------------------------- what kinds use
 */

specrnn_status plot_misuse(const char *what, const char *reason)
{
  report_usage("%s: %s", what, reason);
  return SPECRNN_ERROR_ARGUMENT;
}

const char *plot_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  const char *name = slash && slash[1] ? slash + 1 : path;
  return strcmp(name, "-") ? name : "standard input";
}

specrnn_status plot_frequency_axis(const plot_call *c, specrnn_axis *axis)
{
  static const struct {
    const char *name;
    specrnn_axis_kind kind;
  } AXES[] = {
      {"linear", SPECRNN_AXIS_FREQUENCY}, {"log", SPECRNN_AXIS_FREQUENCY_LOG}, {"mel", SPECRNN_AXIS_FREQUENCY_MEL}};
  const char *name = c->options->axis;
  for (size_t i = 0; name && i < sizeof AXES / sizeof *AXES; i++) {
    if (!strcmp(name, AXES[i].name)) {
      axis->kind = AXES[i].kind;
      return SPECRNN_OK;
    }
  }
  return name ? plot_misuse("--axis", "not one of linear, log, mel") : SPECRNN_OK;
}

static specrnn_status add_origin(plot_call *c)
{
  specrnn_log log = report_log(NULL);
  specrnn_status status = specrnn_figure_add_metadata(c->figure, "Source", plot_name(c->arguments->inputs[0]), &log);
  return status ? status : specrnn_figure_add_metadata(c->figure, "Comment", c->arguments->command_line, &log);
}

specrnn_status plot_describe(plot_call *c, const specrnn_option_table *table, const void *config)
{
  char *json = NULL;
  specrnn_log log = report_log(NULL);
  specrnn_status status = specrnn_config_to_json(&json, table, config, &log);
  if (!status) {
    status = specrnn_figure_add_metadata(c->figure, "Parameters", json, &log);
  }
  specrnn_json_destroy(&json);
  return status;
}

specrnn_status plot_begin(plot_call *c, int n_sources, int n_parts, double width_in, double height_in)
{
  specrnn_figure_config look = SPECRNN_FIGURE_CONFIG_INIT;
  c->n_sources = n_sources;
  c->n_parts = n_parts;
  look.width_in = c->options->stack ? width_in : width_in * fmax(1.0, n_sources / WIDE_ENOUGH_FOR);
  look.height_in = height_in * n_parts * (c->options->stack ? n_sources : 1);
  look.layout = SPECRNN_LAYOUT_TIGHT;
  look.share_x = strcmp(c->kind, "weights") != 0; /* the columns of two matrices are not the same */
  if (!cli_assign(c->arguments, specrnn_figure_options(), &look)) {
    return SPECRNN_ERROR_ARGUMENT;
  }
  bool several = n_sources * n_parts > 1;
  if (several && !look.axes) {
    return plot_misuse("--no-axes", "is for a picture of one panel");
  }
  look.title = several ? c->options->title : NULL;
  specrnn_log log = report_log(NULL);
  const specrnn_plotter_config fonts = {.background = true};
  specrnn_status status = specrnn_plotter_create(&c->plotter, &fonts, &log);
  if (!status) {
    status = specrnn_figure_create(&c->figure, c->plotter, &look, &log);
  }
  return status ? status : add_origin(c);
}

specrnn_status plot_add_panel(plot_call *c, specrnn_panel **panel, const plot_place *place)
{
  specrnn_log log = report_log(NULL);
  specrnn_panel_config config = SPECRNN_PANEL_CONFIG_INIT;
  bool stack = c->options->stack;
  config.row = stack ? place->source * c->n_parts + place->part : place->part;
  config.column = stack ? 0 : place->source;
  config.weight = place->weight > 0.0 ? place->weight : 1.0;
  config.x = place->x;
  config.y = place->y;
  config.title = c->options->title && c->n_sources * c->n_parts == 1 ? c->options->title : place->title;
  specrnn_status status = specrnn_figure_add_panel(c->figure, panel, &config, &log);
  if (!status && c->labels.count > 0 && place->x.kind == SPECRNN_AXIS_TIME) {
    specrnn_log labels_log = report_log(c->options->labels);
    status = specrnn_panel_add_labels(*panel, c->labels.intervals, c->labels.count, &labels_log);
    c->labels_drawn = true;
  }
  return status;
}

specrnn_status plot_add_map(plot_call *c, specrnn_panel **panel, const plot_place *place,
                            const specrnn_heatmap_config *look)
{
  specrnn_log log = report_log(NULL);
  specrnn_heatmap_config config = *look;
  bool asks_for_range = cli_assigned(c->arguments, specrnn_heatmap_options(), "percentile_low") ||
                        cli_assigned(c->arguments, specrnn_heatmap_options(), "percentile_high");
  if (asks_for_range) { /* of the data, not the kind's */
    config.vmin = -INFINITY;
    config.vmax = INFINITY;
  }
  if (!cli_assign(c->arguments, specrnn_heatmap_options(), &config)) {
    return SPECRNN_ERROR_ARGUMENT;
  }
  if (place->is_db && config.pool == SPECRNN_POOL_MEAN) {
    config.pool = SPECRNN_POOL_MEAN_DB; /* the mean of the power, not of its logarithm */
  }
  specrnn_status status = plot_add_panel(c, panel, place);
  return status ? status : specrnn_panel_add_heatmap(*panel, &config, &log);
}

/* ------------------------------------------------------------------------------------------------------------- run */

static specrnn_status write_stdout(specrnn_figure *figure, const specrnn_log *log)
{
  void *data = NULL;
  size_t size = 0;
  specrnn_status status = specrnn_figure_encode(figure, SPECRNN_PICTURE_PNG, &data, &size, log);
  if (!status) {
    fwrite(data, 1, size, stdout); /* main checks the stream at the end */
  }
  specrnn_plot_free(data);
  return status;
}

static specrnn_status write_picture(const plot_call *c)
{
  specrnn_log log = report_log(NULL);
  const char *output = c->options->output;
  return strcmp(output, "-") ? specrnn_figure_write(c->figure, output, SPECRNN_PICTURE_BY_NAME, &log)
                             : write_stdout(c->figure, &log);
}

/* Whether one of the words, with ", " between them, is that one. */
static bool has_word(const char *words, const char *word)
{
  size_t length = strlen(word);
  for (const char *at = words; (at = strstr(at, word)); at += length) {
    bool begins = at == words || at[-1] == ' ';
    if (begins && (at[length] == ',' || !at[length])) {
      return true;
    }
  }
  return false;
}

static bool check_output(const char *output)
{
  if (!output) {
    report_usage("--output: say where the picture goes (see specrnn plot --help)");
    return false;
  }
  if (strcmp(output, "-") && !path_has_extension(output, ".png") && !path_has_extension(output, ".svg") &&
      !path_has_extension(output, ".pdf")) {
    report_usage("%s: pictures are .png, .svg or .pdf", output);
    return false;
  }
  return true;
}

/* Kinds that draw sound through a model take arrays too, to which nothing about sound applies; a histogram of an array
 * is of its numbers, without a model. */
static specrnn_status check_use_of_arrays(const plot_call *c)
{
  const cli_arguments *a = c->arguments;
  for (int i = 0; i < a->n_inputs; i++) {
    if (!plot_array_is(a->inputs[i])) {
      return SPECRNN_OK;
    }
  }
  bool numbers = !strcmp(c->kind, "histogram");
  char name[CLI_SPELT_SIZE];
  if (cli_first_assigned(a, specrnn_audio_options(), name) || cli_first_assigned(a, specrnn_features_options(), name)) {
    return plot_misuse(name, "it is of sound, and no input is");
  }
  if (c->options->config) {
    return plot_misuse("--config", "it is of sound, and no input is");
  }
  bool of_model = c->options->model || c->options->layer;
  if (of_model) {
    snprintf(name, sizeof name, "%s", c->options->model ? "--model" : "--layer");
  }
  if (numbers && (of_model || model_source_first(a, &c->options->source, name))) {
    return plot_misuse(name, "a histogram of an array is of its numbers");
  }
  return SPECRNN_OK;
}

/* The levels of these pictures are below the loudest cell, which is looked for in the whole sound. */
static specrnn_status check_use_of_maximum(const plot_call *c)
{
  static const char *const KEYS[][2] = {{"maximum", "--maximum"}, {"maximum_value", "--maximum-value"}};
  bool by_the_whole = !strcmp(c->kind, "spectrogram") || !strcmp(c->kind, "mel");
  for (size_t i = 0; by_the_whole && i < sizeof KEYS / sizeof *KEYS; i++) {
    if (cli_assigned(c->arguments, specrnn_features_options(), KEYS[i][0])) {
      return plot_misuse(KEYS[i][1], "a picture looks at the whole sound");
    }
  }
  return SPECRNN_OK;
}

/* An option that a kind does not know would be passed over in silence. */
static specrnn_status check_use(const plot_call *c)
{
  const plot_options *o = c->options;
  const cli_arguments *a = c->arguments;
  char colours[CLI_SPELT_SIZE];
  char sound[CLI_SPELT_SIZE];
  char model[CLI_SPELT_SIZE];
  char front_end[CLI_SPELT_SIZE] = "--config";
  bool has_front_end = cli_first_assigned(a, specrnn_features_options(), front_end);
  const struct {
    const char *option;
    bool given;
    const char *kinds; /* that know it */
  } USES[] = {
      {"--axis", o->axis, "spectrogram, mel, mfcc, heatmap, difference"},
      {"--order", o->order, "hidden, gates, cell, heatmap"},
      {"--compare", o->compare, "hidden, gates, cell"},
      {"--model", o->model, "hidden, gates, cell, histogram, weights"},
      {"--layer", o->layer, "hidden, gates, cell, histogram, weights"},
      {model, model_source_first(a, &o->source, model), "hidden, gates, cell, histogram, weights"},
      {"--log-y", o->log_y, o->kind ? "lines, scatter" : "lines, scatter, heatmap"}, /* a vector becomes lines */
      {"--bars", o->bars, "histogram"},
      {"--step", isfinite(o->step_s), "heatmap, lines, scatter, difference"},
      {colours, cli_first_assigned(a, specrnn_heatmap_options(), colours),
       "spectrogram, mel, mfcc, hidden, gates, cell, weights, heatmap, difference"},
      {sound, cli_first_assigned(a, specrnn_audio_options(), sound),
       "spectrogram, mel, mfcc, waveform, hidden, gates, cell, histogram"},
      {front_end, o->config || has_front_end, "spectrogram, mel, mfcc, hidden, gates, cell, histogram"},
  };
  for (size_t i = 0; i < sizeof USES / sizeof *USES; i++) {
    if (USES[i].given && !has_word(USES[i].kinds, c->kind)) {
      report_usage("%s: --kind %s has no use for it; it is for %s", USES[i].option, c->kind, USES[i].kinds);
      return SPECRNN_ERROR_ARGUMENT;
    }
  }
  specrnn_status status = check_use_of_maximum(c);
  return status ? status : check_use_of_arrays(c);
}

static specrnn_status run_call(plot_call *c)
{
  const plot_kind *kind = choose_kind(c->arguments);
  if (!kind || !check_output(c->options->output)) {
    return SPECRNN_ERROR_ARGUMENT;
  }
  specrnn_status status = c->options->labels ? plot_labels_load(&c->labels, c->options->labels) : SPECRNN_OK;
  c->kind = kind->name;
  status = status ? status : check_use(c);
  status = status ? status : kind->draw(c);
  if (!status && c->labels.count > 0 && !c->labels_drawn) {
    status = plot_misuse("--labels", "no axis of this picture is time");
  }
  return status ? status : write_picture(c);
}

static int run(const cli_arguments *arguments)
{
  plot_call c = {.arguments = arguments, .options = arguments->options};
  specrnn_status status = run_call(&c);
  specrnn_figure_destroy(&c.figure);
  specrnn_plotter_destroy(&c.plotter);
  plot_labels_release(&c.labels);
  return status == SPECRNN_ERROR_ARGUMENT ? CLI_EXIT_USAGE : report_status(status);
}

const cli_command cmd_plot = {
    .name = "plot",
    .arguments = "IN... -o OUT.png|.svg|.pdf [options]",
    .summary = "a picture of sound, arrays, hidden states, weights",
    .example = "specrnn plot test.wav -o spectrogram.png\n"
               "specrnn plot test.wav -o hidden.svg --kind hidden --layer 1 --order similarity\n"
               "specrnn plot ours.npy theirs.npy -o skew.png --kind difference",
    .description =
        "IN is sound (WAV, FLAC, Ogg, AIFF, MP3 ...; - is standard input), an array (.npy, .csv, .npz or .npz:NAME for "
        "one of its arrays; rows are time), or for --kind weights a model (builtin: the one built into the program). "
        "Several inputs stand side by side. "
        "Spectrograms are in dB below their loudest cell, over 80 dB (--top-db); where several cells share a pixel the "
        "loudest is drawn, with --pool mean their mean power, and none is skipped at any length. Time is that of the "
        "file: with --offset 10 the axis begins at 10 s. Sound of any length, and heat maps, histograms and "
        "differences of .npy arrays of any number of rows, are drawn in bounded memory; other arrays are loaded whole.",
    .groups = GROUPS,
    .own_defaults = OWN_DEFAULTS,
    .defaults = &DEFAULTS,
    .options_size = sizeof(plot_options),
    .minimum_inputs = 1,
    .maximum_inputs = PLOT_MAX_INPUTS,
    .run = run,
};
