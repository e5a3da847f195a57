/* A chain of stages over rows. Each keeps a ring of the rows that its window can still touch. */
#include "features/post.h"

#include <math.h>
#include <string.h>

#include "features/delta.h"
#include "features/statistics.h"

/* Kaldi's least variance, before the root. */
static const double LEAST_VARIANCE = 1e-10;

typedef struct stage stage;

typedef struct stage_ops {
  bool (*ready)(const stage *s, uint64_t t);      /* can row t come out? */
  void (*emit)(stage *s, uint64_t t, float *row); /* rows come out in order, once */
} stage_ops;

struct stage {
  const stage_ops *ops;
  const specrnn_features_config *config;
  size_t in_bins;
  size_t out_bins;
  size_t capacity; /* rows of the ring */
  float *ring;     /* (capacity, in_bins) */
  uint64_t n_in;
  uint64_t n_out;
  bool ended;
  size_t source;         /* regression: first column that is differentiated */
  size_t n_source;       /* and their number */
  double *sum, *squares; /* sliding CMVN: (in_bins) over rows [from, to) */
  uint64_t from, to;
  const double *shift, *factor; /* fixed CMVN: (in_bins) */
};

enum { MAX_STAGES = 4 };

struct srn_post {
  specrnn_features_config config;
  stage stages[MAX_STAGES];
  int n_stages;
  size_t n_bins;
  float *between; /* a row on its way from one stage to the next */
};

static float *row_at(const stage *s, uint64_t t)
{
  return s->ring + (size_t)(t % s->capacity) * s->in_bins;
}

static uint64_t held(const stage *s, int64_t t)
{
  if (t < 0) {
    return 0;
  }
  return (uint64_t)t >= s->n_in ? s->n_in - 1 : (uint64_t)t;
}

/* --- deltas */

static bool savgol_ready(const stage *s, uint64_t t)
{
  uint64_t half = (uint64_t)s->config->delta_width / 2;
  return t + half < s->n_in && s->n_in >= (uint64_t)s->config->delta_width;
}

static bool savgol_ready_or_ended(const stage *s, uint64_t t)
{
  return savgol_ready(s, t) || (s->ended && s->n_in >= (uint64_t)s->config->delta_width);
}

/* columns [from, from + count) of the rows around `center` */
static void differentiate(const stage *s, int64_t center, int order, size_t from, size_t count, float *out)
{
  int half = s->config->delta_width / 2;
  srn_delta_weights weights = srn_delta_weights_of(s->config->delta_width, order);
  for (size_t k = 0; k < count; k++) {
    double sum = 0.0;
    for (int n = -half; n <= half; n++) {
      sum += srn_delta_weight(&weights, n) * row_at(s, held(s, center + n))[from + k];
    }
    out[k] = (float)sum;
  }
}

static void savgol_emit(stage *s, uint64_t t, float *row)
{
  int64_t half = s->config->delta_width / 2;
  int64_t center = (int64_t)t < half ? half : (int64_t)t;
  if (center + half >= (int64_t)s->n_in) {
    center = (int64_t)s->n_in - 1 - half;
  }
  memcpy(row, row_at(s, t), s->in_bins * sizeof *row);
  for (int order = 1; order <= s->config->delta_order; order++) {
    differentiate(s, center, order, 0, s->in_bins, row + (size_t)order * s->in_bins);
  }
}

static bool regression_ready(const stage *s, uint64_t t)
{
  return t + (uint64_t)s->config->delta_width / 2 < s->n_in || s->ended;
}

static void regression_emit(stage *s, uint64_t t, float *row)
{
  memcpy(row, row_at(s, t), s->in_bins * sizeof *row);
  differentiate(s, (int64_t)t, 1, s->source, s->n_source, row + s->in_bins);
}

/* --- CMVN */

/* Kaldi's window of row t: [*from, *to), the input's end cut off only once it is known. */
static void sliding_window(const stage *s, uint64_t t, int64_t *from, int64_t *to)
{
  const specrnn_features_config *config = s->config;
  int64_t row = (int64_t)t;
  if (config->cmvn_center) {
    *from = row - config->cmvn_window / 2;
    *to = *from + config->cmvn_window;
  } else {
    *from = row - config->cmvn_window;
    *to = row + 1;
  }
  if (*from < 0) {
    *to -= *from;
    *from = 0;
  }
  if (!config->cmvn_center && *to > row) {
    *to = row + 1 > config->cmvn_min_window ? row + 1 : config->cmvn_min_window;
  }
  if (s->ended && *to > (int64_t)s->n_in) {
    *from -= *to - (int64_t)s->n_in;
    *to = (int64_t)s->n_in;
    *from = *from < 0 ? 0 : *from;
  }
}

