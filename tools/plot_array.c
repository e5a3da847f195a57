/* Arrays to be drawn. */
#include "plot_array.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "limit.h"
#include "readable.h"
#include "report.h"

static const char NPZ_ENTRY[] = ".npz:";

/* Numbers that are read at once; a row is never divided. */
enum { BLOCK_NUMBERS = 1 << 16 };

/* Times as doubles of seconds are even to this part of a step. */
#define EVEN_STEPS 1e-6

/* The length of "x.npz" in "x.npz:NAME", and of "/dev/stdin" in "/dev/stdin:NAME": of what is there, where the whole is
 * not. 0 where no entry is named. */
static size_t archive_length(const char *path)
{
  enum { LONGEST = 4096 };
  const char *end = strstr(path, NPZ_ENTRY);
  struct stat file;
  if (end) {
    return (size_t)(end - path) + sizeof NPZ_ENTRY - sizeof ":";
  }
  for (const char *colon = strchr(path, ':'); colon && stat(path, &file) != 0; colon = strchr(colon + 1, ':')) {
    char archive[LONGEST];
    size_t length = (size_t)(colon - path);
    snprintf(archive, sizeof archive, "%.*s", length < sizeof archive ? (int)length : 0, path);
    if (stat(archive, &file) == 0) {
      return length;
    }
  }
  return 0;
}

bool plot_array_is(const char *path)
{
  specrnn_file_format format = readable_format(path);
  return format == SPECRNN_FILE_NPY || format == SPECRNN_FILE_NPZ || format == SPECRNN_FILE_TEXT ||
         archive_length(path) > 0;
}

/* ------------------------------------------------------------------------------------------------------- archives */

static bool is_matrix_name(const char *name)
{
  const char *slash = strrchr(name, '/');
  return !strcmp(slash ? slash + 1 : name, "features");
}

/* The array that is meant where none is named: the only one, or the only "features". */
static const char *only_entry(specrnn_npz *npz)
{
  const char *found = NULL;
  size_t count = specrnn_npz_count(npz);
  for (size_t i = 0; i < count; i++) {
    if (is_matrix_name(specrnn_npz_name(npz, i))) {
      if (found) {
        return NULL;
      }
      found = specrnn_npz_name(npz, i);
    }
  }
  return found || count != 1 ? found : specrnn_npz_name(npz, 0);
}

static void list_entries(specrnn_npz *npz, char *text, size_t size)
{
  size_t length = 0;
  text[0] = '\0';
  for (size_t i = 0; i < specrnn_npz_count(npz) && length < size; i++) {
    length += (size_t)snprintf(text + length, size - length, "%s%s", i ? ", " : "", specrnn_npz_name(npz, i));
  }
}

/* "voice/features" with "times": "voice/times". A vector of doubles of that length; NULL where there is none, as what
 * has another length belongs to other rows. */
static specrnn_status read_beside(specrnn_array **out, specrnn_npz *npz, const char *entry, const char *what,
                                  size_t count, const specrnn_log *log)
{
  char name[1024];
  const char *slash = strrchr(entry, '/');
  snprintf(name, sizeof name, "%.*s%s", slash ? (int)(slash - entry + 1) : 0, entry, what);
  if (!specrnn_npz_has(npz, name)) {
    return SPECRNN_OK;
  }
  specrnn_array *stored = NULL;
  specrnn_status status = specrnn_npz_read(&stored, npz, name, log);
  if (!status && stored->rank == 1 && stored->shape[0] == count && count >= 2) {
    status = specrnn_array_to_f64(out, stored, log);
  }
  specrnn_array_destroy(&stored);
  return status;
}

static bool is_even(const specrnn_array *times)
{
  const double *t = times->data;
  double step = t[1] - t[0];
  for (size_t i = 1; i < times->shape[0]; i++) {
    if (!(fabs(t[i] - t[0] - (double)i * step) <= EVEN_STEPS * step * (double)times->shape[0])) {
      return false;
    }
  }
  return step > 0.0;
}

static bool is_rising(const specrnn_array *frequencies)
{
  const double *f = frequencies->data;
  bool rising = f[0] >= 0.0;
  for (size_t i = 1; i < frequencies->shape[0]; i++) {
    rising = rising && f[i] > f[i - 1];
  }
  return rising;
}

static specrnn_status read_axes(plot_array *a, specrnn_npz *npz, const char *entry, const specrnn_array *stored,
                                const specrnn_log *log)
{
  if (stored->rank != 2) {
    return SPECRNN_OK;
  }
  specrnn_status status = read_beside(&a->times, npz, entry, "times", stored->shape[0], log);
  status = status ? status : read_beside(&a->frequencies, npz, entry, "frequencies", stored->shape[1], log);
  if (a->times && !is_even(a->times)) {
    specrnn_array_destroy(&a->times);
  }
  if (a->frequencies && !is_rising(a->frequencies)) {
    specrnn_array_destroy(&a->frequencies);
  }
  return status;
}

