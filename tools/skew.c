/* The comparison of a front end with a reference. */
#include "skew.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "row_spool.h"

/* On logarithmic scales values further below the frame's maximum are noise in float references: there the linear power
 * is compared. */
static const double JUDGED_RANGE_DB = 60.0;
static const double LINEAR_TOLERANCE = 1e-6;
static const double RELATIVE_TOLERANCE = 1e-5; /* of linear stages, to the largest value of the frame */

/* ---------------------------------------------------------------------------------------------------------- tolerances
 */

/* How the values of a stage are to be compared: `decibels` turns a difference into dB, 0 for linear values. */
typedef struct measure {
  double tolerance;
  double decibels_per_unit; /* of logarithmic levels, else 0 */
  bool relative;            /* the tolerance is relative to the largest value of the frame */
} measure;

static double gate_db(specrnn_preset preset)
{
  static const double GATES_DB[] = {
      [SPECRNN_PRESET_LIBROSA] = 1e-4,
      [SPECRNN_PRESET_TORCHAUDIO] = 0.05,
      [SPECRNN_PRESET_KALDI] = 5e-3 * 4.342944819032518, /* 5e-3 nat */
      [SPECRNN_PRESET_WHISPER] = 1e-4 * 40.0,            /* 1e-4 of its unit, which is 40 dB */
  };
  return GATES_DB[preset];
}

static double decibels_per_unit(const specrnn_features_config *config)
{
  switch (config->scale) {
  case SPECRNN_SCALE_DB: return 1.0;
  case SPECRNN_SCALE_LN: return 4.342944819032518;
  case SPECRNN_SCALE_LOG10: return 10.0;
  case SPECRNN_SCALE_WHISPER: return 40.0;
  case SPECRNN_SCALE_LINEAR:
  case SPECRNN_SCALE_PCEN: break;
  }
  return 0.0;
}

/* Cepstra are sums of levels: no power can be told from them, but the gate's unit is theirs. */
static measure measure_of(const skew_input *input, specrnn_stage stage)
{
  const specrnn_features_config *config = input->front_end;
  bool level = stage >= SPECRNN_STAGE_LEVEL && config->kind != SPECRNN_KIND_WAVE && decibels_per_unit(config) > 0;
  bool plain = stage == SPECRNN_STAGE_LEVEL ||
               (config->kind != SPECRNN_KIND_MFCC && config->cmvn == SPECRNN_CMVN_NONE && config->delta_order == 0);
  measure m = {.tolerance = input->tolerance, .relative = !level};
  if (level && plain) {
    m.decibels_per_unit = decibels_per_unit(config);
  }
  if (m.tolerance < 0) {
    m.tolerance = level ? gate_db(config->preset) / decibels_per_unit(config) : RELATIVE_TOLERANCE;
  }
  return m;
}

/* Whether two values agree, and by how much they differ in the tolerance's unit where it judges them. */
static bool agree(const measure *m, double ours, double reference, double frame_maximum, double *difference)
{
  *difference = fabs(ours - reference);
  if (m->decibels_per_unit > 0 && isfinite(ours) && isfinite(reference)) {
    double below_db = (frame_maximum - reference) * m->decibels_per_unit;
    if (below_db > JUDGED_RANGE_DB) {
      double ours_power = pow(10.0, (ours - frame_maximum) * m->decibels_per_unit / 10.0);
      double reference_power = pow(10.0, -below_db / 10.0);
      *difference = 0.0;
      return fabs(ours_power - reference_power) <= LINEAR_TOLERANCE;
    }
  } else if (m->relative && frame_maximum > 0) {
    *difference /= frame_maximum;
  }
  return *difference <= m->tolerance;
}

static double maximum_of(const double *row, size_t n, bool absolute)
{
  double maximum = absolute ? 0.0 : -INFINITY;
  for (size_t i = 0; i < n; i++) {
    maximum = fmax(maximum, absolute ? fabs(row[i]) : row[i]);
  }
  return maximum;
}

/* ---------------------------------------------------------------------------------------------------------- comparison
 */