static bool sliding_ready(const stage *s, uint64_t t)
{
  int64_t from;
  int64_t to;
  sliding_window(s, t, &from, &to);
  return to <= (int64_t)s->n_in;
}

static void sliding_move(stage *s, const float *row, double sign)
{
  for (size_t k = 0; k < s->in_bins; k++) {
    s->sum[k] += sign * row[k];
    s->squares[k] += sign * row[k] * row[k];
  }
}

static void sliding_emit(stage *s, uint64_t t, float *row)
{
  int64_t from;
  int64_t to;
  sliding_window(s, t, &from, &to);
  for (; s->to < (uint64_t)to; s->to++) {
    sliding_move(s, row_at(s, s->to), 1.0);
  }
  for (; s->from < (uint64_t)from; s->from++) {
    sliding_move(s, row_at(s, s->from), -1.0);
  }
  double n = (double)(to - from);
  const float *in = row_at(s, t);
  for (size_t k = 0; k < s->in_bins; k++) {
    double mean = s->sum[k] / n;
    double value = in[k] - mean;
    if (s->config->cmvn_variance) {
      value = n == 1.0 ? 0.0 : value / sqrt(fmax(s->squares[k] / n - mean * mean, LEAST_VARIANCE));
    }
    row[k] = (float)value;
  }
}

static bool always_ready(const stage *s, uint64_t t)
{
  return t < s->n_in;
}

static void fixed_emit(stage *s, uint64_t t, float *row)
{
  const float *in = row_at(s, t);
  for (size_t k = 0; k < s->in_bins; k++) {
    row[k] = (float)((in[k] - s->shift[k]) * s->factor[k]);
  }
}

/* --- splicing */

static bool splice_ready(const stage *s, uint64_t t)
{
  return t + (uint64_t)s->config->splice_right < s->n_in || s->ended;
}

static void splice_emit(stage *s, uint64_t t, float *row)
{
  for (int n = -s->config->splice_left; n <= s->config->splice_right; n++) {
    memcpy(row, row_at(s, held(s, (int64_t)t + n)), s->in_bins * sizeof *row);
    row += s->in_bins;
  }
}

static const stage_ops SAVGOL = {savgol_ready_or_ended, savgol_emit};
static const stage_ops REGRESSION = {regression_ready, regression_emit};
static const stage_ops SLIDING = {sliding_ready, sliding_emit};
static const stage_ops FIXED = {always_ready, fixed_emit};
static const stage_ops SPLICE = {splice_ready, splice_emit};

/* --- the chain */

/* While the arena counts, `post` is a stand-in on the stack: sizes are the same in both passes. */
static stage *add_stage(srn_post *post, srn_arena *arena, const stage_ops *ops, size_t out_bins, size_t capacity)
{
  stage *s = &post->stages[post->n_stages++];
  *s = (stage){.ops = ops, .in_bins = post->n_bins, .out_bins = out_bins, .capacity = capacity};
  s->ring = srn_arena_take(arena, capacity * s->in_bins, sizeof *s->ring);
  post->n_bins = out_bins;
  return s;
}

static void add_deltas(srn_post *post, srn_arena *arena, const specrnn_features_config *config)
{
  size_t base = post->n_bins;
  size_t capacity = 2 * (size_t)config->delta_width + 1;
  if (config->delta_order && config->delta_kind == SPECRNN_DELTA_SAVGOL) {
    add_stage(post, arena, &SAVGOL, base * (1 + (size_t)config->delta_order), capacity);
    return;
  }
  for (size_t order = 1; order <= (size_t)config->delta_order; order++) {
    stage *s = add_stage(post, arena, &REGRESSION, base * (order + 1), capacity);
    s->source = base * (order - 1);
    s->n_source = base;
  }
}

static void fill_fixed(double *shift, double *factor, const specrnn_statistics *statistics, bool variance, size_t n)
{
  specrnn_statistics_read(statistics, shift, factor, NULL, NULL);
  for (size_t k = 0; k < n; k++) {
    factor[k] = variance ? srn_cmvn_factor(factor[k]) : 1.0;
  }
}

