/* SVG and PDF: the same drawing on cairo's vector surfaces. Text becomes outlines in SVG and embedded fonts in PDF. */
#include <stdio.h>
#include <string.h>

#include <cairo-pdf.h>
#include <cairo-svg.h>

#include "core/log.h"
#include "plot/draw.h"
#include "plot/layout.h"
#include "plot/output.h"

enum { KEYWORDS_SIZE = 4096 };

static cairo_status_t on_write(void *user, const unsigned char *data, unsigned int size)
{
  return srn_sink_write(user, data, size) ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static specrnn_status finish(cairo_surface_t *surface, srn_sink *sink, const specrnn_log *log)
{
  cairo_surface_finish(surface);
  cairo_status_t result = cairo_surface_status(surface);
  if (result == CAIRO_STATUS_SUCCESS) {
    return SPECRNN_OK;
  }
  if (result == CAIRO_STATUS_WRITE_ERROR && sink->file) {
    specrnn_status status = srn_sink_commit(sink, log); /* says why, and leaves no file */
    return status ? status : SPECRNN_ERROR_IO;
  }
  bool memory = result == CAIRO_STATUS_NO_MEMORY || result == CAIRO_STATUS_WRITE_ERROR;
  return srn_fail(log, memory ? SPECRNN_ERROR_MEMORY : SPECRNN_ERROR_UNSUPPORTED, "drawing failed: %s",
                  cairo_status_to_string(result));
}

static specrnn_status draw(specrnn_figure *figure, cairo_surface_t *surface, srn_sink *sink, const specrnn_log *log)
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

specrnn_status srn_write_svg(specrnn_figure *figure, srn_sink *sink, const specrnn_log *log)
{
  specrnn_status status = prepare(figure, log);
  if (status) {
    return status;
  }
  cairo_surface_t *surface = cairo_svg_surface_create_for_stream(on_write, sink, figure->width / figure->point,
                                                                 figure->height / figure->point);
  return draw(figure, surface, sink, log);
}

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

specrnn_status srn_write_pdf(specrnn_figure *figure, srn_sink *sink, const specrnn_log *log)
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