static void compare_values(const measure *m, const float *ours, const double *reference, size_t n_frames, size_t n_bins,
                           skew_departure *d)
{
  d->tolerance = m->tolerance;
  d->n_values = n_frames * n_bins;
  for (size_t f = 0; f < n_frames; f++) {
    const double *row = reference + f * n_bins;
    double maximum = maximum_of(row, n_bins, m->decibels_per_unit <= 0);
    for (size_t b = 0; b < n_bins; b++) {
      double x = ours[f * n_bins + b];
      double difference;
      bool good = agree(m, x, row[b], maximum, &difference);
      if (!good && d->n_departing++ == 0) {
        d->kind = SKEW_VALUES;
        d->frame = f;
        d->bin = b;
        d->ours = x;
        d->reference = row[b];
      }
      if (difference > d->worst || isnan(difference)) {
        d->worst = difference;
        d->worst_frame = f;
        d->worst_bin = b;
      }
    }
  }
}

static specrnn_status compute(const skew_input *input, specrnn_stage stage, const specrnn_log *log, float **rows,
                              size_t *n_frames, size_t *n_bins)
{
  row_spool *spool = NULL;
  specrnn_status status = row_spool_create(&spool, log);
  if (status) {
    return status;
  }
  const specrnn_row_sink sink = {.write = row_spool_write, .user = spool};
  status = specrnn_features_stage(input->front_end, stage, input->samples, input->n_samples, &sink, log);
  if (!status) {
    status = row_spool_collect(spool, rows);
  }
  *n_frames = (size_t)row_spool_count(spool);
  *n_bins = row_spool_columns(spool);
  row_spool_destroy(&spool);
  return status;
}

static specrnn_status compare(const skew_input *input, specrnn_stage stage, const specrnn_array *reference,
                              skew_departure *departure, const specrnn_log *log)
{
  float *rows = NULL;
  size_t n_frames;
  size_t n_bins;
  specrnn_status status = compute(input, stage, log, &rows, &n_frames, &n_bins);
  if (status) {
    return status;
  }
  *departure = (skew_departure){.kind = SKEW_NONE, .stage = stage};
  int rank = reference->rank;
  size_t ref_bins = rank > 0 ? reference->shape[rank - 1] : 0;
  size_t ref_frames = ref_bins ? specrnn_array_count(reference) / ref_bins : 0;
  if (n_frames > 0 && ref_bins != n_bins) {
    *departure = (skew_departure){.kind = SKEW_BINS, .stage = stage, .ours_count = n_bins, .ref_count = ref_bins};
  } else if (ref_frames != n_frames) {
    *departure = (skew_departure){.kind = SKEW_FRAMES, .stage = stage, .ours_count = n_frames, .ref_count = ref_frames};
  } else {
    measure m = measure_of(input, stage);
    compare_values(&m, rows, reference->data, n_frames, n_bins, departure);
  }
  free(rows);
  return SPECRNN_OK;
}

specrnn_status skew_compare(const skew_input *input, specrnn_stage stage, const specrnn_array *reference,
                            skew_departure *departure)
{
  specrnn_log log = report_log(input->subject);
  return compare(input, stage, reference, departure, &log);
}

/* -------------------------------------------------------------------------------------------------------- explanations
 */

/* Options that implementations disagree about. Booleans and choices are tried in every other value; numbers in those
 * given here. */
