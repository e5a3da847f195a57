/* specrnn neighbours: the vectors nearest to one of them, by cosine. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "limit.h"
#include "report.h"
#include "shown.h"
#include "specrnn/io.h"

typedef struct options {
  int count;
  bool json;
} options;

static const options DEFAULTS = {.count = 10};

#define FIELD(name) offsetof(options, name)

static const cli_option OPTIONS[] = {
    {"count", 'n', CLI_COUNT, "N", FIELD(count), 1, 2147483647, "how many to list (default 10)"},
    {"json", 0, CLI_FLAG, NULL, FIELD(json), 0, 0, "print one JSON object, and messages as JSON lines"},
    {0},
};

static const cli_group GROUPS[] = {{"Options", OPTIONS, NULL, NULL}, {0}};

/* A file of vectors: (n, width) and a name for each. */
typedef struct vectors {
  specrnn_array *numbers;
  char **names;
  size_t n, width;
} vectors;

typedef struct neighbour {
  size_t index;
  double cosine;
} neighbour;

/* ------------------------------------------------------------------------------------------------------------- vectors
 */

/* Divides every row by its largest magnitude, which leaves its direction: no square is out of range then. */
static specrnn_status scale_rows(vectors *v, const specrnn_log *log)
{
  for (size_t i = 0; i < v->n; i++) {
    double *x = (double *)v->numbers->data + i * v->width;
    double largest = 0.0;
    for (size_t k = 0; k < v->width; k++) {
      if (!isfinite(x[k])) {
        char message[128];
        snprintf(message, sizeof message, "the vector of %.64s holds NaN or infinity", v->names[i]);
        log->write(log->user, SPECRNN_LOG_ERROR, message);
        return SPECRNN_ERROR_NOT_FINITE;
      }
      largest = fmax(largest, fabs(x[k]));
    }
    for (size_t k = 0; k < v->width && largest > 0.0; k++) {
      x[k] /= largest;
    }
  }
  return SPECRNN_OK;
}

static specrnn_status read_npz(vectors *v, specrnn_npz *npz, const specrnn_log *log)
{
  specrnn_array *stored = NULL;
  size_t n_names = 0;
  specrnn_status status = specrnn_npz_read(&stored, npz, "vectors", log);
  if (!status) {
    status = specrnn_array_to_f64(&v->numbers, stored, log);
  }
  if (!status) {
    status = specrnn_npz_read_texts(&v->names, &n_names, npz, "names", log);
  }
  if (!status && (v->numbers->rank != 2 || v->numbers->shape[0] != n_names)) {
    log->write(log->user, SPECRNN_LOG_ERROR, "vectors must be (inputs, width), with as many names as inputs");
    status = SPECRNN_ERROR_SHAPE;
  }
  if (!status) {
    v->n = n_names;
    v->width = v->numbers->shape[1];
    status = scale_rows(v, log);
  }
  specrnn_array_destroy(&stored);
  return status;
}

static specrnn_status load(vectors *v, const char *path)
{
  specrnn_log log = report_log(path);
  specrnn_npz *npz = NULL;
  specrnn_status status = limit_npz_open(&npz, path, &log);
  if (!status) {
    status = read_npz(v, npz, &log);
  }
  specrnn_npz_close(&npz);
  return status;
}

static const double *row(const vectors *v, size_t index)
{
  return (const double *)v->numbers->data + index * v->width;
}

/* The cosine of the angle; 0 where a vector has no direction. */
static double cosine(const vectors *v, size_t a, size_t b)
{
  const double *x = row(v, a);
  const double *y = row(v, b);
  double xy = 0.0;
  double xx = 0.0;
  double yy = 0.0;
  for (size_t i = 0; i < v->width; i++) {
    xy += x[i] * y[i];
    xx += x[i] * x[i];
    yy += y[i] * y[i];
  }
  return xx > 0.0 && yy > 0.0 ? xy / (sqrt(xx) * sqrt(yy)) : 0.0;
}

/* Nearest first; equals in the order of the file. */
static int compare(const void *a, const void *b)
{
  const neighbour *x = a;
  const neighbour *y = b;
  if (x->cosine != y->cosine) {
    return x->cosine > y->cosine ? -1 : 1;
  }
  return x->index < y->index ? -1 : 1;
}

/* -------------------------------------------------------------------------------------------------------------- output
 */

static int print_json(const vectors *v, const char *name, const neighbour *found, size_t count)
{
  json_t *list = json_array();
  for (size_t i = 0; i < count; i++) {
    json_array_append_new(
        list, json_pack("{s:o, s:f}", "name", shown_json(v->names[found[i].index]), "cosine", found[i].cosine));
  }
  json_t *facts = json_pack("{s:o, s:o}", "name", shown_json(name), "neighbours", list);
  if (!facts) {
    return report_failure(NULL, "cannot make JSON of the names: one is not UTF-8, or memory is out");
  }
  json_dumpf(facts, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
  putchar('\n');
  json_decref(facts);
  return CLI_EXIT_OK;
}

static int list_neighbours(const vectors *v, size_t of, const options *o)
{
  neighbour *found = calloc(v->n, sizeof *found);
  if (!found) {
    return report_memory();
  }
  size_t count = 0;
  for (size_t i = 0; i < v->n; i++) {
    if (i != of) {
      found[count++] = (neighbour){.index = i, .cosine = cosine(v, of, i)};
    }
  }
  qsort(found, count, sizeof *found, compare);
  if (count > (size_t)o->count) {
    count = (size_t)o->count;
  }
  int exit_status = CLI_EXIT_OK;
  if (o->json) {
    exit_status = print_json(v, v->names[of], found, count);
  } else {
    for (size_t i = 0; i < count; i++) {
      printf("%9.6f  %s\n", found[i].cosine, shown(v->names[found[i].index]));
    }
  }
  free(found);
  return exit_status;
}

static int run(const cli_arguments *arguments)
{
  const options *o = arguments->options;
  const char *path = arguments->inputs[0];
  const char *name = arguments->inputs[1];
  vectors v = {0};
  report_as_json(o->json);
  int exit_status = report_status(load(&v, path));
  if (exit_status == CLI_EXIT_OK) {
    size_t of = 0;
    while (of < v.n && strcmp(v.names[of], name) != 0) {
      of++;
    }
    exit_status = of < v.n ? list_neighbours(&v, of, o)
                           : report_failure(path, "no vector is called '%s'; there are %zu, the first '%s'", name, v.n,
                                            v.n ? v.names[0] : "");
  }
  specrnn_array_destroy(&v.numbers);
  specrnn_texts_destroy(&v.names);
  return exit_status;
}

const cli_command cmd_neighbours = {
    .name = "neighbours",
    .arguments = "VECTORS.npz NAME [options]",
    .summary = "the inputs nearest to one, by cosine",
    .example = "specrnn encode corpus/*.flac --pool mean -o vectors.npz\n"
               "specrnn neighbours vectors.npz voice_low",
    .description = "Lists the vectors of an .npz (arrays vectors and names, as specrnn encode --pool writes them) that "
                   "are nearest to the one called NAME: the cosine of the angle between them, then the name.\n"
                   "Keys of --json: name, neighbours (name, cosine).",
    .groups = GROUPS,
    .defaults = &DEFAULTS,
    .options_size = sizeof(options),
    .minimum_inputs = 2,
    .maximum_inputs = 2,
    .run = run,
};
