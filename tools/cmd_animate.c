/* specrnn animate: the computation of a recurrent network, or its hidden states growing along a spectrogram, as GIF. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "animate_data.h"
#include "commands.h"
#include "front_end.h"
#include "hidden_look.h"
#include "model_source.h"
#include "path.h"
#include "plot_array.h"
#include "plot_call.h"
#include "report.h"

typedef struct options {
  const char *output, *kind, *model, *title;
  model_source source;
  int steps, layer, frames;
  double delay_s; /* NAN: the kind's */
} options;

static const options DEFAULTS = {.kind = "computation", .steps = 3, .frames = 40, .delay_s = NAN};

#define FIELD(name) offsetof(options, name)

enum { MAX_STEPS = 64, MAX_COMPUTED_LAYERS = 16, MAX_FRAMES = 16384, MAX_PICTURES = 500 };

static const double STEP_DELAY_S = 1.5;    /* of the computation, as in the tutorial */
static const double CURSOR_DELAY_S = 0.1;  /* of the moving cursor */
static const double LAST_DELAY_FACTOR = 2; /* the last picture stays longer, before all begins again */

/* Inches. */
static const double COMPUTATION_WIDTH_IN = 6.4;
static const double COMPUTATION_HEIGHT_IN = 3.6;
static const double LAYER_HEIGHT_IN = 1.0;
static const double STEP_WIDTH_IN = 1.4;
static const double HIDDEN_WIDTH_IN = 7.0;
static const double HIDDEN_PANEL_HEIGHT_IN = 2.0;

static const cli_option OPTIONS[] = {
    {"output", 'o', CLI_STRING, "OUT.gif", FIELD(output), 0, 0, "the animation; it plays for ever"},
    {"kind", 0, CLI_STRING, "computation|hidden", FIELD(kind), 0, 0,
     "computation: nodes and arrows lit step by step, coloured by activation (default); hidden: the states growing "
     "along the spectrogram under a moving cursor"},
    {"steps", 0, CLI_COUNT, "N", FIELD(steps), 1, MAX_STEPS, "computation: time steps (default 3)"},
    {"layer", 0, CLI_COUNT, "N", FIELD(layer), 1, SPECRNN_MODEL_MAX_LAYERS,
     "only this layer (default: all, the unrolled grid)"},
    {"frames", 0, CLI_COUNT, "N", FIELD(frames), 2, MAX_PICTURES, "hidden: pictures (default 40)"},
    {"delay", 0, CLI_TIME, "S", FIELD(delay_s), 0.02, 600, "per picture (default 1.5 s; hidden 0.1 s)"},
    {"title", 0, CLI_STRING, "TEXT", FIELD(title), 0, 0, "above hidden's spectrogram (default: the input's name)"},
    {"model", 0, CLI_STRING, "M", FIELD(model), 0, 0,
     "safetensors, .pt or .npz (default: the model built into the program)"},
    MODEL_SOURCE_OPTIONS(options, source),
    {0},
};

static const char *const FIGURE_KEYS[] = {"width", "height", "dpi", "font_size", "theme", NULL};

static const specrnn_option_table *figure_options(void)
{
  return specrnn_figure_options();
}

static const cli_group GROUPS[] = {
    {"Options", OPTIONS, model_load_table, MODEL_LOAD_KEYS},
    {"Picture", NULL, figure_options, FIGURE_KEYS},
    {"Sound as input", NULL, audio_input_options, AUDIO_INPUT_KEYS},
    {0},
};

static const cli_own_default OWN_DEFAULTS[] = {
    {"width", "6.4, more for more than 3 steps; 7 for hidden"},
    {"height", "3.6, and 1 for each further layer; for hidden 2 for the spectrogram and for each layer"},
    {0},
};

typedef struct call {
  const cli_arguments *arguments;
  const options *options;
  const char *input; /* NULL: the sample */
  plot_model model;
  size_t first, end; /* layers shown */
  animate_data data;
  specrnn_plotter *plotter;
  specrnn_figure *figure;
  specrnn_animation *animation;
} call;

/* ------------------------------------------------------------------------------------------------------------ common
 */

