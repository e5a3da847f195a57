/* The drawing of a recurrent network at work: nodes in columns of time and rows of layers, lit as they are computed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/checked.h"
#include "core/log.h"
#include "plot/draw.h"
#include "plot/layout.h"

enum { MAX_STEPS = 64, MAX_LAYERS = 16, MAX_CELLS = 12, NAME_SIZE = 24, CAPTION_SIZE = 256 };

/* In font sizes. */
static const double LEAST_NAMED_NODE = 2.2;
static const double CAPTION_SCALE = 1.1;
static const double MARGIN = 1.5;
/* In shares of the distance between nodes. */
static const double NODE_WIDTH = 0.46;
static const double NODE_HEIGHT = 0.46;
static const double ARROW_PT = 1.2;
static const double LIT_PT = 2.4;
static const double HEAD_PT = 5.0;
enum { BAR_CELLS = 64 };

/* One vector of the network: an input, an initial state or a hidden state. */
typedef struct node {
  const float *values;
  size_t size;
  double reach; /* the value that has the last colour */
  char name[NAME_SIZE];
  double x, y; /* centre */
  bool known, lit;
} node;

/* Everything is copied into one block behind the struct. */
typedef struct drawing {
  size_t n_steps, n_layers, input_size, moment;
  float *inputs;
  float *hidden[MAX_LAYERS];
  float *initial[MAX_LAYERS]; /* NULL: zero */
  size_t hidden_sizes[MAX_LAYERS];
  char cell[16];
  double input_reach, hidden_reach;
  double node_width, node_height;
} drawing;

size_t specrnn_computation_moments(const specrnn_computation *computation)
{
  return computation ? 1 + computation->n_steps * computation->n_layers : 0;
}

/* ----------------------------------------------------------------------------------------------------------- names */

static const char *const LOW_DIGITS[] = {"\xe2\x82\x80", "\xe2\x82\x81", "\xe2\x82\x82", "\xe2\x82\x83",
                                         "\xe2\x82\x84", "\xe2\x82\x85", "\xe2\x82\x86", "\xe2\x82\x87",
                                         "\xe2\x82\x88", "\xe2\x82\x89"};
static const char *const HIGH_DIGITS[] = {"\xe2\x81\xb0", "\xc2\xb9",     "\xc2\xb2",     "\xc2\xb3",
                                          "\xe2\x81\xb4", "\xe2\x81\xb5", "\xe2\x81\xb6", "\xe2\x81\xb7",
                                          "\xe2\x81\xb8", "\xe2\x81\xb9"};
#define LOW_MINUS "\xe2\x82\x8b"

/* "h" with the number of its layer above (where there are several) and the step below; step -1 is the initial state. */
static void write_name(char *name, const char *letter, size_t layer, long step)
{
  const char *tens_above = layer >= 10 ? HIGH_DIGITS[layer / 10 % 10] : "";
  const char *above = layer ? HIGH_DIGITS[layer % 10] : "";
  long magnitude = step < 0 ? -step : step;
  snprintf(name, NAME_SIZE, "%s%s%s%s%s%s", letter, tens_above, above, step < 0 ? LOW_MINUS : "",
           magnitude >= 10 ? LOW_DIGITS[magnitude / 10 % 10] : "", LOW_DIGITS[magnitude % 10]);
}

static size_t layer_number(const drawing *d, size_t layer)
{
  return d->n_layers > 1 ? layer + 1 : 0;
}

/* What a layer reads: x, or the states of the layer below. */
static void write_input_name(const drawing *d, size_t layer, size_t step, char *name)
{
  write_name(name, layer ? "h" : "x", layer ? layer_number(d, layer) - 1 : 0, (long)step);
}

static void write_formula(const drawing *d, size_t layer, size_t step, char *caption)
{
  char h[NAME_SIZE], before[NAME_SIZE], x[NAME_SIZE];
  size_t number = layer_number(d, layer);
  write_name(h, "h", number, (long)step);
  write_name(before, "h", number, (long)step - 1);
  write_input_name(d, layer, step, x);
  if (!strcmp(d->cell, "lstm")) {
    char c[NAME_SIZE], c_before[NAME_SIZE];
    write_name(c, "c", number, (long)step);
    write_name(c_before, "c", number, (long)step - 1);
    snprintf(caption, CAPTION_SIZE, "(%s, %s) = LSTM(%s, %s, %s)", h, c, x, before, c_before);
  } else if (!strcmp(d->cell, "gru")) {
    snprintf(caption, CAPTION_SIZE, "%s = GRU(%s, %s)", h, x, before);
  } else {
    snprintf(caption, CAPTION_SIZE,
             "%s = %s(W\xe1\xb5\xa2\xe2\x82\x95 %s + b\xe1\xb5\xa2\xe2\x82\x95 + "
             "W\xe2\x82\x95\xe2\x82\x95 %s + b\xe2\x82\x95\xe2\x82\x95)",
             h, d->cell, x, before);
  }
}

