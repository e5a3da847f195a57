/* What a recurrent model makes of inputs, for the kinds of specrnn plot that show it and for animations. */
#ifndef SPECRNN_TOOLS_PLOT_MODEL_H
#define SPECRNN_TOOLS_PLOT_MODEL_H

#include "encode_input.h"
#include "model_source.h"

/* A model with the front end that sound passes first. */
typedef struct plot_model {
  specrnn_model *model;
  const char *path; /* NULL: built in */
  specrnn_features_config front_end;
  bool has_front_end;
} plot_model;

/* A bare state_dict gets the front end of the options or of config_path (may be NULL), where there is any. Says itself
 * what is wrong. To be released in either case. */
SPECRNN_MUST_CHECK specrnn_status plot_model_load(plot_model *m, const char *path, const cli_arguments *arguments,
                                                  const model_source *source, const char *config_path);
void plot_model_release(plot_model *m);

/* Runs one input (sound, or an .npy or .npz of features) through it: results go to the sink, which says itself what is
 * wrong; with `trace`, gates and cells too. SPECRNN_ERROR_SHAPE for an array that is a batch. */
SPECRNN_MUST_CHECK specrnn_status plot_model_run(const plot_model *m, const cli_arguments *arguments, const char *input,
                                                 bool trace, const encode_sink *sink);

#endif
