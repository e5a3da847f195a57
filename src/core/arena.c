/* The block from which an object's parts are taken. */
#include "core/arena.h"

#include <stdlib.h>
#include <string.h>

#include "core/checked.h"

static bool round_up(size_t bytes, size_t *rounded)
{
  size_t sum;
  if (!srn_size_add(bytes, SRN_ALIGNMENT - 1, &sum)) {
    return false;
  }
  *rounded = sum / SRN_ALIGNMENT * SRN_ALIGNMENT;
  return true;
}

void *srn_arena_take(srn_arena *arena, size_t count, size_t size)
{
  size_t bytes;
  size_t end;
  if (!srn_size_mul(count, size, &bytes) || !round_up(bytes, &bytes) || !srn_size_add(arena->used, bytes, &end)) {
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
  if (!srn_size_mul(count, size, &bytes) || !round_up(bytes ? bytes : 1, &bytes)) {
    return NULL;
  }
  void *memory = aligned_alloc(SRN_ALIGNMENT, bytes);
  if (memory) {
    memset(memory, 0, bytes);
  }
  return memory;
}

void srn_aligned_free(void *memory)
{
  free(memory);
}
