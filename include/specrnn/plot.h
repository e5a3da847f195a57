/** @file plot.h
 * Pictures of arrays: figures of panels to PNG, SVG and PDF, and animations to GIF. Library specrnn-plot.
 *
 * It knows arrays, not models and no sound. In short:
 *
 *     specrnn_plotter *plotter;                                      one per thread and process: holds the fonts
 *     specrnn_plotter_create(&plotter, NULL, log);
 *     specrnn_figure_config look = SPECRNN_FIGURE_CONFIG_INIT;
 *     specrnn_figure *figure;
 *     specrnn_figure_create(&figure, plotter, &look, log);
 *     specrnn_panel_config place = SPECRNN_PANEL_CONFIG_INIT;        place, title, axes
 *     place.title = "Original Spectrogram";
 *     specrnn_panel *panel;                                          owned by the figure
 *     specrnn_figure_add_panel(figure, &panel, &place, log);
 *     specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
 *     heat.n_bins = 257;
 *     specrnn_panel_add_heatmap(panel, &heat, log);
 *     specrnn_panel_push_rows(panel, db, n_frames, log);             as often as wanted: memory does not grow
 *     specrnn_figure_write(figure, "spectrogram.png", SPECRNN_PICTURE_BY_NAME, log);
 *     specrnn_figure_destroy(&figure);
 *     specrnn_plotter_destroy(&plotter);
 *
 * Conventions
 * - Data and texts are copied (or pooled) by the call that takes them; nothing is kept of the caller's memory.
 * - Texts are UTF-8. NULL asks for the default, "" for none.
 * - Sizes on paper are inches and points (1/72 in); pixels are inches * dpi, rounded.
 * - A plotter and all figures made with it belong to one thread at a time. Two plotters share nothing.
 * - Every fallible call may return SPECRNN_ERROR_ARGUMENT (a NULL, or a field outside its range) and
 *   SPECRNN_ERROR_MEMORY besides what it names; the message goes to `log`, which may be NULL.
 * - The look is that of matplotlib 3.6: DejaVu Sans 10 pt, titles 12 pt, its margins, tick places and colour bars.
 */
#ifndef SPECRNN_PLOT_H
#define SPECRNN_PLOT_H

#include <math.h>

#include "specrnn/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------------------------------------ colour maps */

/** The colour maps, in the order of the registry. */
typedef enum specrnn_colormap {
  SPECRNN_COLORMAP_INFERNO,
  SPECRNN_COLORMAP_MAGMA,
  SPECRNN_COLORMAP_VIRIDIS,
  SPECRNN_COLORMAP_PLASMA,
  SPECRNN_COLORMAP_GRAY,     /**< black to white */
  SPECRNN_COLORMAP_COOLWARM, /**< diverging (K. Moreland): blue, light grey at the centre, red; for signed data */
} specrnn_colormap;

/** Entries of every colour map. */
#define SPECRNN_COLORMAP_SIZE 256

/** One colour map. A value v between vmin and vmax gets the colour min(255, floor(256 * (v - vmin) / (vmax - vmin))).
 */
typedef struct specrnn_colormap_info {
  const char *name; /**< "inferno" */
  const char *help; /**< one sentence without a full stop */
  bool diverging;   /**< its centre means zero */
  const uint8_t (*rgb)[3];
} specrnn_colormap_info;

/** The description of a map; NULL past the last one, so that a loop from 0 visits the registry. Thread-safe. */
SPECRNN_API const specrnn_colormap_info *specrnn_colormap_get(int colormap);

/** The map of that name into *colormap, or false. Thread-safe. */
SPECRNN_API bool specrnn_colormap_find(const char *name, specrnn_colormap *colormap);

/** The names of the registry, ending with NULL: the choices of an option. Thread-safe. */
SPECRNN_API const char *const *specrnn_colormap_names(void);

/* ---------------------------------------------------------------------------------------------------------- plotter */

/** What costs time to start: fonts. Create one per thread and keep it (about 4 ms; then a text costs 20 us). */
typedef struct specrnn_plotter specrnn_plotter;

typedef struct specrnn_plotter_config {
  const char *font_family; /**< default "DejaVu Sans"; characters that it lacks come from other installed fonts */
  bool background; /**< default false; true: the fonts are loaded on a thread of the plotter's own, which ends with
                      that. What needs them first waits for it, and reports what create reports otherwise. The
                      process must not fork before */
} specrnn_plotter_config;

