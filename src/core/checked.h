/* Arithmetic on sizes that says when it overflows. */
#ifndef SPECRNN_SRC_CORE_CHECKED_H
#define SPECRNN_SRC_CORE_CHECKED_H

#include <stdbool.h>
#include <stddef.h>

/* Each returns false and leaves *result alone where the true result does not fit. */
static inline bool srn_size_add(size_t a, size_t b, size_t *result)
{
  size_t sum;
  if (__builtin_add_overflow(a, b, &sum)) {
    return false;
  }
  *result = sum;
  return true;
}

static inline bool srn_size_mul(size_t a, size_t b, size_t *result)
{
  size_t product;
  if (__builtin_mul_overflow(a, b, &product)) {
    return false;
  }
  *result = product;
  return true;
}

#endif
