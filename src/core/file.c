/* Output files that appear whole or not at all. */
#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/log.h"
#include "core/rng.h"

struct srn_file {
  FILE *stream;
  char *final_path;     /* links resolved */
  char *temporary_path; /* NULL where the final path is written directly */
  pthread_t thread;     /* syncs, where `syncing` */
  bool syncing;
  int sync_error; /* errno of the thread's failure, or 0 */
};

enum { NAME_ATTEMPTS = 100, SUFFIX_SIZE = 32 };

static specrnn_status fail_io(const specrnn_log *log, const char *path, const char *what)
{
  return srn_fail(log, SPECRNN_ERROR_IO, "%s: %s: %s", path, what, strerror(errno));
}

static void release(srn_file **file)
{
  free((*file)->final_path);
  free((*file)->temporary_path);
  free(*file);
  *file = NULL;
}

/* A new file beside `path` under a name that nobody else has; open's own mode applies the umask. */
static int open_temporary(const char *path, char **temporary_path)
{
  size_t size = strlen(path) + SUFFIX_SIZE;
  char *name = malloc(size);
  if (!name) {
    errno = ENOMEM;
    return -1;
  }
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  uint64_t seed = (uint64_t)now.tv_nsec ^ ((uint64_t)getpid() << 32);
  int descriptor = -1;
  for (uint64_t attempt = 0; attempt < NAME_ATTEMPTS; attempt++) {
    snprintf(name, size, "%s.%016llx.part", path, (unsigned long long)srn_random_bits(seed, attempt));
    descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0 || errno != EEXIST) {
      break;
    }
  }
  if (descriptor < 0) {
    int reason = errno;
    free(name);
    errno = reason;
    return -1;
  }
  *temporary_path = name;
  return descriptor;
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
    return open(file->final_path, O_WRONLY | O_CLOEXEC);
  }
  int descriptor = open_temporary(file->final_path, &file->temporary_path);
  if (descriptor >= 0 && exists) {
    /* The replaced file's permissions stay; where they cannot be given the new file still is a good one. */
    if (fchmod(descriptor, status.st_mode & 0777) != 0) {
      errno = 0;
    }
  }
  return descriptor;
}

specrnn_status srn_file_create(srn_file **out, const char *path, const specrnn_log *log)
{
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
  int descriptor = open_output(file);
  if (descriptor >= 0) {
    file->stream = fdopen(descriptor, "wb");
  }
  if (!file->stream) {
    specrnn_status status = fail_io(log, path, "cannot write");
    if (descriptor >= 0) {
      close(descriptor);
    }
    if (file->temporary_path) {
      unlink(file->temporary_path);
    }
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

/* Pipes and devices cannot be synced: EINVAL and EROFS say so. */
static bool sync_stream(FILE *stream)
{
  return fsync(fileno(stream)) == 0 || errno == EINVAL || errno == EROFS;
}

static void *sync_in_thread(void *user)
{
  srn_file *file = user;
  file->sync_error = sync_stream(file->stream) ? 0 : errno;
  return NULL;
}

void srn_file_finish(srn_file *file)
{
  if (!file->syncing && !ferror(file->stream) && fflush(file->stream) == 0) {
    file->syncing = pthread_create(&file->thread, NULL, sync_in_thread, file) == 0;
  }
}

/* Everything is on the disk; else false with the reason in errno. */
static bool settle(srn_file *file)
{
  if (file->syncing) {
    pthread_join(file->thread, NULL);
    file->syncing = false;
    errno = file->sync_error;
    return file->sync_error == 0;
  }
  errno = ferror(file->stream) ? EIO : 0; /* the reason of an earlier failure is gone */
  return !ferror(file->stream) && fflush(file->stream) == 0 && sync_stream(file->stream);
}

specrnn_status srn_file_commit(srn_file **file, const specrnn_log *log)
{
  srn_file *f = *file;
  specrnn_status status = settle(f) ? SPECRNN_OK : fail_io(log, f->final_path, "cannot write");
  if (fclose(f->stream) != 0 && !status) {
    status = fail_io(log, f->final_path, "cannot write");
  }
  if (f->temporary_path) {
    if (!status && rename(f->temporary_path, f->final_path) != 0) {
      status = fail_io(log, f->final_path, "cannot rename the finished file");
    }
    if (status) {
      unlink(f->temporary_path);
    }
  }
  release(file);
  return status;
}

void srn_file_abandon(srn_file **file)
{
  if (!file || !*file) {
    return;
  }
  if ((*file)->syncing) {
    pthread_join((*file)->thread, NULL);
  }
  fclose((*file)->stream);
  if ((*file)->temporary_path) {
    unlink((*file)->temporary_path);
  }
  release(file);
}
