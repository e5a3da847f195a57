/* What lies inside the axes: pictures, waveforms, series, labels, the cursor, and text panels. */
#include <string.h>

#include "core/checked.h"
#include "core/log.h"
#include "plot/data.h"
#include "plot/draw.h"
#include "plot/layout.h"
#include "plot/paint.h"

static const double CURSOR_PT = 1.5;
static const double LABEL_PAD = 0.3;         /* around the text of a label, in font sizes */
static const double LABEL_SCALE = 0.85;      /* of the font */
static const double STRIP_OPACITY = 0.8;     /* of what lies under a label or a legend */
static const double DASH_PT[] = {5.55, 2.4}; /* matplotlib's: 3.7 and 1.6 line widths of 1.5 pt */
static const double TEXT_LINE = 1.35;        /* distance of lines in font sizes */
static const double BAR_SHARE = 0.92;        /* of its place that a bar of a histogram takes */
static const double LABEL_SHARE = 2.0;       /* labels take at most half of the height */
static const double LABEL_ROOM_PT = 2.0;     /* borders of labels closer than that would hide the data */
enum { MAX_LABEL_ROWS = 3 };

/* ---------------------------------------------------------------------------------------------------------- heat map
 */

static int imax(int a, int b)
{
  return a > b ? a : b;
}

static int imin(int a, int b)
{
  return a < b ? a : b;
}

/* The area's part in the window, straight into the pixels of the image. */
static specrnn_status heatmap_to_image(const specrnn_panel *panel, const srn_canvas *canvas, const specrnn_log *log)
{
  srn_box area = panel->area;
  srn_box window = canvas->window;
  int left = imax(area.x, window.x);
  int top = imax(area.y, window.y);
  int right = imin(area.x + area.width, window.x + window.width);
  int bottom = imin(area.y + area.height, window.y + window.height);
  if (left >= right || top >= bottom) {
    return SPECRNN_OK;
  }
  cairo_surface_flush(canvas->image);
  size_t stride = (size_t)cairo_image_surface_get_stride(canvas->image) / sizeof(uint32_t);
  void *data = cairo_image_surface_get_data(canvas->image);
  uint32_t *pixels = (uint32_t *)data + (size_t)(top - window.y) * stride + (size_t)(left - window.x);
  srn_box part = {left - area.x, top - area.y, right - left, bottom - top};
  specrnn_status status = srn_paint_heatmap(panel, area.width, area.height, part, pixels, stride, log);
  cairo_surface_mark_dirty(canvas->image);
  return status;
}

/* An image of its own, placed without smoothing. */
static specrnn_status heatmap_to_vector(const specrnn_panel *panel, cairo_t *cairo, const specrnn_log *log)
{
  srn_box area = panel->area;
  int width = area.width * SRN_VECTOR_PIXELS;
  int height = area.height * SRN_VECTOR_PIXELS;
  cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
  if (cairo_surface_status(image) != CAIRO_STATUS_SUCCESS) {
    cairo_surface_destroy(image);
    return srn_fail(log, SPECRNN_ERROR_MEMORY, "no image of %d x %d pixels: %s", width, height,
                    "too large for SVG and PDF");
  }
  void *data = cairo_image_surface_get_data(image);
  size_t stride = (size_t)cairo_image_surface_get_stride(image) / sizeof(uint32_t);
  specrnn_status status =
      srn_paint_heatmap(panel, width, height, (srn_box){0, 0, width, height}, (uint32_t *)data, stride, log);
  cairo_surface_mark_dirty(image);
  cairo_save(cairo);
  cairo_translate(cairo, area.x, area.y);
  cairo_scale(cairo, 1.0 / SRN_VECTOR_PIXELS, 1.0 / SRN_VECTOR_PIXELS);
  cairo_set_source_surface(cairo, image, 0, 0);
  cairo_pattern_set_filter(cairo_get_source(cairo), CAIRO_FILTER_NEAREST);
  cairo_paint(cairo);
  cairo_restore(cairo);
  cairo_surface_destroy(image);
  return status;
}

