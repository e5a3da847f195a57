/* The front end that a command line describes: --config or --preset and --kind fill every value, single options
 * override. */
#ifndef SPECRNN_TOOLS_FRONT_END_H
#define SPECRNN_TOOLS_FRONT_END_H

#include "cli.h"
#include "specrnn/audio.h"
#include "specrnn/features.h"

/* The option, for tables. */
#define CONFIG_OPTION(offset)                                                                                          \
  {                                                                                                                    \
    "config", 0, CLI_STRING, "FILE", offset, 0, 0,                                                                     \
        "replay the configuration stored in an .npz, a model or a .json; options override it"                          \
  }

/* Reads a configuration as text: a JSON file, the `config` of an .npz, or the front end of a model. */
SPECRNN_MUST_CHECK specrnn_status front_end_load(const char *path, specrnn_features_config *config);

/* Fills *config and resolves it. `config_path` NULL: from --preset (default librosa) and --kind (default as given).
 * Says itself what is wrong: SPECRNN_ERROR_ARGUMENT is a matter of usage, anything else one of the file. */
SPECRNN_MUST_CHECK specrnn_status front_end_from_arguments(const cli_arguments *arguments, const char *config_path,
                                                           specrnn_features_kind default_kind,
                                                           specrnn_features_config *config);

/* Whether neither --config nor --preset nor --sample-rate says at which rate the front end works. */
bool front_end_takes_any_rate(const cli_arguments *arguments, const char *config_path);

/* As front_end_from_arguments, with the precision of floats, and at the input's own rate where that is free. The error
 * of float spectra against double ones is far below a step of colour. */
SPECRNN_MUST_CHECK specrnn_status front_end_for_picture(const cli_arguments *arguments, const char *config_path,
                                                        specrnn_features_kind default_kind, int native_rate_hz,
                                                        specrnn_features_config *config);

/* The exit status for a front end that could not be had. */
int front_end_exit(specrnn_status status);

/* The audio options of the command line, at the front end's rate. */
bool front_end_audio(const cli_arguments *arguments, const specrnn_features_config *front_end,
                     specrnn_audio_config *audio);

/* For cli_group. AUDIO_INPUT_KEYS leaves out the rate, which is the front end's. */
const specrnn_option_table *front_end_options(void);
const specrnn_option_table *audio_input_options(void);
extern const char *const AUDIO_INPUT_KEYS[];

#endif
