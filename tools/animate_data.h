/* The numbers that an animation shows: features of an input and what a model makes of them, all in memory. */
#ifndef SPECRNN_TOOLS_ANIMATE_DATA_H
#define SPECRNN_TOOLS_ANIMATE_DATA_H

#include "plot_model.h"

/* The name of the sound of a call without an input: the sample that is inside the program. */
#define ANIMATE_SAMPLE "test.wav"

typedef struct animate_data {
  size_t n_frames;
  float *features; /* (n_frames, input_size) */
  float **hidden;  /* n_layers pointers to (n_frames, width) */
  float *block;    /* what they point into */
} animate_data;

/* Reads at most max_frames frames of `input` (sound, or an array of features; NULL: the sample) and runs them
 * through the model from a zero state. Says itself what is wrong. To be released in either case. */
SPECRNN_MUST_CHECK specrnn_status animate_data_make(animate_data *data, const plot_model *m,
                                                    const cli_arguments *arguments, const char *input,
                                                    size_t max_frames);
void animate_data_release(animate_data *data);

#endif
