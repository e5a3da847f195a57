/* Sound through a model: audio -> features -> hidden states, block by block, shown to an observer on the way. */
#ifndef SPECRNN_TOOLS_ANALYSIS_H
#define SPECRNN_TOOLS_ANALYSIS_H

#include "specrnn/audio.h"
#include "specrnn/features.h"
#include "specrnn/model.h"

/* Sees everything in order; memory does not grow with the input. Another status than SPECRNN_OK stops the analysis. */
typedef struct analysis_observer {
  specrnn_status (*samples)(void *user, const float *samples, size_t n_samples);
  /* features (n_frames, n_features); hidden: a pointer per layer to (n_frames, width); output (n_frames, output_size)
   */
  specrnn_status (*frames)(void *user, const float *features, const float *const *hidden, const float *output,
                           size_t n_frames);
  void *user;
} analysis_observer;

typedef struct analysis_config {
  const char *path; /* "-" is standard input */
  const specrnn_model *model;
  const specrnn_features_config *front_end; /* resolved */
  specrnn_audio_config audio;               /* its rate and channels are set by the analysis */
} analysis_config;

typedef struct analysis_result {
  specrnn_audio_info audio;
  uint64_t n_samples; /* at the front end's rate */
  double duration_s;  /* of those */
  double peak, rms;   /* of those; full scale is 1 */
  uint64_t n_frames;
} analysis_result;

SPECRNN_MUST_CHECK specrnn_status analysis_run(const analysis_config *config, const analysis_observer *observer,
                                               analysis_result *result, const specrnn_log *log);

/* n as decibels below full scale; -inf for silence. */
double decibels_full_scale(double level);

/* How a level and the begin of what was analysed are told: "-12.3 dBFS" or "silence"; " from 1:00:00", or "" where that
 * is the begin of the file. */
enum { LEVEL_SIZE = 32, ANALYSIS_BEGIN_SIZE = 48 };
void level_text(char *text, size_t size, double level);
void analysis_begin_text(char *text, size_t size, const specrnn_audio_config *audio);

#endif
