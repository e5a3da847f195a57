/* Single steps of a recurrent model: how long each takes, back to back or at the pace of a stream. */
#ifndef SPECRNN_TOOLS_BENCH_STEPS_H
#define SPECRNN_TOOLS_BENCH_STEPS_H

#include <jansson.h>

#include "bench_model.h"

typedef struct bench_steps {
  size_t n_steps; /* of each phase */
  double hop_s;   /* from one step to the next, which waits for its time; 0: as soon as the last is done */
} bench_steps;

/* Times the steps on noise, then on silence, where states decay, then on a sound that has faded below the least normal
 * number. Adds to `facts`, in microseconds: step_p50_us, step_p999_us, step_max_us, the same as step_silence_... and
 * step_fading_..., and silence_ratio and fading_ratio, what these cost of what noise costs; with a hop also
 * due_p999_us and due_max_us, from the moment when a frame was due to the end of its step. False after a message. */
bool bench_steps_measure(bench_model *b, const bench_steps *config, json_t *facts);

#endif
