/* Whether a pipe begins with Ogg, seen without consuming a byte of it: libsndfile then reads the pipe itself. */
#ifndef SPECRNN_SRC_AUDIO_PEEK_H
#define SPECRNN_SRC_AUDIO_PEEK_H

#include <stdbool.h>

/* Waits for the first bytes. False also where the system offers no look ahead, and where the descriptor does not wait.
 */
bool srn_begins_with_ogg(int descriptor);

#endif
