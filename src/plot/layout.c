/* Where everything of a figure lies: ranges, ticks, and areas that leave room for the texts. */
#include "plot/layout.h"

#include "core/checked.h"
#include "core/log.h"
#include "plot/data.h"

/* Margins and gaps of matplotlib's subplots, in shares of the figure and of the mean panel. */
static const double FIXED_LEFT = 0.125;
static const double FIXED_RIGHT = 0.9;
static const double FIXED_BOTTOM = 0.11;
static const double FIXED_TOP = 0.88;
static const double FIXED_GAP = 0.2;
/* A colour bar takes 15 % of the panel and 5 % before it: in shares of the remaining 80 %. */
static const double BAR_GAP = 0.05 / 0.8;
static const double BAR_BOX = 0.15 / 0.8;
static const double BAR_ASPECT = 20.0;
/* Where texts decide about the margins the gap is no wider than this, in font sizes: a wide panel needs none of 5 %. */
static const double MOST_TIGHT_BAR_GAP = 2.0;
static const double BAR_LEAST_PT = 7.2;
/* tight_layout's distance to the border, in font sizes; and between panels without texts between them. */
static const double TIGHT_PAD = 1.08;
static const double SNUG_PAD = 0.8;
/* One tick label per so many font sizes, along x and along y. */
static const double TICK_ROOM_X = 3.0;
static const double TICK_ROOM_Y = 2.0;
/* Between neighbouring tick labels, in font sizes. */
static const double LABEL_GAP_X = 0.6;
static const double LABEL_GAP_Y = 0.1;
static const double FIRST_GUESS = 0.7; /* share of a panel's cell that its area takes */
/* Sizes that are tried for a label beside an axis. */
static const double SIDE_SCALES[] = {1.0, 0.9, 0.8, 0.7};
enum { SIDE_SCALE_COUNT = sizeof SIDE_SCALES / sizeof *SIDE_SCALES };
/* A panel of less height or width is no picture: in font sizes. */
static const double LEAST_AREA = 1.2;
/* What hangs below the baseline of a title, in its font sizes. */
static const double TITLE_DESCENT = 0.24;
enum { PASSES = 3, LEAST_SIDE_LABEL_PX = 8 };

bool srn_layout_has_axes(const specrnn_panel *panel)
{
  return panel->figure->config.axes && !panel->text;
}

bool srn_layout_has_bar(const specrnn_panel *panel)
{
  return srn_layout_has_axes(panel) && panel->heatmap && panel->heatmap->config.colorbar;
}

const char *srn_layout_label(const specrnn_axis *config, const srn_axis *axis)
{
  return config->label ? config->label : srn_axis_default_label(axis);
}

const char *srn_layout_bar_label(const specrnn_panel *panel)
{
  return panel->figure->is_cramped ? "" : srn_heatmap_bar_label(panel->heatmap);
}

/* Between the area and the colour bar, for a panel of `width`. */
static double bar_gap(const specrnn_figure *figure, double width)
{
  bool tight = figure->config.layout == SPECRNN_LAYOUT_TIGHT;
  return fmin(BAR_GAP * width, tight ? MOST_TIGHT_BAR_GAP * srn_font_px(figure, 1.0) : INFINITY);
}

double srn_layout_title_gap(const specrnn_panel *panel)
{
  const specrnn_figure *figure = panel->figure;
  double gap = SRN_TITLE_PAD_PT * figure->point;
  if (panel->config.title && srn_layout_has_bar(panel)) {
    srn_text_style style = {.size_px = srn_font_px(figure, SRN_TITLE_SCALE)};
    double beyond = srn_text_measure(figure->plotter, &style, panel->config.title).width - panel->area.width;
    gap += beyond > 2.0 * bar_gap(figure, panel->area.width) ? TITLE_DESCENT * style.size_px : 0.0;
  }
  return gap;
}