#define SPECRNN_PLOTTER_CONFIG_INIT                                                                                    \
  {                                                                                                                    \
    NULL, false                                                                                                        \
  }

/** @param config may be NULL for the defaults.
 *  @return SPECRNN_ERROR_UNSUPPORTED where no font at all is installed. A family that is not installed is replaced,
 * with a warning. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_plotter_create(specrnn_plotter **out,
                                                                     const specrnn_plotter_config *config,
                                                                     const specrnn_log *log);

/** Its figures must be gone before. */
SPECRNN_API void specrnn_plotter_destroy(specrnn_plotter **plotter);

/* ----------------------------------------------------------------------------------------------------------- figure */

/** A side of a PNG may not have more pixels: libpng's limit. */
#define SPECRNN_PICTURE_MAX_SIDE 1000000

typedef enum specrnn_theme {
  SPECRNN_THEME_LIGHT, /**< black on white */
  SPECRNN_THEME_DARK,  /**< light grey on near black */
} specrnn_theme;

typedef enum specrnn_layout {
  SPECRNN_LAYOUT_FIXED, /**< matplotlib's margins: left .125, right .9, bottom .11, top .88; wider where a text needs it
                         */
  SPECRNN_LAYOUT_TIGHT, /**< as tight_layout: everything that is drawn ends 1.08 font sizes from the border; colour bars
                           are at most 2 font sizes from their panel */
} specrnn_layout;

typedef struct specrnn_figure_config {
  double width_in;       /**< default 6.4 */
  double height_in;      /**< default 4.8; the tutorial's spectrogram and stacked feature maps are 10 x 4 */
  double dpi;            /**< pixels per inch, default 100; written into the PNG */
  double font_size_pt;   /**< default 10; titles are 1.2 times that */
  specrnn_theme theme;   /**< default light */
  specrnn_layout layout; /**< default fixed */
  bool axes;             /**< default true; false: only the data, over the whole picture (for one panel) */
  bool share_x; /**< default true: panels of one column whose x axes are all times, or all indices, get the union of
                   their ranges, and only the lowest of them has tick labels and an axis label */
  const char *title; /**< above all panels; default none. Not in the option table */
} specrnn_figure_config;

#define SPECRNN_FIGURE_CONFIG_INIT                                                                                     \
  {                                                                                                                    \
    6.4, 4.8, 100.0, 10.0, SPECRNN_THEME_LIGHT, SPECRNN_LAYOUT_FIXED, true, true, NULL                                 \
  }

/** width, height (in), dpi, font_size (pt), theme, layout, axes, share_x. */
SPECRNN_API const specrnn_option_table *specrnn_figure_options(void);

/** A picture in the making: panels in rows and columns. */
typedef struct specrnn_figure specrnn_figure;

/** One pair of axes with what is drawn in it. Owned by its figure. */
typedef struct specrnn_panel specrnn_panel;

/** @param config may be NULL for the defaults.
 *  @return SPECRNN_ERROR_UNSUPPORTED for a side of more than SPECRNN_PICTURE_MAX_SIDE pixels. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_figure_create(specrnn_figure **out, specrnn_plotter *plotter,
                                                                    const specrnn_figure_config *config,
                                                                    const specrnn_log *log);

SPECRNN_API void specrnn_figure_destroy(specrnn_figure **figure);

/** Adds one entry of metadata, as ("input", "test.wav"): tEXt in a PNG (iTXt where the text is not ASCII), the keywords
 *  in a PDF, none in an SVG. "Software" with the library's version is always there.
 *  @param key 1 to 79 characters of ASCII, as PNG has it. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_figure_add_metadata(specrnn_figure *figure, const char *key,
                                                                          const char *value, const specrnn_log *log);

/** Changes the colours of paper and ink from the next drawing on: one figure for light and for dark pages. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_figure_set_theme(specrnn_figure *figure, specrnn_theme theme,
                                                                       const specrnn_log *log);

/* ------------------------------------------------------------------------------------------------------------- axes */

