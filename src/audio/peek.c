/* A look at the first bytes of a pipe. Linux duplicates the content of a pipe into another (tee); elsewhere nothing can
 * be seen without taking it, and every Ogg is copied to a file first. */
#ifdef __linux__
#define _GNU_SOURCE
#endif
#include "audio/peek.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PEEK_SIZE = 4 };

#ifdef __linux__

/* One look: the bytes that are in the pipe now, at most PEEK_SIZE; waits for the first. 0 for an error and at the end.
 */
static size_t look(int descriptor, const int scratch[2], unsigned char *bytes)
{
  ssize_t n;
  do {
    n = tee(descriptor, scratch[1], PEEK_SIZE, 0);
  } while (n < 0 && errno == EINTR);
  if (n <= 0) {
    return 0;
  }
  n = read(scratch[0], bytes, PEEK_SIZE);
  return n > 0 ? (size_t)n : 0;
}

static bool writer_is_gone(int descriptor)
{
  struct pollfd request = {.fd = descriptor, .events = POLLIN};
  return poll(&request, 1, 0) > 0 && (request.revents & (POLLHUP | POLLERR));
}

/* A writer may deliver a header in pieces; nothing tells when a pipe holds more than it did, hence the short sleeps. */
static size_t peek(int descriptor, unsigned char *bytes)
{
  static const struct timespec PAUSE = {0, 1000000};
  int scratch[2];
  if (pipe(scratch) != 0) {
    return 0;
  }
  size_t n = 0;
  for (bool last = false; !last && n < PEEK_SIZE;) {
    last = writer_is_gone(descriptor);
    n = look(descriptor, scratch, bytes);
    if (n == 0) {
      break;
    }
    if (!last && n < PEEK_SIZE) {
      nanosleep(&PAUSE, NULL);
    }
  }
  close(scratch[0]);
  close(scratch[1]);
  return n;
}

bool srn_begins_with_ogg(int descriptor)
{
  unsigned char bytes[PEEK_SIZE];
  int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0 || (flags & O_NONBLOCK)) {
    return false; /* libsndfile takes "not yet" for an error; the copy waits */
  }
  return peek(descriptor, bytes) == PEEK_SIZE && !memcmp(bytes, "OggS", PEEK_SIZE);
}

#else

bool srn_begins_with_ogg(int descriptor)
{
  (void)descriptor;
  return false;
}

#endif
