/* How the numbers inside a layer are drawn. */
#include "hidden_look.h"

#include <math.h>

void range_look(double low, double high, specrnn_heatmap_config *look)
{
  look->pool = SPECRNN_POOL_MAX_ABS;
  if (low < 0.0) {
    look->colormap = SPECRNN_COLORMAP_COOLWARM;
    look->symmetric = true;
    look->vmin = low;
    look->vmax = high;
  }
}

void hidden_look(const specrnn_layer_info *layer, specrnn_heatmap_config *look)
{
  range_look(layer->low, layer->high, look);
}
