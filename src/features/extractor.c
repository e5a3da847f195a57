/* The stream: samples in, frames out. Allocates in create only. */
#include "features/extractor.h"

#include <math.h>

#include "core/fpu.h"
#include "core/log.h"
#include "features/analysis.h"
#include "features/samples.h"

struct specrnn_extractor {
  srn_setup setup;
  srn_samples samples;
  const srn_analysis_ops *ops;
  void *analysis;
  srn_fft *fft;
  srn_post *post;
  double maximum; /* in units of the level */
  float *base;    /* (SRN_LANES, n_base) rows on their way to the post stages */
  size_t base_count;
  size_t base_next;
  const float *levels; /* stored rows in place of samples */
  size_t n_levels;
  bool flushed;
  bool failed; /* the input was too short for its edge rule: no frames */
  size_t latency;
  size_t size;
};

static specrnn_extractor *build(srn_arena *arena, const srn_setup *setup, const srn_tables *tables,
                                const srn_extractor_spec *spec)
{
  specrnn_extractor *e = srn_arena_take(arena, 1, sizeof *e);
  bool is_double = setup->config.precision == SPECRNN_PRECISION_DOUBLE;
  const srn_analysis_ops *ops = is_double ? &srn_analysis_double : &srn_analysis_float;
  srn_samples samples;
  srn_samples_build(&samples, arena, setup, spec->max_push);
  void *analysis = ops->build(arena, setup, tables);
  srn_post *post = srn_post_build(arena, setup, spec->part, spec->statistics);
  float *base = srn_arena_take(arena, SRN_LANES * setup->n_base, sizeof *base);
  if (e) {
    *e = (specrnn_extractor){.setup = *setup,
                             .samples = samples,
                             .ops = ops,
                             .analysis = analysis,
                             .post = post,
                             .base = base,
                             .size = arena->used};
    e->maximum = srn_level_of(&setup->config, setup->config.maximum_value);
    if (isfinite(setup->config.ref)) {
      e->maximum -= srn_level_of(&setup->config, setup->config.ref);
    }
  }
  return e;
}

static specrnn_status allocate(specrnn_extractor **out, const srn_setup *setup, const srn_tables *tables,
                               const srn_extractor_spec *spec, const specrnn_log *log)
{
  srn_arena arena = {0};
  build(&arena, setup, tables, spec);
  size_t bytes = arena.used;
  if (!srn_arena_allocate(&arena)) {
    return srn_fail_memory(log, bytes);
  }
  *out = build(&arena, setup, tables, spec);
  return SPECRNN_OK;
}

static void warn_empty_filters(const srn_tables *tables, const specrnn_log *log)
{
  if (tables->mel && tables->mel->n_empty) {
    srn_log(log, SPECRNN_LOG_WARNING, "%d of %d mel filters are empty: fewer n_mels or a larger n_fft is needed",
            tables->mel->n_empty, tables->mel->n_mels);
  }
}

static specrnn_status make(specrnn_extractor **out, const srn_setup *setup, const srn_extractor_spec *spec,
                           const specrnn_log *log)
{
  srn_tables tables;
  specrnn_extractor *e = NULL;
  srn_fft *fft = NULL;
  specrnn_status status = srn_tables_create(&tables, setup, log);
  if (status) {
    return status;
  }
  status = srn_fft_create(&fft, setup->config.n_fft, setup->config.precision,
                          spec->offline ? SRN_FFT_OFFLINE : SRN_FFT_STREAM, log);
  if (!status) {
    status = allocate(&e, setup, &tables, spec, log);
  }
  if (!status) {
    e->fft = fft;
    warn_empty_filters(&tables, log);
    *out = e;
  } else {
    srn_fft_destroy(&fft);
  }
  srn_tables_destroy(&tables);
  return status;
}

/* Tables and FFTW's factors are numbers too: the caller's mode does not reach them. */
specrnn_status srn_extractor_make(specrnn_extractor **out, const srn_setup *setup, const srn_extractor_spec *spec,
                                  const specrnn_log *log)
{
  srn_fpu_mode mode = srn_fpu_enter();
  specrnn_status status = make(out, setup, spec, log);
  srn_fpu_leave(mode);
  return status;
}

specrnn_status srn_extractor_check_statistics(const srn_setup *setup, const specrnn_statistics *statistics,
                                              const specrnn_log *log)
{
  if (setup->config.cmvn != SPECRNN_CMVN_FILE) {
    return SPECRNN_OK;
  }
  if (!statistics) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "cmvn file needs statistics");
  }
  if (specrnn_statistics_n_rows(statistics) == 0) {
    return srn_fail(log, SPECRNN_ERROR_EMPTY, "the statistics are of 0 rows");
  }
  if (specrnn_statistics_n_bins(statistics) != setup->n_delta) {
    return srn_fail(log, SPECRNN_ERROR_SHAPE, "the statistics are of %zu bins; the features have %zu",
                    specrnn_statistics_n_bins(statistics), setup->n_delta);
  }
  return SPECRNN_OK;
}

