/* specrnn info: what a file is: sound, an array, several arrays, or a model. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array_summary.h"
#include "commands.h"
#include "limit.h"
#include "model_text.h"
#include "path.h"
#include "readable.h"
#include "report.h"
#include "shown.h"
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

enum { BLOCK_FRAMES = 4096, SHAPE_SIZE = 160, MESSAGE_SIZE = 512 };

/* ---------------------------------------------------------------------------------------------------------------- JSON
 */

static size_t most(size_t a, size_t b)
{
  return a > b ? a : b;
}

/* The fewest digits from which every number reads back as it was: 15 for most, 17 for any. */
static size_t json_digits(json_t *value)
{
  enum { LEAST_DIGITS = 15, MOST_DIGITS = 17, TEXT_SIZE = 40 };
  size_t digits = LEAST_DIGITS;
  if (json_is_real(value)) {
    double x = json_real_value(value);
    char text[TEXT_SIZE];
    do {
      snprintf(text, sizeof text, "%.*g", (int)digits, x);
    } while (strtod(text, NULL) != x && ++digits < MOST_DIGITS);
  }
  const char *key;
  size_t index;
  json_t *member;
  json_object_foreach(value, key, member)
  {
    digits = most(digits, json_digits(member));
  }
  json_array_foreach(value, index, member)
  {
    digits = most(digits, json_digits(member));
  }
  return digits;
}

/* Takes the object over. */
static int print_json(const char *path, json_t *facts)
{
  if (!facts) {
    return report_failure(path, "cannot make JSON of the facts: a name is not UTF-8, or memory is out");
  }
  json_dumpf(facts, stdout, JSON_COMPACT | JSON_REAL_PRECISION(json_digits(facts)));
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
  specrnn_status status = readable_audio_open(&audio, path, &config, &log);
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
        path, json_pack("{s:o, s:s, s:s, s:s, s:i, s:i, s:I, s:f, s:o, s:o, s:I, s:I, s:I}", "file", shown_json(path),
                        "type", "sound", "container", info.container, "encoding", info.encoding, "sample_rate_hz",
                        info.native_rate_hz, "channels", info.native_channels, "frames", (json_int_t)info.n_frames,
                        "duration_s", duration_s, "peak_dbfs", finite_json(decibels(l.peak)), "rms_dbfs",
                        finite_json(decibels(rms)), "clipped_samples", (json_int_t)info.n_clipped,
                        "samples_above_full_scale", (json_int_t)info.n_above, "bad_samples", (json_int_t)info.n_bad));
  }
  printf("%s: sound, %.3f s, %d Hz, %d channel%s (%s, %s), peak %.1f dBFS, RMS %.1f dBFS\n", shown(path), duration_s,
         info.native_rate_hz, info.native_channels, info.native_channels == 1 ? "" : "s", info.container, info.encoding,
         decibels(l.peak), decibels(rms));
  if (info.n_bad > 0) {
    printf("  %llu sample%s NaN, infinite or beyond 1e12\n", (unsigned long long)info.n_bad,
           info.n_bad == 1 ? " is" : "s are");
  }
  return CLI_EXIT_OK;
}

/* -------------------------------------------------------------------------------------------------------------- arrays
 */

/* A uint64 above 2^63 - 1, which few readers keep, is a string of digits, as in configurations. */
static json_t *end_json(const array_summary *s, specrnn_dtype dtype, double x, int64_t i, uint64_t u)
{
  if (!s->is_integer) {
    return json_real(x);
  }
  if (dtype != SPECRNN_U64 || u <= INT64_MAX) {
    return json_integer(dtype == SPECRNN_U64 ? (json_int_t)u : (json_int_t)i);
  }
  char digits[SUMMARY_TEXT_SIZE];
  snprintf(digits, sizeof digits, "%" PRIu64, u);
  return json_string(digits);
}

/* NULL after a message. */
static json_t *array_json(const specrnn_array *array, const specrnn_log *log)
{
  array_summary s;
  if (array_summarise(&s, array, log)) {
    return NULL;
  }
  json_t *shape = json_array();
  for (int i = 0; i < array->rank; i++) {
    json_array_append_new(shape, json_integer((json_int_t)array->shape[i]));
  }
  json_t *facts = json_pack("{s:s, s:o}", "dtype", specrnn_dtype_name(array->dtype), "shape", shape);
  if (s.is_complex) {
    json_object_set_new(facts, "values", json_string("magnitudes"));
  }
  if (s.n_finite > 0) {
    json_object_set_new(facts, "minimum", end_json(&s, array->dtype, s.least, s.least_i, s.least_u));
    json_object_set_new(facts, "maximum", end_json(&s, array->dtype, s.largest, s.largest_i, s.largest_u));
    json_object_set_new(facts, "mean", json_real(s.mean));
  }
  const json_int_t n_nan = (json_int_t)s.n_nan;
  json_object_set_new(facts, "not_finite", json_integer(n_nan + (json_int_t)s.n_infinite));
  return facts;
}

