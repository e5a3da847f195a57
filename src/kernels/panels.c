/* Weights laid out for the product: panels of rows, column after column. */
#include "core/checked.h"
#include "kernels/kernels.h"

static size_t round_up_to_unit(size_t rows)
{
  return (rows + SRN_PANEL_UNIT - 1) / SRN_PANEL_UNIT * SRN_PANEL_UNIT;
}

size_t srn_panels_size(size_t rows, size_t depth)
{
  size_t padded, size, bytes;
  if (!srn_size_add(rows, SRN_PANEL_UNIT - 1, &padded) || !srn_size_mul(round_up_to_unit(rows), depth, &size) ||
      !srn_size_mul(size, sizeof(float), &bytes)) {
    return 0;
  }
  return size;
}

void srn_panels_pack(float *packed, const float *w, size_t stride, size_t rows, size_t depth)
{
  for (size_t first = 0; first < rows; first += SRN_PANEL_ROWS) {
    size_t used = rows - first < SRN_PANEL_ROWS ? rows - first : SRN_PANEL_ROWS;
    size_t width = round_up_to_unit(used);
    for (size_t k = 0; k < depth; k++) {
      for (size_t r = 0; r < width; r++) {
        *packed++ = r < used ? w[(first + r) * stride + k] : 0.0f;
      }
    }
  }
}