srn_text_style srn_layout_side_label(const specrnn_figure *figure, double length_px, const char *label)
{
  srn_text_style style = {.vertical = true, .width_px = fmax(length_px, LEAST_SIDE_LABEL_PX), .lines = 2};
  for (int i = 0; i < SIDE_SCALE_COUNT; i++) {
    style.size_px = srn_font_px(figure, SIDE_SCALES[i]);
    if (srn_text_fits(figure->plotter, &style, label)) {
      break;
    }
  }
  return style;
}

/* ----------------------------------------------------------------------------------------------------------- ranges */

static void set_range(srn_axis *axis, const specrnn_axis *config, srn_range data)
{
  bool logarithmic = config->kind == SPECRNN_AXIS_LOG;
  double low = config->minimum != -INFINITY ? config->minimum : data.low <= data.high ? data.low : 0.0;
  double high = config->maximum != INFINITY ? config->maximum : data.low <= data.high ? data.high : 1.0;
  if (logarithmic && low <= 0.0) {
    low = high > 0.0 ? high / 10.0 : 0.1;
  }
  if (!(low < high)) { /* a single point, or a given end beyond the data */
    bool low_given = config->minimum != -INFINITY;
    double middle = low_given ? low : high;
    double room = middle == 0.0 ? 0.5 : 0.05 * fabs(middle);
    low = low_given ? middle : logarithmic ? middle / 2.0 : middle - room;
    high = logarithmic ? middle * 2.0 : middle + room;
  }
  *axis = (srn_axis){.kind = config->kind, .low = low, .high = high};
}

/* Panels of one column share their x axes where both are times or both are indices. */
static bool shares_x(const specrnn_panel *a, const specrnn_panel *b)
{
  specrnn_axis_kind kind = a->config.x.kind;
  return a->figure->config.share_x && !a->text && !b->text && a->config.column == b->config.column &&
         kind == b->config.x.kind && (kind == SPECRNN_AXIS_TIME || kind == SPECRNN_AXIS_INDEX);
}

static void find_shared_x(specrnn_figure *figure, specrnn_panel *panel)
{
  specrnn_axis config = panel->config.x;
  srn_range range = {INFINITY, -INFINITY};
  double low = INFINITY;
  double high = -INFINITY;
  panel->x_labels = true;
  for (size_t i = 0; i < figure->n_panels; i++) {
    const specrnn_panel *other = figure->panels[i];
    if (other != panel && !shares_x(panel, other)) {
      continue;
    }
    srn_range data = srn_data_range(other, true);
    range.low = fmin(range.low, data.low);
    range.high = fmax(range.high, data.high);
    low = other->config.x.minimum != -INFINITY ? fmin(low, other->config.x.minimum) : low;
    high = other->config.x.maximum != INFINITY ? fmax(high, other->config.x.maximum) : high;
    panel->x_labels &= other->config.row <= panel->config.row;
  }
  config.minimum = low != INFINITY ? low : -INFINITY;
  config.maximum = high != -INFINITY ? high : INFINITY;
  set_range(&panel->x, &config, range);
}

static specrnn_status find_ranges(specrnn_figure *figure, const specrnn_log *log)
{
  for (size_t i = 0; i < figure->n_panels; i++) {
    specrnn_panel *panel = figure->panels[i];
    if (panel->heatmap && panel->heatmap->pool->n_rows == 0) {
      return srn_fail(log, SPECRNN_ERROR_EMPTY, "the heat map in row %d, column %d has no rows", panel->config.row,
                      panel->config.column);
    }
    if (panel->waveform && panel->waveform->highest->n_rows == 0) {
      return srn_fail(log, SPECRNN_ERROR_EMPTY, "the waveform in row %d, column %d has no samples", panel->config.row,
                      panel->config.column);
    }
    find_shared_x(figure, panel);
    set_range(&panel->y, &panel->config.y, srn_data_range(panel, false));
    if (panel->heatmap) {
      specrnn_status status = srn_heatmap_find_colors(panel->heatmap, log);
      if (status) {
        return status;
      }
      panel->bar = (srn_axis){.kind = SPECRNN_AXIS_LINEAR,
                              .low = panel->heatmap->vmin,
                              .high = panel->heatmap->vmax,
                              .format = panel->heatmap->config.colorbar_format};
    }
  }
  return SPECRNN_OK;
}

