/* Input that cannot seek: read as it comes where libsndfile can, copied to a file first where it cannot. */
#include <pthread.h>
#include <sys/socket.h>

#include "audio_testing.h"

enum { N_SAMPLES = 8000 };

/* ------------------------------------------------------------------------------------- a writer at the far end */

typedef struct feed {
  const unsigned char *bytes;
  size_t size;
  size_t piece;  /* bytes of one write */
  int end;       /* of the pipe, closed when all is written */
  int near_end;  /* what the reader has */
  char path[64]; /* of the near end */
  pthread_t thread;
} feed;

static void *write_feed(void *user)
{
  feed *f = user;
  for (size_t at = 0; at < f->size;) {
    size_t n = f->size - at < f->piece ? f->size - at : f->piece;
    ssize_t written = write(f->end, f->bytes + at, n);
    if (written <= 0) {
      break;
    }
    at += (size_t)written;
  }
  close(f->end);
  return NULL;
}

static void feed_start(feed *f, const void *bytes, size_t size, size_t piece)
{
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  *f = (feed){.bytes = bytes, .size = size, .piece = piece, .end = ends[1], .near_end = ends[0]};
  snprintf(f->path, sizeof f->path, "/dev/fd/%d", ends[0]);
  assert_int_equal(pthread_create(&f->thread, NULL, write_feed, f), 0);
}

static void feed_stop(feed *f)
{
  pthread_join(f->thread, NULL);
  close(f->near_end);
}

static sound load_pipe(const void *bytes, size_t size, size_t piece, const specrnn_audio_config *config)
{
  feed f;
  feed_start(&f, bytes, size, piece);
  specrnn_audio *audio = NULL;
  specrnn_status status = specrnn_audio_open(&audio, f.path, config, &LOG);
  sound got = status ? (sound){.status = status} : read_all(audio, 777);
  feed_stop(&f);
  return got;
}

static unsigned char file[WAV_MAX_SIZE];

static size_t read_sample(const char *name)
{
  char path[512];
  snprintf(path, sizeof path, "%s/%s", SAMPLES_DIR, name);
  FILE *stream = fopen(path, "rb");
  assert_non_null(stream);
  size_t size = fread(file, 1, sizeof file, stream);
  fclose(stream);
  return size;
}

/* A rising line of 16 bits under a header that states `data_size`. */
static size_t make_line(unsigned data_size)
{
  static short samples[N_SAMPLES];
  for (size_t i = 0; i < N_SAMPLES; i++) {
    samples[i] = (short)i;
  }
  wav_header header = {WAV_PCM, 1, 16000, 16, data_size + 36, data_size};
  return wav_make(file, &header, samples, sizeof samples);
}

/* ----------------------------------------------------------------------------------------------------------- tests */

/* Every container gives through a pipe what it gives as a file, FLAC among them; also a byte at a time. */
static void pipes_give_what_files_give(void **state)
{
  (void)state;
  static const char *const FILES[] = {"test.wav",     "voice_low.flac", "voice_high.ogg", "voice_german.mp3",
                                      "strings.flac", "chord.aiff",     "sweep.wav",      "noise.wav"};
  for (size_t i = 0; i < COUNT(FILES); i++) {
    size_t size = read_sample(FILES[i]);
    specrnn_audio_config config = at_rate(16000);
    config.offset_s = 0.7;
    sound expected = load_memory(file, size, &config, 777);
    succeeds(expected.status);
    for (size_t piece = 1; piece <= 65536; piece *= 256) {
      sound got = load_pipe(file, size, piece, &config);
      succeeds(got.status);
      assert_int_equal(got.n_frames, expected.n_frames);
      assert_memory_equal(got.samples, expected.samples, got.n_frames * sizeof(float));
      free(got.samples);
    }
    free(expected.samples);
  }
}

static void unknown_lengths_are_read_to_the_end(void **state)
{
  (void)state;
  static const unsigned SIZES[] = {N_SAMPLES * 2, 0x7fffff00, 0x7ffff000, 0xffffffff};
  for (size_t i = 0; i < COUNT(SIZES); i++) {
    size_t size = make_line(SIZES[i]);
    sound got = load_pipe(file, size, 1000, NULL);
    succeeds(got.status);
    assert_int_equal(got.n_frames, N_SAMPLES);
    assert_int_equal(got.info.n_header_frames, i == 0 ? N_SAMPLES : -1);
    assert_true(got.samples[N_SAMPLES - 1] == (float)(N_SAMPLES - 1) / 32768.0F);
    free(got.samples);
  }
}