typedef enum specrnn_axis_kind {
  SPECRNN_AXIS_INDEX,         /**< whole numbers: frames, steps, bins, units */
  SPECRNN_AXIS_LINEAR,        /**< any number */
  SPECRNN_AXIS_LOG,           /**< decades; the range must be positive (gradient norms, losses) */
  SPECRNN_AXIS_TIME,          /**< seconds below 60 s, m:ss up to an hour, h:mm:ss beyond */
  SPECRNN_AXIS_FREQUENCY,     /**< linear, Hz; labelled in kHz from 10 kHz on */
  SPECRNN_AXIS_FREQUENCY_LOG, /**< octaves, Hz; linear below 64 Hz, so that 0 Hz has its place */
  SPECRNN_AXIS_FREQUENCY_MEL, /**< y = 2 f up to 1 kHz, 1000 (2 + log2(f / 1000)) above, as librosa draws it; Hz */
} specrnn_axis_kind;

/** The names of the kinds, ending with NULL: index, linear, log, time, frequency, frequency-log, frequency-mel.
 * Thread-safe. */
SPECRNN_API const char *const *specrnn_axis_kind_names(void);

typedef struct specrnn_axis {
  specrnn_axis_kind kind;
  double minimum;    /**< of the range shown, in the axis's unit; -INFINITY takes it from the data */
  double maximum;    /**< INFINITY takes it from the data */
  const char *label; /**< default "Time (s)", "Time (m:ss)", "Frequency (Hz)" ... as the kind and the range need */
} specrnn_axis;

#define SPECRNN_AXIS_INIT                                                                                              \
  {                                                                                                                    \
    SPECRNN_AXIS_INDEX, -INFINITY, INFINITY, NULL                                                                      \
  }

typedef struct specrnn_panel_config {
  int row, column;   /**< place in the grid, from 0 at the top left; default 0, 0 */
  double weight;     /**< height of its row relative to the other rows (the largest of a row counts); default 1 */
  const char *title; /**< default none */
  specrnn_axis x, y; /**< default: index, range from the data, no label */
} specrnn_panel_config;

#define SPECRNN_PANEL_CONFIG_INIT                                                                                      \
  {                                                                                                                    \
    0, 0, 1.0, NULL, SPECRNN_AXIS_INIT, SPECRNN_AXIS_INIT                                                              \
  }

/** Largest number of rows and of columns. */
#define SPECRNN_FIGURE_MAX_GRID 64

/** Adds a panel. All panels of a column have the same left and right edges, those of a row the same top and bottom
 * ones, whether they have a colour bar or not.
 *  @return SPECRNN_ERROR_STATE where the place is taken. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_figure_add_panel(specrnn_figure *figure, specrnn_panel **out,
                                                                       const specrnn_panel_config *config,
                                                                       const specrnn_log *log);

/* --------------------------------------------------------------------------------------------------------- heat map */

/** What stands for several cells in one pixel. No cell is ever skipped. */
typedef enum specrnn_pool {
  SPECRNN_POOL_MAX,     /**< the largest: of power or dB, so that clicks survive any length */
  SPECRNN_POOL_MEAN,    /**< the mean of the values */
  SPECRNN_POOL_MEAN_DB, /**< values are dB: 10 log10 of the mean power */
  SPECRNN_POOL_MAX_ABS, /**< the one farthest from zero, with its sign: for signed states */
} specrnn_pool;

typedef struct specrnn_heatmap_config {
  size_t n_bins;             /**< width of a row; must be set */
  double x_first, x_step;    /**< x of the first row's centre and from row to row, axis's unit; default 0, 1 */
  double y_first, y_step;    /**< y of the first bin's centre and from bin to bin; default 0, 1 */
  const double *bin_centres; /**< (n_bins) rising y of the bins where they are not evenly spaced (mel), or NULL */
  specrnn_colormap colormap; /**< default inferno */
  bool reverse_colors;       /**< default false */
  double vmin, vmax;         /**< values of the first and last colour; -INFINITY, INFINITY (default): from the data */
  double percentile_low;     /**< where vmin comes from the data: this percentile of the pooled values; default 0 */
  double percentile_high;    /**< the same for vmax; default 100. The colour bar is pointed where values lie beyond */
  bool symmetric;            /**< the range becomes -m ... m, m = max(|vmin|, |vmax|); default false */
  bool relative_to_max; /**< the largest value is subtracted from all: dB with ref=max in one pass; default false */
  specrnn_pool pool;    /**< default max */
  bool colorbar;        /**< default true */
  const char *colorbar_label;  /**< default none; left out where the picture has no room for it */
  const char *colorbar_format; /**< one printf conversion of a double, as "%+2.0f dB"; default: like an axis */
  double floor; /**< value that stands for nothing, as the level of silence; default INFINITY: there is none. Where all
                     values are that one, they have the first colour, and nothing is subtracted from them */
  const char *floor_label; /**< label of the colour bar where all values are the floor; default: colorbar_label */
} specrnn_heatmap_config;

