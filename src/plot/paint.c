/* The cells of a heat map as pixels: nearest cell, or all cells that a pixel covers. */
#include "plot/paint.h"

#include <stdlib.h>

#include "core/checked.h"
#include "core/log.h"
#include "plot/data.h"

/* Cells whose centres lie in [low, high), in units of cells; else the one that holds the middle. */
static srn_span cells_between(double low, double high, size_t count)
{
  size_t first = (size_t)srn_whole(ceil(low - 0.5), 0, (int64_t)count);
  size_t end = (size_t)srn_whole(ceil(high - 0.5), 0, (int64_t)count);
  if (first < end) {
    return (srn_span){first, end};
  }
  double middle = floor((low + high) / 2.0);
  if (!(middle >= 0.0 && middle < (double)count)) {
    return (srn_span){0, 0};
  }
  first = (size_t)srn_whole(middle, 0, (int64_t)count - 1);
  return (srn_span){first, first + 1};
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
static srn_span columns_under(const specrnn_panel *panel, int x, int width)
{
  const srn_heatmap *heatmap = panel->heatmap;
  double begin = srn_heatmap_column_begin(heatmap, 0.0);
  double step = srn_heatmap_column_begin(heatmap, 1.0) - begin;
  double low = value_at(&panel->x, (double)x / width);
  double high = value_at(&panel->x, (double)(x + 1) / width);
  if ((low + high) / 2.0 > panel->horizon) {
    return (srn_span){0, 0};
  }
  size_t count = heatmap->pool->n_columns;
  return cells_between((low - begin) / step, (high - begin) / step, count);
}

static srn_span groups_under(const specrnn_panel *panel, int y, int height)
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

enum { MISSING = SPECRNN_COLORMAP_SIZE };

typedef struct palette {
  uint32_t colors[SPECRNN_COLORMAP_SIZE + 1]; /* the last one for NaN */
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
  p->colors[MISSING] = pack(srn_theme_get(panel->figure->config.theme)->missing);
  p->shift = heatmap->shift;
  p->low = heatmap->vmin;
  p->scale = SPECRNN_COLORMAP_SIZE / (heatmap->vmax - heatmap->vmin);
}

static uint32_t color_of(const palette *p, double value)
{
  double place = (value + p->shift - p->low) * p->scale;
  return p->colors[isnan(value) ? MISSING : srn_whole_int(place, 0, SPECRNN_COLORMAP_SIZE - 1)];
}

/* The pixels of one column of the window; those without data are left alone. */
static void paint_column(const palette *p, const srn_span *rows, const float *values, int height, uint32_t *pixels,
                         size_t stride)
{
  for (int y = 0; y < height; y++) {
    if (rows[y].begin < rows[y].end) {
      pixels[(size_t)y * stride] = color_of(p, values[y]);
    }
  }
}

specrnn_status srn_paint_heatmap(const specrnn_panel *panel, int width, int height, srn_box window, uint32_t *pixels,
                                 size_t stride, const specrnn_log *log)
{
  const srn_pool *pool = panel->heatmap->pool;
  if (window.width <= 0 || window.height <= 0) {
    return SPECRNN_OK;
  }
  size_t n_rows = (size_t)window.height;
  srn_span *rows = calloc(n_rows, sizeof *rows);
  float *values = malloc((n_rows + pool->n_groups) * sizeof *values);
  if (!rows || !values) {
    free(rows);
    free(values);
    return srn_fail_memory(log, n_rows * sizeof *rows + (n_rows + pool->n_groups) * sizeof *values);
  }
  for (int y = 0; y < window.height; y++) {
    rows[y] = groups_under(panel, window.y + y, height);
  }
  palette colors;
  make_palette(panel, &colors);
  for (int x = 0; x < window.width; x++) {
    srn_span columns = columns_under(panel, window.x + x, width);
    if (columns.begin < columns.end) {
      srn_pool_values(pool, columns, rows, n_rows, values, values + n_rows);
      paint_column(&colors, rows, values, window.height, pixels + x, stride);
    }
  }
  free(rows);
  free(values);
  return SPECRNN_OK;
}