static specrnn_status create_figure(call *c, double width_in, double height_in)
{
  specrnn_log log = report_log(NULL);
  specrnn_figure_config look = SPECRNN_FIGURE_CONFIG_INIT;
  look.width_in = width_in;
  look.height_in = height_in;
  look.layout = SPECRNN_LAYOUT_TIGHT;
  if (!cli_assign(c->arguments, specrnn_figure_options(), &look)) {
    return SPECRNN_ERROR_ARGUMENT;
  }
  const specrnn_plotter_config fonts = {.background = true};
  specrnn_status status = specrnn_plotter_create(&c->plotter, &fonts, &log);
  status = status ? status : specrnn_figure_create(&c->figure, c->plotter, &look, &log);
  return status ? status : specrnn_animation_create(&c->animation, c->options->output, 0, &log);
}

static double delay_of(const call *c, double standard_s, bool last)
{
  double delay_s = isfinite(c->options->delay_s) ? c->options->delay_s : standard_s;
  return last ? fmin(delay_s * LAST_DELAY_FACTOR, 600.0) : delay_s;
}

static specrnn_status choose_layers(call *c)
{
  size_t n_layers = specrnn_model_describe(c->model.model)->n_layers;
  int layer = c->options->layer;
  if ((size_t)layer > n_layers) {
    report_usage("--layer %d: %s has %zu layer%s", layer, model_source_name(c->options->model), n_layers,
                 n_layers == 1 ? "" : "s");
    return SPECRNN_ERROR_ARGUMENT;
  }
  c->first = layer ? (size_t)layer - 1 : 0;
  c->end = layer ? (size_t)layer : n_layers;
  return SPECRNN_OK;
}

/* ------------------------------------------------------------------------------------------------------- computation
 */

static specrnn_status check_computation(const call *c)
{
  if (specrnn_model_describe(c->model.model)->bidirectional) {
    return plot_misuse("--kind computation", "the model is bidirectional: its steps have no one order");
  }
  if (c->end - c->first > MAX_COMPUTED_LAYERS) {
    return plot_misuse("--kind computation", "draws at most 16 layers: choose one with --layer");
  }
  for (size_t i = c->first; i < c->end; i++) {
    if (!specrnn_model_layer(c->model.model, i)->cell) {
      return plot_misuse("--kind computation", "a linear layer has no steps: choose a recurrent one with --layer");
    }
  }
  return SPECRNN_OK;
}

/* What the weights are multiplied with: features after the model's normaliser. */
static void normalise(call *c)
{
  const float *mean;
  const float *scale;
  size_t width = specrnn_model_describe(c->model.model)->input_size;
  if (specrnn_model_normaliser(c->model.model, &mean, &scale)) {
    for (size_t i = 0; i < c->data.n_frames * width; i++) {
      c->data.features[i] = (c->data.features[i] - mean[i % width]) * scale[i % width];
    }
  }
}

static specrnn_status draw_moments(call *c, const specrnn_computation *computation)
{
  specrnn_log log = report_log(NULL);
  size_t n_moments = specrnn_computation_moments(computation);
  specrnn_status status = SPECRNN_OK;
  for (size_t i = 0; !status && i < n_moments; i++) {
    status = specrnn_figure_set_computation(c->figure, computation, i, &log);
    status = status
                 ? status
                 : specrnn_animation_add(c->animation, c->figure, delay_of(c, STEP_DELAY_S, i + 1 == n_moments), &log);
  }
  return status;
}

static specrnn_status animate_computation(call *c)
{
  size_t sizes[MAX_COMPUTED_LAYERS];
  const float *hidden[MAX_COMPUTED_LAYERS];
  specrnn_status status = check_computation(c);
  status = status ? status : animate_data_make(&c->data, &c->model, c->arguments, c->input, (size_t)c->options->steps);
  if (status) {
    return status;
  }
  normalise(c);
  for (size_t i = c->first; i < c->end; i++) {
    sizes[i - c->first] = specrnn_model_layer(c->model.model, i)->width;
    hidden[i - c->first] = c->data.hidden[i];
  }
  const specrnn_layer_info *lowest = specrnn_model_layer(c->model.model, c->first);
  const specrnn_computation computation = {
      .n_steps = c->data.n_frames,
      .n_layers = c->end - c->first,
      .input_size = lowest->input_size,
      .inputs = c->first ? c->data.hidden[c->first - 1] : c->data.features,
      .hidden_sizes = sizes,
      .hidden = hidden,
      .cell = lowest->cell,
  };
  double width_in = STEP_WIDTH_IN * (double)(computation.n_steps + 1);
  status = create_figure(c, fmax(width_in, COMPUTATION_WIDTH_IN),
                         COMPUTATION_HEIGHT_IN + LAYER_HEIGHT_IN * (double)(computation.n_layers - 1));
  return status ? status : draw_moments(c, &computation);
}

/* ------------------------------------------------------------------------------------------------------------ hidden
 */

