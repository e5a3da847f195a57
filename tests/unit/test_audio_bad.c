/* Inputs that lie, end early, hold no sound or impossible samples: one message each, and nothing lost. */
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio_testing.h"

enum { N_SAMPLES = 8000 };

static unsigned char file[WAV_MAX_SIZE];

static const short *tone(void)
{
  static short samples[N_SAMPLES];
  for (size_t i = 0; i < N_SAMPLES; i++) {
    samples[i] = (short)(1000.0 * sin(0.05 * (double)i));
  }
  return samples;
}

/* A file of 16 bits whose header says other things than it holds. */
static size_t make_lying(unsigned channels, unsigned rate, unsigned data_size)
{
  wav_header header = {WAV_PCM, channels, rate, 16, data_size + 36, data_size};
  return wav_make(file, &header, tone(), N_SAMPLES * sizeof(short));
}

static void refused(const void *bytes, size_t size, specrnn_status status, const char *message)
{
  specrnn_audio *audio = NULL;
  assert_int_equal(specrnn_audio_open_memory(&audio, bytes, size, NULL, &LOG), status);
  assert_string_equal(last_error, message);
  assert_null(audio);
}

static void refused_path(const char *path, specrnn_status status, const char *message)
{
  specrnn_audio *audio = NULL;
  assert_int_equal(specrnn_audio_open(&audio, path, NULL, &LOG), status);
  assert_string_equal(last_error, message);
  assert_null(audio);
}

/* --------------------------------------------------------------------------------------------------------- headers */

static void impossible_headers_are_refused(void **state)
{
  (void)state;
  static const struct {
    unsigned channels, rate;
    specrnn_status status;
    const char *message;
  } CASES[] = {
      {0, 16000, SPECRNN_ERROR_FORMAT, "not readable as audio: Channel count is zero"},
      {1025, 16000, SPECRNN_ERROR_FORMAT, "not readable as audio: Too many channels specified"},
      {65535, 16000, SPECRNN_ERROR_FORMAT, "not readable as audio: Too many channels specified"},
      {1, 0, SPECRNN_ERROR_FORMAT, "not readable as audio: Internal error : SF_INFO struct incomplete"},
      {1, 1U << 31, SPECRNN_ERROR_FORMAT, "not readable as audio: Internal error : SF_INFO struct incomplete"},
      {1, (1U << 31) - 1, SPECRNN_ERROR_UNSUPPORTED,
       "its sample rate is 2147483647 Hz; rates from 1 to 768000 Hz are read"},
      {1, 768001, SPECRNN_ERROR_UNSUPPORTED, "its sample rate is 768001 Hz; rates from 1 to 768000 Hz are read"},
  };
  for (size_t i = 0; i < COUNT(CASES); i++) {
    size_t size = make_lying(CASES[i].channels, CASES[i].rate, N_SAMPLES * sizeof(short));
    refused(file, size, CASES[i].status, CASES[i].message);
  }
  size_t size = make_lying(1, 768000, N_SAMPLES * sizeof(short));
  specrnn_audio_config config = at_rate(2999);
  specrnn_audio *audio = NULL;
  assert_int_equal(specrnn_audio_open_memory(&audio, file, size, &config, &LOG), SPECRNN_ERROR_UNSUPPORTED);
  assert_string_equal(last_error, "cannot resample from 768000 Hz to 2999 Hz: the ratio is at most 256");
}

