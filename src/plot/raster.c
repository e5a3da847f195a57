/* A figure as pixels, band by band; bands wider than cairo's images are drawn side by side. */
#include "plot/raster.h"

#include <stdlib.h>

#include "core/arena.h"
#include "core/checked.h"
#include "core/log.h"
#include "plot/draw.h"
#include "plot/layout.h"

/* cairo's images end at 32767 pixels a side. */
enum { TILE_WIDTH = 16384, TILE_ROWS = 16384, BAND_PIXELS = 8 * 1024 * 1024 };

specrnn_status srn_raster_open(srn_raster *raster, specrnn_figure *figure, const specrnn_log *log)
{
  specrnn_status status = srn_layout(figure, log);
  if (status) {
    return status;
  }
  int rows = BAND_PIXELS / figure->width;
  rows = rows < TILE_ROWS ? rows : TILE_ROWS;
  rows = rows < figure->height ? rows : figure->height;
  size_t bytes = 0;
  uint32_t *pixels = NULL;
  if (srn_size_mul((size_t)figure->width * sizeof *pixels, (size_t)rows, &bytes)) {
    pixels = srn_aligned_calloc(bytes, 1);
  }
  if (!pixels) {
    return srn_fail_memory(log, bytes);
  }
  *raster = (srn_raster){figure, figure->width, figure->height, rows, pixels};
  return SPECRNN_OK;
}

static specrnn_status draw_tile(srn_raster *raster, srn_box window, const specrnn_log *log)
{
  cairo_surface_t *image =
      cairo_image_surface_create_for_data((unsigned char *)(raster->pixels + window.x), CAIRO_FORMAT_RGB24,
                                          window.width, window.height, raster->width * (int)sizeof *raster->pixels);
  cairo_t *cairo = cairo_create(image);
  cairo_translate(cairo, -window.x, -window.y);
  srn_canvas canvas = {cairo, image, window};
  specrnn_status status = srn_draw_figure(raster->figure, &canvas, log);
  cairo_destroy(cairo);
  cairo_surface_flush(image);
  cairo_surface_destroy(image);
  return status;
}

specrnn_status srn_raster_draw(srn_raster *raster, int y, int rows, const specrnn_log *log)
{
  specrnn_status status = SPECRNN_OK;
  for (int x = 0; x < raster->width && !status; x += TILE_WIDTH) {
    int width = raster->width - x < TILE_WIDTH ? raster->width - x : TILE_WIDTH;
    status = draw_tile(raster, (srn_box){x, y, width, rows}, log);
  }
  return status;
}

void srn_raster_close(srn_raster *raster)
{
  srn_aligned_free(raster->pixels);
  raster->pixels = NULL;
}
