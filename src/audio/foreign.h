/* Formats that are recognised and not read: of sound, and those that people take for one. */
#ifndef SPECRNN_SRC_AUDIO_FOREIGN_H
#define SPECRNN_SRC_AUDIO_FOREIGN_H

#include "audio/source.h"

typedef struct srn_foreign {
  const char *name; /* "MP4 (AAC or ALAC)"; NULL where the first bytes are none that is known. Static text. */
  bool is_sound;    /* or a film with sound */
} srn_foreign;

srn_foreign srn_foreign_find(srn_audio_source *source);

#endif
