/* What is known of an encoding of samples. */
#ifndef SPECRNN_SRC_AUDIO_ENCODING_H
#define SPECRNN_SRC_AUDIO_ENCODING_H

#include <stddef.h>

typedef struct srn_encoding {
  int subtype;      /* libsndfile's */
  size_t bytes;     /* of one sample where all have the same size, otherwise 0 */
  float full_scale; /* the largest value below 1, or 1 */
} srn_encoding;

/* That of one of libsndfile's formats. */
srn_encoding srn_encoding_find(int format);

#endif
