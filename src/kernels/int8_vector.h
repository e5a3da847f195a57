/* Sums of 8-bit weights times whole inputs, exact, at the level that is being compiled.
 *
 * A group is four columns of a row, 4 bytes. Inputs are whole numbers of 12 bits, sign included, which every way of
 * multiplying takes without saturation: VNNI takes them in two halves of unsigned bytes; SSE and its successors widen
 * the weights to 16 bits; other machines do what the compiler makes of the plain loop.
 *
 *   SUM_ROWS   rows of one row_sums       TILE_ROWS  rows whose sums fit the registers for one frame
 *   inputs     a frame's inputs           group      four of them, ready for every row */
#ifndef SPECRNN_SRC_KERNELS_INT8_VECTOR_H
#define SPECRNN_SRC_KERNELS_INT8_VECTOR_H

#include "kernels/int8_layout.h"
#include "kernels/level.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { INPUT_LIMIT = 2047 };

#if defined(__AVX512VNNI__) || defined(__AVXVNNI__)

#if defined(__AVX512VNNI__)
enum { SUM_ROWS = 16, TILE_ROWS = 64 };
typedef uint32_t words __attribute__((vector_size(64)));
#define DOT(sum, x, w) ((words)_mm512_dpbusd_epi32((__m512i)(sum), (__m512i)(x), (__m512i)(w)))
#define FILL(word)     ((words)_mm512_set1_epi32((int)(word)))
#else
enum { SUM_ROWS = 8, TILE_ROWS = 32 };
typedef uint32_t words __attribute__((vector_size(32)));
#define DOT(sum, x, w) ((words)_mm256_dpbusd_avx_epi32((__m256i)(sum), (__m256i)(x), (__m256i)(w)))
#define FILL(word)     ((words)_mm256_set1_epi32((int)(word)))
#endif

/* Added to the inputs, which makes their halves unsigned; the sum of the weights takes it off again. */
enum { INPUT_OFFSET = 2048 };

typedef struct inputs {
  uint8_t upper[SRN_INT8_MOST_DEPTH], lower[SRN_INT8_MOST_DEPTH]; /* of input + INPUT_OFFSET */
} inputs;

typedef struct group {
  words upper, lower;
} group;

typedef group row_sums;

static inline void put_input(inputs *x, size_t k, int32_t value)
{
  x->upper[k] = (uint8_t)((value + INPUT_OFFSET) >> 8);
  x->lower[k] = (uint8_t)(value + INPUT_OFFSET);
}

static inline group group_at(const inputs *x, size_t k)
{
  uint32_t upper, lower;
  memcpy(&upper, x->upper + k, sizeof upper);
  memcpy(&lower, x->lower + k, sizeof lower);
  return (group){FILL(upper), FILL(lower)};
}

static inline row_sums sums_add(row_sums sum, group x, const uint32_t *w)
{
  words weights;
  memcpy(&weights, w, sizeof weights);
  return (row_sums){DOT(sum.upper, x.upper, weights), DOT(sum.lower, x.lower, weights)};
}

/* Unsigned, as parts may wrap around; the whole fits. */
static inline void sums_store(row_sums sum, const int32_t *weight_sums, int32_t *out)
{
  words offset;
  memcpy(&offset, weight_sums, sizeof offset);
  words total = (sum.upper << 8) + sum.lower - offset * INPUT_OFFSET;
  memcpy(out, &total, sizeof total);
}

#elif defined(__x86_64__)

#if defined(__AVX512BW__)
enum { SUM_ROWS = 8, TILE_ROWS = 64 };
typedef __m512i row_sums;
#define WIDEN(p)       _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)(p)))
#define MULTIPLY(a, b) _mm512_madd_epi16(a, b)
#define ADD(a, b)      _mm512_add_epi32(a, b)
#define FILL(four)     _mm512_set1_epi64(four)
#elif defined(__AVX2__)
enum { SUM_ROWS = 4, TILE_ROWS = 32 };
typedef __m256i row_sums;
#define WIDEN(p)       _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(p)))
#define MULTIPLY(a, b) _mm256_madd_epi16(a, b)
#define ADD(a, b)      _mm256_add_epi32(a, b)
#define FILL(four)     _mm256_set1_epi64x(four)
#else
enum { SUM_ROWS = 2, TILE_ROWS = 16 };
typedef __m128i row_sums;
#define TWICE(p)       _mm_unpacklo_epi8(_mm_loadl_epi64((const __m128i *)(p)), _mm_loadl_epi64((const __m128i *)(p)))
#define WIDEN(p)       _mm_srai_epi16(TWICE(p), 8)
#define MULTIPLY(a, b) _mm_madd_epi16(a, b)
#define ADD(a, b)      _mm_add_epi32(a, b)
#define FILL(four)     _mm_set1_epi64x(four)
#endif

typedef struct inputs {
  int16_t value[SRN_INT8_MOST_DEPTH];
} inputs;

typedef row_sums group; /* two sums per row: of columns 0 and 1, of columns 2 and 3 */

static inline void put_input(inputs *x, size_t k, int32_t value)
{
  x->value[k] = (int16_t)value;
}

static inline group group_at(const inputs *x, size_t k)
{
  int64_t four;
  memcpy(&four, x->value + k, sizeof four);
  return FILL(four);
}

static inline row_sums sums_add(row_sums sum, group x, const uint32_t *w)
{
  return ADD(sum, MULTIPLY(WIDEN(w), x));
}

static inline void sums_store(row_sums sum, const int32_t *weight_sums, int32_t *out)
{
  (void)weight_sums;
  int32_t halves[2 * SUM_ROWS];
  memcpy(halves, &sum, sizeof sum);
  for (size_t r = 0; r < SUM_ROWS; r++) {
    out[r] = halves[2 * r] + halves[2 * r + 1];
  }
}

#else

enum { SUM_ROWS = 4, TILE_ROWS = 16 };

typedef struct row_sums {
  int32_t row[SUM_ROWS];
} row_sums;

typedef struct inputs {
  int16_t value[SRN_INT8_MOST_DEPTH];
} inputs;

typedef struct group {
  int32_t value[SRN_INT8_COLUMNS];
} group;

static inline void put_input(inputs *x, size_t k, int32_t value)
{
  x->value[k] = (int16_t)value;
}

static inline group group_at(const inputs *x, size_t k)
{
  return (group){{x->value[k], x->value[k + 1], x->value[k + 2], x->value[k + 3]}};
}

static inline row_sums sums_add(row_sums sum, group x, const uint32_t *w)
{
  int8_t weights[SUM_ROWS * SRN_INT8_COLUMNS];
  memcpy(weights, w, sizeof weights);
  for (size_t i = 0; i < SUM_ROWS * SRN_INT8_COLUMNS; i++) {
    sum.row[i / SRN_INT8_COLUMNS] += weights[i] * x.value[i % SRN_INT8_COLUMNS];
  }
  return sum;
}

static inline void sums_store(row_sums sum, const int32_t *weight_sums, int32_t *out)
{
  (void)weight_sums;
  memcpy(out, sum.row, sizeof sum.row);
}

#endif

#endif
