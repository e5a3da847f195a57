/* Weights in an .npz: one array per tensor, under its name. */
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "io/bytes.h"
#include "model/tensors.h"

static bool is_real(specrnn_dtype dtype)
{
  return dtype == SPECRNN_F32 || dtype == SPECRNN_F64 || dtype == SPECRNN_F16 || dtype == SPECRNN_BF16;
}

/* The numbers as the other formats have them, little-endian, in a block that the file owns. */
static specrnn_status keep(srn_tensor_file *file, const char *name, const specrnn_array *array, const specrnn_log *log)
{
  size_t size = specrnn_dtype_size(array->dtype);
  size_t count = specrnn_array_count(array);
  unsigned char *bytes;
  specrnn_status status = srn_tensors_block(file, &bytes, count * size, name, log);
  if (status) {
    return status;
  }
  if (count) {
    memcpy(bytes, array->data, count * size);
  }
  if (!SRN_HOST_IS_LITTLE) {
    srn_swap_bytes(bytes, count, size);
  }
  char *borrowed = (char *)(uintptr_t)name;
  srn_tensor tensor = {.name = borrowed, .dtype = array->dtype, .rank = array->rank, .bytes = bytes};
  memcpy(tensor.shape, array->shape, sizeof tensor.shape);
  return srn_tensors_add(file, &tensor, log);
}

static specrnn_status read_array(srn_tensor_file *file, specrnn_npz *npz, const char *name, const specrnn_log *log)
{
  specrnn_array *array;
  specrnn_status status = specrnn_npz_read(&array, npz, name, log);
  if (status) {
    return status;
  }
  if (is_real(array->dtype)) {
    status = keep(file, name, array, log);
  } else {
    status = srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "%.128s is %s; weights are float16, float32 or float64", name,
                      specrnn_dtype_name(array->dtype));
  }
  specrnn_array_destroy(&array);
  return status;
}

specrnn_status srn_npz_read(srn_tensor_file *file, const unsigned char *bytes, size_t n_bytes, const specrnn_log *log)
{
  specrnn_npz *npz;
  specrnn_status status = specrnn_npz_open_memory(&npz, bytes, n_bytes, log);
  if (status) {
    return status;
  }
  specrnn_npz_set_limit(npz, file->budget.limit);
  for (size_t i = 0; i < specrnn_npz_count(npz) && !status; i++) {
    status = read_array(file, npz, specrnn_npz_name(npz, i), log);
  }
  specrnn_npz_close(&npz);
  return status;
}
