/* The kinds of specrnn plot that show what a model does: hidden, gates, cell, and the histogram of activations. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hidden_look.h"
#include "model_source.h"
#include "plot_array.h"
#include "plot_call.h"
#include "plot_model.h"
#include "plot_rows.h"
#include "report.h"
#include "row_spool.h"
#include "whole.h"

/* Inches. */
static const double WIDTH_IN = 10.0;
static const double SINGLE_HEIGHT_IN = 4.0;
static const double STACKED_HEIGHT_IN = 2.0;
static const double HISTOGRAM_WIDTH_IN = 6.4;
static const double HISTOGRAM_HEIGHT_IN = 4.8;

enum { MAX_MODELS = 2, DEFAULT_BARS = 50 };

typedef enum part_content {
  PART_HIDDEN,
  PART_GATE,      /* between 0 and 1 */
  PART_CANDIDATE, /* as the activation of the module */
  PART_CELL,      /* nothing bounds it */
} part_content;

/* One panel: a stretch of the numbers that a layer has per frame. */
typedef struct part {
  size_t layer;
  size_t offset, width, stride; /* numbers offset ... offset + width - 1 of `stride` per frame */
  part_content shows;
  char title[128];
  specrnn_panel *panel;
  plot_rows *rows;
  float *block; /* where width differs from stride: (block_rows, width) */
  size_t block_rows;
  size_t gate; /* of PART_CANDIDATE and PART_GATE */
} part;

/* Panels of one input through one model: one source of the figure. */
typedef struct shown {
  plot_call *c;
  plot_model *model;
  const char *input;
  specrnn_log log;
  part *parts;
  size_t n_parts;
  plot_order order;
} shown;

/* ------------------------------------------------------------------------------------------------------------ parts */

/* A gate lets through a part, from 0 to 1; a candidate is what may come in. */
static bool is_candidate(const specrnn_gate *gate)
{
  return gate->low < 0.0 || gate->high > 1.0;
}

static const char *direction_name(const specrnn_layer_info *layer, size_t direction)
{
  return layer->n_directions == 1 ? "" : direction == 0 ? ", forward" : ", backward";
}

static void hidden_part(part *p, const specrnn_model *model, size_t index)
{
  const specrnn_layer_info *layer = specrnn_model_layer(model, index);
  *p = (part){.layer = index, .width = layer->width, .stride = layer->width, .shows = PART_HIDDEN};
  snprintf(p->title, sizeof p->title, "Layer %zu: %s %s, %zu units", index + 1, layer->title, layer->module->name,
           layer->width);
}

/* One part for each gate and direction. */
static size_t gate_parts(part *parts, const specrnn_model *model, size_t index)
{
  const specrnn_layer_info *layer = specrnn_model_layer(model, index);
  size_t count = 0;
  for (size_t d = 0; d < layer->n_directions; d++) {
    for (size_t g = 0; g < layer->n_gates; g++) {
      part *p = &parts[count];
      *p = (part){.layer = index,
                  .offset = count * layer->hidden_size,
                  .width = layer->hidden_size,
                  .stride = layer->n_directions * layer->n_gates * layer->hidden_size,
                  .gate = g,
                  .shows = is_candidate(&layer->gates[g]) ? PART_CANDIDATE : PART_GATE};
      snprintf(p->title, sizeof p->title, "Layer %zu: %s%s", index + 1, layer->gates[g].name, direction_name(layer, d));
      count++;
    }
  }
  return count;
}

static size_t cell_parts(part *parts, const specrnn_model *model, size_t index)
{
  const specrnn_layer_info *layer = specrnn_model_layer(model, index);
  for (size_t d = 0; d < layer->n_directions; d++) {
    parts[d] = (part){.layer = index,
                      .offset = d * layer->hidden_size,
                      .width = layer->hidden_size,
                      .stride = layer->n_directions * layer->hidden_size,
                      .shows = PART_CELL};
    snprintf(parts[d].title, sizeof parts[d].title, "Layer %zu: cell state c%s", index + 1, direction_name(layer, d));
  }
  return layer->n_directions;
}