/* Panels of one column: the spectrogram, then the layers. */
typedef struct stage {
  specrnn_panel *panels[SPECRNN_FIGURE_MAX_GRID];
  size_t n_panels;
  double first_s, step_s;
  specrnn_axis_kind x;
} stage;

static specrnn_status add_panel(call *c, stage *s, const specrnn_panel_config *place,
                                const specrnn_heatmap_config *look, const float *rows)
{
  specrnn_log log = report_log(c->input);
  specrnn_panel *panel = NULL;
  specrnn_status status = specrnn_figure_add_panel(c->figure, &panel, place, &log);
  status = status ? status : specrnn_panel_add_heatmap(panel, look, &log);
  status = status ? status : specrnn_panel_push_rows(panel, rows, c->data.n_frames, &log);
  s->panels[s->n_panels++] = panel;
  return status;
}

static specrnn_heatmap_config look_of(const stage *s, size_t n_bins)
{
  specrnn_heatmap_config look = SPECRNN_HEATMAP_CONFIG_INIT;
  look.n_bins = n_bins;
  look.x_first = s->first_s;
  look.x_step = s->step_s;
  return look;
}

static specrnn_panel_config place_of(const stage *s, const char *title, const char *y_label)
{
  specrnn_panel_config place = SPECRNN_PANEL_CONFIG_INIT;
  place.row = (int)s->n_panels;
  place.title = title;
  place.x.kind = s->x;
  place.x.label = s->x == SPECRNN_AXIS_INDEX ? "Frame" : NULL;
  place.y.label = y_label;
  return place;
}

static specrnn_status add_features(call *c, stage *s)
{
  const char *name = c->options->title ? c->options->title : c->input ? plot_name(c->input) : ANIMATE_SAMPLE;
  specrnn_heatmap_config look = look_of(s, specrnn_model_describe(c->model.model)->input_size);
  specrnn_panel_config place = place_of(s, name, "Feature");
  const specrnn_features_config *front_end = &c->model.front_end;
  if (s->x == SPECRNN_AXIS_TIME && front_end->kind == SPECRNN_KIND_STFT &&
      look.n_bins == (size_t)front_end->n_fft / 2 + 1) {
    place.y.kind = SPECRNN_AXIS_FREQUENCY;
    place.y.label = NULL;
    look.y_step = (double)front_end->sample_rate_hz / front_end->n_fft;
  }
  if (front_end->scale == SPECRNN_SCALE_DB && s->x == SPECRNN_AXIS_TIME && front_end->kind != SPECRNN_KIND_MFCC) {
    look.colorbar_format = "%+2.0f dB";
  }
  return add_panel(c, s, &place, &look, c->data.features);
}

static specrnn_status add_layer(call *c, stage *s, size_t index)
{
  const specrnn_layer_info *layer = specrnn_model_layer(c->model.model, index);
  specrnn_heatmap_config look = look_of(s, layer->width);
  char title[128];
  hidden_look(layer, &look);
  model_layer_title(title, sizeof title, c->model.model, index, c->model.path);
  specrnn_panel_config place = place_of(s, title, "Hidden unit");
  return add_panel(c, s, &place, &look, c->data.hidden[index]);
}

/* The spectrogram is there from the beginning; the states appear up to the cursor. */
static specrnn_status draw_cursor(call *c, const stage *s)
{
  specrnn_log log = report_log(NULL);
  size_t n_pictures = (size_t)c->options->frames;
  n_pictures = n_pictures < c->data.n_frames ? n_pictures : c->data.n_frames;
  specrnn_status status = SPECRNN_OK;
  for (size_t i = 1; !status && i <= n_pictures; i++) {
    double frame = (double)c->data.n_frames * (double)i / (double)n_pictures - 0.5;
    double x = s->first_s + frame * s->step_s;
    bool last = i == n_pictures;
    for (size_t k = 0; !status && k < s->n_panels; k++) {
      status = specrnn_panel_set_cursor(s->panels[k], last ? NAN : x, &log);
      if (!status && k > 0) {
        status = specrnn_panel_set_horizon(s->panels[k], last ? INFINITY : x, &log);
      }
    }
    status = status ? status : specrnn_animation_add(c->animation, c->figure, delay_of(c, CURSOR_DELAY_S, last), &log);
  }
  return status;
}