/* --------------------------------------------------------------------------------------------------------- waveform */

static double wave_x(const specrnn_panel *panel, double column)
{
  const srn_waveform *wave = panel->waveform;
  return wave->x_first + column * (double)wave->highest->factor * wave->x_step;
}

/* Samples far apart: a line through them. */
static void draw_wave_line(const specrnn_panel *panel, cairo_t *cairo)
{
  const srn_pool *pool = panel->waveform->highest;
  bool open = false;
  for (size_t i = 0; i < pool->n_columns; i++) {
    double x = wave_x(panel, (double)i);
    if (isnan(pool->cells[i]) || x > panel->horizon) {
      open = false;
      continue;
    }
    (open ? cairo_line_to : cairo_move_to)(cairo, srn_x_px(panel, x), srn_y_px(panel, pool->cells[i]));
    open = true;
  }
  cairo_set_line_width(cairo, srn_line_px(panel->figure, 1.0));
  cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke(cairo);
}

/* Many samples per pixel: a bar from the smallest to the largest, joined to its neighbour's. */
static void draw_wave_bars(const specrnn_panel *panel, cairo_t *cairo)
{
  const srn_pool *highest = panel->waveform->highest;
  const srn_pool *lowest = panel->waveform->lowest;
  double before_top = NAN;
  double before_bottom = NAN;
  size_t column = 0;
  for (int px = 0; px < panel->area.width; px++) {
    double end = panel->x.low + (px + 1.0) / panel->area.width * (panel->x.high - panel->x.low);
    float high = NAN;
    float low = NAN;
    for (; column < highest->n_columns && wave_x(panel, (double)column + 0.5) < end; column++) {
      bool inside = wave_x(panel, (double)column + 0.5) >= panel->x.low;
      high = inside ? fmaxf(high, highest->cells[column]) : high;
      low = inside ? fminf(low, -lowest->cells[column]) : low;
    }
    double top = srn_y_px(panel, high);
    double bottom = srn_y_px(panel, low);
    if (isnan(high) || isnan(low) || end > panel->horizon) {
      before_top = before_bottom = NAN;
      continue;
    }
    double joined_top = fmin(top, before_bottom); /* fmin leaves out a NaN */
    double joined_bottom = fmax(bottom, before_top);
    double height = fmax(joined_bottom - joined_top, srn_line_px(panel->figure, SRN_LINE_PT));
    cairo_rectangle(cairo, panel->area.x + px, (joined_top + joined_bottom - height) / 2.0, 1.0, height);
    before_top = top;
    before_bottom = bottom;
  }
  cairo_fill(cairo);
}

static void draw_waveform(const specrnn_panel *panel, cairo_t *cairo)
{
  srn_set_color(cairo, srn_theme_get(panel->figure->config.theme)->cycle[0]);
  double per_pixel = (panel->x.high - panel->x.low) / (panel->waveform->x_step * panel->area.width);
  if (per_pixel < 2.0 && panel->waveform->highest->factor == 1) {
    draw_wave_line(panel, cairo);
  } else {
    draw_wave_bars(panel, cairo);
  }
}

/* ----------------------------------------------------------------------------------------------------------- series */

static bool drawable(const specrnn_panel *panel, const srn_series *series, size_t i)
{
  double x = series->x[i];
  double y = series->y[i];
  bool positive = (panel->x.kind != SPECRNN_AXIS_LOG || x > 0.0) && (panel->y.kind != SPECRNN_AXIS_LOG || y > 0.0);
  return isfinite(x) && isfinite(y) && positive && x <= panel->horizon;
}

/* The line of a series. Points that fall into one column of pixels are joined as first, lowest, highest, last, which
 * looks the same and keeps a line of millions of points cheap. */
