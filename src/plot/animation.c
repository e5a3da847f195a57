/* Animations: figures as frames of a GIF, of which only the changed pixels are stored. */
#include <stdlib.h>
#include <string.h>

#include <gif_lib.h>

#include "core/checked.h"
#include "core/log.h"
#include "plot/palette.h"
#include "plot/raster.h"
#include "plot/sink.h"

enum {
  MAX_GIF_SIDE = 65535,
  MAX_LOOPS = 65535,
  COLOR_RESOLUTION = 8,
  FRAME_COLORS = SRN_PALETTE_COLORS - 1, /* one index is transparent */
  CENTISECONDS = 100,
};
static const double LEAST_DELAY_S = 0.02;
static const double MOST_DELAY_S = 600.0;

struct specrnn_animation {
  srn_plot_sink sink;
  GifFileType *gif;
  int loops, frames;
  int width, height;
  uint32_t *shown;     /* (height, width) what a viewer sees after the last frame */
  GifByteType *parts;  /* (4, height * width) red, green, blue and index of the changed pixels */
  srn_palette palette; /* of a frame */
};

static int on_write(GifFileType *gif, const GifByteType *data, int size)
{
  return srn_plot_sink_write(gif->UserData, data, (size_t)size) ? size : 0;
}

/* A write that failed is known better than giflib says it. */
static specrnn_status fail_gif(specrnn_animation *animation, const specrnn_log *log)
{
  if (animation->sink.error) {
    return srn_plot_sink_settle(&animation->sink, log);
  }
  const char *reason = GifErrorString(animation->gif->Error);
  return srn_fail(log, SPECRNN_ERROR_IO, "GIF: %s", reason ? reason : "cannot write");
}

specrnn_status specrnn_animation_create(specrnn_animation **out, const char *path, int loops, const specrnn_log *log)
{
  if (!out || !path || loops < 0 || loops > MAX_LOOPS) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "an animation needs a path and 0 to %d loops, not %d", MAX_LOOPS,
                    loops);
  }
  specrnn_animation *animation = calloc(1, sizeof *animation);
  if (!animation) {
    return srn_fail_memory(log, sizeof *animation);
  }
  animation->loops = loops;
  specrnn_status status = srn_plot_sink_open_file(&animation->sink, path, log);
  if (status) {
    free(animation);
    return status;
  }
  int error = 0;
  animation->gif = EGifOpen(&animation->sink, on_write, &error);
  if (!animation->gif) {
    specrnn_animation_destroy(&animation);
    return srn_fail(log, SPECRNN_ERROR_MEMORY, "GIF: %s", GifErrorString(error));
  }
  *out = animation;
  return SPECRNN_OK;
}

void specrnn_animation_destroy(specrnn_animation **animation)
{
  if (!animation || !*animation) {
    return;
  }
  specrnn_animation *a = *animation;
  if (a->gif) {
    int error;
    EGifCloseFile(a->gif, &error); /* nothing is left of the file anyway */
  }
  srn_plot_sink_abandon(&a->sink);
  free(a->shown);
  free(a->parts);
  free(a);
  *animation = NULL;
}

/* ----------------------------------------------------------------------------------------------------------- frames */

/* The size of the picture and, unless it plays once, the loop count as Netscape wrote it. */
static bool put_header(specrnn_animation *animation)
{
  GifFileType *gif = animation->gif;
  EGifSetGifVersion(gif, true);
  if (EGifPutScreenDesc(gif, animation->width, animation->height, COLOR_RESOLUTION, 0, NULL) == GIF_ERROR) {
    return false;
  }
  if (animation->loops == 1) {
    return true;
  }
  int repeats = animation->loops ? animation->loops - 1 : 0; /* how often more; 0: for ever */
  unsigned char body[] = {1, (unsigned char)(repeats & 0xff), (unsigned char)(repeats >> 8)};
  return EGifPutExtensionLeader(gif, APPLICATION_EXT_FUNC_CODE) != GIF_ERROR &&
         EGifPutExtensionBlock(gif, 11, "NETSCAPE2.0") != GIF_ERROR &&
         EGifPutExtensionBlock(gif, sizeof body, body) != GIF_ERROR && EGifPutExtensionTrailer(gif) != GIF_ERROR;
}

static specrnn_status begin(specrnn_animation *animation, const srn_raster *raster, const specrnn_log *log)
{
  if (raster->width > MAX_GIF_SIDE || raster->height > MAX_GIF_SIDE || raster->band_rows < raster->height) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "frames of %d x %d pixels are too large for a GIF", raster->width,
                    raster->height);
  }
  size_t count = (size_t)raster->width * (size_t)raster->height;
  animation->shown = malloc(count * sizeof *animation->shown);
  animation->parts = malloc(4 * count);
  if (!animation->shown || !animation->parts) {
    return srn_fail_memory(log, 4 * count);
  }
  animation->width = raster->width;
  animation->height = raster->height;
  return put_header(animation) ? SPECRNN_OK : fail_gif(animation, log);
}

