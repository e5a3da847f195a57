/* Measured plans in a file: a line of our own, then FFTW's wisdom in double and in float.
 *
 *     specrnn plans 1 CHECKSUM DOUBLE_BYTES FLOAT_BYTES
 *
 * FFTW believes what it reads, so the checksum is ours: no damaged file reaches it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/log.h"
#include "features/fft.h"
#include "features/setup.h"

enum { MAX_FILE_BYTES = 16 << 20, MAX_HEADER_BYTES = 128 };

static const char HEADER[] = "specrnn plans 1 %" PRIx64 " %zu %zu\n";

/* FNV-1a, 64 bits: against damage, not against malice. */
static uint64_t checksum(const char *text, size_t size)
{
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  for (size_t i = 0; i < size; i++) {
    hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
  }
  return hash;
}

specrnn_status specrnn_plans_measure(const specrnn_features_config *config, const specrnn_log *log)
{
  srn_setup setup;
  specrnn_status status = srn_setup_of(&setup, config, log);
  return status ? status : srn_fft_measure(setup.config.n_fft, setup.config.precision, log);
}

void specrnn_plans_forget(void)
{
  srn_fft_wisdom_forget(SPECRNN_PRECISION_DOUBLE);
  srn_fft_wisdom_forget(SPECRNN_PRECISION_FLOAT);
}

/* ------------------------------------------------------------------------------------------------------------ saving
 */

static specrnn_status write_plans(FILE *stream, const char *in_double, const char *in_float, const specrnn_log *log)
{
  size_t n_double = strlen(in_double);
  size_t n_float = strlen(in_float);
  char *text = malloc(n_double + n_float + 1);
  if (!text) {
    return srn_fail_memory(log, n_double + n_float);
  }
  memcpy(text, in_double, n_double);
  memcpy(text + n_double, in_float, n_float + 1);
  fprintf(stream, HEADER, checksum(text, n_double + n_float), n_double, n_float); /* commit looks for errors */
  fwrite(text, 1, n_double + n_float, stream);
  free(text);
  return SPECRNN_OK;
}

specrnn_status specrnn_plans_save(const char *path, const specrnn_log *log)
{
  srn_file *file = NULL;
  char *in_double = srn_fft_wisdom_export(SPECRNN_PRECISION_DOUBLE);
  char *in_float = srn_fft_wisdom_export(SPECRNN_PRECISION_FLOAT);
  specrnn_status status =
      in_double && in_float ? srn_file_create(&file, path, log) : srn_fail_memory(log, MAX_HEADER_BYTES);
  if (!status) {
    status = write_plans(srn_file_stream(file), in_double, in_float, log);
  }
  status = status ? status : srn_file_commit(&file, log);
  srn_file_abandon(&file);
  free(in_double);
  free(in_float);
  return status;
}

/* ----------------------------------------------------------------------------------------------------------- loading
 */

/* The text behind the first line, terminated; NULL for a file that is no such file, or damaged. */
static char *check(char *bytes, size_t size, size_t *n_double)
{
  uint64_t expected;
  size_t n_float;
  char *line_end = memchr(bytes, '\n', size < MAX_HEADER_BYTES ? size : MAX_HEADER_BYTES);
  if (!line_end || sscanf(bytes, "specrnn plans 1 %" SCNx64 " %zu %zu", &expected, n_double, &n_float) != 3) {
    return NULL;
  }
  char *text = line_end + 1;
  size_t left = size - (size_t)(text - bytes);
  bool whole = *n_double <= left && n_float == left - *n_double && !memchr(text, '\0', left);
  return whole && checksum(text, left) == expected ? text : NULL;
}

/* Both precisions or, where the second fails, what was there before. */
static bool import(char *text, size_t n_double, const char *double_before)
{
  char *in_float = text + n_double;
  char first = *in_float;
  *in_float = '\0';
  bool good = srn_fft_wisdom_import(SPECRNN_PRECISION_DOUBLE, text);
  *in_float = first;
  if (good && !srn_fft_wisdom_import(SPECRNN_PRECISION_FLOAT, in_float)) {
    srn_fft_wisdom_forget(SPECRNN_PRECISION_DOUBLE);
    srn_fft_wisdom_import(SPECRNN_PRECISION_DOUBLE, double_before);
    good = false;
  }
  return good;
}

static specrnn_status read_all(FILE *file, char **bytes, size_t *size, const specrnn_log *log)
{
  *bytes = malloc(MAX_FILE_BYTES + 1);
  if (!*bytes) {
    return srn_fail_memory(log, MAX_FILE_BYTES + 1);
  }
  *size = fread(*bytes, 1, MAX_FILE_BYTES, file);
  (*bytes)[*size] = '\0';
  return ferror(file) ? srn_fail(log, SPECRNN_ERROR_IO, "cannot read: %s", strerror(errno)) : SPECRNN_OK;
}

static specrnn_status load(char *bytes, size_t size, const specrnn_log *log)
{
  size_t n_double;
  char *text = check(bytes, size, &n_double);
  if (!text) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "damaged, or no file of measured plans");
  }
  char *before = srn_fft_wisdom_export(SPECRNN_PRECISION_DOUBLE);
  if (!before) {
    return srn_fail_memory(log, MAX_HEADER_BYTES);
  }
  bool good = import(text, n_double, before);
  free(before);
  return good ? SPECRNN_OK
              : srn_fail(log, SPECRNN_ERROR_UNSUPPORTED,
                         "the plans were measured with another version of FFTW or on another kind of processor");
}

specrnn_status specrnn_plans_load(const char *path, const specrnn_log *log)
{
  char *bytes = NULL;
  size_t size = 0;
  FILE *file = fopen(path, "rb");
  if (!file) {
    return srn_fail(log, SPECRNN_ERROR_IO, "cannot open: %s", strerror(errno));
  }
  specrnn_status status = read_all(file, &bytes, &size, log);
  fclose(file);
  status = status ? status : load(bytes, size, log);
  free(bytes);
  return status;
}
