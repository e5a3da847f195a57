/* One sound file through a front end: what `features`, `stats` and `plot` have in common. */
#ifndef SPECRNN_TOOLS_FEATURE_RUN_H
#define SPECRNN_TOOLS_FEATURE_RUN_H

#include <stdbool.h>

#include "specrnn/audio.h"
#include "specrnn/features.h"

typedef struct feature_run_config {
  const specrnn_features_config *front_end; /* resolved */
  specrnn_audio_config audio;               /* front_end_audio */
  const specrnn_statistics *statistics;     /* for --cmvn file, or NULL */
  const char *progress_name;                /* of a single input, for a progress line; NULL for none */
} feature_run_config;

/* How far a single sound is read, on a terminal, where it takes long. report_progress_end clears it. */
void sound_progress(const specrnn_audio *audio, const specrnn_audio_config *segment, const char *name);

/* Opens `path` ("-" is standard input) and gives every row to the sink. `channels` (may be NULL) receives the number of
 * channels before the first row arrives. */
SPECRNN_MUST_CHECK specrnn_status feature_run(const char *path, const feature_run_config *config,
                                              const specrnn_row_sink *sink, int *channels,
                                              specrnn_compute_result *result, const specrnn_log *log);

/* The same of a sound that is open, at the front end's rate. */
SPECRNN_MUST_CHECK specrnn_status feature_run_audio(specrnn_audio *audio, const feature_run_config *config,
                                                    const specrnn_row_sink *sink, specrnn_compute_result *result,
                                                    const specrnn_log *log);

/* Statistics as `specrnn stats` writes them. */
SPECRNN_MUST_CHECK specrnn_status statistics_load(specrnn_statistics **out, const char *path);

/* Those that the front end asks for with cmvn = file, from --stats: `path`, or NULL where it is not given. *out stays
 * as it is where none are asked for; `front_end` is NULL where there is no sound.
 * @return SPECRNN_ERROR_ARGUMENT, after a message, where one is there without the other. */
SPECRNN_MUST_CHECK specrnn_status statistics_for(specrnn_statistics **out, const specrnn_features_config *front_end,
                                                 const char *path);

#endif