static void print_numbers(const array_summary *s, specrnn_dtype dtype)
{
  char least[SUMMARY_TEXT_SIZE];
  char largest[SUMMARY_TEXT_SIZE];
  char mean[SUMMARY_TEXT_SIZE];
  array_least_text(s, dtype, least);
  array_largest_text(s, dtype, largest);
  array_mean_text(s, mean);
  printf(", %s%s ... %s, mean %s", s->is_complex ? "magnitudes " : "", least, largest, mean);
  if (s->n_nan + s->n_infinite > 0) {
    printf(", %zu not finite", s->n_nan + s->n_infinite);
  }
}

static specrnn_status print_array(const specrnn_array *array, const specrnn_log *log)
{
  char shape[SHAPE_SIZE];
  array_summary s;
  specrnn_status status = array_summarise(&s, array, log);
  if (status) {
    return status;
  }
  specrnn_array_shape_text(array, shape, sizeof shape);
  printf("%s %s", specrnn_dtype_name(array->dtype), shape);
  if (s.n_finite > 0) {
    print_numbers(&s, array->dtype);
  } else if (s.n_nan + s.n_infinite > 0) {
    printf(", no number is finite: %zu NaN, %zu infinite", s.n_nan, s.n_infinite);
  }
  putchar('\n');
  return SPECRNN_OK;
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
    json_t *facts = array_json(array, &log);
    if (facts) {
      json_object_set_new(facts, "file", shown_json(path));
      json_object_set_new(facts, "type", json_string("array"));
    }
    exit_status = print_json(path, facts);
  } else {
    printf("%s: array, ", shown(path));
    exit_status = report_status(print_array(array, &log));
  }
  specrnn_array_destroy(&array);
  return exit_status;
}

/* A text, or an array of numbers; what is neither is an error, which the reader of numbers explains. */
typedef struct entry {
  specrnn_array *array;
  char **texts;
  size_t n_texts;
} entry;

/* Why entries cannot be read: a file has one line for that, however many they are. */
typedef struct trouble {
  char first[MESSAGE_SIZE];
  size_t n_entries;
} trouble;

static void keep_message(void *user, specrnn_log_level severity, const char *message)
{
  if (severity == SPECRNN_LOG_ERROR) {
    snprintf(user, MESSAGE_SIZE, "%s", message);
  }
}

/* What holds no text may hold numbers; a text that is damaged is neither. */
static specrnn_status read_archived(entry *e, specrnn_npz *npz, const char *name, trouble *t)
{
  char said[MESSAGE_SIZE] = "";
  const specrnn_log log = {keep_message, said};
  *e = (entry){0};
  specrnn_status status = specrnn_npz_read_texts(&e->texts, &e->n_texts, npz, name, &log);
  if (status == SPECRNN_ERROR_UNSUPPORTED) {
    status = specrnn_npz_read(&e->array, npz, name, &log);
  }
  if (status && t->n_entries++ == 0) {
    snprintf(t->first, sizeof t->first, "%s", said);
  }
  return status;
}

static int report_trouble(const char *path, const trouble *t)
{
  if (t->n_entries > 1) {
    return report_failure(path, "%s; and %zu more cannot be read", t->first, t->n_entries - 1);
  }
  return t->n_entries ? report_failure(path, "%s", t->first) : CLI_EXIT_OK;
}

static void release_entry(entry *e)
{
  specrnn_array_destroy(&e->array);
  specrnn_texts_destroy(&e->texts);
}

static specrnn_status print_entry(specrnn_npz *npz, const char *name, trouble *t, const specrnn_log *log)
{
  enum { SHOWN = 60 };
  entry e;
  specrnn_status status = SPECRNN_OK;
  if (read_archived(&e, npz, name, t)) {
    printf("  %-24s not readable\n", shown(name));
    return SPECRNN_OK;
  }
  printf("  %-24s ", shown(name));
  if (e.array) {
    status = print_array(e.array, log);
  } else {
    char first[SHOWN + 1];
    snprintf(first, sizeof first, "%s", e.n_texts ? e.texts[0] : "");
    printf("text, %zu%s: %s%s\n", e.n_texts, e.n_texts == 1 ? "" : ", first", shown(first),
           e.n_texts && strlen(e.texts[0]) > SHOWN ? "..." : "");
  }
  release_entry(&e);
  return status;
}

