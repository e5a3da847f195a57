/* specrnn bench encoder: a step of a recurrent model beside what reading its weights costs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "bench_memory.h"
#include "report.h"
#include "specrnn/cpu.h"
#include "specrnn/encoder.h"
#include "specrnn/features.h"

typedef struct options {
  const char *cell, *mode, *dtype, *cpu, *model;
  int input, hidden, layers, frames, streams, repetitions;
  bool json;
} options;

static const options DEFAULTS = {.cell = "gru",
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
    {"input", 0, CLI_COUNT, "I", FIELD(input), 1, 65536, "features per frame (default 80)"},
    {"hidden", 0, CLI_COUNT, "H", FIELD(hidden), 1, 65536, "hidden size (default 256)"},
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
    {"cpu", 0, CLI_STRING, "LEVEL", FIELD(cpu), 0, 0,
     "use the inner loops of this level at most: baseline, x86-64-v2, x86-64-v3, x86-64-v4 ..."},
    {"json", 0, CLI_FLAG, NULL, FIELD(json), 0, 0, "print one JSON object"},
    {0},
};

static const cli_group GROUPS[] = {{"Options", OPTIONS, NULL, NULL}, {0}};

/* ------------------------------------------------------------------------------------------------------- the subject
 */

typedef struct run {
  const options *options;
  specrnn_model *model;
  const specrnn_model_info *info;
  specrnn_encoder *encoder;
  float *input;  /* (frames, input_size) */
  float *output; /* (frames, output_size) */
  /* Many streams: */
  size_t n_streams;
  specrnn_encoder_group *group;
  specrnn_encoder **encoders;      /* n_streams */
  const float **now;               /* (n_streams) the frame of each in this step */
  specrnn_encoder_output *outputs; /* (n_streams) */
} run;

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

static bool create_model(run *r, const specrnn_log *log)
{
  static const char *const CELLS[] = {"rnn", "lstm", "gru", NULL};
  static const specrnn_module_kind KINDS[] = {SPECRNN_MODULE_RNN, SPECRNN_MODULE_LSTM, SPECRNN_MODULE_GRU};
  int cell;
  if (!choose("cell", r->options->cell, CELLS, &cell)) {
    return false;
  }
  specrnn_module module = SPECRNN_MODULE_INIT;
  module.kind = KINDS[cell];
  module.input_size = r->options->input;
  module.hidden_size = r->options->hidden;
  module.num_layers = r->options->layers;
  specrnn_model_config config = SPECRNN_MODEL_CONFIG_INIT;
  config.modules = &module;
  config.n_modules = 1;
  return specrnn_model_create(&r->model, &config, log) == SPECRNN_OK;
}

/* Other weights than the model has. */
static bool change_weights(run *r, specrnn_weight_type type, const specrnn_log *log)
{
  specrnn_model *changed = NULL;
  if (specrnn_model_describe(r->model)->weight_type == type) {
    return true;
  }
  if (specrnn_model_with_weights(&changed, r->model, type, log)) {
    return false;
  }
  specrnn_model_destroy(&r->model);
  r->model = changed;
  return true;
}

static bool prepare(run *r, const specrnn_weight_type *type)
{
  specrnn_log log = report_log(r->options->model);
  bool made = r->options->model ? specrnn_model_load(&r->model, r->options->model, NULL, &log) == SPECRNN_OK
                                : create_model(r, &log);
  if (!made || (type && !change_weights(r, *type, &log)) || specrnn_encoder_create(&r->encoder, r->model, &log)) {
    return false;
  }
  r->info = specrnn_model_describe(r->model);
  size_t n_input = (size_t)r->options->frames * r->info->input_size;
  r->input = calloc(n_input, sizeof *r->input);
  r->output = calloc((size_t)r->options->frames, r->info->output_size * sizeof *r->output);
  if (!r->input || !r->output) {
    report_memory();
    return false;
  }
  bench_fill_noise(r->input, n_input);
  return true;
}

