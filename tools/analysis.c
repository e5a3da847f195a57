/* Sound through a model, block by block. */
#include "analysis.h"
#include "feature_run.h"
#include "readable.h"
#include "report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "specrnn/encoder.h"

/* Rows that go through the encoder at once: enough for its block products, small enough to stay in cache. */
enum { BLOCK_FRAMES = 64 };

typedef struct run {
  const analysis_config *config;
  const analysis_observer *observer;
  analysis_result *result;
  const specrnn_log *log;
  const specrnn_model_info *model;
  specrnn_audio *audio;
  specrnn_encoder *encoder; /* NULL for a bidirectional model, which needs all rows first */
  double sum_of_squares;
  float *buffer;  /* the states below */
  float **hidden; /* a pointer per layer to (capacity, width) */
  float *output;  /* (capacity, output_size) */
  float *rows;    /* of a bidirectional model: all features */
  size_t n_rows, row_capacity;
} run;

/* ----------------------------------------------------------------------------------------------------------- buffers
 */

static specrnn_status out_of_memory(const specrnn_log *log)
{
  if (log && log->write) {
    log->write(log->user, SPECRNN_LOG_ERROR, "out of memory");
  }
  return SPECRNN_ERROR_MEMORY;
}

static specrnn_status allocate_states(run *r, size_t capacity)
{
  size_t width = r->model->output_size;
  for (size_t i = 0; i < r->model->n_layers; i++) {
    width += specrnn_model_layer(r->config->model, i)->width;
  }
  r->buffer = capacity ? calloc(capacity, width * sizeof *r->buffer) : NULL;
  r->hidden = calloc(r->model->n_layers, sizeof *r->hidden);
  if (!r->buffer || !r->hidden) {
    return out_of_memory(r->log);
  }
  float *next = r->buffer;
  for (size_t i = 0; i < r->model->n_layers; i++) {
    r->hidden[i] = next;
    next += capacity * specrnn_model_layer(r->config->model, i)->width;
  }
  r->output = next;
  return SPECRNN_OK;
}

static specrnn_status keep_rows(run *r, const float *rows, size_t n_rows, size_t n_bins)
{
  if (r->n_rows + n_rows > r->row_capacity) {
    size_t capacity = 2 * (r->n_rows + n_rows);
    float *larger =
        capacity <= SIZE_MAX / sizeof *larger / n_bins ? realloc(r->rows, capacity * n_bins * sizeof *larger) : NULL;
    if (!larger) {
      return out_of_memory(r->log);
    }
    r->rows = larger;
    r->row_capacity = capacity;
  }
  memcpy(r->rows + r->n_rows * n_bins, rows, n_rows * n_bins * sizeof *rows);
  r->n_rows += n_rows;
  return SPECRNN_OK;
}

/* ------------------------------------------------------------------------------------------------------------- stages
 */

/* Peak and energy, in several parts, as one addition would wait for the one before it. */
static void measure(run *r, const float *samples, size_t count)
{
  enum { PARTS = 8 };
  float peak[PARTS] = {0};
  double squares[PARTS] = {0};
  for (size_t i = 0; i < count; i += PARTS) {
    size_t n = count - i < PARTS ? count - i : PARTS;
    for (size_t p = 0; p < n; p++) {
      float magnitude = fabsf(samples[i + p]);
      peak[p] = magnitude > peak[p] ? magnitude : peak[p];
      squares[p] += (double)samples[i + p] * samples[i + p];
    }
  }
  for (size_t p = 0; p < PARTS; p++) {
    r->result->peak = fmax(r->result->peak, peak[p]);
    r->sum_of_squares += squares[p];
  }
}

static specrnn_status read_samples(void *user, float *samples, size_t max_frames, size_t *n_frames)
{
  run *r = user;
  sound_progress(r->audio, &r->config->audio, r->config->path);
  specrnn_status status = specrnn_audio_read(r->audio, samples, max_frames, n_frames, r->log);
  if (status || *n_frames == 0) {
    return status;
  }
  measure(r, samples, *n_frames);
  r->result->n_samples += *n_frames;
  return r->observer->samples ? r->observer->samples(r->observer->user, samples, *n_frames) : SPECRNN_OK;
}

static specrnn_status show(run *r, const float *rows, size_t n_rows)
{
  r->result->n_frames += n_rows;
  return r->observer->frames(r->observer->user, rows, (const float *const *)r->hidden, r->output, n_rows);
}

