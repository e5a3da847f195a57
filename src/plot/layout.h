/* Where everything of a figure lies. */
#ifndef SPECRNN_SRC_PLOT_LAYOUT_H
#define SPECRNN_SRC_PLOT_LAYOUT_H

#include "plot/figure.h"

/* matplotlib's distances in points. */
static const double SRN_TICK_LENGTH_PT = 3.5;
static const double SRN_MINOR_TICK_LENGTH_PT = 2.0;
static const double SRN_MINOR_LINE_PT = 0.6;
static const double SRN_TICK_PAD_PT = 3.5;
static const double SRN_LABEL_PAD_PT = 4.0;
static const double SRN_TITLE_PAD_PT = 6.0;
static const double SRN_LINE_PT = 0.8;
static const double SRN_TITLE_SCALE = 1.2;

/* Waits for the fonts, then finds ranges, ticks, colours and areas of all panels.
 * Fails with SPECRNN_ERROR_EMPTY without panels or rows, and with SPECRNN_ERROR_UNSUPPORTED where the texts leave no
 * room. */
SPECRNN_MUST_CHECK specrnn_status srn_layout(specrnn_figure *figure, const specrnn_log *log);

/* The label of an axis: the caller's, or by its kind; "" for none. */
const char *srn_layout_label(const specrnn_axis *config, const srn_axis *axis);

/* What stands beside the colour bar: "" for nothing, and where there is no room for it. */
const char *srn_layout_bar_label(const specrnn_panel *panel);

/* The height of what lies between the area and the title's baseline; more where the title reaches over the colour bar,
 * whose uppermost label stands higher than the area. */
double srn_layout_title_gap(const specrnn_panel *panel);

/* How the label beside a vertical axis of `length_px` is written: in up to two lines, smaller where that is needed. */
srn_text_style srn_layout_side_label(const specrnn_figure *figure, double length_px, const char *label);

/* Whether the panel has axes at all. */
bool srn_layout_has_axes(const specrnn_panel *panel);

/* Whether it has a colour bar. */
bool srn_layout_has_bar(const specrnn_panel *panel);

#endif