static specrnn_status read_npz(plot_array *a, specrnn_array **stored, const char *path, const char *entry,
                               const specrnn_log *log)
{
  specrnn_npz *npz = NULL;
  specrnn_status status = limit_npz_open(&npz, path, log);
  if (status) {
    return status;
  }
  const char *name = entry ? entry : only_entry(npz);
  if (!name || !specrnn_npz_has(npz, name)) {
    char names[512];
    list_entries(npz, names, sizeof names);
    const char *spelt = strcmp(path, "-") ? path : "/dev/stdin"; /* "-:NAME" would be an option */
    report_failure(path, "%s%s%s; it holds %s", entry ? "no array " : "name an array as ", entry ? entry : spelt,
                   entry ? "" : ":NAME", names);
    status = SPECRNN_ERROR_FORMAT;
  } else {
    status = specrnn_npz_read(stored, npz, name, log);
  }
  if (!status) {
    status = read_axes(a, npz, name, *stored, log);
  }
  specrnn_npz_close(&npz);
  return status;
}

/* ---------------------------------------------------------------------------------------------------------- loading */

static specrnn_status read_stored(plot_array *a, specrnn_array **stored, const char *path, const specrnn_log *log)
{
  size_t length = archive_length(path);
  if (length > 0) {
    char *archive = malloc(length + 1);
    if (!archive) {
      report_memory();
      return SPECRNN_ERROR_MEMORY;
    }
    memcpy(archive, path, length);
    archive[length] = '\0';
    specrnn_status status = read_npz(a, stored, archive, path + length + 1, log);
    free(archive);
    return status;
  }
  switch (readable_format(path)) {
  case SPECRNN_FILE_NPZ: return read_npz(a, stored, path, NULL, log);
  case SPECRNN_FILE_TEXT: return readable_csv_load(stored, path, log);
  default: return readable_npy_load(stored, path, log);
  }
}

static specrnn_status find_shape(plot_array *a, const specrnn_array *array)
{
  int first = 0;
  while (array->rank - first > 2 && array->shape[first] == 1) {
    first++;
  }
  int rank = array->rank - first;
  if (rank > 2 || rank < 1) {
    char shape[128];
    specrnn_array_shape_text(array, shape, sizeof shape);
    report_failure(a->path, "shape %s cannot be drawn: one or two axes are needed", shape);
    return SPECRNN_ERROR_SHAPE;
  }
  a->is_vector = rank == 1;
  a->n_rows = array->shape[first];
  a->n_columns = rank == 2 ? array->shape[first + 1] : 1;
  if (a->n_rows == 0 || a->n_columns == 0) {
    report_failure(a->path, "the array is empty");
    return SPECRNN_ERROR_EMPTY;
  }
  return SPECRNN_OK;
}

static specrnn_status load(plot_array *array)
{
  specrnn_log log = report_log(array->path);
  specrnn_array *stored = NULL;
  specrnn_status status = read_stored(array, &stored, array->path, &log);
  if (!status && (stored->dtype == SPECRNN_C64 || stored->dtype == SPECRNN_C128)) {
    report_failure(array->path, "complex numbers have no one colour; draw their magnitude");
    status = SPECRNN_ERROR_UNSUPPORTED;
  }
  if (!status) {
    array->dtype = stored->dtype;
    status = specrnn_array_to_f64(&array->array, stored, &log);
  }
  specrnn_array_destroy(&stored);
  status = status ? status : find_shape(array, array->array);
  if (!status) {
    array->data = array->array->data;
  }
  return status;
}

specrnn_status plot_array_load(plot_array *array, const char *path)
{
  *array = (plot_array){.path = path};
  specrnn_status status = load(array);
  return status ? status : plot_array_measure(array);
}

void plot_array_release(plot_array *array)
{
  specrnn_npy_close(&array->reader);
  free(array->block);
  specrnn_array_destroy(&array->array);
  specrnn_array_destroy(&array->times);
  specrnn_array_destroy(&array->frequencies);
}

/* ---------------------------------------------------------------------------------------------------------- blocks */

static size_t rows_of_block(const plot_array *array)
{
  return array->n_columns < BLOCK_NUMBERS ? BLOCK_NUMBERS / array->n_columns : 1;
}

