/* The numbers that an animation shows. */
#include "animate_data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "feature_run.h"
#include "front_end.h"
#include "plot_array.h"
#include "report.h"

/* The sound of a call without an input: a tone that glides upward with four harmonics and swells, one second long. */
static const double DEMO_DURATION_S = 1.0;
static const double DEMO_LOW_HZ = 200.0;
static const double DEMO_HIGH_HZ = 800.0;
static const double DEMO_AMPLITUDE = 0.4;
enum { DEMO_HARMONICS = 4 };
#define TWO_PI 6.283185307179586

typedef struct collector {
  animate_data *data;
  size_t capacity, max_frames;
} collector;

static specrnn_status out_of_memory(void)
{
  report_memory();
  return SPECRNN_ERROR_MEMORY;
}

/* SPECRNN_END: there are as many as wanted. */
static specrnn_status collect(void *user, const float *rows, size_t n_rows, size_t n_columns)
{
  collector *c = user;
  animate_data *d = c->data;
  size_t n = n_rows < c->max_frames - d->n_frames ? n_rows : c->max_frames - d->n_frames;
  if (d->n_frames + n > c->capacity) {
    size_t capacity = 2 * (d->n_frames + n);
    float *larger = realloc(d->features, capacity * n_columns * sizeof *larger);
    if (!larger) {
      return out_of_memory();
    }
    d->features = larger;
    c->capacity = capacity;
  }
  memcpy(d->features + d->n_frames * n_columns, rows, n * n_columns * sizeof *rows);
  d->n_frames += n;
  return d->n_frames == c->max_frames ? SPECRNN_END : SPECRNN_OK;
}

static specrnn_status read_sound(animate_data *data, const plot_model *m, const cli_arguments *arguments,
                                 const char *input, size_t max_frames)
{
  collector c = {.data = data, .max_frames = max_frames};
  specrnn_log log = report_log(input);
  feature_run_config run = {.front_end = &m->front_end};
  if (!front_end_audio(arguments, &m->front_end, &run.audio)) {
    return SPECRNN_ERROR_ARGUMENT;
  }
  if (run.audio.channels == SPECRNN_AUDIO_ALL || run.audio.channels == SPECRNN_AUDIO_FEATURES) {
    report_usage("--channels: an animation is of the mean of the channels, or of one of them");
    return SPECRNN_ERROR_ARGUMENT;
  }
  const specrnn_row_sink sink = {.write = collect, .user = &c};
  specrnn_status status = feature_run(input, &run, &sink, NULL, NULL, &log);
  return status == SPECRNN_END ? SPECRNN_OK : status;
}

static specrnn_status make_demo(animate_data *data, const plot_model *m, size_t max_frames)
{
  int rate_hz = m->front_end.sample_rate_hz;
  size_t n_samples = (size_t)(DEMO_DURATION_S * rate_hz);
  collector c = {.data = data, .max_frames = max_frames};
  uint64_t n_frames;
  specrnn_log log = report_log("the built-in sound");
  float *samples = calloc(n_samples, sizeof *samples);
  float *rows = NULL;
  size_t width = specrnn_model_describe(m->model)->input_size;
  specrnn_status status =
      samples ? specrnn_features_frame_count(&m->front_end, n_samples, &n_frames, &log) : out_of_memory();
  if (!status && !(rows = calloc((size_t)n_frames + 1, width * sizeof *rows))) {
    status = out_of_memory();
  }
  for (size_t i = 0; !status && i < n_samples; i++) {
    double t = (double)i / rate_hz;
    double phase = TWO_PI * (DEMO_LOW_HZ * t + (DEMO_HIGH_HZ - DEMO_LOW_HZ) * t * t / (2.0 * DEMO_DURATION_S));
    for (int k = 1; k <= DEMO_HARMONICS; k++) {
      samples[i] += (float)(DEMO_AMPLITUDE / k * sin(k * phase) * (0.2 + 0.8 * t / DEMO_DURATION_S));
    }
  }
  size_t n_rows = 0;
  status =
      status ? status
             : specrnn_features_compute_array(&m->front_end, samples, n_samples, rows, (size_t)n_frames, &n_rows, &log);
  status = status ? status : collect(&c, rows, n_rows, width);
  free(samples);
  free(rows);
  return status == SPECRNN_END ? SPECRNN_OK : status;
}

static specrnn_status read_array(animate_data *data, const plot_model *m, const char *input, size_t max_frames)
{
  plot_array array;
  size_t width = specrnn_model_describe(m->model)->input_size;
  collector c = {.data = data, .max_frames = max_frames};
  specrnn_status status = plot_array_load(&array, input);
  if (!status && array.n_columns != width) {
    report_failure(input, "frames of %zu features; the model reads %zu", array.n_columns, width);
    status = SPECRNN_ERROR_SHAPE;
  }
  if (!status && array.finite < (double)(array.n_rows * array.n_columns)) {
    report_failure(input, "holds numbers that are not finite");
    status = SPECRNN_ERROR_NOT_FINITE;
  }
  status = status ? status : collect(&c, array.data, array.n_rows, width);
  plot_array_release(&array);
  return status == SPECRNN_END ? SPECRNN_OK : status;
}

static specrnn_status encode(animate_data *data, const plot_model *m)
{
  const specrnn_model_info *info = specrnn_model_describe(m->model);
  specrnn_log log = report_log(model_source_name(m->path));
  size_t width = 0;
  for (size_t i = 0; i < info->n_layers; i++) {
    width += specrnn_model_layer(m->model, i)->width;
  }
  data->hidden = calloc(info->n_layers, sizeof *data->hidden);
  data->block = calloc(data->n_frames, width * sizeof *data->block);
  if (!data->hidden || !data->block) {
    return out_of_memory();
  }
  float *next = data->block;
  for (size_t i = 0; i < info->n_layers; i++) {
    data->hidden[i] = next;
    next += data->n_frames * specrnn_model_layer(m->model, i)->width;
  }
  specrnn_batch batch = SPECRNN_BATCH_INIT;
  batch.input = data->features;
  batch.n_frames = data->n_frames;
  batch.hidden = data->hidden;
  return specrnn_model_forward(m->model, &batch, &log);
}

specrnn_status animate_data_make(animate_data *data, const plot_model *m, const cli_arguments *arguments,
                                 const char *input, size_t max_frames)
{
  specrnn_status status;
  *data = (animate_data){0};
  if (input && plot_array_is(input)) {
    status = read_array(data, m, input, max_frames);
  } else if (!m->has_front_end) {
    report_failure(model_source_name(m->path), "does not say how sound becomes the %zu features that it reads",
                   specrnn_model_describe(m->model)->input_size);
    status = SPECRNN_ERROR_FORMAT;
  } else {
    status = input ? read_sound(data, m, arguments, input, max_frames) : make_demo(data, m, max_frames);
  }
  if (!status && data->n_frames == 0) {
    report_failure(input ? input : "the built-in sound", "too short: not one frame");
    status = SPECRNN_ERROR_EMPTY;
  }
  return status ? status : encode(data, m);
}

void animate_data_release(animate_data *data)
{
  free(data->features);
  free(data->hidden);
  free(data->block);
}