static void many_channels_are_read(void **state)
{
  (void)state;
  enum { CHANNELS = 1024, FRAMES = 20 };
  static float samples[FRAMES * CHANNELS];
  for (size_t i = 0; i < COUNT(samples); i++) {
    samples[i] = (float)(i % CHANNELS) / CHANNELS + (float)(i / CHANNELS);
  }
  wav_header header = wav_true(WAV_FLOAT, CHANNELS, 16000, 32, sizeof samples);
  size_t size = wav_make(file, &header, samples, sizeof samples);
  sound mean = load_memory(file, size, NULL, 7);
  assert_int_equal(mean.n_frames, FRAMES);
  for (size_t i = 0; i < FRAMES; i++) {
    assert_true(mean.samples[i] == (float)i + 1023.0F / 2048.0F);
  }
  specrnn_audio_config config = SPECRNN_AUDIO_CONFIG_INIT;
  config.channels = SPECRNN_AUDIO_ALL;
  sound all = load_memory(file, size, &config, 7);
  assert_int_equal(all.n_frames, FRAMES);
  assert_memory_equal(all.samples, samples, sizeof samples);
  config.sample_rate_hz = 8000;
  sound resampled = load_memory(file, size, &config, 7);
  succeeds(resampled.status);
  assert_int_equal(resampled.n_frames, FRAMES / 2);
  free(mean.samples);
  free(all.samples);
  free(resampled.samples);
}

/* Lengths that programs write when they cannot know them. */
static void sizes_that_lie_are_not_believed(void **state)
{
  (void)state;
  static const unsigned SIZES[] = {0x7f000000, 0x7fffff00, 0x7ffff000, 0x7fffffff, 0x80000000, 0xffffffff};
  for (size_t i = 0; i < COUNT(SIZES); i++) {
    size_t size = make_lying(1, 16000, SIZES[i]);
    sound got = load_memory(file, size, NULL, 1000);
    succeeds(got.status);
    assert_int_equal(got.n_frames, N_SAMPLES);
    assert_true(got.samples[N_SAMPLES - 1] == (float)tone()[N_SAMPLES - 1] / 32768.0F);
    free(got.samples);
  }
}

/* IMA ADPCM of 256-byte blocks of 505 samples: two blocks are there, and the sizes say 2^31 and more. */
static void a_block_codec_that_lies_is_not_believed(void **state)
{
  (void)state;
  static const unsigned SIZES[] = {512, 0x7fffff00, 0xffffffff};
  static const unsigned char FORMAT[] = {0x11, 0, 1,    0,    0x80, 0x3e, 0, 0, 0x80, 0x3e,
                                         0,    0, 0x00, 0x01, 4,    0,    2, 0, 0xf9, 0x01};
  for (size_t i = 0; i < COUNT(SIZES); i++) {
    memcpy(file, "RIFF\xff\xff\xff\xffWAVEfmt \x14\0\0\0", 20);
    memcpy(file + 20, FORMAT, sizeof FORMAT);
    memcpy(file + 40, "fact\4\0\0\0\xd0\xe5\xc0\1data", 16); /* 29,418,960 samples */
    put(file + 56, 4, SIZES[i]);
    memset(file + 60, 0, 512);
    sound got = load_memory(file, 60 + 512, NULL, 1000);
    succeeds(got.status);
    assert_int_equal(got.n_frames, 1010);
    free(got.samples);
  }
}

/* ------------------------------------------------------------------------------------------------------- truncated */

static void truncated_files_are_refused_or_accepted(void **state)
{
  (void)state;
  size_t size = make_lying(1, 16000, N_SAMPLES * sizeof(short));
  size_t cut = WAV_HEADER_SIZE + 5000 * sizeof(short);
  sound whole = load_memory(file, size, NULL, 1000);
  sound got = load_memory(file, cut, NULL, 1000);
  assert_int_equal(got.status, SPECRNN_ERROR_FORMAT);
  assert_string_equal(last_error, "truncated: its header promises 8000 frames, and there are 5000");
  free(got.samples);

  specrnn_audio_config config = SPECRNN_AUDIO_CONFIG_INIT;
  config.truncated = SPECRNN_AUDIO_TRUNCATED_ACCEPT;
  got = load_memory(file, cut, &config, 1000);
  succeeds(got.status);
  assert_int_equal(got.n_frames, 5000);
  assert_memory_equal(got.samples, whole.samples, 5000 * sizeof(float));
  assert_string_equal(last_warning, "truncated: its header promises 8000 frames, and there are 5000");
  free(got.samples);

  /* A segment in front of the cut is whole. */
  config.truncated = SPECRNN_AUDIO_TRUNCATED_ERROR;
  config.offset_s = 0.25;
  config.duration_s = 0.0625;
  got = load_memory(file, cut, &config, 1000);
  succeeds(got.status);
  assert_int_equal(got.n_frames, 1000);
  assert_memory_equal(got.samples, whole.samples + 4000, 1000 * sizeof(float));
  free(got.samples);
  free(whole.samples);
}

