/* Memory in large pages, where the system has them. */
#define _DEFAULT_SOURCE /* madvise */
#include "core/pages.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void srn_pages_advise_large(void *memory, size_t bytes)
{
#ifdef MADV_HUGEPAGE
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t before = (page - (uintptr_t)memory % page) % page;
  if (bytes > before + page) {
    madvise((unsigned char *)memory + before, (bytes - before) / page * page, MADV_HUGEPAGE);
  }
#else
  (void)memory;
  (void)bytes;
#endif
}
