/* The offline driver: samples in, rows out, in one pass or, where a step needs the whole input, in two or three.
 *
 * Pass 1 feeds an extractor per channel. Where the maximum of the input is needed, it stops at the levels and spools
 * them; pass 2 takes them up again. Where CMVN per utterance is on, rows are spooled before it and normalised in the
 * last pass. Channels one after the other (the leading axis) need a spool too, as they arrive side by side. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/checked.h"
#include "core/fpu.h"
#include "core/log.h"
#include "features/analysis.h"
#include "features/extractor.h"
#include "features/spool.h"

/* Rows at a time: no more, so that they are still in the cache when the sink takes them. */
enum { BLOCK_SAMPLES = 8192, BLOCK_ROWS = 16, MAX_CHANNELS = 1024 };

typedef struct channel {
  specrnn_extractor *extractor;
  srn_spool *first;  /* levels or rows out of pass 1 */
  srn_spool *second; /* rows that wait for CMVN */
  specrnn_statistics *statistics;
  srn_post *post; /* from CMVN on */
  float *rows;    /* (BLOCK_ROWS, widest row) */
  float *levels;  /* (SRN_LANES, n_level) */
} channel;

typedef struct run run;

/* Rows of one channel: SPECRNN_OK with at least one, SPECRNN_NEED_INPUT or SPECRNN_END with none, or a failure. */
typedef specrnn_status (*step)(run *r, channel *c, size_t max_rows, size_t *n_rows);
/* Takes n_rows of c->rows. */
typedef specrnn_status (*consumer)(run *r, channel *c, size_t n_rows);

struct run {
  srn_setup setup;
  const specrnn_sample_source *source;
  const specrnn_row_sink *sink;
  const specrnn_compute_options *options;
  const specrnn_log *log;
  size_t n_channels;
  channel *channels;
  bool wants_maximum; /* barriers */
  bool wants_cmvn;
  bool side_by_side; /* channels as features */
  bool spools_first;
  double maximum; /* of the levels */
  float *block;   /* interleaved samples, then (BLOCK_ROWS, channels * n_bins) rows */
  float *mono;    /* (BLOCK_SAMPLES) */
  srn_fpu_mode callers_mode;
  uint64_t n_samples;
  uint64_t n_frames;
};

/* --- the caller's functions, in the caller's floating-point mode */

static specrnn_status write_rows(const run *r, const float *rows, size_t n_rows, size_t n_bins)
{
  srn_fpu_mode mode = srn_fpu_enter();
  srn_fpu_leave(r->callers_mode);
  specrnn_status status = r->sink->write(r->sink->user, rows, n_rows, n_bins);
  srn_fpu_leave(mode);
  return status;
}

static specrnn_status read_samples(const run *r, size_t most, size_t *n)
{
  srn_fpu_mode mode = srn_fpu_enter();
  srn_fpu_leave(r->callers_mode);
  specrnn_status status = r->source->read(r->source->user, r->block, most, n);
  srn_fpu_leave(mode);
  return status;
}

/* --- steps */

static specrnn_status step_rows(run *r, channel *c, size_t max_rows, size_t *n_rows)
{
  (void)r;
  return specrnn_extractor_pull(c->extractor, c->rows, max_rows, n_rows);
}

static specrnn_status step_levels(run *r, channel *c, size_t max_rows, size_t *n_rows)
{
  (void)r;
  return srn_extractor_pull_levels(c->extractor, c->rows, max_rows, n_rows);
}

/* Rows from stored levels. */
static specrnn_status step_replay(run *r, channel *c, size_t max_rows, size_t *n_rows)
{
  for (;;) {
    size_t n_levels;
    specrnn_status status = specrnn_extractor_pull(c->extractor, c->rows, max_rows, n_rows);
    if (status != SPECRNN_NEED_INPUT) {
      return status;
    }
    status = srn_spool_read(c->first, c->levels, SRN_LANES, &n_levels, r->log);
    if (status) {
      return status;
    }
    if (n_levels) {
      srn_extractor_push_levels(c->extractor, c->levels, n_levels);
    } else if ((status = specrnn_extractor_flush(c->extractor))) {
      return status;
    }
  }
}

static specrnn_status step_spooled(run *r, channel *c, size_t max_rows, size_t *n_rows)
{
  specrnn_status status = srn_spool_read(c->first, c->rows, max_rows, n_rows, r->log);
  return status || *n_rows ? status : SPECRNN_END;
}

