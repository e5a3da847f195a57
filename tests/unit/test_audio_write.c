/* WAV files written: what is read back, and what does not appear. */
#include <math.h>
#include <sys/stat.h>

#include "audio_testing.h"

typedef struct folder {
  char path[32];
  char file[64];
} folder;

static const char *folder_make(folder *f)
{
  strcpy(f->path, "/tmp/specrnn-test-XXXXXX");
  assert_non_null(mkdtemp(f->path));
  snprintf(f->file, sizeof f->file, "%s/out.wav", f->path);
  return f->file;
}

/* rmdir succeeds on an empty folder only: nothing else was left there. */
static void folder_remove(folder *f)
{
  unlink(f->file);
  assert_int_equal(rmdir(f->path), 0);
}

static void floats_come_back_as_they_were(void **state)
{
  (void)state;
  static float samples[3 * 5000];
  for (size_t i = 0; i < COUNT(samples); i++) {
    samples[i] = sinf((float)i) * powf(10.0F, (float)(i % 12) - 8.0F);
  }
  samples[7] = -0.0F;
  samples[8] = 1e-42F;
  folder f;
  const char *path = folder_make(&f);
  succeeds(specrnn_audio_write(path, samples, 5000, 3, 44100, SPECRNN_AUDIO_FLOAT32, &LOG));
  specrnn_audio_config config = SPECRNN_AUDIO_CONFIG_INIT;
  config.channels = SPECRNN_AUDIO_ALL;
  sound got = load(path, &config, 999);
  succeeds(got.status);
  assert_int_equal(got.n_frames, 5000);
  assert_int_equal(got.info.native_rate_hz, 44100);
  assert_int_equal(got.info.native_channels, 3);
  assert_string_equal(got.info.container, "WAV (Microsoft)");
  assert_string_equal(got.info.encoding, "32 bit float");
  assert_memory_equal(got.samples, samples, sizeof samples);
  free(got.samples);
  folder_remove(&f);
}

/* All 65536 values of 16 bits come back, halves go to even, and what is beyond is limited and reported. */
static void pcm16_is_the_inverse_of_reading(void **state)
{
  (void)state;
  enum { VALUES = 65536 };
  static const struct {
    float written;
    float read; /* in units of 1/32768 */
  } ROUNDED[] = {{0.5F, 0.0F},  {1.5F, 2.0F},         {-2.5F, -2.0F},
                 {0.51F, 1.0F}, {32768.0F, 32767.0F}, {-40000.0F, -32768.0F}};
  static float samples[VALUES + COUNT(ROUNDED)];
  for (int i = 0; i < VALUES; i++) {
    samples[i] = (float)(i - VALUES / 2) / 32768.0F;
  }
  for (size_t i = 0; i < COUNT(ROUNDED); i++) {
    samples[VALUES + i] = ROUNDED[i].written / 32768.0F;
  }
  folder f;
  const char *path = folder_make(&f);
  succeeds(specrnn_audio_write(path, samples, COUNT(samples), 1, 8000, SPECRNN_AUDIO_PCM16, &LOG));
  assert_string_equal(last_warning, "2 samples beyond full scale were limited to it");
  sound got = load(path, NULL, 999);
  succeeds(got.status);
  assert_string_equal(got.info.encoding, "Signed 16 bit PCM");
  assert_int_equal(got.n_frames, COUNT(samples));
  assert_memory_equal(got.samples, samples, VALUES * sizeof *samples);
  for (size_t i = 0; i < COUNT(ROUNDED); i++) {
    assert_true(got.samples[VALUES + i] == ROUNDED[i].read / 32768.0F);
  }
  free(got.samples);
  folder_remove(&f);
}

static size_t read_file(const char *path, unsigned char *bytes, size_t capacity)
{
  FILE *stream = fopen(path, "rb");
  assert_non_null(stream);
  size_t size = fread(bytes, 1, capacity, stream);
  fclose(stream);
  return size;
}

/* Header and data, to the byte; a second later too. */
static void the_bytes_are_those_of_the_format(void **state)
{
  (void)state;
  static const float SAMPLES[] = {0.5F, -0.25F};
  static const unsigned char EXPECTED[] = "RIFF\x28\0\0\0WAVEfmt \x10\0\0\0\1\0\2\0\x40\x1f\0\0\0\x7d\0\0\4\0\x10\0"
                                          "data\4\0\0\0\0\x40\0\xe0";
  unsigned char bytes[100];
  folder f;
  const char *path = folder_make(&f);
  succeeds(specrnn_audio_write(path, SAMPLES, 1, 2, 8000, SPECRNN_AUDIO_PCM16, &LOG));
  assert_int_equal(read_file(path, bytes, sizeof bytes), sizeof EXPECTED - 1);
  assert_memory_equal(bytes, EXPECTED, sizeof EXPECTED - 1);

  unsigned char first[100];
  unsigned char second[100];
  succeeds(specrnn_audio_write(path, SAMPLES, 2, 1, 8000, SPECRNN_AUDIO_FLOAT32, &LOG));
  size_t size = read_file(path, first, sizeof first);
  sleep(1);
  succeeds(specrnn_audio_write(path, SAMPLES, 2, 1, 8000, SPECRNN_AUDIO_FLOAT32, &LOG));
  assert_int_equal(read_file(path, second, sizeof second), size);
  assert_memory_equal(first, second, size);
  folder_remove(&f);
}

