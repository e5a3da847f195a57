/* The joint of audio, features and encoder: samples pushed in become frames of features and hidden states.
 *
 *     push: mean of the channels -> pending samples, of the pushed rate, so that a push is taken whole or not at all
 *     pull: pending samples -> resampler -> extractor -> a block of rows -> encoder -> one frame after the other */
#include "specrnn/pipeline.h"

#include <string.h>

#include "core/arena.h"
#include "core/log.h"
#include "signal/mix.h"
#include "signal/resample.h"
#include "specrnn/audio.h"
#include "specrnn/encoder.h"

enum {
  BLOCK_FRAMES = 16,     /* encoded together: the input products of a block are one product */
  EXTRACTOR_PUSH = 4096, /* samples handed to the extractor at a time */
};

struct specrnn_pipeline {
  specrnn_pipeline_config config;
  srn_mixer mixer;
  srn_resampler *resampler;
  specrnn_extractor *extractor;
  specrnn_encoder *encoder;
  size_t latency; /* samples of the front end's rate */

  float *pending; /* (pending_capacity) mixed, of which n_pending wait for the resampler */
  size_t pending_capacity;
  size_t pending_start;
  size_t n_pending;
  float *resampled; /* (EXTRACTOR_PUSH) */
  bool flushed;
  specrnn_status ended; /* what the extractor's flush said */

  size_t n_features, n_layers, n_output;
  float *features; /* (BLOCK_FRAMES, n_features) */
  float **hidden;  /* n_layers pointers to (BLOCK_FRAMES, n_hidden[layer]) */
  float *output;   /* (BLOCK_FRAMES, n_output) */
  size_t *n_hidden;
  const float **hidden_row; /* of the frame given last */
  size_t n_block, next_in_block;

  uint64_t next_index;
};

/* ---------------------------------------------------------------------------------------------------- configuration */

#define FIELD(name) offsetof(specrnn_pipeline_config, name)

static const char *const MAXIMUM_NAMES[] = {"model", "fixed", "running", NULL};
static const char *const NAN_NAMES[] = {"error", "zero", NULL};

static const specrnn_option OPTIONS[] = {
    {"sample_rate", SPECRNN_OPTION_INT, FIELD(sample_rate_hz), SPECRNN_AUDIO_MIN_RATE_HZ, SPECRNN_AUDIO_MAX_RATE_HZ,
     NULL, "model", 0, "Hz", "rate of what is pushed"},
    {"channels", SPECRNN_OPTION_INT, FIELD(channels), 1, SPECRNN_AUDIO_MAX_CHANNELS, NULL, NULL, 0, NULL,
     "interleaved channels of what is pushed; their mean goes on"},
    {"max_push", SPECRNN_OPTION_INT, FIELD(max_push), 1, 1 << 24, NULL, NULL, 0, "frames",
     "the largest push, which is taken for certain once everything was pulled"},
    {"maximum", SPECRNN_OPTION_CHOICE, FIELD(maximum), 0, 0, MAXIMUM_NAMES, NULL, 0, NULL,
     "what stands for the maximum of the whole input"},
    {"nan", SPECRNN_OPTION_CHOICE, FIELD(nan), 0, 0, NAN_NAMES, NULL, 0, NULL, "what becomes of NaN and infinity"},
};

static const specrnn_pipeline_config DEFAULTS = SPECRNN_PIPELINE_CONFIG_INIT;

const specrnn_option_table *specrnn_pipeline_options(void)
{
  static const specrnn_option_table table = {"pipeline", OPTIONS, sizeof OPTIONS / sizeof *OPTIONS,
                                             sizeof(specrnn_pipeline_config), &DEFAULTS};
  return &table;
}

/* --------------------------------------------------------------------------------------------------------- creation */

static specrnn_pipeline *lay_out(srn_arena *arena, const specrnn_model *model, size_t n_features,
                                 size_t pending_capacity)
{
  const specrnn_model_info *info = specrnn_model_describe(model);
  specrnn_pipeline *p = srn_arena_take(arena, 1, sizeof *p);
  float *pending = srn_arena_take(arena, pending_capacity, sizeof *pending);
  float *resampled = srn_arena_take(arena, EXTRACTOR_PUSH, sizeof *resampled);
  float *features = srn_arena_take(arena, BLOCK_FRAMES * n_features, sizeof *features);
  float *output = srn_arena_take(arena, BLOCK_FRAMES * info->output_size, sizeof *output);
  float **hidden = srn_arena_take(arena, info->n_layers, sizeof *hidden);
  const float **hidden_row = srn_arena_take(arena, info->n_layers, sizeof *hidden_row);
  size_t *n_hidden = srn_arena_take(arena, info->n_layers, sizeof *n_hidden);
  for (size_t i = 0; i < info->n_layers; i++) {
    size_t width = specrnn_model_layer(model, i)->width;
    float *rows = srn_arena_take(arena, BLOCK_FRAMES * width, sizeof *rows);
    if (p) {
      hidden[i] = rows;
      n_hidden[i] = width;
    }
  }
  if (p) {
    p->pending = pending;
    p->pending_capacity = pending_capacity;
    p->resampled = resampled;
    p->features = features;
    p->n_features = n_features;
    p->output = output;
    p->n_output = info->output_size;
    p->hidden = hidden;
    p->hidden_row = hidden_row;
    p->n_hidden = n_hidden;
    p->n_layers = info->n_layers;
  }
  return p;
}