/* The streams of the mode batch. Each reads the same frames, one later than the stream before it. */
static bool prepare_streams(run *r)
{
  size_t n = (size_t)r->options->streams;
  specrnn_log log = report_log(r->options->model);
  r->encoders = calloc(n, sizeof *r->encoders);
  r->now = calloc(n, sizeof *r->now);
  r->outputs = calloc(n, sizeof *r->outputs);
  if (!r->encoders || !r->now || !r->outputs) {
    report_memory();
    return false;
  }
  for (size_t i = 0; i < n; i++, r->n_streams++) {
    r->outputs[i].output = r->output;
    if (specrnn_encoder_create(&r->encoders[i], r->model, &log)) {
      return false;
    }
  }
  return specrnn_encoder_group_create(&r->group, r->model, n, &log) == SPECRNN_OK;
}

static void release(run *r)
{
  for (size_t i = 0; i < r->n_streams; i++) {
    specrnn_encoder_destroy(&r->encoders[i]);
  }
  specrnn_encoder_group_destroy(&r->group);
  free(r->encoders);
  free(r->now);
  free(r->outputs);
  specrnn_encoder_destroy(&r->encoder);
  specrnn_model_destroy(&r->model);
  free(r->input);
  free(r->output);
}

static void run_offline(void *user)
{
  run *r = user;
  const specrnn_encoder_output output = {.hidden = NULL, .output = r->output, .trace = NULL};
  specrnn_encoder_reset(r->encoder);
  specrnn_encoder_process(r->encoder, r->input, (size_t)r->options->frames, &output);
}

static void step(run *r, const float *frame)
{
  const specrnn_encoder_output output = {.hidden = NULL, .output = r->output, .trace = NULL};
  specrnn_encoder_process(r->encoder, frame, 1, &output);
}

static void run_stream(void *user)
{
  run *r = user;
  specrnn_encoder_reset(r->encoder);
  for (size_t t = 0; t < (size_t)r->options->frames; t++) {
    step(r, r->input + t * r->info->input_size);
  }
}

static void start_streams(run *r, size_t frame)
{
  for (size_t i = 0; i < r->n_streams; i++) {
    if (frame == 0) {
      specrnn_encoder_reset(r->encoders[i]);
    }
    r->now[i] = r->input + (frame + i) % (size_t)r->options->frames * r->info->input_size;
  }
}

static void run_batch(void *user)
{
  run *r = user;
  for (size_t t = 0; t < (size_t)r->options->frames; t++) {
    start_streams(r, t);
    if (specrnn_encoder_group_process(r->group, r->encoders, r->now, r->n_streams, r->outputs)) {
      return; /* it runs no other model */
    }
  }
}

static void run_one_by_one(void *user)
{
  run *r = user;
  for (size_t t = 0; t < (size_t)r->options->frames; t++) {
    start_streams(r, t);
    for (size_t i = 0; i < r->n_streams; i++) {
      specrnn_encoder_process(r->encoders[i], r->now[i], 1, &r->outputs[i]);
    }
  }
}

/* --------------------------------------------------------------------------------------------------------- the floors
 */

/* The weights of a step as OpenBLAS would be given them: W_ih and W_hh of each layer. */
typedef struct floors {
  const specrnn_model *model;
  size_t weights_per_float;
  float *weights; /* as many bytes as a step reads, on a cache line */
  size_t n_floats;
  float *vector, *result;
  bench_sgemv *sgemv;
  int steps;
} floors;

enum { READ_MULTIPLE = 64, CACHE_LINE = 64 };

static void run_reads(void *user)
{
  const floors *f = user;
  for (int i = 0; i < f->steps; i++) {
    float sum = bench_read_floats(f->weights, f->n_floats);
    bench_keep(&sum);
  }
}

static void multiply_all(const floors *f)
{
  const float *w = f->weights;
  const specrnn_model_info *info = specrnn_model_describe(f->model);
  for (size_t i = 0; i < info->n_parameters; i++) {
    const specrnn_parameter *parameter = specrnn_model_parameter(f->model, i);
    if (parameter->rank == 2) {
      size_t columns = parameter->shape[1] / f->weights_per_float; /* what is left over is not read */
      f->sgemv(parameter->shape[0], columns, w, f->vector, f->result);
      w += parameter->shape[0] * columns;
    }
  }
}

static void run_sgemv(void *user)
{
  const floors *f = user;
  for (int i = 0; i < f->steps; i++) {
    multiply_all(f);
    bench_keep(f->result);
  }
}

