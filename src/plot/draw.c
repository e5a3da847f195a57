/* Drawing a figure: paper, spines, ticks, texts and colour bars. */
#include "plot/draw.h"

#include "core/checked.h"
#include "core/log.h"
#include "plot/layout.h"

/* A title too long for its panel is written smaller, down to this, and then shortened. */
static const double LEAST_TITLE_SCALE = 0.75;
static const double TITLE_SCALE_STEP = 0.03;
/* cairo counts in 24 bits before the point. */
static const double FARTHEST_PX = 4e6;
/* Marks without labels are this far apart on the average, or none is drawn. */
static const double MINOR_ROOM_PT = 2.5;
/* Height of the pointed ends of a colour bar, at most. */
static const double BAR_POINT_PT = 5.0;
enum { MAX_MINOR_TICKS = 256 };

void srn_set_color(cairo_t *cairo, srn_color color)
{
  cairo_set_source_rgb(cairo, color.red / 255.0, color.green / 255.0, color.blue / 255.0);
}

void srn_fill_box(cairo_t *cairo, double x, double y, double width, double height)
{
  cairo_rectangle(cairo, x, y, width, height);
  cairo_fill(cairo);
}

int srn_line_px(const specrnn_figure *figure, double points)
{
  return srn_whole_int(round(points * figure->point), 1, SPECRNN_PICTURE_MAX_SIDE);
}

/* Also what is far outside, or no number, gets a place that cairo can hold. */
static double within_reach(double px)
{
  return fmin(fmax(px, -FARTHEST_PX), FARTHEST_PX);
}

double srn_x_px(const specrnn_panel *panel, double value)
{
  return within_reach(panel->area.x + srn_axis_place(&panel->x, value) * panel->area.width);
}

double srn_y_px(const specrnn_panel *panel, double value)
{
  return within_reach(panel->area.y + (1.0 - srn_axis_place(&panel->y, value)) * panel->area.height);
}

/* Lines around a box, outside of it, so that no data are covered. */
static void draw_frame(cairo_t *cairo, srn_box box, int line)
{
  srn_fill_box(cairo, box.x - line, box.y - line, box.width + 2 * line, line);
  srn_fill_box(cairo, box.x - line, box.y + box.height, box.width + 2 * line, line);
  srn_fill_box(cairo, box.x - line, box.y, line, box.height);
  srn_fill_box(cairo, box.x + box.width, box.y, line, box.height);
}

/* ------------------------------------------------------------------------------------------------------------ ticks */

/* As many marks without labels as leave room between them, along `length` pixels. */
static size_t find_minor_ticks(const specrnn_figure *figure, const srn_axis *axis, double length, double *values)
{
  size_t capacity = (size_t)srn_whole(length / (MINOR_ROOM_PT * figure->point), 0, MAX_MINOR_TICKS);
  return srn_axis_minor_ticks(axis, values, capacity);
}

static void draw_x_minor_ticks(const specrnn_panel *panel, cairo_t *cairo, double bottom)
{
  const specrnn_figure *figure = panel->figure;
  double values[MAX_MINOR_TICKS];
  int line = srn_line_px(figure, SRN_MINOR_LINE_PT);
  size_t count = find_minor_ticks(figure, &panel->x, panel->area.width, values);
  for (size_t i = 0; i < count; i++) {
    srn_fill_box(cairo, round(srn_x_px(panel, values[i]) - line / 2.0), bottom, line,
                 round(SRN_MINOR_TICK_LENGTH_PT * figure->point));
  }
}

static void draw_x_ticks(const specrnn_panel *panel, cairo_t *cairo)
{
  const specrnn_figure *figure = panel->figure;
  int line = srn_line_px(figure, SRN_LINE_PT);
  double length = round(SRN_TICK_LENGTH_PT * figure->point);
  double bottom = panel->area.y + panel->area.height + line;
  srn_text_style style = {.size_px = srn_font_px(figure, 1.0), .across = SRN_MIDDLE, .along = SRN_START};
  draw_x_minor_ticks(panel, cairo, bottom);
  for (size_t i = 0; i < panel->x.n_ticks; i++) {
    double x = srn_x_px(panel, panel->x.ticks[i].value);
    srn_fill_box(cairo, round(x - line / 2.0), bottom, line, length);
    if (panel->x_labels) {
      srn_text_draw(cairo, figure->plotter, &style, x, bottom + length + SRN_TICK_PAD_PT * figure->point,
                    panel->x.ticks[i].label);
    }
  }
}

