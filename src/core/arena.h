/* One object, one allocation: the parts of an object are taken from one block.
 *
 * A builder function runs twice over the same calls: first on an arena without memory, which only counts, then on the
 * block of that size. Every part starts on a cache line, so that kernels may assume alignment.
 *
 *     srn_arena arena = {0};
 *     build(&arena, ...);                       counts; srn_arena_take returns NULL
 *     if (!srn_arena_allocate(&arena)) fail;    zeroed block
 *     T *object = build(&arena, ...);           the same calls now return memory
 *     ...
 *     srn_arena_free(object);                   the first part is the object itself
 */
#ifndef SPECRNN_SRC_CORE_ARENA_H
#define SPECRNN_SRC_CORE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

enum { SRN_ALIGNMENT = 64 };

typedef struct srn_arena {
  unsigned char *base; /* NULL while counting */
  size_t used;
  size_t size;
  bool overflow; /* some size did not fit into size_t */
} srn_arena;

/* Memory for `count` items of `size` bytes; NULL while counting, or where the block does not hold them. */
void *srn_arena_take(srn_arena *arena, size_t count, size_t size);

/* Turns a counting arena into one with a zeroed block of the counted size. False for overflow or lack of memory. */
bool srn_arena_allocate(srn_arena *arena);

/* Frees a block by the address of its first part. NULL is allowed. */
void srn_arena_free(void *first_part);

/* `bytes` rounded up so that the next row starts on a cache line; for rows of `count` items of `size` bytes. */
size_t srn_aligned_stride(size_t count, size_t size);

/* A zeroed, cache-line-aligned array, in large pages from 1 MB on; NULL for overflow or lack of memory. Freed by
 * srn_aligned_free. */
void *srn_aligned_calloc(size_t count, size_t size);
void srn_aligned_free(void *memory);

#endif