/* A stream does not know the maximum of the whole input. Whoever did not choose what stands for it gets what comes
 * nearest, and is told. */
static specrnn_status take_running(specrnn_features_config *front_end, specrnn_features_shape *shape,
                                   const specrnn_log *log)
{
  specrnn_features_config running = *front_end;
  running.maximum = SPECRNN_MAXIMUM_RUNNING;
  specrnn_status status = specrnn_features_describe(&running, shape, log);
  if (!status && !shape->whole_input) {
    *front_end = running;
    srn_log(log, SPECRNN_LOG_WARNING,
            "the front end asks for the maximum of the whole input, which a stream does not know: the running maximum "
            "stands for it (to choose this: SPECRNN_PIPELINE_MAXIMUM_RUNNING, or ..._FIXED)");
  }
  return status;
}

static specrnn_status choose_front_end(specrnn_features_config *front_end, specrnn_features_shape *shape,
                                       const specrnn_model *model, specrnn_pipeline_maximum maximum,
                                       const specrnn_log *log)
{
  if (!specrnn_model_front_end(model)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT,
                    "the model has no front end: it does not say how sound becomes its input");
  }
  *front_end = *specrnn_model_front_end(model);
  if (maximum == SPECRNN_PIPELINE_MAXIMUM_FIXED) {
    front_end->maximum = SPECRNN_MAXIMUM_FIXED;
  } else if (maximum == SPECRNN_PIPELINE_MAXIMUM_RUNNING) {
    front_end->maximum = SPECRNN_MAXIMUM_RUNNING;
  }
  specrnn_status status = specrnn_features_describe(front_end, shape, log);
  return status || !shape->whole_input ? status : take_running(front_end, shape, log);
}

static specrnn_status create_stages(specrnn_pipeline *p, const specrnn_model *model,
                                    const specrnn_features_config *front_end, const specrnn_log *log)
{
  specrnn_extractor_options options = SPECRNN_EXTRACTOR_OPTIONS_INIT;
  options.max_push = EXTRACTOR_PUSH;
  specrnn_status status = specrnn_extractor_create(&p->extractor, front_end, &options, log);
  if (!status) {
    status = specrnn_encoder_create(&p->encoder, model, log);
  }
  if (!status) {
    status = srn_resampler_create(&p->resampler, p->config.sample_rate_hz, front_end->sample_rate_hz, 1, log);
  }
  size_t delay = 0;
  if (!status) {
    status = srn_resampler_delay(&delay, p->config.sample_rate_hz, front_end->sample_rate_hz, log);
  }
  if (!status) {
    p->latency = specrnn_extractor_latency_samples(p->extractor) + delay;
  }
  return status;
}

specrnn_status specrnn_pipeline_create(specrnn_pipeline **out, const specrnn_model *model,
                                       const specrnn_pipeline_config *config, const specrnn_log *log)
{
  if (!config) {
    config = &DEFAULTS;
  }
  specrnn_status status = specrnn_option_validate(specrnn_pipeline_options(), config, log);
  if (status) {
    return status;
  }
  specrnn_features_config front_end;
  specrnn_features_shape shape;
  status = choose_front_end(&front_end, &shape, model, config->maximum, log);
  if (status) {
    return status;
  }
  size_t capacity = (size_t)config->max_push;
  srn_arena arena = {0};
  lay_out(&arena, model, shape.n_bins, capacity);
  if (!srn_arena_allocate(&arena)) {
    return srn_fail_memory(log, arena.used);
  }
  specrnn_pipeline *p = lay_out(&arena, model, shape.n_bins, capacity);
  p->config = *config;
  p->config.sample_rate_hz = config->sample_rate_hz ? config->sample_rate_hz : front_end.sample_rate_hz;
  p->mixer = (srn_mixer){.channels = (size_t)config->channels, .replace_bad = config->nan == SPECRNN_PIPELINE_NAN_ZERO};
  p->ended = SPECRNN_OK;
  status = create_stages(p, model, &front_end, log);
  if (status) {
    specrnn_pipeline_destroy(&p);
    return status;
  }
  *out = p;
  return SPECRNN_OK;
}

void specrnn_pipeline_destroy(specrnn_pipeline **pipeline)
{
  if (!pipeline || !*pipeline) {
    return;
  }
  srn_resampler_destroy(&(*pipeline)->resampler);
  specrnn_extractor_destroy(&(*pipeline)->extractor);
  specrnn_encoder_destroy(&(*pipeline)->encoder);
  srn_arena_free(*pipeline);
  *pipeline = NULL;
}

