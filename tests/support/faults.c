/* A malloc that fails when it is told to. */
#define _GNU_SOURCE /* dladdr */
#include "support/faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "support/sanitized.h"

static bool watching;
static long fail_at;
static const char *const *spared;
static faults_report current;

void faults_start(long nth)
{
  fail_at = nth;
  current = (faults_report){0, 0, 0, false};
  watching = true;
}

faults_report faults_stop(void)
{
  watching = false;
  return current;
}

void faults_spare(const char *const *libraries)
{
  spared = libraries;
}

#ifdef SANITIZED

bool faults_work(void)
{
  return false;
}

#else

bool faults_work(void)
{
  return true;
}

/* glibc's own, under the names that it keeps for this. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *memory);
void *memalign(size_t alignment, size_t size);

static bool is_spared(const void *caller)
{
  Dl_info info;
  if (!spared || !dladdr(caller, &info) || !info.dli_fname) {
    return false;
  }
  for (const char *const *library = spared; *library; library++) {
    if (strstr(info.dli_fname, *library)) {
      return true;
    }
  }
  return false;
}

/* Whether this allocation may go on. */
static bool count(size_t size, const void *caller)
{
  if (!watching) {
    return true;
  }
  current.largest = size > current.largest ? size : current.largest;
  if (is_spared(caller)) {
    return true;
  }
  current.allocations++;
  if (current.allocations == fail_at) {
    current.failed = true;
    errno = ENOMEM;
    return false;
  }
  return true;
}

static void *kept(void *memory)
{
  current.live += watching && memory;
  return memory;
}

void *malloc(size_t size)
{
  return count(size, __builtin_return_address(0)) ? kept(__libc_malloc(size)) : NULL;
}

void *calloc(size_t items, size_t size)
{
  size_t bytes = size && items > SIZE_MAX / size ? SIZE_MAX : items * size;
  return count(bytes, __builtin_return_address(0)) ? kept(__libc_calloc(items, size)) : NULL;
}

void *realloc(void *memory, size_t size)
{
  if (!count(size, __builtin_return_address(0))) {
    return NULL;
  }
  void *grown = __libc_realloc(memory, size);
  return memory ? grown : kept(grown);
}

void *memalign(size_t alignment, size_t size)
{
  return count(size, __builtin_return_address(0)) ? kept(__libc_memalign(alignment, size)) : NULL;
}

void *aligned_alloc(size_t alignment, size_t size)
{
  return count(size, __builtin_return_address(0)) ? kept(__libc_memalign(alignment, size)) : NULL;
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
  void *taken = count(size, __builtin_return_address(0)) ? kept(__libc_memalign(alignment, size)) : NULL;
  if (!taken) {
    return ENOMEM;
  }
  *memory = taken;
  return 0;
}

void free(void *memory)
{
  current.live -= watching && memory;
  int reason = errno; /* which free leaves as it is */
  __libc_free(memory);
  errno = reason;
}

#endif
