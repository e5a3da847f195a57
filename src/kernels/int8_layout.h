/* How packed 8-bit weights lie: a scale per row (float), a sum of its weights per row (int32_t), each for the rows
 * rounded up to SRN_PANEL_UNIT, then the panels, four columns of a row in a word. */
#ifndef SPECRNN_SRC_KERNELS_INT8_LAYOUT_H
#define SPECRNN_SRC_KERNELS_INT8_LAYOUT_H

#include <stdint.h>

enum { SRN_INT8_COLUMNS = 4, SRN_INT8_BYTES_PER_ROW = sizeof(float) + sizeof(int32_t) };

#endif
