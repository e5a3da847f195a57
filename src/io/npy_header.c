/* The header of .npy, read and written. */
#include "io/npy_header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/checked.h"
#include "core/log.h"
#include "io/bytes.h"

enum {
  PREFIX_SIZE = 8, /* magic and version */
  MAX_TEXT = 1 << 20,
  ALIGNMENT = 64,
  GROWTH_DIGITS = 21,
};

static const unsigned char MAGIC[] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

/* ---------------------------------------------------------------------------------------------- the dictionary literal
 */

typedef struct literal {
  const char *at;
  const char *end;
  const specrnn_log *log;
} literal;

static specrnn_status fail_literal(const literal *text, const char *what)
{
  return srn_fail(text->log, SPECRNN_ERROR_FORMAT, "the .npy header is malformed: %s", what);
}

static void skip_space(literal *text)
{
  while (text->at < text->end && (*text->at == ' ' || *text->at == '\n')) {
    text->at++;
  }
}

/* Consumes the character if it comes next, after white space. */
static bool accept(literal *text, char wanted)
{
  skip_space(text);
  if (text->at < text->end && *text->at == wanted) {
    text->at++;
    return true;
  }
  return false;
}

static bool accept_word(literal *text, const char *word)
{
  size_t length = strlen(word);
  skip_space(text);
  if ((size_t)(text->end - text->at) < length || memcmp(text->at, word, length) != 0) {
    return false;
  }
  text->at += length;
  return true;
}

static bool read_string(literal *text, char *value, size_t size)
{
  skip_space(text);
  if (text->at == text->end || (*text->at != '\'' && *text->at != '"')) {
    return false;
  }
  char quote = *text->at++;
  size_t length = 0;
  while (text->at < text->end && *text->at != quote) {
    char c = *text->at++;
    if (c < ' ' || c > '~' || c == '\\' || length + 1 == size) {
      return false;
    }
    value[length++] = c;
  }
  value[length] = '\0';
  return accept(text, quote);
}

static bool read_size(literal *text, size_t *value)
{
  skip_space(text);
  const char *first = text->at;
  size_t sum = 0;
  for (; text->at < text->end && *text->at >= '0' && *text->at <= '9'; text->at++) {
    if (!srn_size_mul(sum, 10, &sum) || !srn_size_add(sum, (size_t)(*text->at - '0'), &sum)) {
      return false;
    }
  }
  *value = sum;
  return text->at > first;
}

static specrnn_status read_descr(literal *text, srn_npy_header *header)
{
  if (accept(text, '[')) {
    return srn_fail(text->log, SPECRNN_ERROR_UNSUPPORTED, "structured arrays are not read");
  }
  return read_string(text, header->descr, sizeof header->descr) ? SPECRNN_OK : fail_literal(text, "its descr");
}

static specrnn_status read_order(literal *text, srn_npy_header *header)
{
  header->fortran_order = accept_word(text, "True");
  return header->fortran_order || accept_word(text, "False") ? SPECRNN_OK : fail_literal(text, "its fortran_order");
}

/* A tuple of one element has a comma: (3,). */
static specrnn_status read_shape(literal *text, srn_npy_header *header)
{
  bool comma = true;
  if (!accept(text, '(')) {
    return fail_literal(text, "its shape");
  }
  while (!accept(text, ')')) {
    size_t extent;
    if (!comma || !read_size(text, &extent)) {
      return fail_literal(text, "its shape");
    }
    if (header->rank == SPECRNN_MAX_RANK) {
      return srn_fail(text->log, SPECRNN_ERROR_UNSUPPORTED, "the array has more than %d dimensions", SPECRNN_MAX_RANK);
    }
    header->shape[header->rank++] = extent;
    accept(text, 'L'); /* Python 2 wrote its long integers so */
    comma = accept(text, ',');
  }
  return header->rank == 1 && !comma ? fail_literal(text, "its shape") : SPECRNN_OK;
}

static const struct {
  const char *key;
  specrnn_status (*read)(literal *text, srn_npy_header *header);
} KEYS[] = {{"descr", read_descr}, {"fortran_order", read_order}, {"shape", read_shape}};

enum { KEY_COUNT = sizeof KEYS / sizeof *KEYS };

static specrnn_status read_pair(literal *text, srn_npy_header *header, unsigned *seen)
{
  char key[16];
  if (!read_string(text, key, sizeof key) || !accept(text, ':')) {
    return fail_literal(text, "no key where one is expected");
  }
  for (unsigned i = 0; i < KEY_COUNT; i++) {
    if (!strcmp(key, KEYS[i].key)) {
      if (*seen & 1U << i) {
        return fail_literal(text, "a key occurs twice");
      }
      *seen |= 1U << i;
      return KEYS[i].read(text, header);
    }
  }
  return fail_literal(text, "an unknown key");
}

