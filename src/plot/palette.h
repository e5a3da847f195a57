/* The distinct colours of a picture, where they are few. */
#ifndef SPECRNN_SRC_PLOT_PALETTE_H
#define SPECRNN_SRC_PLOT_PALETTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SRN_PALETTE_COLORS = 256, SRN_PALETTE_SLOTS = 1024 };

typedef struct srn_palette {
  int count;
  uint32_t colors[SRN_PALETTE_COLORS]; /* 0x00RRGGBB in order of appearance */
  uint32_t keys[SRN_PALETTE_SLOTS];    /* colour + 1, 0 where the slot is free */
  uint16_t indices[SRN_PALETTE_SLOTS];
} srn_palette;

/* Adds the colours of `count` pixels, of which the upper 8 bits are ignored; false when there are more than `limit`. */
bool srn_palette_collect(srn_palette *palette, const uint32_t *pixels, size_t count, int limit);

/* The index of a colour that was collected. */
uint8_t srn_palette_index(const srn_palette *palette, uint32_t pixel);

#endif
