/* A sliding store of samples. Memory is bounded: what no coming frame can touch is dropped. */
#include "features/samples.h"

#include <string.h>

#include "core/rng.h"
#include "features/analysis.h"

/* Samples that can wait without a frame being ready. */
static size_t longest_wait(const srn_framing *framing)
{
  size_t frame = (size_t)framing->n_fft + (size_t)framing->win_length;
  return frame + 2 * (size_t)framing->hop + (size_t)framing->pad + (size_t)framing->reach + 2;
}

void srn_samples_build(srn_samples *samples, srn_arena *arena, const srn_setup *setup, size_t max_push)
{
  const specrnn_features_config *config = &setup->config;
  size_t wait = longest_wait(&setup->framing);
  size_t limit = max_push > SIZE_MAX / 2 ? SIZE_MAX / 2 : wait + max_push; /* the arena refuses what is too much */
  size_t capacity = limit + wait;                                          /* room to move the store seldom */
  float *data = srn_arena_take(arena, capacity, sizeof *data);
  float *scratch = srn_arena_take(arena, (size_t)setup->framing.win_length * SRN_LANES, sizeof *scratch);
  *samples = (srn_samples){.framing = setup->framing,
                           .scale = config->input_scale,
                           .dither = config->dither,
                           .seed = config->seed,
                           .capacity = capacity,
                           .limit = limit,
                           .data = data,
                           .scratch = scratch};
}

void srn_samples_reset(srn_samples *samples)
{
  samples->used = 0;
  samples->base = 0;
  samples->n_pushed = 0;
  samples->next = 0;
  samples->ended = false;
}

/* Samples that belong to the input: pushed, and within the fixed duration. */
static uint64_t present(const srn_samples *samples)
{
  uint64_t fit = samples->framing.fit;
  return fit && samples->n_pushed > fit ? fit : samples->n_pushed;
}

/* First sample that a coming frame can touch. */
static uint64_t needed_from(const srn_samples *samples)
{
  uint64_t n = present(samples);
  int64_t position = srn_framing_position(&samples->framing, samples->next);
  uint64_t from = position < 0 ? 0 : (uint64_t)position;
  uint64_t reach = (uint64_t)samples->framing.reach + 1;
  uint64_t mirror = n > reach ? n - reach : 0;
  return from < mirror ? from : mirror;
}

static void drop_old(srn_samples *samples)
{
  uint64_t from = needed_from(samples);
  uint64_t end = samples->base + samples->used;
  if (from > end) {
    from = end;
  }
  if (from > samples->base) {
    size_t gone = (size_t)(from - samples->base);
    memmove(samples->data, samples->data + gone, (samples->used - gone) * sizeof *samples->data);
    samples->used -= gone;
    samples->base = from;
  }
}

static void append(srn_samples *samples, const float *values, size_t count)
{
  float *out = samples->data + samples->used;
  if (samples->scale == 1.0 && samples->dither == 0.0) {
    memcpy(out, values, count * sizeof *out);
  } else {
    for (size_t i = 0; i < count; i++) {
      double noise = 0.0;
      if (samples->dither != 0.0) {
        noise = samples->dither * srn_random_normal(samples->seed, samples->base + samples->used + i);
      }
      out[i] = (float)(values[i] * samples->scale + noise);
    }
  }
  samples->used += count;
}

bool srn_samples_push(srn_samples *samples, const float *values, size_t count)
{
  uint64_t from = needed_from(samples);
  uint64_t end = samples->base + samples->used;
  uint64_t waiting = from < end ? end - from : 0;
  if (count > samples->limit || waiting > samples->limit - count) {
    return false;
  }
  size_t kept = count;
  uint64_t fit = samples->framing.fit;
  if (fit) {
    uint64_t room = fit - present(samples);
    kept = room < count ? (size_t)room : count;
  }
  if (kept > samples->capacity - samples->used) {
    drop_old(samples);
  }
  append(samples, values, kept);
  samples->n_pushed += count;
  return true;
}

uint64_t srn_samples_ready(const srn_samples *samples)
{
  uint64_t n = present(samples);
  uint64_t complete =
      samples->ended ? srn_framing_count(&samples->framing, n) : srn_framing_ready(&samples->framing, n);
  return complete > samples->next ? complete - samples->next : 0;
}

/* Sample by sample: the frame reaches beyond an end, or into the zeros that fill a fixed duration. */
static void cut_at_edge(const srn_samples *samples, int64_t position, float *out)
{
  uint64_t n = present(samples);
  uint64_t length = samples->framing.fit ? samples->framing.fit : n;
  for (int i = 0; i < samples->framing.win_length; i++) {
    int64_t at = position + i;
    if (at < 0 || (uint64_t)at >= length) {
      at = srn_framing_source(&samples->framing, at, length);
    }
    bool held = at >= 0 && (uint64_t)at < n;
    out[i] = held ? samples->data[(uint64_t)at - samples->base] : 0.0F;
  }
}

void srn_samples_cut(srn_samples *samples, const float **frames, int n)
{
  int length = samples->framing.win_length;
  int64_t end = (int64_t)(samples->base + samples->used);
  for (int b = 0; b < n; b++) {
    int64_t position = srn_framing_position(&samples->framing, samples->next + (uint64_t)b);
    if (position >= (int64_t)samples->base && position + length <= end) {
      frames[b] = samples->data + (size_t)(position - (int64_t)samples->base);
    } else {
      float *scratch = samples->scratch + (size_t)b * (size_t)length;
      cut_at_edge(samples, position, scratch);
      frames[b] = scratch;
    }
  }
  samples->next += (uint64_t)n;
}