static specrnn_status animate_hidden(call *c)
{
  size_t n_layers = c->end - c->first;
  stage s = {.step_s = 1.0};
  if (n_layers + 1 > SPECRNN_FIGURE_MAX_GRID) {
    return plot_misuse("--kind hidden", "too many layers for one picture: choose one with --layer");
  }
  specrnn_status status = animate_data_make(&c->data, &c->model, c->arguments, c->input, MAX_FRAMES);
  if (!status && c->data.n_frames == MAX_FRAMES) {
    report_usage("--kind hidden: takes at most %d frames; give --duration", MAX_FRAMES - 1);
    status = SPECRNN_ERROR_ARGUMENT;
  }
  if (!status && !(c->input && plot_array_is(c->input))) {
    specrnn_audio_config audio;
    double first_s = specrnn_features_frame_time_s(&c->model.front_end, 0);
    s.x = SPECRNN_AXIS_TIME;
    s.step_s = specrnn_features_frame_time_s(&c->model.front_end, 1) - first_s;
    s.first_s = first_s + (front_end_audio(c->arguments, &c->model.front_end, &audio) ? audio.offset_s : 0.0);
  }
  status = status ? status : create_figure(c, HIDDEN_WIDTH_IN, HIDDEN_PANEL_HEIGHT_IN * (double)(n_layers + 1));
  status = status ? status : add_features(c, &s);
  for (size_t i = c->first; !status && i < c->end; i++) {
    status = add_layer(c, &s, i);
  }
  return status ? status : draw_cursor(c, &s);
}

/* --------------------------------------------------------------------------------------------------------------- run
 */

/* What the other kind alone has. */
static specrnn_status check_use(const call *c, bool hidden)
{
  static const struct {
    const char *name, *shown;
    bool hidden;
  } USES[] = {{"frames", "--frames", true}, {"title", "--title", true}, {"steps", "--steps", false}};
  for (size_t i = 0; i < sizeof USES / sizeof *USES; i++) {
    if (USES[i].hidden != hidden && cli_given(c->arguments, USES[i].name)) {
      return plot_misuse(USES[i].shown, hidden ? "it is for --kind computation" : "it is for --kind hidden");
    }
  }
  return SPECRNN_OK;
}

static specrnn_status run_call(call *c)
{
  const options *o = c->options;
  bool hidden = !strcmp(o->kind, "hidden");
  if (!hidden && strcmp(o->kind, "computation") != 0) {
    return plot_misuse("--kind", "computation or hidden");
  }
  if (check_use(c, hidden)) {
    return SPECRNN_ERROR_ARGUMENT;
  }
  if (!o->output || !path_has_extension(o->output, ".gif")) {
    return plot_misuse("--output", "name a .gif (see specrnn animate --help)");
  }
  specrnn_log log = report_log(NULL);
  specrnn_status status = plot_model_load(&c->model, o->model, c->arguments, &o->source, NULL);
  status = status ? status : choose_layers(c);
  status = status ? status : hidden ? animate_hidden(c) : animate_computation(c);
  return status ? status : specrnn_animation_finish(&c->animation, &log);
}

static int run(const cli_arguments *arguments)
{
  call c = {.arguments = arguments, .options = arguments->options};
  c.input = arguments->n_inputs ? arguments->inputs[0] : NULL;
  specrnn_status status = run_call(&c);
  specrnn_animation_destroy(&c.animation);
  specrnn_figure_destroy(&c.figure);
  specrnn_plotter_destroy(&c.plotter);
  animate_data_release(&c.data);
  plot_model_release(&c.model);
  return status == SPECRNN_ERROR_ARGUMENT ? CLI_EXIT_USAGE : report_status(status);
}

const cli_command cmd_animate = {
    .name = "animate",
    .arguments = "[IN] -o OUT.gif [options]",
    .summary = "the computation of a recurrent network as a GIF",
    .example = "specrnn animate -o rnn.gif\n"
               "specrnn animate test.wav -o grid.gif --steps 4 --offset 1.5\n"
               "specrnn animate test.wav -o states.gif --kind hidden --layer 1 --duration 3",
    .description = "Shows, with the real numbers of a model and an input, how hidden states come about: h before the "
                   "first step is "
                   "zero, then each step lights its input, its arrows and its node, with the formula below. IN is "
                   "sound or an array "
                   "of features (.npy, .npz, .csv); without it the program takes the speech of its samples. "
                   "--offset chooses "
                   "where the first step lies.",
    .groups = GROUPS,
    .own_defaults = OWN_DEFAULTS,
    .defaults = &DEFAULTS,
    .options_size = sizeof(options),
    .minimum_inputs = 0,
    .maximum_inputs = 1,
    .run = run,
};
