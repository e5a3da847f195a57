/* Heat maps: options, the stream of rows, and the range of colours. */
#include <float.h>
#include <stdlib.h>

#include "core/checked.h"
#include "core/log.h"
#include "plot/data.h"

static const char *const POOLS[] = {"max", "mean", "mean-db", "max-abs", NULL};
static const char *const COLORMAPS[] = {"inferno", "magma", "viridis", "plasma", "gray", "coolwarm", NULL};

/* Columns and groups of bins that are kept for each pixel of the whole figure. */
enum { CELLS_PER_PIXEL = 4, MIN_COLUMNS = 64 };

#define FIELD(name) offsetof(specrnn_heatmap_config, name)
static const specrnn_option OPTIONS[] = {
    {"colormap", SPECRNN_OPTION_CHOICE, FIELD(colormap), 0, 0, COLORMAPS, NULL, 0, NULL, "colours"},
    {"reverse_colors", SPECRNN_OPTION_BOOL, FIELD(reverse_colors), 0, 1, NULL, NULL, 0, NULL,
     "use the colours from the last to the first"},
    {"vmin", SPECRNN_OPTION_DOUBLE, FIELD(vmin), -1e300, 1e300, NULL, "auto", -INFINITY, NULL,
     "value of the first colour"},
    {"vmax", SPECRNN_OPTION_DOUBLE, FIELD(vmax), -1e300, 1e300, NULL, "auto", INFINITY, NULL,
     "value of the last colour"},
    {"percentile_low", SPECRNN_OPTION_DOUBLE, FIELD(percentile_low), 0, 100, NULL, NULL, 0, "%",
     "percentile of the values that vmin is, unless given"},
    {"percentile_high", SPECRNN_OPTION_DOUBLE, FIELD(percentile_high), 0, 100, NULL, NULL, 0, "%",
     "percentile of the values that vmax is, unless given"},
    {"symmetric", SPECRNN_OPTION_BOOL, FIELD(symmetric), 0, 1, NULL, NULL, 0, NULL, "centre the colours on zero"},
    {"relative_to_max", SPECRNN_OPTION_BOOL, FIELD(relative_to_max), 0, 1, NULL, NULL, 0, NULL,
     "subtract the largest value from all"},
    {"pool", SPECRNN_OPTION_CHOICE, FIELD(pool), 0, 0, POOLS, NULL, 0, NULL,
     "what stands for several values in one pixel"},
    {"colorbar", SPECRNN_OPTION_BOOL, FIELD(colorbar), 0, 1, NULL, NULL, 0, NULL, "draw the scale of colours"},
};
#undef FIELD
static const specrnn_heatmap_config DEFAULTS = SPECRNN_HEATMAP_CONFIG_INIT;
static const specrnn_option_table TABLE = {"heatmap", OPTIONS, sizeof OPTIONS / sizeof *OPTIONS,
                                           sizeof(specrnn_heatmap_config), &DEFAULTS};

const specrnn_option_table *specrnn_heatmap_options(void)
{
  return &TABLE;
}

/* ------------------------------------------------------------------------------------------------- where cells lie */

static double centre_of_bin(const specrnn_heatmap_config *config, size_t bin)
{
  return config->bin_centres ? config->bin_centres[bin] : config->y_first + (double)bin * config->y_step;
}

/* The border below `bin`, in axis coordinates: half way to its neighbour in value for even bins, in the coordinate for
 * bins that the caller placed. */
static double border_below(const specrnn_heatmap_config *config, specrnn_axis_kind kind, size_t bin)
{
  if (!config->bin_centres) {
    return srn_axis_coordinate(kind, config->y_first + ((double)bin - 0.5) * config->y_step);
  }
  size_t n = config->n_bins;
  double half = 0.5;
  if (n == 1) {
    return srn_axis_coordinate(kind, config->bin_centres[0]) + ((double)bin - half);
  }
  size_t below = bin == 0 ? 0 : bin == n ? n - 2 : bin - 1;
  double a = srn_axis_coordinate(kind, config->bin_centres[below]);
  double b = srn_axis_coordinate(kind, config->bin_centres[below + 1]);
  double middle = a + half * (b - a);
  return bin == 0 ? middle - (b - a) : bin == n ? middle + (b - a) : middle;
}

