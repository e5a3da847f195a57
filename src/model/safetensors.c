/* Reading safetensors: a length, a JSON header, the data; every rule of the format is checked.
 *
 *     u64 little-endian N; N bytes of JSON {"name": {"dtype", "shape", "data_offsets": [begin, end]}, ...,
 *     "__metadata__": {string: string}}; the data, which the tensors fill without gap or overlap to the end. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/checked.h"
#include "core/log.h"
#include "io/bytes.h"
#include "model/tensors.h"

enum { LENGTH_SIZE = 8, MAX_HEADER = 1 << 20 };

static const struct {
  const char *name;
  specrnn_dtype dtype;
  bool int8;
} DTYPES[] = {{"F32", SPECRNN_F32, false},
              {"F64", SPECRNN_F64, false},
              {"F16", SPECRNN_F16, false},
              {"BF16", SPECRNN_BF16, false},
              {"I8", SPECRNN_U8, true}};

static specrnn_status read_dtype(srn_tensor *tensor, const json_t *entry, const specrnn_log *log)
{
  const char *name = json_string_value(json_object_get(entry, "dtype"));
  for (size_t i = 0; name && i < sizeof DTYPES / sizeof *DTYPES; i++) {
    if (!strcmp(name, DTYPES[i].name)) {
      tensor->dtype = DTYPES[i].dtype;
      tensor->int8 = DTYPES[i].int8;
      return SPECRNN_OK;
    }
  }
  if (!name) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "%s: the header gives no dtype", tensor->name);
  }
  return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "%s has dtype %.16s; F32, F64, F16 and BF16 can be read",
                  tensor->name, name);
}

/* A whole number of the header that is a size here. */
static bool read_size(const json_t *number, size_t *value)
{
  if (!json_is_integer(number) || json_integer_value(number) < 0 ||
      (uint64_t)json_integer_value(number) > (uint64_t)SIZE_MAX) {
    return false;
  }
  *value = (size_t)json_integer_value(number);
  return true;
}

static specrnn_status read_shape(srn_tensor *tensor, const json_t *entry, size_t *n_bytes, const specrnn_log *log)
{
  const json_t *shape = json_object_get(entry, "shape");
  if (!json_is_array(shape)) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "%s: the header gives no shape", tensor->name);
  }
  if (json_array_size(shape) > SPECRNN_MAX_RANK) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "%s has %zu dimensions; at most %d can be read", tensor->name,
                    json_array_size(shape), SPECRNN_MAX_RANK);
  }
  tensor->rank = (int)json_array_size(shape);
  *n_bytes = srn_tensor_item_size(tensor);
  for (int i = 0; i < tensor->rank; i++) {
    if (!read_size(json_array_get(shape, (size_t)i), &tensor->shape[i])) {
      return srn_fail(log, SPECRNN_ERROR_FORMAT, "%s: its shape holds something else than sizes", tensor->name);
    }
    if (!srn_size_mul(*n_bytes, tensor->shape[i], n_bytes)) {
      return srn_fail(log, SPECRNN_ERROR_FORMAT, "%s: its shape is larger than any memory", tensor->name);
    }
  }
  return SPECRNN_OK;
}

/* What the header says of a tensor, and where its data lie. */
typedef struct entry {
  srn_tensor tensor;
  size_t begin, end;
} entry;

static specrnn_status read_entry(entry *e, const char *name, const json_t *json, const specrnn_log *log)
{
  size_t n_bytes = 0;
  char *borrowed = (char *)(uintptr_t)name; /* copied by srn_tensors_add */
  e->tensor = (srn_tensor){.name = borrowed};
  if (!json_is_object(json) || json_object_size(json) != 3) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "%s: the header needs dtype, shape and data_offsets", name);
  }
  specrnn_status status = read_dtype(&e->tensor, json, log);
  if (!status) {
    status = read_shape(&e->tensor, json, &n_bytes, log);
  }
  if (status) {
    return status;
  }
  const json_t *offsets = json_object_get(json, "data_offsets");
  if (json_array_size(offsets) != 2 || !read_size(json_array_get(offsets, 0), &e->begin) ||
      !read_size(json_array_get(offsets, 1), &e->end) || e->end < e->begin) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "%s: its data_offsets are not two rising numbers", name);
  }
  if (e->end - e->begin != n_bytes) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "%s: its shape needs %zu bytes and its data_offsets span %zu", name,
                    n_bytes, e->end - e->begin);
  }
  return SPECRNN_OK;
}

