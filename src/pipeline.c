/* The joint of audio, features and encoder: samples pushed in become frames of features and hidden states.
 *
 *     push: mean of the channels -> resampler -> pending samples
 *     pull: pending samples -> extractor -> a block of rows -> encoder -> one frame after the other */
#include "specrnn/pipeline.h"

#include <math.h>
#include <string.h>

#include "audio/resample.h"
#include "core/arena.h"
#include "core/log.h"
#include "specrnn/audio.h"
#include "specrnn/encoder.h"

enum {
  BLOCK_FRAMES = 16,       /* encoded together: the input products of a block are one product */
  EXTRACTOR_PUSH = 4096,   /* samples handed to the extractor at a time */
  MIX_FRAMES = 512,        /* instants mixed to mono at a time */
  RESAMPLER_BURST = 32768, /* samples that soxr may give at once beyond the ratio: it works in blocks */
};

struct specrnn_pipeline {
  specrnn_pipeline_config config;
  srn_resampler *resampler; /* NULL: the rates are equal */
  specrnn_extractor *extractor;
  specrnn_encoder *encoder;
  double ratio; /* model's rate / pushed rate */

  float *mixed;   /* (MIX_FRAMES) */
  float *pending; /* (pending_capacity), of which n_pending wait for the extractor */
  size_t pending_capacity;
  size_t pending_start;
  size_t n_pending;
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
  uint64_t n_bad;
  double first_time_s, frame_step_s;
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
     "frames that one push takes for certain once everything was pulled"},
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
  float *mixed = srn_arena_take(arena, MIX_FRAMES, sizeof *mixed);
  float *pending = srn_arena_take(arena, pending_capacity, sizeof *pending);
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
    p->mixed = mixed;
    p->pending = pending;
    p->pending_capacity = pending_capacity;
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

static specrnn_features_config front_end_of(const specrnn_model *model, specrnn_pipeline_maximum maximum)
{
  specrnn_features_config front_end = *specrnn_model_front_end(model);
  if (maximum == SPECRNN_PIPELINE_MAXIMUM_FIXED) {
    front_end.maximum = SPECRNN_MAXIMUM_FIXED;
  } else if (maximum == SPECRNN_PIPELINE_MAXIMUM_RUNNING) {
    front_end.maximum = SPECRNN_MAXIMUM_RUNNING;
  }
  return front_end;
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
  if (!status && p->config.sample_rate_hz != front_end->sample_rate_hz) {
    status = srn_resampler_create(&p->resampler, p->config.sample_rate_hz, front_end->sample_rate_hz, 1, log);
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
  if (!specrnn_model_front_end(model)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT,
                    "the model has no front end: it does not say how sound becomes its input");
  }
  specrnn_features_config front_end = front_end_of(model, config->maximum);
  specrnn_features_shape shape;
  status = specrnn_features_describe(&front_end, &shape, log);
  if (status) {
    return status;
  }
  int rate_hz = config->sample_rate_hz ? config->sample_rate_hz : front_end.sample_rate_hz;
  double ratio = (double)front_end.sample_rate_hz / rate_hz;
  size_t pending_capacity = (size_t)ceil(config->max_push * ratio) + (ratio == 1.0 ? 0 : RESAMPLER_BURST);

  srn_arena arena = {0};
  lay_out(&arena, model, shape.n_bins, pending_capacity);
  if (!srn_arena_allocate(&arena)) {
    return srn_fail_memory(log, arena.used);
  }
  specrnn_pipeline *p = lay_out(&arena, model, shape.n_bins, pending_capacity);
  p->config = *config;
  p->config.sample_rate_hz = rate_hz;
  p->ratio = ratio;
  p->ended = SPECRNN_OK;
  p->first_time_s = specrnn_features_frame_time_s(&front_end, 0);
  p->frame_step_s = 1.0 / shape.frame_rate_hz;
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
  if (p->resampler) {
    srn_resampler *fresh = NULL;
    specrnn_status status = srn_resampler_create(&fresh, p->config.sample_rate_hz,
                                                 specrnn_extractor_config(p->extractor)->sample_rate_hz, 1, NULL);
    if (status) {
      return status;
    }
    srn_resampler_destroy(&p->resampler);
    p->resampler = fresh;
  }
  specrnn_extractor_reset(p->extractor);
  specrnn_encoder_reset(p->encoder);
  p->pending_start = p->n_pending = 0;
  p->n_block = p->next_in_block = 0;
  p->next_index = p->n_bad = 0;
  p->flushed = false;
  p->ended = SPECRNN_OK;
  return SPECRNN_OK;
}

