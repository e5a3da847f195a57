/* PNG: bands of rows as they are drawn; a palette where 256 colours are enough; dpi and metadata inside. libpng writes
 * the file; its one thread would need most of a picture's time to press the rows, so they are pressed here. */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "core/log.h"
#include "plot/deflate.h"
#include "plot/output.h"
#include "plot/palette.h"
#include "plot/raster.h"

/* Measured on 1000 x 400 pixels, level 1 / 2 / 3 / 6 without filters: a spectrogram of speech 111 / 106 / 104 / 98 KB
 * in 2.8 / 3.1 / 3.5 / 8.3 ms, of noise 462 / 454 / 406 / 399 KB in 9 / 11 / 19 / 68 ms; filters made all of them
 * larger. */
enum { COMPRESSION_LEVEL = 2, BITS = 8, FILTER_NONE = 0 };
static const png_byte IDAT[] = "IDAT";
static const png_byte IEND[] = "IEND";
static const double METERS_PER_INCH = 0.0254;

typedef struct writer {
  png_structp png;
  png_infop info;
  srn_sink *sink;
  srn_raster raster;
  srn_palette *palette; /* NULL: true colour */
  srn_deflater *deflater;
  const specrnn_log *log;
  specrnn_status status; /* of what failed under libpng */
} writer;

static void on_error(png_structp png, png_const_charp message)
{
  writer *w = png_get_error_ptr(png);
  if (!w->status) {
    w->status = srn_fail(w->log, SPECRNN_ERROR_IO, "PNG: %s", message);
  }
  png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
  writer *w = png_get_error_ptr(png);
  srn_log(w->log, SPECRNN_LOG_WARNING, "PNG: %s", message);
}

static void on_write(png_structp png, png_bytep data, size_t size)
{
  writer *w = png_get_io_ptr(png);
  if (srn_sink_write(w->sink, data, size)) {
    return;
  }
  if (w->sink->file) {
    w->status = srn_sink_commit(w->sink, w->log); /* says why, and leaves no file */
  }
  if (!w->status) {
    w->status = srn_fail_memory(w->log, size);
  }
  png_longjmp(png, 1);
}

static void on_flush(png_structp png)
{
  (void)png;
}

static bool is_ascii(const char *text)
{
  for (; *text; text++) {
    if ((unsigned char)*text >= 0x80) {
      return false;
    }
  }
  return true;
}

static void add_text(writer *w, const char *key, const char *value)
{
  png_text text = {.compression = is_ascii(value) ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE};
  char keyword[80]; /* libpng takes no const here */
  strncpy(keyword, key, sizeof keyword - 1);
  keyword[sizeof keyword - 1] = '\0';
  char *copy = strdup(value);
  if (!copy) {
    w->status = srn_fail_memory(w->log, strlen(value));
    return;
  }
  char none[] = "";
  text.key = keyword;
  text.text = copy;
  text.lang = none;
  text.lang_key = none;
  png_set_text(w->png, w->info, &text, 1); /* copies */
  free(copy);
}

