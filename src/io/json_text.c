/* Pieces of JSON, and numbers in the C locale. */
#include "io/json_text.h"

#include <math.h>

locale_t srn_numbers_begin(void)
{
  locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  return c_locale ? uselocale(c_locale) : (locale_t)0;
}

void srn_numbers_end(locale_t previous)
{
  if (previous) {
    freelocale(uselocale(previous));
  }
}

void srn_json_put_string(FILE *stream, const char *text)
{
  fputc('"', stream);
  for (; *text; text++) {
    unsigned char c = (unsigned char)*text;
    if (c < 0x20) {
      fprintf(stream, "\\u%04x", c);
    } else {
      if (c == '"' || c == '\\') {
        fputc('\\', stream);
      }
      fputc(c, stream);
    }
  }
  fputc('"', stream);
}

void srn_json_put_number(FILE *stream, double value, int digits)
{
  if (isfinite(value)) {
    fprintf(stream, "%.*g", digits, value);
  } else {
    fputs("null", stream);
  }
}
