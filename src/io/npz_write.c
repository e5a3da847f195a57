/* .npz written: entries are collected in one unlinked temporary file, from which the archive is made at commit.
 *
 * One array that is fed by rows may grow at the end of that file; whatever is added meanwhile waits in a temporary file
 * of its own and moves behind it when it has ended. So the number of open files does not grow with the archive. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "core/temporary.h"
#include "io/name_set.h"
#include "io/npy.h"
#include "io/npz_write.h"
#include "io/rows.h"
#include "io/zip_write.h"

typedef struct entry {
  char *name; /* with the extension */
  FILE *own;  /* its temporary file; NULL where it lies in the common one */
  bool open;
  srn_rows rows;
  uint64_t start;
  uint64_t size;
} entry;

struct specrnn_npz_writer {
  srn_sink sink;
  FILE *spool;
  entry *entries;
  size_t count;
  size_t capacity;
  srn_name_set names;
  bool spool_taken; /* an open entry grows at the end of the spool */
  specrnn_packing packing;
};

enum { FIRST_CAPACITY = 8 };

specrnn_status specrnn_npz_writer_create(specrnn_npz_writer **out, const char *path, specrnn_packing packing,
                                         const specrnn_log *log)
{
  specrnn_npz_writer *writer = calloc(1, sizeof *writer);
  if (!writer) {
    return srn_fail_memory(log, sizeof *writer);
  }
  writer->packing = packing;
  specrnn_status status = srn_sink_open(&writer->sink, path, SRN_SINK_SEEKABLE, log);
  if (!status) {
    writer->spool = tmpfile();
    status = writer->spool ? SPECRNN_OK : srn_fail_temporary(log, "make", errno);
  }
  if (status) {
    specrnn_npz_writer_abandon(&writer);
    return status;
  }
  *out = writer;
  return SPECRNN_OK;
}

/* ------------------------------------------------------------------------------------------------------------- entries
 */

static specrnn_status check_name(specrnn_npz_writer *writer, const char *name, const specrnn_log *log)
{
  return *name ? srn_name_set_add(&writer->names, name, log)
               : srn_fail(log, SPECRNN_ERROR_ARGUMENT, "an array needs a name");
}

static specrnn_status make_room(specrnn_npz_writer *writer, const specrnn_log *log)
{
  if (writer->count < writer->capacity) {
    return SPECRNN_OK;
  }
  size_t capacity = writer->capacity ? writer->capacity * 2 : FIRST_CAPACITY;
  entry *entries = realloc(writer->entries, capacity * sizeof *entries);
  if (!entries) {
    return srn_fail_memory(log, capacity * sizeof *entries);
  }
  writer->entries = entries;
  writer->capacity = capacity;
  return SPECRNN_OK;
}

static FILE *stream_of(const specrnn_npz_writer *writer, const entry *added)
{
  return added->own ? added->own : writer->spool;
}

/* A new last entry, not counted yet, and the place where its bytes go. */
static specrnn_status add_entry(specrnn_npz_writer *writer, entry **out, const char *name, const specrnn_log *log)
{
  specrnn_status status = check_name(writer, name, log);
  if (status || (status = make_room(writer, log))) {
    return status;
  }
  entry added = {0};
  size_t size = strlen(name) + sizeof ".npy";
  added.name = malloc(size);
  if (!added.name) {
    return srn_fail_memory(log, size);
  }
  snprintf(added.name, size, "%s.npy", name);
  if (writer->spool_taken) {
    added.own = tmpfile();
    if (!added.own) {
      int reason = errno;
      free(added.name);
      return srn_fail_temporary(log, "make", reason);
    }
  }
  off_t start = ftello(stream_of(writer, &added));
  added.start = start > 0 ? (uint64_t)start : 0;
  writer->entries[writer->count] = added;
  *out = &writer->entries[writer->count];
  return SPECRNN_OK;
}

static void drop_entry(entry *dropped)
{
  free(dropped->name);
  if (dropped->own) {
    fclose(dropped->own);
  }
}

