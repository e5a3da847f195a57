/* The pictures of `specrnn analyze`. Every row is pushed as it comes, so memory does not grow with the input. */
#include "analyze_pictures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hidden_look.h"
#include "model_source.h"
#include "specrnn/io.h"
#include "spectrogram_look.h"

enum { NAME_SIZE = 96, TITLE_SIZE = 256, MAX_PANELS_OF_ONE_MAP = 3 };

/* Inches. The tutorial's pictures are 10 x 4, two feature maps stacked in one of them. */
static const double WIDTH_IN = 10.0;
static const double HEIGHT_IN = 4.0;
static const double STACKED_MAP_HEIGHT_IN = 2.0;
static const double OVERVIEW_HEIGHT_IN = 4.6; /* of waveform and spectrogram */
static const double WAVEFORM_WEIGHT = 0.45;   /* rows of the overview, relative to the spectrogram */
static const double MAP_WEIGHT = 0.8;

typedef struct picture {
  char name[NAME_SIZE];
  specrnn_figure *figure;
} picture;

/* One array that is drawn in several pictures. */
typedef struct map {
  specrnn_heatmap_config look;
  specrnn_axis y;
  char title[TITLE_SIZE];
  specrnn_panel *panels[MAX_PANELS_OF_ONE_MAP];
  size_t n_panels;
} map;

struct analyze_pictures {
  analyze_pictures_config config;
  const specrnn_log *log;
  specrnn_plotter *plotter;
  char *parameters; /* the front end as JSON */
  double *bin_centres;
  size_t n_layers;
  bool has_spectrogram;
  map spectrogram;
  spectrogram_look spectrogram_texts;
  map *layers; /* (n_layers) */
  specrnn_panel *waveform;
  picture *pictures;
  size_t n_pictures;
};

/* -------------------------------------------------------------------------------------------------- how things look */

static double frame_step(const analyze_pictures *p)
{
  return p->config.literal ? 1.0
                           : specrnn_features_frame_time_s(p->config.front_end, 1) -
                                 specrnn_features_frame_time_s(p->config.front_end, 0);
}

static double first_frame(const analyze_pictures *p)
{
  return p->config.literal ? 0.0 : p->config.offset_s + specrnn_features_frame_time_s(p->config.front_end, 0);
}

/* Bins on their frequencies where they have any: evenly spaced ones on a linear axis, mel bands on a mel axis. */
static specrnn_status place_bins(analyze_pictures *p, map *m, size_t n_bins, const specrnn_log *log)
{
  m->y = (specrnn_axis)SPECRNN_AXIS_INIT;
  if (p->config.literal) {
    m->y.label = "Frequency Bins";
    return SPECRNN_OK;
  }
  p->bin_centres = calloc(n_bins, sizeof *p->bin_centres);
  if (!p->bin_centres) {
    return SPECRNN_ERROR_MEMORY;
  }
  specrnn_status status = specrnn_features_bin_frequencies_hz(p->config.front_end, p->bin_centres, log);
  if (status) {
    return status;
  }
  bool rising = true;
  for (size_t i = 0; i < n_bins; i++) {
    rising = rising && p->bin_centres[i] >= 0 && (i == 0 || p->bin_centres[i] > p->bin_centres[i - 1]);
  }
  if (!rising) {
    m->y.label = p->config.front_end->kind == SPECRNN_KIND_MFCC ? "Coefficient" : "Feature";
  } else if (p->config.front_end->kind == SPECRNN_KIND_STFT && n_bins > 1) {
    m->y.kind = SPECRNN_AXIS_FREQUENCY;
    m->look.y_first = p->bin_centres[0];
    m->look.y_step = p->bin_centres[1] - p->bin_centres[0];
  } else {
    m->y.kind = SPECRNN_AXIS_FREQUENCY_MEL;
    m->look.bin_centres = p->bin_centres;
  }
  return SPECRNN_OK;
}

static specrnn_status describe_spectrogram(analyze_pictures *p, const specrnn_log *log)
{
  static const char *const TITLES[] = {"Spectrogram", "Mel spectrogram", "MFCC", "Samples"};
  const specrnn_features_config *front_end = p->config.front_end;
  map *m = &p->spectrogram;
  m->look = (specrnn_heatmap_config)SPECRNN_HEATMAP_CONFIG_INIT;
  m->look.n_bins = specrnn_model_describe(p->config.model)->input_size;
  m->look.x_first = first_frame(p);
  m->look.x_step = frame_step(p);
  if (front_end->scale == SPECRNN_SCALE_DB && front_end->kind != SPECRNN_KIND_MFCC) {
    m->look.colorbar_format = "%+2.0f dB";
  }
  spectrogram_look_set(&p->spectrogram_texts, front_end, &m->look);
  if (p->config.literal) {
    m->look.colorbar_label = NULL; /* the tutorial has none */
    snprintf(m->title, sizeof m->title, "Original Spectrogram");
  } else {
    snprintf(m->title, sizeof m->title, "%s of %.200s", TITLES[front_end->kind], p->config.input);
  }
  return place_bins(p, m, m->look.n_bins, log);
}