static void trace_line(const specrnn_panel *panel, const srn_series *series, cairo_t *cairo)
{
  bool open = false;
  for (size_t i = 0; i < series->count;) {
    if (!drawable(panel, series, i)) {
      open = false;
      i++;
      continue;
    }
    double x = srn_x_px(panel, series->x[i]);
    double y = srn_y_px(panel, series->y[i]);
    double low = y;
    double high = y;
    double last = y;
    size_t end = i + 1;
    for (; end < series->count && drawable(panel, series, end); end++) {
      if (floor(srn_x_px(panel, series->x[end])) != floor(x)) {
        break;
      }
      last = srn_y_px(panel, series->y[end]);
      low = fmin(low, last);
      high = fmax(high, last);
    }
    (open ? cairo_line_to : cairo_move_to)(cairo, x, y);
    if (end - i > 4) {
      cairo_line_to(cairo, x, low);
      cairo_line_to(cairo, x, high);
      cairo_line_to(cairo, x, last);
    } else {
      for (size_t k = i + 1; k < end; k++) {
        cairo_line_to(cairo, srn_x_px(panel, series->x[k]), srn_y_px(panel, series->y[k]));
      }
    }
    open = true;
    i = end;
  }
}

static void set_line(const specrnn_figure *figure, const specrnn_series *look, cairo_t *cairo)
{
  double dashes[] = {DASH_PT[0] * figure->point, DASH_PT[1] * figure->point};
  cairo_set_line_width(cairo, look->width_pt * figure->point);
  cairo_set_dash(cairo, dashes, look->dashed ? 2 : 0, 0.0);
  cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap(cairo, look->dashed ? CAIRO_LINE_CAP_BUTT : CAIRO_LINE_CAP_ROUND);
}

static void draw_dot(const specrnn_figure *figure, const specrnn_series *look, cairo_t *cairo, double x, double y)
{
  cairo_new_sub_path(cairo);
  cairo_arc(cairo, x, y, look->marker_pt * figure->point / 2.0, 0.0, 4.0 * asin(1.0));
  cairo_fill(cairo);
}

static void draw_points(const specrnn_panel *panel, const srn_series *series, cairo_t *cairo)
{
  if (series->look.width_pt > 0.0) {
    set_line(panel->figure, &series->look, cairo);
    trace_line(panel, series, cairo);
    cairo_stroke(cairo);
  }
  for (size_t i = 0; i < series->count && series->look.marker_pt > 0.0; i++) {
    if (drawable(panel, series, i)) {
      draw_dot(panel->figure, &series->look, cairo, srn_x_px(panel, series->x[i]), srn_y_px(panel, series->y[i]));
    }
  }
}

static void draw_bars(const specrnn_panel *panel, const srn_series *series, cairo_t *cairo)
{
  double floor_px = panel->area.y + panel->area.height;
  if (panel->y.kind != SPECRNN_AXIS_LOG && panel->y.low < 0.0) {
    floor_px = srn_y_px(panel, 0.0);
  }
  for (size_t i = 0; i < series->count; i++) {
    double left = srn_x_px(panel, series->x[i]);
    double right = srn_x_px(panel, series->x[i + 1]);
    double width = (right - left) * (right - left > 4.0 ? BAR_SHARE : 1.0);
    if (series->y[i] > 0.0) {
      double top = srn_y_px(panel, series->y[i]);
      cairo_rectangle(cairo, (left + right - width) / 2.0, top, width, floor_px - top);
    }
  }
  cairo_fill(cairo);
}

static void draw_series(const specrnn_panel *panel, cairo_t *cairo)
{
  const srn_theme *theme = srn_theme_get(panel->figure->config.theme);
  for (size_t i = 0; i < panel->n_series; i++) {
    const srn_series *series = &panel->series[i];
    srn_set_color(cairo, theme->cycle[series->look.color]);
    if (series->kind == SRN_BARS) {
      draw_bars(panel, series, cairo);
    } else {
      draw_points(panel, series, cairo);
    }
  }
  cairo_set_dash(cairo, NULL, 0, 0.0);
}

/* ----------------------------------------------------------------------------------------------------------- legend */

