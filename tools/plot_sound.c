/* The kinds of specrnn plot that draw sound: spectrogram, mel, mfcc, waveform. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feature_run.h"
#include "front_end.h"
#include "plot_call.h"
#include "readable.h"
#include "report.h"
#include "spectrogram_look.h"

/* Inches: the tutorial's spectrogram. */
static const double WIDTH_IN = 10.0;
static const double HEIGHT_IN = 4.0;
static const double WAVEFORM_HEIGHT_IN = 3.0;

/* Two sides of the colour range of cepstra that may saturate: more than one coefficient of 20. */
static const double MFCC_TAIL_PERCENT = 6.0;

enum { BLOCK_FRAMES = 1 << 14 };

typedef struct sound_kind {
  const char *name;
  specrnn_features_kind kind;
  const char *title;
} sound_kind;

static const sound_kind KINDS[] = {{"spectrogram", SPECRNN_KIND_STFT, "Spectrogram"},
                                   {"mel", SPECRNN_KIND_MEL, "Mel spectrogram"},
                                   {"mfcc", SPECRNN_KIND_MFCC, "MFCC"}};

/* One input on its way to its panel. */
typedef struct sound {
  plot_call *c;
  const sound_kind *kind;
  int source;
  const char *path;
  specrnn_log log;
  specrnn_audio *audio;
  specrnn_features_config front_end;
  feature_run_config run;
  specrnn_heatmap_config look;
  plot_place place;
  spectrogram_look texts;
  double *centres;
  specrnn_panel *panel;
} sound;

/* -------------------------------------------------------------------------------------------------------- front end */

/* The file says its rate only when it is open, and standard input opens once. */
static specrnn_status open_sound(sound *s)
{
  const plot_options *options = s->c->options;
  const cli_arguments *arguments = s->c->arguments;
  bool any_rate = front_end_takes_any_rate(arguments, options->config);
  int rate_hz = 1; /* for the moment */
  specrnn_audio_info info;
  if (!any_rate) {
    specrnn_status started = front_end_for_picture(arguments, options->config, s->kind->kind, rate_hz, &s->front_end);
    if (started) {
      return started;
    }
  }
  if (!front_end_audio(arguments, &s->front_end, &s->run.audio)) {
    return SPECRNN_ERROR_ARGUMENT;
  }
  if (s->run.audio.channels == SPECRNN_AUDIO_ALL || s->run.audio.channels == SPECRNN_AUDIO_FEATURES) {
    return plot_misuse("--channels", "a spectrogram is of the mean of the channels, or of one of them");
  }
  s->run.audio.sample_rate_hz = any_rate ? 0 : s->front_end.sample_rate_hz;
  specrnn_status status = readable_audio_open(&s->audio, s->path, &s->run.audio, &s->log);
  if (status || !any_rate) {
    return status;
  }
  specrnn_audio_get_info(s->audio, &info);
  return front_end_for_picture(arguments, NULL, s->kind->kind, info.native_rate_hz, &s->front_end);
}

/* dB below the loudest cell need no second pass over the input: the heat map knows its maximum in the end. */
static void draw_relative_to_maximum(sound *s)
{
  const specrnn_option_table *table = specrnn_features_options();
  specrnn_features_config *f = &s->front_end;
  if (f->scale != SPECRNN_SCALE_DB || s->kind->kind == SPECRNN_KIND_MFCC) {
    return;
  }
  s->look.colorbar_format = "%+2.0f dB";
  s->place.is_db = true;
  s->look.pool = SPECRNN_POOL_MAX;
  if (cli_assigned(s->c->arguments, table, "ref") && f->ref != SPECRNN_REF_MAX) {
    return;
  }
  s->look.relative_to_max = true;
  s->look.vmax = 0.0;
  if (isfinite(f->top_db)) {
    s->look.vmin = -f->top_db;
  }
  f->ref = 1.0;
  f->top_db = SPECRNN_NONE;
}

