/* specrnn verify: where, and at which step, a reference departs from a front end. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "feature_run.h"
#include "front_end.h"
#include "limit.h"
#include "readable.h"
#include "report.h"
#include "row_spool.h"
#include "skew.h"
#include "specrnn/io.h"

typedef struct options {
  const char *against;
  const char *config;
  const char *stage;
  double tolerance;
  bool explain;
} options;

static const options DEFAULTS = {.tolerance = -1.0, .explain = true};

#define FIELD(name) offsetof(options, name)

static const cli_option OPTIONS[] = {
    {"against", 0, CLI_STRING, "REF", FIELD(against), 0, 0,
     "the reference: .npy or .csv of (frames, bins), or an .npz of steps under their names (frame, windowed, spectrum, "
     "power, mel, level, base, final)"},
    {"stage", 0, CLI_STRING, "NAME", FIELD(stage), 0, 0, "which step an .npy or .csv holds (default final)"},
    {"tolerance", 0, CLI_NUMBER, "X", FIELD(tolerance), 0, 1e9,
     "largest difference allowed, in the unit of the features (default: the gate of the preset)"},
    {"explain", 0, CLI_SWITCH, NULL, FIELD(explain), 0, 0,
     "try which single option would reproduce the reference (default true)"},
    CONFIG_OPTION(FIELD(config)),
    {0},
};

static const cli_group GROUPS[] = {
    {"Options", OPTIONS, NULL, NULL},
    {"Input", NULL, audio_input_options, AUDIO_INPUT_KEYS},
    {"Front end (--preset and --kind fill every value, each option overrides one)", NULL, front_end_options, NULL},
    {0},
};

typedef struct call {
  const options *options;
  specrnn_features_config front_end;
  skew_input input;
  float *samples;
} call;

/* -------------------------------------------------------------------------------------------------------------- inputs
 */

static specrnn_status read_samples(call *c, const char *path, const specrnn_audio_config *config)
{
  enum { BLOCK = 16384 };
  specrnn_log log = report_log(path);
  specrnn_audio *audio = NULL;
  specrnn_status status = readable_audio_open(&audio, path, config, &log);
  size_t capacity = 0;
  for (size_t n = 1; !status && n > 0; c->input.n_samples += n) {
    if (c->input.n_samples + BLOCK > capacity) {
      capacity = 2 * capacity + BLOCK;
      float *larger = realloc(c->samples, capacity * sizeof *larger);
      if (!larger) {
        report_memory();
        status = SPECRNN_ERROR_MEMORY;
        break;
      }
      c->samples = larger;
    }
    status = specrnn_audio_read(audio, c->samples + c->input.n_samples, BLOCK, &n, &log);
    n = status ? 0 : n;
  }
  c->input.samples = c->samples;
  specrnn_audio_close(&audio);
  return status;
}

static specrnn_status load_array(const char *path, specrnn_array **out, const specrnn_log *log)
{
  specrnn_array *stored = NULL;
  bool is_table = readable_format(path) == SPECRNN_FILE_TEXT;
  specrnn_status status = is_table ? readable_csv_load(&stored, path, log) : readable_npy_load(&stored, path, log);
  if (!status) {
    status = specrnn_array_to_f64(out, stored, log);
  }
  specrnn_array_destroy(&stored);
  return status;
}

static bool find_stage(const char *name, specrnn_stage *stage)
{
  for (int i = SPECRNN_STAGE_FRAME; i <= SPECRNN_STAGE_FINAL; i++) {
    if (!strcmp(name, specrnn_stage_name((specrnn_stage)i))) {
      *stage = (specrnn_stage)i;
      return true;
    }
  }
  return false;
}

/* -------------------------------------------------------------------------------------------------------------
 * verdicts */