static specrnn_status read_dictionary(literal *text, srn_npy_header *header)
{
  unsigned seen = 0;
  bool comma = true;
  if (!accept(text, '{')) {
    return fail_literal(text, "it is no dictionary");
  }
  while (!accept(text, '}')) {
    if (!comma) {
      return fail_literal(text, "a comma is missing");
    }
    specrnn_status status = read_pair(text, header, &seen);
    if (status) {
      return status;
    }
    comma = accept(text, ',');
  }
  skip_space(text);
  if (text->at != text->end) {
    return fail_literal(text, "something follows the dictionary");
  }
  return seen == (1U << KEY_COUNT) - 1 ? SPECRNN_OK : fail_literal(text, "a key is missing");
}

/* ------------------------------------------------------------------------------------------------------------- reading
 */

/* Version 1 has a length of 16 bits, versions 2 and 3 one of 32. Version 3 allows UTF-8 in field names of structured
 * types, which are refused. */
static specrnn_status read_prefix(srn_source *source, size_t *text_size, const specrnn_log *log)
{
  unsigned char prefix[PREFIX_SIZE];
  specrnn_status status = srn_source_read(source, prefix, sizeof prefix, "the .npy header", log);
  if (status) {
    return status;
  }
  if (memcmp(prefix, MAGIC, sizeof MAGIC) != 0) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "not a .npy file");
  }
  unsigned major = prefix[6];
  unsigned minor = prefix[7];
  if (major < 1 || major > 3 || minor != 0) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "version %u.%u of .npy; 1.0, 2.0 and 3.0 are read", major, minor);
  }
  unsigned char length[4] = {0};
  status = srn_source_read(source, length, major == 1 ? 2 : 4, "the .npy header", log);
  if (status) {
    return status;
  }
  *text_size = srn_load_le32(length);
  if (*text_size > MAX_TEXT) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "the .npy header claims %zu bytes; the limit is %d", *text_size,
                    MAX_TEXT);
  }
  if (*text_size > source->left) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "the .npy header claims %zu bytes; %llu are left", *text_size,
                    (unsigned long long)source->left);
  }
  return SPECRNN_OK;
}

specrnn_status srn_npy_header_read(srn_npy_header *header, srn_source *source, const specrnn_log *log)
{
  size_t size = 0;
  specrnn_status status = read_prefix(source, &size, log);
  if (status) {
    return status;
  }
  char *bytes = malloc(size ? size : 1);
  if (!bytes) {
    return srn_fail_memory(log, size);
  }
  srn_npy_header parsed = {0};
  status = srn_source_read(source, bytes, size, "the .npy header", log);
  if (!status) {
    literal text = {bytes, bytes + size, log};
    status = read_dictionary(&text, &parsed);
  }
  free(bytes);
  if (!status) {
    *header = parsed;
  }
  return status;
}

specrnn_status srn_npy_check_length(const srn_npy_header *header, size_t item_size, const srn_source *source,
                                    size_t *count, const specrnn_log *log)
{
  size_t elements = 1;
  size_t bytes = 0;
  bool fits = true;
  for (int i = 0; i < header->rank; i++) {
    fits = fits && srn_size_mul(elements, header->shape[i], &elements);
  }
  fits = fits && srn_size_mul(elements, item_size, &bytes);
  if (!fits || bytes != source->left) {
    char shape[256];
    specrnn_array array = specrnn_array_view(SPECRNN_U8, header->rank, header->shape, NULL);
    specrnn_array_shape_text(&array, shape, sizeof shape);
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "shape %s of %s does not fit the %llu bytes of data", shape,
                    header->descr, (unsigned long long)source->left);
  }
  *count = elements;
  return SPECRNN_OK;
}

/* ------------------------------------------------------------------------------------------------------------- writing
 */

size_t srn_npy_header_write(unsigned char bytes[SRN_NPY_HEADER_SIZE], const char *descr, int rank, const size_t *shape,
                            size_t min_size)
{
  char *text = (char *)bytes + PREFIX_SIZE + 2;
  const size_t size = SRN_NPY_HEADER_SIZE - PREFIX_SIZE - 2;
  size_t length = (size_t)snprintf(text, size, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr);
  size_t first_digits = 0;
  for (int i = 0; i < rank; i++) {
    size_t before = length;
    length += (size_t)snprintf(text + length, size - length, "%zu", shape[i]);
    first_digits = i == 0 ? length - before : first_digits;
    length += (size_t)snprintf(text + length, size - length, "%s", i + 1 < rank ? ", " : rank == 1 ? "," : "");
  }
  length += (size_t)snprintf(text + length, size - length, "), }");
  size_t padding = rank ? GROWTH_DIGITS - first_digits : 0;
  /* NumPy adds a whole line of padding where none would be needed. */
  padding += ALIGNMENT - (PREFIX_SIZE + 2 + length + padding + 1) % ALIGNMENT;
  size_t written = PREFIX_SIZE + 2 + length + padding + 1;
  padding += written < min_size ? min_size - written : 0;
  memset(text + length, ' ', padding);
  length += padding;
  text[length++] = '\n';
  memcpy(bytes, MAGIC, sizeof MAGIC);
  bytes[6] = 1;
  bytes[7] = 0;
  srn_store_le(bytes + PREFIX_SIZE, length, 2);
  return PREFIX_SIZE + 2 + length;
}