/* ------------------------------------------------------------------------------------------------------------- push */

static bool is_bad(float x)
{
  return !(fabsf(x) <= (float)SPECRNN_AUDIO_MAX_MAGNITUDE);
}

/* The mean of each instant's channels, in the order in which the loader adds them. */
static void mix(specrnn_pipeline *p, const float *samples, size_t n_frames)
{
  int channels = p->config.channels;
  for (size_t i = 0; i < n_frames; i++) {
    float sum = 0.0f;
    for (int c = 0; c < channels; c++) {
      float x = samples[i * (size_t)channels + (size_t)c];
      if (is_bad(x)) {
        p->n_bad++;
        x = 0.0f;
      }
      sum += x;
    }
    p->mixed[i] = sum / (float)channels;
  }
}

static void make_room(specrnn_pipeline *p)
{
  memmove(p->pending, p->pending + p->pending_start, p->n_pending * sizeof *p->pending);
  p->pending_start = 0;
}

static specrnn_status append_mixed(specrnn_pipeline *p, size_t n_frames)
{
  if (!p->resampler) {
    memcpy(p->pending + p->n_pending, p->mixed, n_frames * sizeof *p->mixed);
    p->n_pending += n_frames;
    return SPECRNN_OK;
  }
  for (size_t start = 0; start < n_frames;) {
    size_t taken = 0;
    size_t given = 0;
    specrnn_status status =
        srn_resampler_process(p->resampler, p->mixed + start, n_frames - start, &taken, p->pending + p->n_pending,
                              p->pending_capacity - p->n_pending, &given, NULL);
    if (status) {
      return status;
    }
    if (taken == 0 && given == 0) {
      return SPECRNN_ERROR_FULL; /* push keeps room for a burst, so that this does not happen */
    }
    start += taken;
    p->n_pending += given;
  }
  return SPECRNN_OK;
}

specrnn_status specrnn_pipeline_push(specrnn_pipeline *p, const float *samples, size_t n_frames)
{
  if (p->flushed) {
    return SPECRNN_ERROR_STATE;
  }
  size_t needed = (size_t)ceil((double)n_frames * p->ratio) + (p->resampler ? RESAMPLER_BURST : 0);
  if (needed > p->pending_capacity - p->n_pending) {
    return SPECRNN_ERROR_FULL;
  }
  size_t channels = (size_t)p->config.channels;
  for (size_t i = 0; p->config.nan == SPECRNN_PIPELINE_NAN_ERROR && i < n_frames * channels; i++) {
    if (is_bad(samples[i])) {
      return SPECRNN_ERROR_NOT_FINITE;
    }
  }
  make_room(p);
  while (n_frames > 0) {
    size_t n = n_frames < MIX_FRAMES ? n_frames : MIX_FRAMES;
    mix(p, samples, n);
    specrnn_status status = append_mixed(p, n);
    if (status) {
      return status;
    }
    samples += n * channels;
    n_frames -= n;
  }
  return SPECRNN_OK;
}

void specrnn_pipeline_flush(specrnn_pipeline *p)
{
  p->flushed = true;
}

/* ------------------------------------------------------------------------------------------------------------- pull */

/* Moves samples on to the extractor. NEED_INPUT where there is nothing to move. */
static specrnn_status feed_extractor(specrnn_pipeline *p)
{
  if (p->n_pending == 0 && p->flushed && p->resampler) {
    make_room(p);
    specrnn_status status = srn_resampler_finish(p->resampler, p->pending, p->pending_capacity, &p->n_pending, NULL);
    if (status) {
      return status;
    }
  }
  if (p->n_pending > 0) {
    size_t n = p->n_pending < EXTRACTOR_PUSH ? p->n_pending : EXTRACTOR_PUSH;
    specrnn_status status = specrnn_extractor_push(p->extractor, p->pending + p->pending_start, n);
    if (!status) {
      p->pending_start += n;
      p->n_pending -= n;
    }
    return status;
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
      .time_s = p->first_time_s + (double)p->next_index * p->frame_step_s,
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
  return specrnn_extractor_latency_samples(p->extractor);
}

uint64_t specrnn_pipeline_n_bad(const specrnn_pipeline *p)
{
  return p->n_bad;
}
