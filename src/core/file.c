/* Output files that appear whole or not at all. */
#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/descriptor.h"
#include "core/log.h"
#include "core/temporary.h"

struct srn_file {
  FILE *stream;
  char *final_path;     /* links resolved */
  char *temporary_name; /* or NULL */
  bool direct;          /* the stream is that of the final path */
  pthread_t thread;     /* syncs, where `syncing` */
  bool syncing, settled;
  int error; /* errno of what failed first, or 0 */
};

static specrnn_status fail_io(const specrnn_log *log, const char *path, const char *what)
{
  return srn_fail(log, SPECRNN_ERROR_IO, "%s: %s: %s", path, what, strerror(errno));
}

static void release(srn_file **file)
{
  free((*file)->final_path);
  free(*file);
  *file = NULL;
}

/* ----------------------------------------------------------------------------------------------------------- opening
 */

/* A link that cannot be followed, to nothing, to itself, or into a closed folder: what it points to may be mistaken,
 * and in its place a file was not asked for. */
static specrnn_status check_link(const char *path, const specrnn_log *log)
{
  struct stat status;
  if (lstat(path, &status) != 0 || !S_ISLNK(status.st_mode) || stat(path, &status) == 0) {
    return SPECRNN_OK;
  }
  if (errno == ENOENT || errno == ELOOP) {
    return srn_fail(log, SPECRNN_ERROR_IO, "%s: cannot write: a link to what does not exist", path);
  }
  return fail_io(log, path, "cannot write");
}

/* The replaced file's owner, group and permissions, as far as they can be given; else the new file still is a good one,
 * which nobody may read or write who could not before: another group has what everybody has. */
static void inherit(int descriptor, const struct stat *replaced)
{
  mode_t mode = replaced->st_mode & (S_IRWXU | S_IRWXG | S_IRWXO);
  bool given = fchown(descriptor, replaced->st_uid, replaced->st_gid) == 0 ||
               fchown(descriptor, (uid_t)-1, replaced->st_gid) == 0;
  if (!given) {
    mode_t others = mode & S_IRWXO;
    mode = (mode & ~(mode_t)S_IRWXG) | (mode & others << 3);
  }
  (void)fchmod(descriptor, mode);
}

static int open_output(srn_file *file)
{
  struct stat status;
  bool exists = stat(file->final_path, &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) {
    errno = EISDIR;
    return -1;
  }
  if (exists && !S_ISREG(status.st_mode)) {
    file->direct = true;
    return open(file->final_path, O_WRONLY | O_CLOEXEC);
  }
  /* Replacing needs the folder alone: who protects a file from writing means this, too. */
  if (exists && faccessat(AT_FDCWD, file->final_path, W_OK, AT_EACCESS) != 0) {
    return -1;
  }
  int descriptor = srn_temporary_open(file->final_path, &file->temporary_name);
  if (descriptor >= 0 && exists) {
    inherit(descriptor, &status);
  }
  return descriptor;
}

static int open_path(srn_file *file, const char *path)
{
  int descriptor;
  file->direct = srn_descriptor_named(path, &descriptor);
  return file->direct ? descriptor : open_output(file);
}

specrnn_status srn_file_create(srn_file **out, const char *path, const specrnn_log *log)
{
  specrnn_status unfollowed = check_link(path, log);
  if (unfollowed) {
    return unfollowed;
  }
  srn_file *file = calloc(1, sizeof *file);
  if (!file) {
    return srn_fail_memory(log, sizeof *file);
  }
  file->final_path = realpath(path, NULL);
  if (!file->final_path && errno != ENOMEM) { /* most often: no such file yet */
    file->final_path = strdup(path);
  }
  if (!file->final_path) {
    release(&file);
    return srn_fail_memory(log, strlen(path) + 1);
  }
  int descriptor = open_path(file, path);
  if (descriptor >= 0) {
    file->stream = fdopen(descriptor, "wb");
  }
  if (!file->stream) {
    specrnn_status status = fail_io(log, path, "cannot write");
    if (descriptor >= 0) {
      close(descriptor);
    }
    srn_temporary_remove(file->temporary_name);
    release(&file);
    return status;
  }
  *out = file;
  return SPECRNN_OK;
}

FILE *srn_file_stream(srn_file *file)
{
  return file->stream;
}

bool srn_file_is_direct(const srn_file *file)
{
  return file->direct;
}

/* ---------------------------------------------------------------------------------------------------------- settling
 */

