/* Arithmetic on sizes that says when it overflows, and integers of doubles that says where there is none. */
#ifndef SPECRNN_SRC_CORE_CHECKED_H
#define SPECRNN_SRC_CORE_CHECKED_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* Towards zero, as a cast, which is undefined for NaN and for what the type does not hold: these are false here. */
static inline bool srn_int_of(double x, int *result)
{
  if (!(x > INT_MIN - 1.0 && x < INT_MAX + 1.0)) {
    return false;
  }
  *result = (int)x;
  return true;
}

static inline bool srn_int64_of(double x, int64_t *result)
{
  if (!(x >= -0x1p63 && x < 0x1p63)) {
    return false;
  }
  *result = (int64_t)x;
  return true;
}

/* Towards zero, kept from `least` to `most`; NaN gives `least`. For places and sizes in pictures, which a computation
 * has inside such bounds but for its roundings. */
static inline int64_t srn_whole(double x, int64_t least, int64_t most)
{
  int64_t whole;
  if (!srn_int64_of(x, &whole)) {
    return x > 0.0 ? most : least;
  }
  return whole < least ? least : whole > most ? most : whole;
}

static inline int srn_whole_int(double x, int least, int most)
{
  return (int)srn_whole(x, least, most);
}

#endif
