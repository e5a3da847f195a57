/* Pieces of JSON, and numbers in the C locale. */
#include "io/json_text.h"

#include <math.h>
#include <stdlib.h>

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

void srn_put_double(FILE *stream, double value)
{
  char text[40];
  int digits = SRN_DOUBLE_DIGITS - 2;
  do {
    snprintf(text, sizeof text, "%.*g", digits, value);
  } while (digits++ < SRN_DOUBLE_DIGITS && strtod(text, NULL) != value);
  fputs(text, stream);
}

void srn_json_put_float(FILE *stream, float value)
{
  if (isfinite(value)) {
    fprintf(stream, "%.*g", SRN_FLOAT_DIGITS, (double)value);
  } else {
    fputs("null", stream);
  }
}

void srn_json_put_double(FILE *stream, double value)
{
  if (isfinite(value)) {
    srn_put_double(stream, value);
  } else {
    fputs("null", stream);
  }
}
