/* Figures and panels: made, described, destroyed. */
#include "plot/figure.h"

#include <stdlib.h>
#include <string.h>

#include "core/checked.h"
#include "core/log.h"
#include "plot/data.h"

static const char *const THEMES[] = {"light", "dark", NULL};
static const char *const LAYOUTS[] = {"fixed", "tight", NULL};
static const char *const AXIS_KINDS[] = {"index",     "linear",        "log",           "time",
                                         "frequency", "frequency-log", "frequency-mel", NULL};

static const double POINTS_PER_INCH = 72.0;
enum { MAX_KEY = 79 };

#define FIELD(name) offsetof(specrnn_figure_config, name)
static const specrnn_option OPTIONS[] = {
    {"width", SPECRNN_OPTION_DOUBLE, FIELD(width_in), 0.1, 10000, NULL, NULL, 0, "in", "width of the picture"},
    {"height", SPECRNN_OPTION_DOUBLE, FIELD(height_in), 0.1, 10000, NULL, NULL, 0, "in", "height of the picture"},
    {"dpi", SPECRNN_OPTION_DOUBLE, FIELD(dpi), 1, 10000, NULL, NULL, 0, NULL, "pixels per inch"},
    {"font_size", SPECRNN_OPTION_DOUBLE, FIELD(font_size_pt), 1, 200, NULL, NULL, 0, "pt",
     "size of labels; titles are 1.2 times that"},
    {"theme", SPECRNN_OPTION_CHOICE, FIELD(theme), 0, 0, THEMES, NULL, 0, NULL, "colours of paper and ink"},
    {"layout", SPECRNN_OPTION_CHOICE, FIELD(layout), 0, 0, LAYOUTS, NULL, 0, NULL,
     "margins of fixed shares of the picture, or as small as the texts allow"},
    {"axes", SPECRNN_OPTION_BOOL, FIELD(axes), 0, 1, NULL, NULL, 0, NULL, "draw axes, texts and colour bars"},
    {"share_x", SPECRNN_OPTION_BOOL, FIELD(share_x), 0, 1, NULL, NULL, 0, NULL,
     "give panels above each other one x axis"},
};
#undef FIELD
static const specrnn_figure_config DEFAULTS = SPECRNN_FIGURE_CONFIG_INIT;
static const specrnn_option_table TABLE = {"figure", OPTIONS, sizeof OPTIONS / sizeof *OPTIONS,
                                           sizeof(specrnn_figure_config), &DEFAULTS};

const specrnn_option_table *specrnn_figure_options(void)
{
  return &TABLE;
}

const char *const *specrnn_axis_kind_names(void)
{
  return AXIS_KINDS;
}

void *srn_grow(void *items, size_t count, size_t size)
{
  size_t bytes;
  if (!srn_size_mul(count + 1, size, &bytes)) {
    return NULL;
  }
  unsigned char *grown = realloc(items, bytes);
  if (grown) {
    memset(grown + count * size, 0, size);
  }
  return grown;
}

double srn_font_px(const specrnn_figure *figure, double scale)
{
  return figure->config.font_size_pt * scale * figure->point;
}

specrnn_status srn_own_text(const specrnn_figure *figure, const char **text, const specrnn_log *log)
{
  if (!*text) {
    return SPECRNN_OK;
  }
  char *copy = srn_text_copy(*text);
  *text = copy;
  if (!copy) {
    return srn_fail(log, SPECRNN_ERROR_MEMORY, "out of memory (a text)");
  }
  if (srn_text_is_ascii(copy)) {
    return SPECRNN_OK; /* no need to wait for the fonts */
  }
  specrnn_status status = srn_text_ready(figure->plotter, log);
  int missing = status ? 0 : srn_text_missing(figure->plotter, srn_font_px(figure, 1.0), copy);
  if (missing) {
    srn_log(log, SPECRNN_LOG_WARNING, "no installed font has %d of the characters of '%s'", missing, copy);
  }
  if (status) {
    srn_free_text(copy);
    *text = NULL;
  }
  return status;
}

