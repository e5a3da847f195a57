/* A recurrent model that is measured: as a whole, frame by frame, or as many streams. */
#ifndef SPECRNN_TOOLS_BENCH_MODEL_H
#define SPECRNN_TOOLS_BENCH_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "specrnn/encoder.h"

typedef struct bench_model {
  specrnn_model *model; /* owned from the start on; the rest comes from bench_model_prepare */
  const specrnn_model_info *info;
  specrnn_encoder *encoder; /* NULL for a bidirectional model, which runs offline only */
  size_t n_frames;
  float *input;  /* (n_frames, input_size): noise */
  float *output; /* (n_frames, output_size) */
  /* Many streams, from bench_model_prepare_streams: */
  size_t n_streams;
  specrnn_encoder_group *group;
  specrnn_encoder **encoders;      /* (n_streams) */
  const float **now;               /* (n_streams) the frame of each in this step */
  specrnn_encoder_output *outputs; /* (n_streams) */
} bench_model;

/* An encoder for b->model, where it can have one, and frames for it. False after a message. */
bool bench_model_prepare(bench_model *b, size_t n_frames, const specrnn_log *log);

/* Streams over it. Each reads the same frames, one later than the stream before it. False after a message. */
bool bench_model_prepare_streams(bench_model *b, size_t n_streams, const specrnn_log *log);

void bench_model_release(bench_model *b);

/* All frames, of every stream where there are streams, from the initial state on; for bench_run. `user` is the model.
 * In one call; one call for each frame; one call for a frame of every stream; streams one after the other. */
void bench_model_run_offline(void *user);
void bench_model_run_stream(void *user);
void bench_model_run_batch(void *user);
void bench_model_run_one_by_one(void *user);

/* One frame of input_size features through the encoder. */
void bench_model_step(bench_model *b, const float *frame);

#endif
