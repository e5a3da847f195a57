/* Pages of Ogg, as far as they say where its streams begin and end. */
#ifndef SPECRNN_SRC_AUDIO_OGG_H
#define SPECRNN_SRC_AUDIO_OGG_H

#include "audio/source.h"

/* A link of a chain: what plays at one time, from its first page to the last whole one. */
typedef struct srn_ogg_link {
  uint64_t begin, end;
  uint64_t next;    /* where the next link begins, or the size of the source */
  bool is_complete; /* its last page says that it is the last */
} srn_ogg_link;

bool srn_ogg_is(srn_audio_source *source);
srn_ogg_link srn_ogg_find_link(srn_audio_source *source, uint64_t begin);

#endif
