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

/* Rows of one panel as they lie in the packed words. */
typedef struct panel_rows {
  size_t row, n_rows;    /* of the matrix */
  size_t width, n_words; /* of the panel: rows with those that fill it up, and words of a row */
  size_t first;          /* word of the first row's first column */
} panel_rows;

/* The part of rows `row` ... `end` - 1 that lies in the panel of `row`. */
static panel_rows rows_in_panel(const srn_panels *shape, size_t row, size_t end)
{
  size_t columns = LAYOUTS[shape->type].columns;
  size_t begin = row / SRN_PANEL_ROWS * SRN_PANEL_ROWS;
  size_t used = shape->rows - begin < SRN_PANEL_ROWS ? shape->rows - begin : SRN_PANEL_ROWS;
  panel_rows part = {.row = row, .width = round_up(used, SRN_PANEL_UNIT), .n_words = round_up(shape->depth, columns)};
  part.n_words /= columns;
  part.n_rows = (end < begin + used ? end : begin + used) - row;
  part.first = begin * part.n_words + (row - begin);
  return part;
}

/* Scales, sums and words of packed 8-bit weights. */
typedef struct int8_parts {
  float *scales;
  int32_t *sums;
  uint32_t *words;
} int8_parts;

static int8_parts parts_of(const srn_panels *shape, void *packed)
{
  size_t rows = round_up(shape->rows, SRN_PANEL_UNIT);
  float *scales = packed;
  int32_t *sums = (int32_t *)(scales + rows);
  return (int8_parts){scales, sums, (uint32_t *)(sums + rows)};
}

static void set_words(const srn_panels *shape, const panel_rows *part, uint32_t *words, const float *w, size_t stride,
                      const float *scales, word_maker *word)
{
  size_t columns = LAYOUTS[shape->type].columns;
  words += part->first;
  for (size_t k = 0; k < shape->depth; k += columns, words += part->width) {
    for (size_t r = 0; r < part->n_rows; r++) {
      words[r] = word(w + r * stride + k, shape->depth - k, scales ? scales[part->row + r] : 0.0f);
    }
  }
}

static void set_scales(const srn_panels *shape, const panel_rows *part, const int8_parts *parts, const float *w,
                       size_t stride)
{
  for (size_t r = 0; r < part->n_rows; r++) {
    const float *row = w + r * stride;
    float scale = int8_scale(row, shape->depth);
    int32_t sum = 0;
    for (size_t k = 0; scale > 0.0f && k < shape->depth; k++) {
      sum += whole_of(row[k], scale);
    }
    parts->scales[part->row + r] = scale;
    parts->sums[part->row + r] = sum;
  }
}

static void set_part(const srn_panels *shape, const panel_rows *part, void *packed, const float *w, size_t stride)
{
  if (shape->type == SRN_WEIGHT_INT8) {
    int8_parts parts = parts_of(shape, packed);
    set_scales(shape, part, &parts, w, stride);
    set_words(shape, part, parts.words, w, stride, parts.scales, word_int8);
  } else {
    set_words(shape, part, packed, w, stride, NULL, shape->type == SRN_WEIGHT_BF16 ? word_bf16 : word_f32);
  }
}

void srn_panels_set_rows(const srn_panels *shape, void *packed, size_t row, size_t n_rows, const float *w,
                         size_t stride)
{
  for (size_t end = row + n_rows; row < end;) {
    panel_rows part = rows_in_panel(shape, row, end);
    set_part(shape, &part, packed, w, stride);
    row += part.n_rows;
    w += part.n_rows * stride;
  }
}

void srn_panels_pack(const srn_panels *shape, void *packed, const float *w, size_t stride)
{
  memset(packed, 0, srn_panels_bytes(shape));
  srn_panels_set_rows(shape, packed, 0, shape->rows, w, stride);
}

/* -------------------------------------------------------------------------------------------------------- unpacking */

/* The number at column k of a row in its word. */
typedef float number_reader(uint32_t word, size_t k, float scale);

static float number_f32(uint32_t word, size_t k, float scale)
{
  (void)k;
  (void)scale;
  float number;
  memcpy(&number, &word, sizeof number);
  return number;
}

static float number_bf16(uint32_t word, size_t k, float scale)
{
  return number_f32(k % 2 ? word & 0xffff0000U : word << 16, 0, scale);
}

static float number_int8(uint32_t word, size_t k, float scale)
{
  int8_t weights[SRN_INT8_COLUMNS];
  memcpy(weights, &word, sizeof word);
  return (float)weights[k % SRN_INT8_COLUMNS] * scale;
}

/* Inlined for each type: the reader is known where it is called. */
static inline void get_words(const srn_panels *shape, const panel_rows *part, const uint32_t *words,
                             const float *scales, number_reader *number, float *w)
{
  size_t columns = LAYOUTS[shape->type].columns;
  words += part->first;
  for (size_t k = 0; k < shape->depth; k++) {
    for (size_t r = 0; r < part->n_rows; r++) {
      float scale = scales ? scales[part->row + r] : 0.0f;
      w[r * shape->depth + k] = number(words[k / columns * part->width + r], k, scale);
    }
  }
}

static void get_part(const srn_panels *shape, const panel_rows *part, float *w)
{
  const float *scales = shape->weights;
  const uint32_t *words = shape->weights;
  size_t before = SRN_INT8_BYTES_PER_ROW / sizeof *words * round_up(shape->rows, SRN_PANEL_UNIT);
  switch (shape->type) {
  case SRN_WEIGHT_BF16: get_words(shape, part, words, NULL, number_bf16, w); break;
  case SRN_WEIGHT_INT8: get_words(shape, part, words + before, scales, number_int8, w); break;
  default: get_words(shape, part, words, NULL, number_f32, w); break;
  }
}

void srn_panels_get_rows(const srn_panels *panels, size_t row, size_t n_rows, float *w)
{
  for (size_t end = row + n_rows; row < end;) {
    panel_rows part = rows_in_panel(panels, row, end);
    get_part(panels, &part, w);
    row += part.n_rows;
    w += part.n_rows * panels->depth;
  }
}