static size_t read_bytes(const char *path)
{
  FILE *stream = fopen(path, "rb");
  assert_non_null(stream);
  size_t size = fread(file, 1, sizeof file, stream);
  assert_true(size > 0 && size < sizeof file);
  fclose(stream);
  return size;
}

static void truncated_containers_are_refused(void **state)
{
  (void)state;
  static const struct {
    const char *path;
    long long n_header_frames;
  } CASES[] = {
      {SAMPLES_DIR "/chord.aiff", 96000}, {SAMPLES_DIR "/sweep.wav", 96000}, {SAMPLES_DIR "/noise.wav", 24000}};
  for (size_t i = 0; i < COUNT(CASES); i++) {
    size_t size = read_bytes(CASES[i].path);
    sound got = load_memory(file, size / 2, NULL, 1000);
    char message[128];
    snprintf(message, sizeof message, "truncated: its header promises %lld frames, and there are %zu",
             CASES[i].n_header_frames, got.n_frames);
    assert_int_equal(got.status, SPECRNN_ERROR_FORMAT);
    assert_string_equal(last_error, message);
    assert_int_equal(got.info.n_header_frames, CASES[i].n_header_frames);
    free(got.samples);
  }
}

static void a_truncated_flac_is_refused_or_accepted(void **state)
{
  (void)state;
  size_t size = read_bytes(SAMPLES_DIR "/voice_low.flac");
  sound whole = load_memory(file, size, NULL, 1000);
  sound got = load_memory(file, size / 2, NULL, 1000);
  assert_int_equal(got.status, SPECRNN_ERROR_FORMAT);
  assert_string_equal(last_error, "cannot decode after sample 65536: flac decoder lost sync");
  free(got.samples);
  specrnn_audio_config config = SPECRNN_AUDIO_CONFIG_INIT;
  config.truncated = SPECRNN_AUDIO_TRUNCATED_ACCEPT;
  got = load_memory(file, size / 2, &config, 1000);
  succeeds(got.status);
  assert_int_equal(got.n_frames, 65536);
  assert_memory_equal(got.samples, whole.samples, 65536 * sizeof(float));
  assert_string_equal(last_warning, "truncated: its header promises 157041 frames, and there are 65536");
  free(got.samples);
  config.offset_s = 5.0;
  got = load_memory(file, size / 2, &config, 1000);
  assert_int_equal(got.status, SPECRNN_ERROR_FORMAT);
  assert_string_equal(last_error, "cannot find sample 110250: damaged or truncated");
  free(whole.samples);
}

/* ---------------------------------------------------------------------------------------------------------- nothing */

#define NO_SOUND "this is no sound: text; where it is a table of numbers, specrnn info and plot read it"

static void what_is_not_sound_is_refused(void **state)
{
  (void)state;
  static const char TEXT[] = "This is a text, and a long one, in which no decoder of libsndfile finds a header.\n";
  refused(TEXT, sizeof TEXT - 1, SPECRNN_ERROR_FORMAT, NO_SOUND);
  refused(TEXT, 0, SPECRNN_ERROR_EMPTY, "nothing in it: 0 bytes");
  size_t size = make_lying(1, 16000, N_SAMPLES * sizeof(short));
  refused(file, 4, SPECRNN_ERROR_FORMAT, NO_SOUND); /* "RIFF" may begin a text, too */
  refused(file, 36, SPECRNN_ERROR_FORMAT, "not readable as audio: Error in WAV file. No 'data' chunk marker");
  assert_true(size > 36);
  refused_path("/tmp", SPECRNN_ERROR_IO, "cannot read: Is a directory");
  refused_path("/nonexistent/x.wav", SPECRNN_ERROR_IO, "cannot open: No such file or directory");
  refused_path("/dev/null", SPECRNN_ERROR_EMPTY, "nothing in it: 0 bytes");
  refused("\1\2\3\4\5\6\7", 8, SPECRNN_ERROR_FORMAT, "this is no sound: it begins as no format does that is known");

  char path[] = "/tmp/specrnn-test-XXXXXX";
  int descriptor = mkstemp(path);
  assert_true(descriptor >= 0);
  refused_path(path, SPECRNN_ERROR_EMPTY, "nothing in it: 0 bytes");
  if (geteuid() != 0) { /* root may read everything */
    assert_int_equal(fchmod(descriptor, 0), 0);
    refused_path(path, SPECRNN_ERROR_IO, "cannot open: Permission denied");
  }
  close(descriptor);
  unlink(path);
}

