/* What can be said of the numbers of an array: in double, and exactly of integers. */
#ifndef SPECRNN_TOOLS_ARRAY_SUMMARY_H
#define SPECRNN_TOOLS_ARRAY_SUMMARY_H

#include "specrnn/io.h"

typedef struct array_summary {
  size_t n_finite, n_nan, n_infinite;
  double least, largest, mean; /* of the finite numbers; of the magnitudes where they are complex */
  bool is_complex;
  bool is_integer;             /* then least and largest stand here, exactly */
  int64_t least_i, largest_i;  /* of every type but uint64 */
  uint64_t least_u, largest_u; /* of uint64 */
} array_summary;

SPECRNN_MUST_CHECK specrnn_status array_summarise(array_summary *s, const specrnn_array *array, const specrnn_log *log);

/* The numbers as a person reads them: six digits, or as many as the unit needs where they are large, or as tell the
 * ends apart. Integers are whole. */
enum { SUMMARY_TEXT_SIZE = 32 };
void array_mean_text(const array_summary *s, char text[SUMMARY_TEXT_SIZE]);
void array_least_text(const array_summary *s, specrnn_dtype dtype, char text[SUMMARY_TEXT_SIZE]);
void array_largest_text(const array_summary *s, specrnn_dtype dtype, char text[SUMMARY_TEXT_SIZE]);

#endif