/* Pipes and devices cannot be synced: EINVAL and EROFS say so. */
static bool sync_stream(FILE *stream)
{
  return fsync(fileno(stream)) == 0 || errno == EINVAL || errno == EROFS;
}

static void *sync_in_thread(void *user)
{
  srn_file *file = user;
  file->error = sync_stream(file->stream) ? 0 : errno;
  return NULL;
}

/* Why a write failed whose errno is gone: another one fails in the same way. The file is given up in any case; nothing
 * more goes to a pipe or a device. */
static int find_reason(const srn_file *file)
{
  int descriptor = fileno(file->stream);
  errno = 0;
  if (!file->direct && lseek(descriptor, 0, SEEK_END) >= 0 && write(descriptor, "", 1) < 0) {
    return errno;
  }
  return EIO;
}

/* All that was written is with the system; else the reason is kept. */
static bool flush(srn_file *file)
{
  bool failed = ferror(file->stream);
  errno = 0;
  bool flushed = fflush(file->stream) == 0;
  if (flushed && !failed) {
    return true;
  }
  int reason = flushed ? 0 : errno;
  file->error = file->error ? file->error : reason ? reason : find_reason(file);
  return false;
}

void srn_file_finish(srn_file *file)
{
  if (!file->syncing && flush(file)) {
    file->syncing = pthread_create(&file->thread, NULL, sync_in_thread, file) == 0;
  }
}

static void wait_for_thread(srn_file *file)
{
  if (file->syncing) {
    pthread_join(file->thread, NULL);
    file->syncing = false;
    file->settled = true;
  }
}

specrnn_status srn_file_settle(srn_file *file, const specrnn_log *log)
{
  wait_for_thread(file);
  if (!file->settled && !file->error && flush(file) && !sync_stream(file->stream)) {
    file->error = errno;
  }
  file->settled = true;
  errno = file->error;
  return file->error ? fail_io(log, file->final_path, "cannot write") : SPECRNN_OK;
}

/* Gives the file its name; it stays open. */
static specrnn_status place(srn_file *file, const specrnn_log *log)
{
  specrnn_status status = srn_file_settle(file, log);
  if (status || file->direct) {
    return status;
  }
  char *name = file->temporary_name;
  file->temporary_name = NULL;
  return srn_temporary_place(fileno(file->stream), name, file->final_path)
             ? SPECRNN_OK
             : fail_io(log, file->final_path, "cannot give the finished file its name");
}

/* Passes on `status`, or what closing says. */
static specrnn_status close_file(srn_file **file, specrnn_status status, const specrnn_log *log)
{
  srn_file *f = *file;
  wait_for_thread(f);
  if (fclose(f->stream) != 0 && !status) {
    status = fail_io(log, f->final_path, "cannot write");
  }
  srn_temporary_remove(f->temporary_name);
  release(file);
  return status;
}

specrnn_status srn_file_commit(srn_file **file, const specrnn_log *log)
{
  return close_file(file, place(*file, log), log);
}

/* Whether the name is still that of this file. */
static specrnn_status check_place(const srn_file *file, const specrnn_log *log)
{
  struct stat own;
  struct stat named;
  bool known = !file->direct && fstat(fileno(file->stream), &own) == 0;
  bool kept = known && stat(file->final_path, &named) == 0 && own.st_dev == named.st_dev && own.st_ino == named.st_ino;
  return kept || !known ? SPECRNN_OK
                        : srn_fail(log, SPECRNN_ERROR_IO,
                                   "%s: was replaced by another program before all that belongs to it was there; "
                                   "write it again",
                                   file->final_path);
}

specrnn_status srn_files_commit(srn_file **const files[], size_t n_files, const specrnn_log *log)
{
  specrnn_status status = SPECRNN_OK;
  for (size_t i = 0; !status && i < n_files; i++) {
    status = *files[i] ? srn_file_settle(*files[i], log) : SPECRNN_OK;
  }
  for (size_t i = 0; !status && i < n_files; i++) {
    status = *files[i] ? place(*files[i], log) : SPECRNN_OK;
  }
  for (size_t i = 0; !status && i < n_files; i++) {
    status = *files[i] ? check_place(*files[i], log) : SPECRNN_OK;
  }
  for (size_t i = 0; i < n_files; i++) {
    status = *files[i] ? close_file(files[i], status, log) : status;
  }
  return status;
}

void srn_file_abandon(srn_file **file)
{
  if (!file || !*file) {
    return;
  }
  wait_for_thread(*file);
  fclose((*file)->stream);
  srn_temporary_remove((*file)->temporary_name);
  release(file);
}