double srn_heatmap_column_begin(const srn_heatmap *heatmap, double index)
{
  const specrnn_heatmap_config *config = &heatmap->config;
  return config->x_first + (index * (double)heatmap->pool->factor - 0.5) * config->x_step;
}

/* Whole cells on plain axes; from the first to the last centre on axes of frequency, as these are what was measured. */
static srn_range range_of_bins(const specrnn_heatmap_config *config, specrnn_axis_kind kind)
{
  double first = centre_of_bin(config, 0);
  double last = centre_of_bin(config, config->n_bins - 1);
  bool whole = kind == SPECRNN_AXIS_INDEX || kind == SPECRNN_AXIS_LINEAR || kind == SPECRNN_AXIS_TIME;
  if (!whole && first < last) {
    return (srn_range){first, last};
  }
  double below = config->bin_centres && config->n_bins > 1 ? (config->bin_centres[1] - first) / 2.0 : 0.5;
  double above =
      config->bin_centres && config->n_bins > 1 ? (last - config->bin_centres[config->n_bins - 2]) / 2.0 : 0.5;
  if (!config->bin_centres) {
    below = above = config->y_step / 2.0;
  }
  return (srn_range){first - below, last + above};
}

/* ---------------------------------------------------------------------------------------------------------- making */

static specrnn_status check_bins(const specrnn_heatmap_config *config, const specrnn_log *log)
{
  if (config->n_bins < 1) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a heat map needs n_bins, the width of its rows");
  }
  if (!(config->x_step > 0.0) || !isfinite(config->x_step) || !isfinite(config->x_first)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "rows of a heat map cannot begin at %g and be %g apart",
                    config->x_first, config->x_step);
  }
  if (!config->bin_centres && (!(config->y_step > 0.0) || !isfinite(config->y_step) || !isfinite(config->y_first))) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "bins of a heat map cannot begin at %g and be %g apart",
                    config->y_first, config->y_step);
  }
  for (size_t i = 0; config->bin_centres && i < config->n_bins; i++) {
    if (!isfinite(config->bin_centres[i]) || (i > 0 && config->bin_centres[i] <= config->bin_centres[i - 1])) {
      return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the centre of bin %zu is %g; centres must rise", i,
                      config->bin_centres[i]);
    }
  }
  return SPECRNN_OK;
}

static specrnn_status check_heatmap(const specrnn_heatmap_config *config, const specrnn_log *log)
{
  specrnn_status status = specrnn_option_validate(&TABLE, config, log);
  status = status ? status : check_bins(config, log);
  if (!status && !(config->vmin < config->vmax)) {
    status = srn_fail(log, SPECRNN_ERROR_ARGUMENT, "vmin is %g and vmax %g; vmin must be smaller", config->vmin,
                      config->vmax);
  }
  if (!status && !(config->percentile_low < config->percentile_high)) {
    status = srn_fail(log, SPECRNN_ERROR_ARGUMENT, "percentile_low is %g and percentile_high %g; low must be smaller",
                      config->percentile_low, config->percentile_high);
  }
  if (!status && isnan(config->floor)) {
    status = srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the floor of a heat map is not a number");
  }
  if (!status && config->colorbar_format && !srn_axis_format_valid(config->colorbar_format)) {
    status = srn_fail(log, SPECRNN_ERROR_ARGUMENT,
                      "colorbar_format '%s' is not one conversion of a number (%%e %%f %%g)", config->colorbar_format);
  }
  return status;
}

static specrnn_status create_pool(const specrnn_panel *panel, srn_heatmap *heatmap, const specrnn_log *log)
{
  const specrnn_heatmap_config *config = &heatmap->config;
  const specrnn_axis *axis = &panel->config.y;
  double *edges = calloc(config->n_bins + 1, sizeof *edges);
  if (!edges) {
    return srn_fail_memory(log, config->n_bins * sizeof *edges);
  }
  for (size_t i = 0; i <= config->n_bins; i++) {
    edges[i] = border_below(config, axis->kind, i);
  }
  double low = srn_axis_coordinate(axis->kind, fmax(axis->minimum, heatmap->y_low));
  double high = srn_axis_coordinate(axis->kind, fmin(axis->maximum, heatmap->y_high));
  size_t columns = (size_t)CELLS_PER_PIXEL * (size_t)panel->figure->width;
  srn_pool_plan plan = {.kind = config->pool,
                        .n_bins = config->n_bins,
                        .edges = edges,
                        .smallest = (high - low) / ((double)CELLS_PER_PIXEL * panel->figure->height),
                        .capacity = columns > MIN_COLUMNS ? columns : MIN_COLUMNS};
  specrnn_status status = srn_pool_create(&heatmap->pool, &plan, log);
  free(edges);
  return status;
}

