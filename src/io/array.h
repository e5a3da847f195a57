/* Elements of arrays as floats. */
#ifndef SPECRNN_SRC_IO_ARRAY_H
#define SPECRNN_SRC_IO_ARRAY_H

#include "specrnn/io.h"

/* The first `count` elements of a real array, each rounded once. */
void srn_array_to_floats(float *to, const specrnn_array *array, size_t count);

#endif
