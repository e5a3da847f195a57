/* How the numbers inside a layer are drawn. */
#include "hidden_look.h"

#include <math.h>

void activation_look(const specrnn_module *module, specrnn_heatmap_config *look)
{
  bool relu = module->kind == SPECRNN_MODULE_RNN && module->nonlinearity == SPECRNN_NONLINEARITY_RELU;
  look->pool = SPECRNN_POOL_MAX_ABS;
  if (!relu) {
    look->colormap = SPECRNN_COLORMAP_COOLWARM;
    look->symmetric = true;
  }
  if (!relu && module->kind != SPECRNN_MODULE_LINEAR) {
    look->vmin = -1.0;
    look->vmax = 1.0;
  }
}

void hidden_look(const specrnn_module *module, specrnn_heatmap_config *look)
{
  activation_look(module, look);
  if (module->proj_size > 0) {
    look->vmin = -INFINITY;
    look->vmax = INFINITY;
  }
}