static void set_translucent(cairo_t *cairo, srn_color color)
{
  cairo_set_source_rgba(cairo, color.red / 255.0, color.green / 255.0, color.blue / 255.0, STRIP_OPACITY);
}

/* Points of all series that lie in a box. */
static size_t points_inside(const specrnn_panel *panel, double x, double y, double width, double height)
{
  size_t count = 0;
  for (size_t s = 0; s < panel->n_series; s++) {
    const srn_series *series = &panel->series[s];
    size_t stride = 1 + series->count / 4096;
    for (size_t i = 0; i < series->count; i += stride) {
      if (!drawable(panel, series, i)) {
        continue;
      }
      double px = srn_x_px(panel, series->x[i]);
      double py = srn_y_px(panel, series->y[i]);
      bool beside = px < x || px > x + width;
      count += !beside && (series->kind == SRN_BARS ? py < y + height : py >= y && py <= y + height);
    }
  }
  return count;
}

/* The corner with the fewest points: upper right, upper left, lower left, lower right. `top_px` is where labels end. */
static void find_corner(const specrnn_panel *panel, double top_px, double width, double height, double *x, double *y)
{
  double pad = srn_font_px(panel->figure, 0.5);
  double xs[] = {panel->area.x + panel->area.width - pad - width, panel->area.x + pad};
  double ys[] = {top_px + pad, panel->area.y + panel->area.height - pad - height};
  size_t fewest = (size_t)-1;
  for (int corner = 0; corner < 4; corner++) {
    double left = xs[corner == 1 || corner == 2];
    double top = ys[corner >= 2];
    size_t points = points_inside(panel, left, top, width, height);
    if (points < fewest) {
      fewest = points;
      *x = left;
      *y = top;
    }
  }
}

static void draw_legend(const specrnn_panel *panel, cairo_t *cairo, double top_px)
{
  const specrnn_figure *figure = panel->figure;
  const srn_theme *theme = srn_theme_get(figure->config.theme);
  double font = srn_font_px(figure, 1.0);
  srn_text_style style = {.size_px = font, .along = SRN_MIDDLE, .width_px = 0.6 * panel->area.width};
  double widest = 0.0;
  int lines = 0;
  for (size_t i = 0; i < panel->n_series; i++) {
    if (panel->series[i].look.legend) {
      widest = fmax(widest, srn_text_measure(figure->plotter, &style, panel->series[i].look.legend).width);
      lines++;
    }
  }
  if (!lines) {
    return;
  }
  double width = widest + 3.6 * font; /* a sample of the line, and room around */
  double height = (1.4 * lines + 0.4) * font;
  double x = 0.0;
  double y = 0.0;
  find_corner(panel, top_px, width, height, &x, &y);
  set_translucent(cairo, theme->ground);
  cairo_rectangle(cairo, round(x) + 0.5, round(y) + 0.5, round(width), round(height));
  cairo_fill_preserve(cairo);
  srn_set_color(cairo, theme->faint);
  cairo_set_line_width(cairo, srn_line_px(figure, SRN_LINE_PT));
  cairo_stroke(cairo);
  y += 0.9 * font;
  for (size_t i = 0; i < panel->n_series; i++) {
    const specrnn_series *look = &panel->series[i].look;
    if (!look->legend) {
      continue;
    }
    srn_set_color(cairo, theme->cycle[look->color]);
    if (panel->series[i].kind == SRN_BARS) {
      srn_fill_box(cairo, x + 0.5 * font, y - 0.35 * font, 2.0 * font, 0.7 * font);
    } else if (look->width_pt > 0.0) {
      set_line(figure, look, cairo);
      cairo_move_to(cairo, x + 0.5 * font, y);
      cairo_line_to(cairo, x + 2.5 * font, y);
      cairo_stroke(cairo);
      cairo_set_dash(cairo, NULL, 0, 0.0);
    }
    if (look->marker_pt > 0.0) {
      draw_dot(figure, look, cairo, x + 1.5 * font, y);
    }
    srn_set_color(cairo, theme->ink);
    srn_text_draw(cairo, figure->plotter, &style, x + 3.1 * font, y, look->legend);
    y += 1.4 * font;
  }
}

