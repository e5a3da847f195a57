/* Temporary files: without a name on Linux, else with one that can be removed from a signal handler. */
#ifdef __linux__
#define _GNU_SOURCE /* O_TMPFILE */
#endif
#include "core/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/log.h"
#include "core/rng.h"

enum { NAME_ATTEMPTS = 100, NAME_SIZE = 64, MAX_REMEMBERED = 64, REMEMBERED_SIZE = 1024 };

/* ------------------------------------------------------------------------------------------------------------- names
 */

/* What a signal handler has to know, and so the one memory of this library that outlives its objects: the names that
 * exist now. A name that finds no place in it is removed by all but a signal. */
static struct {
  atomic_int state; /* FREE, TAKEN while the name is written or erased, USED */
  char name[REMEMBERED_SIZE];
} temporary_names[MAX_REMEMBERED];

enum { FREE, TAKEN, USED };

static void remember(const char *name)
{
  for (size_t i = 0; strlen(name) < REMEMBERED_SIZE && i < MAX_REMEMBERED; i++) {
    int expected = FREE;
    if (atomic_compare_exchange_strong(&temporary_names[i].state, &expected, TAKEN)) {
      strcpy(temporary_names[i].name, name);
      atomic_store(&temporary_names[i].state, USED);
      return;
    }
  }
}

static void forget(const char *name)
{
  for (size_t i = 0; i < MAX_REMEMBERED; i++) {
    int expected = USED;
    if (atomic_load(&temporary_names[i].state) == USED && !strcmp(temporary_names[i].name, name)) {
      atomic_compare_exchange_strong(&temporary_names[i].state, &expected, FREE);
      return;
    }
  }
}

/* Keeps errno. */
static void forget_failed(const char *name)
{
  int reason = errno;
  forget(name);
  errno = reason;
}

void srn_temporaries_remove(void)
{
  int reason = errno;
  for (size_t i = 0; i < MAX_REMEMBERED; i++) {
    if (atomic_load(&temporary_names[i].state) == USED) {
      unlink(temporary_names[i].name);
    }
  }
  errno = reason;
}

/* "FOLDER/.specrnn-0123456789abcdef.part": short, so that it can be had wherever the final name can. */
static char *make_name(const char *path, uint64_t bits)
{
  const char *slash = strrchr(path, '/');
  size_t folder = slash ? (size_t)(slash - path + 1) : 0;
  char *name = malloc(folder + NAME_SIZE);
  if (name) {
    memcpy(name, path, folder);
    snprintf(name + folder, NAME_SIZE, ".specrnn-%016llx.part", (unsigned long long)bits);
  }
  return name;
}

/* Calls `attempt` with names that nobody else has until it succeeds or fails for another reason than that somebody has
 * one; NULL then, with the reason in errno. */
static char *try_names(const char *path, bool (*attempt)(const char *name, void *user), void *user)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  uint64_t seed = (uint64_t)now.tv_nsec ^ ((uint64_t)getpid() << 32);
  for (uint64_t i = 0; i < NAME_ATTEMPTS; i++) {
    char *name = make_name(path, srn_random_bits(seed, i));
    if (!name) {
      errno = ENOMEM;
      return NULL;
    }
    if (attempt(name, user)) {
      return name;
    }
    int reason = errno;
    free(name);
    errno = reason;
    if (reason != EEXIST) {
      break;
    }
  }
  return NULL;
}

/* ----------------------------------------------------------------------------------------------------------- signals
 */

static void hold_signals(sigset_t *before)
{
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, before);
}

/* Keeps errno. */
static void release_signals(const sigset_t *before)
{
  int reason = errno;
  pthread_sigmask(SIG_SETMASK, before, NULL);
  errno = reason;
}

/* ----------------------------------------------------------------------------------------------------------- opening
 */

/* -1 where files without a name are not to be had. */
static int open_unnamed(const char *path)
{
#ifdef O_TMPFILE
  const char *slash = strrchr(path, '/');
  size_t length = slash == path ? 1 : slash ? (size_t)(slash - path) : 0;
  char *folder = slash ? strndup(path, length) : strdup(".");
  if (!folder) {
    return -1;
  }
  int descriptor = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  free(folder);
  /* Without /proc it could never have a name. */
  char link[NAME_SIZE];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  if (descriptor >= 0 && access(link, F_OK) != 0) {
    close(descriptor);
    return -1;
  }
  return descriptor;
#else
  (void)path;
  return -1;
#endif
}

/* open's own mode applies the umask. */
static bool create_named(const char *name, void *user)
{
  int *descriptor = user;
  remember(name);
  *descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (*descriptor < 0) {
    forget_failed(name);
  }
  return *descriptor >= 0;
}

int srn_temporary_open(const char *path, char **name)
{
  *name = NULL;
  int descriptor = open_unnamed(path);
  if (descriptor >= 0) {
    return descriptor;
  }
  sigset_t before;
  hold_signals(&before);
  *name = try_names(path, create_named, &descriptor);
  release_signals(&before);
  return *name ? descriptor : -1;
}

/* ----------------------------------------------------------------------------------------------------------- placing
 */

typedef struct source {
  int descriptor;
} source;

static bool link_to(const char *name, void *user);

/* Held back in this thread only, a signal may still end the process by another one: the name is remembered before it
 * exists. */
static bool link_remembered(const char *name, void *user)
{
  remember(name);
  bool linked = link_to(name, user);
  if (!linked) {
    forget_failed(name);
  }
  return linked;
}

static bool link_to(const char *name, void *user)
{
  char link[NAME_SIZE];
  snprintf(link, sizeof link, "/proc/self/fd/%d", ((const source *)user)->descriptor);
  return linkat(AT_FDCWD, link, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
}

/* A link cannot replace a file: where there is one, the new file gets a name of its own for an instant. */
static bool place_unnamed(int descriptor, const char *path)
{
  source from = {descriptor};
  if (link_to(path, &from)) {
    return true;
  }
  char *name = errno == EEXIST ? try_names(path, link_remembered, &from) : NULL;
  if (!name) {
    return false;
  }
  bool placed = rename(name, path) == 0;
  int reason = errno;
  if (!placed) {
    unlink(name);
  }
  forget(name);
  free(name);
  errno = reason;
  return placed;
}

bool srn_temporary_place(int descriptor, char *name, const char *path)
{
  sigset_t before;
  hold_signals(&before);
  bool placed = name ? rename(name, path) == 0 : place_unnamed(descriptor, path);
  if (name && placed) {
    forget(name);
    free(name);
  }
  release_signals(&before);
  if (name && !placed) {
    int reason = errno;
    srn_temporary_remove(name);
    errno = reason;
  }
  return placed;
}

void srn_temporary_remove(char *name)
{
  if (name) {
    unlink(name);
    forget(name);
    free(name);
  }
}

specrnn_status srn_fail_temporary(const specrnn_log *log, const char *what, int reason)
{
  return srn_fail(log, SPECRNN_ERROR_IO, "cannot %s a temporary file in %s: %s", what, P_tmpdir,
                  strerror(reason ? reason : EIO));
}
