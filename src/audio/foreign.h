/* Formats of sound that are recognised and not read. */
#ifndef SPECRNN_SRC_AUDIO_FOREIGN_H
#define SPECRNN_SRC_AUDIO_FOREIGN_H

#include "audio/source.h"

/* "MP4 (AAC or ALAC)"; NULL where the first bytes are none that is known. Static text. */
const char *srn_foreign_name(srn_audio_source *source);

#endif
