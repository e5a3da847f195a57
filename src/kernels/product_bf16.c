/* Products of bfloat16 weights, which are the upper halves of floats. */
#include "kernels/vector.h"

/* Column 0 is the lower half of a word. */
static inline srn_vector half_of_words(const uint32_t *words, size_t column)
{
  typedef uint32_t bits __attribute__((vector_size(SRN_VECTOR_BYTES)));
  bits v;
  memcpy(&v, words, sizeof v);
  return (srn_vector)(column == 0 ? v << 16 : v & 0xffff0000u);
}

#define NAME              SRN_KERNEL(product_bf16)
#define WORD              uint32_t
#define COLUMNS           2
#define WORD_COLUMN(p, c) half_of_words(p, c)
#include "kernels/product_template.h"
