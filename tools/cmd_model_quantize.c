/* specrnn model quantize: narrower weights, and what they cost in exactness. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis.h"
#include "commands.h"
#include "model_source.h"
#include "report.h"
#include "shown.h"
#include "specrnn/encoder.h"

typedef struct options {
  const char *output, *dtype, *sound;
  model_source source;
} options;

static const options DEFAULTS = {0};

#define FIELD(name) offsetof(options, name)

static const cli_option OPTIONS[] = {
    {"output", 'o', CLI_STRING, "OUT", FIELD(output), 0, 0, "the file to write (safetensors)"},
    {"dtype", 0, CLI_STRING, "TYPE", FIELD(dtype), 0, 0, "int8 (a quarter of the bytes) or bf16 (half of them)"},
    {"sound", 0, CLI_STRING, "FILE", FIELD(sound), 0, 0,
     "measure the error on this sound (default: on noise); the model needs its front end"},
    {0},
};

static const cli_option MODEL_OPTIONS[] = {MODEL_SOURCE_OPTIONS(options, source), {0}};

static const cli_group GROUPS[] = {
    {"Options", OPTIONS, NULL, NULL},
    {"Input (what a bare state_dict does not say)", MODEL_OPTIONS, model_load_table, MODEL_LOAD_KEYS},
    {0},
};

/* ------------------------------------------------------------------------------------------------------------- frames
 */

/* What both models are run on. */
typedef struct frames {
  float *rows; /* (count, width) */
  size_t count, capacity, width;
} frames;

static specrnn_status keep_frames(void *user, const float *features, const float *const *hidden, const float *output,
                                  size_t n_frames)
{
  (void)hidden;
  (void)output;
  frames *f = user;
  if (f->count + n_frames > f->capacity) {
    size_t capacity = 2 * (f->count + n_frames);
    float *larger = capacity <= SIZE_MAX / sizeof *larger / f->width
                        ? realloc(f->rows, capacity * f->width * sizeof *larger)
                        : NULL;
    if (!larger) {
      report_memory();
      return SPECRNN_ERROR_MEMORY;
    }
    f->rows = larger;
    f->capacity = capacity;
  }
  memcpy(f->rows + f->count * f->width, features, n_frames * f->width * sizeof *f->rows);
  f->count += n_frames;
  return SPECRNN_OK;
}

static specrnn_status frames_of_sound(frames *f, const specrnn_model *model, const options *o)
{
  const specrnn_features_config *front_end = specrnn_model_front_end(model);
  if (!front_end) {
    report_usage("--sound: the model has no front end (specrnn model convert gives it one)");
    return SPECRNN_ERROR_ARGUMENT;
  }
  const analysis_config config = {
      .path = o->sound, .model = model, .front_end = front_end, .audio = SPECRNN_AUDIO_CONFIG_INIT};
  const analysis_observer observer = {.frames = keep_frames, .user = f};
  analysis_result result;
  specrnn_log log = report_log(o->sound);
  specrnn_status status = analysis_run(&config, &observer, &result, &log);
  if (!status && f->count == 0) {
    report_failure(o->sound, "is too short for a frame");
    status = SPECRNN_ERROR_EMPTY;
  }
  return status;
}

/* Normal numbers, with the mean and deviation that the normaliser expects. */
static specrnn_status frames_of_noise(frames *f, const specrnn_model *model)
{
  enum { NOISE_FRAMES = 1000 };
  const float *mean;
  const float *scale;
  f->rows = calloc(NOISE_FRAMES, f->width * sizeof *f->rows);
  if (!f->rows) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  f->count = NOISE_FRAMES;
  specrnn_model_draw_state(f->rows, f->count * f->width, 1.0, 0);
  if (specrnn_model_normaliser(model, &mean, &scale)) {
    for (size_t i = 0; i < f->count * f->width; i++) {
      size_t bin = i % f->width;
      f->rows[i] = mean[bin] + (scale[bin] != 0.0f ? f->rows[i] / scale[bin] : 0.0f);
    }
  }
  return SPECRNN_OK;
}

/* ------------------------------------------------------------------------------------------------------------- errors
 */

/* The states of every layer, and the output: a pointer for each of specrnn_model_layer. */
typedef struct states {
  float **rows;
  size_t count;
} states;

static void release_states(states *s)
{
  for (size_t i = 0; i < s->count; i++) {
    free(s->rows[i]);
  }
  free(s->rows);
}

static specrnn_status run_model(states *s, const specrnn_model *model, const frames *f)
{
  const specrnn_model_info *info = specrnn_model_describe(model);
  size_t n_stages = info->n_layers + (info->has_output_layer ? 1 : 0);
  s->rows = calloc(n_stages, sizeof *s->rows);
  bool good = s->rows != NULL;
  for (; good && s->count < n_stages; s->count++) {
    s->rows[s->count] = calloc(f->count, specrnn_model_layer(model, s->count)->width * sizeof(float));
    good = s->rows[s->count] != NULL;
  }
  if (!good) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  specrnn_batch batch = SPECRNN_BATCH_INIT;
  batch.input = f->rows;
  batch.n_frames = f->count;
  batch.hidden = s->rows;
  batch.output = info->has_output_layer ? s->rows[info->n_layers] : NULL;
  specrnn_log log = report_log(NULL);
  return specrnn_model_forward(model, &batch, &log);
}

