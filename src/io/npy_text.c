/* .npy arrays of strings: NumPy's '<U', where each string is `width` numbers of 32 bits, filled up with zeros. */
#include <stdlib.h>
#include <string.h>

#include "core/checked.h"
#include "core/log.h"
#include "io/bytes.h"
#include "io/npy.h"
#include "io/sink.h"

enum {
  CODE_SIZE = 4,
  UTF8_MAX = 4, /* bytes of a character in UTF-8 */
  MAX_WIDTH = 1 << 24,
  MAX_TEXTS = 1 << 20, /* keeps the pointers, which a file does not have, in proportion */
};

/* -------------------------------------------------------------------------------------------------------------- UTF-8
 */

static bool is_character(uint32_t code)
{
  return code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
}

static size_t put_utf8(char *text, uint32_t code)
{
  if (code < 0x80) {
    text[0] = (char)code;
    return 1;
  }
  size_t extra = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  static const unsigned char LEAD[] = {0, 0xc0, 0xe0, 0xf0};
  for (size_t i = extra; i > 0; i--) {
    text[i] = (char)(0x80 | (code & 0x3f));
    code >>= 6;
  }
  text[0] = (char)(LEAD[extra] | code);
  return extra + 1;
}

/* The next character and the bytes after it; NULL for what is no UTF-8. */
static const unsigned char *get_utf8(const unsigned char *text, uint32_t *code)
{
  static const uint32_t SMALLEST[] = {0, 0x80, 0x800, 0x10000};
  unsigned lead = *text++;
  size_t extra = lead < 0x80 ? 0 : lead < 0xc0 ? 4 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf8 ? 3 : 4;
  if (extra == 4) {
    return NULL;
  }
  uint32_t value = extra ? lead & (0x3fU >> extra) : lead;
  for (size_t i = 0; i < extra; i++, text++) {
    if ((*text & 0xc0) != 0x80) {
      return NULL;
    }
    value = value << 6 | (*text & 0x3f);
  }
  *code = value;
  return value >= SMALLEST[extra] && is_character(value) ? text : NULL;
}

/* ------------------------------------------------------------------------------------------------------------- reading
 */

/* "<U12": the order and the width. */
static specrnn_status parse_type(const char *descr, size_t *width, const specrnn_log *log)
{
  size_t value = 0;
  const char *digit = descr + 2;
  bool valid = (descr[0] == '<' || descr[0] == '>') && descr[1] == 'U' && *digit;
  for (; valid && *digit; digit++) {
    valid = *digit >= '0' && *digit <= '9' && value <= MAX_WIDTH;
    value = value * 10 + (size_t)(*digit - '0');
  }
  if (!valid || value > MAX_WIDTH) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "elements of type '%s' where strings ('<U') are needed", descr);
  }
  *width = value;
  return SPECRNN_OK;
}

/* Writes one string, which takes at most width * UTF8_MAX + 1 bytes; NULL where it is no Unicode. */
static char *decode(char *text, const unsigned char *codes, size_t width, bool big_endian)
{
  for (; width && !srn_load_le32(codes + (width - 1) * CODE_SIZE); width--) {
  }
  for (size_t i = 0; i < width; i++, codes += CODE_SIZE) {
    unsigned char number[CODE_SIZE];
    memcpy(number, codes, CODE_SIZE);
    if (big_endian) {
      srn_swap_bytes(number, 1, CODE_SIZE);
    }
    uint32_t code = srn_load_le32(number);
    if (!code || !is_character(code)) {
      return NULL;
    }
    text += put_utf8(text, code);
  }
  *text++ = '\0';
  return text;
}

