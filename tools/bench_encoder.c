/* specrnn bench encoder: a step of a recurrent model beside what reading its weights costs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "bench_model.h"
#include "bench_steps.h"
#include "bench_weights.h"
#include "cells.h"
#include "lengths.h"
#include "limit.h"
#include "report.h"
#include "specrnn/cpu.h"
#include "specrnn/features.h"

typedef struct options {
  const char *cell, *widths, *mode, *dtype, *cpu, *model;
  int input, hidden, layers, frames, streams, repetitions, steps;
  double hop_ms;
  bool json;
} options;

static const options DEFAULTS = {.cell = CELL_OF_BENCH,
                                 .mode = "stream",
                                 .input = 80,
                                 .hidden = 256,
                                 .layers = 1,
                                 .frames = 1000,
                                 .streams = 16,
                                 .repetitions = 9};

#define FIELD(name) offsetof(options, name)

static const cli_option OPTIONS[] = {
    {"cell", 0, CLI_STRING, "C", FIELD(cell), 0, 0, "rnn, lstm or gru (default gru)"},
    {"input", 0, CLI_COUNT, "I", FIELD(input), 1, SPECRNN_MODEL_MAX_WIDTH, "features per frame (default 80)"},
    {"hidden", 0, CLI_COUNT, "H", FIELD(hidden), 1, SPECRNN_MODEL_MAX_WIDTH, "hidden size (default 256)"},
    {"widths", 0, CLI_STRING, "H,...", FIELD(widths), 0, 0,
     "several hidden sizes, as 64,128,256,512: a model of each, one after the other"},
    {"layers", 0, CLI_COUNT, "L", FIELD(layers), 1, 64, "layers (default 1)"},
    {"frames", 0, CLI_COUNT, "T", FIELD(frames), 1, 10000000, "frames of a run (default 1000)"},
    {"mode", 0, CLI_STRING, "MODE", FIELD(mode), 0, 0,
     "offline (all frames in one call), stream (one frame a call), batch (one frame of each stream a call) (default "
     "stream)"},
    {"streams", 0, CLI_COUNT, "N", FIELD(streams), 1, 4096, "streams of the mode batch (default 16)"},
    {"dtype", 0, CLI_STRING, "TYPE", FIELD(dtype), 0, 0, "weights as f32, bf16 or int8 (default: the model's, or f32)"},
    {"model", 0, CLI_STRING, "M", FIELD(model), 0, 0,
     "measure this model; --cell, --input, --hidden, --layers say nothing then"},
    {"repetitions", 0, CLI_COUNT, "N", FIELD(repetitions), 1, 1000, "the fastest of N counts (default 9)"},
    {"steps", 0, CLI_COUNT, "N", FIELD(steps), 1, 10000000,
     "single steps that are timed on noise, on silence, on fading sound (default: as many as frames)"},
    {"hop", 0, CLI_NUMBER, "MS", FIELD(hop_ms), 0, 10000,
     "a single step every MS milliseconds, as a stream would have it (default 0: one after the other)"},
    {"cpu", 0, CLI_STRING, "LEVEL", FIELD(cpu), 0, 0,
     "use the inner loops of this level at most: baseline, x86-64-v2, x86-64-v3, x86-64-v4 ..."},
    {"json", 0, CLI_FLAG, NULL, FIELD(json), 0, 0, "print one JSON object"},
    {0},
};

static const cli_group GROUPS[] = {{"Options", OPTIONS, NULL, NULL}, {0}};

typedef enum mode { MODE_OFFLINE, MODE_STREAM, MODE_BATCH } mode;

/* The words of options; each list has the order of its values. */
static const char *const CELLS[] = CELL_WORDS;
static const char *const MODES[] = {"offline", "stream", "batch", NULL};
static void (*const WORK[])(void *) = {bench_model_run_offline, bench_model_run_stream, bench_model_run_batch};
static const char *const DTYPES[] = {"f32", "bf16", "int8", NULL};
static const specrnn_weight_type TYPES[] = {SPECRNN_WEIGHT_F32, SPECRNN_WEIGHT_BF16, SPECRNN_WEIGHT_INT8};

/* What is asked, once its words are understood. */
typedef struct request {
  const options *options;
  mode mode;
  bool changes_weights;
  specrnn_weight_type weight_type;
  size_t *widths; /* of --widths, or NULL */
  size_t n_widths;
} request;

/* ------------------------------------------------------------------------------------------------------- the subject
 */

static bool create_model(bench_model *b, const request *r, size_t hidden_size, const specrnn_log *log)
{
  const options *o = r->options;
  char json[128];
  snprintf(json, sizeof json, "{\"hidden_size\": %zu, \"num_layers\": %d}", hidden_size, o->layers);
  specrnn_graph *graph = NULL;
  specrnn_status status = specrnn_graph_create(&graph, (size_t)o->input, log);
  status = status ? status : specrnn_graph_add(graph, "", o->cell, NULL, 0, json, log);
  specrnn_model_config config = SPECRNN_MODEL_CONFIG_INIT;
  config.graph = graph;
  status = status ? status : specrnn_model_create(&b->model, &config, log);
  specrnn_graph_destroy(&graph);
  return status == SPECRNN_OK;
}