/* ------------------------------------------------------------------------------------------------------------ ticks */

/* Room that label `i` takes along the axis. */
static double label_size(const specrnn_figure *figure, const srn_axis *axis, bool horizontal, size_t i)
{
  double font = srn_font_px(figure, 1.0);
  return horizontal ? srn_text_label_width(figure->plotter, font, axis->ticks[i].label) + LABEL_GAP_X * font
                    : font * (1.0 + LABEL_GAP_Y);
}

static bool labels_meet(const specrnn_figure *figure, const srn_axis *axis, bool horizontal, double length, size_t a,
                        size_t b)
{
  double distance = fabs(srn_axis_place(axis, axis->ticks[b].value) - srn_axis_place(axis, axis->ticks[a].value));
  double sizes = label_size(figure, axis, horizontal, a) + label_size(figure, axis, horizontal, b);
  return distance * length < sizes / 2.0;
}

static bool any_labels_meet(const specrnn_figure *figure, const srn_axis *axis, bool horizontal, double length)
{
  for (size_t i = 1; i < axis->n_ticks; i++) {
    if (labels_meet(figure, axis, horizontal, length, i - 1, i)) {
      return true;
    }
  }
  return false;
}

/* What no smaller number of ticks could solve: labels that would lie on the last one kept are left out. */
static void drop_meeting_labels(const specrnn_figure *figure, srn_axis *axis, bool horizontal, double length)
{
  size_t kept = 0;
  for (size_t i = 1; i < axis->n_ticks; i++) {
    if (labels_meet(figure, axis, horizontal, length, kept, i)) {
      axis->ticks[i].label[0] = '\0';
    } else {
      kept = i;
    }
  }
}

static void find_ticks(const specrnn_figure *figure, srn_axis *axis, bool horizontal, double length)
{
  double room = (horizontal ? TICK_ROOM_X : TICK_ROOM_Y) * srn_font_px(figure, 1.0);
  int n_intervals = srn_whole_int(length / room, 1, SRN_MAX_INTERVALS);
  srn_axis_find_ticks(axis, n_intervals);
  while (n_intervals > 1 && any_labels_meet(figure, axis, horizontal, length)) {
    srn_axis_find_ticks(axis, --n_intervals);
  }
  drop_meeting_labels(figure, axis, horizontal, length);
}

static void find_panel_ticks(specrnn_panel *panel)
{
  if (!srn_layout_has_axes(panel)) {
    return;
  }
  find_ticks(panel->figure, &panel->x, true, panel->area.width);
  find_ticks(panel->figure, &panel->y, false, panel->area.height);
  if (srn_layout_has_bar(panel) && !panel->heatmap->empty) {
    find_ticks(panel->figure, &panel->bar, false, panel->area.height);
  }
}

/* ------------------------------------------------------------------------------- what texts need around the areas */

static double widest_label(const specrnn_figure *figure, const srn_axis *axis)
{
  double widest = 0.0;
  for (size_t i = 0; i < axis->n_ticks; i++) {
    widest = fmax(widest, srn_text_label_width(figure->plotter, srn_font_px(figure, 1.0), axis->ticks[i].label));
  }
  return widest;
}

/* Tick marks, their labels, and the label of the axis beside them. */
static double side_reach(const specrnn_figure *figure, double tick_width, const char *label, double length)
{
  double reach = (SRN_TICK_LENGTH_PT + SRN_TICK_PAD_PT) * figure->point + tick_width;
  if (*label) {
    srn_text_style style = srn_layout_side_label(figure, length, label);
    reach += SRN_LABEL_PAD_PT * figure->point + srn_text_measure(figure->plotter, &style, label).height;
  }
  return reach;
}

static double bottom_reach(const specrnn_panel *panel)
{
  const specrnn_figure *figure = panel->figure;
  double reach = SRN_TICK_LENGTH_PT * figure->point;
  if (!panel->x_labels) {
    return reach;
  }
  reach += SRN_TICK_PAD_PT * figure->point + srn_font_px(figure, 1.0);
  if (*srn_layout_label(&panel->config.x, &panel->x)) {
    reach += SRN_LABEL_PAD_PT * figure->point + srn_font_px(figure, 1.0);
  }
  return reach;
}