static const struct suspect {
  const char *key;
  specrnn_stage stage;
  const char *values[6];
} SUSPECTS[] = {
    {"input_scale", SPECRNN_STAGE_FRAME, {"1", "32768"}},
    {"center", SPECRNN_STAGE_FRAME, {NULL}},
    {"pad_mode", SPECRNN_STAGE_FRAME, {NULL}},
    {"snip_edges", SPECRNN_STAGE_FRAME, {NULL}},
    {"drop_last_frame", SPECRNN_STAGE_FRAME, {NULL}},
    {"hop_length", SPECRNN_STAGE_FRAME, {"160", "200", "256", "512"}},
    {"remove_dc_offset", SPECRNN_STAGE_WINDOWED, {NULL}},
    {"preemphasis", SPECRNN_STAGE_WINDOWED, {"0", "0.97"}},
    {"window", SPECRNN_STAGE_WINDOWED, {NULL}},
    {"window_periodic", SPECRNN_STAGE_WINDOWED, {NULL}},
    {"window_position", SPECRNN_STAGE_WINDOWED, {NULL}},
    {"normalized", SPECRNN_STAGE_SPECTRUM, {NULL}},
    {"power", SPECRNN_STAGE_POWER, {"1", "2"}},
    {"mel_scale", SPECRNN_STAGE_MEL, {NULL}},
    {"mel_norm", SPECRNN_STAGE_MEL, {NULL}},
    {"mel_bank", SPECRNN_STAGE_MEL, {NULL}},
    {"fmin", SPECRNN_STAGE_MEL, {"0", "20", "50", "80"}},
    {"fmax", SPECRNN_STAGE_MEL, {"0", "-400", "7600", "8000"}},
    {"scale", SPECRNN_STAGE_LEVEL, {NULL}},
    {"ref", SPECRNN_STAGE_LEVEL, {"1", "max"}},
    {"amin", SPECRNN_STAGE_LEVEL, {"1e-10", "1e-5", "1.1920928955078125e-07", "1e-6"}},
    {"top_db", SPECRNN_STAGE_LEVEL, {"none", "80", "120"}},
    {"lifter", SPECRNN_STAGE_BASE, {"0", "22"}},
    {"lifter_kind", SPECRNN_STAGE_BASE, {NULL}},
    {"use_energy", SPECRNN_STAGE_BASE, {NULL}},
    {"htk_compat", SPECRNN_STAGE_BASE, {NULL}},
    {"delta_kind", SPECRNN_STAGE_FINAL, {NULL}},
    {"cmvn_variance", SPECRNN_STAGE_FINAL, {NULL}},
};

static const char *value_of(const struct suspect *suspect, const specrnn_option *option, size_t index)
{
  static const char *const BOOLEANS[] = {"false", "true", NULL};
  if (option->type == SPECRNN_OPTION_BOOL) {
    return BOOLEANS[index];
  }
  return option->type == SPECRNN_OPTION_CHOICE ? option->choices[index] : suspect->values[index];
}

static bool reproduces(const skew_input *input, specrnn_stage stage, const specrnn_array *reference,
                       const specrnn_option *option, const char *value)
{
  const specrnn_option_table *table = specrnn_features_options();
  specrnn_features_config changed = *input->front_end;
  if (specrnn_option_set(table, &changed, option->key, value, NULL) || specrnn_features_resolve(&changed, NULL) ||
      !specrnn_stage_exists(&changed, stage)) {
    return false;
  }
  skew_input other = *input;
  other.front_end = &changed;
  skew_departure departure;
  return compare(&other, stage, reference, &departure, NULL) == SPECRNN_OK && departure.kind == SKEW_NONE;
}

static void note_option(skew_explanation *explanation, const specrnn_option *option, const char *value,
                        specrnn_stage stage)
{
  bool is_bool = option->type == SPECRNN_OPTION_BOOL;
  snprintf(explanation->option, sizeof explanation->option, "--%s%s%s%s",
           is_bool && !strcmp(value, "false") ? "no-" : "", option->key, is_bool ? "" : " ", is_bool ? "" : value);
  for (char *c = explanation->option; *c && *c != ' '; c++) {
    *c = *c == '_' ? '-' : *c;
  }
  explanation->stage = stage;
}

size_t skew_explain(const skew_input *input, specrnn_stage stage, const specrnn_array *reference,
                    skew_explanation found[SKEW_MAX_EXPLANATIONS])
{
  const specrnn_option_table *table = specrnn_features_options();
  size_t n = 0;
  for (size_t i = 0; i < sizeof SUSPECTS / sizeof *SUSPECTS && n < SKEW_MAX_EXPLANATIONS; i++) {
    const specrnn_option *option = specrnn_option_find(table, SUSPECTS[i].key);
    if (!option || SUSPECTS[i].stage > stage) {
      continue;
    }
    const char *value;
    for (size_t k = 0; n < SKEW_MAX_EXPLANATIONS && (value = value_of(&SUSPECTS[i], option, k)); k++) {
      if (reproduces(input, stage, reference, option, value)) {
        note_option(&found[n++], option, value, SUSPECTS[i].stage);
      }
    }
  }
  return n;
}
