/* Whole numbers of doubles: the one place of the command where such a conversion stands. A cast of NaN, or of what the
 * type does not hold, is undefined. */
#ifndef SPECRNN_TOOLS_WHOLE_H
#define SPECRNN_TOOLS_WHOLE_H

#include <stdint.h>

/* Towards zero, kept from `least` to `most`; NaN gives `least`. */
static inline int64_t whole_of(double x, int64_t least, int64_t most)
{
  if (!(x >= -0x1p63 && x < 0x1p63)) {
    return x > 0.0 ? most : least;
  }
  int64_t whole = (int64_t)x;
  return whole < least ? least : whole > most ? most : whole;
}

static inline int whole_int_of(double x, int least, int most)
{
  return (int)whole_of(x, least, most);
}

#endif
