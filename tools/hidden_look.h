/* How the numbers inside a layer are drawn, in every picture of them: what colours, and over what range. */
#ifndef SPECRNN_TOOLS_HIDDEN_LOOK_H
#define SPECRNN_TOOLS_HIDDEN_LOOK_H

#include "specrnn/model.h"
#include "specrnn/plot.h"

/* Sets pool, colours and range for what a module's activation gives. */
void activation_look(const specrnn_module *module, specrnn_heatmap_config *look);

/* The same for its hidden states. Where nothing bounds them, as behind a projection, the range is that of the data. */
void hidden_look(const specrnn_module *module, specrnn_heatmap_config *look);

#endif