#define SPECRNN_HEATMAP_CONFIG_INIT                                                                                    \
  {                                                                                                                    \
    0, 0.0, 1.0, 0.0, 1.0, NULL, SPECRNN_COLORMAP_INFERNO, false, -INFINITY, INFINITY, 0.0, 100.0, false, false,       \
        SPECRNN_POOL_MAX, true, NULL, NULL, INFINITY, NULL                                                             \
  }

/** colormap, reverse_colors, vmin, vmax, percentile_low, percentile_high, symmetric, relative_to_max, pool, colorbar.
 */
SPECRNN_API const specrnn_option_table *specrnn_heatmap_options(void);

/** Gives the panel its heat map: row i is the column of cells around x_first + i * x_step, bins go upward. A range
 * taken from the data runs over whole cells on index and linear axes, from the first to the last bin's centre on
 * frequency axes, and starts at 0 on a time axis where x_first is 0. NaN cells are grey, infinite ones get the end
 * colours. Values that differ by no more than floats of their magnitude round (FLT_EPSILON of the largest) are one
 * value, which has the middle colour of a range of 0.2 of that magnitude.
 *  @return SPECRNN_ERROR_STATE where the panel has one already; SPECRNN_ERROR_UNSUPPORTED where its x axis is not
 * linear. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_panel_add_heatmap(specrnn_panel *panel,
                                                                        const specrnn_heatmap_config *config,
                                                                        const specrnn_log *log);

/** Appends rows (n_rows, n_bins). Any number of calls: rows are pooled in time once there are more than four per pixel,
 *  and bins likewise, so that memory depends on the picture and not on the length.
 *  @return SPECRNN_ERROR_STATE where the panel has no heat map. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_panel_push_rows(specrnn_panel *panel, const float *rows,
                                                                      size_t n_rows, const specrnn_log *log);

/* --------------------------------------------------------------------------------------------------------- waveform */

/** Gives the panel a waveform: minimum to maximum per pixel; single samples joined by lines where they are apart.
 *  @param x_first, x_step x of the first sample and from sample to sample (1 / sample rate).
 *  @return SPECRNN_ERROR_STATE where the panel has one already. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_panel_add_waveform(specrnn_panel *panel, double x_first,
                                                                         double x_step, const specrnn_log *log);

/** Appends mono samples; memory does not grow with the length. Samples that are no numbers leave a gap.
 *  @return SPECRNN_ERROR_STATE where the panel has no waveform. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_panel_push_samples(specrnn_panel *panel, const float *samples,
                                                                         size_t n_samples, const specrnn_log *log);

/* -------------------------------------------------------------------------------- lines, points, bars, text, labels */

/** How a series looks. */
typedef struct specrnn_series {
  int color;          /**< 0 ... 9 of the theme's cycle (matplotlib's tab10), -1: the next one; default -1 */
  double width_pt;    /**< of the line, default 1.5; 0: no line */
  double marker_pt;   /**< diameter of a dot at each point; default 0: none */
  bool dashed;        /**< default false */
  const char *legend; /**< its name in the panel's legend; default none */
} specrnn_series;

#define SPECRNN_SERIES_INIT                                                                                            \
  {                                                                                                                    \
    -1, 1.5, 0.0, false, NULL                                                                                          \
  }

/** The look of a scatter: dots of 6 pt, no line. */
#define SPECRNN_SERIES_SCATTER_INIT                                                                                    \
  {                                                                                                                    \
    -1, 0.0, 6.0, false, NULL                                                                                          \
  }

