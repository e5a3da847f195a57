/* Pieces of JSON and of numbers as text, printed to streams, with a point whatever the locale. */
#ifndef SPECRNN_SRC_IO_JSON_TEXT_H
#define SPECRNN_SRC_IO_JSON_TEXT_H

#include <locale.h>
#include <stdio.h>

/* Between these two calls the thread prints and reads numbers in the C locale. Costs no allocation. */
locale_t srn_numbers_begin(void);
void srn_numbers_end(locale_t previous);

/* A string with its quotes and escapes. */
void srn_json_put_string(FILE *stream, const char *text);

/* A number of 9 or 17 significant digits, which reads back to the same float or double; null for NaN and infinities,
 * which JSON does not have. To be called between srn_numbers_begin and srn_numbers_end. */
void srn_json_put_number(FILE *stream, double value, int digits);

enum { SRN_FLOAT_DIGITS = 9, SRN_DOUBLE_DIGITS = 17 };

#endif
