/* Inputs, each opened once. */
#include "readable.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"

enum { BLOCK = 1 << 16, HEAD_SIZE = 512, PATH_SIZE = 32, FAILURE_SIZE = 256 };

static const char ONCE[] = "was read already: a pipe can be read once";

/* A thing that cannot be read twice. */
typedef struct held {
  struct held *next;
  char *named;
  struct stat status;
  pthread_mutex_t lock; /* of what follows */
  int descriptor;       /* -1: not open yet */
  unsigned char head[HEAD_SIZE];
  size_t n_head; /* bytes that were read and belong in front of the rest */
  bool was_looked_at, was_streamed;
  specrnn_file_format format;
  char path[PATH_SIZE]; /* of the copy, or of standard input itself; "" before there is one */
  char failure[FAILURE_SIZE];
} held;

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static held *list;

/* --------------------------------------------------------------------------------------------------------- the list */

static bool is_standard(const char *named)
{
  return !strcmp(named, "-");
}

/* Regular files and folders are read where they lie, and so is what cannot be found, of which its reader says so.
 * Standard input is where the program before left it, which another opening of it would not know. */
static bool is_held(const char *named, struct stat *status)
{
  if (is_standard(named)) {
    return fstat(STDIN_FILENO, status) == 0;
  }
  return stat(named, status) == 0 && !S_ISREG(status->st_mode) && !S_ISDIR(status->st_mode);
}

/* A pipe or a socket is one thing under all its names; a device is another one each time that it is opened. */
static bool is_same(const held *h, const char *named, const struct stat *status)
{
  bool is_one = S_ISFIFO(status->st_mode) || S_ISSOCK(status->st_mode);
  return !strcmp(h->named, named) ||
         (is_one && h->status.st_dev == status->st_dev && h->status.st_ino == status->st_ino);
}

static held *add(const char *named, const struct stat *status)
{
  held *h = calloc(1, sizeof *h);
  char *name = strdup(named);
  if (!h || !name) {
    free(h);
    free(name);
    return NULL;
  }
  *h = (held){.next = list, .named = name, .status = *status, .descriptor = -1};
  pthread_mutex_init(&h->lock, NULL);
  list = h;
  return h;
}

/* The thing, locked; NULL where the name is that of a file, and where memory is out. */
static held *take(const char *named, bool *is_out_of_memory)
{
  struct stat status;
  *is_out_of_memory = false;
  if (!is_held(named, &status)) {
    return NULL;
  }
  pthread_mutex_lock(&list_lock);
  held *h = list;
  while (h && !is_same(h, named, &status)) {
    h = h->next;
  }
  h = h ? h : add(named, &status);
  pthread_mutex_unlock(&list_lock);
  *is_out_of_memory = !h;
  if (h) {
    pthread_mutex_lock(&h->lock);
  }
  return h;
}

static void give_back(held *h)
{
  pthread_mutex_unlock(&h->lock);
}

/* ---------------------------------------------------------------------------------------------------------- reading */

static bool fail(held *h, const char *what, int error)
{
  snprintf(h->failure, sizeof h->failure, "%s%s", what, strerror(error));
  return false;
}

/* "/dev/stdin", "/dev/fd/N": a socket there can be had from the descriptor alone. */
static int descriptor_named(const char *named)
{
  static const char *const FOLDERS[] = {"/dev/fd/", "/proc/self/fd/"};
  if (!strcmp(named, "/dev/stdin")) {
    return STDIN_FILENO;
  }
  for (size_t i = 0; i < sizeof FOLDERS / sizeof *FOLDERS; i++) {
    const char *digits = named + strlen(FOLDERS[i]);
    if (!strncmp(named, FOLDERS[i], strlen(FOLDERS[i])) && *digits && !digits[strspn(digits, "0123456789")]) {
      return (int)strtol(digits, NULL, 10);
    }
  }
  return -1;
}

static bool open_once(held *h)
{
  if (h->descriptor < 0 && is_standard(h->named)) {
    h->descriptor = STDIN_FILENO;
  }
  if (h->descriptor < 0) {
    h->descriptor = open(h->named, O_RDONLY | O_CLOEXEC);
  }
  int named = h->descriptor < 0 && errno == ENXIO ? descriptor_named(h->named) : -1;
  if (named >= 0) {
    h->descriptor = fcntl(named, F_DUPFD_CLOEXEC, 0);
  }
  return h->descriptor >= 0 || fail(h, "cannot open: ", errno);
}

/* What the next read gives; waits where the descriptor does not. */
static ssize_t read_some(int descriptor, void *bytes, size_t n)
{
  for (;;) {
    ssize_t got = read(descriptor, bytes, n);
    if (got >= 0 || (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK)) {
      return got;
    }
    if (errno != EINTR) {
      struct pollfd request = {.fd = descriptor, .events = POLLIN};
      poll(&request, 1, -1);
    }
  }
}

