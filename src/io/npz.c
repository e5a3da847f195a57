/* .npz: the arrays of a zip, read when they are asked for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "io/npy.h"
#include "io/zip.h"

static const char EXTENSION[] = ".npy";

enum { EXTENSION_LENGTH = sizeof EXTENSION - 1 };

typedef struct member {
  char *name; /* without the extension */
  size_t entry;
} member;

struct specrnn_npz {
  srn_zip *zip;
  member *members; /* as they stand in the archive */
  const member **by_name;
  size_t count;
};

/* -------------------------------------------------------------------------------------------- messages with the name
 */

typedef struct named_log {
  const specrnn_log *log;
  const char *name;
} named_log;

static void write_named(void *user, specrnn_log_level level, const char *message)
{
  const named_log *named = user;
  srn_log(named->log, level, "%s: %s", named->name, message);
}

/* ------------------------------------------------------------------------------------------------------------- opening
 */

static bool has_extension(const char *name)
{
  size_t length = strlen(name);
  return length > EXTENSION_LENGTH && !strcmp(name + length - EXTENSION_LENGTH, EXTENSION);
}

static int compare_names(const void *a, const void *b)
{
  return strcmp((*(const member *const *)a)->name, (*(const member *const *)b)->name);
}

static int compare_name(const void *name, const void *found)
{
  return strcmp(name, (*(const member *const *)found)->name);
}

static void sort_members(specrnn_npz *npz)
{
  for (size_t i = 0; i < npz->count; i++) {
    npz->by_name[i] = &npz->members[i];
  }
  qsort(npz->by_name, npz->count, sizeof *npz->by_name, compare_names);
}

static specrnn_status list_members(specrnn_npz *npz, const specrnn_log *log)
{
  size_t entries = srn_zip_count(npz->zip);
  npz->members = calloc(entries ? entries : 1, sizeof *npz->members);
  npz->by_name = calloc(entries ? entries : 1, sizeof *npz->by_name);
  if (!npz->members || !npz->by_name) {
    return srn_fail_memory(log, entries * sizeof *npz->members);
  }
  for (size_t i = 0; i < entries; i++) {
    const char *name = srn_zip_name(npz->zip, i);
    if (!has_extension(name)) {
      continue;
    }
    size_t length = strlen(name) - EXTENSION_LENGTH;
    char *copy = malloc(length + 1);
    if (!copy) {
      return srn_fail_memory(log, length + 1);
    }
    memcpy(copy, name, length);
    copy[length] = '\0';
    npz->members[npz->count++] = (member){copy, i};
  }
  sort_members(npz);
  return SPECRNN_OK;
}

/* Takes over the zip, also on failure. */
static specrnn_status open_zip(specrnn_npz **out, srn_zip *zip, const specrnn_log *log)
{
  specrnn_npz *npz = calloc(1, sizeof *npz);
  if (!npz) {
    srn_zip_close(&zip);
    return srn_fail_memory(log, sizeof *npz);
  }
  npz->zip = zip;
  specrnn_status status = list_members(npz, log);
  if (status) {
    specrnn_npz_close(&npz);
    return status;
  }
  *out = npz;
  return SPECRNN_OK;
}

specrnn_status specrnn_npz_open(specrnn_npz **out, const char *path, const specrnn_log *log)
{
  srn_zip *zip;
  specrnn_status status = srn_zip_open(&zip, path, log);
  return status ? status : open_zip(out, zip, log);
}

specrnn_status specrnn_npz_open_memory(specrnn_npz **out, const void *bytes, size_t size, const specrnn_log *log)
{
  srn_zip *zip;
  specrnn_status status = srn_zip_open_memory(&zip, bytes, size, log);
  return status ? status : open_zip(out, zip, log);
}

void specrnn_npz_close(specrnn_npz **npz)
{
  if (!npz || !*npz) {
    return;
  }
  for (size_t i = 0; i < (*npz)->count; i++) {
    free((*npz)->members[i].name);
  }
  free((*npz)->members);
  free((*npz)->by_name);
  srn_zip_close(&(*npz)->zip);
  free(*npz);
  *npz = NULL;
}

void specrnn_npz_set_limit(specrnn_npz *npz, uint64_t max_bytes)
{
  srn_zip_set_limit(npz->zip, max_bytes);
}

/* ------------------------------------------------------------------------------------------------------------- reading
 */

size_t specrnn_npz_count(const specrnn_npz *npz)
{
  return npz->count;
}

const char *specrnn_npz_name(const specrnn_npz *npz, size_t index)
{
  return index < npz->count ? npz->members[index].name : NULL;
}

static const member *find_member(const specrnn_npz *npz, const char *name)
{
  const member **found = bsearch(name, npz->by_name, npz->count, sizeof *npz->by_name, compare_name);
  return found ? *found : NULL;
}

bool specrnn_npz_has(const specrnn_npz *npz, const char *name)
{
  return find_member(npz, name);
}

static specrnn_status open_member(srn_source *source, specrnn_npz *npz, const char *name, const specrnn_log *log)
{
  const member *found = find_member(npz, name);
  if (!found) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "there is no such array");
  }
  return srn_zip_entry_open(source, npz->zip, found->entry, log);
}

specrnn_status specrnn_npz_read(specrnn_array **out, specrnn_npz *npz, const char *name, const specrnn_log *log)
{
  named_log named = {log, name};
  const specrnn_log member_log = {write_named, &named};
  srn_source source;
  specrnn_status status = open_member(&source, npz, name, &member_log);
  if (!status) {
    status = srn_npy_read(out, &source, &member_log);
    srn_source_close(&source);
  }
  return status;
}

specrnn_status specrnn_npz_read_texts(char ***out, size_t *count, specrnn_npz *npz, const char *name,
                                      const specrnn_log *log)
{
  named_log named = {log, name};
  const specrnn_log member_log = {write_named, &named};
  srn_source source;
  specrnn_status status = open_member(&source, npz, name, &member_log);
  if (!status) {
    status = srn_npy_read_texts(out, count, &source, &member_log);
    srn_source_close(&source);
  }
  return status;
}