static void print_error(const specrnn_layer_info *layer, const float *exact, const float *rounded, size_t n_frames)
{
  double largest = 0.0, squares = 0.0, aa = 0.0, bb = 0.0, ab = 0.0;
  size_t count = n_frames * layer->width;
  for (size_t i = 0; i < count; i++) {
    double a = exact[i];
    double b = rounded[i];
    largest = fmax(largest, fabs(a - b));
    squares += (a - b) * (a - b);
    aa += a * a;
    bb += b * b;
    ab += a * b;
  }
  double cosine = aa > 0.0 && bb > 0.0 ? ab / sqrt(aa * bb) : 1.0;
  printf("%12.3g%12.3g%12.6f%16zu\n", largest, sqrt(squares / (double)count), cosine, layer->bytes_per_step);
}

static specrnn_status print_errors(const specrnn_model *exact, const specrnn_model *rounded, const frames *f)
{
  states before = {0};
  states after = {0};
  specrnn_status status = run_model(&before, exact, f);
  if (!status) {
    status = run_model(&after, rounded, f);
  }
  if (!status) {
    printf("  %-8s%-16s%-8s%12s%12s%12s%16s\n", "Layer", "Module", "Kind", "Largest", "RMS", "Cosine",
           "Bytes per step");
  }
  for (size_t i = 0; !status && i < before.count; i++) {
    const specrnn_layer_info *layer = specrnn_model_layer(rounded, i);
    printf("  %-8zu%-16s%-8s", i, shown(layer->module->name), layer->title);
    print_error(layer, before.rows[i], after.rows[i], f->count);
  }
  release_states(&before);
  release_states(&after);
  return status;
}

static specrnn_status measure(const specrnn_model *exact, const specrnn_model *rounded, const options *o)
{
  frames f = {.width = specrnn_model_describe(exact)->input_size};
  specrnn_status status = o->sound ? frames_of_sound(&f, exact, o) : frames_of_noise(&f, exact);
  if (!status) {
    printf("Error of %s weights in %zu frames of %s\n", o->dtype, f.count, o->sound ? shown(o->sound) : "noise");
    status = print_errors(exact, rounded, &f);
  }
  free(f.rows);
  return status;
}

/* -------------------------------------------------------------------------------------------------------- the command
 */

static bool check_usage(const options *o, specrnn_weight_type *type)
{
  if (!o->output || !strcmp(o->output, "-")) {
    report_usage("--output: say which file the model goes to (see specrnn model quantize --help)");
    return false;
  }
  for (int t = SPECRNN_WEIGHT_BF16; o->dtype && t < SPECRNN_WEIGHT_TYPES; t++) {
    if (!strcmp(o->dtype, specrnn_weight_type_name((specrnn_weight_type)t))) {
      *type = (specrnn_weight_type)t;
      return true;
    }
  }
  report_usage("--dtype: int8 or bf16 is needed");
  return false;
}

static int run(const cli_arguments *arguments)
{
  const options *o = arguments->options;
  const char *path = arguments->inputs[0];
  specrnn_weight_type type;
  if (!check_usage(o, &type)) {
    return CLI_EXIT_USAGE;
  }
  specrnn_model *exact = NULL;
  specrnn_model *rounded = NULL;
  specrnn_log log = report_log(path);
  specrnn_status status = model_source_load(&exact, path, arguments, &o->source, &log);
  if (!status) {
    status = specrnn_model_with_weights(&rounded, exact, type, &log);
  }
  if (!status) {
    status = measure(exact, rounded, o);
  }
  if (!status) {
    specrnn_log out_log = report_log(NULL);
    status = specrnn_model_save(rounded, o->output, &out_log);
  }
  specrnn_model_destroy(&exact);
  specrnn_model_destroy(&rounded);
  return status == SPECRNN_ERROR_ARGUMENT ? CLI_EXIT_USAGE : report_status(status);
}

const cli_command cmd_model_quantize = {
    .name = "model quantize",
    .arguments = "IN -o OUT --dtype int8|bf16 [options]",
    .summary = "a model with narrower weights, and their error per layer",
    .example = "specrnn model quantize voice.safetensors -o small.safetensors --dtype int8 --sound speech.wav",
    .description =
        "Rounds the matrices of a model to 8-bit whole numbers with a scale per row, or to bfloat16, writes it, and "
        "prints for each layer how far its states are from those of the model as it was: the largest difference, the "
        "root of the mean square, the cosine between both. Biases, states and the front end stay as they are; test "
        "vectors are left out, as they belong to the other weights.",
    .groups = GROUPS,
    .defaults = &DEFAULTS,
    .options_size = sizeof(options),
    .minimum_inputs = 1,
    .maximum_inputs = 1,
    .run = run,
};
