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

/* The next place where a page may begin; false without one. A pipe is searched as far as it shows. */
static bool find_page(srn_audio_source *source, uint64_t at, uint64_t *found)
{
  unsigned char bytes[4096];
  for (size_t n = sizeof bytes; n == sizeof bytes; at += n - 3) {
    n = srn_audio_source_look(source, at, bytes, sizeof bytes);
    for (size_t i = 0; i + 4 <= n; i++) {
      if (!memcmp(bytes + i, MAGIC, 4)) {
        *found = at + i;
        return true;
      }
    }
  }
  return false;
}

srn_ogg_link srn_ogg_begin(uint64_t begin)
{
  return (srn_ogg_link){.begin = begin, .end = begin, .next = begin};
}

static bool finish(srn_ogg_link *link, uint64_t next, bool is_last)
{
  link->next = next;
  link->is_last = is_last;
  return false;
}

bool srn_ogg_step(srn_ogg_link *link, srn_audio_source *source)
{
  page p;
  uint64_t at = link->end;
  while (!read_page(source, at, &p)) {
    if (!find_page(source, at + 1, &at)) {
      return finish(link, link->end, true);
    }
  }
  if ((p.flags & FIRST_PAGE) && link->has_data) {
    return finish(link, at, false);
  }
  if (p.size > source->size - at) {
    link->is_cut = true;
    return finish(link, at, true);
  }
  if (link->end == link->begin) {
    memcpy(link->serial, p.serial, sizeof link->serial);
  }
  link->has_data |= !(p.flags & FIRST_PAGE);
  link->has_closed |= (p.flags & LAST_PAGE) && !memcmp(link->serial, p.serial, sizeof link->serial);
  link->end = at + p.size;
  return true;
}

bool srn_ogg_is_complete(const srn_ogg_link *link)
{
  return link->has_closed && !link->is_cut;
}