/* Rows from those that waited for the statistics of the whole. */
static specrnn_status step_normalise(run *r, channel *c, size_t max_rows, size_t *n_rows)
{
  size_t n = 0;
  while (n < max_rows) {
    size_t n_read;
    specrnn_status status = srn_post_pull(c->post, c->rows + n * r->setup.n_bins);
    if (status == SPECRNN_OK) {
      n++;
    } else if (status == SPECRNN_END) {
      break;
    } else if ((status = srn_spool_read(c->second, c->levels, 1, &n_read, r->log))) {
      return status;
    } else if (n_read) {
      srn_post_push(c->post, c->levels);
    } else {
      srn_post_end(c->post);
    }
  }
  *n_rows = n;
  return n ? SPECRNN_OK : SPECRNN_END;
}

/* --- consumers */

static specrnn_status give(run *r, channel *c, size_t n_rows)
{
  if (c == r->channels) {
    r->n_frames += n_rows;
  }
  return write_rows(r, c->rows, n_rows, r->setup.n_bins);
}

static specrnn_status keep_levels(run *r, channel *c, size_t n_rows)
{
  for (size_t i = 0; i < n_rows; i++) {
    const float *row = c->rows + i * r->setup.n_level;
    for (size_t k = 0; k < r->setup.n_values; k++) {
      r->maximum = row[k] > r->maximum ? row[k] : r->maximum;
    }
  }
  return srn_spool_append(c->first, c->rows, n_rows, r->log);
}

static specrnn_status keep_rows(run *r, channel *c, size_t n_rows)
{
  return srn_spool_append(c->first, c->rows, n_rows, r->log);
}

static specrnn_status keep_for_cmvn(run *r, channel *c, size_t n_rows)
{
  specrnn_statistics_add(c->statistics, c->rows, n_rows);
  return srn_spool_append(c->second, c->rows, n_rows, r->log);
}

/* --- flow */

static bool ran_dry(specrnn_status status)
{
  return status == SPECRNN_NEED_INPUT || status == SPECRNN_END;
}

/* Every channel as far as it goes, one after the other. */
static specrnn_status flow_apart(run *r, step next, consumer take)
{
  for (size_t i = 0; i < r->n_channels; i++) {
    channel *c = &r->channels[i];
    for (;;) {
      size_t n_rows;
      specrnn_status status = next(r, c, BLOCK_ROWS, &n_rows);
      if (ran_dry(status)) {
        break;
      }
      if (status || (status = take(r, c, n_rows))) {
        return status;
      }
    }
  }
  return SPECRNN_OK;
}

/* All channels in step, their rows joined. */
static specrnn_status flow_together(run *r, step next)
{
  size_t n_bins = r->setup.n_bins;
  for (;;) {
    size_t n_rows = 0;
    for (size_t i = 0; i < r->n_channels; i++) {
      specrnn_status status = next(r, &r->channels[i], BLOCK_ROWS, &n_rows);
      if (status) {
        return ran_dry(status) ? SPECRNN_OK : status;
      }
      for (size_t row = 0; row < n_rows; row++) {
        memcpy(r->block + (row * r->n_channels + i) * n_bins, r->channels[i].rows + row * n_bins,
               n_bins * sizeof *r->block);
      }
    }
    r->n_frames += n_rows;
    specrnn_status status = write_rows(r, r->block, n_rows, r->n_channels * n_bins);
    if (status) {
      return status;
    }
  }
}

static specrnn_status flow_out(run *r, step next)
{
  return r->side_by_side ? flow_together(r, next) : flow_apart(r, next, give);
}

/* What pass 1 does after every block of samples. */
static specrnn_status flow_first(run *r)
{
  if (r->wants_maximum) {
    return flow_apart(r, step_levels, keep_levels);
  }
  if (r->wants_cmvn) {
    return flow_apart(r, step_rows, keep_for_cmvn);
  }
  return r->spools_first ? flow_apart(r, step_rows, keep_rows) : flow_out(r, step_rows);
}

static specrnn_status push_block(run *r, size_t n)
{
  for (size_t i = 0; i < r->n_channels; i++) {
    for (size_t t = 0; t < n; t++) {
      r->mono[t] = r->block[t * r->n_channels + i];
    }
    specrnn_status status = specrnn_extractor_push(r->channels[i].extractor, r->mono, n);
    if (status) {
      return status;
    }
  }
  r->n_samples += n;
  return flow_first(r);
}

