/* The registry of colour maps. */
#include "plot/colormap.h"

#include <string.h>

static const specrnn_colormap_info REGISTRY[] = {
    [SPECRNN_COLORMAP_INFERNO] = {"inferno", "black, purple, orange, pale yellow", false, srn_colormap_inferno},
    [SPECRNN_COLORMAP_MAGMA] = {"magma", "black, purple, pink, pale yellow", false, srn_colormap_magma},
    [SPECRNN_COLORMAP_VIRIDIS] = {"viridis", "purple, green, yellow", false, srn_colormap_viridis},
    [SPECRNN_COLORMAP_PLASMA] = {"plasma", "blue, pink, yellow", false, srn_colormap_plasma},
    [SPECRNN_COLORMAP_GRAY] = {"gray", "black to white", false, srn_colormap_gray},
    [SPECRNN_COLORMAP_COOLWARM] = {"coolwarm", "blue, light grey at zero, red", true, srn_colormap_coolwarm},
};
enum { REGISTRY_COUNT = sizeof REGISTRY / sizeof *REGISTRY };

static const char *const NAMES[REGISTRY_COUNT + 1] = {
    [SPECRNN_COLORMAP_INFERNO] = "inferno", [SPECRNN_COLORMAP_MAGMA] = "magma",
    [SPECRNN_COLORMAP_VIRIDIS] = "viridis", [SPECRNN_COLORMAP_PLASMA] = "plasma",
    [SPECRNN_COLORMAP_GRAY] = "gray",       [SPECRNN_COLORMAP_COOLWARM] = "coolwarm",
};

const specrnn_colormap_info *specrnn_colormap_get(int colormap)
{
  return colormap >= 0 && colormap < REGISTRY_COUNT ? &REGISTRY[colormap] : NULL;
}

bool specrnn_colormap_find(const char *name, specrnn_colormap *colormap)
{
  for (int i = 0; i < REGISTRY_COUNT; i++) {
    if (!strcmp(REGISTRY[i].name, name)) {
      *colormap = (specrnn_colormap)i;
      return true;
    }
  }
  return false;
}

const char *const *specrnn_colormap_names(void)
{
  return NAMES;
}
