/* The model that a command line names, with what a bare state_dict does not say. */
#ifndef SPECRNN_TOOLS_MODEL_SOURCE_H
#define SPECRNN_TOOLS_MODEL_SOURCE_H

#include "cli.h"
#include "specrnn/features.h"
#include "specrnn/model.h"

/* What a subcommand that loads models has among its own options; MODEL_SOURCE_OPTIONS describes them. */
typedef struct model_source {
  const char *chain;
  const char *concatenated;
} model_source;

/* Entries for a table of cli_option whose struct holds a model_source at `field`. */
#define MODEL_SOURCE_OPTIONS(type, field)                                                                              \
  {"chain",                                                                                                            \
   0,                                                                                                                  \
   CLI_STRING,                                                                                                         \
   "A,B,...",                                                                                                          \
   offsetof(type, field) + offsetof(model_source, chain),                                                              \
   0,                                                                                                                  \
   0,                                                                                                                  \
   "modules of the state_dict in the order in which they run (default: natural order, rnn2 before rnn10)"},            \
  {                                                                                                                    \
    "concatenated", 0, CLI_STRING, "A,B,...", offsetof(type, field) + offsetof(model_source, concatenated), 0, 0,      \
        "modules that hold an LSTM as one matrix on [h; x] with rows f, i, o, c"                                       \
  }

/* For cli_group: the library's choices for loading, but the layout of arrays, which is no matter of the file. */
const specrnn_option_table *model_load_table(void);
extern const char *const MODEL_LOAD_KEYS[];

/* For cli_group with front_end_options: all keys but `seed`, where a subcommand has a --seed of its own. */
extern const char *const FRONT_END_KEYS_BUT_SEED[];

/* Whether an option about a state_dict was given, and the name of the first, "--chain", for a message. */
bool model_source_first(const cli_arguments *arguments, const model_source *source, char name[CLI_SPELT_SIZE]);

/* Loads `path`, or the model built into the program where it is NULL or "builtin". `log` receives what had to be
 * assumed. */
SPECRNN_MUST_CHECK specrnn_status model_source_load(specrnn_model **out, const char *path,
                                                    const cli_arguments *arguments, const model_source *source,
                                                    const specrnn_log *log);

/* What the model in the program is, until one that was trained takes its place; see tools/make_builtin_model. */
#define MODEL_BUILTIN_REMARK "random weights, seed 2026: shapes, not knowledge"

/* "Layer 1: RNN rnn1, 128 units", and ", untrained" behind it where the model at `path` is the one in the program. */
void model_layer_title(char *title, size_t size, const specrnn_model *model, size_t index, const char *path);

/* NULL and "builtin" are the model in the program; ./builtin is a file of that name. */
bool model_source_is_builtin(const char *path);

/* How messages name it. */
const char *model_source_name(const char *path);

/* The front end for sound: the model's own, which options do not change, or for a bare state_dict the one that options
 * or
 * --config describe (`kind` where they do not say). */
SPECRNN_MUST_CHECK specrnn_status model_source_front_end(specrnn_features_config *out, const specrnn_model *model,
                                                         const char *path, const cli_arguments *arguments,
                                                         const char *config_path, specrnn_features_kind kind);

/* A message and SPECRNN_ERROR_SHAPE where a frame of one channel is not what the model reads. */
SPECRNN_MUST_CHECK specrnn_status model_source_check_width(const specrnn_features_config *front_end,
                                                           const specrnn_model *model, const char *path);

/* mean and 1 / deviation of the statistics in `path`, input_size numbers each, in one allocation that *mean holds. A
 * bin that never varied is only centred. */
SPECRNN_MUST_CHECK specrnn_status normaliser_load(float **mean, float **scale, const char *path, size_t input_size);

#endif