specrnn_status specrnn_panel_add_heatmap(specrnn_panel *panel, const specrnn_heatmap_config *config,
                                         const specrnn_log *log)
{
  if (!panel || !config) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a heat map needs a panel and its configuration");
  }
  if (panel->heatmap) {
    return srn_fail(log, SPECRNN_ERROR_STATE, "the panel has a heat map already");
  }
  specrnn_axis_kind x = panel->config.x.kind;
  if (x == SPECRNN_AXIS_LOG || x == SPECRNN_AXIS_FREQUENCY_LOG || x == SPECRNN_AXIS_FREQUENCY_MEL) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "a heat map needs a linear x axis");
  }
  specrnn_status status = check_heatmap(config, log);
  if (status) {
    return status;
  }
  srn_heatmap *heatmap = calloc(1, sizeof *heatmap);
  if (!heatmap) {
    return srn_fail_memory(log, sizeof *heatmap);
  }
  heatmap->config = *config;
  srn_range range = range_of_bins(config, panel->config.y.kind);
  heatmap->y_low = range.low;
  heatmap->y_high = range.high;
  heatmap->config.colorbar_label = NULL;
  heatmap->config.colorbar_format = NULL;
  heatmap->config.floor_label = NULL;
  status = create_pool(panel, heatmap, log);
  heatmap->config.bin_centres = NULL; /* the caller's; the pool knows the borders */
  panel->heatmap = heatmap;
  if (!status) {
    heatmap->config.colorbar_label = config->colorbar_label;
    status = srn_own_text(panel->figure, &heatmap->config.colorbar_label, log);
  }
  if (!status) {
    heatmap->config.colorbar_format = config->colorbar_format;
    status = srn_own_text(panel->figure, &heatmap->config.colorbar_format, log);
  }
  if (!status) {
    heatmap->config.floor_label = config->floor_label;
    status = srn_own_text(panel->figure, &heatmap->config.floor_label, log);
  }
  if (status) {
    srn_heatmap_destroy(&panel->heatmap);
  }
  return status;
}

void srn_heatmap_destroy(srn_heatmap **heatmap)
{
  if (!*heatmap) {
    return;
  }
  srn_pool_destroy(&(*heatmap)->pool);
  srn_free_text((*heatmap)->config.colorbar_label);
  srn_free_text((*heatmap)->config.colorbar_format);
  srn_free_text((*heatmap)->config.floor_label);
  free(*heatmap);
  *heatmap = NULL;
}

specrnn_status specrnn_panel_push_rows(specrnn_panel *panel, const float *rows, size_t n_rows, const specrnn_log *log)
{
  if (!panel || (!rows && n_rows)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "no rows to push");
  }
  if (!panel->heatmap) {
    return srn_fail(log, SPECRNN_ERROR_STATE, "the panel has no heat map");
  }
  return srn_pool_push(panel->heatmap->pool, rows, n_rows, log);
}

/* ---------------------------------------------------------------------------------------------------------- colours */

/* Numbers that differ by less are the same: a float of the largest magnitude is off by that. */
static double rounding_of(double magnitude)
{
  return FLT_EPSILON * magnitude;
}

static const double CONSTANT_SHARE = 0.1; /* of a constant's magnitude, to either side of it */

/* A range of no width gets one, so that a constant has the middle colour. That of one that rounding stirs begins half a
 * colour lower, as the exact middle is where two colours meet. */
static void widen(srn_range *range, double magnitude)
{
  double half = magnitude == 0.0 ? CONSTANT_SHARE : CONSTANT_SHARE * magnitude;
  double aside = range->high > range->low ? half / SPECRNN_COLORMAP_SIZE : 0.0;
  double middle = range->low / 2.0 + range->high / 2.0 - aside;
  *range = (srn_range){middle - half, middle + half};
}