static void describe_layer(analyze_pictures *p, size_t index)
{
  const specrnn_layer_info *layer = specrnn_model_layer(p->config.model, index);
  map *m = &p->layers[index];
  m->look = (specrnn_heatmap_config)SPECRNN_HEATMAP_CONFIG_INIT;
  m->look.n_bins = layer->width;
  m->look.x_first = first_frame(p);
  m->look.x_step = frame_step(p);
  m->look.pool = SPECRNN_POOL_MAX_ABS;
  m->y = (specrnn_axis)SPECRNN_AXIS_INIT;
  if (p->config.literal) {
    m->look.colorbar_label = "Hidden State Value";
    m->y.label = "Hidden State Dimensions";
    snprintf(m->title, sizeof m->title, "RNN Layer %zu Output Feature Map", index + 1);
    return;
  }
  m->y.label = "Hidden unit";
  m->look.colorbar_label = "Hidden state";
  hidden_look(layer, &m->look);
  model_layer_title(m->title, sizeof m->title, p->config.model, index, p->config.model_path);
}

/* --------------------------------------------------------------------------------------------------------- the figures
 */

static specrnn_status add_map(analyze_pictures *p, specrnn_figure *figure, map *m, int row, double weight,
                              const specrnn_log *log)
{
  specrnn_panel_config place = SPECRNN_PANEL_CONFIG_INIT;
  place.row = row;
  place.weight = weight;
  place.title = m->title;
  place.y = m->y;
  if (p->config.literal) {
    place.x.label = m == &p->spectrogram ? "Time Frames" : "Time Steps";
  } else {
    place.x.kind = SPECRNN_AXIS_TIME;
  }
  specrnn_panel *panel = NULL;
  specrnn_status status = specrnn_figure_add_panel(figure, &panel, &place, log);
  if (!status) {
    status = specrnn_panel_add_heatmap(panel, &m->look, log);
  }
  if (!status) {
    m->panels[m->n_panels++] = panel;
  }
  return status;
}

static specrnn_status begin_picture(analyze_pictures *p, specrnn_figure **figure, const char *name, double height_in,
                                    const specrnn_log *log)
{
  specrnn_figure_config look = p->config.look;
  look.width_in = WIDTH_IN;
  look.height_in = height_in;
  look.layout = SPECRNN_LAYOUT_TIGHT;
  picture *entry = &p->pictures[p->n_pictures];
  specrnn_status status = specrnn_figure_create(&entry->figure, p->plotter, &look, log);
  if (status) {
    return status;
  }
  p->n_pictures++;
  snprintf(entry->name, sizeof entry->name, "%s.png", name);
  const char *const metadata[][2] = {
      {"Source", p->config.input}, {"Comment", p->config.command_line}, {"Parameters", p->parameters}};
  for (size_t i = 0; !status && i < sizeof metadata / sizeof *metadata; i++) {
    status = specrnn_figure_add_metadata(entry->figure, metadata[i][0], metadata[i][1], log);
  }
  *figure = entry->figure;
  return status;
}

static specrnn_status one_map(analyze_pictures *p, map *m, const char *name, const specrnn_log *log)
{
  specrnn_figure *figure = NULL;
  specrnn_status status = begin_picture(p, &figure, name, HEIGHT_IN, log);
  return status ? status : add_map(p, figure, m, 0, 1.0, log);
}

static specrnn_status layer_pictures(analyze_pictures *p, const specrnn_log *log)
{
  specrnn_status status = SPECRNN_OK;
  for (size_t i = 0; !status && i < p->n_layers; i++) {
    char name[NAME_SIZE / 2];
    snprintf(name, sizeof name, "layer%zu", i + 1);
    status = one_map(p, &p->layers[i], name, log);
  }
  return status;
}

static double stacked_height(const analyze_pictures *p)
{
  return p->n_layers > 2 ? STACKED_MAP_HEIGHT_IN * (double)p->n_layers : HEIGHT_IN;
}

static specrnn_status stacked_picture(analyze_pictures *p, const specrnn_log *log)
{
  specrnn_figure *figure = NULL;
  specrnn_status status = begin_picture(p, &figure, "features", stacked_height(p), log);
  for (size_t i = 0; !status && i < p->n_layers; i++) {
    status = add_map(p, figure, &p->layers[i], (int)i, 1.0, log);
  }
  return status;
}

static specrnn_status add_waveform(analyze_pictures *p, specrnn_figure *figure, const specrnn_log *log)
{
  specrnn_panel_config place = SPECRNN_PANEL_CONFIG_INIT;
  place.weight = WAVEFORM_WEIGHT;
  place.title = p->config.input;
  place.x.kind = SPECRNN_AXIS_TIME;
  place.y.kind = SPECRNN_AXIS_LINEAR;
  place.y.label = "Amplitude";
  specrnn_panel *panel = NULL;
  specrnn_status status = specrnn_figure_add_panel(figure, &panel, &place, log);
  if (!status) {
    status = specrnn_panel_add_waveform(panel, p->config.offset_s, 1.0 / p->config.front_end->sample_rate_hz, log);
  }
  p->waveform = panel;
  return status;
}