/* ------------------------------------------------------------------------------------------------------------ nodes */

static double norm(const float *values, size_t size)
{
  double sum = 0.0;
  for (size_t i = 0; i < size && values; i++) {
    sum += (double)values[i] * values[i];
  }
  return sqrt(sum);
}

/* Column 0 holds the initial states, column t + 1 step t; row 0 the inputs, row l + 1 layer l. */
static void place_node(const specrnn_figure *figure, drawing *d, size_t column, size_t row, node *n)
{
  double font = srn_font_px(figure, 1.0);
  double left = MARGIN * font;
  double top = (2.0 * MARGIN + SRN_TITLE_SCALE) * font;
  double width = figure->width - left - (MARGIN + 5.0) * font; /* the scale of colours is at the right */
  double height = figure->height - top - 5.5 * font;           /* the captions are below */
  double dx = width / (double)(d->n_steps + 1);
  double dy = height / (double)(d->n_layers + 1);
  n->x = round(left + dx * ((double)column + 0.5));
  n->y = round(top + height - dy * ((double)row + 0.5));
  d->node_width = round(fmin(dx * NODE_WIDTH, 2.5 * dy));
  d->node_height = round(fmin(dy * NODE_HEIGHT, 2.5 * dx));
}

/* The moment at which a node of the grid is computed. */
static size_t moment_of(const drawing *d, size_t layer, size_t step)
{
  return 1 + step * d->n_layers + layer;
}

static bool make_node(const specrnn_figure *figure, drawing *d, size_t column, size_t row, node *n)
{
  if (row == 0 && column == 0) {
    return false;
  }
  *n = (node){0};
  place_node(figure, d, column, row, n);
  if (row == 0) {
    n->values = d->inputs + (column - 1) * d->input_size;
    n->size = d->input_size;
    n->reach = d->input_reach;
    n->known = true;
    n->lit = d->moment == moment_of(d, 0, column - 1);
    write_name(n->name, "x", 0, (long)column - 1);
    return true;
  }
  size_t layer = row - 1;
  n->size = d->hidden_sizes[layer];
  n->reach = d->hidden_reach;
  write_name(n->name, "h", layer_number(d, layer), (long)column - 1);
  if (column == 0) {
    n->values = d->initial[layer];
    n->known = true;
    return true;
  }
  n->values = d->hidden[layer] + (column - 1) * n->size;
  n->known = d->moment >= moment_of(d, layer, column - 1);
  n->lit = d->moment == moment_of(d, layer, column - 1);
  return true;
}

static srn_color color_of(double value, double reach)
{
  const uint8_t(*rgb)[3] = specrnn_colormap_get(SPECRNN_COLORMAP_COOLWARM)->rgb;
  double place = (value / reach + 1.0) / 2.0 * SPECRNN_COLORMAP_SIZE;
  int index = srn_whole_int(place, 0, SPECRNN_COLORMAP_SIZE - 1);
  return (srn_color){rgb[index][0], rgb[index][1], rgb[index][2]};
}

/* The unit of a range that is farthest from zero. */
static float strongest(const node *n, size_t begin, size_t end)
{
  float value = 0.0f;
  for (size_t i = begin; i < end && n->values; i++) {
    value = fabsf(n->values[i]) > fabsf(value) ? n->values[i] : value;
  }
  return value;
}