static bool prepare_floors(floors *f, const run *r)
{
  size_t widest = READ_MULTIPLE;
  size_t n_weights = 0;
  f->model = r->model;
  f->steps = r->options->frames;
  f->n_floats = r->info->bytes_per_step / sizeof *f->weights;
  for (size_t i = 0; i < r->info->n_parameters; i++) {
    const specrnn_parameter *parameter = specrnn_model_parameter(r->model, i);
    if (parameter->rank == 2) {
      n_weights += parameter->shape[0] * parameter->shape[1];
      widest = parameter->shape[0] > widest ? parameter->shape[0] : widest;
      widest = parameter->shape[1] > widest ? parameter->shape[1] : widest;
    }
  }
  f->weights_per_float = n_weights * sizeof *f->weights / r->info->bytes_per_step;
  f->n_floats = (f->n_floats + READ_MULTIPLE - 1) / READ_MULTIPLE * READ_MULTIPLE;
  f->weights = aligned_alloc(CACHE_LINE, f->n_floats * sizeof *f->weights);
  f->vector = calloc(widest, sizeof *f->vector);
  f->result = calloc(widest, sizeof *f->result);
  if (!f->weights || !f->vector || !f->result) {
    report_memory();
    return false;
  }
  bench_fill_noise(f->weights, f->n_floats);
  bench_fill_noise(f->vector, widest);
  f->sgemv = bench_find_sgemv();
  return true;
}

static void release_floors(floors *f)
{
  free(f->weights);
  free(f->vector);
  free(f->result);
}

/* ------------------------------------------------------------------------------------------------------ measurements
 */

/* What is timed in turn; the last one only where there are several streams. */
enum { OURS, READS, SGEMV, ONE_BY_ONE, SUBJECTS };

static void note_throughput(const run *r, const floors *f, const bench_subject *subjects, json_t *facts)
{
  double steps = r->options->frames;
  double read_us = 1e6 * subjects[READS].best_s / steps;
  double sgemv_us = 1e6 * subjects[SGEMV].best_s / steps;
  double ours_us = 1e6 * subjects[OURS].best_s / steps / (r->group ? (double)r->n_streams : 1.0);
  double floor_us = f->sgemv ? fmin(read_us, sgemv_us) : read_us;
  double bytes = (double)(f->n_floats * sizeof *f->weights);
  json_object_set_new(facts, "us_per_frame", json_real(ours_us));
  json_object_set_new(facts, "bytes_per_frame", json_integer((json_int_t)r->info->bytes_per_step));
  json_object_set_new(facts, "bandwidth_gbs", json_real(bytes / read_us * 1e-3));
  json_object_set_new(facts, "sgemv_us", f->sgemv ? json_real(sgemv_us) : json_null());
  json_object_set_new(facts, "floor_us", json_real(floor_us));
  json_object_set_new(facts, "ratio", json_real(ours_us / floor_us));
  if (r->group) {
    json_object_set_new(facts, "streams", json_integer(r->options->streams));
    json_object_set_new(facts, "one_by_one_us",
                        json_real(1e6 * subjects[ONE_BY_ONE].best_s / steps / (double)r->n_streams));
    json_object_set_new(facts, "speedup", json_real(subjects[ONE_BY_ONE].best_s / subjects[OURS].best_s));
  }
}

static bool measure_throughput(run *r, void (*work)(void *), json_t *facts)
{
  floors f = {0};
  bool good = prepare_floors(&f, r);
  if (good) {
    bench_subject subjects[SUBJECTS] = {
        [OURS] = {work, r, 0},
        [READS] = {run_reads, &f, 0},
        [SGEMV] = {f.sgemv ? run_sgemv : run_reads, &f, 0},
        [ONE_BY_ONE] = {run_one_by_one, r, 0},
    };
    bench_run(subjects, r->group ? SUBJECTS : ONE_BY_ONE, r->options->repetitions);
    note_throughput(r, &f, subjects, facts);
  }
  release_floors(&f);
  return good;
}

/* Times n_steps single steps, one frame a call, on the input or on silence; returns their sum. */
static double time_steps(run *r, double *times_s, size_t n_steps, const float *silence)
{
  double sum_s = 0.0;
  for (size_t t = 0; t < n_steps; t++) {
    const float *frame = silence ? silence : r->input + t * r->info->input_size;
    double start_s = bench_now_s();
    step(r, frame);
    times_s[t] = bench_now_s() - start_s;
    sum_s += times_s[t];
  }
  return sum_s;
}

