/* What was drawn: ticks, areas, ranges. */
#include <string.h>

#include "core/log.h"
#include "plot/draw.h"
#include "plot/layout.h"

static specrnn_status lay_out(specrnn_panel *panel, const void *result, const specrnn_log *log)
{
  if (!panel || !result) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "asking needs a panel and a place for the answer");
  }
  return srn_layout(panel->figure, log);
}

static double position_of(const specrnn_panel *panel, specrnn_axis_id axis, double value)
{
  switch (axis) {
  case SPECRNN_AXIS_X: return srn_x_px(panel, value);
  case SPECRNN_AXIS_Y: return srn_y_px(panel, value);
  case SPECRNN_AXIS_COLORBAR: break;
  }
  return panel->bar_area.y + (1.0 - srn_axis_place(&panel->bar, value)) * panel->bar_area.height;
}

specrnn_status specrnn_panel_tick(specrnn_panel *panel, specrnn_axis_id axis, size_t index, specrnn_tick *tick,
                                  const specrnn_log *log)
{
  specrnn_status status = lay_out(panel, tick, log);
  if (status) {
    return status;
  }
  bool present = srn_layout_has_axes(panel) && (axis != SPECRNN_AXIS_COLORBAR || srn_layout_has_bar(panel));
  const srn_axis *which = axis == SPECRNN_AXIS_X ? &panel->x : axis == SPECRNN_AXIS_Y ? &panel->y : &panel->bar;
  if (!present || index >= which->n_ticks) {
    return SPECRNN_END;
  }
  tick->value = which->ticks[index].value;
  tick->position_px = position_of(panel, axis, tick->value);
  bool labelled = axis != SPECRNN_AXIS_X || panel->x_labels;
  strcpy(tick->label, labelled ? which->ticks[index].label : "");
  return SPECRNN_OK;
}

specrnn_status specrnn_panel_area(specrnn_panel *panel, specrnn_rectangle *area, const specrnn_log *log)
{
  specrnn_status status = lay_out(panel, area, log);
  if (!status) {
    *area = (specrnn_rectangle){panel->area.x, panel->area.y, panel->area.width, panel->area.height};
  }
  return status;
}

specrnn_status specrnn_panel_range(specrnn_panel *panel, double *vmin, double *vmax, const specrnn_log *log)
{
  specrnn_status status = lay_out(panel, vmin && vmax ? vmin : NULL, log);
  if (!status && !panel->heatmap) {
    status = srn_fail(log, SPECRNN_ERROR_STATE, "the panel has no heat map");
  }
  if (!status) {
    *vmin = panel->heatmap->vmin;
    *vmax = panel->heatmap->vmax;
  }
  return status;
}
