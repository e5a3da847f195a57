/* The bytes of an input, by their offsets: of a file, of memory, or of a pipe, of which only what comes next can be
 * seen. Decoders and the reader of headers get every byte here. */
#ifndef SPECRNN_SRC_AUDIO_SOURCE_H
#define SPECRNN_SRC_AUDIO_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "specrnn/core.h"

/* What a pipe can show before it is taken: the header of a container, or what follows its samples. */
#define SRN_AUDIO_LOOK_SIZE ((size_t)65536)

typedef struct srn_audio_source {
  const unsigned char *bytes; /* of memory, or NULL */
  int descriptor;             /* of a file or a pipe; somebody else closes it */
  bool is_stream;             /* a pipe */
  uint64_t base;              /* where the descriptor of a file stood when it was given */
  uint64_t size;              /* UINT64_MAX for a pipe */
  int error;                  /* errno of a read that failed, or 0 */

  unsigned char *ahead; /* bytes of a pipe that were seen and not yet taken, SRN_AUDIO_LOOK_SIZE at most */
  size_t n_ahead;
  uint64_t ahead_at; /* offset of the first of them */
} srn_audio_source;

srn_audio_source srn_audio_source_memory(const void *bytes, size_t n_bytes);

/* A descriptor that can seek, from where it stands to its end. False with errno. */
bool srn_audio_source_file(srn_audio_source *source, int descriptor);

/* One that cannot, of which the first n_head bytes, SRN_AUDIO_LOOK_SIZE at most, were read already. It is read from now
 * on; srn_audio_source_close gives back what that needs. */
SPECRNN_MUST_CHECK specrnn_status srn_audio_source_stream(srn_audio_source *source, int descriptor, const void *head,
                                                          size_t n_head, const specrnn_log *log);
void srn_audio_source_close(srn_audio_source *source);

/* Leaves the first n bytes of a file or of memory out: offsets count from behind them. */
void srn_audio_source_skip(srn_audio_source *source, uint64_t n);

/* Copies up to n bytes from an offset; fewer only at the end, where a read fails, and where a pipe cannot show them:
 * bytes that were taken, or too far ahead. */
size_t srn_audio_source_look(srn_audio_source *source, uint64_t offset, void *bytes, size_t n);

/* The same, and a pipe forgets what lies in front of the end of these bytes. */
size_t srn_audio_source_take(srn_audio_source *source, uint64_t offset, void *bytes, size_t n);

#endif