/* The command line may ask for other levels than those below the maximum. */
static specrnn_status name_levels(sound *s)
{
  specrnn_heatmap_config asked = s->look;
  if (!cli_assign(s->c->arguments, specrnn_heatmap_options(), &asked)) {
    return SPECRNN_ERROR_ARGUMENT;
  }
  spectrogram_look_set(&s->texts, &s->front_end, &asked);
  s->look.floor = asked.floor;
  s->look.floor_label = asked.floor_label;
  s->look.colorbar_label = asked.colorbar_label;
  return SPECRNN_OK;
}

/* -------------------------------------------------------------------------------------------------------- the panel */

static bool are_rising(const double *centres, size_t n)
{
  bool rising = n > 1 && centres[0] >= 0.0;
  for (size_t i = 1; i < n; i++) {
    rising = rising && centres[i] > centres[i - 1];
  }
  return rising;
}

static specrnn_status place_bins(sound *s, size_t n_bins)
{
  s->centres = calloc(n_bins, sizeof *s->centres);
  if (!s->centres) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  specrnn_status status = specrnn_features_bin_frequencies_hz(&s->front_end, s->centres, &s->log);
  if (status) {
    return status;
  }
  if (!are_rising(s->centres, n_bins)) {
    s->place.y.label = s->kind->kind == SPECRNN_KIND_MFCC ? "Coefficient" : "Feature";
    return s->c->options->axis ? plot_misuse("--axis", "these features are no frequencies") : SPECRNN_OK;
  }
  if (s->kind->kind == SPECRNN_KIND_STFT) {
    s->place.y.kind = SPECRNN_AXIS_FREQUENCY;
    s->look.y_first = s->centres[0];
    s->look.y_step = s->centres[1] - s->centres[0];
  } else {
    s->place.y.kind = SPECRNN_AXIS_FREQUENCY_MEL;
    s->look.bin_centres = s->centres;
  }
  return plot_frequency_axis(s->c, &s->place.y);
}

static specrnn_status prepare_panel(sound *s)
{
  specrnn_features_shape shape;
  specrnn_status status = specrnn_features_describe(&s->front_end, &shape, &s->log);
  if (status) {
    return status;
  }
  s->place = (plot_place){.source = s->source, .x = SPECRNN_AXIS_INIT, .y = SPECRNN_AXIS_INIT};
  s->place.x.kind = SPECRNN_AXIS_TIME;
  snprintf(s->place.title, sizeof s->place.title, "%s of %.400s", s->kind->title, plot_name(s->path));
  s->look.n_bins = shape.n_bins;
  s->look.x_first = s->run.audio.offset_s + specrnn_features_frame_time_s(&s->front_end, 0);
  s->look.x_step = 1.0 / shape.frame_rate_hz;
  if (s->kind->kind == SPECRNN_KIND_MFCC) {
    s->look.colormap = SPECRNN_COLORMAP_COOLWARM;
    s->look.symmetric = true;
    s->look.percentile_low = MFCC_TAIL_PERCENT; /* coefficient 0 is far from the others */
    s->look.percentile_high = 100.0 - MFCC_TAIL_PERCENT;
    s->look.pool = SPECRNN_POOL_MAX_ABS;
  }
  draw_relative_to_maximum(s);
  status = name_levels(s);
  status = status ? status : place_bins(s, shape.n_bins);
  return status ? status : plot_add_map(s->c, &s->panel, &s->place, &s->look);
}

static specrnn_status push_rows(void *user, const float *rows, size_t n_rows, size_t n_bins)
{
  sound *s = user;
  (void)n_bins;
  return specrnn_panel_push_rows(s->panel, rows, n_rows, &s->log);
}

