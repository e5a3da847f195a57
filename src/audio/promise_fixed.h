/* Containers with one header at the front and no chunks. */
#ifndef SPECRNN_SRC_AUDIO_PROMISE_FIXED_H
#define SPECRNN_SRC_AUDIO_PROMISE_FIXED_H

#include "audio/promise.h"

srn_promise srn_promise_read_fixed(srn_audio_source *source);

/* A number of n bytes, 8 at most; the second finds it at an offset, and fails behind the end. */
uint64_t srn_promise_number(const unsigned char *bytes, size_t n, bool is_big_endian);
bool srn_promise_field(srn_audio_source *source, uint64_t at, size_t n, bool is_big_endian, uint64_t *value);

#endif
