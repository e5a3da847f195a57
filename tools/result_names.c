/* Names of results. */
#include "result_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "report.h"

bool result_names_choose(const char *text, specrnn_table_format format, bool several, bool *named)
{
  bool always = text && !strcmp(text, "always");
  if (text && !always && strcmp(text, "auto") != 0) {
    report_usage("--names %.60s: not one of auto, always", text);
    return false;
  }
  if (always && !specrnn_table_format_holds_many(format)) {
    report_usage("--names always: only .npz and .ark have names");
    return false;
  }
  *named = always || several || format == SPECRNN_TABLE_ARK;
  return true;
}

void input_name(const char *path, char *name, size_t size)
{
  const char *slash = strrchr(path, '/');
  const char *last = slash ? slash + 1 : path;
  if (!strcmp(last, "-")) {
    last = "stdin";
  }
  snprintf(name, size, "%s", last);
  char *dot = strrchr(name, '.');
  if (dot && dot != name) {
    *dot = '\0';
  }
}

typedef struct named_input {
  char name[256];
  const char *path;
} named_input;

static int compare_names(const void *a, const void *b)
{
  return strcmp(((const named_input *)a)->name, ((const named_input *)b)->name);
}

bool input_names_differ(const char *const *paths, int n_paths)
{
  named_input *inputs = calloc((size_t)n_paths, sizeof *inputs);
  if (!inputs) {
    report_memory();
    return false;
  }
  for (int i = 0; i < n_paths; i++) {
    inputs[i].path = paths[i];
    input_name(paths[i], inputs[i].name, sizeof inputs[i].name);
  }
  qsort(inputs, (size_t)n_paths, sizeof *inputs, compare_names);
  bool differ = true;
  for (int i = 1; differ && i < n_paths; i++) {
    if (!compare_names(&inputs[i - 1], &inputs[i])) {
      report_usage("%s and %s: both would be '%s' in the output", inputs[i - 1].path, inputs[i].path, inputs[i].name);
      differ = false;
    }
  }
  free(inputs);
  return differ;
}

char *path_in_folder(const char *folder, const char *name, const char *extension)
{
  size_t length = strlen(folder);
  bool slash = length > 0 && folder[length - 1] == '/';
  size_t start = length + !slash;
  size_t size = start + strlen(name) + strlen(extension) + sizeof ".";
  char *path = malloc(size);
  if (!path) {
    return NULL;
  }
  snprintf(path, size, "%s%s%s.%s", folder, slash ? "" : "/", name, extension);
  for (char *c = path + start; *c; c++) {
    *c = *c == '/' ? '_' : *c;
  }
  return path;
}

/* As the folder will have it. */
static int compare_places(const void *a, const void *b)
{
  const char *x = *(const char *const *)a;
  const char *y = *(const char *const *)b;
  for (; *x && (*x == '/' ? '_' : *x) == (*y == '/' ? '_' : *y); x++, y++) {
  }
  return (unsigned char)(*x == '/' ? '_' : *x) - (unsigned char)(*y == '/' ? '_' : *y);
}

static bool names_differ(const char *const *names, size_t n_names)
{
  const char **sorted = calloc(n_names ? n_names : 1, sizeof *sorted);
  if (!sorted) {
    report_memory();
    return false;
  }
  memcpy(sorted, names, n_names * sizeof *sorted);
  qsort(sorted, n_names, sizeof *sorted, compare_places);
  bool differ = true;
  for (size_t i = 1; differ && i < n_names; i++) {
    if (!compare_places(&sorted[i - 1], &sorted[i])) {
      report_usage("%s and %s: both would be one file of the folder", sorted[i - 1], sorted[i]);
      differ = false;
    }
  }
  free(sorted);
  return differ;
}

bool folder_places_differ(const char *folder, const char *const *names, size_t n_names, const char *extension)
{
  if (!names_differ(names, n_names)) {
    return false;
  }
  char **paths = calloc(n_names ? n_names : 1, sizeof *paths);
  size_t count = 0;
  while (paths && count < n_names && (paths[count] = path_in_folder(folder, names[count], extension))) {
    count++;
  }
  bool complete = paths && count == n_names;
  if (!complete) {
    report_memory();
  }
  bool differ = complete && cli_outputs_differ((const char *const *)paths, n_names);
  while (count > 0) {
    free(paths[--count]);
  }
  free(paths);
  return differ;
}
