/* What there is to encode. */
#include "encode_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feature_run.h"
#include "limit.h"
#include "readable.h"
#include "report.h"
#include "result_names.h"

enum { NAME_SIZE = 1024 };

static const char FEATURES[] = "features";
static const char TIMES[] = "times";

static specrnn_status out_of_memory(void)
{
  report_memory();
  return SPECRNN_ERROR_MEMORY;
}

static specrnn_status add(encode_list *list, encode_kind kind, const char *path, const char *entry, const char *name)
{
  if (list->count == list->capacity) {
    size_t capacity = 2 * list->capacity + 16;
    encode_item *larger = realloc(list->items, capacity * sizeof *larger);
    if (!larger) {
      return out_of_memory();
    }
    list->items = larger;
    list->capacity = capacity;
  }
  encode_item item = {.kind = kind, .path = path, .entry = entry ? strdup(entry) : NULL, .name = strdup(name)};
  if (!item.name || (entry && !item.entry)) {
    free(item.entry);
    free(item.name);
    return out_of_memory();
  }
  list->items[list->count++] = item;
  return SPECRNN_OK;
}

/* ------------------------------------------------------------------------------------------------------------ archives
 */

static specrnn_status open_npz(encode_list *list, const char *path, const specrnn_log *log)
{
  if (list->npz && list->npz_path == path) {
    return SPECRNN_OK;
  }
  specrnn_npz_close(&list->npz);
  list->npz_path = path;
  return limit_npz_open(&list->npz, path, log);
}

/* "voice/features" -> "voice"; false for another array. */
static bool owner_of(const char *entry, char *owner, size_t size)
{
  size_t length = strlen(entry);
  size_t suffix = sizeof FEATURES; /* with the slash before it */
  if (length <= suffix || entry[length - suffix] != '/' || strcmp(entry + length - suffix + 1, FEATURES) != 0) {
    return false;
  }
  snprintf(owner, size, "%.*s", (int)(length - suffix), entry);
  return true;
}

static specrnn_status add_entries(encode_list *list, const char *path)
{
  char name[NAME_SIZE];
  size_t before = list->count;
  specrnn_status status = SPECRNN_OK;
  if (specrnn_npz_has(list->npz, FEATURES)) {
    input_name(path, name, sizeof name);
    return add(list, ENCODE_NPZ_ENTRY, path, FEATURES, name);
  }
  for (size_t i = 0; !status && i < specrnn_npz_count(list->npz); i++) {
    const char *entry = specrnn_npz_name(list->npz, i);
    if (owner_of(entry, name, sizeof name)) {
      status = add(list, ENCODE_NPZ_ENTRY, path, entry, name);
    }
  }
  if (!status && list->count == before) {
    report_failure(path, "no array 'features' or 'NAME/features' in it");
    list->some_failed = true;
  }
  return status;
}

static specrnn_status add_npz(encode_list *list, const char *path)
{
  specrnn_log log = report_log(path);
  specrnn_status status = open_npz(list, path, &log);
  if (status == SPECRNN_ERROR_MEMORY) {
    return status;
  }
  if (status) {
    list->some_failed = true;
    return SPECRNN_OK;
  }
  return add_entries(list, path);
}

/* --------------------------------------------------------------------------------------------------------------- names
 */

static int compare_names(const void *a, const void *b)
{
  const encode_item *const *x = a;
  const encode_item *const *y = b;
  return strcmp((*x)->name, (*y)->name);
}

/* Pointers to the items in the order of their names. */
static encode_item **sort_by_name(const encode_list *list)
{
  encode_item **sorted = calloc(list->count ? list->count : 1, sizeof *sorted);
  for (size_t i = 0; sorted && i < list->count; i++) {
    sorted[i] = &list->items[i];
  }
  if (sorted) {
    qsort(sorted, list->count, sizeof(*sorted), compare_names);
  }
  return sorted;
}

static bool is_twin(encode_item *const *sorted, size_t count, size_t i)
{
  return (i > 0 && !strcmp(sorted[i - 1]->name, sorted[i]->name)) ||
         (i + 1 < count && !strcmp(sorted[i]->name, sorted[i + 1]->name));
}

/* The path as given, and of an archive the entry too. */
static char *long_name(const encode_item *item)
{
  bool has_owner = item->entry && strcmp(item->entry, FEATURES) != 0;
  size_t size = strlen(item->path) + (has_owner ? strlen(item->name) + 1 : 0) + 1;
  char *name = malloc(size);
  if (name) {
    snprintf(name, size, "%s%s%s", item->path, has_owner ? "/" : "", has_owner ? item->name : "");
  }
  return name;
}