static specrnn_status draw_sound(sound *s)
{
  specrnn_status status = open_sound(s);
  status = status ? status : prepare_panel(s);
  if (!status && s->source == 0) {
    status = plot_describe(s->c, specrnn_features_options(), &s->front_end);
  }
  if (status) {
    return status;
  }
  const specrnn_row_sink sink = {.write = push_rows, .user = s};
  specrnn_compute_result result;
  s->run.front_end = &s->front_end;
  s->run.progress_name = s->path;
  status = feature_run_audio(s->audio, &s->run, &sink, &result, &s->log);
  report_progress_end();
  if (!status && result.n_frames == 0) {
    report_failure(s->path, "too short: not one frame");
    status = SPECRNN_ERROR_EMPTY;
  }
  return status;
}

static const sound_kind *find_kind(const char *name)
{
  size_t i = 0;
  while (strcmp(name, KINDS[i].name) != 0) {
    i++;
  }
  return &KINDS[i];
}

specrnn_status plot_sound_draw(plot_call *c)
{
  int n = c->arguments->n_inputs;
  specrnn_status status = plot_begin(c, n, 1, WIDTH_IN, HEIGHT_IN);
  for (int i = 0; !status && i < n; i++) {
    sound s = {.c = c,
               .kind = find_kind(c->kind),
               .source = i,
               .path = c->arguments->inputs[i],
               .log = report_log(c->arguments->inputs[i]),
               .look = SPECRNN_HEATMAP_CONFIG_INIT};
    status = draw_sound(&s);
    specrnn_audio_close(&s.audio);
    free(s.centres);
  }
  return status;
}

/* --------------------------------------------------------------------------------------------------------- waveform */

static specrnn_status push_samples(specrnn_audio *audio, const specrnn_audio_config *segment, const char *path,
                                   specrnn_panel *panel, const specrnn_log *log)
{
  float *block = malloc(BLOCK_FRAMES * sizeof *block);
  if (!block) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  size_t n = 0;
  specrnn_status status;
  while (!(status = specrnn_audio_read(audio, block, BLOCK_FRAMES, &n, log)) && n > 0) {
    status = specrnn_panel_push_samples(panel, block, n, log);
    if (status) {
      break;
    }
    sound_progress(audio, segment, path);
  }
  report_progress_end();
  free(block);
  return status;
}

static specrnn_status draw_waveform(plot_call *c, int source)
{
  const char *path = c->arguments->inputs[source];
  specrnn_log log = report_log(path);
  specrnn_audio_config config = SPECRNN_AUDIO_CONFIG_INIT;
  specrnn_audio *audio = NULL;
  specrnn_panel *panel = NULL;
  if (!cli_assign(c->arguments, specrnn_audio_options(), &config)) {
    return SPECRNN_ERROR_ARGUMENT;
  }
  if (config.channels == SPECRNN_AUDIO_ALL || config.channels == SPECRNN_AUDIO_FEATURES) {
    return plot_misuse("--channels", "a waveform is of the mean of the channels, or of one of them");
  }
  specrnn_status status = readable_audio_open(&audio, path, &config, &log);
  if (status) {
    return status;
  }
  specrnn_audio_info info;
  specrnn_audio_get_info(audio, &info);
  plot_place place = {.source = source, .x = SPECRNN_AXIS_INIT, .y = SPECRNN_AXIS_INIT};
  place.x.kind = SPECRNN_AXIS_TIME;
  place.y.kind = SPECRNN_AXIS_LINEAR;
  place.y.label = "Amplitude";
  snprintf(place.title, sizeof place.title, "%.400s", plot_name(path));
  status = plot_add_panel(c, &panel, &place);
  if (!status) {
    status = specrnn_panel_add_waveform(panel, config.offset_s, 1.0 / info.sample_rate_hz, &log);
  }
  status = status ? status : push_samples(audio, &config, path, panel, &log);
  specrnn_audio_close(&audio);
  return status;
}

specrnn_status plot_waveform_draw(plot_call *c)
{
  int n = c->arguments->n_inputs;
  specrnn_status status = plot_begin(c, n, 1, WIDTH_IN, WAVEFORM_HEIGHT_IN);
  for (int i = 0; !status && i < n; i++) {
    status = draw_waveform(c, i);
  }
  return status;
}
