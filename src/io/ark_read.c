/* Kaldi archives read: float and double matrices and vectors in binary form. */
#include <stdlib.h>
#include <string.h>

#include "core/checked.h"
#include "core/log.h"
#include "io/ark.h"
#include "io/bytes.h"
#include "io/source.h"
#include "specrnn/io.h"

enum {
  KEY_SIZE = 4096,
  TYPE_SIZE = 8,
};

struct specrnn_ark_reader {
  srn_source source;
  char key[KEY_SIZE];
};

static const struct {
  const char *name;
  specrnn_dtype dtype;
  int rank;
} TYPES[] = {
    {"FM", SPECRNN_F32, 2},
    {"DM", SPECRNN_F64, 2},
    {"FV", SPECRNN_F32, 1},
    {"DV", SPECRNN_F64, 1},
};

specrnn_status specrnn_ark_open(specrnn_ark_reader **out, const char *path, const specrnn_log *log)
{
  specrnn_ark_reader *reader = calloc(1, sizeof *reader);
  if (!reader) {
    return srn_fail_memory(log, sizeof *reader);
  }
  specrnn_status status = srn_source_open(&reader->source, path, log);
  if (status) {
    free(reader);
    return status;
  }
  *out = reader;
  return SPECRNN_OK;
}

void specrnn_ark_close(specrnn_ark_reader **reader)
{
  if (reader && *reader) {
    srn_source_close(&(*reader)->source);
    free(*reader);
    *reader = NULL;
  }
}

/* Reads up to a space, which is consumed. */
static specrnn_status read_word(srn_source *source, char *word, size_t size, const char *what, const specrnn_log *log)
{
  for (size_t length = 0; length < size; length++) {
    specrnn_status status = srn_source_read(source, word + length, 1, what, log);
    if (status) {
      return status;
    }
    if (word[length] == ' ') {
      word[length] = '\0';
      return SPECRNN_OK;
    }
  }
  return srn_fail(log, SPECRNN_ERROR_FORMAT, "not a Kaldi archive: %s is longer than %zu bytes", what, size);
}

static specrnn_status read_binary_mark(srn_source *source, const specrnn_log *log)
{
  char mark[2];
  specrnn_status status = srn_source_read(source, mark, sizeof mark, "the archive", log);
  if (!status && memcmp(mark, SRN_ARK_FLOAT_MATRIX, sizeof mark) != 0) {
    status = srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "not a Kaldi archive in binary form");
  }
  return status;
}

static specrnn_status find_type(const char *name, size_t *type, const specrnn_log *log)
{
  for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
    if (!strcmp(name, TYPES[i].name)) {
      *type = i;
      return SPECRNN_OK;
    }
  }
  if (!strncmp(name, "CM", 2)) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "a compressed matrix; copy-feats --compress=false unpacks it");
  }
  return srn_fail(log, SPECRNN_ERROR_FORMAT, "an entry that is neither a matrix nor a vector of floats");
}

/* A size is a byte that says 4, and an int32. */
static specrnn_status read_extent(srn_source *source, size_t *extent, const specrnn_log *log)
{
  unsigned char bytes[1 + SRN_ARK_INT_SIZE];
  specrnn_status status = srn_source_read(source, bytes, sizeof bytes, "the archive", log);
  if (status) {
    return status;
  }
  uint32_t value = srn_load_le32(bytes + 1);
  if (bytes[0] != SRN_ARK_INT_SIZE || value > INT32_MAX) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "a size that is no positive int32");
  }
  *extent = value;
  return SPECRNN_OK;
}

static specrnn_status read_array(specrnn_array **out, srn_source *source, size_t type, const specrnn_log *log)
{
  size_t shape[2] = {0, 1};
  specrnn_status status = SPECRNN_OK;
  for (int i = 0; i < TYPES[type].rank && !status; i++) {
    status = read_extent(source, &shape[i], log);
  }
  if (status) {
    return status;
  }
  size_t unit = specrnn_dtype_size(TYPES[type].dtype);
  size_t bytes;
  if (!srn_size_mul(shape[0], shape[1], &bytes) || !srn_size_mul(bytes, unit, &bytes) || bytes > source->left) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "a matrix of %zu x %zu is cut short: %llu bytes are left", shape[0],
                    shape[1], (unsigned long long)source->left);
  }
  specrnn_array *array;
  status = specrnn_array_create(&array, TYPES[type].dtype, TYPES[type].rank, shape, log);
  if (status) {
    return status;
  }
  status = srn_source_read(source, array->data, bytes, "the matrix", log);
  if (status) {
    specrnn_array_destroy(&array);
    return status;
  }
  if (!SRN_HOST_IS_LITTLE) {
    srn_swap_bytes(array->data, bytes / unit, unit);
  }
  *out = array;
  return SPECRNN_OK;
}

specrnn_status specrnn_ark_next(specrnn_array **out, const char **key, specrnn_ark_reader *reader,
                                const specrnn_log *log)
{
  srn_source *source = &reader->source;
  if (!source->left) {
    return SPECRNN_END;
  }
  char type_name[TYPE_SIZE];
  size_t type = 0;
  specrnn_array *array = NULL;
  specrnn_status status = read_word(source, reader->key, sizeof reader->key, "the key", log);
  if (status || (status = read_binary_mark(source, log)) ||
      (status = read_word(source, type_name, sizeof type_name, "the type", log)) ||
      (status = find_type(type_name, &type, log)) || (status = read_array(&array, source, type, log))) {
    return status;
  }
  *out = array;
  *key = reader->key;
  return SPECRNN_OK;
}
