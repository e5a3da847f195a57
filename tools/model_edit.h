/* What init and convert have in common: a model gets a front end, a normaliser, test vectors. Each function replaces
 * *model, or leaves it as it is and says what is wrong. */
#ifndef SPECRNN_TOOLS_MODEL_EDIT_H
#define SPECRNN_TOOLS_MODEL_EDIT_H

#include "cli.h"
#include "specrnn/features.h"
#include "specrnn/model.h"

/* mean and 1 / deviation of the statistics in `path`. */
SPECRNN_MUST_CHECK specrnn_status model_set_normaliser(specrnn_model **model, const char *path);

SPECRNN_MUST_CHECK specrnn_status model_set_front_end(specrnn_model **model, const specrnn_features_config *front_end);

/* A test vector whose input is drawn: normal numbers of `seed`, brought to the mean and deviation of the normaliser.
 * Its output is what this program computes now. */
SPECRNN_MUST_CHECK specrnn_status model_add_test(specrnn_model **model, size_t n_frames, double tolerance,
                                                 uint64_t seed);

/* A tolerance is that of a test vector: false after a message where one is given without --test. */
bool model_check_tolerance(const cli_arguments *arguments, int n_test_frames);

#endif
