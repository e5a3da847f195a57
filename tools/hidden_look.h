/* How the numbers inside a layer are drawn, in every picture of them: what colours, and over what range. */
#ifndef SPECRNN_TOOLS_HIDDEN_LOOK_H
#define SPECRNN_TOOLS_HIDDEN_LOOK_H

#include "specrnn/model.h"
#include "specrnn/plot.h"

/* Sets pool, colours and range for values from `low` to `high`: on both sides of zero where these are. Where nothing
 * bounds them the range is that of the data. */
void range_look(double low, double high, specrnn_heatmap_config *look);

/* The same for what a layer puts out. */
void hidden_look(const specrnn_layer_info *layer, specrnn_heatmap_config *look);

#endif
