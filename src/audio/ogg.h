/* Pages of Ogg, as far as they say where its streams begin and end. */
#ifndef SPECRNN_SRC_AUDIO_OGG_H
#define SPECRNN_SRC_AUDIO_OGG_H

#include "audio/source.h"

/* A link of a chain: what plays at one time, from its first page on. */
typedef struct srn_ogg_link {
  uint64_t begin;
  uint64_t end;    /* of the last whole page that was seen; of a pipe it may come in part only */
  uint64_t next;   /* where the next link begins, once the walk is over */
  bool is_last;    /* no link follows */
  bool is_cut;     /* a page breaks off */
  bool has_closed; /* a page said that it is the last of the stream */
  bool has_data;   /* pages beyond the first ones of its streams were seen */
  unsigned char serial[4];
} srn_ogg_link;

bool srn_ogg_is(srn_audio_source *source);

/* Begins a walk, and goes on by a page; false says that the link has no further one. */
srn_ogg_link srn_ogg_begin(uint64_t begin);
bool srn_ogg_step(srn_ogg_link *link, srn_audio_source *source);

/* It was there to its end. */
bool srn_ogg_is_complete(const srn_ogg_link *link);

#endif
