/* specrnn info: what a file is: sound, an array, several arrays, or a model. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "limit.h"
#include "model_text.h"
#include "path.h"
#include "report.h"
#include "specrnn/audio.h"
#include "specrnn/io.h"

typedef struct options {
  bool json;
} options;

static const options DEFAULTS = {0};

static const cli_option OPTIONS[] = {
    {"json", 0, CLI_FLAG, NULL, offsetof(options, json), 0, 0,
     "print one JSON object a file, and messages as JSON lines"},
    {0},
};

static const cli_group GROUPS[] = {{"Options", OPTIONS, NULL, NULL}, {0}};

enum { BLOCK_FRAMES = 4096, SHAPE_SIZE = 160, HEAD_SIZE = 9 };

/* ---------------------------------------------------------------------------------------------------------------- JSON
 */

/* Takes the object over. */
static int print_json(const char *path, json_t *facts)
{
  if (!facts) {
    return report_failure(path, "cannot make JSON of the facts: a name is not UTF-8, or memory is out");
  }
  json_dumpf(facts, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
  putchar('\n');
  json_decref(facts);
  return CLI_EXIT_OK;
}

/* JSON has no infinity and no NaN. */
static json_t *finite_json(double x)
{
  return isfinite(x) ? json_real(x) : json_null();
}

/* --------------------------------------------------------------------------------------------------------------- sound
 */

typedef struct level {
  double peak, sum_of_squares;
  uint64_t n_numbers;
} level;

static specrnn_status read_all(specrnn_audio *audio, level *l, const specrnn_log *log)
{
  specrnn_audio_info info;
  specrnn_audio_get_info(audio, &info);
  size_t channels = (size_t)info.channels;
  float samples[BLOCK_FRAMES];
  size_t capacity = BLOCK_FRAMES / channels;
  size_t n = 0;
  specrnn_status status;
  while (!(status = specrnn_audio_read(audio, samples, capacity, &n, log)) && n > 0) {
    for (size_t i = 0; i < n * channels; i++) {
      double x = samples[i];
      l->peak = fmax(l->peak, fabs(x));
      l->sum_of_squares += x * x;
    }
    l->n_numbers += n * channels;
  }
  return status;
}

static double decibels(double amplitude)
{
  return 20.0 * log10(amplitude);
}

static int show_sound(const char *path, bool json)
{
  specrnn_audio *audio = NULL;
  specrnn_audio_config config = SPECRNN_AUDIO_CONFIG_INIT;
  config.channels = SPECRNN_AUDIO_ALL;
  config.nan = SPECRNN_AUDIO_NAN_ZERO;
  config.truncated = SPECRNN_AUDIO_TRUNCATED_ACCEPT;
  level l = {0};
  specrnn_log log = report_log(path);
  specrnn_audio_info info;
  specrnn_status status = specrnn_audio_open(&audio, path, &config, &log);
  if (!status) {
    status = read_all(audio, &l, &log);
    specrnn_audio_get_info(audio, &info);
  }
  specrnn_audio_close(&audio);
  if (status) {
    return report_status(status);
  }
  double duration_s = (double)info.n_frames / info.sample_rate_hz;
  double rms = sqrt(l.sum_of_squares / (double)l.n_numbers);
  if (json) {
    return print_json(
        path, json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:I, s:f, s:o, s:o, s:I, s:I}", "file", path, "type", "sound",
                        "container", info.container, "encoding", info.encoding, "sample_rate_hz", info.native_rate_hz,
                        "channels", info.native_channels, "frames", (json_int_t)info.n_frames, "duration_s", duration_s,
                        "peak_dbfs", finite_json(decibels(l.peak)), "rms_dbfs", finite_json(decibels(rms)),
                        "clipped_samples", (json_int_t)info.n_clipped, "bad_samples", (json_int_t)info.n_bad));
  }
  printf("%s: sound, %.3f s, %d Hz, %d channel%s (%s, %s), peak %.1f dBFS, RMS %.1f dBFS\n", path, duration_s,
         info.native_rate_hz, info.native_channels, info.native_channels == 1 ? "" : "s", info.container, info.encoding,
         decibels(l.peak), decibels(rms));
  if (info.n_bad > 0) {
    printf("  %llu samples are NaN or infinite\n", (unsigned long long)info.n_bad);
  }
  return CLI_EXIT_OK;
}

/* -------------------------------------------------------------------------------------------------------------- arrays
 */

/* Of the finite values of an array. */
typedef struct summary {
  double least, largest, mean;
  size_t n_finite, n_other;
} summary;