static specrnn_status flush_all(run *r)
{
  for (size_t i = 0; i < r->n_channels; i++) {
    specrnn_extractor *e = r->channels[i].extractor;
    specrnn_status status = specrnn_extractor_flush(e);
    if (status) {
      return srn_extractor_explain(e, status, r->log);
    }
  }
  return flow_first(r);
}

static specrnn_status pass_first(run *r)
{
  size_t most = BLOCK_SAMPLES / r->n_channels;
  for (;;) {
    size_t n = 0;
    specrnn_status status = read_samples(r, most, &n);
    if (status) {
      return status;
    }
    if (n > most) {
      return srn_fail(r->log, SPECRNN_ERROR_ARGUMENT, "the source gave %zu samples where %zu were asked for", n, most);
    }
    if (!n) {
      break;
    }
    if ((status = push_block(r, n))) {
      return status;
    }
  }
  if (!r->n_samples) {
    return srn_fail(r->log, SPECRNN_ERROR_EMPTY, "no samples");
  }
  return flush_all(r);
}

static specrnn_status pass_replay(run *r)
{
  for (size_t i = 0; i < r->n_channels; i++) {
    specrnn_extractor_reset(r->channels[i].extractor);
    srn_extractor_set_maximum(r->channels[i].extractor, r->maximum);
  }
  return r->wants_cmvn ? flow_apart(r, step_replay, keep_for_cmvn) : flow_out(r, step_replay);
}

static specrnn_status make_post(run *r, channel *c)
{
  srn_arena arena = {0};
  srn_post_build(&arena, &r->setup, SRN_POST_FROM_CMVN, c->statistics);
  size_t bytes = arena.used;
  if (!srn_arena_allocate(&arena)) {
    return srn_fail_memory(r->log, bytes);
  }
  c->post = srn_post_build(&arena, &r->setup, SRN_POST_FROM_CMVN, c->statistics);
  return SPECRNN_OK;
}

static specrnn_status pass_normalise(run *r)
{
  for (size_t i = 0; i < r->n_channels; i++) {
    specrnn_status status = make_post(r, &r->channels[i]);
    if (status) {
      return status;
    }
  }
  return flow_out(r, step_normalise);
}

static specrnn_status run_passes(run *r)
{
  specrnn_status status = pass_first(r);
  if (!status && r->wants_maximum) {
    status = pass_replay(r);
  }
  if (!status && r->wants_cmvn) {
    status = pass_normalise(r);
  } else if (!status && !r->wants_maximum && r->spools_first) {
    status = flow_apart(r, step_spooled, give);
  }
  return status;
}

/* --- set-up */

static size_t widest_row(const srn_setup *setup)
{
  size_t width = setup->n_bins > setup->n_level ? setup->n_bins : setup->n_level;
  return setup->n_delta > width ? setup->n_delta : width;
}

static specrnn_status open_channel(run *r, channel *c, int index)
{
  srn_setup setup = r->setup;
  setup.config.seed += (uint64_t)index; /* channels do not share their dither */
  srn_extractor_spec spec = {r->wants_cmvn ? SRN_POST_BEFORE_CMVN : SRN_POST_ALL, true, BLOCK_SAMPLES,
                             r->options->statistics};
  specrnn_status status = srn_extractor_make(&c->extractor, &setup, &spec, index == 0 ? r->log : NULL);
  size_t width = widest_row(&setup);
  size_t limit = r->options->memory_limit / r->n_channels / 2;
  c->rows = status ? NULL : srn_aligned_calloc(BLOCK_ROWS, width * sizeof(float));
  c->levels = status ? NULL : srn_aligned_calloc(SRN_LANES, width * sizeof(float));
  if (!status && (!c->rows || !c->levels)) {
    status = srn_fail_memory(r->log, BLOCK_ROWS * width * sizeof(float));
  }
  if (!status && r->spools_first) {
    status = srn_spool_create(&c->first, r->wants_maximum ? setup.n_level : setup.n_bins, limit, r->log);
  }
  if (!status && r->wants_cmvn) {
    status = srn_spool_create(&c->second, setup.n_delta, limit, r->log);
  }
  if (!status && r->wants_cmvn) {
    status = specrnn_statistics_create(&c->statistics, setup.n_delta, r->log);
  }
  return status;
}