/* A box of cells, one per unit or per range of units, coloured by activation. */
static void draw_node(const specrnn_figure *figure, const drawing *d, const node *n, cairo_t *cairo)
{
  const srn_theme *theme = srn_theme_get(figure->config.theme);
  double left = round(n->x - d->node_width / 2.0);
  double top = round(n->y - d->node_height / 2.0);
  size_t cells = n->size < MAX_CELLS ? n->size : MAX_CELLS;
  srn_set_color(cairo, theme->ground);
  srn_fill_box(cairo, left, top, d->node_width, d->node_height);
  for (size_t i = 0; i < cells && n->known; i++) {
    float value = strongest(n, n->size * i / cells, n->size * (i + 1) / cells);
    double begin = round(left + d->node_width * (double)i / (double)cells);
    double end = round(left + d->node_width * (double)(i + 1) / (double)cells);
    srn_set_color(cairo, color_of(value, n->reach));
    srn_fill_box(cairo, begin, top, end - begin, d->node_height);
  }
  srn_set_color(cairo, n->lit ? theme->accent : n->known ? theme->ink : theme->faint);
  double line = srn_line_px(figure, n->lit ? LIT_PT : SRN_LINE_PT);
  cairo_set_line_width(cairo, line);
  cairo_rectangle(cairo, left - line / 2.0, top - line / 2.0, d->node_width + line, d->node_height + line);
  cairo_stroke(cairo);
  double font = srn_font_px(figure, 1.0);
  if (d->node_width >= LEAST_NAMED_NODE * font && d->node_height >= font) {
    srn_text_style style = {.size_px = font, .across = SRN_START, .along = SRN_END};
    srn_text_draw(cairo, figure->plotter, &style, left + d->node_width + 0.3 * font, top - 0.2 * font, n->name);
  }
}

/* ----------------------------------------------------------------------------------------------------------- arrows */

static void draw_arrow(const specrnn_figure *figure, cairo_t *cairo, double x0, double y0, double x1, double y1,
                       srn_color color, bool lit)
{
  double length = hypot(x1 - x0, y1 - y0);
  double head = fmin(HEAD_PT * figure->point * (lit ? 1.5 : 1.0), length / 2.0);
  double ux = (x1 - x0) / length;
  double uy = (y1 - y0) / length;
  srn_set_color(cairo, color);
  cairo_set_line_width(cairo, srn_line_px(figure, lit ? LIT_PT : ARROW_PT));
  cairo_set_line_cap(cairo, CAIRO_LINE_CAP_BUTT);
  cairo_move_to(cairo, x0, y0);
  cairo_line_to(cairo, x1 - ux * head / 2.0, y1 - uy * head / 2.0);
  cairo_stroke(cairo);
  cairo_move_to(cairo, x1, y1);
  cairo_line_to(cairo, x1 - ux * head - uy * head / 2.0, y1 - uy * head + ux * head / 2.0);
  cairo_line_to(cairo, x1 - ux * head + uy * head / 2.0, y1 - uy * head - ux * head / 2.0);
  cairo_close_path(cairo);
  cairo_fill(cairo);
}

/* An arrow is lit with the node that it feeds. */
static void draw_arrows(const specrnn_figure *figure, drawing *d, cairo_t *cairo)
{
  const srn_theme *theme = srn_theme_get(figure->config.theme);
  double gap = 3.0 * figure->point;
  for (size_t row = 1; row <= d->n_layers; row++) {
    for (size_t column = 0; column <= d->n_steps; column++) {
      node to, from;
      make_node(figure, d, column, row, &to);
      srn_color color = to.lit ? theme->accent : to.known && column ? theme->ink : theme->faint;
      if (column > 0) {
        make_node(figure, d, column, row - 1, &from);
        draw_arrow(figure, cairo, from.x, from.y - d->node_height / 2.0 - gap, to.x, to.y + d->node_height / 2.0 + gap,
                   color, to.lit);
        make_node(figure, d, column - 1, row, &from);
        draw_arrow(figure, cairo, from.x + d->node_width / 2.0 + gap, from.y, to.x - d->node_width / 2.0 - gap, to.y,
                   color, to.lit);
      }
      srn_color output = to.known ? theme->ink : theme->faint;
      if (row == d->n_layers && column > 0) { /* two outputs: upward as well as to the next step, which may be none */
        double y = to.y - d->node_height / 2.0 - gap;
        draw_arrow(figure, cairo, to.x, y, to.x, y - 0.5 * d->node_height, output, false);
      }
      if (column == d->n_steps) {
        double x = to.x + d->node_width / 2.0 + gap;
        draw_arrow(figure, cairo, x, to.y, x + 0.5 * d->node_width, to.y, output, false);
      }
    }
  }
}

/* ----------------------------------------------------------------------------------------------- captions and scale */

static double state_norm(const drawing *d, size_t layer, size_t step)
{
  return norm(d->hidden[layer] + step * d->hidden_sizes[layer], d->hidden_sizes[layer]);
}

