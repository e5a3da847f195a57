/* Single steps of a recurrent model. */
#include "bench_steps.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench.h"
#include "report.h"
#include "whole.h"

/* What the model hears. */
typedef struct phase {
  const char *steps; /* the prefix of its facts */
  const char *ratio; /* of its cost to that of the first phase, or NULL */
  float gain;        /* on the noise */
  bool decays_anew;  /* begins again and again with the states that the noise has left */
} phase;

static const phase PHASES[] = {
    {"step", NULL, 1.0f, false},
    {"step_silence", "silence_ratio", 0.0f, true},
    {"step_fading", "fading_ratio", 1e-39f, false}, /* noise of deviation 0.1: all of it denormal */
};

enum {
  N_PHASES = sizeof PHASES / sizeof *PHASES,
  DECAY_STEPS = 256, /* a state that halves with each step is denormal after 126 */
  KEY_SIZE = 64,
};

/* Steps that something else interrupts do not tell what a phase costs. */
static const double COUNTED_SHARE = 0.99;

typedef struct work {
  bench_model *model;
  const bench_steps *config;
  float *frame;    /* (input_size) */
  float *h, *c;    /* the states that the noise has left */
  double *times_s; /* (n_steps) of a phase */
  double *due_s;   /* (N_PHASES, n_steps) from when each was due to its end */
  double start_s;  /* when the first of a phase was due */
  size_t n_done;   /* in all phases */
  double costs_s[N_PHASES];
} work;

static void wait_until(double due_s)
{
  double whole_s = floor(due_s);
  const struct timespec due = {.tv_sec = (time_t)whole_of(whole_s, 0, INT64_MAX),
                               .tv_nsec = (long)whole_of((due_s - whole_s) * 1e9, 0, 999999999)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR) {
  }
}

static void prepare_frame(work *w, const phase *p, size_t step)
{
  bench_model *b = w->model;
  size_t width = b->info->input_size;
  const float *noise = b->input + step % b->n_frames * width;
  for (size_t i = 0; i < width; i++) {
    w->frame[i] = p->gain * noise[i];
  }
  if (p->decays_anew && step % DECAY_STEPS == 0) {
    specrnn_encoder_set_state(b->encoder, w->h, w->c);
  }
}

static void time_step(work *w, size_t step)
{
  double due_s = w->start_s + (double)step * w->config->hop_s;
  if (w->config->hop_s > 0.0) {
    wait_until(due_s);
  }
  double start_s = bench_now_s();
  bench_model_step(w->model, w->frame);
  double end_s = bench_now_s();
  w->times_s[step] = end_s - start_s;
  w->due_s[w->n_done++] = end_s - due_s;
}

static double mean_of_counted(const double *sorted_s, size_t count)
{
  size_t n = (size_t)whole_of(ceil(COUNTED_SHARE * (double)count), 0, (int64_t)count);
  double sum_s = 0.0;
  for (size_t i = 0; i < n; i++) {
    sum_s += sorted_s[i];
  }
  return sum_s / (double)n;
}

static void note(json_t *facts, const char *prefix, const char *what, double seconds)
{
  char key[KEY_SIZE];
  snprintf(key, sizeof key, "%s_%s_us", prefix, what);
  json_object_set_new(facts, key, json_real(1e6 * seconds));
}

static void run_phase(work *w, size_t index, json_t *facts)
{
  const phase *p = &PHASES[index];
  size_t n = w->config->n_steps;
  w->start_s = bench_now_s();
  for (size_t step = 0; step < n; step++) {
    prepare_frame(w, p, step);
    time_step(w, step);
  }
  note(facts, p->steps, "p50", bench_percentile(w->times_s, n, 0.5));
  note(facts, p->steps, "p999", bench_percentile(w->times_s, n, 0.999));
  note(facts, p->steps, "max", bench_percentile(w->times_s, n, 1.0));
  w->costs_s[index] = mean_of_counted(w->times_s, n);
  if (p->ratio) {
    json_object_set_new(facts, p->ratio, json_real(w->costs_s[index] / w->costs_s[0]));
  }
}

static void run_phases(work *w, json_t *facts)
{
  bench_model *b = w->model;
  specrnn_encoder_reset(b->encoder);
  for (size_t i = 0; i < N_PHASES; i++) {
    run_phase(w, i, facts);
    if (i == 0) {
      specrnn_encoder_get_state(b->encoder, w->h, w->c);
    }
  }
  if (w->config->hop_s > 0.0) {
    note(facts, "due", "p999", bench_percentile(w->due_s, w->n_done, 0.999));
    note(facts, "due", "max", bench_percentile(w->due_s, w->n_done, 1.0));
  }
}

bool bench_steps_measure(bench_model *b, const bench_steps *config, json_t *facts)
{
  const specrnn_model_info *info = b->info;
  work w = {.model = b, .config = config};
  w.frame = malloc(info->input_size * sizeof *w.frame);
  w.h = malloc(info->h_size * sizeof *w.h);
  w.c = malloc((info->c_size + 1) * sizeof *w.c);
  w.times_s = malloc(config->n_steps * sizeof *w.times_s);
  w.due_s = calloc(config->n_steps, N_PHASES * sizeof *w.due_s);
  bool good = w.frame && w.h && w.c && w.times_s && w.due_s;
  if (good) {
    run_phases(&w, facts);
  } else {
    report_memory();
  }
  free(w.frame);
  free(w.h);
  free(w.c);
  free(w.times_s);
  free(w.due_s);
  return good;
}
