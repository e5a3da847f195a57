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

/* The rest is to be called between srn_numbers_begin and srn_numbers_end. */

enum { SRN_FLOAT_DIGITS = 9, SRN_DOUBLE_DIGITS = 17 }; /* enough to read back to the same value */

/* The fewest of 15, 16 and 17 digits that read back to the same value: 0.1, not 0.10000000000000001. */
void srn_put_double(FILE *stream, double value);

/* Null for NaN and infinities, which JSON does not have. */
void srn_json_put_float(FILE *stream, float value);
void srn_json_put_double(FILE *stream, double value);

#endif
