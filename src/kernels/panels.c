/* Weights laid out for the product: panels of rows, column after column, in the type of the shape. */
#include <math.h>
#include <string.h>

#include "core/checked.h"
#include "kernels/int8_layout.h"
#include "kernels/kernels.h"

static size_t round_up(size_t value, size_t unit)
{
  return (value + unit - 1) / unit * unit;
}

/* What a type needs: columns that share a word of 4 bytes, and bytes per row before the weights. */
static const struct {
  size_t columns, bytes_per_row;
} LAYOUTS[SRN_WEIGHT_TYPES] = {
    [SRN_WEIGHT_F32] = {1, 0},
    [SRN_WEIGHT_BF16] = {2, 0},
    [SRN_WEIGHT_INT8] = {SRN_INT8_COLUMNS, SRN_INT8_BYTES_PER_ROW},
};

size_t srn_panels_bytes(const srn_panels *shape)
{
  size_t rows, depth, words, weights, before, bytes;
  size_t columns = LAYOUTS[shape->type].columns;
  if ((shape->type == SRN_WEIGHT_INT8 && shape->depth > SRN_INT8_MOST_DEPTH) ||
      !srn_size_add(shape->rows, SRN_PANEL_UNIT - 1, &rows) || !srn_size_add(shape->depth, columns - 1, &depth)) {
    return 0;
  }
  rows = rows / SRN_PANEL_UNIT * SRN_PANEL_UNIT;
  bool fits = srn_size_mul(rows, depth / columns, &words) && srn_size_mul(words, sizeof(float), &weights) &&
              srn_size_mul(rows, LAYOUTS[shape->type].bytes_per_row, &before) && srn_size_add(before, weights, &bytes);
  return fits && weights > 0 ? bytes : 0;
}

/* The word of a row that begins with the column at w; `rest` columns are left from there. */
typedef uint32_t word_maker(const float *w, size_t rest, float scale);

static uint32_t word_f32(const float *w, size_t rest, float scale)
{
  (void)rest;
  (void)scale;
  uint32_t word;
  memcpy(&word, w, sizeof word);
  return word;
}

uint16_t srn_bf16_of(float w)
{
  uint32_t bits;
  memcpy(&bits, &w, sizeof bits);
  uint32_t half_below = 0x7fff + (bits >> 16 & 1); /* ties to even */
  return (uint16_t)((bits + half_below) >> 16);
}

static uint32_t word_bf16(const float *w, size_t rest, float scale)
{
  (void)scale;
  return srn_bf16_of(w[0]) | (rest > 1 ? (uint32_t)srn_bf16_of(w[1]) << 16 : 0);
}

/* An 8-bit weight; the scale of its row keeps it inside. */
static int8_t whole_of(float w, float scale)
{
  return (int8_t)srn_whole_int(rintf(w / scale), -INT8_MAX, INT8_MAX);
}

static uint32_t word_int8(const float *w, size_t rest, float scale)
{
  int8_t weights[SRN_INT8_COLUMNS] = {0};
  for (size_t i = 0; i < SRN_INT8_COLUMNS && i < rest && scale > 0.0f; i++) {
    weights[i] = whole_of(w[i], scale);
  }
  uint32_t word;
  memcpy(&word, weights, sizeof word);
  return word;
}

/* The scale of a row of 8-bit weights, a little above max |w| / 127: of so few digits that whole numbers times it are
 * exact, so that packing what was packed changes nothing. */
static float int8_scale(const float *w, size_t depth)
{
  const float largest_weight = 127.0f, least_scale = 1e-30f;
  const uint32_t dropped_digits = 0x7f;
  float largest = 0.0f;
  for (size_t k = 0; k < depth; k++) {
    largest = fmaxf(largest, fabsf(w[k]));
  }
  float scale = largest / largest_weight;
  uint32_t bits;
  memcpy(&bits, &scale, sizeof bits);
  bits = (bits + dropped_digits) & ~dropped_digits;
  memcpy(&scale, &bits, sizeof bits);
  return scale < least_scale ? 0.0f : scale;
}

float srn_int8_row(int8_t *whole, const float *w, size_t depth)
{
  float scale = int8_scale(w, depth);
  for (size_t k = 0; k < depth; k++) {
    whole[k] = scale > 0.0f ? whole_of(w[k], scale) : 0;
  }
  return scale;
}

static void pack_words(const srn_panels *shape, uint32_t *words, const float *w, size_t stride, const float *scales,
                       word_maker *word)
{
  size_t columns = LAYOUTS[shape->type].columns;
  for (size_t first = 0; first < shape->rows; first += SRN_PANEL_ROWS) {
    size_t used = shape->rows - first < SRN_PANEL_ROWS ? shape->rows - first : SRN_PANEL_ROWS;
    size_t width = round_up(used, SRN_PANEL_UNIT);
    for (size_t k = 0; k < shape->depth; k += columns) {
      for (size_t r = 0; r < width; r++) {
        const float *from = w + (first + r) * stride + k;
        *words++ = r < used ? word(from, shape->depth - k, scales ? scales[first + r] : 0.0f) : 0;
      }
    }
  }
}

static void pack_int8(const srn_panels *shape, void *packed, const float *w, size_t stride)
{
  size_t rows = round_up(shape->rows, SRN_PANEL_UNIT);
  float *scales = packed;
  int32_t *sums = (int32_t *)(scales + rows);
  for (size_t r = 0; r < rows; r++) {
    scales[r] = r < shape->rows ? int8_scale(w + r * stride, shape->depth) : 0.0f;
    sums[r] = 0;
    for (size_t k = 0; scales[r] > 0.0f && k < shape->depth; k++) {
      sums[r] += whole_of(w[r * stride + k], scales[r]);
    }
  }
  pack_words(shape, (uint32_t *)(sums + rows), w, stride, scales, word_int8);
}

void srn_panels_pack(const srn_panels *shape, void *packed, const float *w, size_t stride)
{
  switch (shape->type) {
  case SRN_WEIGHT_BF16: pack_words(shape, packed, w, stride, NULL, word_bf16); break;
  case SRN_WEIGHT_INT8: pack_int8(shape, packed, w, stride); break;
  default: pack_words(shape, packed, w, stride, NULL, word_f32); break;
  }
}