static int compare_entries(const void *a, const void *b)
{
  const entry *left = a;
  const entry *right = b;
  if (left->begin != right->begin) {
    return left->begin < right->begin ? -1 : 1;
  }
  return (left->end > right->end) - (left->end < right->end);
}

/* Sorted by place, the tensors fill the data exactly. */
static specrnn_status place_entries(srn_tensor_file *file, entry *entries, size_t count, const srn_bytes *data,
                                    const specrnn_log *log)
{
  qsort(entries, count, sizeof *entries, compare_entries);
  size_t next = 0;
  for (size_t i = 0; i < count; i++) {
    srn_tensor *tensor = &entries[i].tensor;
    if (entries[i].begin != next) {
      return srn_fail(log, SPECRNN_ERROR_FORMAT, "%s begins at byte %zu of the data; the tensor before it ends at %zu",
                      tensor->name, entries[i].begin, next);
    }
    if (entries[i].end > data->left) {
      return srn_fail(log, SPECRNN_ERROR_FORMAT, "%s ends at byte %zu of the data; the file has %zu (cut short?)",
                      tensor->name, entries[i].end, data->left);
    }
    next = entries[i].end;
    tensor->bytes = data->at + entries[i].begin;
    specrnn_status status = srn_tensors_add(file, tensor, log);
    if (status) {
      return status;
    }
  }
  if (next != data->left) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "%zu bytes follow the last tensor", data->left - next);
  }
  return SPECRNN_OK;
}

static specrnn_status take_metadata(srn_tensor_file *file, json_t *header, const specrnn_log *log)
{
  json_t *metadata = json_object_get(header, "__metadata__");
  const char *key;
  json_t *value;
  if (!metadata) {
    return SPECRNN_OK;
  }
  if (!json_is_object(metadata)) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "__metadata__ is no object");
  }
  json_object_foreach(metadata, key, value)
  {
    if (!json_is_string(value)) {
      return srn_fail(log, SPECRNN_ERROR_FORMAT, "__metadata__: %.64s is no string", key);
    }
  }
  file->metadata = json_incref(metadata);
  json_object_del(header, "__metadata__");
  return SPECRNN_OK;
}

static specrnn_status read_entries(srn_tensor_file *file, const json_t *header, const srn_bytes *data,
                                   const specrnn_log *log)
{
  size_t count = 0;
  entry *entries = calloc(json_object_size(header) + 1, sizeof *entries);
  if (!entries) {
    return srn_fail_memory(log, json_object_size(header) * sizeof *entries);
  }
  specrnn_status status = SPECRNN_OK;
  for (void *at = json_object_iter((json_t *)(uintptr_t)header); at && !status;
       at = json_object_iter_next((json_t *)(uintptr_t)header, at)) {
    status = read_entry(&entries[count++], json_object_iter_key(at), json_object_iter_value(at), log);
  }
  if (!status) {
    status = place_entries(file, entries, count, data, log);
  }
  free(entries);
  return status;
}

specrnn_status srn_safetensors_read(srn_tensor_file *file, const unsigned char *bytes, size_t n_bytes,
                                    const specrnn_log *log)
{
  srn_bytes rest = {bytes, n_bytes};
  uint64_t length;
  if (!srn_bytes_le64(&rest, &length) || length > rest.left) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "the header is longer than the file (cut short?)");
  }
  if (length > MAX_HEADER) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "the header has %" PRIu64 " bytes; at most %d can be read", length,
                    MAX_HEADER);
  }
  const unsigned char *text = srn_bytes_take(&rest, (size_t)length);
  json_error_t error;
  json_t *header = json_loadb((const char *)text, (size_t)length, JSON_REJECT_DUPLICATES, &error);
  if (!header && (json_error_code(&error) == json_error_out_of_memory || !error.text[0])) {
    return srn_fail_memory(log, (size_t)length); /* of which jansson says nothing, mostly */
  }
  if (!header) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "the header is no JSON: %s", error.text);
  }
  if (!json_is_object(header)) {
    json_decref(header);
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "the header is no JSON object");
  }
  specrnn_status status = take_metadata(file, header, log);
  if (!status) {
    status = read_entries(file, header, &rest, log);
  }
  json_decref(header);
  return status;
}
