/* specrnn invert: features back to sound, to hear what they keep. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "front_end.h"
#include "limit.h"
#include "readable.h"
#include "report.h"
#include "specrnn/io.h"

typedef struct options {
  const char *output;
  const char *config;
  int n_iter;
  double momentum;
  int seed;
  bool pcm16;
} options;

static const options DEFAULTS = {.n_iter = 32, .momentum = 0.99};

#define FIELD(name) offsetof(options, name)

static const cli_option OPTIONS[] = {
    {"output", 'o', CLI_STRING, "OUT.wav", FIELD(output), 0, 0,
     "the WAV file to write (float32); - is standard output"},
    {"config", 0, CLI_STRING, "FILE", FIELD(config), 0, 0,
     "the configuration of the features where IN does not hold it: an .npz, a model or a .json"},
    {"pcm16", 0, CLI_FLAG, NULL, FIELD(pcm16), 0, 0, "write 16-bit integers instead"},
    {"n-iter", 0, CLI_COUNT, "N", FIELD(n_iter), 0, 10000, "iterations of Griffin and Lim (default 32)"},
    {"momentum", 0, CLI_NUMBER, "X", FIELD(momentum), 0, 0.999,
     "of its fast variant; 0 is the original (default 0.99)"},
    {"seed", 0, CLI_COUNT, "N", FIELD(seed), 0, 2147483647, "of the random phases at the start (default 0)"},
    {0},
};

static const cli_group GROUPS[] = {
    {"Options", OPTIONS, NULL, NULL},
    {"Front end (of features in an .npy, where --config does not say it)", NULL, front_end_options, NULL},
    {0},
};

static specrnn_status load_features(const char *path, specrnn_array **out, const specrnn_log *log)
{
  if (readable_format(path) != SPECRNN_FILE_NPZ) {
    return readable_npy_load(out, path, log);
  }
  specrnn_npz *npz = NULL;
  specrnn_status status = limit_npz_open(&npz, path, log);
  if (!status) {
    status = specrnn_npz_read(out, npz, "features", log);
  }
  specrnn_npz_close(&npz);
  return status;
}

/* complex128 as complex64: both are pairs of numbers. */
static specrnn_status narrow_complex(specrnn_array **out, const specrnn_array *array, const specrnn_log *log)
{
  const size_t shape[] = {specrnn_array_count(array), 2};
  const specrnn_array pairs = specrnn_array_view(SPECRNN_F64, 2, shape, array->data);
  specrnn_array *floats = NULL;
  specrnn_status status = specrnn_array_to_f32(&floats, &pairs, SPECRNN_FINITE_REQUIRED, log);
  status = status ? status : specrnn_array_create(out, SPECRNN_C64, array->rank, array->shape, log);
  if (!status) {
    memcpy((*out)->data, floats->data, specrnn_array_count(&pairs) * sizeof(float));
  }
  specrnn_array_destroy(&floats);
  return status;
}

/* Rows as the library takes them: floats; complex values are pairs of them. */
static specrnn_status as_rows(specrnn_array **array, const specrnn_log *log)
{
  if ((*array)->dtype == SPECRNN_C64) {
    return SPECRNN_OK;
  }
  specrnn_array *converted = NULL;
  specrnn_status status = (*array)->dtype == SPECRNN_C128
                              ? narrow_complex(&converted, *array, log)
                              : specrnn_array_to_f32(&converted, *array, SPECRNN_FINITE_REQUIRED, log);
  if (!status) {
    specrnn_array_destroy(array);
    *array = converted;
  }
  return status;
}

static int check_shape(const char *path, const specrnn_features_config *config, const specrnn_array *array)
{
  specrnn_features_shape shape;
  specrnn_log log = report_log(path);
  if (specrnn_features_describe(config, &shape, &log)) {
    return CLI_EXIT_FAILED;
  }
  size_t needed = array->dtype == SPECRNN_C64 ? shape.n_bins / 2 : shape.n_bins;
  if (array->rank != 2 || array->shape[0] == 0 || array->shape[1] != needed) {
    char text[64];
    specrnn_array_shape_text(array, text, sizeof text);
    return report_failure(path, "has shape %s; (frames, %zu) is needed for this configuration", text, needed);
  }
  return CLI_EXIT_OK;
}

static specrnn_status invert(const options *o, const specrnn_features_config *config, const specrnn_array *array,
                             float *samples, size_t n_samples, const specrnn_log *log)
{
  if (array->dtype == SPECRNN_C64) {
    return specrnn_istft(config, array->data, array->shape[0], samples, n_samples, log);
  }
  specrnn_griffin_lim_options how = SPECRNN_GRIFFIN_LIM_OPTIONS_INIT;
  how.n_iter = o->n_iter;
  how.momentum = o->momentum;
  how.seed = (uint64_t)o->seed;
  return specrnn_features_invert(config, array->data, array->shape[0], &how, samples, n_samples, log);
}

static int write_sound(const options *o, const char *path, const specrnn_features_config *config,
                       const specrnn_array *array)
{
  specrnn_log log = report_log(path);
  specrnn_log out_log = report_log(NULL);
  size_t n_samples = specrnn_istft_length(config, array->shape[0]);
  float *samples = calloc(n_samples ? n_samples : 1, sizeof *samples);
  if (!samples) {
    return report_memory();
  }
  specrnn_status status = invert(o, config, array, samples, n_samples, &log);
  if (!status) {
    const char *output = strcmp(o->output, "-") ? o->output : "/dev/stdout";
    status = specrnn_audio_write(output, samples, n_samples, 1, config->sample_rate_hz,
                                 o->pcm16 ? SPECRNN_AUDIO_PCM16 : SPECRNN_AUDIO_FLOAT32, &out_log);
  }
  free(samples);
  return report_status(status);
}

static int run(const cli_arguments *arguments)
{
  const options *o = arguments->options;
  const char *path = arguments->inputs[0];
  if (!o->output) {
    return report_usage("--output: name the WAV file (see specrnn invert --help)");
  }
  specrnn_array *array = NULL;
  specrnn_log log = report_log(path);
  if (load_features(path, &array, &log)) {
    return CLI_EXIT_FAILED;
  }
  const char *config_path = o->config || readable_format(path) != SPECRNN_FILE_NPZ ? o->config : path;
  specrnn_features_config config;
  specrnn_status started = front_end_from_arguments(arguments, config_path, SPECRNN_KIND_STFT, &config);
  if (started) {
    specrnn_array_destroy(&array);
    return front_end_exit(started);
  }
  int status = as_rows(&array, &log) ? CLI_EXIT_FAILED : check_shape(path, &config, array);
  if (!status) {
    status = write_sound(o, path, &config, array);
  }
  specrnn_array_destroy(&array);
  return status;
}

const cli_command cmd_invert = {
    .name = "invert",
    .arguments = "IN -o OUT.wav [options]",
    .summary = "features back to sound (istft, Griffin-Lim)",
    .example = "specrnn features voice.wav -o mel.npz --n-mels 40\n"
               "specrnn invert mel.npz -o what_40_bands_keep.wav",
    .description =
        "Makes sound of features, to hear what they keep: a complex spectrogram (--kind stft --power complex) by the "
        "inverse transform, exactly; magnitudes and mel bands by Griffin and Lim's iteration. An .npz of specrnn "
        "features says its configuration itself.",
    .groups = GROUPS,
    .defaults = &DEFAULTS,
    .options_size = sizeof(options),
    .minimum_inputs = 1,
    .maximum_inputs = 1,
    .run = run,
};