/* How long single steps take, and what that is of the time that a frame lasts; then what silence after the noise takes,
 * where states decay. */
static bool measure_steps(run *r, json_t *facts)
{
  size_t n_steps = (size_t)r->options->frames;
  double *times_s = malloc(n_steps * sizeof *times_s);
  float *silence = calloc(r->info->input_size, sizeof *silence);
  if (!times_s || !silence) {
    report_memory();
    free(times_s);
    free(silence);
    return false;
  }
  specrnn_encoder_reset(r->encoder);
  double sum_s = time_steps(r, times_s, n_steps, NULL);
  json_object_set_new(facts, "step_p50_us", json_real(1e6 * bench_percentile(times_s, n_steps, 0.5)));
  json_object_set_new(facts, "step_p999_us", json_real(1e6 * bench_percentile(times_s, n_steps, 0.999)));
  json_object_set_new(facts, "step_max_us", json_real(1e6 * bench_percentile(times_s, n_steps, 1.0)));
  time_steps(r, times_s, n_steps, silence);
  json_object_set_new(facts, "step_silence_p50_us", json_real(1e6 * bench_percentile(times_s, n_steps, 0.5)));
  const specrnn_features_config *front_end = specrnn_model_front_end(r->model);
  specrnn_features_shape shape;
  if (front_end && specrnn_features_describe(front_end, &shape, NULL) == SPECRNN_OK) {
    json_object_set_new(facts, "times_real_time", json_real((double)n_steps / shape.frame_rate_hz / sum_s));
  }
  free(times_s);
  free(silence);
  return true;
}

static int run_bench(const cli_arguments *arguments)
{
  static const char *const MODES[] = {"offline", "stream", "batch", NULL};
  static void (*const WORK[])(void *) = {run_offline, run_stream, run_batch};
  run r = {.options = arguments->options};
  static const char *const DTYPES[] = {"f32", "bf16", "int8", NULL};
  static const specrnn_weight_type TYPES[] = {SPECRNN_WEIGHT_F32, SPECRNN_WEIGHT_BF16, SPECRNN_WEIGHT_INT8};
  int mode;
  int dtype = 0;
  if (!bench_limit_cpu(r.options->cpu) || !choose("mode", r.options->mode, MODES, &mode) ||
      (r.options->dtype && !choose("dtype", r.options->dtype, DTYPES, &dtype))) {
    return CLI_EXIT_USAGE;
  }
  bool good = prepare(&r, r.options->dtype ? &TYPES[dtype] : NULL) && (WORK[mode] != run_batch || prepare_streams(&r));
  json_t *facts = NULL;
  if (good) {
    facts = json_pack("{s:s, s:s, s:s, s:I, s:i}", "cpu_level", specrnn_cpu_level_name(specrnn_cpu_level_in_use()),
                      "mode", r.options->mode, "dtype", specrnn_weight_type_name(r.info->weight_type), "parameters",
                      (json_int_t)r.info->n_weights, "frames", r.options->frames);
    good = facts && measure_throughput(&r, WORK[mode], facts) && measure_steps(&r, facts);
  }
  release(&r);
  if (!good) {
    json_decref(facts);
    return CLI_EXIT_FAILED;
  }
  return bench_print(facts, r.options->json);
}

const cli_command bench_encoder_command = {
    .name = "bench encoder",
    .arguments = "[options]",
    .summary = "a recurrent step against the speed of memory and of OpenBLAS",
    .example = "specrnn bench encoder --cell lstm --input 80 --hidden 256 --layers 2 --mode offline --json\n"
               "specrnn bench encoder --model voice.safetensors",
    .description =
        "Times a model on noise, one thread, beside its floors in the same run: reading as many bytes as its weights "
        "have with the widest vectors (bandwidth_gbs), and OpenBLAS sgemv on matrices of the same bytes (sgemv_us, "
        "where OpenBLAS is installed); floor_us is the lower of the two. Then times each single step, and those of "
        "silence after the noise. In the mode "
        "batch "
        "us_per_frame is the time of a step divided by its streams, beside the same streams one by one.",
    .groups = GROUPS,
    .defaults = &DEFAULTS,
    .options_size = sizeof(options),
    .minimum_inputs = 0,
    .maximum_inputs = 0,
    .run = run_bench,
};
