/* Dense arrays: create, destroy, describe, convert to float. */
#include "io/array.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/checked.h"
#include "core/log.h"
#include "io/half.h"

static const struct {
  const char *name;
  size_t size;
} DTYPES[] = {
    [SPECRNN_F32] = {"float32", 4},   [SPECRNN_F64] = {"float64", 8},      [SPECRNN_F16] = {"float16", 2},
    [SPECRNN_BF16] = {"bfloat16", 2}, [SPECRNN_I64] = {"int64", 8},        [SPECRNN_I32] = {"int32", 4},
    [SPECRNN_U8] = {"uint8", 1},      [SPECRNN_C64] = {"complex64", 8},    [SPECRNN_I8] = {"int8", 1},
    [SPECRNN_I16] = {"int16", 2},     [SPECRNN_U16] = {"uint16", 2},       [SPECRNN_U32] = {"uint32", 4},
    [SPECRNN_U64] = {"uint64", 8},    [SPECRNN_C128] = {"complex128", 16},
};

size_t specrnn_dtype_size(specrnn_dtype dtype)
{
  return DTYPES[dtype].size;
}

const char *specrnn_dtype_name(specrnn_dtype dtype)
{
  return DTYPES[dtype].name;
}

specrnn_status specrnn_array_create(specrnn_array **out, specrnn_dtype dtype, int rank, const size_t *shape,
                                    const specrnn_log *log)
{
  if (rank < 0 || rank > SPECRNN_MAX_RANK) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "an array of rank %d; 0 to %d is possible", rank, SPECRNN_MAX_RANK);
  }
  size_t count = 1;
  for (int i = 0; i < rank; i++) {
    if (!srn_size_mul(count, shape[i], &count)) {
      return srn_fail(log, SPECRNN_ERROR_MEMORY, "an array of more elements than memory can have");
    }
  }
  srn_arena arena = {0};
  srn_arena_take(&arena, 1, sizeof(specrnn_array));
  srn_arena_take(&arena, count, DTYPES[dtype].size);
  size_t bytes = arena.used;
  if (!srn_arena_allocate(&arena)) {
    return srn_fail_memory(log, bytes);
  }
  specrnn_array *array = srn_arena_take(&arena, 1, sizeof *array);
  void *data = srn_arena_take(&arena, count, DTYPES[dtype].size);
  *array = specrnn_array_view(dtype, rank, shape, data);
  *out = array;
  return SPECRNN_OK;
}

void specrnn_array_destroy(specrnn_array **array)
{
  if (array) {
    srn_arena_free(*array);
    *array = NULL;
  }
}

specrnn_array specrnn_array_view(specrnn_dtype dtype, int rank, const size_t *shape, const void *data)
{
  specrnn_array array = {.dtype = dtype, .rank = rank, .data = (void *)(uintptr_t)data};
  for (int i = 0; i < rank; i++) {
    array.shape[i] = shape[i];
  }
  return array;
}

size_t specrnn_array_count(const specrnn_array *array)
{
  size_t count = 1;
  for (int i = 0; i < array->rank; i++) {
    count *= array->shape[i];
  }
  return count;
}

size_t specrnn_array_shape_text(const specrnn_array *array, char *text, size_t size)
{
  char whole[2 + SPECRNN_MAX_RANK * 24];
  size_t length = 0;
  whole[length++] = '(';
  for (int i = 0; i < array->rank; i++) {
    length += (size_t)snprintf(whole + length, sizeof whole - length, "%s%zu", i ? ", " : "", array->shape[i]);
  }
  snprintf(whole + length, sizeof whole - length, "%s)", array->rank == 1 ? "," : "");
  return (size_t)snprintf(text, size, "%s", whole);
}

bool srn_dtype_is_complex(specrnn_dtype dtype)
{
  return dtype == SPECRNN_C64 || dtype == SPECRNN_C128;
}

