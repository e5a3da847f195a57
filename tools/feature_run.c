/* One sound file through a front end. */
#include "feature_run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "limit.h"
#include "readable.h"
#include "report.h"
#include "specrnn/io.h"

typedef struct source {
  specrnn_audio *audio;
  const specrnn_log *log;
  const feature_run_config *config;
} source;

void sound_progress(const specrnn_audio *audio, const specrnn_audio_config *segment, const char *name)
{
  specrnn_audio_info info;
  specrnn_audio_get_info(audio, &info);
  if (info.n_header_frames >= 0) {
    double whole_s = (double)info.n_header_frames / info.native_rate_hz - segment->offset_s;
    double done_s = (double)info.n_native_frames / info.native_rate_hz;
    report_part(done_s, fmin(whole_s, segment->duration_s), name);
  }
}

static specrnn_status read_source(void *user, float *samples, size_t max_frames, size_t *n_frames)
{
  source *s = user;
  if (s->config->progress_name) {
    sound_progress(s->audio, &s->config->audio, s->config->progress_name);
  }
  return specrnn_audio_read(s->audio, samples, max_frames, n_frames, s->log);
}

specrnn_status feature_run_audio(specrnn_audio *audio, const feature_run_config *config, const specrnn_row_sink *sink,
                                 specrnn_compute_result *result, const specrnn_log *log)
{
  source s = {.audio = audio, .log = log, .config = config};
  specrnn_audio_info info;
  specrnn_audio_get_info(audio, &info);
  const specrnn_sample_source samples = {.read = read_source, .user = &s, .channels = info.channels};
  specrnn_compute_options options = SPECRNN_COMPUTE_OPTIONS_INIT;
  options.statistics = config->statistics;
  options.channel_layout =
      config->audio.channels == SPECRNN_AUDIO_FEATURES ? SPECRNN_CHANNELS_FEATURES : SPECRNN_CHANNELS_LEADING;
  return specrnn_features_compute(config->front_end, &samples, sink, &options, result, log);
}

specrnn_status feature_run(const char *path, const feature_run_config *config, const specrnn_row_sink *sink,
                           int *channels, specrnn_compute_result *result, const specrnn_log *log)
{
  specrnn_audio *audio = NULL;
  specrnn_status status = readable_audio_open(&audio, path, &config->audio, log);
  if (status) {
    return status;
  }
  specrnn_audio_info info;
  specrnn_audio_get_info(audio, &info);
  if (channels) {
    *channels = info.channels;
  }
  status = feature_run_audio(audio, config, sink, result, log);
  specrnn_audio_close(&audio);
  return status;
}

/* -----------------------------------------------------------------------------------------------------------
 * statistics */

/* One vector of doubles; every vector of a file has the length of the first. */
static specrnn_status read_vector(specrnn_npz *npz, const char *name, specrnn_array **out, size_t *n_bins,
                                  const specrnn_log *log)
{
  specrnn_status status = specrnn_npz_read(out, npz, name, log);
  if (status) {
    return status;
  }
  const specrnn_array *array = *out;
  if (array->dtype != SPECRNN_F64 || array->rank != 1 || (*n_bins && array->shape[0] != *n_bins)) {
    log->write(log->user, SPECRNN_LOG_ERROR,
               "no file of statistics: mean, deviation, minimum and maximum are float64 "
               "vectors of one length");
    return SPECRNN_ERROR_SHAPE;
  }
  *n_bins = array->shape[0];
  return SPECRNN_OK;
}

specrnn_status statistics_load(specrnn_statistics **out, const char *path)
{
  static const char *const NAMES[] = {"mean", "deviation", "minimum", "maximum"};
  enum { N_VECTORS = sizeof NAMES / sizeof *NAMES };
  specrnn_array *vectors[N_VECTORS] = {NULL};
  specrnn_array *count = NULL;
  specrnn_npz *npz = NULL;
  size_t n_bins = 0;
  specrnn_log log = report_log(path);
  specrnn_status status = limit_npz_open(&npz, path, &log);
  for (size_t i = 0; !status && i < N_VECTORS; i++) {
    status = read_vector(npz, NAMES[i], &vectors[i], &n_bins, &log);
  }
  if (!status) {
    status = specrnn_npz_read(&count, npz, "count", &log);
  }
  if (!status && (count->dtype != SPECRNN_I64 || specrnn_array_count(count) != 1 || *(int64_t *)count->data < 0)) {
    report_failure(path, "no file of statistics: count must be one int64");
    status = SPECRNN_ERROR_SHAPE;
  }
  if (!status) {
    status = specrnn_statistics_restore(out, n_bins, (uint64_t) * (int64_t *)count->data, vectors[0]->data,
                                        vectors[1]->data, vectors[2]->data, vectors[3]->data, &log);
  }
  for (size_t i = 0; i < N_VECTORS; i++) {
    specrnn_array_destroy(&vectors[i]);
  }
  specrnn_array_destroy(&count);
  specrnn_npz_close(&npz);
  return status == SPECRNN_ERROR_ARGUMENT ? SPECRNN_ERROR_FORMAT
                                          : status; /* what a file lacks is no fault of the call */
}

specrnn_status statistics_for(specrnn_statistics **out, const specrnn_features_config *front_end, const char *path)
{
  bool needed = front_end && front_end->cmvn == SPECRNN_CMVN_FILE;
  if (needed != (path != NULL)) {
    report_usage(needed ? "--cmvn file: needs --stats FILE" : "--stats: needs --cmvn file");
    return SPECRNN_ERROR_ARGUMENT;
  }
  return needed ? statistics_load(out, path) : SPECRNN_OK;
}