/* ------------------------------------------------------------------------------------------------- labels and texts */

/* Where a label lies. Those that would meet stand in rows below each other; what finds no row is only its borders. */
typedef struct label_place {
  double left, right; /* of the interval, in the area */
  double width;       /* of what is written */
  int row;            /* -1: none */
} label_place;

static srn_text_style label_style(const specrnn_panel *panel, bool mark)
{
  double font = srn_font_px(panel->figure, LABEL_SCALE);
  return (srn_text_style){
      .size_px = font, .keep_start = true, .along = SRN_MIDDLE, .across = mark ? SRN_START : SRN_MIDDLE};
}

static double label_height(const specrnn_panel *panel)
{
  return round(srn_font_px(panel->figure, LABEL_SCALE) * (1.0 + 2.0 * LABEL_PAD));
}

static bool is_in_view(const specrnn_panel *panel, const specrnn_interval *interval)
{
  return srn_x_px(panel, interval->end) >= panel->area.x &&
         srn_x_px(panel, interval->start) <= panel->area.x + panel->area.width;
}

/* Whether the borders of the labels are so many that they would hide the data. */
static bool are_crowded(const specrnn_panel *panel)
{
  size_t borders = 0;
  for (size_t i = 0; i < panel->n_intervals; i++) {
    borders += is_in_view(panel, &panel->intervals[i]) ? 2 : 0;
  }
  return (double)borders * LABEL_ROOM_PT * panel->figure->point > panel->area.width;
}

/* Labels come by their starts; ends[r] is where row r of `rows` is free again. */
static label_place place_label(const specrnn_panel *panel, const specrnn_interval *interval, int rows, double *ends)
{
  double last = panel->area.x + panel->area.width;
  bool mark = interval->start == interval->end;
  label_place p = {.left = round(fmax(srn_x_px(panel, interval->start), panel->area.x - 1.0)),
                   .right = round(fmin(srn_x_px(panel, interval->end), last + 1.0)),
                   .row = -1};
  p.width = p.right - p.left;
  if (mark) {
    srn_text_style style = label_style(panel, true);
    p.width = srn_text_measure(panel->figure->plotter, &style, interval->text).width + 3.0 * LABEL_PAD * style.size_px;
  }
  for (int row = 0; row < rows && p.row < 0; row++) {
    if (ends[row] <= p.left) {
      ends[row] = p.left + p.width;
      p.row = row;
    }
  }
  return p;
}

static void draw_label(const specrnn_panel *panel, const specrnn_interval *interval, const label_place *p,
                       double border_px, cairo_t *cairo)
{
  const specrnn_figure *figure = panel->figure;
  const srn_theme *theme = srn_theme_get(figure->config.theme);
  bool mark = interval->start == interval->end;
  srn_text_style style = label_style(panel, mark);
  double pad = LABEL_PAD * style.size_px;
  double height = label_height(panel);
  double top = panel->area.y + p->row * height;
  int line = srn_line_px(figure, SRN_LINE_PT);
  if (p->row >= 0) {
    set_translucent(cairo, theme->ground);
    srn_fill_box(cairo, p->left, top, p->width, height);
  }
  srn_set_color(cairo, theme->cursor);
  srn_fill_box(cairo, p->left, panel->area.y, line, border_px);
  if (!mark) {
    srn_fill_box(cairo, p->right, panel->area.y, line, border_px); /* where that of the next label may begin */
  }
  if (p->row < 0) {
    return;
  }
  if (!mark) {
    srn_fill_box(cairo, p->left, top + height, p->width, line);
  }
  double room = p->width - 2.0 * pad;
  bool fits = mark || srn_text_measure(figure->plotter, &style, interval->text).width <= p->width - line;
  style.width_px = fits ? 0.0 : room;
  if (fits || room > style.size_px) { /* a part of a shorter one would not be read */
    srn_set_color(cairo, theme->ink);
    srn_text_draw(cairo, figure->plotter, &style, mark ? p->left + line + pad : (p->left + p->right) / 2.0,
                  top + height / 2.0, interval->text);
  }
}

