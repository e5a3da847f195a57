/* The front end's kernels in float. */
#include "harness.h"

#include <float.h>

#define REAL                   float
#define TEXT                   "f32"
#define FRONT                  front_f32
#define FILTERS                srn_filters_f32
#define FAMILY                 family_front_f32
#define TAKE(c, n)             take_floats(c, n)
#define RANDOM(c, n, low, top) random_floats(c, n, low, top)
#define REFERENCE_FMA          reference_fma
#define REFERENCE_LOG(x)       (long double)log(x)
#define REFERENCE_LOG10(x)     (long double)log10(x)
#define ULPS(got, want)        ulps(got, (double)(want))
#define REAL_EPSILON           FLT_EPSILON
#define TRUE_MINIMUM           FLT_TRUE_MIN
#define LEAST_EXPONENT         (-127.9)
#include "check_front_template.h"
