/* The block from which an object's parts are taken. */
#include "core/arena.h"

#include <stdlib.h>
#include <string.h>

#include "core/checked.h"
#include "core/pages.h"

/* From here on memory comes in large pages. Half of one may be left over, and a little of what is large; else the end
 * lies in small ones. */
enum { LARGE = SRN_LARGE_PAGE / 2, LEFT_OVER = 16 };

static bool round_up(size_t bytes, size_t multiple, size_t *rounded)
{
  size_t sum;
  if (!srn_size_add(bytes, multiple - 1, &sum)) {
    return false;
  }
  *rounded = sum / multiple * multiple;
  return true;
}

void *srn_arena_take(srn_arena *arena, size_t count, size_t size)
{
  size_t bytes;
  size_t end;
  if (!srn_size_mul(count, size, &bytes) || !round_up(bytes, SRN_ALIGNMENT, &bytes) ||
      !srn_size_add(arena->used, bytes, &end)) {
    arena->overflow = true;
    return NULL;
  }
  size_t begin = arena->used;
  if (!arena->base) {
    arena->used = end;
    return NULL;
  }
  if (end > arena->size) {
    return NULL;
  }
  arena->used = end;
  return arena->base + begin;
}

bool srn_arena_allocate(srn_arena *arena)
{
  if (arena->overflow) {
    return false;
  }
  size_t size = arena->used ? arena->used : SRN_ALIGNMENT;
  unsigned char *base = srn_aligned_calloc(size, 1);
  if (!base) {
    return false;
  }
  arena->base = base;
  arena->size = size;
  arena->used = 0;
  return true;
}

void srn_arena_free(void *first_part)
{
  srn_aligned_free(first_part);
}

size_t srn_aligned_stride(size_t count, size_t size)
{
  size_t per_line = SRN_ALIGNMENT / size;
  return (count + per_line - 1) / per_line * per_line;
}

void *srn_aligned_calloc(size_t count, size_t size)
{
  size_t bytes;
  size_t room;
  if (!srn_size_mul(count, size, &bytes)) {
    return NULL;
  }
  size_t alignment = bytes < LARGE ? SRN_ALIGNMENT : SRN_LARGE_PAGE;
  if (!round_up(bytes ? bytes : 1, alignment, &room)) {
    return NULL;
  }
  if (room - bytes > LARGE + bytes / LEFT_OVER && !round_up(bytes, SRN_ALIGNMENT, &room)) {
    return NULL;
  }
  void *memory = NULL;
  if (posix_memalign(&memory, alignment, room) != 0) {
    return NULL;
  }
  if (bytes >= LARGE) {
    srn_pages_advise_large(memory, room);
  }
  memset(memory, 0, bytes);
  return memory;
}

void srn_aligned_free(void *memory)
{
  free(memory);
}