/* Other weights than the model has. */
static bool change_weights(bench_model *b, specrnn_weight_type type, const specrnn_log *log)
{
  specrnn_model *changed = NULL;
  if (specrnn_model_describe(b->model)->weight_type == type) {
    return true;
  }
  if (specrnn_model_with_weights(&changed, b->model, type, log)) {
    return false;
  }
  specrnn_model_destroy(&b->model);
  b->model = changed;
  return true;
}

static bool prepare(bench_model *b, const request *r, size_t hidden_size)
{
  const options *o = r->options;
  specrnn_log log = report_log(o->model);
  bool made = o->model ? limit_model_load(&b->model, o->model, NULL, &log) == SPECRNN_OK
                       : create_model(b, r, hidden_size, &log);
  if (!made || (r->changes_weights && !change_weights(b, r->weight_type, &log)) ||
      !bench_model_prepare(b, (size_t)o->frames, &log)) {
    return false;
  }
  if (!b->encoder && r->mode != MODE_OFFLINE) {
    report_failure(o->model, "a bidirectional model has no single steps; --mode offline measures it");
    return false;
  }
  return r->mode != MODE_BATCH || bench_model_prepare_streams(b, (size_t)o->streams, &log);
}

/* ------------------------------------------------------------------------------------------------------ measurements
 */

/* What is timed in turn; the last one only where there are several streams. */
enum { OURS, READS, SGEMV, ONE_BY_ONE, SUBJECTS };

/* Seconds from one frame to the next, or 0 where nothing tells. */
static double frame_period_s(const bench_model *b, const options *o)
{
  const specrnn_features_config *front_end = specrnn_model_front_end(b->model);
  specrnn_features_shape shape;
  if (front_end && specrnn_features_describe(front_end, &shape, NULL) == SPECRNN_OK) {
    return 1.0 / shape.frame_rate_hz;
  }
  return 1e-3 * o->hop_ms;
}

static void note_throughput(const bench_model *b, const request *r, const bench_weights *w,
                            const bench_subject *subjects, json_t *facts)
{
  double steps = (double)b->n_frames;
  double read_us = 1e6 * subjects[READS].best_s / steps;
  double sgemv_us = 1e6 * subjects[SGEMV].best_s / steps;
  double ours_us = 1e6 * subjects[OURS].best_s / steps / (b->group ? (double)b->n_streams : 1.0);
  double floor_us = w->sgemv ? fmin(read_us, sgemv_us) : read_us;
  double bytes = (double)(w->n_floats * sizeof *w->weights);
  double period_us = 1e6 * frame_period_s(b, r->options);
  json_object_set_new(facts, "us_per_frame", json_real(ours_us));
  json_object_set_new(facts, "bytes_per_frame", json_integer((json_int_t)b->info->bytes_per_step));
  json_object_set_new(facts, "bandwidth_gbs", json_real(bytes / read_us * 1e-3));
  json_object_set_new(facts, "sgemv_us", w->sgemv ? json_real(sgemv_us) : json_null());
  json_object_set_new(facts, "floor_us", json_real(floor_us));
  json_object_set_new(facts, "ratio", json_real(ours_us / floor_us));
  if (b->group) {
    double alone_us = 1e6 * subjects[ONE_BY_ONE].best_s / steps / (double)b->n_streams;
    json_object_set_new(facts, "streams", json_integer((json_int_t)b->n_streams));
    json_object_set_new(facts, "one_by_one_us", json_real(alone_us));
    json_object_set_new(facts, "speedup", json_real(alone_us / ours_us));
  }
  if (period_us > 0.0) {
    json_object_set_new(facts, "real_time_factor", json_real(ours_us / period_us));
    json_object_set_new(facts, "times_real_time", json_real(period_us / ours_us));
  }
}

static bool measure_throughput(bench_model *b, const request *r, json_t *facts)
{
  bench_weights w;
  bool good = bench_weights_prepare(&w, b->model, b->n_frames);
  if (good) {
    bench_subject subjects[SUBJECTS] = {
        [OURS] = {WORK[r->mode], b, 0},
        [READS] = {bench_weights_run_reads, &w, 0},
        [SGEMV] = {w.sgemv ? bench_weights_run_sgemv : bench_weights_run_reads, &w, 0},
        [ONE_BY_ONE] = {bench_model_run_one_by_one, b, 0},
    };
    bench_run(subjects, b->group ? SUBJECTS : ONE_BY_ONE, r->options->repetitions);
    note_throughput(b, r, &w, subjects, facts);
  }
  bench_weights_release(&w);
  return good;
}

