/* Lists of named tensors. */
#include "model/tensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "io/bytes.h"
#include "io/half.h"

/* A model has at most 256 layers of 10 arrays, so a longer list is no model. */
enum { MAX_TENSORS = 4096, FIRST_CAPACITY = 16 };

/* Room for one more item of `size` bytes. */
static bool grow(void **items, size_t count, size_t *capacity, size_t size)
{
  if (count < *capacity) {
    return true;
  }
  size_t wanted = *capacity ? *capacity * 2 : FIRST_CAPACITY;
  void *larger = realloc(*items, wanted * size);
  if (!larger) {
    return false;
  }
  *items = larger;
  *capacity = wanted;
  return true;
}

specrnn_status srn_tensors_add(srn_tensor_file *file, const srn_tensor *tensor, const specrnn_log *log)
{
  if (srn_tensors_find(file, tensor->name)) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "two tensors are named '%s'", tensor->name);
  }
  if (file->count == MAX_TENSORS) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "the file has more than %d tensors", MAX_TENSORS);
  }
  void *tensors = file->tensors;
  char *name = strdup(tensor->name);
  if (!name || !grow(&tensors, file->count, &file->capacity, sizeof *file->tensors)) {
    free(name);
    return srn_fail_memory(log, strlen(tensor->name));
  }
  file->tensors = tensors;
  file->tensors[file->count] = *tensor;
  file->tensors[file->count].name = name;
  file->count++;
  return SPECRNN_OK;
}

specrnn_status srn_tensors_block(srn_tensor_file *file, unsigned char **block, uint64_t size, const char *what,
                                 const specrnn_log *log)
{
  specrnn_status status = srn_budget_take(&file->budget, size, what, log);
  if (status) {
    return status;
  }
  void *blocks = file->blocks;
  if (!grow(&blocks, file->n_blocks, &file->blocks_capacity, sizeof *file->blocks)) {
    return srn_fail_memory(log, sizeof blocks);
  }
  file->blocks = blocks;
  unsigned char *made = size <= SIZE_MAX ? malloc(size ? (size_t)size : 1) : NULL;
  if (!made) {
    return srn_fail_memory(log, (size_t)size);
  }
  file->blocks[file->n_blocks++] = made;
  *block = made;
  return SPECRNN_OK;
}

srn_tensor *srn_tensors_find(const srn_tensor_file *file, const char *name)
{
  for (size_t i = 0; i < file->count; i++) {
    if (!strcmp(file->tensors[i].name, name)) {
      return &file->tensors[i];
    }
  }
  return NULL;
}

const char *srn_tensors_metadata(const srn_tensor_file *file, const char *key)
{
  return json_string_value(json_object_get(file->metadata, key));
}

void srn_tensor_shape_text(const srn_tensor *tensor, char *text, size_t size)
{
  specrnn_array view = specrnn_array_view(tensor->dtype, tensor->rank, tensor->shape, NULL);
  specrnn_array_shape_text(&view, text, size);
}

specrnn_status srn_tensor_check_shape(const srn_tensor *tensor, size_t rank, const size_t *shape,
                                      const specrnn_log *log)
{
  bool fits = tensor->rank == (int)rank;
  for (size_t i = 0; fits && i < rank; i++) {
    fits = tensor->shape[i] == shape[i];
  }
  if (fits) {
    return SPECRNN_OK;
  }
  char has[128];
  char needed[64];
  specrnn_array view = specrnn_array_view(SPECRNN_F32, (int)rank, shape, NULL);
  srn_tensor_shape_text(tensor, has, sizeof has);
  specrnn_array_shape_text(&view, needed, sizeof needed);
  return srn_fail(log, SPECRNN_ERROR_SHAPE, "%s has shape %s; %s is needed", tensor->name, has, needed);
}

size_t srn_tensor_item_size(const srn_tensor *tensor)
{
  return tensor->int8 ? 1 : specrnn_dtype_size(tensor->dtype);
}

size_t srn_tensor_count(const srn_tensor *tensor)
{
  size_t count = 1;
  for (int i = 0; i < tensor->rank; i++) {
    count *= tensor->shape[i];
  }
  return count;
}

static float read_number(specrnn_dtype dtype, const unsigned char *bytes)
{
  if (dtype == SPECRNN_F16) {
    return srn_f16_to_f32(srn_load_le16(bytes));
  }
  if (dtype == SPECRNN_BF16) {
    return srn_bf16_to_f32(srn_load_le16(bytes));
  }
  if (dtype == SPECRNN_F64) {
    uint64_t bits = srn_load_le64(bytes);
    double value;
    memcpy(&value, &bits, sizeof value);
    return (float)value;
  }
  uint32_t bits = srn_load_le32(bytes);
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

void srn_tensor_read_part(const srn_tensor *tensor, size_t first, size_t count, float *values)
{
  size_t size = srn_tensor_item_size(tensor);
  const unsigned char *bytes = tensor->bytes + first * size;
  for (size_t i = 0; i < count; i++, bytes += size) {
    values[i] = tensor->int8 ? (float)(int8_t)*bytes : read_number(tensor->dtype, bytes);
  }
}

void srn_tensor_read(const srn_tensor *tensor, float *values)
{
  srn_tensor_read_part(tensor, 0, srn_tensor_count(tensor), values);
}

void srn_tensors_release(srn_tensor_file *file)
{
  for (size_t i = 0; i < file->count; i++) {
    free(file->tensors[i].name);
  }
  for (size_t i = 0; i < file->n_blocks; i++) {
    free(file->blocks[i]);
  }
  free(file->tensors);
  free(file->blocks);
  json_decref(file->metadata);
  *file = (srn_tensor_file){0};
}
