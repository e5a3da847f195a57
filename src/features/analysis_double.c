/* The analysis in double precision: the reference path. */
#include "features/analysis.h"

#define REAL       double
#define NAME(x)    x##_double
#define REAL_SQRT  sqrt
#define REAL_POW   pow
#define REAL_LOG   log
#define REAL_LOG10 log10

#include "features/analysis_template.h"

const srn_analysis_ops srn_analysis_double = {
    build_double, reset_double, head_double, save_double, load_double, tail_double, tap_double,
};