static void draw_side_minor_ticks(const specrnn_figure *figure, const srn_axis *axis, srn_box area, cairo_t *cairo,
                                  double edge, int direction)
{
  double values[MAX_MINOR_TICKS];
  int line = srn_line_px(figure, SRN_MINOR_LINE_PT);
  double length = round(SRN_MINOR_TICK_LENGTH_PT * figure->point);
  size_t count = find_minor_ticks(figure, axis, area.height, values);
  for (size_t i = 0; i < count; i++) {
    double y = area.y + (1.0 - srn_axis_place(axis, values[i])) * area.height;
    srn_fill_box(cairo, direction < 0 ? edge - length : edge, round(y - line / 2.0), length, line);
  }
}

/* Ticks of a vertical axis to the left (direction -1) or the right (1) of `edge`. */
static void draw_side_ticks(const specrnn_figure *figure, const srn_axis *axis, srn_box area, cairo_t *cairo,
                            double edge, int direction)
{
  int line = srn_line_px(figure, SRN_LINE_PT);
  double length = round(SRN_TICK_LENGTH_PT * figure->point);
  double text_x = edge + direction * (length + SRN_TICK_PAD_PT * figure->point);
  srn_text_style style = {
      .size_px = srn_font_px(figure, 1.0), .across = direction < 0 ? SRN_END : SRN_START, .along = SRN_MIDDLE};
  draw_side_minor_ticks(figure, axis, area, cairo, edge, direction);
  for (size_t i = 0; i < axis->n_ticks; i++) {
    double y = area.y + (1.0 - srn_axis_place(axis, axis->ticks[i].value)) * area.height;
    srn_fill_box(cairo, direction < 0 ? edge - length : edge, round(y - line / 2.0), length, line);
    srn_text_draw(cairo, figure->plotter, &style, text_x, y, axis->ticks[i].label);
  }
}

/* ----------------------------------------------------------------------------------------------------------- labels */

/* The label of a vertical axis; `far` is where its tick labels end. */
static void draw_side_label(const specrnn_figure *figure, srn_box area, cairo_t *cairo, double far, int direction,
                            const char *label)
{
  srn_text_style style = srn_layout_side_label(figure, area.height, label);
  style.across = SRN_MIDDLE;
  style.along = SRN_START; /* upward text: its top faces left */
  double height = srn_text_measure(figure->plotter, &style, label).height;
  double left = far + direction * SRN_LABEL_PAD_PT * figure->point - (direction < 0 ? height : 0.0);
  srn_text_draw(cairo, figure->plotter, &style, left, area.y + area.height / 2.0, label);
}

/* How wide a text centred on the panel may be: half way to its neighbours, or to the border of the figure. */
static double room_around(const specrnn_panel *panel)
{
  const specrnn_figure *figure = panel->figure;
  double middle = panel->area.x + panel->area.width / 2.0;
  double left = 0.0;
  double right = figure->width;
  for (size_t i = 0; i < figure->n_panels; i++) {
    const srn_box *other = &figure->panels[i]->area;
    if (other->x + other->width < panel->area.x) {
      left = fmax(left, (other->x + other->width + panel->area.x) / 2.0);
    } else if (other->x > panel->area.x + panel->area.width) {
      right = fmin(right, (other->x + panel->area.x + panel->area.width) / 2.0);
    }
  }
  return fmax(2.0 * (fmin(middle - left, right - middle) - srn_font_px(figure, 0.5)), srn_font_px(figure, 1.0));
}

static void draw_axis_labels(const specrnn_panel *panel, cairo_t *cairo)
{
  const specrnn_figure *figure = panel->figure;
  double ticks = (SRN_TICK_LENGTH_PT + SRN_TICK_PAD_PT) * figure->point;
  double far = panel->area.x - srn_line_px(figure, SRN_LINE_PT) - ticks - panel->tick_width;
  draw_side_label(figure, panel->area, cairo, far, -1, srn_layout_label(&panel->config.y, &panel->y));
  if (!panel->x_labels) {
    return;
  }
  srn_text_style style = {
      .size_px = srn_font_px(figure, 1.0), .width_px = room_around(panel), .across = SRN_MIDDLE, .along = SRN_START};
  double y = panel->area.y + panel->area.height + ticks + style.size_px + SRN_LABEL_PAD_PT * figure->point;
  srn_text_draw(cairo, figure->plotter, &style, panel->area.x + panel->area.width / 2.0, y,
                srn_layout_label(&panel->config.x, &panel->x));
}