specrnn_status specrnn_extractor_create(specrnn_extractor **out, const specrnn_features_config *config,
                                        const specrnn_extractor_options *options, const specrnn_log *log)
{
  specrnn_extractor_options defaults = SPECRNN_EXTRACTOR_OPTIONS_INIT;
  specrnn_features_shape shape;
  srn_setup setup;
  options = options ? options : &defaults;
  specrnn_status status = srn_setup_of(&setup, config, log);
  if (status || (status = specrnn_features_describe(config, &shape, log))) {
    return status;
  }
  const char *whole = srn_setup_whole_input(&setup);
  if (whole) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "%s looks at the whole input, which a stream does not have: use %s",
                    whole,
                    setup.config.cmvn == SPECRNN_CMVN_UTTERANCE && !setup.needs_maximum
                        ? "cmvn sliding or file"
                        : "maximum fixed or running, or turn it off");
  }
  status = srn_extractor_check_statistics(&setup, options->statistics, log);
  if (status) {
    return status;
  }
  srn_extractor_spec spec = {SRN_POST_ALL, false, options->max_push, options->statistics};
  status = srn_extractor_make(out, &setup, &spec, log);
  if (!status) {
    (*out)->latency = shape.latency_samples;
  }
  return status;
}

void specrnn_extractor_destroy(specrnn_extractor **extractor)
{
  if (*extractor) {
    srn_fft_destroy(&(*extractor)->fft);
    srn_arena_free(*extractor);
    *extractor = NULL;
  }
}

specrnn_status specrnn_extractor_push(specrnn_extractor *e, const float *samples, size_t n_samples)
{
  if (e->flushed) {
    return SPECRNN_ERROR_STATE;
  }
  if (n_samples > e->samples.limit) {
    return SPECRNN_ERROR_ARGUMENT; /* however much is pulled */
  }
  srn_fpu_mode mode = srn_fpu_enter(); /* samples are scaled and dithered */
  bool taken = srn_samples_push(&e->samples, samples, n_samples);
  srn_fpu_leave(mode);
  return taken ? SPECRNN_OK : SPECRNN_ERROR_FULL;
}

/* Levels of the next frames, at most `most`, in the analysis' lanes. */
static size_t next_levels(specrnn_extractor *e, size_t most)
{
  size_t n = most < SRN_LANES ? most : SRN_LANES;
  if (e->levels) {
    n = e->n_levels < n ? e->n_levels : n;
    e->ops->load(e->analysis, (int)n, e->levels);
    e->levels += n * e->setup.n_level;
    e->n_levels -= n;
    return n;
  }
  const float *frames[SRN_LANES];
  uint64_t ready = e->failed ? 0 : srn_samples_ready(&e->samples);
  n = ready < n ? (size_t)ready : n;
  if (n) {
    srn_samples_cut(&e->samples, frames, (int)n);
    e->ops->head(e->analysis, e->fft, frames, (int)n);
  }
  return n;
}

static size_t next_base(specrnn_extractor *e, float *rows, size_t most)
{
  size_t n = next_levels(e, most);
  if (n) {
    e->ops->tail(e->analysis, (int)n, e->maximum, rows);
  }
  return n;
}

static specrnn_status nothing_left(const specrnn_extractor *e)
{
  return e->flushed ? SPECRNN_END : SPECRNN_NEED_INPUT;
}

/* One row through the post stages. */
static specrnn_status pull_post(specrnn_extractor *e, float *row)
{
  for (;;) {
    specrnn_status status = srn_post_pull(e->post, row);
    if (status != SPECRNN_NEED_INPUT) {
      return status;
    }
    if (e->base_next == e->base_count) {
      e->base_next = 0;
      e->base_count = next_base(e, e->base, SRN_LANES);
    }
    if (e->base_count) {
      srn_post_push(e->post, e->base + e->base_next++ * e->setup.n_base);
    } else if (e->flushed) {
      srn_post_end(e->post);
    } else {
      return SPECRNN_NEED_INPUT;
    }
  }
}

static size_t pull_rows(specrnn_extractor *e, float *rows, size_t max_frames)
{
  size_t n = 0;
  if (srn_post_is_empty(e->post)) {
    for (size_t got = 1; n < max_frames && got; n += got) {
      got = next_base(e, rows + n * e->setup.n_base, max_frames - n);
    }
    return n;
  }
  size_t n_bins = srn_post_n_bins(e->post);
  while (n < max_frames && pull_post(e, rows + n * n_bins) == SPECRNN_OK) {
    n++;
  }
  return n;
}

specrnn_status specrnn_extractor_pull(specrnn_extractor *e, float *rows, size_t max_frames, size_t *n_frames)
{
  srn_fpu_mode mode = srn_fpu_enter();
  *n_frames = pull_rows(e, rows, max_frames);
  srn_fpu_leave(mode);
  return *n_frames || !max_frames ? SPECRNN_OK : nothing_left(e);
}