/** Adds a line and/or points. Points that are not finite (or not positive on a log axis) interrupt the line.
 *  @param x (n_points) or NULL for 0, 1, 2 ...
 *  @param y (n_points)
 *  @param series NULL for the defaults. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_panel_add_series(specrnn_panel *panel, const double *x,
                                                                       const double *y, size_t n_points,
                                                                       const specrnn_series *series,
                                                                       const specrnn_log *log);

/** Adds a histogram: counts of finite values in `n_bars` equal parts of their range (numpy.histogram).
 *  @param n_bars 0 takes 50. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_panel_add_histogram(specrnn_panel *panel, const float *values,
                                                                          size_t n_values, int n_bars,
                                                                          const specrnn_series *series,
                                                                          const specrnn_log *log);

/** Adds bars whose heights were counted elsewhere: equal parts of low ... high.
 *  @param heights (n_bars), finite */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_panel_add_bars(specrnn_panel *panel, double low, double high,
                                                                     const double *heights, size_t n_bars,
                                                                     const specrnn_series *series,
                                                                     const specrnn_log *log);

/** Fills the panel with text instead of axes: lines split at '\n', from the top left corner. A tab starts the second
 *  column. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_panel_set_text(specrnn_panel *panel, const char *text,
                                                                     const specrnn_log *log);

/** A named interval; start == end is a mark. */
typedef struct specrnn_interval {
  double start, end; /**< in the unit of the x axis */
  const char *text;
} specrnn_interval;

/** Draws intervals over whatever the panel holds: their borders as lines, their texts in a strip at the top, shortened
 * to fit; those that would meet stand in up to three rows, and the borders of labels too many to leave the data visible
 * stay in that strip. The range of the axis does not follow them, unless the panel
 * holds nothing else. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_panel_add_labels(specrnn_panel *panel,
                                                                       const specrnn_interval *intervals,
                                                                       size_t n_intervals, const specrnn_log *log);

/** Draws a vertical line at x, in front of everything; NAN takes it away. It may be moved between two drawings. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_panel_set_cursor(specrnn_panel *panel, double x,
                                                                       const specrnn_log *log);

/** Shows the data only up to x (animations: what is not yet computed stays empty); INFINITY shows all. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_panel_set_horizon(specrnn_panel *panel, double x,
                                                                        const specrnn_log *log);

/* -------------------------------------------------------------------------------------- the computation of a network
 */

/** What a recurrent network computed, for its picture: input x_t, hidden states h_t of every layer, all from the real
 *  numbers given. */
typedef struct specrnn_computation {
  size_t n_steps;      /**< 1 ... 64 */
  size_t n_layers;     /**< 1 ... 16; 1: the chain of the tutorial; more: the unrolled grid, layers upward, time to the
                            right, two outputs per node */
  size_t input_size;   /**< of x_t */
  const float *inputs; /**< (n_steps, input_size) */
  const size_t *hidden_sizes;  /**< (n_layers) */
  const float *const *hidden;  /**< n_layers pointers to (n_steps, hidden_sizes[layer]) */
  const float *const *initial; /**< n_layers pointers to (hidden_sizes[layer]): h_{-1}; NULL is zero */
  const char *cell;            /**< "tanh", "relu", "lstm", "gru": for the formula; default "tanh" */
} specrnn_computation;

/** Moments of the computation: one before the first step, then one per node in the order of computing. */
SPECRNN_API size_t specrnn_computation_moments(const specrnn_computation *computation);

/** Makes the whole figure the drawing of one moment: nodes coloured by activation, the arrows and nodes of the step
 * lit, its formula as the caption. May be called again for the next moment. No panels may be in the figure.
 *  @param moment 0 ... specrnn_computation_moments() - 1 */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_figure_set_computation(specrnn_figure *figure,
                                                                             const specrnn_computation *computation,
                                                                             size_t moment, const specrnn_log *log);

/* ----------------------------------------------------------------------------------------------------------- output */

typedef enum specrnn_picture {
  SPECRNN_PICTURE_BY_NAME, /**< by the path's extension: .png .svg .pdf; another one is SPECRNN_ERROR_UNSUPPORTED */
  SPECRNN_PICTURE_PNG,     /**< palette where 256 colours are enough, else 8-bit RGB; pHYs, tEXt */
  SPECRNN_PICTURE_SVG,
  SPECRNN_PICTURE_PDF,
} specrnn_picture;

/** specrnn_remove_temporaries (core.h) for the writers of this library. */
SPECRNN_API void specrnn_plot_remove_temporaries(void);