/* A file on standard input shows its bytes where they are; of a pipe they are kept. */
static bool look(held *h)
{
  if (h->was_looked_at) {
    return true;
  }
  if (!open_once(h)) {
    return false;
  }
  unsigned char bytes[HEAD_SIZE];
  ssize_t n = 0;
  if (S_ISREG(h->status.st_mode)) {
    n = pread(h->descriptor, bytes, sizeof bytes, lseek(h->descriptor, 0, SEEK_CUR));
  } else {
    ssize_t got = 0;
    while (h->n_head < HEAD_SIZE && (got = read_some(h->descriptor, h->head + h->n_head, HEAD_SIZE - h->n_head)) > 0) {
      h->n_head += (size_t)got;
    }
    n = got < 0 ? got : (ssize_t)h->n_head;
  }
  if (n < 0) {
    return fail(h, "cannot read: ", errno);
  }
  h->format = specrnn_bytes_identify(h->n_head ? h->head : bytes, (size_t)n);
  h->was_looked_at = true;
  return true;
}

/* What begins as nothing that is known may be a pickle, which its end tells, and may have no end: so much is enough to
 * say what it is not. */
static bool is_enough(const held *h, size_t n_bytes)
{
  enum { MOST_UNKNOWN_BYTES = 1 << 26 };
  return h->was_looked_at && h->format == SPECRNN_FILE_OTHER && n_bytes >= MOST_UNKNOWN_BYTES;
}

static bool copy_rest(FILE *to, held *h)
{
  char block[BLOCK];
  ssize_t n;
  size_t n_bytes = h->n_head;
  bool good = fwrite(h->head, 1, h->n_head, to) == h->n_head;
  while (good && !is_enough(h, n_bytes) && (n = read_some(h->descriptor, block, sizeof block)) != 0) {
    if (n < 0) {
      return fail(h, "cannot read: ", errno);
    }
    good = fwrite(block, 1, (size_t)n, to) == (size_t)n;
    n_bytes += (size_t)n;
  }
  return (good && fflush(to) == 0) || fail(h, "cannot write a temporary file in " P_tmpdir ": ", errno);
}

static bool copy(held *h)
{
  FILE *file = tmpfile();
  if (!file) {
    return fail(h, "cannot make a temporary file in " P_tmpdir ": ", errno);
  }
  if (!copy_rest(file, h)) {
    fclose(file);
    return false;
  }
  snprintf(h->path, sizeof h->path, "/dev/fd/%d", fileno(file));
  if (h->descriptor != STDIN_FILENO) {
    close(h->descriptor);
  }
  return true;
}

/* A file on standard input that nobody has read from can be opened again. */
static bool reopens(const held *h)
{
  static const char STANDARD[] = "/dev/fd/0";
  bool begins = h->descriptor == STDIN_FILENO && S_ISREG(h->status.st_mode) && lseek(h->descriptor, 0, SEEK_CUR) == 0;
  return begins && access(STANDARD, R_OK) == 0;
}

static bool take_whole(held *h)
{
  if (h->path[0]) {
    return true;
  }
  if (h->was_streamed) {
    snprintf(h->failure, sizeof h->failure, "%s", ONCE);
  }
  if (h->failure[0] || !open_once(h) || !look(h)) {
    return false;
  }
  if (reopens(h)) {
    snprintf(h->path, sizeof h->path, "/dev/fd/0");
    return true;
  }
  return copy(h);
}

/* ---------------------------------------------------------------------------------------------------------- readers */

static specrnn_status tell(const char *failure, const specrnn_log *log)
{
  if (log) {
    log->write(log->user, SPECRNN_LOG_ERROR, failure);
  }
  return SPECRNN_ERROR_IO;
}

static specrnn_status fail_memory(const specrnn_log *log)
{
  (void)tell("out of memory", log);
  return SPECRNN_ERROR_MEMORY;
}

specrnn_file_format readable_format(const char *named)
{
  bool is_out_of_memory;
  held *h = take(named, &is_out_of_memory);
  if (!h) {
    return specrnn_file_identify(named);
  }
  specrnn_file_format format = SPECRNN_FILE_OTHER; /* where it cannot be read, its reader says why */
  if (!h->was_streamed && !h->failure[0] && look(h) && h->format != SPECRNN_FILE_OTHER && take_whole(h)) {
    format = specrnn_file_identify(h->path);
  }
  give_back(h);
  return format;
}

