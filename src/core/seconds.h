/* Numbers and times as people write them. */
#ifndef SPECRNN_SRC_CORE_SECONDS_H
#define SPECRNN_SRC_CORE_SECONDS_H

#include "specrnn/core.h"

/* The whole text as a number with a point, whatever the locale. */
bool srn_number_parse(const char *text, double *value);

#endif
