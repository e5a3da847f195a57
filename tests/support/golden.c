/* A reader for the golden files alone: no format beyond what they are in. */
#include "support/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PATH_SIZE = 1024, WAV_HEADER = 44, MAX_HEADER = 512, NPY_PREAMBLE = 10 };

static FILE *open_golden(const char *name, const char *suffix)
{
  char path[PATH_SIZE];
  snprintf(path, sizeof path, "%s/%s%s", GOLDEN_DIR, name, suffix);
  FILE *file = fopen(path, "rb");
  if (!file) {
    fail_msg("cannot open %s", path);
  }
  return file;
}

golden_array golden_load(const char *name)
{
  unsigned char preamble[NPY_PREAMBLE];
  char header[MAX_HEADER + 1] = "";
  golden_array array = {NULL, 0, 1};
  FILE *file = open_golden(name, ".npy");
  assert_int_equal(fread(preamble, 1, sizeof preamble, file), sizeof preamble);
  size_t length = preamble[8] + 256U * preamble[9];
  assert_true(length <= MAX_HEADER);
  assert_int_equal(fread(header, 1, length, file), length);
  assert_non_null(strstr(header, "'<f4'"));
  const char *shape = strstr(header, "'shape': (");
  assert_non_null(shape);
  assert_true(sscanf(shape, "'shape': (%zu, %zu", &array.rows, &array.columns) >= 1);
  size_t count = array.rows * array.columns;
  array.data = malloc(count * sizeof *array.data);
  assert_non_null(array.data);
  assert_int_equal(fread(array.data, sizeof *array.data, count, file), count);
  fclose(file);
  return array;
}

golden_array golden_load_wav(const char *name)
{
  golden_array array = {NULL, 0, 1};
  FILE *file = open_golden(name, ".wav");
  assert_int_equal(fseek(file, 0, SEEK_END), 0);
  array.rows = ((size_t)ftell(file) - WAV_HEADER) / sizeof(int16_t);
  assert_int_equal(fseek(file, WAV_HEADER, SEEK_SET), 0);
  int16_t *integers = malloc(array.rows * sizeof *integers);
  array.data = malloc(array.rows * sizeof *array.data);
  assert_true(integers && array.data);
  assert_int_equal(fread(integers, sizeof *integers, array.rows, file), array.rows);
  for (size_t i = 0; i < array.rows; i++) {
    array.data[i] = (float)integers[i] / 32768.0F;
  }
  free(integers);
  fclose(file);
  return array;
}

void golden_free(golden_array *array)
{
  free(array->data);
  array->data = NULL;
}