/* Moves what waits in files of its own behind what the common file holds. */
static specrnn_status settle(specrnn_npz_writer *writer, const specrnn_log *log)
{
  for (size_t i = 0; !writer->spool_taken && i < writer->count; i++) {
    entry *waiting = &writer->entries[i];
    if (!waiting->own || waiting->open) {
      continue;
    }
    errno = 0;
    off_t start = ftello(writer->spool);
    if (start < 0 || fflush(waiting->own) != 0 || fseeko(waiting->own, 0, SEEK_SET) != 0 ||
        !srn_copy_stream(writer->spool, waiting->own, waiting->size)) {
      return srn_fail_temporary(log, "write", errno);
    }
    fclose(waiting->own);
    waiting->own = NULL;
    waiting->start = (uint64_t)start;
  }
  return SPECRNN_OK;
}

size_t srn_npz_writer_count(const specrnn_npz_writer *writer)
{
  return writer->count;
}

specrnn_status srn_npz_writer_drop_from(specrnn_npz_writer *writer, size_t count, const specrnn_log *log)
{
  bool in_common = false;
  uint64_t start = 0;
  while (writer->count > count) {
    entry *last = &writer->entries[--writer->count];
    if (!last->own) {
      in_common = true;
      start = last->start;
      writer->spool_taken = writer->spool_taken && !last->open;
    }
    drop_entry(last);
  }
  if (in_common && fseeko(writer->spool, (off_t)start, SEEK_SET) != 0) {
    return srn_fail_temporary(log, "write", errno);
  }
  return SPECRNN_OK;
}

/* Counts the entry whose bytes are written. */
static specrnn_status close_entry(specrnn_npz_writer *writer, entry *added, const specrnn_log *log)
{
  FILE *stream = stream_of(writer, added);
  off_t end = ftello(stream);
  if (ferror(stream) || end < 0) {
    int reason = errno;
    drop_entry(added);
    return srn_fail_temporary(log, "write", reason);
  }
  added->size = (uint64_t)end - added->start;
  writer->count++;
  return SPECRNN_OK;
}

specrnn_status specrnn_npz_write(specrnn_npz_writer *writer, const char *name, const specrnn_array *array,
                                 const specrnn_log *log)
{
  const char *descr = srn_npy_descr(array->dtype);
  if (!descr) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "%s: .npz cannot hold %s", name, specrnn_dtype_name(array->dtype));
  }
  entry *added = NULL;
  specrnn_status status = add_entry(writer, &added, name, log);
  if (status) {
    return status;
  }
  unsigned char header[SRN_NPY_HEADER_SIZE];
  size_t length = srn_npy_header_write(header, descr, array->rank, array->shape, 0);
  FILE *stream = stream_of(writer, added);
  errno = 0;
  if (fwrite(header, 1, length, stream) == length) {
    srn_npy_write_data(stream, array->dtype, array->data, specrnn_array_count(array));
  }
  return close_entry(writer, added, log);
}

static specrnn_status write_texts(specrnn_npz_writer *writer, const char *name, const char *const *texts, size_t count,
                                  bool scalar, const specrnn_log *log)
{
  entry *added = NULL;
  specrnn_status status = add_entry(writer, &added, name, log);
  if (status) {
    return status;
  }
  errno = 0;
  status = srn_npy_write_texts(stream_of(writer, added), texts, count, scalar, log);
  if (status && status != SPECRNN_ERROR_IO) { /* nothing was written */
    drop_entry(added);
    return status;
  }
  return close_entry(writer, added, log);
}

specrnn_status specrnn_npz_write_text(specrnn_npz_writer *writer, const char *name, const char *text,
                                      const specrnn_log *log)
{
  return write_texts(writer, name, &text, 1, true, log);
}

specrnn_status specrnn_npz_write_texts(specrnn_npz_writer *writer, const char *name, const char *const *texts,
                                       size_t count, const specrnn_log *log)
{
  return write_texts(writer, name, texts, count, false, log);
}

/* ---------------------------------------------------------------------------------------------------------------- rows
 */

specrnn_status srn_npz_begin_channels(specrnn_npz_writer *writer, size_t *slot, const char *name, specrnn_dtype dtype,
                                      size_t n_channels, int row_rank, const size_t *row_shape, const specrnn_log *log)
{
  entry *added = NULL;
  specrnn_status status = add_entry(writer, &added, name, log);
  if (status) {
    return status;
  }
  status = srn_rows_begin(&added->rows, stream_of(writer, added), dtype, n_channels, row_rank, row_shape, log);
  if (status) {
    drop_entry(added);
    return status;
  }
  added->open = true;
  writer->spool_taken = writer->spool_taken || !added->own;
  *slot = writer->count++;
  return SPECRNN_OK;
}

