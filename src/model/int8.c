/* Matrices of 8-bit weights in a file: whole numbers, and beside them a tensor of a scale per row. */
#include "model/int8.h"

#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "model/metadata.h"

static void row_scale_name(char *name, size_t size, const char *parameter)
{
  snprintf(name, size, SRN_TENSOR_ROW_SCALE "%s", parameter);
}

enum { ROW_SCALE_NAME_SIZE = SRN_PARAMETER_NAME_SIZE + sizeof SRN_TENSOR_ROW_SCALE };

specrnn_status srn_int8_claim(srn_tensor_file *file, specrnn_weight_type type, const srn_tensor *tensor,
                              const srn_parameter_spec *spec, const specrnn_log *log)
{
  bool needed = type == SPECRNN_WEIGHT_INT8 && spec->rank == 2;
  if (tensor->int8 && !needed) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "%s has dtype I8; F32, F64, F16 and BF16 can be read",
                    tensor->name);
  }
  if (!tensor->int8 && needed) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "%s has another dtype than I8 in a model of int8 weights", tensor->name);
  }
  if (!needed) {
    return SPECRNN_OK;
  }
  char name[ROW_SCALE_NAME_SIZE];
  row_scale_name(name, sizeof name, spec->name);
  srn_tensor *scale = srn_tensors_find(file, name);
  if (!scale || scale->int8) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "%s is missing", name);
  }
  scale->used = true;
  return srn_tensor_check_shape(scale, 1, spec->shape, log);
}

specrnn_status srn_int8_scale_rows(const srn_tensor_file *file, const srn_parameter_spec *spec, size_t row,
                                   size_t n_rows, float *values, const specrnn_log *log)
{
  char name[ROW_SCALE_NAME_SIZE];
  row_scale_name(name, sizeof name, spec->name);
  float *scales = malloc(n_rows * sizeof *scales);
  if (!scales) {
    return srn_fail_memory(log, n_rows * sizeof *scales);
  }
  srn_tensor_read_part(srn_tensors_find(file, name), row, n_rows, scales);
  for (size_t r = 0; r < n_rows; r++) {
    for (size_t k = 0; k < spec->row_size; k++) {
      *values++ *= scales[r];
    }
  }
  free(scales);
  return SPECRNN_OK;
}