/* False for complex numbers, which have no order. */
static bool summarise(const specrnn_array *array, summary *s)
{
  specrnn_array *numbers = NULL;
  if (specrnn_array_to_f32(&numbers, array, SPECRNN_FINITE_OPTIONAL, NULL)) {
    return false;
  }
  const float *x = numbers->data;
  size_t count = specrnn_array_count(numbers);
  *s = (summary){.least = INFINITY, .largest = -INFINITY};
  double sum = 0.0;
  for (size_t i = 0; i < count; i++) {
    if (!isfinite(x[i])) {
      s->n_other++;
      continue;
    }
    s->n_finite++;
    s->least = fmin(s->least, (double)x[i]);
    s->largest = fmax(s->largest, (double)x[i]);
    sum += (double)x[i];
  }
  s->mean = sum / (double)s->n_finite;
  specrnn_array_destroy(&numbers);
  return s->n_finite > 0;
}

static json_t *array_json(const specrnn_array *array)
{
  summary s;
  json_t *shape = json_array();
  for (int i = 0; i < array->rank; i++) {
    json_array_append_new(shape, json_integer((json_int_t)array->shape[i]));
  }
  json_t *facts = json_pack("{s:s, s:o}", "dtype", specrnn_dtype_name(array->dtype), "shape", shape);
  if (facts && summarise(array, &s)) {
    json_object_set_new(facts, "minimum", json_real(s.least));
    json_object_set_new(facts, "maximum", json_real(s.largest));
    json_object_set_new(facts, "mean", json_real(s.mean));
    json_object_set_new(facts, "not_finite", json_integer((json_int_t)s.n_other));
  }
  return facts;
}

static void print_array(const specrnn_array *array)
{
  char shape[SHAPE_SIZE];
  summary s;
  specrnn_array_shape_text(array, shape, sizeof shape);
  printf("%s %s", specrnn_dtype_name(array->dtype), shape);
  if (summarise(array, &s)) {
    printf(", %.6g ... %.6g, mean %.6g", s.least, s.largest, s.mean);
    if (s.n_other > 0) {
      printf(", %zu not finite", s.n_other);
    }
  }
  putchar('\n');
}

static int show_array(const char *path, bool json,
                      specrnn_status (*load)(specrnn_array **, const char *, const specrnn_log *))
{
  specrnn_array *array = NULL;
  specrnn_log log = report_log(path);
  specrnn_status status = load(&array, path, &log);
  if (status) {
    return report_status(status);
  }
  int exit_status = CLI_EXIT_OK;
  if (json) {
    json_t *facts = array_json(array);
    if (facts) {
      json_object_set_new(facts, "file", json_string(path));
      json_object_set_new(facts, "type", json_string("array"));
    }
    exit_status = print_json(path, facts);
  } else {
    printf("%s: array, ", path);
    print_array(array);
  }
  specrnn_array_destroy(&array);
  return exit_status;
}

/* A text, or an array of numbers. */
static void print_entry(specrnn_npz *npz, const char *name)
{
  specrnn_array *array = NULL;
  char **texts = NULL;
  size_t count = 0;
  printf("  %-24s ", name);
  if (!specrnn_npz_read(&array, npz, name, NULL)) {
    print_array(array);
  } else if (!specrnn_npz_read_texts(&texts, &count, npz, name, NULL)) {
    printf("text, %zu", count);
    printf(count == 1 ? ": %.60s%s\n" : ", first: %.60s%s\n", count ? texts[0] : "",
           count && strlen(texts[0]) > 60 ? "..." : "");
  } else {
    printf("neither numbers nor text\n");
  }
  specrnn_array_destroy(&array);
  specrnn_texts_destroy(&texts);
}

static json_t *entry_json(specrnn_npz *npz, const char *name)
{
  specrnn_array *array = NULL;
  char **texts = NULL;
  size_t count = 0;
  json_t *facts = NULL;
  if (!specrnn_npz_read(&array, npz, name, NULL)) {
    facts = array_json(array);
  } else if (!specrnn_npz_read_texts(&texts, &count, npz, name, NULL)) {
    facts = json_pack("{s:s, s:I}", "dtype", "text", "count", (json_int_t)count);
  } else {
    facts = json_null();
  }
  specrnn_array_destroy(&array);
  specrnn_texts_destroy(&texts);
  return facts;
}