static specrnn_status check_side(const char *name, double inches, double dpi, int *pixels, const specrnn_log *log)
{
  double side = inches * dpi;
  if (side > SPECRNN_PICTURE_MAX_SIDE) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "the picture's %s would be %.0f pixels; at most %d are possible",
                    name, side, SPECRNN_PICTURE_MAX_SIDE);
  }
  *pixels = srn_whole_int(side + 0.5, 1, SPECRNN_PICTURE_MAX_SIDE);
  return SPECRNN_OK;
}

specrnn_status specrnn_figure_create(specrnn_figure **out, specrnn_plotter *plotter,
                                     const specrnn_figure_config *config, const specrnn_log *log)
{
  if (!out || !plotter) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a figure needs a plotter and a place for itself");
  }
  specrnn_figure_config look = config ? *config : DEFAULTS;
  int width = 0;
  int height = 0;
  specrnn_status status = specrnn_option_validate(&TABLE, &look, log);
  status = status ? status : check_side("width", look.width_in, look.dpi, &width, log);
  status = status ? status : check_side("height", look.height_in, look.dpi, &height, log);
  if (status) {
    return status;
  }
  specrnn_figure *figure = calloc(1, sizeof *figure);
  if (!figure) {
    return srn_fail_memory(log, sizeof *figure);
  }
  *figure = (specrnn_figure){
      .plotter = plotter, .config = look, .width = width, .height = height, .point = look.dpi / POINTS_PER_INCH};
  status = srn_own_text(figure, &figure->config.title, log);
  if (status) {
    free(figure);
    return status;
  }
  *out = figure;
  return SPECRNN_OK;
}

void srn_free_text(const char *text)
{
  free((void *)(uintptr_t)text);
}

static void destroy_panel(specrnn_panel *panel)
{
  srn_data_destroy(panel);
  srn_free_text(panel->config.title);
  srn_free_text(panel->config.x.label);
  srn_free_text(panel->config.y.label);
  free(panel);
}

void specrnn_figure_destroy(specrnn_figure **figure)
{
  if (!figure || !*figure) {
    return;
  }
  specrnn_figure *f = *figure;
  for (size_t i = 0; i < f->n_panels; i++) {
    destroy_panel(f->panels[i]);
  }
  for (size_t i = 0; i < f->n_metadata; i++) {
    free(f->metadata[i].key);
    free(f->metadata[i].value);
  }
  if (f->painter.destroy) {
    f->painter.destroy(f->painter.what);
  }
  free(f->panels);
  free(f->metadata);
  srn_free_text(f->config.title);
  free(f);
  *figure = NULL;
}

static bool key_valid(const char *key)
{
  size_t length = strlen(key);
  if (length < 1 || length > MAX_KEY || key[0] == ' ' || key[length - 1] == ' ') {
    return false;
  }
  for (const char *c = key; *c; c++) {
    if (*c < ' ' || *c > '~') {
      return false;
    }
  }
  return true;
}

specrnn_status specrnn_figure_add_metadata(specrnn_figure *figure, const char *key, const char *value,
                                           const specrnn_log *log)
{
  if (!figure || !key || !value || !key_valid(key)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a key of metadata has 1 to %d printable characters of ASCII",
                    MAX_KEY);
  }
  char *own_key = strdup(key);
  char *own_value = srn_text_copy(value);
  srn_metadata *grown = own_key && own_value ? srn_grow(figure->metadata, figure->n_metadata, sizeof *grown) : NULL;
  if (!grown) {
    free(own_key);
    free(own_value);
    return srn_fail_memory(log, strlen(value));
  }
  figure->metadata = grown;
  figure->metadata[figure->n_metadata++] = (srn_metadata){own_key, own_value};
  return SPECRNN_OK;
}