static void print_departure(const call *c, const skew_departure *d)
{
  const char *stage = specrnn_stage_name(d->stage);
  if (d->kind == SKEW_FRAMES) {
    printf("departs at stage %s: %zu frames are computed, the reference has %zu\n", stage, d->ours_count, d->ref_count);
  } else if (d->kind == SKEW_BINS) {
    printf("departs at stage %s: frames have %zu values, in the reference %zu\n", stage, d->ours_count, d->ref_count);
  } else {
    printf("departs at stage %s, frame %zu (%.4f s), bin %zu: %.9g is computed, the reference has %.9g (tolerance "
           "%.3g); %zu of %zu values depart, the largest difference is %.3g at frame %zu, bin %zu\n",
           stage, d->frame, specrnn_features_frame_time_s(&c->front_end, d->frame), d->bin, d->ours, d->reference,
           d->tolerance, d->n_departing, d->n_values, d->worst, d->worst_frame, d->worst_bin);
  }
}

/* A reference of (bins, frames) as (frames, bins), from malloc; NULL where that is no matrix, or memory is out. */
static double *transposed(const specrnn_array *reference)
{
  if (reference->rank != 2 || reference->dtype != SPECRNN_F64) {
    return NULL;
  }
  size_t rows = reference->shape[0];
  size_t columns = reference->shape[1];
  const double *from = reference->data;
  double *to = calloc(rows ? rows : 1, (columns ? columns : 1) * sizeof *to);
  for (size_t i = 0; to && i < rows * columns; i++) {
    to[i % columns * rows + i / columns] = from[i];
  }
  return to;
}

/* Whether the reference agrees, or would but for few values, when rows are taken for columns. */
static bool is_transposed(const call *c, const specrnn_array *reference, specrnn_stage stage)
{
  double *values = transposed(reference);
  if (!values) {
    return false;
  }
  const size_t shape[] = {reference->shape[1], reference->shape[0]};
  specrnn_array turned = specrnn_array_view(SPECRNN_F64, 2, shape, values);
  skew_departure departure;
  bool agrees = skew_compare(&c->input, stage, &turned, &departure) == SPECRNN_OK && departure.kind == SKEW_NONE;
  free(values);
  return agrees;
}

static int explain(call *c, const specrnn_array *reference, specrnn_stage stage)
{
  if (c->options->explain && is_transposed(c, reference, stage)) {
    printf("the reference is transposed: its shape is (bins, frames), and every value agrees as (frames, bins)\n");
    return CLI_EXIT_FAILED;
  }
  skew_explanation found[SKEW_MAX_EXPLANATIONS];
  size_t n = c->options->explain ? skew_explain(&c->input, stage, reference, found) : 0;
  for (size_t i = 0; i < n; i++) {
    printf("the reference is reproduced with %s, which acts at stage %s\n", found[i].option,
           specrnn_stage_name(found[i].stage));
  }
  if (c->options->explain && n == 0) {
    printf("no single option reproduces the reference\n");
  }
  return CLI_EXIT_FAILED;
}

static int verify_array(call *c)
{
  specrnn_stage stage = SPECRNN_STAGE_FINAL;
  if (c->options->stage && (!find_stage(c->options->stage, &stage) || !specrnn_stage_exists(&c->front_end, stage))) {
    return report_usage("--stage: this front end has no stage '%s'", c->options->stage);
  }
  specrnn_log log = report_log(c->options->against);
  specrnn_array *reference = NULL;
  if (load_array(c->options->against, &reference, &log)) {
    return CLI_EXIT_FAILED;
  }
  skew_departure departure;
  int exit_status = CLI_EXIT_FAILED;
  specrnn_status status = skew_compare(&c->input, stage, reference, &departure);
  if (!status && departure.kind == SKEW_NONE) {
    printf("agrees at stage %s: %zu values, the largest difference is %.3g (tolerance %.3g)\n",
           specrnn_stage_name(stage), departure.n_values, departure.worst, departure.tolerance);
    exit_status = CLI_EXIT_OK;
  } else if (!status) {
    print_departure(c, &departure);
    exit_status = explain(c, reference, stage);
  }
  specrnn_array_destroy(&reference);
  return exit_status;
}

static specrnn_status load_stage(specrnn_npz *npz, const char *name, specrnn_array **out, const specrnn_log *log)
{
  specrnn_array *stored = NULL;
  specrnn_status status = specrnn_npz_read(&stored, npz, name, log);
  if (!status) {
    status = specrnn_array_to_f64(out, stored, log);
  }
  specrnn_array_destroy(&stored);
  return status;
}

