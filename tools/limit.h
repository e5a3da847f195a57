/* How much memory a file may ask for: in proportion to its size, or what --memory-limit says. */
#ifndef SPECRNN_TOOLS_LIMIT_H
#define SPECRNN_TOOLS_LIMIT_H

#include "specrnn/io.h"
#include "specrnn/model.h"

/* "200M", "4G", "none" or bytes: from now on for every file. False for anything else. */
bool limit_set(const char *text);

/* specrnn_npz_open and specrnn_model_load under the limit. The configuration may be NULL. */
SPECRNN_MUST_CHECK specrnn_status limit_npz_open(specrnn_npz **out, const char *path, const specrnn_log *log);
SPECRNN_MUST_CHECK specrnn_status limit_model_load(specrnn_model **out, const char *path,
                                                   const specrnn_model_load_config *config, const specrnn_log *log);

#endif