/* The first samples are there while the writer still holds the rest back. */
static void a_pipe_is_read_as_it_comes(void **state)
{
  (void)state;
  enum { FIRST = WAV_HEADER_SIZE + 2 * 5000 };
  size_t size = make_line(0xffffffff);
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  assert_int_equal(write(ends[1], file, FIRST), FIRST);
  char path[64];
  snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
  specrnn_audio *audio = NULL;
  succeeds(specrnn_audio_open(&audio, path, NULL, &LOG));
  static float samples[N_SAMPLES];
  size_t n_first = 0;
  succeeds(specrnn_audio_read(audio, samples, 4096, &n_first, &LOG));
  assert_true(n_first > 0);
  assert_int_equal(write(ends[1], file + FIRST, size - FIRST), size - FIRST);
  close(ends[1]);
  sound rest = read_all(audio, 4096);
  succeeds(rest.status);
  assert_int_equal(n_first + rest.n_frames, N_SAMPLES);
  assert_true(rest.samples[rest.n_frames - 1] == (float)(N_SAMPLES - 1) / 32768.0F);
  free(rest.samples);
  close(ends[0]);
}

static void a_pipe_that_breaks_off_is_truncated(void **state)
{
  (void)state;
  make_line(N_SAMPLES * 2);
  sound got = load_pipe(file, WAV_HEADER_SIZE + 5000 * 2, 1000, NULL);
  assert_int_equal(got.status, SPECRNN_ERROR_FORMAT);
  assert_string_equal(last_error, "truncated: its header promises 8000 frames, and there are 5000");
  free(got.samples);
}

/* A header that was never finished, or finished too early: what follows in the pipe is sound all the same. */
static void stale_sizes_are_read_on(void **state)
{
  (void)state;
  static const unsigned SIZES[] = {0, 1000};
  for (size_t i = 0; i < COUNT(SIZES); i++) {
    size_t size = make_line(SIZES[i]);
    sound got = load_pipe(file, size, 1000, NULL);
    succeeds(got.status);
    assert_int_equal(got.n_frames, N_SAMPLES);
    char message[128];
    snprintf(message, sizeof message,
             "its header promises %u frames, and more sound follows: read to the end, 8000 frames", SIZES[i] / 2);
    assert_string_equal(last_warning, message);
    free(got.samples);
  }
}

/* Known by name, or by their look where the end of the pipe shows; what does not reach it is sound, as in a file. */
static void chunks_behind_the_samples_are_none(void **state)
{
  (void)state;
  static const struct {
    const char *bytes;
    size_t size;
    size_t n_more; /* frames that it is */
  } CASES[] = {
      {"LIST\4\0\0\0INFO", 12, 0},
      {"qqqq\4\0\0\0abcdrrrr\2\0\0\0ab", 22, 0},
      {"qqqq\3\0\0\0abc", 11, 0}, /* without its padding */
      {"qqqq\4\0\0\0abcdrrrr\3\0\1\0ab", 22, 11},
  };
  for (size_t i = 0; i < COUNT(CASES); i++) {
    size_t size = make_line(N_SAMPLES * 2);
    memcpy(file + size, CASES[i].bytes, CASES[i].size);
    last_warning[0] = '\0';
    sound got = load_pipe(file, size + CASES[i].size, 1000, NULL);
    succeeds(got.status);
    assert_int_equal(got.n_frames, N_SAMPLES + CASES[i].n_more);
    assert_int_equal(last_warning[0] != '\0', CASES[i].n_more > 0);
    free(got.samples);
  }
}

/* What only looks like a chunk, up to the last byte that a pipe shows, is no end: more follows. */
static void a_pipe_that_shows_no_end_is_sound(void **state)
{
  (void)state;
  enum { SHOWN = 65536, MORE = 1000 };
  size_t size = make_line(N_SAMPLES * 2);
  memset(file + size, 1, SHOWN + MORE);
  memcpy(file + size, "qqqq\xf8\xff\0\0", 8);
  last_warning[0] = '\0';
  sound got = load_pipe(file, size + SHOWN + MORE, 1000, NULL);
  succeeds(got.status);
  assert_int_equal(got.n_frames, N_SAMPLES + (SHOWN + MORE) / 2);
  assert_true(last_warning[0] != '\0');
  free(got.samples);
}

static size_t read_case(const char *name)
{
  char path[512];
  snprintf(path, sizeof path, "%s/%s", CASES_DIR, name);
  FILE *stream = fopen(path, "rb");
  assert_non_null(stream);
  size_t size = fread(file, 1, sizeof file, stream);
  fclose(stream);
  return size;
}