/* JSON null for an entry that cannot be read. */
static json_t *entry_json(specrnn_npz *npz, const char *name, trouble *t, const specrnn_log *log)
{
  entry e;
  if (read_archived(&e, npz, name, t)) {
    return json_null();
  }
  json_t *facts =
      e.array ? array_json(e.array, log) : json_pack("{s:s, s:I}", "dtype", "text", "count", (json_int_t)e.n_texts);
  release_entry(&e);
  return facts;
}

/* An entry without facts, of which the reason was said, leaves the whole without JSON. */
static int print_archive_json(const char *path, specrnn_npz *npz, trouble *t, const specrnn_log *log)
{
  json_t *arrays = json_object();
  for (size_t i = 0; arrays && i < specrnn_npz_count(npz); i++) {
    const char *name = specrnn_npz_name(npz, i);
    json_t *key = shown_json(name);
    bool added = key && json_object_set_new(arrays, json_string_value(key), entry_json(npz, name, t, log)) == 0;
    json_decref(key);
    if (!added) {
      json_decref(arrays);
      arrays = NULL;
    }
  }
  return print_json(path, json_pack("{s:o, s:s, s:o}", "file", shown_json(path), "type", "arrays", "arrays", arrays));
}

static int print_archive(const char *path, specrnn_npz *npz, trouble *t, const specrnn_log *log)
{
  specrnn_status status = SPECRNN_OK;
  printf("%s: archive of %zu array%s\n", shown(path), specrnn_npz_count(npz), specrnn_npz_count(npz) == 1 ? "" : "s");
  for (size_t i = 0; i < specrnn_npz_count(npz); i++) {
    specrnn_status printed = print_entry(npz, specrnn_npz_name(npz, i), t, log);
    status = status ? status : printed;
  }
  return report_status(status);
}

static int show_archive(const char *path, bool json)
{
  specrnn_npz *npz = NULL;
  specrnn_log log = report_log(path);
  specrnn_status status = limit_npz_open(&npz, path, &log);
  if (status) {
    return report_status(status);
  }
  trouble t = {.n_entries = 0};
  int exit_status = json ? print_archive_json(path, npz, &t, &log) : print_archive(path, npz, &t, &log);
  specrnn_npz_close(&npz);
  int troubled = report_trouble(path, &t);
  return exit_status ? exit_status : troubled;
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

/* A text may be a table of numbers, or not: its faults as one are not all that is to be said, unless its name has said
 * the rest. */
static specrnn_status load_table(specrnn_array **out, const char *path, const specrnn_log *log)
{
  char said[MESSAGE_SIZE] = "";
  const specrnn_log keep = {keep_message, said};
  specrnn_status status = readable_csv_load(out, path, &keep);
  if (status == SPECRNN_ERROR_FORMAT && !path_has_extension(path, ".csv") && strncmp(said, "a text", 6) != 0) {
    report_failure(path, "a text, and no table of numbers: %s", said);
  } else if (status) {
    log->write(log->user, SPECRNN_LOG_ERROR, said);
  }
  return status;
}

static int show(const char *path, bool json)
{
  specrnn_file_format format = readable_format(path);
  switch (format) {
  case SPECRNN_FILE_NPY: return show_array(path, json, readable_npy_load);
  case SPECRNN_FILE_TEXT: return show_array(path, json, load_table);
  case SPECRNN_FILE_NPZ: return show_archive(path, json);
  case SPECRNN_FILE_SAFETENSORS:
  case SPECRNN_FILE_TORCH: return show_model(path, json);
  case SPECRNN_FILE_TORCH_LEGACY:
  case SPECRNN_FILE_PICKLE:
  case SPECRNN_FILE_HDF5:
  case SPECRNN_FILE_TFLITE:
  case SPECRNN_FILE_ONNX:
  case SPECRNN_FILE_ZIP:
  case SPECRNN_FILE_ARK:
  case SPECRNN_FILE_JSON:
    return report_failure(path, "this is not read: %s%s", specrnn_file_format_name(format),
                          specrnn_file_format_advice(format));
  case SPECRNN_FILE_OTHER: break;
  }
  return show_sound(path, json);
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
        "channels, frames, duration_s, peak_dbfs and rms_dbfs (null for silence), clipped_samples, "
        "samples_above_full_scale, bad_samples; of an array dtype, shape, minimum, maximum, mean (of complex numbers "
        "those of their magnitudes, as the key values "
        "says), not_finite; integers are exact, beyond 2^63 as text; of an archive arrays (these by name); of a model "
        "see "
        "specrnn model show --help.",
    .groups = GROUPS,
    .defaults = &DEFAULTS,
    .options_size = sizeof(options),
    .minimum_inputs = 1,
    .maximum_inputs = -1,
    .run = run,
};