static bool too_short(const specrnn_extractor *e)
{
  const specrnn_features_config *config = &e->setup.config;
  uint64_t n = e->samples.n_pushed;
  if (n && e->setup.framing.edge == SRN_EDGE_REFLECT && !e->setup.framing.fit && n < e->setup.framing.minimum) {
    return true;
  }
  uint64_t frames = srn_framing_count(&e->setup.framing, n);
  return config->delta_order && config->delta_kind == SPECRNN_DELTA_SAVGOL && frames &&
         frames < (uint64_t)config->delta_width;
}

specrnn_status specrnn_extractor_flush(specrnn_extractor *e)
{
  if (e->flushed) {
    return SPECRNN_OK;
  }
  e->flushed = true;
  e->samples.ended = true;
  e->failed = too_short(e);
  return e->failed ? SPECRNN_ERROR_SHAPE : SPECRNN_OK;
}

specrnn_status srn_extractor_explain(const specrnn_extractor *e, specrnn_status status, const specrnn_log *log)
{
  const specrnn_features_config *config = &e->setup.config;
  uint64_t n = e->samples.n_pushed;
  if (status != SPECRNN_ERROR_SHAPE) {
    return status;
  }
  if (e->setup.framing.edge == SRN_EDGE_REFLECT && n < e->setup.framing.minimum) {
    return srn_fail(log, status, "%llu samples are too few for pad_mode reflect, which needs more than n_fft / 2 = %d",
                    (unsigned long long)n, config->n_fft / 2);
  }
  return srn_fail(log, status, "%llu frames are too few for deltas over %d frames",
                  (unsigned long long)srn_framing_count(&e->setup.framing, n), config->delta_width);
}

void specrnn_extractor_reset(specrnn_extractor *e)
{
  srn_samples_reset(&e->samples);
  e->ops->reset(e->analysis);
  srn_post_reset(e->post);
  e->base_count = 0;
  e->base_next = 0;
  e->levels = NULL;
  e->n_levels = 0;
  e->flushed = false;
  e->failed = false;
}

const specrnn_features_config *specrnn_extractor_config(const specrnn_extractor *e)
{
  return &e->setup.config;
}

size_t specrnn_extractor_n_bins(const specrnn_extractor *e)
{
  return e->setup.n_bins;
}

size_t specrnn_extractor_latency_samples(const specrnn_extractor *e)
{
  return e->latency;
}

double specrnn_extractor_frame_time_s(const specrnn_extractor *e, uint64_t frame)
{
  return srn_setup_time_s(&e->setup, frame);
}

size_t specrnn_extractor_size(const specrnn_extractor *e)
{
  return e->size;
}

specrnn_status srn_extractor_pull_levels(specrnn_extractor *e, float *levels, size_t max_frames, size_t *n_frames)
{
  srn_fpu_mode mode = srn_fpu_enter();
  size_t n = 0;
  for (size_t got = 1; n < max_frames && got; n += got) {
    got = next_levels(e, max_frames - n);
    if (got) {
      e->ops->save(e->analysis, (int)got, levels + n * e->setup.n_level);
    }
  }
  srn_fpu_leave(mode);
  *n_frames = n;
  return n ? SPECRNN_OK : nothing_left(e);
}

void srn_extractor_set_maximum(specrnn_extractor *e, double maximum)
{
  e->maximum = maximum;
}

void srn_extractor_push_levels(specrnn_extractor *e, const float *levels, size_t n_frames)
{
  e->levels = levels;
  e->n_levels = n_frames;
}

specrnn_status srn_extractor_tap(specrnn_extractor *e, specrnn_stage stage, float *row, size_t *width)
{
  const float *frame;
  if (e->failed || (!e->levels && !srn_samples_ready(&e->samples)) || (e->levels && !e->n_levels)) {
    return nothing_left(e);
  }
  if (stage == SPECRNN_STAGE_FRAME) {
    srn_samples_cut(&e->samples, &frame, 1);
    const srn_framing *framing = &e->setup.framing;
    for (int i = 0; i < framing->n_fft; i++) {
      int at = i - framing->win_offset;
      row[i] = at >= 0 && at < framing->win_length ? frame[at] : 0.0F;
    }
    *width = (size_t)framing->n_fft;
    return SPECRNN_OK;
  }
  srn_fpu_mode mode = srn_fpu_enter();
  (void)next_levels(e, 1);
  if (e->setup.needs_maximum && e->setup.config.maximum == SPECRNN_MAXIMUM_WHOLE) {
    e->ops->save(e->analysis, 1, row); /* the whole computation keeps levels as float between its passes */
    e->ops->load(e->analysis, 1, row);
  }
  e->ops->tail(e->analysis, 1, e->maximum, e->base);
  srn_fpu_leave(mode);
  *width = e->ops->tap(e->analysis, stage, row);
  if (stage == SPECRNN_STAGE_BASE) {
    for (size_t k = 0; k < e->setup.n_base; k++) {
      row[k] = e->base[k];
    }
    *width = e->setup.n_base;
  }
  return SPECRNN_OK;
}

uint64_t srn_extractor_n_samples(const specrnn_extractor *e)
{
  return e->samples.n_pushed;
}