static void add_cmvn(srn_post *post, srn_arena *arena, const specrnn_features_config *config,
                     const specrnn_statistics *statistics)
{
  size_t n = post->n_bins;
  if (config->cmvn == SPECRNN_CMVN_NONE) {
    return;
  }
  if (config->cmvn == SPECRNN_CMVN_SLIDING) {
    size_t window =
        (size_t)(config->cmvn_window > config->cmvn_min_window ? config->cmvn_window : config->cmvn_min_window);
    stage *s = add_stage(post, arena, &SLIDING, n, 2 * window + 4);
    s->sum = srn_arena_take(arena, n, sizeof *s->sum);
    s->squares = srn_arena_take(arena, n, sizeof *s->squares);
    return;
  }
  stage *s = add_stage(post, arena, &FIXED, n, 1);
  double *shift = srn_arena_take(arena, n, sizeof *shift);
  double *factor = srn_arena_take(arena, n, sizeof *factor);
  if (shift && factor) {
    fill_fixed(shift, factor, statistics, config->cmvn_variance, n);
  }
  s->shift = shift;
  s->factor = factor;
}

static void add_splice(srn_post *post, srn_arena *arena, const specrnn_features_config *config)
{
  size_t n_frames = 1 + (size_t)config->splice_left + (size_t)config->splice_right;
  if (n_frames > 1) {
    add_stage(post, arena, &SPLICE, post->n_bins * n_frames, n_frames + 1);
  }
}

srn_post *srn_post_build(srn_arena *arena, const srn_setup *setup, srn_post_part part,
                         const specrnn_statistics *statistics)
{
  const specrnn_features_config *config = &setup->config;
  srn_post *post = srn_arena_take(arena, 1, sizeof *post);
  srn_post planned = {.config = *config, .n_bins = setup->n_base};
  if (part == SRN_POST_FROM_CMVN) {
    planned.n_bins = setup->n_delta;
  } else {
    add_deltas(&planned, arena, config);
  }
  if (part != SRN_POST_BEFORE_CMVN) {
    add_cmvn(&planned, arena, config, statistics);
    add_splice(&planned, arena, config);
  }
  planned.between = srn_arena_take(arena, setup->n_bins, sizeof *planned.between);
  if (post) {
    *post = planned;
    for (int i = 0; i < post->n_stages; i++) {
      post->stages[i].config = &post->config;
    }
  }
  return post;
}

void srn_post_reset(srn_post *post)
{
  for (int i = 0; i < post->n_stages; i++) {
    stage *s = &post->stages[i];
    s->n_in = s->n_out = s->from = s->to = 0;
    s->ended = false;
    for (size_t k = 0; s->sum && k < s->in_bins; k++) {
      s->sum[k] = s->squares[k] = 0.0;
    }
  }
}

bool srn_post_is_empty(const srn_post *post)
{
  return !post->n_stages;
}

size_t srn_post_n_bins(const srn_post *post)
{
  return post->n_bins;
}

static void stage_push(stage *s, const float *row)
{
  memcpy(row_at(s, s->n_in), row, s->in_bins * sizeof *row);
  s->n_in++;
}

void srn_post_push(srn_post *post, const float *row)
{
  stage_push(&post->stages[0], row);
}

void srn_post_end(srn_post *post)
{
  post->stages[0].ended = true;
}

static specrnn_status stage_pull(stage *s, float *row)
{
  bool more = s->n_out < s->n_in;
  if (more && s->ops->ready(s, s->n_out)) {
    s->ops->emit(s, s->n_out++, row);
    return SPECRNN_OK;
  }
  return s->ended ? SPECRNN_END : SPECRNN_NEED_INPUT;
}

/* From the last stage towards the first, until one has a row; then that row moves one stage on. */
specrnn_status srn_post_pull(srn_post *post, float *row)
{
  int last = post->n_stages - 1;
  int i = last;
  for (;;) {
    specrnn_status status = stage_pull(&post->stages[i], i == last ? row : post->between);
    if (status == SPECRNN_OK && i == last) {
      return status;
    }
    if (status == SPECRNN_OK) {
      stage_push(&post->stages[++i], post->between);
    } else if (i == last && status == SPECRNN_END) {
      return status;
    } else if (status == SPECRNN_END) {
      post->stages[++i].ended = true;
    } else if (i == 0) {
      return status;
    } else {
      i--;
    }
  }
}
