/* The numbers that an animation shows. */
#include "animate_data.h"

#include <stdlib.h>
#include <string.h>

#include "feature_run.h"
#include "front_end.h"
#include "plot_array.h"
#include "readable.h"
#include "report.h"
#include "sample_sound.h"

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

/* NULL: the sample inside the program. */
static specrnn_status open_sound(specrnn_audio **audio, const char *input, const specrnn_audio_config *config,
                                 const specrnn_log *log)
{
  return input ? readable_audio_open(audio, input, config, log)
               : specrnn_audio_open_memory(audio, sample_sound, sizeof sample_sound, config, log);
}

static specrnn_status read_sound(animate_data *data, const plot_model *m, const cli_arguments *arguments,
                                 const char *input, size_t max_frames)
{
  collector c = {.data = data, .max_frames = max_frames};
  specrnn_log log = report_log(input ? input : ANIMATE_SAMPLE);
  feature_run_config run = {.front_end = &m->front_end};
  if (!front_end_audio(arguments, &m->front_end, &run.audio)) {
    return SPECRNN_ERROR_ARGUMENT;
  }
  if (run.audio.channels == SPECRNN_AUDIO_ALL || run.audio.channels == SPECRNN_AUDIO_FEATURES) {
    report_usage("--channels: an animation is of the mean of the channels, or of one of them");
    return SPECRNN_ERROR_ARGUMENT;
  }
  const specrnn_row_sink sink = {.write = collect, .user = &c};
  specrnn_audio *audio = NULL;
  specrnn_status status = open_sound(&audio, input, &run.audio, &log);
  if (!status) {
    specrnn_compute_result result;
    status = feature_run_audio(audio, &run, &sink, &result, &log);
  }
  specrnn_audio_close(&audio);
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
  size_t n_rows = array.n_rows < max_frames ? array.n_rows : max_frames;
  float *floats = status ? NULL : calloc(n_rows, width * sizeof *floats);
  if (!status && !floats) {
    status = out_of_memory();
  }
  for (size_t i = 0; !status && i < n_rows * width; i++) {
    floats[i] = (float)array.data[i];
  }
  status = status ? status : collect(&c, floats, n_rows, width);
  free(floats);
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
    status = read_sound(data, m, arguments, input, max_frames);
  }
  if (!status && data->n_frames == 0) {
    report_failure(input ? input : ANIMATE_SAMPLE, "too short: not one frame");
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
