/* Arrays that references have computed, read without the library. */
#ifndef SPECRNN_TESTS_SUPPORT_GOLDEN_H
#define SPECRNN_TESTS_SUPPORT_GOLDEN_H

#include <stddef.h>

typedef struct golden_array {
  float *data; /* (rows, columns) */
  size_t rows, columns;
} golden_array;

/* tests/golden/NAME.npy: little-endian float32 in C order, of one or two axes. Fails the test otherwise. */
golden_array golden_load(const char *name);

/* A 16-bit mono WAV with a plain 44-byte header, as (samples, 1) divided by 32768. */
golden_array golden_load_wav(const char *name);

void golden_free(golden_array *array);

#endif