/* The smallest box that holds all changes; one pixel where there are none, as the delay counts too. */
static srn_box changed_box(const specrnn_animation *animation, const uint32_t *pixels)
{
  int width = animation->width;
  int height = animation->height;
  if (animation->frames == 0) {
    return (srn_box){0, 0, width, height};
  }
  int left = width, right = -1, top = height, bottom = -1;
  for (int y = 0; y < height; y++) {
    const uint32_t *a = pixels + (size_t)y * (size_t)width;
    const uint32_t *b = animation->shown + (size_t)y * (size_t)width;
    if (!memcmp(a, b, (size_t)width * sizeof *a)) {
      continue;
    }
    top = y < top ? y : top;
    bottom = y;
    int x = 0;
    while (a[x] == b[x]) {
      x++;
    }
    left = x < left ? x : left;
    x = width - 1;
    while (a[x] == b[x]) {
      x--;
    }
    right = x > right ? x : right;
  }
  return right < 0 ? (srn_box){0, 0, 1, 1} : (srn_box){left, top, right - left + 1, bottom - top + 1};
}

static bool is_changed(const specrnn_animation *animation, const uint32_t *pixels, size_t i)
{
  return animation->frames == 0 || pixels[i] != animation->shown[i];
}

/* Colours and indices of the changed pixels of a box, in the order of rows. Exact where 255 colours are enough. */
typedef struct quantized {
  ColorMapObject *map;
  const GifByteType *indices;
  int transparent;
} quantized;

/* False where there are more colours. */
static bool collect_colors(specrnn_animation *animation, const uint32_t *pixels, srn_box box)
{
  srn_palette *palette = &animation->palette;
  memset(palette, 0, sizeof *palette);
  for (int y = box.y; y < box.y + box.height; y++) {
    for (int x = box.x; x < box.x + box.width; x++) {
      size_t i = (size_t)y * (size_t)animation->width + (size_t)x;
      if (is_changed(animation, pixels, i) && !srn_palette_collect(palette, &pixels[i], 1, FRAME_COLORS)) {
        return false;
      }
    }
  }
  return true;
}

static bool quantize_exactly(specrnn_animation *animation, const uint32_t *pixels, srn_box box, quantized *q)
{
  const srn_palette *palette = &animation->palette;
  GifByteType *next = animation->parts;
  for (int y = box.y; y < box.y + box.height; y++) {
    for (int x = box.x; x < box.x + box.width; x++) {
      size_t i = (size_t)y * (size_t)animation->width + (size_t)x;
      if (is_changed(animation, pixels, i)) {
        *next++ = srn_palette_index(palette, pixels[i]);
      }
    }
  }
  q->indices = animation->parts;
  q->transparent = palette->count;
  q->map = GifMakeMapObject(1 << GifBitSize(palette->count + 1), NULL);
  for (int i = 0; q->map && i < palette->count; i++) {
    uint32_t color = palette->colors[i];
    q->map->Colors[i] = (GifColorType){(GifByteType)(color >> 16), (GifByteType)(color >> 8), (GifByteType)color};
  }
  return q->map != NULL;
}

/* giflib counts colours in steps of 8, so that white would come out grey: every entry becomes the mean of the colours
 * that it stands for. */
static void refine_colors(const GifByteType *const parts[3], const GifByteType *indices, size_t count,
                          ColorMapObject *map)
{
  uint64_t sums[SRN_PALETTE_COLORS][3] = {{0}};
  uint64_t counts[SRN_PALETTE_COLORS] = {0};
  for (size_t i = 0; i < count; i++) {
    for (int k = 0; k < 3; k++) {
      sums[indices[i]][k] += parts[k][i];
    }
    counts[indices[i]]++;
  }
  for (int i = 0; i < SRN_PALETTE_COLORS; i++) {
    uint64_t n = counts[i];
    if (n) {
      map->Colors[i] = (GifColorType){(GifByteType)((sums[i][0] + n / 2) / n), (GifByteType)((sums[i][1] + n / 2) / n),
                                      (GifByteType)((sums[i][2] + n / 2) / n)};
    }
  }
}