static void set_header(writer *w)
{
  const specrnn_figure *figure = w->raster.figure;
  int type = w->palette ? PNG_COLOR_TYPE_PALETTE : PNG_COLOR_TYPE_RGB;
  png_set_IHDR(w->png, w->info, (png_uint_32)w->raster.width, (png_uint_32)w->raster.height, BITS, type,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (w->palette) {
    png_color colors[SRN_PALETTE_COLORS];
    for (int i = 0; i < w->palette->count; i++) {
      uint32_t color = w->palette->colors[i];
      colors[i] = (png_color){(png_byte)(color >> 16), (png_byte)(color >> 8), (png_byte)color};
    }
    png_set_PLTE(w->png, w->info, colors, w->palette->count);
  }
  png_uint_32 per_meter = (png_uint_32)(figure->config.dpi / METERS_PER_INCH + 0.5);
  png_set_pHYs(w->png, w->info, per_meter, per_meter, PNG_RESOLUTION_METER);
  char software[64];
  strcpy(software, "specrnn ");
  strncat(software, specrnn_version(), sizeof software - 16);
  add_text(w, "Software", software);
  for (size_t i = 0; i < figure->n_metadata; i++) {
    add_text(w, figure->metadata[i].key, figure->metadata[i].value);
  }
}

/* A row as PNG filters it, which is not at all. */
static void pack_row(const void *user, size_t row, unsigned char *out)
{
  const writer *w = user;
  const uint32_t *pixels = w->raster.pixels + row * (size_t)w->raster.width;
  *out++ = FILTER_NONE;
  if (w->palette) {
    uint32_t before = ~pixels[0];
    uint8_t index = 0;
    for (int x = 0; x < w->raster.width; x++) {
      if (pixels[x] != before) {
        before = pixels[x];
        index = srn_palette_index(w->palette, before);
      }
      *out++ = index;
    }
    return;
  }
  for (int x = 0; x < w->raster.width; x++) {
    *out++ = (unsigned char)(pixels[x] >> 16);
    *out++ = (unsigned char)(pixels[x] >> 8);
    *out++ = (unsigned char)pixels[x];
  }
}

static void write_band(writer *w, int rows, bool last)
{
  const srn_piece *pieces;
  size_t n_pieces;
  w->status = srn_deflater_press(w->deflater, (size_t)rows, pack_row, w, last, &pieces, &n_pieces, w->log);
  if (w->status) {
    png_longjmp(w->png, 1);
  }
  for (size_t i = 0; i < n_pieces; i++) {
    png_write_chunk(w->png, IDAT, pieces[i].data, pieces[i].size);
  }
}

/* The first band was drawn already where the palette was looked for. */
static void write_rows(writer *w, bool first_drawn)
{
  for (int y = 0; y < w->raster.height; y += w->raster.band_rows) {
    int rows = w->raster.height - y;
    rows = rows < w->raster.band_rows ? rows : w->raster.band_rows;
    if (y > 0 || !first_drawn) {
      w->status = srn_raster_draw(&w->raster, y, rows, w->log);
      if (w->status) {
        png_longjmp(w->png, 1);
      }
    }
    write_band(w, rows, y + rows == w->raster.height);
  }
}

/* Everything under libpng's longjmp: only *w changes, and nothing here needs to be released. */
static specrnn_status encode(writer *w, bool first_drawn)
{
  if (setjmp(png_jmpbuf(w->png))) {
    return w->status ? w->status : SPECRNN_ERROR_IO;
  }
  png_set_write_fn(w->png, w, on_write, on_flush);
  set_header(w);
  if (w->status) {
    return w->status;
  }
  png_write_info(w->png, w->info);
  write_rows(w, first_drawn);
  png_write_chunk(w->png, IEND, NULL, 0); /* png_write_end() knows only of rows that libpng pressed */
  return SPECRNN_OK;
}

/* A picture of one band is drawn first, so that its colours can be counted. */
static specrnn_status prepare(writer *w, bool *first_drawn)
{
  *first_drawn = w->raster.band_rows == w->raster.height;
  if (*first_drawn) {
    specrnn_status status = srn_raster_draw(&w->raster, 0, w->raster.height, w->log);
    if (status) {
      return status;
    }
    size_t count = (size_t)w->raster.width * (size_t)w->raster.height;
    w->palette = calloc(1, sizeof *w->palette);
    if (!w->palette) {
      return srn_fail_memory(w->log, sizeof *w->palette);
    }
    if (!srn_palette_collect(w->palette, w->raster.pixels, count, SRN_PALETTE_COLORS)) {
      free(w->palette);
      w->palette = NULL;
    }
  }
  size_t row_bytes = 1 + (size_t)w->raster.width * (w->palette ? 1 : 3);
  specrnn_status status =
      srn_deflater_create(&w->deflater, COMPRESSION_LEVEL, row_bytes, (size_t)w->raster.band_rows, w->log);
  if (status) {
    return status;
  }
  w->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, w, on_error, on_warning);
  w->info = w->png ? png_create_info_struct(w->png) : NULL;
  return w->info ? SPECRNN_OK : srn_fail_memory(w->log, sizeof(png_color));
}

specrnn_status srn_write_png(specrnn_figure *figure, srn_sink *sink, const specrnn_log *log)
{
  writer w = {.sink = sink, .log = log};
  specrnn_status status = srn_raster_open(&w.raster, figure, log);
  if (status) {
    return status;
  }
  bool first_drawn = false;
  status = prepare(&w, &first_drawn);
  if (!status) {
    status = encode(&w, first_drawn);
  }
  png_destroy_write_struct(&w.png, &w.info);
  free(w.palette);
  srn_deflater_destroy(&w.deflater);
  srn_raster_close(&w.raster);
  return status;
}
