/* The distinct colours of a picture: a small hash table with open addressing. */
#include "plot/palette.h"

static const uint32_t COLOR_BITS = 0x00ffffffu;

static uint32_t find_slot(const srn_palette *palette, uint32_t color)
{
  uint32_t slot = (color * 2654435761u) >> 22; /* Knuth's multiplicative hash: 10 bits for 1024 slots */
  while (palette->keys[slot] && palette->keys[slot] != color + 1) {
    slot = (slot + 1) % SRN_PALETTE_SLOTS;
  }
  return slot;
}

bool srn_palette_collect(srn_palette *palette, const uint32_t *pixels, size_t count, int limit)
{
  uint32_t before = ~0u;
  for (size_t i = 0; i < count; i++) {
    uint32_t color = pixels[i] & COLOR_BITS;
    if (color == before) {
      continue;
    }
    before = color;
    uint32_t slot = find_slot(palette, color);
    if (palette->keys[slot]) {
      continue;
    }
    if (palette->count == limit) {
      return false;
    }
    palette->keys[slot] = color + 1;
    palette->indices[slot] = (uint16_t)palette->count;
    palette->colors[palette->count++] = color;
  }
  return true;
}

uint8_t srn_palette_index(const srn_palette *palette, uint32_t pixel)
{
  return (uint8_t)palette->indices[find_slot(palette, pixel & COLOR_BITS)];
}