static void draw_caption(const specrnn_figure *figure, const drawing *d, cairo_t *cairo)
{
  double font = srn_font_px(figure, CAPTION_SCALE);
  char caption[CAPTION_SIZE], norms[CAPTION_SIZE] = "";
  if (d->moment == 0) {
    char name[NAME_SIZE];
    write_name(name, "h", 0, -1);
    bool zero = true;
    for (size_t l = 0; l < d->n_layers; l++) {
      zero &= norm(d->initial[l], d->initial[l] ? d->hidden_sizes[l] : 0) == 0.0;
    }
    snprintf(caption, sizeof caption, zero ? "before the first step: %s = 0" : "before the first step: %s is given",
             name);
  } else {
    size_t step = (d->moment - 1) / d->n_layers;
    size_t layer = (d->moment - 1) % d->n_layers;
    char x[NAME_SIZE], h[NAME_SIZE];
    write_formula(d, layer, step, caption);
    write_input_name(d, layer, step, x);
    write_name(h, "h", layer_number(d, layer), (long)step);
    double input_norm = layer ? state_norm(d, layer - 1, step) : norm(d->inputs + step * d->input_size, d->input_size);
    snprintf(norms, sizeof norms, "|%s| = %.4g     |%s| = %.4g", x, input_norm, h, state_norm(d, layer, step));
  }
  srn_set_color(cairo, srn_theme_get(figure->config.theme)->ink);
  srn_text_style style = {.size_px = font, .across = SRN_MIDDLE, .along = SRN_END, .width_px = figure->width};
  srn_text_draw(cairo, figure->plotter, &style, figure->width / 2.0, figure->height - 3.2 * font, caption);
  style.size_px = srn_font_px(figure, 1.0);
  srn_text_draw(cairo, figure->plotter, &style, figure->width / 2.0, figure->height - 1.6 * font, norms);
}

/* What the colours mean: the scale of hidden states, at the right. */
static void draw_scale(const specrnn_figure *figure, const drawing *d, cairo_t *cairo)
{
  const srn_theme *theme = srn_theme_get(figure->config.theme);
  double font = srn_font_px(figure, 1.0);
  double width = font;
  double height = round(0.4 * figure->height);
  double left = round(figure->width - (MARGIN + 4.0) * font);
  double top = round((figure->height - height) / 2.0 - font);
  for (int i = 0; i < BAR_CELLS; i++) {
    double y = round(top + height * i / BAR_CELLS);
    double end = round(top + height * (i + 1) / BAR_CELLS);
    srn_set_color(cairo, color_of(d->hidden_reach * (1.0 - (2.0 * i + 1.0) / BAR_CELLS), d->hidden_reach));
    srn_fill_box(cairo, left, y, width, end - y);
  }
  srn_set_color(cairo, theme->ink);
  srn_text_style style = {.size_px = font, .along = SRN_MIDDLE};
  for (int i = -1; i <= 1; i++) {
    char label[32];
    snprintf(label, sizeof label, "%s%.3g", i < 0 ? "\xe2\x88\x92" : "", fabs(i * d->hidden_reach));
    srn_text_draw(cairo, figure->plotter, &style, left + width + 0.4 * font, top + height * (1 - i) / 2.0, label);
  }
  style = (srn_text_style){.size_px = font, .along = SRN_END, .across = SRN_MIDDLE};
  srn_text_draw(cairo, figure->plotter, &style, left + width / 2.0, top - 0.6 * font, "h");
  char inputs[32];
  snprintf(inputs, sizeof inputs, "x: \xc2\xb1%.3g", d->input_reach);
  style = (srn_text_style){.size_px = font, .along = SRN_START, .across = SRN_START};
  srn_text_draw(cairo, figure->plotter, &style, left, top + height + 0.8 * font, inputs);
}

static specrnn_status paint(specrnn_figure *figure, cairo_t *cairo, void *what, const specrnn_log *log)
{
  drawing *d = what;
  (void)log;
  draw_arrows(figure, d, cairo);
  for (size_t row = 0; row <= d->n_layers; row++) {
    for (size_t column = 0; column <= d->n_steps; column++) {
      node n;
      if (make_node(figure, d, column, row, &n)) {
        draw_node(figure, d, &n, cairo);
      }
    }
  }
  draw_caption(figure, d, cairo);
  draw_scale(figure, d, cairo);
  srn_set_color(cairo, srn_theme_get(figure->config.theme)->ink);
  srn_text_style style = {.size_px = srn_font_px(figure, SRN_TITLE_SCALE), .across = SRN_MIDDLE, .along = SRN_END};
  style.width_px = figure->width;
  srn_text_draw(cairo, figure->plotter, &style, figure->width / 2.0, 2.0 * srn_font_px(figure, SRN_TITLE_SCALE),
                figure->config.title ? figure->config.title : "Computation of a recurrent network");
  return SPECRNN_OK;
}