specrnn_status readable_path(const char **path, const char *named, const specrnn_log *log)
{
  bool is_out_of_memory;
  held *h = take(named, &is_out_of_memory);
  *path = h ? h->path : named;
  if (!h) {
    return is_out_of_memory ? fail_memory(log) : SPECRNN_OK;
  }
  specrnn_status status = take_whole(h) ? SPECRNN_OK : tell(h->failure, log);
  give_back(h);
  return status;
}

specrnn_status readable_npy_load(specrnn_array **out, const char *named, const specrnn_log *log)
{
  const char *path;
  specrnn_status status = readable_path(&path, named, log);
  return status ? status : specrnn_npy_load(out, path, log);
}

specrnn_status readable_csv_load(specrnn_array **out, const char *named, const specrnn_log *log)
{
  const char *path;
  specrnn_status status = readable_path(&path, named, log);
  status = status ? status : specrnn_csv_load(out, path, log);
  if (!status && specrnn_array_count(*out) == 0) {
    specrnn_array_destroy(out);
    status = SPECRNN_ERROR_FORMAT;
    (void)tell("a text without a row of numbers", log);
  }
  return status;
}

specrnn_status readable_npy_open(specrnn_npy_reader **out, const char *named, const specrnn_log *log)
{
  const char *path;
  specrnn_status status = readable_path(&path, named, log);
  return status ? status : specrnn_npy_open(out, path, log);
}

FILE *readable_stream(const char *named)
{
  const char *path;
  specrnn_log log = report_log(named);
  if (readable_path(&path, named, &log)) {
    return NULL;
  }
  FILE *stream = fopen(path, "rb");
  if (!stream) {
    report_failure(named, "%s", strerror(errno));
  }
  return stream;
}

/* Sound streams from where the descriptor stands, with what was looked at in front. */
static specrnn_status open_stream(specrnn_audio **out, held *h, const specrnn_audio_config *config,
                                  const specrnn_log *log)
{
  if (h->was_streamed) {
    return tell(ONCE, log);
  }
  if (h->failure[0] || !open_once(h)) {
    return tell(h->failure, log);
  }
  h->was_streamed = true;
  int descriptor = h->descriptor == STDIN_FILENO ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : h->descriptor;
  if (descriptor < 0) {
    (void)fail(h, "cannot open: ", errno);
    return tell(h->failure, log);
  }
  h->descriptor = -1; /* the sound's from now on */
  return specrnn_audio_open_descriptor(out, descriptor, h->head, h->n_head, config, log);
}

specrnn_status readable_audio_open(specrnn_audio **out, const char *named, const specrnn_audio_config *config,
                                   const specrnn_log *log)
{
  bool is_out_of_memory;
  held *h = take(named, &is_out_of_memory);
  if (!h) {
    return is_out_of_memory ? fail_memory(log) : specrnn_audio_open(out, named, config, log);
  }
  specrnn_status status = h->path[0] ? specrnn_audio_open(out, h->path, config, log) : open_stream(out, h, config, log);
  give_back(h);
  return status;
}

/* ------------------------------------------------------------------------------------------------------------ text */

enum { FIRST_JSON_SIZE = 1 << 14, MAX_JSON_SIZE = 1 << 28 /* features may stand beside it */ };

/* The rest of the file and a zero; memory grows with what was read. */
static specrnn_status read_stream(const char *path, FILE *file, char **text, size_t *length)
{
  size_t capacity = 0;
  do {
    capacity = capacity ? capacity * 2 : FIRST_JSON_SIZE;
    char *larger = capacity <= MAX_JSON_SIZE ? realloc(*text, capacity) : NULL;
    if (!larger) {
      report_failure(path,
                     capacity <= MAX_JSON_SIZE ? "out of memory" : "larger than a configuration may be (256 MiB)");
      return capacity <= MAX_JSON_SIZE ? SPECRNN_ERROR_MEMORY : SPECRNN_ERROR_FORMAT;
    }
    *text = larger;
    *length += fread(*text + *length, 1, capacity - 1 - *length, file);
  } while (*length == capacity - 1);
  (*text)[*length] = '\0';
  if (ferror(file)) {
    report_failure(path, "cannot read: %s", strerror(errno));
    return SPECRNN_ERROR_IO;
  }
  if (memchr(*text, '\0', *length)) {
    report_failure(path, "has zero bytes: it is UTF-16, which is to be saved as UTF-8, or no JSON");
    return SPECRNN_ERROR_FORMAT;
  }
  return SPECRNN_OK;
}

specrnn_status readable_json(char **text, const char *named)
{
  FILE *file = readable_stream(named);
  if (!file) {
    return SPECRNN_ERROR_IO;
  }
  size_t length = 0;
  *text = NULL;
  specrnn_status status = read_stream(named, file, text, &length);
  fclose(file);
  if (status) {
    free(*text);
    *text = NULL;
  }
  return status;
}