/* How far the last label of the x axis stands over the right edge. */
static double right_overhang(const specrnn_panel *panel)
{
  const specrnn_figure *figure = panel->figure;
  double overhang = 0.0;
  for (size_t i = 0; i < panel->x.n_ticks && panel->x_labels; i++) {
    double width = srn_text_label_width(figure->plotter, srn_font_px(figure, 1.0), panel->x.ticks[i].label);
    double right = (srn_axis_place(&panel->x, panel->x.ticks[i].value) - 1.0) * panel->area.width;
    overhang = fmax(overhang, right + width / 2.0);
  }
  return overhang;
}

static void find_reaches(specrnn_panel *panel)
{
  const specrnn_figure *figure = panel->figure;
  panel->reach_top = 0.0;
  if (panel->config.title && *panel->config.title) {
    panel->reach_top = srn_layout_title_gap(panel) + srn_font_px(figure, SRN_TITLE_SCALE);
  }
  panel->reach_left = panel->reach_right = panel->reach_bottom = 0.0;
  if (!srn_layout_has_axes(panel)) {
    return;
  }
  panel->reach_left =
      side_reach(figure, panel->tick_width, srn_layout_label(&panel->config.y, &panel->y), panel->area.height);
  panel->reach_bottom = bottom_reach(panel);
  panel->reach_right = right_overhang(panel);
  if (srn_layout_has_bar(panel)) {
    panel->reach_right = side_reach(figure, panel->bar_tick_width, srn_layout_bar_label(panel), panel->area.height);
  }
  panel->reach_top = fmax(panel->reach_top, srn_font_px(figure, 0.5)); /* half a label at the upper end */
}

/* ------------------------------------------------------------------------------------------------------------ areas */

/* One row or column of the grid. */
typedef struct track {
  bool used, bar;
  double before, after; /* what texts need beside it */
  double weight, tallest;
  double begin, size; /* found */
} track;

typedef struct grid {
  int n_rows, n_columns;
  track rows[SPECRNN_FIGURE_MAX_GRID];
  track columns[SPECRNN_FIGURE_MAX_GRID];
} grid;

static void collect(const specrnn_figure *figure, grid *g)
{
  *g = (grid){0};
  for (size_t i = 0; i < figure->n_panels; i++) {
    const specrnn_panel *panel = figure->panels[i];
    track *row = &g->rows[panel->config.row];
    track *column = &g->columns[panel->config.column];
    g->n_rows = panel->config.row >= g->n_rows ? panel->config.row + 1 : g->n_rows;
    g->n_columns = panel->config.column >= g->n_columns ? panel->config.column + 1 : g->n_columns;
    row->used = column->used = true;
    row->weight = fmax(row->weight, panel->config.weight);
    row->before = fmax(row->before, panel->reach_top);
    row->after = fmax(row->after, panel->reach_bottom);
    column->weight = 1.0;
    column->before = fmax(column->before, panel->reach_left);
    column->after = fmax(column->after, panel->reach_right);
    column->bar |= srn_layout_has_bar(panel);
    column->tallest = fmax(column->tallest, panel->area.height);
  }
}

static double bar_width(const specrnn_figure *figure, const track *column)
{
  double width = fmax(column->tallest / BAR_ASPECT, BAR_LEAST_PT * figure->point);
  return round(fmin(width, BAR_BOX * column->size));
}

/* Spreads tracks over `length` pixels. `shares[i]`, `fixed[i]`: what follows track i's own size, as a share of it and
 * in pixels; `lead` is what precedes the first one. False where one in use has fewer than `least` pixels. */