static specrnn_status check_layer(const plot_call *c, const plot_model *m)
{
  size_t n_layers = specrnn_model_describe(m->model)->n_layers;
  if ((size_t)c->options->layer > n_layers) {
    report_usage("--layer %d: %s has %zu layer%s", c->options->layer, model_source_name(m->path), n_layers,
                 n_layers == 1 ? "" : "s");
    return SPECRNN_ERROR_ARGUMENT;
  }
  return SPECRNN_OK;
}

static specrnn_status choose_trace(shown *s, size_t index)
{
  const specrnn_layer_info *layer = specrnn_model_layer(s->model->model, index);
  bool cell = !strcmp(s->c->kind, "cell");
  if (!layer->gates || (cell && layer->c_size == 0)) {
    report_usage("--kind %s: layer %zu of %s is %s and has none", s->c->kind, index + 1,
                 model_source_name(s->model->path), layer->gates ? "no LSTM" : layer->title);
    return SPECRNN_ERROR_ARGUMENT;
  }
  s->n_parts = cell ? cell_parts(s->parts, s->model->model, index) : gate_parts(s->parts, s->model->model, index);
  return SPECRNN_OK;
}

static specrnn_status choose_parts(shown *s)
{
  enum { MOST_GATES = 2 * 4 };
  size_t n_layers = specrnn_model_describe(s->model->model)->n_layers;
  specrnn_status status = check_layer(s->c, s->model);
  s->parts = calloc(n_layers + MOST_GATES, sizeof *s->parts);
  if (status || !s->parts) {
    return status ? status : (report_memory(), SPECRNN_ERROR_MEMORY);
  }
  int layer = s->c->options->layer;
  if (!strcmp(s->c->kind, "hidden")) {
    for (size_t i = layer ? (size_t)layer - 1 : 0; i < (layer ? (size_t)layer : n_layers); i++) {
      hidden_part(&s->parts[s->n_parts++], s->model->model, i);
    }
    return SPECRNN_OK;
  }
  return choose_trace(s, layer ? (size_t)layer - 1 : 0);
}

/* ----------------------------------------------------------------------------------------------------------- panels */

static void set_range(const part *p, const specrnn_layer_info *layer, specrnn_heatmap_config *look)
{
  if (p->shows == PART_HIDDEN) {
    hidden_look(layer, look);
  } else if (p->shows == PART_GATE) {
    look->vmin = 0.0;
    look->vmax = 1.0;
    look->pool = SPECRNN_POOL_MAX;
  } else if (p->shows == PART_CELL) {
    range_look(-INFINITY, INFINITY, look);
  } else {
    range_look(layer->gates[p->gate].low, layer->gates[p->gate].high, look);
  }
}

static specrnn_status add_panel(shown *s, int source, size_t index, bool on_time)
{
  part *p = &s->parts[index];
  const specrnn_features_config *front_end = &s->model->front_end;
  specrnn_heatmap_config look = SPECRNN_HEATMAP_CONFIG_INIT;
  plot_place place = {.source = source, .part = (int)index, .x = SPECRNN_AXIS_INIT, .y = SPECRNN_AXIS_INIT};
  look.n_bins = p->width;
  set_range(p, specrnn_model_layer(s->model->model, p->layer), &look);
  look.colorbar_label = strcmp(s->c->kind, "hidden") ? NULL : "Hidden state";
  place.x.label = "Frame";
  if (on_time) {
    specrnn_audio_config audio = SPECRNN_AUDIO_CONFIG_INIT;
    if (!cli_assign(s->c->arguments, specrnn_audio_options(), &audio)) {
      return SPECRNN_ERROR_ARGUMENT;
    }
    place.x = (specrnn_axis)SPECRNN_AXIS_INIT;
    place.x.kind = SPECRNN_AXIS_TIME;
    look.x_first = audio.offset_s + specrnn_features_frame_time_s(front_end, 0);
    look.x_step = specrnn_features_frame_time_s(front_end, 1) - specrnn_features_frame_time_s(front_end, 0);
  }
  place.y.label = plot_order_label(s->order);
  snprintf(place.title, sizeof place.title, "%s%s%s%.200s", p->title,
           model_source_is_builtin(s->model->path) ? ", untrained" : "", index == 0 ? ", " : "",
           index > 0                ? ""
           : s->c->options->compare ? plot_name(model_source_name(s->model->path))
                                    : plot_name(s->input));
  specrnn_status status = plot_add_map(s->c, &p->panel, &place, &look);
  return status ? status : plot_rows_create(&p->rows, p->panel, p->width, s->order, &s->log);
}