static void no_samples_are_an_error(void **state)
{
  (void)state;
  wav_header header = wav_true(WAV_PCM, 1, 16000, 16, 0);
  size_t size = wav_make(file, &header, "", 0);
  specrnn_audio_config config = at_rate(22050);
  sound got = load_memory(file, size, &config, 10);
  assert_int_equal(got.status, SPECRNN_ERROR_EMPTY);
  assert_string_equal(last_error, "no audio samples");

  size = make_lying(1, 16000, N_SAMPLES * sizeof(short));
  config.offset_s = 0.5;
  got = load_memory(file, size, &config, 10);
  assert_int_equal(got.status, SPECRNN_ERROR_EMPTY);
  assert_string_equal(last_error, "no audio samples in the segment: the input has 0.5 s");
  config.offset_s = 100.0;
  got = load_memory(file, size, &config, 10);
  assert_int_equal(got.status, SPECRNN_ERROR_EMPTY);
  config.offset_s = 0.0;
  config.duration_s = 1e-6;
  got = load_memory(file, size, &config, 10);
  assert_int_equal(got.status, SPECRNN_ERROR_EMPTY);
  assert_string_equal(last_error, "duration is 1e-06 s: not one sample at 16000 Hz");
}

/* ---------------------------------------------------------------------------------------------------------- samples */

static size_t make_float(const float *samples, size_t n_frames, unsigned channels)
{
  size_t n_bytes = n_frames * channels * sizeof *samples;
  wav_header header = wav_true(WAV_FLOAT, channels, 16000, 32, n_bytes);
  return wav_make(file, &header, samples, n_bytes);
}

static void bad_samples_are_named_or_replaced(void **state)
{
  (void)state;
  static const struct {
    float value;
    const char *message;
  } CASES[] = {
      {NAN, "sample 5000 (0.312500 s) of channel 1 is nan"},
      {INFINITY, "sample 5000 (0.312500 s) of channel 1 is inf"},
      {-INFINITY, "sample 5000 (0.312500 s) of channel 1 is -inf"},
      {3e38F, "sample 5000 (0.312500 s) of channel 1 is 3e+38: no sound is beyond 1e12"},
  };
  enum { FRAMES = 6000 };
  static float samples[2 * FRAMES];
  for (size_t i = 0; i < COUNT(CASES); i++) {
    for (size_t k = 0; k < COUNT(samples); k++) {
      samples[k] = 0.25F;
    }
    samples[2 * 5000 + 1] = CASES[i].value;
    samples[2 * 5500 + 1] = CASES[i].value;
    size_t size = make_float(samples, FRAMES, 2);
    sound got = load_memory(file, size, NULL, 1000);
    assert_int_equal(got.status, SPECRNN_ERROR_NOT_FINITE);
    assert_string_equal(last_error, CASES[i].message);
    free(got.samples);

    specrnn_audio_config config = SPECRNN_AUDIO_CONFIG_INIT;
    config.nan = SPECRNN_AUDIO_NAN_ZERO;
    got = load_memory(file, size, &config, 1000);
    succeeds(got.status);
    assert_int_equal(got.info.n_bad, 2);
    assert_string_equal(last_warning, isfinite(CASES[i].value)
                                          ? "2 samples beyond 1e12, which no sound is, were replaced by 0"
                                          : "2 samples that are not finite were replaced by 0");
    for (size_t k = 0; k < FRAMES; k++) {
      assert_true(got.samples[k] == (k == 5000 || k == 5500 ? 0.125F : 0.25F));
    }
    free(got.samples);

    config = (specrnn_audio_config)SPECRNN_AUDIO_CONFIG_INIT;
    config.channels = SPECRNN_AUDIO_ONE; /* the other channel is sound */
    got = load_memory(file, size, &config, 1000);
    succeeds(got.status);
    assert_int_equal(got.n_frames, FRAMES);
    free(got.samples);
  }
}