/* `features` is what specrnn features writes: the final stage. */
static const char *entry_of(const specrnn_npz *npz, specrnn_stage stage)
{
  const char *name = specrnn_stage_name(stage);
  if (!specrnn_npz_has(npz, name) && stage == SPECRNN_STAGE_FINAL) {
    name = "features";
  }
  return specrnn_npz_has(npz, name) ? name : NULL;
}

static int verify_stages(call *c)
{
  specrnn_log log = report_log(c->options->against);
  specrnn_npz *npz = NULL;
  if (limit_npz_open(&npz, c->options->against, &log)) {
    return CLI_EXIT_FAILED;
  }
  int compared = 0;
  int exit_status = CLI_EXIT_OK;
  for (int i = SPECRNN_STAGE_FRAME; i <= SPECRNN_STAGE_FINAL && exit_status == CLI_EXIT_OK; i++) {
    specrnn_stage stage = (specrnn_stage)i;
    const char *entry = entry_of(npz, stage);
    if (!entry || !specrnn_stage_exists(&c->front_end, stage)) {
      continue;
    }
    specrnn_array *reference = NULL;
    skew_departure departure;
    if (load_stage(npz, entry, &reference, &log) || skew_compare(&c->input, stage, reference, &departure)) {
      exit_status = CLI_EXIT_FAILED;
    } else if (departure.kind != SKEW_NONE) {
      print_departure(c, &departure);
      exit_status = explain(c, reference, stage);
    } else {
      printf("agrees at stage %s: %zu values, the largest difference is %.3g\n", specrnn_stage_name(stage),
             departure.n_values, departure.worst);
    }
    specrnn_array_destroy(&reference);
    compared++;
  }
  specrnn_npz_close(&npz);
  return compared ? exit_status : report_failure(c->options->against, "holds no stage of this front end");
}

static int run_call(call *c, const cli_arguments *arguments)
{
  specrnn_audio_config audio;
  if (!c->options->against) {
    return report_usage("--against: name the reference (see specrnn verify --help)");
  }
  specrnn_status status = front_end_from_arguments(arguments, c->options->config, SPECRNN_KIND_MEL, &c->front_end);
  if (status) {
    return front_end_exit(status);
  }
  if (!front_end_audio(arguments, &c->front_end, &audio)) {
    return CLI_EXIT_USAGE;
  }
  if (audio.channels == SPECRNN_AUDIO_ALL || audio.channels == SPECRNN_AUDIO_FEATURES) {
    return report_usage("--channels: a reference is of one channel: mean, or one with --channel N");
  }
  if (read_samples(c, arguments->inputs[0], &audio)) {
    return CLI_EXIT_FAILED;
  }
  c->input.front_end = &c->front_end;
  c->input.tolerance = c->options->tolerance;
  c->input.subject = arguments->inputs[0];
  return readable_format(c->options->against) == SPECRNN_FILE_NPZ ? verify_stages(c) : verify_array(c);
}

static int run(const cli_arguments *arguments)
{
  call c = {.options = arguments->options};
  int status = run_call(&c, arguments);
  free(c.samples);
  return status;
}

const cli_command cmd_verify = {
    .name = "verify",
    .arguments = "IN --against REF [options]",
    .summary = "find the step at which another implementation departs",
    .example = "specrnn verify voice.wav --preset torchaudio --against features_of_my_training.npy\n"
               "specrnn verify voice.wav --preset librosa --kind stft --against stages.npz",
    .description =
        "Computes the front end and compares with a reference, value by value. Prints the first stage and place that "
        "departs, then which single option would reproduce the reference. An .npz may hold several stages under their "
        "names (frame, windowed, spectrum, power, mel, level, base, final): they are compared in order. Exit status 0: "
        "agrees; 1: departs. On logarithmic scales the tolerance holds where the reference is within 60 dB of the "
        "maximum of its frame; below that the power must agree within 1e-6 of that maximum.",
    .groups = GROUPS,
    .defaults = &DEFAULTS,
    .options_size = sizeof(options),
    .minimum_inputs = 1,
    .maximum_inputs = 1,
    .run = run,
};