static bool quantize_roughly(specrnn_animation *animation, const uint32_t *pixels, srn_box box, quantized *q)
{
  size_t all = (size_t)animation->width * (size_t)animation->height;
  GifByteType *red = animation->parts;
  GifByteType *green = red + all;
  GifByteType *blue = green + all;
  GifByteType *indices = blue + all;
  size_t count = 0;
  for (int y = box.y; y < box.y + box.height; y++) {
    for (int x = box.x; x < box.x + box.width; x++) {
      size_t i = (size_t)y * (size_t)animation->width + (size_t)x;
      if (is_changed(animation, pixels, i)) {
        red[count] = (GifByteType)(pixels[i] >> 16);
        green[count] = (GifByteType)(pixels[i] >> 8);
        blue[count++] = (GifByteType)pixels[i];
      }
    }
  }
  int colors = FRAME_COLORS;
  q->map = GifMakeMapObject(SRN_PALETTE_COLORS, NULL);
  q->indices = indices;
  q->transparent = FRAME_COLORS;
  if (!q->map || count > UINT32_MAX / 2 ||
      GifQuantizeBuffer((unsigned)count, 1, &colors, red, green, blue, indices, q->map->Colors) == GIF_ERROR) {
    return false;
  }
  refine_colors((const GifByteType *const[]){red, green, blue}, indices, count, q->map);
  return true;
}

static bool put_frame(specrnn_animation *animation, const uint32_t *pixels, srn_box box, const quantized *q,
                      double delay_s)
{
  GraphicsControlBlock control = {.DisposalMode = DISPOSE_DO_NOT,
                                  .DelayTime = srn_whole_int(delay_s * CENTISECONDS + 0.5, 0, UINT16_MAX),
                                  .TransparentColor = q->transparent};
  GifByteType extension[4];
  GifFileType *gif = animation->gif;
  size_t size = EGifGCBToExtension(&control, extension);
  bool good = EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, (int)size, extension) != GIF_ERROR &&
              EGifPutImageDesc(gif, box.x, box.y, box.width, box.height, false, q->map) != GIF_ERROR;
  const GifByteType *next = q->indices;
  GifByteType *line = malloc((size_t)box.width);
  good = good && line;
  for (int y = box.y; y < box.y + box.height && good; y++) {
    for (int x = 0; x < box.width; x++) {
      size_t i = (size_t)y * (size_t)animation->width + (size_t)(box.x + x);
      line[x] = is_changed(animation, pixels, i) ? *next++ : (GifByteType)q->transparent;
    }
    good = EGifPutLine(gif, line, box.width) != GIF_ERROR;
  }
  free(line);
  return good;
}

static specrnn_status add_frame(specrnn_animation *animation, const srn_raster *raster, double delay_s,
                                const specrnn_log *log)
{
  const uint32_t *pixels = raster->pixels;
  if (raster->width != animation->width || raster->height != animation->height) {
    return srn_fail(log, SPECRNN_ERROR_SHAPE, "a frame has %d x %d pixels; the first one had %d x %d", raster->width,
                    raster->height, animation->width, animation->height);
  }
  srn_box box = changed_box(animation, pixels);
  quantized q = {0};
  bool few = collect_colors(animation, pixels, box);
  if (!(few ? quantize_exactly : quantize_roughly)(animation, pixels, box, &q)) {
    GifFreeMapObject(q.map);
    return srn_fail(log, SPECRNN_ERROR_MEMORY, "out of memory (colours of a frame)");
  }
  bool good = put_frame(animation, pixels, box, &q, delay_s);
  GifFreeMapObject(q.map);
  if (!good) {
    return fail_gif(animation, log);
  }
  memcpy(animation->shown, pixels, (size_t)animation->width * (size_t)animation->height * sizeof *pixels);
  animation->frames++;
  return SPECRNN_OK;
}

specrnn_status specrnn_animation_add(specrnn_animation *animation, specrnn_figure *figure, double delay_s,
                                     const specrnn_log *log)
{
  if (!animation || !figure || !(delay_s >= LEAST_DELAY_S && delay_s <= MOST_DELAY_S)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a frame needs a figure and a delay of %g to %g s, not %g",
                    LEAST_DELAY_S, MOST_DELAY_S, delay_s);
  }
  srn_raster raster;
  specrnn_status status = srn_raster_open(&raster, figure, log);
  if (status) {
    return status;
  }
  if (!animation->shown) {
    status = begin(animation, &raster, log);
  }
  status = status
               ? status
               : srn_raster_draw(&raster, 0, raster.height < raster.band_rows ? raster.height : raster.band_rows, log);
  status = status ? status : add_frame(animation, &raster, delay_s, log);
  srn_raster_close(&raster);
  return status;
}

specrnn_status specrnn_animation_finish(specrnn_animation **animation, const specrnn_log *log)
{
  if (!animation || !*animation) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "no animation to finish");
  }
  specrnn_animation *a = *animation;
  specrnn_status status = SPECRNN_OK;
  if (!a->frames) {
    status = srn_fail(log, SPECRNN_ERROR_EMPTY, "the animation has no frames");
  } else {
    int error = 0;
    if (EGifCloseFile(a->gif, &error) == GIF_ERROR && !a->sink.error) {
      status = srn_fail(log, SPECRNN_ERROR_IO, "GIF: %s", GifErrorString(error));
    }
    a->gif = NULL;
    status = status ? status : srn_plot_sink_commit(&a->sink, log);
  }
  specrnn_animation_destroy(animation);
  return status;
}