static void a_failed_input_stays_failed(void **state)
{
  (void)state;
  static const float SAMPLES[] = {0.5F, NAN, 0.5F};
  size_t size = make_float(SAMPLES, COUNT(SAMPLES), 1);
  specrnn_audio *audio = NULL;
  succeeds(specrnn_audio_open_memory(&audio, file, size, NULL, &LOG));
  float samples[3];
  size_t n = 77;
  assert_int_equal(specrnn_audio_read(audio, samples, 3, &n, &LOG), SPECRNN_ERROR_NOT_FINITE);
  assert_int_equal(n, 77);
  assert_int_equal(specrnn_audio_read(audio, samples, 3, &n, &LOG), SPECRNN_ERROR_STATE);
  specrnn_audio_close(&audio);
}

/* Very small and rather large numbers are samples like others. */
static void finite_samples_pass_unchanged(void **state)
{
  (void)state;
  static const float SAMPLES[] = {1e-40F, -1e-45F, 1e-38F, 2147483648.0F, -1e12F, -0.0F, 0.7F};
  size_t size = make_float(SAMPLES, COUNT(SAMPLES), 1);
  sound got = load_memory(file, size, NULL, 2);
  succeeds(got.status);
  assert_int_equal(got.n_frames, COUNT(SAMPLES));
  assert_memory_equal(got.samples, SAMPLES, sizeof SAMPLES);
  assert_int_equal(got.info.n_bad, 0);
  free(got.samples);
}

/* -------------------------------------------------------------------------------------------------------- clipping */

static uint64_t clipped_of(size_t size)
{
  last_warning[0] = '\0';
  sound got = load_memory(file, size, NULL, 100);
  succeeds(got.status);
  free(got.samples);
  return got.info.n_clipped;
}

static void clipping_is_counted(void **state)
{
  (void)state;
  /* A run of 3, a lone peak, a run of 2 below, a change of side. */
  static const short RUNS[] = {0, 32767, 32767, 32767, 0, 32767, 0, -32768, -32767, 5, 32767, -32768};
  wav_header header = wav_true(WAV_PCM, 1, 16000, 16, sizeof RUNS);
  assert_int_equal(clipped_of(wav_make(file, &header, RUNS, sizeof RUNS)), 5);
  assert_string_equal(last_warning, "5 samples are clipped");

  /* Two channels of the same peaks: neighbours are those of the same channel. */
  header = wav_true(WAV_PCM, 2, 16000, 16, sizeof RUNS);
  assert_int_equal(clipped_of(wav_make(file, &header, RUNS, sizeof RUNS)), 3);

  /* A run across the blocks of decoding. */
  static short long_run[10000];
  for (size_t i = 4090; i < 4100; i++) {
    long_run[i] = -32768;
  }
  header = wav_true(WAV_PCM, 1, 16000, 16, sizeof long_run);
  assert_int_equal(clipped_of(wav_make(file, &header, long_run, sizeof long_run)), 10);

  static const float FLOATS[] = {0.99999F, 0.99999F, 1.0F, 1.0F, -1.0F, 0.0F};
  assert_int_equal(clipped_of(make_float(FLOATS, COUNT(FLOATS), 1)), 2);
  static const unsigned char MULAW[] = {0x80, 0x80, 0x81, 0x00, 0x00, 0x00, 0xff}; /* 0x80 and 0x00 are the outermost */
  header = wav_true(WAV_MULAW, 1, 8000, 8, sizeof MULAW);
  assert_int_equal(clipped_of(wav_make(file, &header, MULAW, sizeof MULAW)), 5);
  assert_int_equal(clipped_of(make_lying(1, 16000, N_SAMPLES * sizeof(short))), 0);
  assert_string_equal(last_warning, "");
}