static bool spread(track *tracks, int count, double length, double lead, const double *shares, const double *fixed,
                   double least)
{
  double weights = 0.0;
  double pixels = lead;
  for (int i = 0; i < count; i++) {
    weights += tracks[i].weight * (1.0 + shares[i]);
    pixels += fixed[i];
  }
  double unit = (length - pixels) / weights;
  double place = lead;
  for (int i = 0; i < count; i++) {
    double size = unit * tracks[i].weight;
    tracks[i].begin = round(place);
    tracks[i].size = round(size); /* not rounded by its end: equal weights give equal sizes */
    place += size * (1.0 + shares[i]) + fixed[i];
    if (tracks[i].used && tracks[i].size < least) {
      return false;
    }
  }
  return true;
}

/* Sizes of the pass before stand for what depends on the sizes to be found. */
static bool spread_columns(const specrnn_figure *figure, grid *g)
{
  bool tight = figure->config.layout == SPECRNN_LAYOUT_TIGHT;
  double pad = TIGHT_PAD * srn_font_px(figure, 1.0);
  double shares[SPECRNN_FIGURE_MAX_GRID] = {0};
  double fixed[SPECRNN_FIGURE_MAX_GRID] = {0};
  for (int i = 0; i < g->n_columns; i++) {
    const track *column = &g->columns[i];
    bool last = i == g->n_columns - 1;
    double next = last ? 0.0 : g->columns[i + 1].before;
    double own = column->bar ? bar_width(figure, column) + column->after : column->after;
    if (!column->used) {
      continue;
    }
    if (tight) {
      fixed[i] = own + (column->bar ? bar_gap(figure, column->size) : 0.0) + pad + next;
      continue;
    }
    shares[i] = column->bar ? BAR_GAP + BAR_BOX : 0.0;
    double over = own - (column->bar ? BAR_BOX * column->size : 0.0); /* beyond the cell */
    double wanted = last ? (1.0 - FIXED_RIGHT) * figure->width : FIXED_GAP * column->size * (1.0 + shares[i]);
    fixed[i] = fmax(wanted, over + pad + next);
  }
  double lead = g->columns[0].before + pad;
  if (!tight) {
    lead = fmax(lead, FIXED_LEFT * figure->width);
  }
  return spread(g->columns, g->n_columns, figure->width, lead, shares, fixed, LEAST_AREA * srn_font_px(figure, 1.0));
}

static bool spread_rows(const specrnn_figure *figure, grid *g)
{
  bool tight = figure->config.layout == SPECRNN_LAYOUT_TIGHT;
  double font = srn_font_px(figure, 1.0);
  double pad = TIGHT_PAD * font;
  double shares[SPECRNN_FIGURE_MAX_GRID] = {0};
  double fixed[SPECRNN_FIGURE_MAX_GRID] = {0};
  for (int i = 0; i < g->n_rows; i++) {
    const track *row = &g->rows[i];
    bool last = i == g->n_rows - 1;
    double needed = row->after + (last ? pad : g->rows[i + 1].before + SNUG_PAD * font);
    double wanted = last ? FIXED_BOTTOM * figure->height : FIXED_GAP * row->size;
    fixed[i] = !row->used ? 0.0 : tight ? needed : fmax(wanted, needed);
  }
  double lead = pad + g->rows[0].before;
  if (figure->config.title && *figure->config.title) {
    lead += srn_font_px(figure, SRN_TITLE_SCALE) + SNUG_PAD * font;
  }
  if (!tight) {
    lead = fmax(lead, (1.0 - FIXED_TOP) * figure->height);
  }
  return spread(g->rows, g->n_rows, figure->height, lead, shares, fixed, LEAST_AREA * font);
}

/* Side labels of a column stand in one line, beside its widest tick labels. */
static void align_labels(specrnn_figure *figure)
{
  for (size_t i = 0; i < figure->n_panels; i++) {
    specrnn_panel *panel = figure->panels[i];
    panel->tick_width = panel->bar_tick_width = 0.0;
    for (size_t k = 0; k < figure->n_panels; k++) {
      const specrnn_panel *other = figure->panels[k];
      if (other->config.column != panel->config.column || !srn_layout_has_axes(other)) {
        continue;
      }
      panel->tick_width = fmax(panel->tick_width, widest_label(figure, &other->y));
      if (srn_layout_has_bar(other)) {
        panel->bar_tick_width = fmax(panel->bar_tick_width, widest_label(figure, &other->bar));
      }
    }
  }
}