specrnn_status specrnn_figure_set_theme(specrnn_figure *figure, specrnn_theme theme, const specrnn_log *log)
{
  if (!figure || (int)theme < 0 || theme > SPECRNN_THEME_DARK) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a figure has no theme %d", (int)theme);
  }
  figure->config.theme = theme;
  return SPECRNN_OK;
}

/* ----------------------------------------------------------------------------------------------------------- panels */

static specrnn_status check_axis(const char *name, const specrnn_axis *axis, const specrnn_log *log)
{
  if ((int)axis->kind < 0 || axis->kind > SPECRNN_AXIS_FREQUENCY_MEL) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the %s axis has no such kind (%d)", name, (int)axis->kind);
  }
  bool low_given = axis->minimum != -INFINITY;
  bool high_given = axis->maximum != INFINITY;
  if ((low_given && !isfinite(axis->minimum)) || (high_given && !isfinite(axis->maximum)) ||
      !(axis->minimum < axis->maximum)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the %s axis cannot run from %g to %g", name, axis->minimum,
                    axis->maximum);
  }
  if (axis->kind == SPECRNN_AXIS_LOG && low_given && axis->minimum <= 0.0) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the %s axis is logarithmic and cannot begin at %g", name,
                    axis->minimum);
  }
  return SPECRNN_OK;
}

static specrnn_status check_panel(const specrnn_figure *figure, const specrnn_panel_config *config,
                                  const specrnn_log *log)
{
  if (config->row < 0 || config->row >= SPECRNN_FIGURE_MAX_GRID || config->column < 0 ||
      config->column >= SPECRNN_FIGURE_MAX_GRID) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "row %d, column %d: a figure has rows and columns 0 to %d",
                    config->row, config->column, SPECRNN_FIGURE_MAX_GRID - 1);
  }
  if (!(config->weight > 0.0) || !isfinite(config->weight)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the weight of a panel is %g; it must be positive", config->weight);
  }
  specrnn_status status = check_axis("x", &config->x, log);
  status = status ? status : check_axis("y", &config->y, log);
  for (size_t i = 0; i < figure->n_panels && !status; i++) {
    if (figure->panels[i]->config.row == config->row && figure->panels[i]->config.column == config->column) {
      status = srn_fail(log, SPECRNN_ERROR_STATE, "row %d, column %d is taken", config->row, config->column);
    }
  }
  return status;
}

specrnn_status specrnn_figure_add_panel(specrnn_figure *figure, specrnn_panel **out, const specrnn_panel_config *config,
                                        const specrnn_log *log)
{
  static const specrnn_panel_config PANEL_DEFAULTS = SPECRNN_PANEL_CONFIG_INIT;
  if (!figure || !out) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a panel needs a figure and a place for itself");
  }
  if (figure->painter.paint) {
    return srn_fail(log, SPECRNN_ERROR_STATE, "the figure is the drawing of a computation");
  }
  config = config ? config : &PANEL_DEFAULTS;
  specrnn_status status = check_panel(figure, config, log);
  if (status) {
    return status;
  }
  specrnn_panel *panel = calloc(1, sizeof *panel);
  specrnn_panel **grown = panel ? srn_grow(figure->panels, figure->n_panels, sizeof *grown) : NULL;
  if (!grown) {
    free(panel);
    return srn_fail_memory(log, sizeof *panel);
  }
  figure->panels = grown;
  figure->panels[figure->n_panels++] = panel;
  *panel = (specrnn_panel){.figure = figure, .config = *config, .cursor = NAN, .horizon = INFINITY};
  status = srn_own_text(figure, &panel->config.title, log);
  const char **labels[] = {&panel->config.x.label, &panel->config.y.label};
  for (int i = 0; i < 2; i++) {
    if (status) {
      *labels[i] = NULL; /* not ours */
    } else {
      status = srn_own_text(figure, labels[i], log);
    }
  }
  if (status) {
    figure->n_panels--;
    destroy_panel(panel);
    return status;
  }
  *out = panel;
  return SPECRNN_OK;
}