static specrnn_status encode_rows(void *user, const float *rows, size_t n_rows, size_t n_bins)
{
  run *r = user;
  if (!r->encoder) {
    return keep_rows(r, rows, n_rows, n_bins);
  }
  const specrnn_encoder_output output = {.hidden = r->hidden, .output = r->output, .trace = NULL};
  while (n_rows > 0) {
    size_t n = n_rows < BLOCK_FRAMES ? n_rows : BLOCK_FRAMES;
    specrnn_encoder_process(r->encoder, rows, n, &output);
    specrnn_status status = show(r, rows, n);
    if (status) {
      return status;
    }
    rows += n * n_bins;
    n_rows -= n;
  }
  return SPECRNN_OK;
}

static specrnn_status encode_kept_rows(run *r)
{
  if (r->n_rows == 0) {
    return SPECRNN_OK;
  }
  specrnn_status status = allocate_states(r, r->n_rows);
  if (status) {
    return status;
  }
  specrnn_batch batch = SPECRNN_BATCH_INIT;
  batch.input = r->rows;
  batch.n_frames = r->n_rows;
  batch.hidden = r->hidden;
  batch.output = r->output;
  status = specrnn_model_forward(r->config->model, &batch, r->log);
  return status ? status : show(r, r->rows, r->n_rows);
}

static specrnn_status run_stages(run *r)
{
  specrnn_audio_config audio = r->config->audio;
  audio.sample_rate_hz = r->config->front_end->sample_rate_hz;
  audio.channels = SPECRNN_AUDIO_MEAN;
  specrnn_status status = readable_audio_open(&r->audio, r->config->path, &audio, r->log);
  if (!status && !r->model->bidirectional) {
    status = allocate_states(r, BLOCK_FRAMES);
    if (!status) {
      status = specrnn_encoder_create(&r->encoder, r->config->model, r->log);
    }
  }
  if (status) {
    return status;
  }
  const specrnn_sample_source source = {.read = read_samples, .user = r, .channels = 1};
  const specrnn_row_sink sink = {.write = encode_rows, .user = r};
  status = specrnn_features_compute(r->config->front_end, &source, &sink, NULL, NULL, r->log);
  report_progress_end();
  return !status && r->model->bidirectional ? encode_kept_rows(r) : status;
}

specrnn_status analysis_run(const analysis_config *config, const analysis_observer *observer, analysis_result *result,
                            const specrnn_log *log)
{
  run r = {.config = config, .observer = observer, .result = result, .log = log};
  *result = (analysis_result){0};
  r.model = specrnn_model_describe(config->model);
  specrnn_status status = run_stages(&r);
  if (!status) {
    specrnn_audio_get_info(r.audio, &result->audio);
    result->duration_s = (double)result->n_samples / config->front_end->sample_rate_hz;
    result->rms = result->n_samples ? sqrt(r.sum_of_squares / (double)result->n_samples) : 0.0;
  }
  specrnn_audio_close(&r.audio);
  specrnn_encoder_destroy(&r.encoder);
  free(r.buffer);
  free(r.hidden);
  free(r.rows);
  return status;
}

double decibels_full_scale(double level)
{
  return 20.0 * log10(level);
}

void level_text(char *text, size_t size, double level)
{
  if (level > 0.0) {
    snprintf(text, size, "%.1f dBFS", decibels_full_scale(level));
  } else {
    snprintf(text, size, "silence");
  }
}

/* Digits of a fraction end at the last one that counts. */
static void drop_zeros(char *text)
{
  size_t length = strlen(text);
  while (length && text[length - 1] == '0') {
    length--;
  }
  text[length && text[length - 1] == '.' ? length - 1 : length] = '\0';
}

void analysis_begin_text(char *text, size_t size, const specrnn_audio_config *audio)
{
  double whole_ms = floor(audio->offset_s * 1e3 + 0.5);
  double minutes = floor(whole_ms / 60e3);
  double hours = floor(minutes / 60.0);
  double seconds = (whole_ms - minutes * 60e3) / 1e3;
  text[0] = '\0';
  if (audio->offset_s <= 0.0) {
    return;
  }
  if (hours > 0.0) {
    snprintf(text, size, " from %.0f:%02.0f:%06.3f", hours, minutes - 60.0 * hours, seconds);
  } else if (minutes > 0.0) {
    snprintf(text, size, " from %.0f:%06.3f", minutes, seconds);
  } else {
    snprintf(text, size, " from %.3f s", seconds);
    return;
  }
  drop_zeros(text);
}