static void failures_change_nothing(void **state)
{
  (void)state;
  static const float GOOD[] = {0.5F, -0.25F};
  static const float BAD[] = {0.5F, NAN};
  static const struct {
    const float *samples;
    size_t n_frames;
    int channels, rate;
    specrnn_audio_format format;
    specrnn_status status;
    const char *message;
  } CASES[] = {
      {BAD, 2, 1, 8000, SPECRNN_AUDIO_PCM16, SPECRNN_ERROR_NOT_FINITE, "value 1 of the samples is nan"},
      {BAD, 1, 2, 8000, SPECRNN_AUDIO_FLOAT32, SPECRNN_ERROR_NOT_FINITE, "value 1 of the samples is nan"},
      {GOOD, 2, 0, 8000, SPECRNN_AUDIO_PCM16, SPECRNN_ERROR_ARGUMENT, "an audio file has 1 to 1024 channels, not 0"},
      {GOOD, 2, 1025, 8000, SPECRNN_AUDIO_PCM16, SPECRNN_ERROR_ARGUMENT,
       "an audio file has 1 to 1024 channels, not 1025"},
      {GOOD, 2, 1, 0, SPECRNN_AUDIO_PCM16, SPECRNN_ERROR_ARGUMENT, "a sample rate is from 1 to 768000 Hz, not 0"},
      {GOOD, 2, 1, 8000, (specrnn_audio_format)2, SPECRNN_ERROR_ARGUMENT, "2 is no format of audio files"},
      {GOOD, (size_t)1 << 31, 1, 8000, SPECRNN_AUDIO_PCM16, SPECRNN_ERROR_UNSUPPORTED,
       "2147483648 frames do not fit into the 4 GiB of a WAV file"},
      {GOOD, SIZE_MAX / 2, 4, 8000, SPECRNN_AUDIO_PCM16, SPECRNN_ERROR_UNSUPPORTED,
       "9223372036854775807 frames do not fit into the 4 GiB of a WAV file"},
  };
  unsigned char before[100];
  unsigned char after[100];
  folder f;
  const char *path = folder_make(&f);
  succeeds(specrnn_audio_write(path, GOOD, 2, 1, 8000, SPECRNN_AUDIO_PCM16, &LOG));
  size_t size = read_file(path, before, sizeof before);
  for (size_t i = 0; i < COUNT(CASES); i++) {
    assert_int_equal(specrnn_audio_write(path, CASES[i].samples, CASES[i].n_frames, CASES[i].channels, CASES[i].rate,
                                         CASES[i].format, &LOG),
                     CASES[i].status);
    assert_string_equal(last_error, CASES[i].message);
    assert_int_equal(read_file(path, after, sizeof after), size);
    assert_memory_equal(before, after, size);
  }
  folder_remove(&f);
}

static void failing_disks_are_reported(void **state)
{
  (void)state;
  static float samples[100000];
  assert_int_equal(specrnn_audio_write("/dev/full", samples, COUNT(samples), 1, 8000, SPECRNN_AUDIO_PCM16, &LOG),
                   SPECRNN_ERROR_IO);
  assert_non_null(strstr(last_error, "No space left on device"));
  assert_int_equal(specrnn_audio_write("/nonexistent/x.wav", samples, 1, 1, 8000, SPECRNN_AUDIO_PCM16, &LOG),
                   SPECRNN_ERROR_IO);
  assert_non_null(strstr(last_error, "No such file or directory"));
  assert_int_equal(specrnn_audio_write("/tmp", samples, 1, 1, 8000, SPECRNN_AUDIO_PCM16, &LOG), SPECRNN_ERROR_IO);
  assert_non_null(strstr(last_error, "Is a directory"));
}

/* A pipe gets a header with the true length. */
static void pipes_get_the_finished_file(void **state)
{
  (void)state;
  static float samples[1000];
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  char path[64];
  snprintf(path, sizeof path, "/dev/fd/%d", ends[1]);
  succeeds(specrnn_audio_write(path, samples, COUNT(samples), 1, 8000, SPECRNN_AUDIO_PCM16, &LOG));
  unsigned char bytes[4096];
  assert_int_equal(read(ends[0], bytes, sizeof bytes), WAV_HEADER_SIZE + 2000);
  assert_int_equal(bytes[40] + 256 * bytes[41], 2000);
  close(ends[0]);
  close(ends[1]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(floats_come_back_as_they_were),     cmocka_unit_test(pcm16_is_the_inverse_of_reading),
      cmocka_unit_test(the_bytes_are_those_of_the_format), cmocka_unit_test(failures_change_nothing),
      cmocka_unit_test(failing_disks_are_reported),        cmocka_unit_test(pipes_get_the_finished_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