specrnn_status specrnn_pipeline_reset(specrnn_pipeline *p)
{
  specrnn_status status = srn_resampler_restart(p->resampler, NULL);
  if (status) {
    return status;
  }
  specrnn_extractor_reset(p->extractor);
  specrnn_encoder_reset(p->encoder);
  p->pending_start = p->n_pending = 0;
  p->n_block = p->next_in_block = 0;
  p->next_index = p->mixer.n_bad = 0;
  p->flushed = false;
  p->ended = SPECRNN_OK;
  return SPECRNN_OK;
}

/* ------------------------------------------------------------------------------------------------------------- push */

static void make_room(specrnn_pipeline *p)
{
  memmove(p->pending, p->pending + p->pending_start, p->n_pending * sizeof *p->pending);
  p->pending_start = 0;
}

specrnn_status specrnn_pipeline_push(specrnn_pipeline *p, const float *samples, size_t n_frames)
{
  if (p->flushed) {
    return SPECRNN_ERROR_STATE;
  }
  if (n_frames > p->pending_capacity) {
    return SPECRNN_ERROR_ARGUMENT; /* however much is pulled */
  }
  if (n_frames > p->pending_capacity - p->n_pending) {
    return SPECRNN_ERROR_FULL;
  }
  if (n_frames == 0) {
    return SPECRNN_OK; /* there need be no samples */
  }
  make_room(p);
  size_t n_samples = n_frames * p->mixer.channels;
  if (srn_mix(&p->mixer, p->pending + p->n_pending, samples, n_frames) < n_samples) {
    return SPECRNN_ERROR_NOT_FINITE;
  }
  p->n_pending += n_frames;
  return SPECRNN_OK;
}

void specrnn_pipeline_flush(specrnn_pipeline *p)
{
  p->flushed = true;
}

/* ------------------------------------------------------------------------------------------------------------- pull */

/* Through the resampler: *n samples of p->resampled, which may be none where more are to be offered. */
static specrnn_status resample(specrnn_pipeline *p, size_t *n)
{
  size_t n_taken = 0;
  specrnn_status status = srn_resampler_process(p->resampler, p->pending + p->pending_start, p->n_pending, &n_taken,
                                                p->resampled, EXTRACTOR_PUSH, n, NULL);
  if (!status) {
    p->pending_start += n_taken;
    p->n_pending -= n_taken;
  }
  if (!status && *n == 0 && p->n_pending == 0 && p->flushed) {
    status = srn_resampler_finish(p->resampler, p->resampled, EXTRACTOR_PUSH, n, NULL);
  }
  return status;
}

/* Moves samples on to the extractor. NEED_INPUT where there is nothing to move. */
static specrnn_status feed_extractor(specrnn_pipeline *p)
{
  size_t n = 0;
  specrnn_status status = resample(p, &n);
  if (status) {
    return status;
  }
  if (n > 0) {
    return specrnn_extractor_push(p->extractor, p->resampled, n);
  }
  if (p->n_pending > 0) {
    return SPECRNN_OK;
  }
  if (!p->flushed) {
    return SPECRNN_NEED_INPUT;
  }
  p->ended = specrnn_extractor_flush(p->extractor);
  return p->ended;
}

static specrnn_status next_block(specrnn_pipeline *p)
{
  specrnn_status status;
  while ((status = specrnn_extractor_pull(p->extractor, p->features, BLOCK_FRAMES, &p->n_block)) ==
         SPECRNN_NEED_INPUT) {
    status = feed_extractor(p);
    if (status) {
      return status;
    }
  }
  if (status) {
    return p->ended ? p->ended : status;
  }
  specrnn_encoder_output output = SPECRNN_ENCODER_OUTPUT_INIT;
  output.hidden = p->hidden;
  output.output = p->output;
  specrnn_encoder_process(p->encoder, p->features, p->n_block, &output);
  p->next_in_block = 0;
  return SPECRNN_OK;
}

specrnn_status specrnn_pipeline_pull(specrnn_pipeline *p, specrnn_frame *frame)
{
  if (p->next_in_block == p->n_block) {
    p->n_block = p->next_in_block = 0;
    specrnn_status status = next_block(p);
    if (status) {
      p->n_block = p->next_in_block = 0;
      return status;
    }
  }
  size_t row = p->next_in_block++;
  for (size_t i = 0; i < p->n_layers; i++) {
    p->hidden_row[i] = p->hidden[i] + row * p->n_hidden[i];
  }
  *frame = (specrnn_frame){
      .index = p->next_index,
      .time_s = specrnn_extractor_frame_time_s(p->extractor, p->next_index),
      .n_features = p->n_features,
      .features = p->features + row * p->n_features,
      .n_layers = p->n_layers,
      .n_hidden = p->n_hidden,
      .hidden = p->hidden_row,
      .n_output = p->n_output,
      .output = p->output + row * p->n_output,
  };
  p->next_index++;
  return SPECRNN_OK;
}

size_t specrnn_pipeline_latency_samples(const specrnn_pipeline *p)
{
  return p->latency;
}

uint64_t specrnn_pipeline_n_bad(const specrnn_pipeline *p)
{
  return p->mixer.n_bad;
}
