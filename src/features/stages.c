/* A front end stopped after one of its steps. */
#include "core/arena.h"
#include "core/log.h"
#include "features/extractor.h"
#include "features/memory_io.h"

enum { BLOCK_SAMPLES = 8192 };

const char *specrnn_stage_name(specrnn_stage stage)
{
  static const char *const NAMES[] = {"frame", "windowed", "spectrum", "power", "mel", "level", "base", "final"};
  return (unsigned)stage < sizeof NAMES / sizeof *NAMES ? NAMES[stage] : "unknown";
}

bool specrnn_stage_exists(const specrnn_features_config *config, specrnn_stage stage)
{
  bool wave = config->kind == SPECRNN_KIND_WAVE;
  switch (stage) {
  case SPECRNN_STAGE_FRAME:
  case SPECRNN_STAGE_WINDOWED:
  case SPECRNN_STAGE_SPECTRUM: return !wave;
  case SPECRNN_STAGE_POWER:
  case SPECRNN_STAGE_LEVEL: return !wave && config->power != SPECRNN_POWER_COMPLEX;
  case SPECRNN_STAGE_MEL: return config->kind == SPECRNN_KIND_MEL || config->kind == SPECRNN_KIND_MFCC;
  case SPECRNN_STAGE_BASE:
  case SPECRNN_STAGE_FINAL: return true;
  }
  return false;
}

typedef struct tapping {
  specrnn_extractor *extractor;
  specrnn_stage stage;
  const specrnn_row_sink *sink;
  float *row;
} tapping;

/* Rows of the stage as far as the extractor has input. */
static specrnn_status drain(tapping *t)
{
  for (;;) {
    size_t width;
    specrnn_status status = srn_extractor_tap(t->extractor, t->stage, t->row, &width);
    if (status == SPECRNN_NEED_INPUT || status == SPECRNN_END) {
      return SPECRNN_OK;
    }
    if (status || (status = t->sink->write(t->sink->user, t->row, 1, width))) {
      return status;
    }
  }
}

/* The largest level, where the stage lies behind the step that needs it. */
static specrnn_status find_maximum(const srn_setup *setup, const float *samples, size_t n_samples, double *maximum,
                                   const specrnn_log *log)
{
  specrnn_compute_result result;
  srn_memory_source memory = {samples, n_samples};
  specrnn_sample_source source = srn_memory_source_of(&memory);
  specrnn_row_sink nowhere = {srn_discard_rows, NULL};
  specrnn_status status = specrnn_features_compute(&setup->config, &source, &nowhere, NULL, &result, log);
  if (!status) {
    *maximum = result.maximum;
  }
  return status;
}

static specrnn_status feed(tapping *t, const float *samples, size_t n_samples, const specrnn_log *log)
{
  specrnn_status status = SPECRNN_OK;
  for (size_t at = 0; !status && at < n_samples; at += BLOCK_SAMPLES) {
    size_t n = n_samples - at < BLOCK_SAMPLES ? n_samples - at : BLOCK_SAMPLES;
    status = specrnn_extractor_push(t->extractor, samples + at, n);
    status = status ? status : drain(t);
  }
  if (!status && (status = specrnn_extractor_flush(t->extractor))) {
    return srn_extractor_explain(t->extractor, status, log);
  }
  return status ? status : drain(t);
}

/* Everything before the post stages: a frame at a time. */
static specrnn_status tap(srn_setup *setup, specrnn_stage stage, const float *samples, size_t n_samples,
                          const specrnn_row_sink *sink, const specrnn_log *log)
{
  srn_extractor_spec spec = {SRN_POST_BEFORE_CMVN, true, BLOCK_SAMPLES, NULL};
  tapping t = {NULL, stage, sink, NULL};
  size_t width = 2 * setup->n_spectrum > setup->n_level ? 2 * setup->n_spectrum : setup->n_level;
  specrnn_status status = SPECRNN_OK;
  bool behind = stage == SPECRNN_STAGE_LEVEL || stage == SPECRNN_STAGE_BASE;
  if (behind && setup->needs_maximum && setup->config.maximum == SPECRNN_MAXIMUM_WHOLE) {
    status = find_maximum(setup, samples, n_samples, &setup->config.maximum_value, log);
  }
  t.row = srn_aligned_calloc(width + setup->n_base, sizeof *t.row);
  if (!t.row) {
    return srn_fail_memory(log, (width + setup->n_base) * sizeof *t.row);
  }
  if (!status) {
    status = srn_extractor_make(&t.extractor, setup, &spec, log);
  }
  if (!status) {
    status = feed(&t, samples, n_samples, log);
  }
  specrnn_extractor_destroy(&t.extractor);
  srn_aligned_free(t.row);
  return status;
}

specrnn_status specrnn_features_stage(const specrnn_features_config *config, specrnn_stage stage, const float *samples,
                                      size_t n_samples, const specrnn_row_sink *sink, const specrnn_log *log)
{
  srn_setup setup;
  specrnn_status status = srn_setup_of(&setup, config, log);
  if (status) {
    return status;
  }
  if (!specrnn_stage_exists(&setup.config, stage)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "these features have no stage %s", specrnn_stage_name(stage));
  }
  if (!n_samples) {
    return srn_fail(log, SPECRNN_ERROR_EMPTY, "no samples");
  }
  if (stage == SPECRNN_STAGE_FINAL) {
    srn_memory_source memory = {samples, n_samples};
    specrnn_sample_source source = srn_memory_source_of(&memory);
    return specrnn_features_compute(&setup.config, &source, sink, NULL, NULL, log);
  }
  return tap(&setup, stage, samples, n_samples, sink, log);
}
