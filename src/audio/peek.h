/* Whether libsndfile can decode an input that cannot seek as it comes, decided without consuming a byte of it. */
#ifndef SPECRNN_SRC_AUDIO_PEEK_H
#define SPECRNN_SRC_AUDIO_PEEK_H

#include <stdbool.h>

/* True for a pipe that begins with a container that libsndfile reads from pipes. False says: copy it to a file first;
 * also where the system offers no look ahead. Waits for the first bytes. */
bool srn_can_stream(int descriptor);

#endif
