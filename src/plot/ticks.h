/* Tick places: what axis.c needs besides the public functions. */
#ifndef SPECRNN_SRC_PLOT_TICKS_H
#define SPECRNN_SRC_PLOT_TICKS_H

#include "specrnn/plot.h"

enum { SRN_MAX_INTERVALS = 9, SRN_MAX_TICKS = 32 };

/* The smallest round number of seconds that is not below `at_least` (> 0). */
double srn_time_step(double at_least);

#endif
