/* The front end that a command line describes. */
#include "front_end.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "limit.h"
#include "readable.h"
#include "report.h"
#include "specrnn/io.h"
#include "specrnn/model.h"

const char *const AUDIO_INPUT_KEYS[] = {"channels", "channel", "offset", "duration", "nan", "truncated", NULL};

const specrnn_option_table *front_end_options(void)
{
  return specrnn_features_options();
}

const specrnn_option_table *audio_input_options(void)
{
  return specrnn_audio_options();
}

/* ------------------------------------------------------------------------------------------------------ configurations
 */

static specrnn_status config_from_npz(const char *path, specrnn_features_config *config, const specrnn_log *log)
{
  specrnn_npz *npz = NULL;
  char **texts = NULL;
  size_t count = 0;
  specrnn_status status = limit_npz_open(&npz, path, log);
  if (status) {
    return status;
  }
  status = specrnn_npz_read_texts(&texts, &count, npz, "config", log);
  if (!status) {
    status = specrnn_config_from_json(config, specrnn_features_options(), count ? texts[0] : "",
                                      SPECRNN_UNKNOWN_KEYS_REFUSE, log);
  }
  specrnn_texts_destroy(&texts);
  specrnn_npz_close(&npz);
  return status;
}

static specrnn_status config_from_model(const char *path, specrnn_features_config *config, const specrnn_log *log)
{
  specrnn_model *model = NULL;
  specrnn_status status = limit_model_load(&model, path, NULL, log);
  if (status) {
    return status;
  }
  const specrnn_features_config *front_end = specrnn_model_front_end(model);
  if (front_end) {
    *config = *front_end;
  } else {
    report_failure(path, "the model has no front end");
    status = SPECRNN_ERROR_ARGUMENT;
  }
  specrnn_model_destroy(&model);
  return status;
}

static specrnn_status config_from_json(const char *path, specrnn_features_config *config, const specrnn_log *log)
{
  char *text = NULL;
  specrnn_status status = readable_json(&text, path);
  if (!status) {
    status = specrnn_config_from_json(config, specrnn_features_options(), text, SPECRNN_UNKNOWN_KEYS_REFUSE, log);
  }
  free(text);
  return status;
}

specrnn_status front_end_load(const char *path, specrnn_features_config *config)
{
  specrnn_log log = report_log(path);
  switch (readable_format(path)) {
  case SPECRNN_FILE_NPZ: return config_from_npz(path, config, &log);
  case SPECRNN_FILE_TEXT:
  case SPECRNN_FILE_JSON: return config_from_json(path, config, &log);
  default: return config_from_model(path, config, &log);
  }
}

/* ------------------------------------------------------------------------------------------------------- command lines
 */

/* --preset and --kind come first wherever they stand: they fill every value. */
static specrnn_status start_from_preset(const cli_arguments *arguments, specrnn_features_kind default_kind,
                                        specrnn_features_config *config)
{
  const specrnn_option_table *table = specrnn_features_options();
  specrnn_features_config chosen = SPECRNN_FEATURES_CONFIG_INIT;
  chosen.kind = default_kind;
  static const char *const FIRST[] = {"preset", "kind"};
  specrnn_log log = report_usage_log();
  for (size_t i = 0; i < sizeof FIRST / sizeof *FIRST; i++) {
    const char *text = cli_assigned(arguments, table, FIRST[i]);
    if (text && specrnn_option_set(table, &chosen, FIRST[i], text, &log)) {
      return SPECRNN_ERROR_ARGUMENT;
    }
  }
  return specrnn_features_preset(config, chosen.preset, chosen.kind);
}

/* A complex spectrum has no logarithm: asking for one asks for the linear scale. */
static void follow_power(const cli_arguments *arguments, specrnn_features_config *config)
{
  if (config->power == SPECRNN_POWER_COMPLEX && !cli_assigned(arguments, specrnn_features_options(), "scale")) {
    config->scale = SPECRNN_SCALE_LINEAR;
  }
}

specrnn_status front_end_from_arguments(const cli_arguments *arguments, const char *config_path,
                                        specrnn_features_kind default_kind, specrnn_features_config *config)
{
  return front_end_for_picture(arguments, config_path, default_kind, 0, config);
}

bool front_end_takes_any_rate(const cli_arguments *arguments, const char *config_path)
{
  const specrnn_option_table *table = specrnn_features_options();
  return !config_path && !cli_assigned(arguments, table, "preset") && !cli_assigned(arguments, table, "sample_rate_hz");
}

/* A value that a file holds is no fault of the call. */
static specrnn_status start_from_file(const char *path, specrnn_features_config *config)
{
  specrnn_status status = front_end_load(path, config);
  return status == SPECRNN_ERROR_ARGUMENT ? SPECRNN_ERROR_FORMAT : status;
}

int front_end_exit(specrnn_status status)
{
  return status == SPECRNN_ERROR_ARGUMENT ? CLI_EXIT_USAGE : CLI_EXIT_FAILED;
}

/* What was asked for and would have no effect is a mistake. */
static specrnn_status check_used(const cli_arguments *arguments, const specrnn_features_config *config)
{
  const specrnn_option_table *table = specrnn_features_options();
  for (size_t i = 0; i < table->count; i++) {
    const specrnn_option *option = &table->options[i];
    const char *when =
        cli_assigned(arguments, table, option->key) ? specrnn_features_unused(config, option->key) : NULL;
    if (when) {
      char name[CLI_NAME_SIZE + sizeof "--[no-]"];
      cli_option_name(option, name, sizeof name);
      report_usage("%s: has an effect with %s alone", name, when);
      return SPECRNN_ERROR_ARGUMENT;
    }
  }
  return SPECRNN_OK;
}

specrnn_status front_end_for_picture(const cli_arguments *arguments, const char *config_path,
                                     specrnn_features_kind default_kind, int native_rate_hz,
                                     specrnn_features_config *config)
{
  specrnn_status status =
      config_path ? start_from_file(config_path, config) : start_from_preset(arguments, default_kind, config);
  if (status) {
    return status;
  }
  if (native_rate_hz) {
    config->precision = SPECRNN_PRECISION_FLOAT;
    if (front_end_takes_any_rate(arguments, config_path)) {
      config->sample_rate_hz = native_rate_hz;
    }
  }
  specrnn_log log = report_usage_log();
  if (!cli_assign(arguments, specrnn_features_options(), config)) {
    return SPECRNN_ERROR_ARGUMENT;
  }
  follow_power(arguments, config);
  status = specrnn_features_resolve(config, &log);
  return status ? status : check_used(arguments, config);
}

bool front_end_audio(const cli_arguments *arguments, const specrnn_features_config *front_end,
                     specrnn_audio_config *audio)
{
  *audio = (specrnn_audio_config)SPECRNN_AUDIO_CONFIG_INIT;
  audio->sample_rate_hz = front_end->sample_rate_hz;
  return cli_assign(arguments, specrnn_audio_options(), audio);
}