/* Returns where their rows end. Crowded ones keep to one row, with their borders. */
static double draw_labels(const specrnn_panel *panel, cairo_t *cairo)
{
  int used = 0;
  bool crowded = are_crowded(panel);
  double border_px = crowded ? label_height(panel) : panel->area.height;
  double most = crowded ? 1.0 : floor(panel->area.height / LABEL_SHARE / label_height(panel));
  int rows = srn_whole_int(most, 1, MAX_LABEL_ROWS);
  double ends[MAX_LABEL_ROWS] = {-INFINITY, -INFINITY, -INFINITY};
  for (size_t i = 0; i < panel->n_intervals; i++) {
    const specrnn_interval *interval = &panel->intervals[i];
    if (is_in_view(panel, interval)) {
      label_place p = place_label(panel, interval, rows, ends);
      draw_label(panel, interval, &p, border_px, cairo);
      used = imax(used, p.row + 1);
    }
  }
  return panel->area.y + used * label_height(panel);
}

static void draw_text_line(const specrnn_panel *panel, cairo_t *cairo, double y, const char *line)
{
  const specrnn_figure *figure = panel->figure;
  srn_text_style style = {.size_px = srn_font_px(figure, 1.0)};
  char text[512];
  const char *tab = strchr(line, '\t');
  size_t length = tab ? (size_t)(tab - line) : strlen(line);
  length = length < sizeof text ? length : sizeof text - 1;
  memcpy(text, line, length);
  text[length] = '\0';
  style.width_px = tab ? panel->area.width / 2.0 : panel->area.width;
  srn_text_draw(cairo, figure->plotter, &style, panel->area.x, y, text);
  if (tab) {
    style.width_px = panel->area.width / 2.0;
    srn_text_draw(cairo, figure->plotter, &style, panel->area.x + panel->area.width / 2.0, y, tab + 1);
  }
}

static void draw_text(const specrnn_panel *panel, cairo_t *cairo)
{
  double step = TEXT_LINE * srn_font_px(panel->figure, 1.0);
  double y = panel->area.y;
  srn_set_color(cairo, srn_theme_get(panel->figure->config.theme)->ink);
  for (const char *line = panel->text; *line; y += step) {
    char text[1024];
    size_t length = strcspn(line, "\n");
    size_t kept = length < sizeof text ? length : sizeof text - 1;
    memcpy(text, line, kept);
    text[kept] = '\0';
    draw_text_line(panel, cairo, y, text);
    line += length + (line[length] == '\n');
  }
}

specrnn_status srn_draw_data(specrnn_panel *panel, const srn_canvas *canvas, const specrnn_log *log)
{
  cairo_t *cairo = canvas->cairo;
  if (panel->text) {
    draw_text(panel, cairo);
    return SPECRNN_OK;
  }
  specrnn_status status = SPECRNN_OK;
  if (panel->heatmap) {
    status = canvas->image ? heatmap_to_image(panel, canvas, log) : heatmap_to_vector(panel, cairo, log);
  }
  cairo_save(cairo);
  cairo_rectangle(cairo, panel->area.x, panel->area.y, panel->area.width, panel->area.height);
  cairo_clip(cairo);
  if (panel->waveform) {
    draw_waveform(panel, cairo);
  }
  draw_series(panel, cairo);
  draw_legend(panel, cairo, draw_labels(panel, cairo));
  if (!isnan(panel->cursor)) {
    int line = srn_line_px(panel->figure, CURSOR_PT);
    srn_set_color(cairo, srn_theme_get(panel->figure->config.theme)->cursor);
    srn_fill_box(cairo, round(srn_x_px(panel, panel->cursor) - line / 2.0), panel->area.y, line, panel->area.height);
  }
  cairo_restore(cairo);
  return status;
}
