/* A walk over the pages of an Ogg file. */
#include "audio/ogg.h"

#include <string.h>

enum {
  FLAGS_AT = 5,
  SERIAL_AT = 14,
  N_SEGMENTS_AT = 26,
  HEAD_SIZE = 27,
  MAX_SEGMENTS = 255,
  FIRST_PAGE = 2, /* flags */
  LAST_PAGE = 4,
};

static const char MAGIC[] = "OggS";

typedef struct page {
  unsigned char flags;
  unsigned char serial[4];
  uint64_t size;
} page;

bool srn_ogg_is(srn_audio_source *source)
{
  char magic[4];
  return srn_audio_source_look(source, 0, magic, 4) == 4 && !memcmp(magic, MAGIC, 4);
}

/* False where no page begins, or its head is cut. */
static bool read_page(srn_audio_source *source, uint64_t at, page *p)
{
  unsigned char head[HEAD_SIZE + MAX_SEGMENTS];
  size_t n = srn_audio_source_look(source, at, head, sizeof head);
  if (n < HEAD_SIZE || memcmp(head, MAGIC, 4) != 0 || n < HEAD_SIZE + (size_t)head[N_SEGMENTS_AT]) {
    return false;
  }
  p->flags = head[FLAGS_AT];
  memcpy(p->serial, head + SERIAL_AT, sizeof p->serial);
  p->size = HEAD_SIZE + (uint64_t)head[N_SEGMENTS_AT];
  for (size_t i = 0; i < head[N_SEGMENTS_AT]; i++) {
    p->size += head[HEAD_SIZE + i];
  }
  return true;
}

/* The next place where a page may begin; the size of the source without one. */
static uint64_t find_magic(srn_audio_source *source, uint64_t at)
{
  unsigned char bytes[4096];
  for (;;) {
    size_t n = srn_audio_source_look(source, at, bytes, sizeof bytes);
    for (size_t i = 0; i + 4 <= n; i++) {
      if (!memcmp(bytes + i, MAGIC, 4)) {
        return at + i;
      }
    }
    if (n < sizeof bytes) {
      return source->size;
    }
    at += n - 3;
  }
}

srn_ogg_link srn_ogg_find_link(srn_audio_source *source, uint64_t begin)
{
  srn_ogg_link link = {.begin = begin, .end = begin, .next = source->size};
  unsigned char serial[4] = {0};
  bool has_data = false;
  bool is_cut = false;
  uint64_t at = begin;
  while (at < source->size) {
    page p;
    if (!read_page(source, at, &p)) {
      at = find_magic(source, at + 1);
      continue;
    }
    if ((p.flags & FIRST_PAGE) && has_data) {
      link.next = at;
      break;
    }
    if (p.size > source->size - at) {
      is_cut = true;
      break;
    }
    if (at == begin) {
      memcpy(serial, p.serial, sizeof serial);
    }
    has_data |= !(p.flags & FIRST_PAGE);
    link.is_complete |= (p.flags & LAST_PAGE) && !memcmp(serial, p.serial, sizeof serial);
    at += p.size;
    link.end = at;
  }
  link.is_complete &= !is_cut;
  return link;
}