/* ------------------------------------------------------------------------------------------------------------- data */

static specrnn_status begin(void *user, const encode_layout *layout)
{
  (void)user;
  (void)layout;
  return SPECRNN_OK;
}

static specrnn_status end(void *user, const float *h_n, const float *c_n)
{
  shown *s = user;
  (void)h_n;
  (void)c_n;
  specrnn_status status = SPECRNN_OK;
  for (size_t i = 0; !status && i < s->n_parts; i++) {
    status = plot_rows_end(s->parts[i].rows);
  }
  return status;
}

static const float *numbers_of(const shown *s, const part *p, const encode_rows *rows)
{
  if (!rows->trace) {
    return rows->hidden[p->layer];
  }
  return strcmp(s->c->kind, "cell") ? rows->trace[p->layer].gates : rows->trace[p->layer].cell;
}

/* The part's columns side by side. */
static const float *gather(part *p, const float *numbers, size_t n_rows)
{
  if (p->width == p->stride) {
    return numbers;
  }
  if (n_rows > p->block_rows) {
    float *larger = realloc(p->block, n_rows * p->width * sizeof *larger);
    if (!larger) {
      report_memory();
      return NULL;
    }
    p->block = larger;
    p->block_rows = n_rows;
  }
  for (size_t t = 0; t < n_rows; t++) {
    memcpy(p->block + t * p->width, numbers + t * p->stride + p->offset, p->width * sizeof *p->block);
  }
  return p->block;
}

static specrnn_status push(void *user, const encode_rows *rows)
{
  shown *s = user;
  specrnn_status status = SPECRNN_OK;
  for (size_t i = 0; !status && i < s->n_parts; i++) {
    part *p = &s->parts[i];
    const float *numbers = gather(p, numbers_of(s, p, rows), rows->n_rows);
    status = numbers ? plot_rows_write(p->rows, numbers, rows->n_rows) : SPECRNN_ERROR_MEMORY;
  }
  return status;
}

static specrnn_status draw(shown *s, int source)
{
  specrnn_status status = SPECRNN_OK;
  bool on_time = s->model->has_front_end && !plot_array_is(s->input);
  for (size_t i = 0; !status && i < s->n_parts; i++) {
    status = add_panel(s, source, i, on_time);
  }
  const encode_sink sink = {.begin = begin, .rows = push, .end = end, .user = s};
  bool trace = strcmp(s->c->kind, "hidden") != 0;
  return status ? status : plot_model_run(s->model, s->c->arguments, s->input, trace, &sink);
}

static void release_shown(shown *s)
{
  for (size_t i = 0; s->parts && i < s->n_parts; i++) {
    plot_rows_destroy(&s->parts[i].rows);
    free(s->parts[i].block);
  }
  free(s->parts);
}

/* ---------------------------------------------------------------------------------------------------------- sources */

/* Options about the front end that no model takes would be passed over in silence. */
static specrnn_status check_front_ends(const plot_call *c, const plot_model *models, int n_models)
{
  char option[CLI_SPELT_SIZE] = "--config";
  bool asked = cli_first_assigned(c->arguments, specrnn_features_options(), option);
  bool taken = !c->options->config && !asked;
  for (int i = 0; i < n_models; i++) {
    taken = taken || !specrnn_model_front_end(models[i].model);
  }
  if (!taken) {
    report_usage("%s: has its own front end, which %s cannot change (specrnn model convert can)",
                 model_source_name(models[0].path), option);
  }
  return taken ? SPECRNN_OK : SPECRNN_ERROR_ARGUMENT;
}

static specrnn_status load_models(plot_model *models, int *n_models, const plot_call *c)
{
  const char *const paths[MAX_MODELS] = {c->options->model, c->options->compare};
  specrnn_status status = SPECRNN_OK;
  int n = c->options->compare ? 2 : 1;
  for (int i = 0; !status && i < n; i++) {
    status = plot_model_load(&models[i], paths[i], c->arguments, &c->options->source, c->options->config);
  }
  *n_models = n;
  return status ? status : check_front_ends(c, models, n);
}