/* ---------------------------------------------------------------------------------------------------------- copying */

static specrnn_status check(const specrnn_computation *c, size_t moment, const specrnn_log *log)
{
  bool sizes = c->n_steps >= 1 && c->n_steps <= MAX_STEPS && c->n_layers >= 1 && c->n_layers <= MAX_LAYERS;
  if (!sizes) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "%zu steps of %zu layers: 1 to %d steps of 1 to %d layers are drawn",
                    c->n_steps, c->n_layers, MAX_STEPS, MAX_LAYERS);
  }
  bool arrays = c->inputs && c->input_size && c->hidden_sizes && c->hidden;
  for (size_t i = 0; arrays && i < c->n_layers; i++) {
    arrays = c->hidden_sizes[i] && c->hidden[i];
  }
  if (!arrays) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a computation needs its inputs and the hidden states of all layers");
  }
  if (moment >= specrnn_computation_moments(c)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "moment %zu of a computation of %zu", moment,
                    specrnn_computation_moments(c));
  }
  return SPECRNN_OK;
}

static bool count_floats(const specrnn_computation *c, size_t *count)
{
  bool good = srn_size_mul(c->n_steps, c->input_size, count);
  for (size_t i = 0; i < c->n_layers && good; i++) {
    size_t states;
    good = srn_size_mul(c->n_steps + 1, c->hidden_sizes[i], &states) && srn_size_add(*count, states, count);
  }
  return good;
}

static float *copy_floats(float **place, const float *values, size_t count)
{
  float *begin = *place;
  memcpy(begin, values, count * sizeof *begin);
  *place += count;
  return begin;
}

static double reach_of(const float *values, size_t count, double reach)
{
  for (size_t i = 0; i < count; i++) {
    reach = isfinite(values[i]) ? fmax(reach, fabs(values[i])) : reach;
  }
  return reach;
}

static void fill(drawing *d, float *place, const specrnn_computation *c, size_t moment)
{
  d->n_steps = c->n_steps;
  d->n_layers = c->n_layers;
  d->input_size = c->input_size;
  d->moment = moment;
  snprintf(d->cell, sizeof d->cell, "%s", c->cell ? c->cell : "tanh");
  d->inputs = copy_floats(&place, c->inputs, c->n_steps * c->input_size);
  d->input_reach = reach_of(d->inputs, c->n_steps * c->input_size, 0.0);
  for (size_t i = 0; i < c->n_layers; i++) {
    size_t size = c->hidden_sizes[i];
    d->hidden_sizes[i] = size;
    d->hidden[i] = copy_floats(&place, c->hidden[i], c->n_steps * size);
    d->hidden_reach = reach_of(d->hidden[i], c->n_steps * size, d->hidden_reach);
    if (c->initial && c->initial[i]) {
      d->initial[i] = copy_floats(&place, c->initial[i], size);
      d->hidden_reach = reach_of(d->initial[i], size, d->hidden_reach);
    }
  }
  d->input_reach = d->input_reach > 0.0 ? d->input_reach : 1.0;
  bool bounded = strcmp(d->cell, "relu") != 0 && d->hidden_reach <= 1.0; /* tanh: the scale is that of the function */
  d->hidden_reach = bounded || d->hidden_reach == 0.0 ? 1.0 : d->hidden_reach;
}

specrnn_status specrnn_figure_set_computation(specrnn_figure *figure, const specrnn_computation *computation,
                                              size_t moment, const specrnn_log *log)
{
  if (!figure || !computation) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a drawing needs a figure and the computation");
  }
  if (figure->n_panels) {
    return srn_fail(log, SPECRNN_ERROR_STATE, "the figure has panels");
  }
  specrnn_status status = check(computation, moment, log);
  if (status) {
    return status;
  }
  size_t floats;
  size_t bytes = 0;
  drawing *d = NULL;
  if (count_floats(computation, &floats) && srn_size_mul(floats, sizeof(float), &bytes) &&
      srn_size_add(bytes, sizeof *d, &bytes)) {
    d = calloc(1, bytes);
  }
  if (!d) {
    return srn_fail_memory(log, bytes);
  }
  fill(d, (float *)(d + 1), computation, moment);
  if (figure->painter.destroy) {
    figure->painter.destroy(figure->painter.what);
  }
  figure->painter = (srn_painter){paint, free, d};
  return SPECRNN_OK;
}
