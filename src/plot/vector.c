/* SVG and PDF: the same drawing on cairo's vector surfaces. Text becomes outlines in SVG and embedded fonts in PDF. */
#include <stdio.h>
#include <string.h>

#include <cairo-pdf.h>
#include <cairo-svg.h>

#include "core/log.h"
#include "plot/data.h"
#include "plot/draw.h"
#include "plot/layout.h"
#include "plot/output.h"

enum { KEYWORDS_SIZE = 4096 };
static const double CSS_DPI = 96.0;
static const double LARGE_CELL = 1.1;

static cairo_status_t on_write(void *user, const unsigned char *data, unsigned int size)
{
  return srn_plot_sink_write(user, data, size) ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static specrnn_status finish(cairo_surface_t *surface, srn_plot_sink *sink, const specrnn_log *log)
{
  cairo_surface_finish(surface);
  cairo_status_t result = cairo_surface_status(surface);
  if (result == CAIRO_STATUS_SUCCESS) {
    return SPECRNN_OK;
  }
  if (result == CAIRO_STATUS_WRITE_ERROR && sink->file) {
    specrnn_status status = srn_plot_sink_commit(sink, log); /* says why, and leaves no file */
    return status ? status : SPECRNN_ERROR_IO;
  }
  bool memory = result == CAIRO_STATUS_NO_MEMORY || result == CAIRO_STATUS_WRITE_ERROR;
  return srn_fail(log, memory ? SPECRNN_ERROR_MEMORY : SPECRNN_ERROR_UNSUPPORTED, "drawing failed: %s",
                  cairo_status_to_string(result));
}

static specrnn_status draw(specrnn_figure *figure, cairo_surface_t *surface, srn_plot_sink *sink,
                           const specrnn_log *log)
{
  cairo_t *cairo = cairo_create(surface);
  cairo_scale(cairo, 1.0 / figure->point, 1.0 / figure->point);
  srn_canvas canvas = {cairo, NULL, {0, 0, figure->width, figure->height}};
  specrnn_status status = srn_draw_figure(figure, &canvas, log);
  cairo_destroy(cairo);
  if (!status) {
    status = finish(surface, sink, log);
  }
  cairo_surface_destroy(surface);
  return status;
}

static specrnn_status prepare(specrnn_figure *figure, const specrnn_log *log)
{
  return srn_layout(figure, log);
}

/* ------------------------------------------------------------------------------------------------------------- SVG */

/* cairo (before 1.18) drops the filter of images in SVG, and viewers smooth what they enlarge. The nearest cell is what
 * is wanted, but only there: taken where an image is made smaller, it would leave out lines of pixels, and clicks with
 * them. */

/* Whether each cell of a heat map is larger than a pixel of CSS at the natural size: then none is left out. */
static bool cells_are_large(const specrnn_panel *panel)
{
  const srn_heatmap *heatmap = panel->heatmap;
  const srn_pool *pool = heatmap->pool;
  double css_px = panel->figure->config.dpi / CSS_DPI * LARGE_CELL;
  double step = srn_heatmap_column_begin(heatmap, 1.0) - srn_heatmap_column_begin(heatmap, 0.0);
  bool large = step / (panel->x.high - panel->x.low) * panel->area.width >= css_px;
  double bottom = srn_axis_coordinate(panel->y.kind, panel->y.low);
  double range = srn_axis_coordinate(panel->y.kind, panel->y.high) - bottom;
  for (size_t i = 0; i < pool->n_groups && large; i++) {
    large = (pool->group_edge[i + 1] - pool->group_edge[i]) / range * panel->area.height >= css_px;
  }
  return large;
}

/* A style sheet for all images: at any size where cells are large, else from the size on at which the image has no more
 * pixels than the screen. */
static void write_style(const specrnn_figure *figure, char *style, size_t size)
{
  static const char RULE[] = "image{image-rendering:optimizeSpeed;image-rendering:pixelated}";
  bool images = false;
  bool large = true;
  for (size_t i = 0; i < figure->n_panels; i++) {
    if (figure->panels[i]->heatmap) {
      images = true;
      large = large && cells_are_large(figure->panels[i]);
    }
  }
  if (!images) {
    style[0] = '\0';
  } else if (large) {
    snprintf(style, size, "\n<style>%s</style>", RULE);
  } else {
    snprintf(style, size, "\n<style>@media (min-resolution:%.2fdppx){%s}</style>",
             ceil(100.0 * SRN_VECTOR_PIXELS * figure->config.dpi / CSS_DPI) / 100.0, RULE);
  }
}

/* Bytes on their way into the sink, with the style after the start of the root element. */
typedef struct svg_stream {
  srn_plot_sink *sink;
  char style[192];
  size_t matched; /* characters of ROOT */
  bool done;
} svg_stream;

static const char ROOT[] = "<svg";

/* How many of the bytes belong before the style; all of them where its place is not yet there. */
static unsigned int bytes_before_style(svg_stream *s, const unsigned char *data, unsigned int size)
{
  const size_t length = sizeof ROOT - 1;
  for (unsigned int i = 0; i < size; i++) {
    if (s->matched < length) {
      s->matched = (char)data[i] == ROOT[s->matched] ? s->matched + 1 : (char)data[i] == ROOT[0];
    } else if (data[i] == '>') {
      s->done = true;
      return i + 1;
    }
  }
  return size;
}

static cairo_status_t on_write_svg(void *user, const unsigned char *data, unsigned int size)
{
  svg_stream *s = user;
  if (s->done) {
    return on_write(s->sink, data, size);
  }
  unsigned int before = bytes_before_style(s, data, size);
  bool written = srn_plot_sink_write(s->sink, data, before) &&
                 (!s->done || srn_plot_sink_write(s->sink, s->style, strlen(s->style))) &&
                 srn_plot_sink_write(s->sink, data + before, size - before);
  return written ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

specrnn_status srn_write_svg(specrnn_figure *figure, srn_plot_sink *sink, const specrnn_log *log)
{
  specrnn_status status = prepare(figure, log);
  if (status) {
    return status;
  }
  svg_stream stream = {.sink = sink};
  write_style(figure, stream.style, sizeof stream.style);
  cairo_surface_t *surface = cairo_svg_surface_create_for_stream(on_write_svg, &stream, figure->width / figure->point,
                                                                 figure->height / figure->point);
  return draw(figure, surface, sink, log);
}

/* ------------------------------------------------------------------------------------------------------------- PDF */

/* A PDF has no free keys in cairo: "key: value" among the keywords. */
static void set_metadata(const specrnn_figure *figure, cairo_surface_t *surface)
{
  char text[KEYWORDS_SIZE];
  snprintf(text, sizeof text, "specrnn %s", specrnn_version());
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, text);
  size_t used = 0;
  text[0] = '\0';
  for (size_t i = 0; i < figure->n_metadata && used < sizeof text; i++) {
    int length = snprintf(text + used, sizeof text - used, "%s%s: %s", i ? ", " : "", figure->metadata[i].key,
                          figure->metadata[i].value);
    used += length > 0 ? (size_t)length : 0;
  }
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_KEYWORDS, text);
  if (figure->config.title) {
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, figure->config.title);
  }
}

specrnn_status srn_write_pdf(specrnn_figure *figure, srn_plot_sink *sink, const specrnn_log *log)
{
  specrnn_status status = prepare(figure, log);
  if (status) {
    return status;
  }
  cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(on_write, sink, figure->width / figure->point,
                                                                 figure->height / figure->point);
  set_metadata(figure, surface);
  return draw(figure, surface, sink, log);
}