static int pixels(double length)
{
  return srn_whole_int(length, 0, SPECRNN_PICTURE_MAX_SIDE);
}

static void place_panels(specrnn_figure *figure, const grid *g)
{
  for (size_t i = 0; i < figure->n_panels; i++) {
    specrnn_panel *panel = figure->panels[i];
    const track *row = &g->rows[panel->config.row];
    const track *column = &g->columns[panel->config.column];
    panel->area = (srn_box){pixels(column->begin), pixels(row->begin), pixels(column->size), pixels(row->size)};
    panel->bar_area = panel->area;
    panel->bar_area.x += panel->area.width + pixels(round(bar_gap(figure, column->size)));
    panel->bar_area.width = pixels(bar_width(figure, column));
  }
}

/* Without axes the data fill the picture. */
static bool spread_bare(const specrnn_figure *figure, grid *g)
{
  static const double NOTHING[SPECRNN_FIGURE_MAX_GRID] = {0};
  for (int i = 0; i < g->n_columns; i++) {
    g->columns[i].used = false; /* one pixel is enough */
  }
  for (int i = 0; i < g->n_rows; i++) {
    g->rows[i].used = false;
  }
  return spread(g->columns, g->n_columns, figure->width, 0.0, NOTHING, NOTHING, 1.0) &&
         spread(g->rows, g->n_rows, figure->height, 0.0, NOTHING, NOTHING, 1.0);
}

static void guess_areas(specrnn_figure *figure, const grid *g)
{
  for (size_t i = 0; i < figure->n_panels; i++) {
    srn_box *area = &figure->panels[i]->area;
    area->width = pixels(FIRST_GUESS * figure->width / g->n_columns);
    area->height = pixels(FIRST_GUESS * figure->height / g->n_rows);
  }
}

/* Whether the texts leave room for the data. What room they take hangs on the areas, and these on them. */
static bool arrange(specrnn_figure *figure, grid *g)
{
  guess_areas(figure, g);
  for (int pass = 0; pass < PASSES; pass++) {
    for (size_t i = 0; i < figure->n_panels; i++) {
      find_panel_ticks(figure->panels[i]);
    }
    align_labels(figure);
    for (size_t i = 0; i < figure->n_panels; i++) {
      find_reaches(figure->panels[i]);
    }
    collect(figure, g);
    for (size_t i = 0; i < figure->n_panels; i++) {
      g->columns[figure->panels[i]->config.column].size = figure->panels[i]->area.width;
      g->rows[figure->panels[i]->config.row].size = figure->panels[i]->area.height;
    }
    if (!spread_columns(figure, g) || !spread_rows(figure, g)) {
      return false;
    }
    place_panels(figure, g);
  }
  return true;
}

specrnn_status srn_layout(specrnn_figure *figure, const specrnn_log *log)
{
  specrnn_status status = srn_text_ready(figure->plotter, log);
  if (status || figure->painter.paint) {
    return status; /* a painter knows its own places */
  }
  if (!figure->n_panels) {
    return srn_fail(log, SPECRNN_ERROR_EMPTY, "the figure has no panels");
  }
  status = find_ranges(figure, log);
  if (status) {
    return status;
  }
  grid g;
  collect(figure, &g);
  if (!figure->config.axes) {
    guess_areas(figure, &g);
    spread_bare(figure, &g);
    place_panels(figure, &g);
    return SPECRNN_OK;
  }
  figure->is_cramped = false;
  if (arrange(figure, &g)) {
    return SPECRNN_OK;
  }
  figure->is_cramped = true;
  if (arrange(figure, &g)) {
    return SPECRNN_OK;
  }
  return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED,
                  "a picture of %d x %d pixels has no room for %zu panel%s and %s texts: make it larger%s",
                  figure->width, figure->height, figure->n_panels, figure->n_panels == 1 ? "" : "s",
                  figure->n_panels == 1 ? "its" : "their", figure->n_panels == 1 ? ", or leave out the axes" : "");
}