/* A float file may be louder than full scale without having lost a thing. */
static void what_is_above_full_scale_is_not_clipped(void **state)
{
  (void)state;
  static const float SAMPLES[] = {1.5F, 1.5F, 1.25F, -1.5F, -1.0F, 0.5F};
  last_warning[0] = '\0';
  sound got = load_memory(file, make_float(SAMPLES, COUNT(SAMPLES), 1), NULL, 100);
  succeeds(got.status);
  assert_int_equal(got.info.n_clipped, 0);
  assert_int_equal(got.info.n_above, 4);
  assert_string_equal(last_warning, "4 samples above full scale, the loudest at 1.5 (+3.5 dBFS)");
  assert_memory_equal(got.samples, SAMPLES, sizeof SAMPLES);
  free(got.samples);
}

/* ------------------------------------------------------------------------------------------------------- resources */

static int open_descriptors(void)
{
  int n = 0;
  DIR *entries = opendir("/proc/self/fd");
  if (entries) {
    while (readdir(entries)) {
      n++;
    }
    closedir(entries);
  }
  return n;
}

static void failures_leave_no_descriptor(void **state)
{
  (void)state;
  static const char *const PATHS[] = {"/tmp", "/nonexistent/x.wav", "/dev/null", SAMPLES_DIR "/README.md",
                                      SAMPLES_DIR "/test.wav"};
  int before = open_descriptors();
  for (size_t i = 0; i < COUNT(PATHS); i++) {
    specrnn_audio *audio = NULL;
    specrnn_audio_config config = SPECRNN_AUDIO_CONFIG_INIT;
    config.channels = SPECRNN_AUDIO_ONE;
    config.channel = 9;
    assert_int_not_equal(specrnn_audio_open(&audio, PATHS[i], &config, &LOG), SPECRNN_OK);
  }
  assert_int_equal(open_descriptors(), before);
}

/* A descriptor that is not ours stays open: closed twice, it might be what another thread has just opened. */
static void a_failure_closes_nothing_of_others(void **state)
{
  (void)state;
  int standard_input = dup(STDIN_FILENO);
  int descriptor = open(SAMPLES_DIR "/README.md", O_RDONLY);
  assert_true(standard_input >= 0 && descriptor >= 0);
  assert_int_equal(dup2(descriptor, STDIN_FILENO), STDIN_FILENO);
  refused_path("-", SPECRNN_ERROR_FORMAT, NO_SOUND);
  assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);
  assert_int_equal(dup2(standard_input, STDIN_FILENO), STDIN_FILENO);
  close(standard_input);
  close(descriptor);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(impossible_headers_are_refused),
      cmocka_unit_test(many_channels_are_read),
      cmocka_unit_test(sizes_that_lie_are_not_believed),
      cmocka_unit_test(a_block_codec_that_lies_is_not_believed),
      cmocka_unit_test(truncated_files_are_refused_or_accepted),
      cmocka_unit_test(truncated_containers_are_refused),
      cmocka_unit_test(a_truncated_flac_is_refused_or_accepted),
      cmocka_unit_test(what_is_not_sound_is_refused),
      cmocka_unit_test(no_samples_are_an_error),
      cmocka_unit_test(bad_samples_are_named_or_replaced),
      cmocka_unit_test(a_failed_input_stays_failed),
      cmocka_unit_test(finite_samples_pass_unchanged),
      cmocka_unit_test(clipping_is_counted),
      cmocka_unit_test(what_is_above_full_scale_is_not_clipped),
      cmocka_unit_test(failures_leave_no_descriptor),
      cmocka_unit_test(a_failure_closes_nothing_of_others),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
