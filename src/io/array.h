/* Elements of arrays as floats and doubles. */
#ifndef SPECRNN_SRC_IO_ARRAY_H
#define SPECRNN_SRC_IO_ARRAY_H

#include "specrnn/io.h"

/* The first `count` elements of a real array, each rounded once. */
void srn_array_to_floats(float *to, const specrnn_array *array, size_t count);
void srn_array_to_doubles(double *to, const specrnn_array *array, size_t count);

/* One element of a real array, NaN of a complex one. */
double srn_array_element(const specrnn_array *array, size_t index);

bool srn_dtype_is_complex(specrnn_dtype dtype);

#endif