static int show_archive(const char *path, bool json)
{
  specrnn_npz *npz = NULL;
  specrnn_log log = report_log(path);
  specrnn_status status = limit_npz_open(&npz, path, &log);
  if (status) {
    return report_status(status);
  }
  int exit_status = CLI_EXIT_OK;
  if (json) {
    json_t *arrays = json_object();
    for (size_t i = 0; i < specrnn_npz_count(npz); i++) {
      json_object_set_new(arrays, specrnn_npz_name(npz, i), entry_json(npz, specrnn_npz_name(npz, i)));
    }
    exit_status = print_json(path, json_pack("{s:s, s:s, s:o}", "file", path, "type", "arrays", "arrays", arrays));
  } else {
    printf("%s: archive of %zu array%s\n", path, specrnn_npz_count(npz), specrnn_npz_count(npz) == 1 ? "" : "s");
    for (size_t i = 0; i < specrnn_npz_count(npz); i++) {
      print_entry(npz, specrnn_npz_name(npz, i));
    }
  }
  specrnn_npz_close(&npz);
  return exit_status;
}

/* --------------------------------------------------------------------------------------------------------------- model
 */

static int show_model(const char *path, bool json)
{
  specrnn_model *model = NULL;
  model_notes notes = {.path = path};
  specrnn_log log = model_notes_log(&notes);
  int exit_status = report_status(limit_model_load(&model, path, NULL, &log));
  if (exit_status == CLI_EXIT_OK && json) {
    exit_status = print_json(path, model_json(model, &notes));
  } else if (exit_status == CLI_EXIT_OK) {
    model_print(model, &notes);
  }
  model_notes_release(&notes);
  specrnn_model_destroy(&model);
  return exit_status;
}

/* ------------------------------------------------------------------------------------------------------------- any
 * file */

/* The first bytes; a file shorter than them is filled with zeros. */
static bool read_head(const char *path, unsigned char head[HEAD_SIZE])
{
  memset(head, 0, HEAD_SIZE);
  FILE *file = fopen(path, "rb");
  if (!file) {
    report_failure(path, "%s", strerror(errno));
    return false;
  }
  size_t n = fread(head, 1, HEAD_SIZE, file);
  bool fine = n > 0 || !ferror(file);
  if (!fine) {
    report_failure(path, "cannot read: %s", strerror(errno));
  }
  fclose(file);
  return fine;
}

/* A safetensors file begins with the length of its JSON, of which four bytes are 0 for certain, and then an object. */
static bool is_safetensors(const unsigned char head[HEAD_SIZE])
{
  static const unsigned char ZEROS[4] = {0};
  return !memcmp(head + 4, ZEROS, sizeof ZEROS) && memcmp(head, ZEROS, sizeof ZEROS) != 0 &&
         (head[8] == '{' || head[8] == ' ');
}

static int show(const char *path, bool json)
{
  unsigned char head[HEAD_SIZE];
  if (!strcmp(path, "-")) {
    return show_sound(path, json);
  }
  if (!read_head(path, head)) {
    return CLI_EXIT_FAILED;
  }
  if (!memcmp(head, "\x93NUMPY", 6)) {
    return show_array(path, json, specrnn_npy_load);
  }
  if (path_has_extension(path, ".csv")) {
    return show_array(path, json, specrnn_csv_load);
  }
  if (!memcmp(head, "PK", 2)) {
    return path_has_extension(path, ".npz") ? show_archive(path, json) : show_model(path, json);
  }
  bool is_model = is_safetensors(head) || path_has_extension(path, ".safetensors") || path_has_extension(path, ".pt");
  return is_model ? show_model(path, json) : show_sound(path, json);
}

static int run(const cli_arguments *arguments)
{
  const options *o = arguments->options;
  return cli_each_input(arguments, o->json, show);
}

const cli_command cmd_info = {
    .name = "info",
    .arguments = "FILE... [options]",
    .summary = "what a sound file, an array or a model is",
    .example = "specrnn info test.wav features.npz voice.safetensors",
    .description =
        "Says what each file is, by its content: of sound the duration, rate, channels, format and level; of arrays "
        "(.npy, .npz, .csv) the types, shapes and ranges; of a model what specrnn model show says.\n"
        "Keys of --json: file, type (sound, array, arrays, model); of sound container, encoding, sample_rate_hz, "
        "channels, frames, duration_s, peak_dbfs and rms_dbfs (null for silence), clipped_samples, bad_samples; of an "
        "array dtype, shape, minimum, maximum, mean, not_finite; of an archive arrays (these by name); of a model see "
        "specrnn model show --help.",
    .groups = GROUPS,
    .defaults = &DEFAULTS,
    .options_size = sizeof(options),
    .minimum_inputs = 1,
    .maximum_inputs = -1,
    .run = run,
};