static bool are_floor(const specrnn_heatmap_config *config, srn_range values)
{
  double rounding = rounding_of(fmax(fabs(values.low), fabs(values.high)));
  return fabs(values.low - config->floor) <= rounding && fabs(values.high - config->floor) <= rounding;
}

/* Of values that are all the floor: it is at the lower end, and the range as wide as it would be of others. Given ends
 * stand, unless they are below a maximum that is not there. */
static srn_range range_of_floor(const specrnn_heatmap_config *config)
{
  bool has_low = config->vmin != -INFINITY && !config->relative_to_max;
  bool has_high = config->vmax != INFINITY && !config->relative_to_max;
  bool has_width = config->vmin != -INFINITY && config->vmax != INFINITY;
  srn_range around = {config->floor, config->floor};
  widen(&around, fabs(config->floor));
  double width = has_width ? config->vmax - config->vmin : around.high - around.low;
  double low = has_low ? config->vmin : has_high ? fmin(config->floor, config->vmax - width) : config->floor;
  return (srn_range){low, has_high ? config->vmax : fmax(low, config->floor) + width};
}

/* Where both ends are from the data, a range within its rounding is that of a constant. */
static srn_range range_of_values(const specrnn_heatmap_config *config, srn_range chosen, double magnitude)
{
  bool has_low = config->vmin != -INFINITY;
  bool has_high = config->vmax != INFINITY;
  srn_range range = {has_low ? config->vmin : chosen.low, has_high ? config->vmax : chosen.high};
  if (range.low >= range.high && has_low) {
    range.high = range.low; /* all data lie below the given vmin: the range starts there */
  } else if (range.low >= range.high && has_high) {
    range.low = range.high;
  }
  if (config->symmetric) {
    range.high = fmax(fabs(range.low), fabs(range.high));
    range.low = -range.high;
  }
  bool given = has_low || has_high;
  if (range.high - range.low <= (given ? 0.0 : rounding_of(magnitude))) {
    widen(&range, given ? fabs(range.low) : magnitude);
  }
  return range;
}

specrnn_status srn_heatmap_find_colors(srn_heatmap *heatmap, const specrnn_log *log)
{
  const specrnn_heatmap_config *config = &heatmap->config;
  srn_range values = {0.0, 1.0};
  bool found = srn_pool_extent(heatmap->pool, &values.low, &values.high);
  heatmap->empty = !found;
  heatmap->shift = found && config->relative_to_max ? -values.high : 0.0;
  heatmap->all_floor = found && are_floor(config, values);
  srn_range range;
  if (heatmap->all_floor) {
    heatmap->shift = 0.0;
    range = range_of_floor(config);
  } else {
    srn_range chosen = values;
    bool from_data = config->vmin == -INFINITY || config->vmax == INFINITY;
    bool partly = found && from_data && (config->percentile_low > 0.0 || config->percentile_high < 100.0);
    if (partly) {
      specrnn_status status = srn_pool_percentiles(heatmap->pool, config->percentile_low, config->percentile_high,
                                                   &chosen.low, &chosen.high, log);
      if (status) {
        return status;
      }
    }
    chosen = (srn_range){chosen.low + heatmap->shift, chosen.high + heatmap->shift};
    range = range_of_values(config, chosen, fmax(fabs(values.low), fabs(values.high)));
    heatmap->below = partly && values.low + heatmap->shift < range.low;
    heatmap->above = partly && values.high + heatmap->shift > range.high;
  }
  if (isinf(SPECRNN_COLORMAP_SIZE / (range.high - range.low))) { /* a colour would be less than a double tells apart */
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "colours from %g to %g: the ends are too near each other", range.low,
                    range.high);
  }
  heatmap->vmin = range.low;
  heatmap->vmax = range.high;
  return SPECRNN_OK;
}

const char *srn_heatmap_bar_label(const srn_heatmap *heatmap)
{
  const specrnn_heatmap_config *config = &heatmap->config;
  const char *label = heatmap->all_floor && config->floor_label ? config->floor_label : config->colorbar_label;
  return label ? label : "";
}
