/* The analysis in double precision: the reference path. */
#include "features/analysis.h"

#define REAL        double
#define REAL_MIN    DBL_MIN
#define NAME(x)     x##_double
#define REAL_POW    pow
#define FRONT       srn_front_f64
#define FRONT_TABLE front_f64
#define FILTERS     srn_filters_f64

#include "features/analysis_template.h"

const srn_analysis_ops srn_analysis_double = {
    build_double, reset_double, head_double, save_double, load_double, tail_double, tap_double,
};