static specrnn_status draw_sources(plot_call *c, shown *sources, int n_sources)
{
  size_t n_parts = 0;
  specrnn_status status = SPECRNN_OK;
  for (int i = 0; !status && i < n_sources; i++) {
    status = choose_parts(&sources[i]);
    n_parts = sources[i].n_parts > n_parts ? sources[i].n_parts : n_parts;
  }
  double height_in = n_parts == 1 ? SINGLE_HEIGHT_IN : STACKED_HEIGHT_IN;
  status = status ? status : plot_begin(c, n_sources, (int)n_parts, WIDTH_IN, height_in);
  if (!status && sources[0].model->has_front_end) {
    status = plot_describe(c, specrnn_features_options(), &sources[0].model->front_end);
  }
  for (int i = 0; !status && i < n_sources; i++) {
    status = draw(&sources[i], i);
  }
  return status;
}

specrnn_status plot_states_draw(plot_call *c)
{
  plot_model models[MAX_MODELS] = {{0}};
  shown sources[MAX_MODELS * PLOT_MAX_INPUTS] = {{0}};
  int n_models = 0;
  int n_sources = 0;
  plot_order order;
  if (!plot_order_parse(&order, c->options->order)) {
    return SPECRNN_ERROR_ARGUMENT;
  }
  specrnn_status status = load_models(models, &n_models, c);
  for (int i = 0; !status && i < c->arguments->n_inputs; i++) {
    for (int k = 0; k < n_models; k++) {
      sources[n_sources++] = (shown){.c = c,
                                     .model = &models[k],
                                     .input = c->arguments->inputs[i],
                                     .log = report_log(c->arguments->inputs[i]),
                                     .order = order};
    }
  }
  status = status ? status : draw_sources(c, sources, n_sources);
  for (int i = 0; i < n_sources; i++) {
    release_shown(&sources[i]);
  }
  for (int k = 0; k < n_models; k++) {
    plot_model_release(&models[k]);
  }
  return status;
}

/* -------------------------------------------------------------------------------------------------------- histogram */

/* Activations of a layer, in two passes over a temporary file: their range, then the counts. */
typedef struct counted {
  size_t layer, width;
  row_spool *spool;
  double low, high;
  uint64_t n_values;
} counted;

static void find_range(counted *h, const float *values, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    h->low = fmin(h->low, values[i]);
    h->high = fmax(h->high, values[i]);
  }
  h->n_values += n;
}

static specrnn_status keep(void *user, const encode_rows *rows)
{
  counted *h = user;
  find_range(h, rows->hidden[h->layer], rows->n_rows * h->width);
  return row_spool_write(h->spool, rows->hidden[h->layer], rows->n_rows, h->width);
}

static specrnn_status nothing(void *user, const float *h_n, const float *c_n)
{
  (void)user;
  (void)h_n;
  (void)c_n;
  return SPECRNN_OK;
}

/* As numpy.histogram: equal parts of the range, the last one closed. */
static void count_value(double *counts, size_t n_bars, const counted *h, double value)
{
  if (isfinite(value)) { /* a range may be beyond doubles; its half is none of the smallest */
    double scale = isfinite(h->high - h->low) ? 1.0 : 0.5;
    double place = (value * scale - h->low * scale) / (h->high * scale - h->low * scale) * (double)n_bars;
    counts[whole_of(place, 0, (int64_t)n_bars - 1)] += 1.0;
  }
}

static specrnn_status add_bars(plot_call *c, int source, const counted *h, const double *counts, size_t n_bars,
                               const char *title)
{
  plot_place place = {.source = source, .x = SPECRNN_AXIS_INIT, .y = SPECRNN_AXIS_INIT};
  specrnn_panel *panel = NULL;
  specrnn_log log = report_log(c->arguments->inputs[source]);
  place.x.kind = SPECRNN_AXIS_LINEAR;
  const plot_scaling scaling = plot_scaling_of("Value", h->low, h->high);
  place.x.label = scaling.label;
  place.y.kind = SPECRNN_AXIS_LINEAR;
  place.y.label = "Count";
  snprintf(place.title, sizeof place.title, "%s", title);
  specrnn_status status = plot_add_panel(c, &panel, &place);
  return status ? status
                : specrnn_panel_add_bars(panel, (h->low - scaling.base) / scaling.unit,
                                         (h->high - scaling.base) / scaling.unit, counts, n_bars, NULL, &log);
}