/* One time axis for all: in seconds, so not of the literal pictures. */
static specrnn_status overview_picture(analyze_pictures *p, const specrnn_log *log)
{
  specrnn_figure *figure = NULL;
  double height_in = OVERVIEW_HEIGHT_IN + stacked_height(p);
  specrnn_status status = begin_picture(p, &figure, "overview", height_in, log);
  int row = 0;
  if (!status && !p->config.literal) {
    status = add_waveform(p, figure, log);
    row++;
  }
  if (!status && p->has_spectrogram) {
    status = add_map(p, figure, &p->spectrogram, row++, 1.0, log);
  }
  for (size_t i = 0; !status && i < p->n_layers; i++) {
    status = add_map(p, figure, &p->layers[i], row++, MAP_WEIGHT, log);
  }
  return status;
}

static specrnn_status build(analyze_pictures *p, const specrnn_log *log)
{
  p->n_layers = specrnn_model_describe(p->config.model)->n_layers;
  p->has_spectrogram = p->config.front_end->kind != SPECRNN_KIND_WAVE;
  p->layers = calloc(p->n_layers, sizeof *p->layers);
  p->pictures = calloc(p->n_layers + 3, sizeof *p->pictures);
  if (!p->layers || !p->pictures) {
    return SPECRNN_ERROR_MEMORY;
  }
  for (size_t i = 0; i < p->n_layers; i++) {
    describe_layer(p, i);
  }
  const specrnn_plotter_config fonts = {.background = true};
  specrnn_status status = specrnn_plotter_create(&p->plotter, &fonts, log);
  if (!status) {
    status = specrnn_config_to_json(&p->parameters, specrnn_features_options(), p->config.front_end, log);
  }
  if (!status && p->has_spectrogram) {
    status = describe_spectrogram(p, log);
    status = status ? status : one_map(p, &p->spectrogram, "spectrogram", log);
  }
  status = status ? status : layer_pictures(p, log);
  status = status ? status : stacked_picture(p, log);
  return status ? status : overview_picture(p, log);
}

specrnn_status analyze_pictures_create(analyze_pictures **out, const analyze_pictures_config *config,
                                       const specrnn_log *log)
{
  analyze_pictures *p = calloc(1, sizeof *p);
  if (!p) {
    return SPECRNN_ERROR_MEMORY;
  }
  p->config = *config;
  p->log = log;
  specrnn_status status = build(p, log);
  if (status) {
    analyze_pictures_destroy(&p);
    return status;
  }
  *out = p;
  return SPECRNN_OK;
}

void analyze_pictures_destroy(analyze_pictures **pictures)
{
  analyze_pictures *p = *pictures;
  if (!p) {
    return;
  }
  for (size_t i = 0; i < p->n_pictures; i++) {
    specrnn_figure_destroy(&p->pictures[i].figure);
  }
  specrnn_plotter_destroy(&p->plotter);
  specrnn_json_destroy(&p->parameters);
  free(p->bin_centres);
  free(p->layers);
  free(p->pictures);
  free(p);
  *pictures = NULL;
}

/* ------------------------------------------------------------------------------------------------------------ the data
 */

specrnn_status analyze_pictures_samples(void *user, const float *samples, size_t n_samples)
{
  analyze_pictures *p = user;
  return p->waveform ? specrnn_panel_push_samples(p->waveform, samples, n_samples, p->log) : SPECRNN_OK;
}

static specrnn_status push_rows(analyze_pictures *p, const map *m, const float *rows, size_t n_rows)
{
  specrnn_status status = SPECRNN_OK;
  for (size_t i = 0; !status && i < m->n_panels; i++) {
    status = specrnn_panel_push_rows(m->panels[i], rows, n_rows, p->log);
  }
  return status;
}

specrnn_status analyze_pictures_frames(void *user, const float *features, const float *const *hidden,
                                       const float *output, size_t n_frames)
{
  analyze_pictures *p = user;
  (void)output;
  specrnn_status status = push_rows(p, &p->spectrogram, features, n_frames);
  for (size_t i = 0; !status && i < p->n_layers; i++) {
    status = push_rows(p, &p->layers[i], hidden[i], n_frames);
  }
  return status;
}

size_t analyze_pictures_count(const analyze_pictures *pictures)
{
  return pictures->n_pictures;
}

const char *analyze_picture_name(const analyze_pictures *pictures, size_t index)
{
  return pictures->pictures[index].name;
}

specrnn_figure *analyze_picture_figure(const analyze_pictures *pictures, size_t index)
{
  return pictures->pictures[index].figure;
}
