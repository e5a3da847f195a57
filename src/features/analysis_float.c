/* The analysis in single precision: for speed. */
#include "features/analysis.h"

#define REAL       float
#define NAME(x)    x##_float
#define REAL_SQRT  sqrtf
#define REAL_POW   powf
#define REAL_LOG   logf
#define REAL_LOG10 log10f

#include "features/analysis_template.h"

const srn_analysis_ops srn_analysis_float = {
    build_float, reset_float, head_float, save_float, load_float, tail_float, tap_float,
};