static void widen(counted *h)
{
  if (h->low == h->high) { /* as numpy does, and more where a half would be lost beside the number */
    double half = fmax(0.5, fabs(h->low) * 0x1p-50);
    h->low -= half;
    h->high += half;
  }
}

static specrnn_status count_array(plot_array *array, const counted *h, double *counts, size_t n_bars)
{
  const double *rows = NULL;
  size_t n_rows = 0;
  specrnn_status status;
  while (!(status = plot_array_read(array, &rows, &n_rows)) && n_rows > 0) {
    for (size_t i = 0; i < n_rows * array->n_columns; i++) {
      count_value(counts, n_bars, h, rows[i]);
    }
  }
  return status;
}

static specrnn_status draw_array(plot_call *c, int source, double *counts, size_t n_bars)
{
  plot_array array;
  char title[PLOT_TITLE_SIZE];
  specrnn_status status = plot_array_open(&array, c->arguments->inputs[source]);
  status = status ? status : plot_array_measure(&array);
  if (!status && array.finite == 0.0) {
    report_failure(c->arguments->inputs[source], "no finite value in it");
    status = SPECRNN_ERROR_EMPTY;
  }
  counted h = {.low = array.low, .high = array.high};
  widen(&h);
  status = status ? status : count_array(&array, &h, counts, n_bars);
  if (!status) {
    snprintf(title, sizeof title, "%.400s, %.0f values", plot_name(c->arguments->inputs[source]), array.finite);
    status = add_bars(c, source, &h, counts, n_bars, title);
  }
  plot_array_release(&array);
  return status;
}

static specrnn_status count_states(plot_call *c, const plot_model *m, int source, counted *h, double *counts,
                                   size_t n_bars)
{
  const encode_sink sink = {.begin = begin, .rows = keep, .end = nothing, .user = h};
  const float *rows;
  size_t n_rows;
  specrnn_status status = plot_model_run(m, c->arguments, c->arguments->inputs[source], false, &sink);
  if (status) {
    return status;
  }
  widen(h);
  while (!(status = row_spool_read(h->spool, &rows, &n_rows)) && n_rows > 0) {
    for (size_t i = 0; i < n_rows * h->width; i++) {
      count_value(counts, n_bars, h, rows[i]);
    }
  }
  char title[PLOT_TITLE_SIZE];
  snprintf(title, sizeof title, "Layer %zu%s on %.300s, %llu values", h->layer + 1,
           model_source_is_builtin(m->path) ? ", untrained," : "", plot_name(c->arguments->inputs[source]),
           (unsigned long long)h->n_values);
  return status ? status : add_bars(c, source, h, counts, n_bars, title);
}

static specrnn_status draw_states(plot_call *c, int source, double *counts, size_t n_bars)
{
  plot_model model;
  specrnn_log log = report_log(c->arguments->inputs[source]);
  specrnn_status status =
      plot_model_load(&model, c->options->model, c->arguments, &c->options->source, c->options->config);
  status = status ? status : check_front_ends(c, &model, 1);
  status = status ? status : check_layer(c, &model);
  counted h = {.layer = c->options->layer ? (size_t)c->options->layer - 1 : 0, .low = INFINITY, .high = -INFINITY};
  if (!status) {
    h.width = specrnn_model_layer(model.model, h.layer)->width;
    status = row_spool_create(&h.spool, &log);
  }
  status = status ? status : count_states(c, &model, source, &h, counts, n_bars);
  row_spool_destroy(&h.spool);
  plot_model_release(&model);
  return status;
}

specrnn_status plot_histogram_draw(plot_call *c)
{
  size_t n_bars = c->options->bars ? (size_t)c->options->bars : DEFAULT_BARS;
  int n = c->arguments->n_inputs;
  double *counts = calloc(n_bars, sizeof *counts);
  if (!counts) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  specrnn_status status = plot_begin(c, n, 1, n > 1 ? WIDTH_IN : HISTOGRAM_WIDTH_IN, HISTOGRAM_HEIGHT_IN);
  for (int i = 0; !status && i < n; i++) {
    memset(counts, 0, n_bars * sizeof *counts);
    status =
        plot_array_is(c->arguments->inputs[i]) ? draw_array(c, i, counts, n_bars) : draw_states(c, i, counts, n_bars);
  }
  free(counts);
  return status;
}
