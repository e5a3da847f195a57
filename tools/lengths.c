/* Lists of sizes on the command line. */
#include "lengths.h"

#include <stdlib.h>
#include <string.h>

#include "readable.h"
#include "report.h"
#include "specrnn/io.h"

static bool parse(size_t *lengths, size_t count, const char *text, size_t maximum)
{
  for (size_t i = 0; i < count; i++) {
    char *end;
    long long length = strtoll(text, &end, 10);
    if (end == text || *end != (i + 1 < count ? ',' : '\0') || length < 1 || (unsigned long long)length > maximum) {
      return false;
    }
    lengths[i] = (size_t)length;
    text = end + 1;
  }
  return true;
}

specrnn_status lengths_parse(size_t **lengths, size_t *count, const char *option, const char *argument, size_t maximum)
{
  size_t n = 1;
  for (const char *c = argument; *c; c++) {
    n += *c == ',';
  }
  size_t *numbers = calloc(n, sizeof *numbers);
  if (!numbers) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  if (!parse(numbers, n, argument, maximum)) {
    report_usage("--%s %s: not a list of whole numbers from 1 to %zu, as 5,3,7", option, argument, maximum);
    free(numbers);
    return SPECRNN_ERROR_ARGUMENT;
  }
  *lengths = numbers;
  *count = n;
  return SPECRNN_OK;
}

static specrnn_status convert(size_t *lengths, const specrnn_array *array, const char *path)
{
  for (size_t i = 0; i < array->shape[0]; i++) {
    int64_t length =
        array->dtype == SPECRNN_I64 ? ((const int64_t *)array->data)[i] : ((const int32_t *)array->data)[i];
    if (length < 1) {
      report_failure(path, "length %lld of sequence %zu is not at least 1", (long long)length, i);
      return SPECRNN_ERROR_FORMAT;
    }
    lengths[i] = (size_t)length;
  }
  return SPECRNN_OK;
}

static specrnn_status load(size_t **lengths, size_t *count, const char *path)
{
  specrnn_array *array = NULL;
  size_t *numbers = NULL;
  specrnn_log log = report_log(path);
  specrnn_status status = readable_npy_load(&array, path, &log);
  if (status) {
    return status;
  }
  if (array->rank != 1 || (array->dtype != SPECRNN_I64 && array->dtype != SPECRNN_I32)) {
    report_failure(path, "not a row of whole numbers (int64 or int32)");
    status = SPECRNN_ERROR_FORMAT;
  } else if (!(numbers = calloc(array->shape[0] + 1, sizeof *numbers))) {
    report_memory();
    status = SPECRNN_ERROR_MEMORY;
  } else {
    status = convert(numbers, array, path);
  }
  if (status) {
    free(numbers);
  } else {
    *lengths = numbers;
    *count = array->shape[0];
  }
  specrnn_array_destroy(&array);
  return status;
}

specrnn_status lengths_read(size_t **lengths, size_t *count, const char *argument)
{
  if (readable_format(argument) == SPECRNN_FILE_NPY) {
    return load(lengths, count, argument);
  }
  return lengths_parse(lengths, count, "lengths", argument, INT32_MAX);
}
