/* Label tracks as Audacity exports them: START<TAB>END<TAB>TEXT, in seconds, a line each. */
#ifndef SPECRNN_TOOLS_PLOT_LABELS_H
#define SPECRNN_TOOLS_PLOT_LABELS_H

#include "specrnn/plot.h"

typedef struct plot_labels {
  char *text; /* the file; the intervals point into it */
  specrnn_interval *intervals;
  size_t count;
} plot_labels;

/* Says itself what is wrong, with the line's number. */
SPECRNN_MUST_CHECK specrnn_status plot_labels_load(plot_labels *labels, const char *path);
void plot_labels_release(plot_labels *labels);

#endif