/* Every fault of a file is one of a pipe, with the same words. */
static void pipes_tell_what_files_tell(void **state)
{
  (void)state;
  static const char *const CASES[] = {"T_t.mp3",   "T_t.w64",       "T_t.rf64",  "T_tima.wav",
                                      "chain.ogg", "zero_size.wav", "stale.wav", "trunc_3gb.wav"};
  for (size_t i = 0; i < COUNT(CASES); i++) {
    size_t size = read_case(CASES[i]);
    sound expected = load_memory(file, size, NULL, 777);
    char error[sizeof last_error];
    memcpy(error, last_error, sizeof error);
    sound got = load_pipe(file, size, 1000, NULL);
    assert_int_equal(got.status, expected.status);
    assert_int_equal(got.n_frames, expected.n_frames);
    assert_memory_equal(got.samples, expected.samples, got.n_frames * sizeof(float));
    assert_string_equal(last_error, error);
    free(got.samples);
    free(expected.samples);
  }
}

/* Ogg comes by pages, a chain by streams; the first samples are there while the second stream is not yet written. */
static void ogg_is_read_as_it_comes(void **state)
{
  (void)state;
  enum { FIRST = 6900 }; /* bytes of the first stream and some of the second */
  size_t size = read_case("chain.ogg");
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  assert_int_equal(write(ends[1], file, FIRST), FIRST);
  char path[64];
  snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
  specrnn_audio *audio = NULL;
  succeeds(specrnn_audio_open(&audio, path, NULL, &LOG));
  static float samples[4096];
  size_t n_first = 0;
  succeeds(specrnn_audio_read(audio, samples, COUNT(samples), &n_first, &LOG));
  assert_true(n_first > 0);
  assert_int_equal(write(ends[1], file + FIRST, size - FIRST), size - FIRST);
  close(ends[1]);
  sound rest = read_all(audio, 4096);
  succeeds(rest.status);
  assert_int_equal(n_first + rest.n_frames, 176400);
  free(rest.samples);
  close(ends[0]);
}

static void ogg_that_breaks_off_is_truncated(void **state)
{
  (void)state;
  size_t size = read_case("chain.ogg");
  sound got = load_pipe(file, size - 1, 1000, NULL);
  assert_int_equal(got.status, SPECRNN_ERROR_FORMAT);
  assert_string_equal(last_error, "truncated: its last page of Ogg is not the end of a stream");
  free(got.samples);
}

static specrnn_status open_looked_at(specrnn_audio **audio, int descriptor, size_t n_head)
{
  unsigned char head[600];
  for (size_t n = 0; n < n_head;) {
    ssize_t got = read(descriptor, head + n, n_head - n);
    assert_true(got > 0);
    n += (size_t)got;
  }
  return specrnn_audio_open_descriptor(audio, descriptor, head, n_head, NULL, &LOG);
}

/* Whoever looked at the first bytes gives them back, and the descriptor away. */
static void a_descriptor_is_taken_over(void **state)
{
  (void)state;
  static const char *const FILES[] = {"test.wav", "voice_low.flac", "voice_high.ogg", "voice_german.mp3"};
  for (size_t i = 0; i < COUNT(FILES); i++) {
    size_t size = read_sample(FILES[i]);
    sound expected = load_memory(file, size, NULL, 777);
    for (size_t n_head = 0; n_head <= 600; n_head += 300) {
      feed f;
      specrnn_audio *audio = NULL;
      feed_start(&f, file, size, 1000);
      int descriptor = dup(f.near_end);
      succeeds(open_looked_at(&audio, descriptor, n_head));
      sound got = read_all(audio, 777);
      feed_stop(&f);
      assert_int_equal(got.n_frames, expected.n_frames);
      assert_memory_equal(got.samples, expected.samples, got.n_frames * sizeof(float));
      assert_int_equal(fcntl(descriptor, F_GETFD), -1);
      free(got.samples);
    }
    free(expected.samples);
  }
}