/** Draws and writes a file, whole or not at all. A figure may be written any number of times, and data may be added in
 *  between.
 *  @return SPECRNN_ERROR_IO; SPECRNN_ERROR_EMPTY for a figure without panels or a heat map without rows. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_figure_write(specrnn_figure *figure, const char *path,
                                                                   specrnn_picture picture, const specrnn_log *log);

/** Writes several figures as one: where one fails, no file appears or changes, unless giving a finished file its name
 *  is what fails. Files reach the disk beside the drawing of the next one, so that this is faster than one by one.
 *  @param figures, paths (n_figures)
 *  @return as specrnn_figure_write. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_figures_write(specrnn_figure *const *figures,
                                                                    const char *const *paths, size_t n_figures,
                                                                    specrnn_picture picture, const specrnn_log *log);

/** Draws into memory.
 *  @param data freed with specrnn_plot_free. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_figure_encode(specrnn_figure *figure, specrnn_picture picture,
                                                                    void **data, size_t *size, const specrnn_log *log);

/** Frees what specrnn_figure_encode gave; accepts NULL. */
SPECRNN_API void specrnn_plot_free(void *data);

/* -------------------------------------------------------------------------------------------------------- animation */

/** A GIF in the making. */
typedef struct specrnn_animation specrnn_animation;

/** @param loops how often it plays; 0: for ever. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_animation_create(specrnn_animation **out, const char *path,
                                                                       int loops, const specrnn_log *log);

/** Draws the figure as the next frame. All frames have the size of the first; only what changed is stored. More than
 * 255 new colours in a frame are reduced to 255.
 *  @param delay_s time that the frame stays, in hundredths of a second; 0.02 ... 600 */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_animation_add(specrnn_animation *animation,
                                                                    specrnn_figure *figure, double delay_s,
                                                                    const specrnn_log *log);

/** Finishes the file, and destroys the animation in either case: *animation is NULL afterwards.
 *  @return SPECRNN_ERROR_EMPTY without a frame. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_animation_finish(specrnn_animation **animation,
                                                                       const specrnn_log *log);

/** Gives up: nothing is left at the path. Accepts a null animation. */
SPECRNN_API void specrnn_animation_destroy(specrnn_animation **animation);

/* ----------------------------------------------------------------------- what was drawn, for tests and for interfaces
 */

typedef enum specrnn_axis_id { SPECRNN_AXIS_X, SPECRNN_AXIS_Y, SPECRNN_AXIS_COLORBAR } specrnn_axis_id;

typedef struct specrnn_tick {
  double value;       /**< in the axis's unit */
  double position_px; /**< from the left (x) or the top (y, colour bar) of the picture */
  char label[32];     /**< "" where the axis has no tick labels */
} specrnn_tick;

typedef struct specrnn_rectangle {
  double x, y, width, height; /**< pixels from the top left corner of the picture */
} specrnn_rectangle;

/** Tick `index` of an axis as it is drawn, or SPECRNN_END past the last one. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_panel_tick(specrnn_panel *panel, specrnn_axis_id axis,
                                                                 size_t index, specrnn_tick *tick,
                                                                 const specrnn_log *log);

/** The rectangle of the data (inside the spines), as it is drawn. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_panel_area(specrnn_panel *panel, specrnn_rectangle *area,
                                                                 const specrnn_log *log);

/** The range of the colours in use: vmin and vmax after percentiles and symmetry. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_panel_range(specrnn_panel *panel, double *vmin, double *vmax,
                                                                  const specrnn_log *log);

/** The tick places of matplotlib's MaxNLocator with AutoLocator's steps (1, 2, 2.5, 5, 10) for a range: at most
 *  `n_intervals` + 1 of them inside it. `integer` allows whole numbers only.
 *  @param n_intervals 1 ... 9
 *  @return the number of ticks; only the first `capacity` are written to `ticks`. 0 for a range that is not finite. */
SPECRNN_API size_t specrnn_ticks_linear(double minimum, double maximum, int n_intervals, bool integer, double *ticks,
                                        size_t capacity);

/** The same for seconds: multiples of 1, 2, 5 below 10 s, then of 10, 15, 30 s, 1, 2, 5, 10, 15, 30 min, hours. */
SPECRNN_API size_t specrnn_ticks_time(double minimum, double maximum, int n_intervals, double *ticks, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