static json_t *describe(const bench_model *b, const request *r)
{
  const options *o = r->options;
  json_t *facts =
      json_pack("{s:s, s:s, s:s, s:i}", "cpu_level", specrnn_cpu_level_name(specrnn_cpu_level_in_use()), "mode",
                o->mode, "dtype", specrnn_weight_type_name(b->info->weight_type), "frames", o->frames);
  if (o->model) {
    json_object_set_new(facts, "model", json_string(o->model));
  } else {
    json_object_set_new(facts, "cell", json_string(o->cell));
    json_object_set_new(facts, "layers", json_integer(o->layers));
    json_object_set_new(facts, "input", json_integer(o->input));
    json_object_set_new(facts, "hidden", json_integer((json_int_t)specrnn_model_layer(b->model, 0)->hidden_size));
  }
  json_object_set_new(facts, "parameters", json_integer((json_int_t)b->info->n_weights));
  return facts;
}

/* All facts about one model; NULL after a message. */
static json_t *measure(const request *r, size_t hidden_size)
{
  const options *o = r->options;
  const bench_steps steps = {.n_steps = (size_t)(o->steps ? o->steps : o->frames), .hop_s = 1e-3 * o->hop_ms};
  bench_model b = {0};
  bool good = prepare(&b, r, hidden_size);
  json_t *facts = good ? describe(&b, r) : NULL;
  good = facts && measure_throughput(&b, r, facts) && (!b.encoder || bench_steps_measure(&b, &steps, facts));
  bench_model_release(&b);
  if (!good) {
    json_decref(facts);
    return NULL;
  }
  return facts;
}

static json_t *measure_widths(const request *r)
{
  json_t *rows = json_array();
  for (size_t i = 0; i < r->n_widths; i++) {
    json_t *facts = measure(r, r->widths[i]);
    if (!facts) {
      json_decref(rows);
      return NULL;
    }
    json_array_append_new(rows, facts);
  }
  return json_pack("{s:o}", "widths", rows);
}

/* ----------------------------------------------------------------------------------------------------------- the call
 */

static bool choose(const char *option, const char *text, const char *const *names, int *choice)
{
  for (*choice = 0; names[*choice]; ++*choice) {
    if (!strcmp(text, names[*choice])) {
      return true;
    }
  }
  report_usage("--%s: '%s' is none of its values (see specrnn bench encoder --help)", option, text);
  return false;
}

static bool understand(request *r)
{
  const options *o = r->options;
  int cell;
  int chosen_mode;
  int dtype = 0;
  if (!bench_limit_cpu(o->cpu) || !choose("cell", o->cell, CELLS, &cell) ||
      !choose("mode", o->mode, MODES, &chosen_mode) || (o->dtype && !choose("dtype", o->dtype, DTYPES, &dtype))) {
    return false;
  }
  r->mode = (mode)chosen_mode;
  r->changes_weights = o->dtype != NULL;
  r->weight_type = TYPES[dtype];
  if (o->widths && o->model) {
    report_usage("--widths: sizes of models that are made here; --model has its own");
    return false;
  }
  return !o->widths || lengths_parse(&r->widths, &r->n_widths, "widths", o->widths, SPECRNN_MODEL_MAX_WIDTH) == 0;
}

static int run_bench(const cli_arguments *arguments)
{
  request r = {.options = arguments->options};
  if (!understand(&r)) {
    return CLI_EXIT_USAGE;
  }
  json_t *facts = r.widths ? measure_widths(&r) : measure(&r, (size_t)r.options->hidden);
  free(r.widths);
  return facts ? bench_print(facts, r.options->json) : CLI_EXIT_FAILED;
}

const cli_command bench_encoder_command = {
    .name = "bench encoder",
    .arguments = "[options]",
    .summary = "a recurrent step against the speed of memory and of OpenBLAS",
    .example = "specrnn bench encoder --cell lstm --input 80 --hidden 256 --layers 2 --mode offline --json\n"
               "specrnn bench encoder --widths 64,128,256,512 --dtype int8\n"
               "specrnn bench encoder --model voice.safetensors --hop 10",
    .description =
        "Times a model on noise, one thread, beside its floors in the same run: reading as many bytes as its weights "
        "have with the widest vectors (bandwidth_gbs), and OpenBLAS sgemv on matrices of the same bytes (sgemv_us, "
        "where OpenBLAS is installed); floor_us is the lower of the two. In the mode batch us_per_frame is the time of "
        "a step divided by its streams, beside the same streams one by one. real_time_factor and times_real_time are "
        "there where the model's front end, or --hop, says how long a frame lasts.\n"
        "Then times single steps: on noise (step_p50_us, step_p999_us, step_max_us), on silence after it, where states "
        "decay (step_silence_...), and on a sound below the least normal number (step_fading_...); silence_ratio and "
        "fading_ratio are what these cost of what noise costs, without the slowest hundredth of the steps. With --hop "
        "also due_p999_us and due_max_us, from the moment when a frame was due to the end of its step.",
    .groups = GROUPS,
    .defaults = &DEFAULTS,
    .options_size = sizeof(options),
    .minimum_inputs = 0,
    .maximum_inputs = 0,
    .run = run_bench,
};