specrnn_status plot_array_open(plot_array *array, const char *path)
{
  *array = (plot_array){.path = path};
  /* What cannot be read by rows is loaded, and what cannot be read at all says why then. */
  if (readable_format(path) != SPECRNN_FILE_NPY || readable_npy_open(&array->reader, path, NULL)) {
    return load(array);
  }
  array->dtype = specrnn_npy_describe(array->reader)->dtype;
  specrnn_status status = find_shape(array, specrnn_npy_describe(array->reader));
  if (status) {
    return status;
  }
  if (array->n_columns <= SIZE_MAX / sizeof *array->block / BLOCK_NUMBERS) {
    array->block = malloc(rows_of_block(array) * array->n_columns * sizeof *array->block);
  }
  return array->block ? SPECRNN_OK : (report_memory(), SPECRNN_ERROR_MEMORY);
}

specrnn_status plot_array_read(plot_array *array, const double **rows, size_t *n_rows)
{
  specrnn_log log = report_log(array->path);
  size_t left = array->n_rows - array->at;
  size_t n = left < rows_of_block(array) ? left : rows_of_block(array);
  specrnn_status status = SPECRNN_OK;
  if (!array->reader) {
    *rows = array->data + array->at * array->n_columns;
  } else if (n > 0) {
    status = specrnn_npy_read_f64(array->reader, array->block, n * array->n_columns, &log);
    *rows = array->block;
  } else {
    status = specrnn_npy_rewind(array->reader, &log);
  }
  array->at = n > 0 ? array->at + n : 0;
  *n_rows = n;
  return status;
}

/* Numbers are drawn as doubles, which hold every integer up to here. */
#define LARGEST_EXACT_INTEGER 0x1p53

static void warn_of_rounding(const plot_array *array)
{
  bool is_wide = array->dtype == SPECRNN_I64 || array->dtype == SPECRNN_U64;
  if (is_wide && fmax(fabs(array->low), fabs(array->high)) > LARGEST_EXACT_INTEGER && array->finite > 0.0) {
    specrnn_log log = report_log(array->path);
    log.write(log.user, SPECRNN_LOG_WARNING,
              "integers beyond 2^53 are drawn as the nearest doubles, 1024 apart at 2^63");
  }
}

specrnn_status plot_array_measure(plot_array *array)
{
  const double *rows = NULL;
  size_t n_rows = 0;
  specrnn_status status;
  double low = INFINITY;
  double high = -INFINITY;
  array->finite = 0.0;
  while (!(status = plot_array_read(array, &rows, &n_rows)) && n_rows > 0) {
    size_t finite = 0;
    for (size_t i = 0; i < n_rows * array->n_columns; i++) { /* without branches: arrays of gigabytes pass here */
      bool counts = isfinite(rows[i]);
      low = counts && rows[i] < low ? rows[i] : low;
      high = counts && rows[i] > high ? rows[i] : high;
      finite += counts;
    }
    array->finite += (double)finite;
  }
  array->low = low;
  array->high = high;
  warn_of_rounding(array);
  return status;
}

/* ---------------------------------------------------------------------------------------------------------- scaling */

/* A float tells apart 2^24 steps of its magnitude: beyond this ratio of magnitude to range too few are left to draw. */
#define MOST_MAGNITUDE_TO_RANGE 1e3
#define LEAST_MAGNITUDE         1e-30
#define MOST_MAGNITUDE          1e30
#define LEAST_DECADE            (-300.0) /* powers of ten further down lose digits, and are 0 in the end */

plot_scaling plot_scaling_of(const char *name, double low, double high)
{
  plot_scaling s = {.unit = 1.0};
  double range = high - low;
  double magnitude = fmax(fabs(low), fabs(high));
  size_t length = (size_t)snprintf(s.label, sizeof s.label, "%.20s", name);
  if (!(magnitude > 0.0) || !(low <= high)) { /* zeros, or no number is finite */
    return s;
  }
  if (range > 0.0 && magnitude / range > MOST_MAGNITUDE_TO_RANGE) {
    double step = pow(10.0, ceil(log10(range)) + 1.0);
    s.base = round((low / 2.0 + high / 2.0) / step) * step; /* a number that reads well near the middle */
    magnitude = range;
    length += (size_t)snprintf(s.label + length, sizeof s.label - length, " %s %.15g",
                               s.base < 0.0 ? "+" : "\xe2\x88\x92", fabs(s.base));
  }
  if (magnitude < LEAST_MAGNITUDE || magnitude > MOST_MAGNITUDE) {
    s.unit = pow(10.0, fmax(floor(log10(magnitude)), LEAST_DECADE));
    snprintf(s.label + length, sizeof s.label - length, s.base != 0.0 ? ", / %.15g" : " / %.15g", s.unit);
  }
  s.scaled = s.base != 0.0 || s.unit != 1.0;
  return s;
}