specrnn_status specrnn_npz_begin_rows(specrnn_npz_writer *writer, size_t *slot, const char *name, specrnn_dtype dtype,
                                      int row_rank, const size_t *row_shape, const specrnn_log *log)
{
  return srn_npz_begin_channels(writer, slot, name, dtype, 0, row_rank, row_shape, log);
}

static specrnn_status find_open(const specrnn_npz_writer *writer, size_t slot, const specrnn_log *log)
{
  bool open = slot < writer->count && writer->entries[slot].open;
  return open ? SPECRNN_OK : srn_fail(log, SPECRNN_ERROR_STATE, "array %zu of the .npz is not open", slot);
}

specrnn_status specrnn_npz_append_rows(specrnn_npz_writer *writer, size_t slot, const void *rows, size_t n_rows,
                                       const specrnn_log *log)
{
  specrnn_status status = find_open(writer, slot, log);
  if (status) {
    return status;
  }
  errno = 0;
  return srn_rows_append(&writer->entries[slot].rows, rows, n_rows) ? SPECRNN_OK
                                                                    : srn_fail_temporary(log, "write", errno);
}

specrnn_status specrnn_npz_end_rows(specrnn_npz_writer *writer, size_t slot, const specrnn_log *log)
{
  specrnn_status status = find_open(writer, slot, log);
  if (status) {
    return status;
  }
  entry *ended = &writer->entries[slot];
  errno = 0;
  if (!srn_rows_end(&ended->rows, &ended->size)) {
    return srn_fail_temporary(log, "write", errno);
  }
  ended->open = false;
  writer->spool_taken = writer->spool_taken && ended->own;
  return settle(writer, log);
}

/* ----------------------------------------------------------------------------------------------------------- the whole
 */

static specrnn_status end_all(specrnn_npz_writer *writer, const specrnn_log *log)
{
  specrnn_status status = SPECRNN_OK;
  for (size_t i = 0; !status && i < writer->count; i++) {
    if (writer->entries[i].open) {
      status = specrnn_npz_end_rows(writer, i, log);
    }
  }
  return status;
}

static specrnn_status write_archive(specrnn_npz_writer *writer, const specrnn_log *log)
{
  srn_zip_region *regions = calloc(writer->count, sizeof *regions);
  if (!regions) {
    return srn_fail_memory(log, writer->count * sizeof *regions);
  }
  for (size_t i = 0; i < writer->count; i++) {
    regions[i] = (srn_zip_region){writer->entries[i].name, writer->entries[i].start, writer->entries[i].size};
  }
  specrnn_status status = srn_zip_write(&writer->sink, writer->spool, regions, writer->count,
                                        writer->packing == SPECRNN_PACKING_DEFLATED, log);
  free(regions);
  return status;
}

specrnn_status specrnn_npz_writer_commit(specrnn_npz_writer **writer, const specrnn_log *log)
{
  specrnn_status status = (*writer)->count ? SPECRNN_OK : srn_fail(log, SPECRNN_ERROR_EMPTY, "an .npz without arrays");
  if (!status) {
    status = end_all(*writer, log);
  }
  if (!status) {
    status = write_archive(*writer, log);
  }
  if (!status) {
    status = srn_sink_commit(&(*writer)->sink, log);
  }
  specrnn_npz_writer_abandon(writer);
  return status;
}

void specrnn_npz_writer_abandon(specrnn_npz_writer **writer)
{
  if (!writer || !*writer) {
    return;
  }
  for (size_t i = 0; i < (*writer)->count; i++) {
    drop_entry(&(*writer)->entries[i]);
  }
  free((*writer)->entries);
  srn_name_set_clear(&(*writer)->names);
  if ((*writer)->spool) {
    fclose((*writer)->spool);
  }
  srn_sink_abandon(&(*writer)->sink);
  free(*writer);
  *writer = NULL;
}
