/* The subcommands: one cmd_<name>.c each. */
#ifndef SPECRNN_TOOLS_COMMANDS_H
#define SPECRNN_TOOLS_COMMANDS_H

#include "cli.h"

extern const cli_command cmd_analyze;
extern const cli_command cmd_animate;
extern const cli_command cmd_encode;
extern const cli_command cmd_features;
extern const cli_command cmd_info;
extern const cli_command cmd_invert;
extern const cli_command cmd_model_convert;
extern const cli_command cmd_model_init;
extern const cli_command cmd_model_quantize;
extern const cli_command cmd_model_show;
extern const cli_command cmd_model_verify;
extern const cli_command cmd_neighbours;
extern const cli_command cmd_plot;
extern const cli_command cmd_stats;
extern const cli_command cmd_verify;

#endif
