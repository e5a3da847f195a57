/* The pictures of `specrnn analyze`: spectrogram, a map per layer, all maps stacked, and the overview. */
#ifndef SPECRNN_TOOLS_ANALYZE_PICTURES_H
#define SPECRNN_TOOLS_ANALYZE_PICTURES_H

#include "specrnn/features.h"
#include "specrnn/model.h"
#include "specrnn/plot.h"

typedef struct analyze_pictures analyze_pictures;

typedef struct analyze_pictures_config {
  const specrnn_model *model;
  const specrnn_features_config *front_end; /* resolved */
  specrnn_figure_config look;               /* size is set per picture */
  bool literal;                             /* titles, axes and colours of the tutorial */
  double offset_s;                          /* of the input's begin in its file */
  const char *input;                        /* the file's name as it is shown */
  const char *model_path;                   /* NULL: the model in the program */
  const char *command_line;                 /* into the metadata */
} analyze_pictures_config;

SPECRNN_MUST_CHECK specrnn_status analyze_pictures_create(analyze_pictures **out, const analyze_pictures_config *config,
                                                          const specrnn_log *log);
void analyze_pictures_destroy(analyze_pictures **pictures);

/* What an analysis_observer receives; `user` is the analyze_pictures. */
specrnn_status analyze_pictures_samples(void *user, const float *samples, size_t n_samples);
specrnn_status analyze_pictures_frames(void *user, const float *features, const float *const *hidden,
                                       const float *output, size_t n_frames);

/* The pictures in the order in which they are listed. */
size_t analyze_pictures_count(const analyze_pictures *pictures);
const char *analyze_picture_name(const analyze_pictures *pictures, size_t index); /* "spectrogram.png" */
specrnn_figure *analyze_picture_figure(const analyze_pictures *pictures, size_t index);

#endif