/* One block holds the pointers and, behind them, the strings. */
static specrnn_status decode_all(char ***out, const unsigned char *codes, size_t count, size_t width, bool big_endian,
                                 const specrnn_log *log)
{
  size_t text_size;
  size_t size;
  if (!srn_size_mul(count, width * UTF8_MAX + 1, &text_size) || !srn_size_mul(count + 1, sizeof(char *), &size) ||
      !srn_size_add(size, text_size, &size)) {
    return srn_fail(log, SPECRNN_ERROR_MEMORY, "more strings than memory can have");
  }
  char **texts = malloc(size);
  if (!texts) {
    return srn_fail_memory(log, size);
  }
  char *text = (char *)(texts + count + 1);
  for (size_t i = 0; i < count; i++, codes += width * CODE_SIZE) {
    texts[i] = text;
    text = decode(text, codes, width, big_endian);
    if (!text) {
      free(texts);
      return srn_fail(log, SPECRNN_ERROR_FORMAT, "string %zu is no Unicode text", i);
    }
  }
  texts[count] = NULL;
  *out = texts;
  return SPECRNN_OK;
}

specrnn_status srn_npy_read_texts(char ***out, size_t *count, srn_source *source, const specrnn_log *log)
{
  srn_npy_header header;
  size_t width = 0;
  size_t number = 0;
  specrnn_status status = srn_npy_header_read(&header, source, log);
  if (status || (status = parse_type(header.descr, &width, log))) {
    return status;
  }
  if (header.rank > 1) {
    return srn_fail(log, SPECRNN_ERROR_SHAPE, "strings of rank %d; a scalar or rank 1 is needed", header.rank);
  }
  if (width == 0) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "strings of width 0");
  }
  status = srn_npy_check_length(&header, width * CODE_SIZE, source, &number, log);
  if (status) {
    return status;
  }
  if (number > MAX_TEXTS) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "%zu strings; the limit is %d", number, MAX_TEXTS);
  }
  size_t size = number * width * CODE_SIZE;
  unsigned char *codes = malloc(size ? size : 1);
  if (!codes) {
    return srn_fail_memory(log, size);
  }
  status = srn_source_read(source, codes, size, "the array", log);
  if (!status) {
    status = decode_all(out, codes, number, width, header.descr[0] == '>', log);
  }
  free(codes);
  if (!status) {
    *count = number;
  }
  return status;
}

void specrnn_texts_destroy(char ***texts)
{
  if (texts) {
    free(*texts);
    *texts = NULL;
  }
}

/* ------------------------------------------------------------------------------------------------------------- writing
 */

static specrnn_status measure(const char *text, size_t *width, const specrnn_log *log)
{
  const unsigned char *at = (const unsigned char *)text;
  uint32_t code;
  for (*width = 0; *at; ++*width) {
    at = get_utf8(at, &code);
    if (!at) {
      return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a text is not valid UTF-8");
    }
  }
  return SPECRNN_OK;
}

static bool write_padded(FILE *stream, const char *text, size_t width)
{
  const unsigned char *at = (const unsigned char *)text;
  bool written = true;
  for (size_t i = 0; written && i < width; i++) {
    uint32_t code = 0;
    if (*at) {
      at = get_utf8(at, &code);
    }
    written = srn_write_numbers(stream, &code, 1, CODE_SIZE);
  }
  return written;
}

specrnn_status srn_npy_write_texts(FILE *stream, const char *const *texts, size_t count, bool scalar,
                                   const specrnn_log *log)
{
  size_t width = 1; /* NumPy has no strings of width 0 in files */
  for (size_t i = 0; i < count; i++) {
    size_t own;
    specrnn_status status = measure(texts[i], &own, log);
    if (status) {
      return status;
    }
    width = own > width ? own : width;
  }
  char descr[SRN_NPY_DESCR_SIZE];
  snprintf(descr, sizeof descr, "<U%zu", width);
  unsigned char header[SRN_NPY_HEADER_SIZE];
  size_t length = srn_npy_header_write(header, descr, scalar ? 0 : 1, &count, 0);
  bool written = fwrite(header, 1, length, stream) == length;
  for (size_t i = 0; written && i < count; i++) {
    written = write_padded(stream, texts[i], width);
  }
  return written ? SPECRNN_OK : SPECRNN_ERROR_IO;
}