double srn_array_element(const specrnn_array *array, size_t index)
{
  switch (array->dtype) {
  case SPECRNN_F32: return ((const float *)array->data)[index];
  case SPECRNN_F64: return ((const double *)array->data)[index];
  case SPECRNN_F16: return srn_f16_to_f32(((const uint16_t *)array->data)[index]);
  case SPECRNN_BF16: return srn_bf16_to_f32(((const uint16_t *)array->data)[index]);
  case SPECRNN_I64: return (double)((const int64_t *)array->data)[index];
  case SPECRNN_I32: return ((const int32_t *)array->data)[index];
  case SPECRNN_U8: return ((const uint8_t *)array->data)[index];
  case SPECRNN_I8: return ((const int8_t *)array->data)[index];
  case SPECRNN_I16: return ((const int16_t *)array->data)[index];
  case SPECRNN_U16: return ((const uint16_t *)array->data)[index];
  case SPECRNN_U32: return ((const uint32_t *)array->data)[index];
  case SPECRNN_U64: return (double)((const uint64_t *)array->data)[index];
  case SPECRNN_C64:
  case SPECRNN_C128: break;
  }
  return NAN;
}

/* 64-bit integers go to float directly: by way of double they would be rounded twice. */
void srn_array_to_floats(float *to, const specrnn_array *array, size_t count)
{
  if (array->dtype == SPECRNN_F32) {
    if (count) {
      memcpy(to, array->data, count * sizeof *to);
    }
  } else if (array->dtype == SPECRNN_I64) {
    for (size_t i = 0; i < count; i++) {
      to[i] = (float)((const int64_t *)array->data)[i];
    }
  } else if (array->dtype == SPECRNN_U64) {
    for (size_t i = 0; i < count; i++) {
      to[i] = (float)((const uint64_t *)array->data)[i];
    }
  } else {
    for (size_t i = 0; i < count; i++) {
      to[i] = (float)srn_array_element(array, i);
    }
  }
}

void srn_array_to_doubles(double *to, const specrnn_array *array, size_t count)
{
  if (array->dtype == SPECRNN_F32) { /* most files: without a choice per number */
    for (size_t i = 0; i < count; i++) {
      to[i] = ((const float *)array->data)[i];
    }
    return;
  }
  for (size_t i = 0; i < count; i++) {
    to[i] = srn_array_element(array, i);
  }
}

static specrnn_status fail_not_finite(const specrnn_array *array, size_t index, const specrnn_log *log)
{
  specrnn_array place = *array;
  for (int i = array->rank - 1; i >= 0; i--) {
    place.shape[i] = index % array->shape[i];
    index /= array->shape[i];
  }
  char text[256];
  specrnn_array_shape_text(&place, text, sizeof text);
  return srn_fail(log, SPECRNN_ERROR_NOT_FINITE, "the value at %s is not a finite float", text);
}

specrnn_status specrnn_array_to_f32(specrnn_array **out, const specrnn_array *array, specrnn_finite finite,
                                    const specrnn_log *log)
{
  if (srn_dtype_is_complex(array->dtype)) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "the array is complex; real numbers are needed");
  }
  specrnn_array *converted;
  specrnn_status status = specrnn_array_create(&converted, SPECRNN_F32, array->rank, array->shape, log);
  if (status) {
    return status;
  }
  size_t count = specrnn_array_count(array);
  float *values = converted->data;
  srn_array_to_floats(values, array, count);
  for (size_t i = 0; finite == SPECRNN_FINITE_REQUIRED && i < count; i++) {
    if (!isfinite(values[i])) {
      specrnn_array_destroy(&converted);
      return fail_not_finite(array, i, log);
    }
  }
  *out = converted;
  return SPECRNN_OK;
}

specrnn_status specrnn_array_to_f64(specrnn_array **out, const specrnn_array *array, const specrnn_log *log)
{
  if (srn_dtype_is_complex(array->dtype)) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "the array is complex; real numbers are needed");
  }
  specrnn_array *converted;
  specrnn_status status = specrnn_array_create(&converted, SPECRNN_F64, array->rank, array->shape, log);
  if (!status) {
    srn_array_to_doubles(converted->data, array, specrnn_array_count(array));
    *out = converted;
  }
  return status;
}
