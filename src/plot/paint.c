/* The cells of a heat map as pixels: nearest cell, or all cells that a pixel covers. */
#include "plot/paint.h"

#include <stdlib.h>

#include "core/log.h"
#include "plot/data.h"

/* Cells [begin, end) of one pixel; none where it lies outside the data. */
typedef struct span {
  size_t begin, end;
} span;

/* Cells whose centres lie in [low, high), in units of cells; else the one that holds the middle. */
static span cells_between(double low, double high, size_t count)
{
  double first = fmax(ceil(low - 0.5), 0.0);
  double end = fmin(ceil(high - 0.5), (double)count);
  if (first < end) {
    return (span){(size_t)first, (size_t)end};
  }
  double middle = floor((low + high) / 2.0);
  if (!(middle >= 0.0 && middle < (double)count)) {
    return (span){0, 0};
  }
  return (span){(size_t)middle, (size_t)middle + 1};
}

/* The place of `coordinate` among borders, in units of cells. */
static double cell_at(const double *borders, size_t count, double coordinate)
{
  size_t low = 0;
  size_t high = count;
  if (coordinate < borders[0]) {
    return -1.0;
  }
  if (coordinate >= borders[count]) {
    return (double)count;
  }
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (borders[middle] <= coordinate) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return (double)low + (coordinate - borders[low]) / (borders[low + 1] - borders[low]);
}

static double value_at(const srn_axis *axis, double place)
{
  return axis->low + place * (axis->high - axis->low);
}

/* Columns under pixel `x` of `width`; the x axes of pictures are linear.
 */
static span columns_under(const specrnn_panel *panel, int x, int width)
{
  const srn_heatmap *heatmap = panel->heatmap;
  double begin = srn_heatmap_column_begin(heatmap, 0.0);
  double step = srn_heatmap_column_begin(heatmap, 1.0) - begin;
  double low = value_at(&panel->x, (double)x / width);
  double high = value_at(&panel->x, (double)(x + 1) / width);
  if ((low + high) / 2.0 > panel->horizon) {
    return (span){0, 0};
  }
  size_t count = heatmap->pool->n_columns;
  return cells_between((low - begin) / step, (high - begin) / step, count);
}

static span groups_under(const specrnn_panel *panel, int y, int height)
{
  const srn_pool *pool = panel->heatmap->pool;
  const srn_axis *axis = &panel->y;
  double bottom = srn_axis_coordinate(axis->kind, axis->low);
  double range = srn_axis_coordinate(axis->kind, axis->high) - bottom;
  double low = bottom + range * (double)(height - y - 1) / height;
  double high = bottom + range * (double)(height - y) / height;
  return cells_between(cell_at(pool->group_edge, pool->n_groups, low), cell_at(pool->group_edge, pool->n_groups, high),
                       pool->n_groups);
}

typedef struct palette {
  uint32_t colors[SPECRNN_COLORMAP_SIZE];
  uint32_t missing;
  double shift, low, scale;
} palette;

static uint32_t pack(srn_color c)
{
  return 0xff000000u | (uint32_t)c.red << 16 | (uint32_t)c.green << 8 | c.blue;
}

static void make_palette(const specrnn_panel *panel, palette *p)
{
  const srn_heatmap *heatmap = panel->heatmap;
  const specrnn_colormap_info *map = specrnn_colormap_get((int)heatmap->config.colormap);
  for (int i = 0; i < SPECRNN_COLORMAP_SIZE; i++) {
    const uint8_t *rgb = map->rgb[heatmap->config.reverse_colors ? SPECRNN_COLORMAP_SIZE - 1 - i : i];
    p->colors[i] = pack((srn_color){rgb[0], rgb[1], rgb[2]});
  }
  p->missing = pack(srn_theme_get(panel->figure->config.theme)->missing);
  p->shift = heatmap->shift;
  p->low = heatmap->vmin;
  p->scale = SPECRNN_COLORMAP_SIZE / (heatmap->vmax - heatmap->vmin);
}

static uint32_t color_of(const palette *p, double value)
{
  if (isnan(value)) {
    return p->missing;
  }
  double place = (value + p->shift - p->low) * p->scale;
  int index = place >= SPECRNN_COLORMAP_SIZE ? SPECRNN_COLORMAP_SIZE - 1 : place >= 1.0 ? (int)place : 0;
  return p->colors[index];
}

/* The pixels of one column of the window: those that cover the same cells are the same. */
typedef struct column {
  const srn_pool *pool;
  const palette *palette;
  const span *rows; /* (height) */
  int height;
  size_t stride;
  float *merged; /* (n_groups), or NULL where means are taken over all cells at once */
} column;

static void paint_column(const column *c, span columns, uint32_t *pixels)
{
  if (c->merged) {
    srn_pool_merge_columns(c->pool, columns.begin, columns.end, c->merged);
  }
  for (int y = 0; y < c->height; y++) {
    span rows = c->rows[y];
    uint32_t *pixel = pixels + (size_t)y * c->stride;
    if (rows.begin >= rows.end) {
      continue;
    }
    if (y > 0 && rows.begin == c->rows[y - 1].begin && rows.end == c->rows[y - 1].end) {
      *pixel = *(pixel - c->stride);
      continue;
    }
    float value = c->merged ? srn_pool_merged_value(c->pool, c->merged, rows.begin, rows.end)
                            : srn_pool_value(c->pool, columns.begin, columns.end, rows.begin, rows.end);
    *pixel = color_of(c->palette, value);
  }
}

specrnn_status srn_paint_heatmap(const specrnn_panel *panel, int width, int height, srn_box window, uint32_t *pixels,
                                 size_t stride, const specrnn_log *log)
{
  const srn_pool *pool = panel->heatmap->pool;
  if (window.width <= 0 || window.height <= 0) {
    return SPECRNN_OK;
  }
  bool merges = !srn_pool_is_mean(pool);
  span *rows = calloc((size_t)window.height, sizeof *rows);
  float *merged = merges ? malloc(pool->n_groups * sizeof *merged) : NULL;
  if (!rows || (merges && !merged)) {
    free(rows);
    free(merged);
    return srn_fail_memory(log, (size_t)window.height * sizeof *rows + pool->n_groups * sizeof *merged);
  }
  for (int y = 0; y < window.height; y++) {
    rows[y] = groups_under(panel, window.y + y, height);
  }
  palette p;
  make_palette(panel, &p);
  const column each = {
      .pool = pool, .palette = &p, .rows = rows, .height = window.height, .stride = stride, .merged = merged};
  for (int x = 0; x < window.width; x++) {
    span columns = columns_under(panel, window.x + x, width);
    if (columns.begin < columns.end) {
      paint_column(&each, columns, pixels + x);
    }
  }
  free(rows);
  free(merged);
  return SPECRNN_OK;
}
