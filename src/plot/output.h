/* The formats of pictures. Each writes the whole picture to a sink, which the caller commits or abandons. */
#ifndef SPECRNN_SRC_PLOT_OUTPUT_H
#define SPECRNN_SRC_PLOT_OUTPUT_H

#include "plot/figure.h"
#include "plot/sink.h"

SPECRNN_MUST_CHECK specrnn_status srn_write_png(specrnn_figure *figure, srn_plot_sink *sink, const specrnn_log *log);
SPECRNN_MUST_CHECK specrnn_status srn_write_svg(specrnn_figure *figure, srn_plot_sink *sink, const specrnn_log *log);
SPECRNN_MUST_CHECK specrnn_status srn_write_pdf(specrnn_figure *figure, srn_plot_sink *sink, const specrnn_log *log);

#endif