/* Centred on `middle` with its baseline at `y`, within the figure: smaller, then shortened. */
static void draw_title(const specrnn_figure *figure, cairo_t *cairo, double middle, double y, double width,
                       const char *title)
{
  if (!title) {
    return;
  }
  srn_text_style style = {.size_px = srn_font_px(figure, SRN_TITLE_SCALE), .across = SRN_MIDDLE, .along = SRN_END};
  double natural = srn_text_measure(figure->plotter, &style, title).width;
  if (natural > width) {
    double full_px = style.size_px;
    style.width_px = width;
    double scale = fmax(LEAST_TITLE_SCALE, width / natural);
    do { /* letters take whole pixels, so that the width does not shrink as the size does */
      style.size_px = full_px * fmax(LEAST_TITLE_SCALE, scale);
      scale -= TITLE_SCALE_STEP;
    } while (!srn_text_fits(figure->plotter, &style, title) && scale > LEAST_TITLE_SCALE - TITLE_SCALE_STEP);
  }
  srn_text_draw(cairo, figure->plotter, &style, middle, y, title);
}

static void draw_panel_title(const specrnn_panel *panel, cairo_t *cairo)
{
  double middle = panel->area.x + panel->area.width / 2.0;
  double baseline = panel->area.y - srn_layout_title_gap(panel);
  draw_title(panel->figure, cairo, middle, baseline, room_around(panel), panel->config.title);
}

/* ------------------------------------------------------------------------------------------------------- colour bar */

/* What lies beyond the range of colours: a point at the end of the bar. `edge` is the frame's outer border, and
 * direction -1 above it, 1 below. */
static void draw_bar_point(const specrnn_figure *figure, srn_box bar, cairo_t *cairo, double edge, int direction,
                           srn_color color)
{
  int line = srn_line_px(figure, SRN_LINE_PT);
  double height = round(fmin(bar.width / 2.0, BAR_POINT_PT * figure->point));
  cairo_move_to(cairo, bar.x - line / 2.0, edge);
  cairo_line_to(cairo, bar.x + bar.width / 2.0, edge + direction * height);
  cairo_line_to(cairo, bar.x + bar.width + line / 2.0, edge);
  cairo_close_path(cairo);
  srn_set_color(cairo, color);
  cairo_fill_preserve(cairo);
  srn_set_color(cairo, srn_theme_get(figure->config.theme)->ink);
  cairo_set_line_width(cairo, line);
  cairo_set_line_join(cairo, CAIRO_LINE_JOIN_MITER);
  cairo_stroke(cairo);
}

static void draw_bar_points(const specrnn_panel *panel, cairo_t *cairo)
{
  const srn_heatmap *heatmap = panel->heatmap;
  const specrnn_colormap_info *map = specrnn_colormap_get((int)heatmap->config.colormap);
  const uint8_t *first = map->rgb[heatmap->config.reverse_colors ? SPECRNN_COLORMAP_SIZE - 1 : 0];
  const uint8_t *last = map->rgb[heatmap->config.reverse_colors ? 0 : SPECRNN_COLORMAP_SIZE - 1];
  srn_box bar = panel->bar_area;
  double half = srn_line_px(panel->figure, SRN_LINE_PT) / 2.0;
  if (heatmap->above) {
    draw_bar_point(panel->figure, bar, cairo, bar.y - half, -1, (srn_color){last[0], last[1], last[2]});
  }
  if (heatmap->below) {
    draw_bar_point(panel->figure, bar, cairo, bar.y + bar.height + half, 1, (srn_color){first[0], first[1], first[2]});
  }
}

/* The colour of a row of pixels, 0 the topmost. */
static int color_of_row(srn_box bar, int y)
{
  return srn_whole_int((double)(bar.height - 1 - y) / bar.height * SPECRNN_COLORMAP_SIZE, 0, SPECRNN_COLORMAP_SIZE - 1);
}

