/* PNG: rows as they are drawn; a palette where 256 colours are enough; dpi and metadata inside. libpng writes the file;
 * it knows no other way to press the rows than zlib's, which takes most of a picture's time, so that is done here. */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "core/checked.h"
#include "core/log.h"
#include "plot/deflate.h"
#include "plot/output.h"
#include "plot/palette.h"
#include "plot/raster.h"

/* Filters made spectrograms larger: of a minute of speech 482 to 568 KB instead of 329 with zlib. */
enum { BITS = 8, FILTER_NONE = 0, BLOCK_BYTES = 1 << 16 };
static const png_byte IDAT[] = "IDAT";
static const png_byte IEND[] = "IEND";
static const double METERS_PER_INCH = 0.0254;

typedef struct writer {
  png_structp png;
  png_infop info;
  srn_plot_sink *sink;
  srn_raster raster;
  srn_palette *palette; /* NULL: true colour */
  srn_deflater *deflater;
  size_t row_bytes, block_rows;
  unsigned char *block; /* (block_rows, row_bytes) */
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
  if (srn_plot_sink_write(w->sink, data, size)) {
    return;
  }
  if (w->sink->file) {
    w->status = srn_plot_sink_commit(w->sink, w->log); /* says why, and leaves no file */
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
  png_uint_32 per_meter = (png_uint_32)srn_whole(figure->config.dpi / METERS_PER_INCH + 0.5, 1, PNG_UINT_31_MAX);
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
static void pack_row(const writer *w, const uint32_t *pixels, unsigned char *out)
{
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

static void write_data(void *user, const unsigned char *data, size_t size)
{
  writer *w = user;
  if (size) {
    png_write_chunk(w->png, IDAT, data, size);
  }
}

static void write_band(writer *w, int rows, bool last)
{
  size_t n_rows = (size_t)rows;
  for (size_t first = 0; first < n_rows; first += w->block_rows) {
    size_t now = n_rows - first < w->block_rows ? n_rows - first : w->block_rows;
    for (size_t i = 0; i < now; i++) {
      pack_row(w, w->raster.pixels + (first + i) * (size_t)w->raster.width, w->block + i * w->row_bytes);
    }
    srn_deflater_push(w->deflater, w->block, now * w->row_bytes, last && first + now == n_rows, write_data, w);
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
  w->row_bytes = 1 + (size_t)w->raster.width * (w->palette ? 1 : 3);
  w->block_rows = w->row_bytes < BLOCK_BYTES ? BLOCK_BYTES / w->row_bytes : 1;
  w->block = malloc(w->block_rows * w->row_bytes);
  if (!w->block) {
    return srn_fail_memory(w->log, w->block_rows * w->row_bytes);
  }
  specrnn_status status = srn_deflater_create(&w->deflater, w->log);
  if (status) {
    return status;
  }
  w->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, w, on_error, on_warning);
  w->info = w->png ? png_create_info_struct(w->png) : NULL;
  return w->info ? SPECRNN_OK : srn_fail_memory(w->log, sizeof(png_color));
}

specrnn_status srn_write_png(specrnn_figure *figure, srn_plot_sink *sink, const specrnn_log *log)
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
  free(w.block);
  srn_deflater_destroy(&w.deflater);
  srn_raster_close(&w.raster);
  return status;
}