static void a_descriptor_is_closed_by_failures(void **state)
{
  (void)state;
  specrnn_audio *audio = NULL;
  specrnn_audio_config wrong = SPECRNN_AUDIO_CONFIG_INIT;
  wrong.sample_rate_hz = -1;
  int descriptor = open("/dev/null", O_RDONLY);
  assert_int_equal(specrnn_audio_open_descriptor(&audio, descriptor, NULL, 0, &wrong, &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_int_equal(fcntl(descriptor, F_GETFD), -1);
  descriptor = open("/dev/null", O_RDONLY);
  assert_int_equal(specrnn_audio_open_descriptor(&audio, descriptor, file, 65537, NULL, &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_int_equal(fcntl(descriptor, F_GETFD), -1);
  descriptor = open("/dev/null", O_RDONLY);
  assert_int_equal(specrnn_audio_open_descriptor(&audio, descriptor, NULL, 0, NULL, &LOG), SPECRNN_ERROR_EMPTY);
  assert_int_equal(fcntl(descriptor, F_GETFD), -1);
  assert_int_equal(specrnn_audio_open_descriptor(&audio, -1, NULL, 0, NULL, &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_null(audio);
}

static void pipes_without_sound_are_refused(void **state)
{
  (void)state;
  sound got = load_pipe("", 0, 1, NULL);
  assert_int_equal(got.status, SPECRNN_ERROR_EMPTY);
  assert_string_equal(last_error, "nothing in it: 0 bytes");
  got = load_pipe("fLaC, or so it says", 19, 3, NULL);
  assert_int_equal(got.status, SPECRNN_ERROR_FORMAT);
  got = load_pipe("RI", 2, 1, NULL);
  assert_int_equal(got.status, SPECRNN_ERROR_FORMAT);
  assert_string_equal(last_error,
                      "this is no sound: text; where it is a table of numbers, specrnn info and plot read it");
}

/* Neither a socket nor a descriptor that does not wait is anything that libsndfile reads by itself. */
static void sockets_and_impatient_pipes_are_read(void **state)
{
  (void)state;
  size_t size = make_line(N_SAMPLES * 2);
  int ends[2];
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  feed f = {.bytes = file, .size = size, .piece = 1000, .end = ends[1]};
  int standard_input = dup(STDIN_FILENO);
  assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
  assert_int_equal(pthread_create(&f.thread, NULL, write_feed, &f), 0);
  sound got = load("-", NULL, 1000);
  pthread_join(f.thread, NULL);
  close(ends[0]);
  succeeds(got.status);
  assert_int_equal(got.n_frames, N_SAMPLES);
  free(got.samples);

  assert_int_equal(pipe(ends), 0);
  assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
  assert_int_equal(fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK), 0);
  f = (feed){.bytes = file, .size = size, .piece = 10, .end = ends[1]};
  assert_int_equal(pthread_create(&f.thread, NULL, write_feed, &f), 0);
  got = load("-", NULL, 1000);
  pthread_join(f.thread, NULL);
  close(ends[0]);
  succeeds(got.status);
  assert_int_equal(got.n_frames, N_SAMPLES);
  free(got.samples);
  assert_int_equal(dup2(standard_input, STDIN_FILENO), STDIN_FILENO);
  close(standard_input);
}

/* "-" is standard input, which stays open. */
static void standard_input_is_read(void **state)
{
  (void)state;
  int standard_input = dup(STDIN_FILENO);
  int descriptor = open(SAMPLES_DIR "/voice_low.flac", O_RDONLY);
  assert_true(descriptor >= 0);
  assert_int_equal(dup2(descriptor, STDIN_FILENO), STDIN_FILENO);
  close(descriptor);
  sound got = load("-", NULL, 1000);
  succeeds(got.status);
  assert_int_equal(got.n_frames, 157041);
  free(got.samples);
  assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);
  assert_int_equal(dup2(standard_input, STDIN_FILENO), STDIN_FILENO);
  close(standard_input);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pipes_give_what_files_give),
      cmocka_unit_test(unknown_lengths_are_read_to_the_end),
      cmocka_unit_test(a_pipe_is_read_as_it_comes),
      cmocka_unit_test(a_pipe_that_breaks_off_is_truncated),
      cmocka_unit_test(a_descriptor_is_taken_over),
      cmocka_unit_test(a_descriptor_is_closed_by_failures),
      cmocka_unit_test(pipes_without_sound_are_refused),
      cmocka_unit_test(sockets_and_impatient_pipes_are_read),
      cmocka_unit_test(standard_input_is_read),
      cmocka_unit_test(stale_sizes_are_read_on),
      cmocka_unit_test(chunks_behind_the_samples_are_none),
      cmocka_unit_test(a_pipe_that_shows_no_end_is_sound),
      cmocka_unit_test(pipes_tell_what_files_tell),
      cmocka_unit_test(ogg_is_read_as_it_comes),
      cmocka_unit_test(ogg_that_breaks_off_is_truncated),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
