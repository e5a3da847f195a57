/* The front end's kernels in double. */
#include "harness.h"

#include <float.h>

#define REAL                   double
#define TEXT                   "f64"
#define FRONT                  front_f64
#define FILTERS                srn_filters_f64
#define FAMILY                 family_front_f64
#define TAKE(c, n)             take_doubles(c, n)
#define RANDOM(c, n, low, top) random_doubles(c, n, low, top)
#define REFERENCE_FMA          reference_fma_f64
#define REFERENCE_LOG(x)       logl(x)
#define REFERENCE_LOG10(x)     log10l(x)
#define ULPS(got, want)        ulps_f64(got, want)
#define REAL_EPSILON           DBL_EPSILON
#define TRUE_MINIMUM           DBL_TRUE_MIN
#define LEAST_EXPONENT         (-1022.9)
#include "check_front_template.h"
