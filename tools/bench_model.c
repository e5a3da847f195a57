/* A recurrent model that is measured. */
#include "bench_model.h"

#include <stdlib.h>

#include "bench.h"
#include "report.h"

bool bench_model_prepare(bench_model *b, size_t n_frames, const specrnn_log *log)
{
  b->info = specrnn_model_describe(b->model);
  if (!b->info->bidirectional && specrnn_encoder_create(&b->encoder, b->model, log)) {
    return false;
  }
  b->n_frames = n_frames;
  b->input = calloc(n_frames, b->info->input_size * sizeof *b->input);
  b->output = calloc(n_frames, b->info->output_size * sizeof *b->output);
  if (!b->input || !b->output) {
    report_memory();
    return false;
  }
  bench_fill_noise(b->input, n_frames * b->info->input_size);
  return true;
}

bool bench_model_prepare_streams(bench_model *b, size_t n_streams, const specrnn_log *log)
{
  b->encoders = calloc(n_streams, sizeof *b->encoders);
  b->now = calloc(n_streams, sizeof *b->now);
  b->outputs = calloc(n_streams, sizeof *b->outputs);
  if (!b->encoders || !b->now || !b->outputs) {
    report_memory();
    return false;
  }
  for (size_t i = 0; i < n_streams; i++, b->n_streams++) {
    b->outputs[i].output = b->output;
    if (specrnn_encoder_create(&b->encoders[i], b->model, log)) {
      return false;
    }
  }
  return specrnn_encoder_group_create(&b->group, b->model, n_streams, log) == SPECRNN_OK;
}

void bench_model_release(bench_model *b)
{
  for (size_t i = 0; i < b->n_streams; i++) {
    specrnn_encoder_destroy(&b->encoders[i]);
  }
  specrnn_encoder_group_destroy(&b->group);
  free(b->encoders);
  free(b->now);
  free(b->outputs);
  specrnn_encoder_destroy(&b->encoder);
  specrnn_model_destroy(&b->model);
  free(b->input);
  free(b->output);
}

static void run_both_directions(const bench_model *b)
{
  specrnn_batch batch = SPECRNN_BATCH_INIT;
  batch.input = b->input;
  batch.n_frames = b->n_frames;
  batch.output = b->output;
  if (specrnn_model_forward(b->model, &batch, NULL)) {
    return; /* memory is out: the time will show it */
  }
}

void bench_model_run_offline(void *user)
{
  bench_model *b = user;
  if (!b->encoder) {
    run_both_directions(b);
    return;
  }
  const specrnn_encoder_output output = {.hidden = NULL, .output = b->output, .trace = NULL};
  specrnn_encoder_reset(b->encoder);
  specrnn_encoder_process(b->encoder, b->input, b->n_frames, &output);
}

void bench_model_step(bench_model *b, const float *frame)
{
  const specrnn_encoder_output output = {.hidden = NULL, .output = b->output, .trace = NULL};
  specrnn_encoder_process(b->encoder, frame, 1, &output);
}

void bench_model_run_stream(void *user)
{
  bench_model *b = user;
  specrnn_encoder_reset(b->encoder);
  for (size_t t = 0; t < b->n_frames; t++) {
    bench_model_step(b, b->input + t * b->info->input_size);
  }
}

static void start_streams(bench_model *b, size_t frame)
{
  for (size_t i = 0; i < b->n_streams; i++) {
    if (frame == 0) {
      specrnn_encoder_reset(b->encoders[i]);
    }
    b->now[i] = b->input + (frame + i) % b->n_frames * b->info->input_size;
  }
}

void bench_model_run_batch(void *user)
{
  bench_model *b = user;
  for (size_t t = 0; t < b->n_frames; t++) {
    start_streams(b, t);
    if (specrnn_encoder_group_process(b->group, b->encoders, b->now, b->n_streams, b->outputs)) {
      return; /* cannot be: they all run the group's model */
    }
  }
}

void bench_model_run_one_by_one(void *user)
{
  bench_model *b = user;
  for (size_t t = 0; t < b->n_frames; t++) {
    start_streams(b, t);
    for (size_t i = 0; i < b->n_streams; i++) {
      specrnn_encoder_process(b->encoders[i], b->now[i], 1, &b->outputs[i]);
    }
  }
}