static specrnn_status open_run(run *r)
{
  size_t rows;
  size_t bytes;
  if (!srn_size_mul(r->n_channels, r->setup.n_bins, &rows) || !srn_size_mul(rows, BLOCK_ROWS * sizeof(float), &bytes)) {
    return srn_fail_memory(r->log, SIZE_MAX);
  }
  size_t sample_bytes = BLOCK_SAMPLES * sizeof(float);
  r->block = srn_aligned_calloc(bytes > sample_bytes ? bytes : sample_bytes, 1);
  r->mono = srn_aligned_calloc(BLOCK_SAMPLES, sizeof *r->mono);
  r->channels = calloc(r->n_channels, sizeof *r->channels);
  if (!r->block || !r->mono || !r->channels) {
    return srn_fail_memory(r->log, bytes);
  }
  specrnn_status status = SPECRNN_OK;
  for (size_t i = 0; !status && i < r->n_channels; i++) {
    status = open_channel(r, &r->channels[i], (int)i);
  }
  return status;
}

static void close_run(run *r)
{
  for (size_t i = 0; r->channels && i < r->n_channels; i++) {
    channel *c = &r->channels[i];
    specrnn_extractor_destroy(&c->extractor);
    srn_spool_destroy(&c->first);
    srn_spool_destroy(&c->second);
    specrnn_statistics_destroy(&c->statistics);
    srn_arena_free(c->post);
    srn_aligned_free(c->rows);
    srn_aligned_free(c->levels);
  }
  free(r->channels);
  srn_aligned_free(r->block);
  srn_aligned_free(r->mono);
}

static void warn_short(const run *r)
{
  const srn_framing *framing = &r->setup.framing;
  if (!r->n_frames) {
    uint64_t frame = (uint64_t)framing->frame_length;
    uint64_t least = framing->fit ? frame : srn_framing_least(framing);
    srn_log(r->log, SPECRNN_LOG_WARNING, "%" PRIu64 " samples give 0 frames: %s %" PRIu64 " samples", r->n_samples,
            least == frame ? "a frame is" : "the first one needs", least);
  }
}

static specrnn_status check_request(const srn_setup *setup, const specrnn_sample_source *source,
                                    const specrnn_compute_options *options, const specrnn_log *log)
{
  if (source->channels < 1 || source->channels > MAX_CHANNELS) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "channels is %d; it must be from 1 to %d", source->channels,
                    MAX_CHANNELS);
  }
  if (options->channel_layout != SPECRNN_CHANNELS_LEADING && options->channel_layout != SPECRNN_CHANNELS_FEATURES) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "channel_layout is %d, which is none of its choices",
                    (int)options->channel_layout);
  }
  return srn_extractor_check_statistics(setup, options->statistics, log);
}

specrnn_status specrnn_features_compute(const specrnn_features_config *config, const specrnn_sample_source *source,
                                        const specrnn_row_sink *sink, const specrnn_compute_options *options,
                                        specrnn_compute_result *result, const specrnn_log *log)
{
  specrnn_compute_options defaults = SPECRNN_COMPUTE_OPTIONS_INIT;
  run r = {.source = source, .sink = sink, .options = options ? options : &defaults, .log = log, .maximum = -INFINITY};
  specrnn_status status = srn_setup_of(&r.setup, config, log);
  if (status || (status = check_request(&r.setup, source, r.options, log))) {
    return status;
  }
  r.n_channels = (size_t)source->channels;
  r.wants_maximum = r.setup.needs_maximum && r.setup.config.maximum == SPECRNN_MAXIMUM_WHOLE;
  r.wants_cmvn = r.setup.config.cmvn == SPECRNN_CMVN_UTTERANCE;
  r.side_by_side = r.n_channels > 1 && r.options->channel_layout == SPECRNN_CHANNELS_FEATURES;
  r.spools_first = r.wants_maximum || (!r.wants_cmvn && r.n_channels > 1 && !r.side_by_side);
  r.callers_mode = srn_fpu_enter();
  status = open_run(&r);
  if (!status) {
    status = run_passes(&r);
  }
  volatile double maximum = r.wants_maximum ? srn_value_of(&r.setup.config, r.maximum) : NAN;
  srn_fpu_leave(r.callers_mode);
  close_run(&r);
  if (status) {
    return status;
  }
  warn_short(&r);
  if (result) {
    *result = (specrnn_compute_result){r.n_samples, r.n_frames, r.setup.n_bins * (r.side_by_side ? r.n_channels : 1),
                                       maximum};
  }
  return SPECRNN_OK;
}
