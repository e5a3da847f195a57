/* A copy of an input that cannot seek, in a temporary file without a name. */
#ifndef SPECRNN_SRC_AUDIO_SPOOL_H
#define SPECRNN_SRC_AUDIO_SPOOL_H

#include <stdio.h>

#include "audio/source.h"

/* Takes all that a pipe has, from its first byte, which it still shows. The file's descriptor stands at the first byte;
 * fclose removes the copy. */
SPECRNN_MUST_CHECK specrnn_status srn_spool(FILE **out, srn_audio_source *pipe, const specrnn_log *log);

#endif