static void draw_bar(const specrnn_panel *panel, cairo_t *cairo)
{
  const specrnn_figure *figure = panel->figure;
  const srn_heatmap *heatmap = panel->heatmap;
  const specrnn_colormap_info *map = specrnn_colormap_get((int)heatmap->config.colormap);
  srn_box bar = panel->bar_area;
  for (int y = 0; y < bar.height;) {
    int place = color_of_row(bar, y);
    int end = y + 1; /* rows of one colour at once */
    while (end < bar.height && color_of_row(bar, end) == place) {
      end++;
    }
    const uint8_t *rgb = map->rgb[heatmap->config.reverse_colors ? SPECRNN_COLORMAP_SIZE - 1 - place : place];
    srn_set_color(cairo, (srn_color){rgb[0], rgb[1], rgb[2]});
    srn_fill_box(cairo, bar.x, bar.y + y, bar.width, bar.height - y); /* to the end: no seams where it is scaled */
    y = end;
  }
  int line = srn_line_px(figure, SRN_LINE_PT);
  double edge = bar.x + bar.width + line;
  draw_bar_points(panel, cairo);
  srn_set_color(cairo, srn_theme_get(figure->config.theme)->ink);
  draw_frame(cairo, bar, line);
  draw_side_ticks(figure, &panel->bar, bar, cairo, edge, 1);
  const char *label = srn_layout_bar_label(panel);
  if (*label) {
    double far = edge + (SRN_TICK_LENGTH_PT + SRN_TICK_PAD_PT) * figure->point + panel->bar_tick_width;
    draw_side_label(figure, bar, cairo, far, 1, label);
  }
}

/* ---------------------------------------------------------------------------------------------------------- figure */

static specrnn_status draw_panel(specrnn_panel *panel, const srn_canvas *canvas, const specrnn_log *log)
{
  const specrnn_figure *figure = panel->figure;
  const srn_theme *theme = srn_theme_get(figure->config.theme);
  cairo_t *cairo = canvas->cairo;
  if (srn_layout_has_axes(panel)) {
    srn_set_color(cairo, theme->ground);
    srn_fill_box(cairo, panel->area.x, panel->area.y, panel->area.width, panel->area.height);
  }
  specrnn_status status = srn_draw_data(panel, canvas, log);
  if (status || !figure->config.axes) {
    return status;
  }
  srn_set_color(cairo, theme->ink);
  draw_panel_title(panel, cairo);
  if (panel->text) {
    return SPECRNN_OK;
  }
  int line = srn_line_px(figure, SRN_LINE_PT);
  draw_frame(cairo, panel->area, line);
  draw_x_ticks(panel, cairo);
  draw_side_ticks(figure, &panel->y, panel->area, cairo, panel->area.x - line, -1);
  draw_axis_labels(panel, cairo);
  if (srn_layout_has_bar(panel)) {
    draw_bar(panel, cairo);
  }
  return SPECRNN_OK;
}

specrnn_status srn_draw_figure(specrnn_figure *figure, const srn_canvas *canvas, const specrnn_log *log)
{
  const srn_theme *theme = srn_theme_get(figure->config.theme);
  cairo_t *cairo = canvas->cairo;
  srn_set_color(cairo, figure->config.axes ? theme->paper : theme->ground);
  cairo_paint(cairo);
  if (figure->painter.paint) {
    return figure->painter.paint(figure, cairo, figure->painter.what, log);
  }
  specrnn_status status = SPECRNN_OK;
  for (size_t i = 0; i < figure->n_panels && !status; i++) {
    status = draw_panel(figure->panels[i], canvas, log);
  }
  if (!status && figure->config.axes) {
    srn_set_color(cairo, theme->ink);
    double font = srn_font_px(figure, 1.0);
    draw_title(figure, cairo, figure->width / 2.0, font + srn_font_px(figure, SRN_TITLE_SCALE),
               figure->width - 2.0 * font, figure->config.title);
  }
  if (!status && cairo_status(cairo) != CAIRO_STATUS_SUCCESS) {
    status =
        srn_fail(log, cairo_status(cairo) == CAIRO_STATUS_NO_MEMORY ? SPECRNN_ERROR_MEMORY : SPECRNN_ERROR_UNSUPPORTED,
                 "drawing failed: %s", cairo_status_to_string(cairo_status(cairo)));
  }
  return status;
}
