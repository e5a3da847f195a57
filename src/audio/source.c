/* Bytes of memory, files and pipes by their offsets. */
#include "audio/source.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "core/log.h"

srn_audio_source srn_audio_source_memory(const void *bytes, size_t n_bytes)
{
  return (srn_audio_source){.bytes = bytes, .size = n_bytes, .descriptor = -1};
}

bool srn_audio_source_file(srn_audio_source *source, int descriptor)
{
  off_t here = lseek(descriptor, 0, SEEK_CUR);
  off_t end = here < 0 ? -1 : lseek(descriptor, 0, SEEK_END);
  if (end < 0 || lseek(descriptor, here, SEEK_SET) != here) {
    return false;
  }
  *source = (srn_audio_source){.descriptor = descriptor, .base = (uint64_t)here};
  source->size = end > here ? (uint64_t)(end - here) : 0;
  return true;
}

specrnn_status srn_audio_source_stream(srn_audio_source *source, int descriptor, const void *head, size_t n_head,
                                       const specrnn_log *log)
{
  unsigned char *ahead = malloc(SRN_AUDIO_LOOK_SIZE);
  if (!ahead) {
    return srn_fail_memory(log, SRN_AUDIO_LOOK_SIZE);
  }
  if (n_head > 0) {
    memcpy(ahead, head, n_head);
  }
  *source = (srn_audio_source){
      .descriptor = descriptor, .is_stream = true, .size = UINT64_MAX, .ahead = ahead, .n_ahead = n_head};
  return SPECRNN_OK;
}

void srn_audio_source_skip(srn_audio_source *source, uint64_t n)
{
  n = n < source->size ? n : source->size;
  source->size -= n;
  source->base += n;
  source->bytes = source->bytes ? source->bytes + n : NULL;
}

void srn_audio_source_close(srn_audio_source *source)
{
  free(source->ahead);
  *source = (srn_audio_source){.descriptor = -1};
}

/* ----------------------------------------------------------------------------------------------------------- files */

static size_t read_file(srn_audio_source *source, uint64_t offset, unsigned char *bytes, size_t n)
{
  size_t done = 0;
  while (done < n) {
    ssize_t got = pread(source->descriptor, bytes + done, n - done, (off_t)(source->base + offset + done));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      source->error = errno;
    }
    if (got <= 0) {
      break;
    }
    done += (size_t)got;
  }
  return done;
}

static size_t read_memory(const srn_audio_source *source, uint64_t offset, unsigned char *bytes, size_t n)
{
  size_t left = (size_t)(source->size - offset);
  size_t done = n < left ? n : left;
  memcpy(bytes, source->bytes + offset, done);
  return done;
}

/* ----------------------------------------------------------------------------------------------------------- pipes */

/* What the next read gives; waits where the descriptor does not. 0 at the end and for an error. */
static size_t read_pipe(srn_audio_source *source, unsigned char *bytes, size_t n)
{
  for (;;) {
    ssize_t got = read(source->descriptor, bytes, n);
    if (got >= 0) {
      return (size_t)got;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      struct pollfd request = {.fd = source->descriptor, .events = POLLIN};
      poll(&request, 1, -1);
    } else if (errno != EINTR) {
      source->error = errno;
      return 0;
    }
  }
}

static size_t look_stream(srn_audio_source *source, uint64_t offset, unsigned char *bytes, size_t n)
{
  if (offset < source->ahead_at || offset - source->ahead_at >= SRN_AUDIO_LOOK_SIZE) {
    return 0;
  }
  size_t from = (size_t)(offset - source->ahead_at);
  size_t room = SRN_AUDIO_LOOK_SIZE - from;
  size_t wanted = from + (n < room ? n : room);
  while (source->n_ahead < wanted) {
    size_t got = read_pipe(source, source->ahead + source->n_ahead, wanted - source->n_ahead);
    if (got == 0) {
      break;
    }
    source->n_ahead += got;
  }
  size_t done = source->n_ahead > from ? source->n_ahead - from : 0;
  done = done < n ? done : n;
  memcpy(bytes, source->ahead + from, done);
  return done;
}

static void forget(srn_audio_source *source, size_t n)
{
  memmove(source->ahead, source->ahead + n, source->n_ahead - n);
  source->n_ahead -= n;
  source->ahead_at += n;
}

static bool skip_stream(srn_audio_source *source, uint64_t offset)
{
  while (source->ahead_at < offset) {
    uint64_t n = offset - source->ahead_at;
    unsigned char byte;
    if (source->n_ahead == 0 && look_stream(source, source->ahead_at, &byte, 1) == 0) {
      return false;
    }
    forget(source, n < source->n_ahead ? (size_t)n : source->n_ahead);
  }
  return source->ahead_at == offset;
}

static size_t take_stream(srn_audio_source *source, uint64_t offset, unsigned char *bytes, size_t n)
{
  if (!skip_stream(source, offset)) {
    return 0;
  }
  size_t done = source->n_ahead < n ? source->n_ahead : n;
  memcpy(bytes, source->ahead, done);
  forget(source, done);
  while (done < n) {
    size_t got = read_pipe(source, bytes + done, n - done);
    if (got == 0) {
      break;
    }
    done += got;
    source->ahead_at += got;
  }
  return done;
}

/* ------------------------------------------------------------------------------------------------------------ both */

static size_t read_at(srn_audio_source *source, uint64_t offset, unsigned char *bytes, size_t n)
{
  if (offset >= source->size || n == 0) {
    return 0;
  }
  return source->bytes ? read_memory(source, offset, bytes, n) : read_file(source, offset, bytes, n);
}

size_t srn_audio_source_look(srn_audio_source *source, uint64_t offset, void *bytes, size_t n)
{
  return source->is_stream ? look_stream(source, offset, bytes, n) : read_at(source, offset, bytes, n);
}

size_t srn_audio_source_take(srn_audio_source *source, uint64_t offset, void *bytes, size_t n)
{
  return source->is_stream ? take_stream(source, offset, bytes, n) : read_at(source, offset, bytes, n);
}
