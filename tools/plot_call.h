/* One call of specrnn plot: what was asked, the figure in the making, and what its kinds have in common. */
#ifndef SPECRNN_TOOLS_PLOT_CALL_H
#define SPECRNN_TOOLS_PLOT_CALL_H

#include "cli.h"
#include "model_source.h"
#include "plot_labels.h"
#include "specrnn/audio.h"
#include "specrnn/plot.h"

enum { PLOT_TITLE_SIZE = 512, PLOT_MAX_INPUTS = 16 };

typedef struct plot_options {
  const char *output, *kind, *title, *axis, *order, *labels, *model, *compare, *config, *stats;
  model_source source;
  int layer; /* 0: not given */
  int bars;
  double step_s; /* of arrays; NAN: not given */
  bool stack, log_y;
} plot_options;

typedef struct plot_call {
  const cli_arguments *arguments;
  const plot_options *options;
  const char *kind; /* the one asked for, or the default */
  specrnn_plotter *plotter;
  specrnn_figure *figure;
  plot_labels labels;
  bool labels_drawn;
  int n_sources; /* panels stand side by side, one column for each; with --stack below each other */
  int n_parts;   /* panels of one source, below each other */
} plot_call;

/* A panel in the making. The kind says how it looks by default; the command line overrides. */
typedef struct plot_place {
  int source, part;
  char title[PLOT_TITLE_SIZE];
  specrnn_axis x, y;
  bool is_db;    /* values are dB: their mean is that of the power */
  double weight; /* height relative to the other parts; 0 is 1 */
} plot_place;

/* How a kind draws all inputs of a call. */
typedef specrnn_status (*plot_draw)(plot_call *c);

/* Says that something is a matter of usage; for `return plot_misuse(...)`. */
specrnn_status plot_misuse(const char *what, const char *reason);

/* Makes the figure of n_sources x n_parts panels; each is by default as large as given, or two of them
 * side by side. */
SPECRNN_MUST_CHECK specrnn_status plot_begin(plot_call *c, int n_sources, int n_parts, double width_in,
                                             double height_in);

/* Adds a panel, with the labels of --labels where its x axis is time. */
SPECRNN_MUST_CHECK specrnn_status plot_add_panel(plot_call *c, specrnn_panel **panel, const plot_place *place);

/* Adds a panel with a heat map; `look` holds the kind's defaults. */
SPECRNN_MUST_CHECK specrnn_status plot_add_map(plot_call *c, specrnn_panel **panel, const plot_place *place,
                                               const specrnn_heatmap_config *look);

/* Sets the kind of an axis of frequencies to what --axis asks for, if it does. */
SPECRNN_MUST_CHECK specrnn_status plot_frequency_axis(const plot_call *c, specrnn_axis *axis);

/* Adds the parameters of a front end to the picture's metadata. */
SPECRNN_MUST_CHECK specrnn_status plot_describe(plot_call *c, const specrnn_option_table *table, const void *config);

/* The last part of a path. */
const char *plot_name(const char *path);

/* The kinds, by what they read: */
specrnn_status plot_sound_draw(plot_call *c);     /* spectrogram, mel, mfcc */
specrnn_status plot_waveform_draw(plot_call *c);  /* sound */
specrnn_status plot_states_draw(plot_call *c);    /* hidden, gates, cell: sound or features through a model */
specrnn_status plot_histogram_draw(plot_call *c); /* states of sound, or an array's numbers */
specrnn_status plot_weights_draw(plot_call *c);   /* a model */
specrnn_status plot_heatmap_draw(plot_call *c);   /* arrays */
specrnn_status plot_lines_draw(plot_call *c);
specrnn_status plot_scatter_draw(plot_call *c);
specrnn_status plot_difference_draw(plot_call *c);

#endif
