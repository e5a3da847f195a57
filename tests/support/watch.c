/* Stand-ins for malloc and for locks that count, and a child process that may not call the system. */
#define _GNU_SOURCE /* RTLD_NEXT, prctl */
#include "support/watch.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/sanitized.h"

static bool watching;
static watch_counts counts;

void watch_start(void)
{
  counts = (watch_counts){0};
  watching = true;
}

watch_counts watch_stop(void)
{
  watching = false;
  return counts;
}

#ifdef SANITIZED

bool watch_works(void)
{
  return false;
}

#else

bool watch_works(void)
{
  return true;
}

/* glibc's own, under the names that it keeps for this. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *memory);

/* Aligned blocks with what was asked for: what glibc leaves around them is not theirs, and is never touched. */
enum { MOST_ALIGNED = 256 };

static struct {
  void *memory;
  size_t size;
} aligned[MOST_ALIGNED];

static void note_aligned(void *memory, size_t size)
{
  size_t i = 0;
  while (i < MOST_ALIGNED - 1 && aligned[i].memory) {
    i++;
  }
  aligned[i].memory = memory;
  aligned[i].size = size;
}

static long long size_of(void *memory)
{
  for (size_t i = 0; memory && i < MOST_ALIGNED; i++) {
    if (aligned[i].memory == memory) {
      return (long long)aligned[i].size;
    }
  }
  return (long long)malloc_usable_size(memory);
}

static void forget_aligned(void *memory)
{
  for (size_t i = 0; memory && i < MOST_ALIGNED; i++) {
    if (aligned[i].memory == memory) {
      aligned[i].memory = NULL;
    }
  }
}

static void *count_allocation(void *memory)
{
  if (watching) {
    counts.allocations++;
    counts.live += size_of(memory);
    counts.peak = counts.live > counts.peak ? counts.live : counts.peak;
  }
  return memory;
}

void *malloc(size_t size)
{
  return count_allocation(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
  return count_allocation(__libc_calloc(count, size));
}

/* Where it moves the block, both stand beside each other for a while; what glibc moves by pages is counted so, too. */
void *realloc(void *memory, size_t size)
{
  long long before = size_of(memory);
  forget_aligned(memory);
  void *moved = count_allocation(__libc_realloc(memory, size));
  if (watching && (moved || size == 0)) {
    counts.live -= before;
  }
  return moved;
}

void *memalign(size_t alignment, size_t size);
void *memalign(size_t alignment, size_t size)
{
  void *memory = __libc_memalign(alignment, size);
  if (watching && memory) {
    note_aligned(memory, size);
  }
  return count_allocation(memory);
}

void *aligned_alloc(size_t alignment, size_t size)
{
  return memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size);
int posix_memalign(void **out, size_t alignment, size_t size)
{
  void *memory = memalign(alignment, size);
  if (!memory) {
    return ENOMEM;
  }
  *out = memory;
  return 0;
}

void free(void *memory)
{
  counts.allocations += watching;
  counts.live -= watching ? size_of(memory) : 0;
  forget_aligned(memory);
  __libc_free(memory);
}

typedef int (*lock_function)(pthread_mutex_t *);

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
  static lock_function next;
  if (!next) {
    void *symbol = dlsym(RTLD_NEXT, "pthread_mutex_lock");
    next = *(lock_function *)&symbol;
  }
  counts.locks += watching;
  return next(mutex);
}

#endif

bool watch_runs_without_system_calls(void (*function)(void *), void *argument)
{
  pid_t child = fork();
  if (child == 0) {
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0) {
      _exit(2);
    }
    function(argument);
    syscall(SYS_exit, 0); /* the one way out that strict mode leaves */
  }
  int status = 1;
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
