/* The analysis in single precision: for speed. */
#include "features/analysis.h"

#define REAL        float
#define REAL_MIN    FLT_MIN
#define NAME(x)     x##_float
#define REAL_POW    powf
#define FRONT       srn_front_f32
#define FRONT_TABLE front_f32
#define FILTERS     srn_filters_f32

#include "features/analysis_template.h"

const srn_analysis_ops srn_analysis_float = {
    build_float, reset_float, head_float, save_float, load_float, tail_float, tap_float,
};