static specrnn_status lengthen_twins(encode_list *list)
{
  specrnn_status status = SPECRNN_OK;
  char **names = calloc(list->count ? list->count : 1, sizeof *names);
  encode_item **sorted = sort_by_name(list);
  if (!names || !sorted) {
    status = out_of_memory();
  }
  for (size_t i = 0; !status && i < list->count; i++) {
    if (is_twin(sorted, list->count, i) && !(names[i] = long_name(sorted[i]))) {
      status = out_of_memory();
    }
  }
  for (size_t i = 0; names && sorted && i < list->count; i++) {
    if (!status && names[i]) {
      free(sorted[i]->name);
      sorted[i]->name = names[i];
    } else {
      free(names[i]);
    }
  }
  free(names);
  free(sorted);
  return status;
}

static specrnn_status refuse_twins(const encode_list *list)
{
  encode_item **sorted = sort_by_name(list);
  if (!sorted) {
    return out_of_memory();
  }
  specrnn_status status = SPECRNN_OK;
  for (size_t i = 1; !status && i < list->count; i++) {
    if (!strcmp(sorted[i - 1]->name, sorted[i]->name)) {
      report_usage("%s: given twice", sorted[i]->name);
      status = SPECRNN_ERROR_ARGUMENT;
    }
  }
  free(sorted);
  return status;
}

/* --------------------------------------------------------------------------------------------------------------- list
 */

specrnn_status encode_list_build(encode_list *list, const char *const *paths, int n_paths)
{
  specrnn_status status = SPECRNN_OK;
  for (int i = 0; !status && i < n_paths; i++) {
    char name[NAME_SIZE];
    input_name(paths[i], name, sizeof name);
    specrnn_file_format format = readable_format(paths[i]);
    if (format == SPECRNN_FILE_NPZ) {
      status = add_npz(list, paths[i]);
    } else {
      status = add(list, format == SPECRNN_FILE_NPY ? ENCODE_NPY : ENCODE_SOUND, paths[i], NULL, name);
    }
  }
  if (!status) {
    status = lengthen_twins(list);
  }
  return status ? status : refuse_twins(list);
}

void encode_list_release(encode_list *list)
{
  for (size_t i = 0; i < list->count; i++) {
    free(list->items[i].entry);
    free(list->items[i].name);
  }
  free(list->items);
  specrnn_npz_close(&list->npz);
}

bool encode_list_has_arrays(const encode_list *list)
{
  for (size_t i = 0; i < list->count; i++) {
    if (list->items[i].kind != ENCODE_SOUND) {
      return true;
    }
  }
  return false;
}

bool encode_list_has_sound(const encode_list *list)
{
  for (size_t i = 0; i < list->count; i++) {
    if (list->items[i].kind == ENCODE_SOUND) {
      return true;
    }
  }
  return false;
}

/* The name of what lies beside an item's features; false where the archive has no such entry. */
static bool beside(const encode_list *list, const encode_item *item, const char *what, char *name)
{
  int prefix = (int)(strlen(item->entry) - (sizeof FEATURES - 1));
  snprintf(name, NAME_SIZE, "%.*s%s", prefix, item->entry, what);
  return specrnn_npz_has(list->npz, name);
}

/* The times that lie beside the features, where they are what they should be: doubles in a row. */
static specrnn_status read_times(encode_list *list, const encode_item *item, specrnn_array **times,
                                 const specrnn_log *log)
{
  char name[NAME_SIZE];
  if (!beside(list, item, TIMES, name)) {
    return SPECRNN_OK;
  }
  specrnn_status status = specrnn_npz_read(times, list->npz, name, log);
  if (!status && ((*times)->dtype != SPECRNN_F64 || (*times)->rank != 1)) {
    specrnn_array_destroy(times);
  }
  return status;
}

specrnn_status encode_list_read(encode_list *list, const encode_item *item, specrnn_array **features,
                                specrnn_array **times, const specrnn_log *log)
{
  specrnn_array *stored = NULL;
  specrnn_status status;
  if (item->kind == ENCODE_NPY) {
    status = readable_npy_load(&stored, item->path, log);
  } else {
    status = open_npz(list, item->path, log);
    if (!status) {
      status = specrnn_npz_read(&stored, list->npz, item->entry, log);
    }
    if (!status) {
      status = read_times(list, item, times, log);
    }
  }
  if (!status) {
    status = specrnn_array_to_f32(features, stored, SPECRNN_FINITE_OPTIONAL, log);
  }
  if (status) {
    specrnn_array_destroy(times);
  }
  specrnn_array_destroy(&stored);
  return status;
}

specrnn_status encode_list_config(encode_list *list, const encode_item *item, char ***texts, const specrnn_log *log)
{
  char name[NAME_SIZE];
  size_t count;
  if (item->kind != ENCODE_NPZ_ENTRY || !beside(list, item, "config", name)) {
    return SPECRNN_OK;
  }
  return specrnn_npz_read_texts(texts, &count, list->npz, name, log);
}
