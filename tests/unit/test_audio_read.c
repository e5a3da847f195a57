/* What an input gives: librosa's samples, segments, channels, any cutting into blocks. */
#include <math.h>

#include "audio_testing.h"
#include "specrnn/io.h"

/* -------------------------------------------------------------------------------------------------- against librosa */

static const struct {
  const char *input, *expected;
  int sample_rate_hz;
  double offset_s, duration_s;
} LIBROSA[] = {
    {"pluck_44k_stereo.wav", "librosa_load_16k_mono.npy", 16000, 0.0, INFINITY},
    {"sweep_48k.wav", "librosa_load_sweep_22k.npy", 22050, 0.0, INFINITY},
    {"tone_8k.wav", "librosa_load_tone_16k.npy", 16000, 0.0, INFINITY},
    {"pluck_44k_stereo.wav", "librosa_load_segment.npy", 16000, 0.7, 1.3},
};

static specrnn_audio_config librosa_config(size_t i)
{
  specrnn_audio_config config = at_rate(LIBROSA[i].sample_rate_hz);
  config.offset_s = LIBROSA[i].offset_s;
  config.duration_s = LIBROSA[i].duration_s;
  return config;
}

static void equals_librosa_load(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(LIBROSA); i++) {
    specrnn_audio_config config = librosa_config(i);
    sound got = load(golden(LIBROSA[i].input), &config, 1024);
    specrnn_array *expected = NULL;
    succeeds(specrnn_npy_load(&expected, golden(LIBROSA[i].expected), &LOG));
    succeeds(got.status);
    assert_int_equal(got.n_frames, specrnn_array_count(expected));
    const float *reference = expected->data;
    float largest = 0.0F;
    for (size_t k = 0; k < got.n_frames; k++) {
      largest = fmaxf(largest, fabsf(got.samples[k] - reference[k]));
    }
    assert_true(largest <= 1e-6F); /* 0 here; soxr's vector code may differ on another machine */
    free(got.samples);
    specrnn_array_destroy(&expected);
  }
}

static void blocks_do_not_change_a_bit(void **state)
{
  (void)state;
  static const size_t BLOCKS[] = {1, 7, 1023, 4096, 200000};
  for (size_t i = 0; i < COUNT(LIBROSA); i++) {
    specrnn_audio_config config = librosa_config(i);
    sound whole = load(golden(LIBROSA[i].input), &config, 1 << 20);
    for (size_t b = 0; b < COUNT(BLOCKS); b++) {
      sound got = load(golden(LIBROSA[i].input), &config, BLOCKS[b]);
      assert_int_equal(got.n_frames, whole.n_frames);
      assert_memory_equal(got.samples, whole.samples, whole.n_frames * sizeof(float));
      free(got.samples);
    }
    free(whole.samples);
  }
}

/* ------------------------------------------------------------------------------------------------ lengths, segments */

enum { MAX_FRAMES = 3000, FILE_SIZE = WAV_HEADER_SIZE + 4 * MAX_FRAMES };

/* A mono or stereo WAV of 16 bits whose sample i is i - 1500 (times -2 in the second channel). */
static size_t make_ramp(unsigned char *file, size_t n_frames, unsigned channels, unsigned rate)
{
  short samples[2 * MAX_FRAMES];
  assert_true(n_frames <= MAX_FRAMES);
  for (size_t i = 0; i < n_frames; i++) {
    samples[i * channels] = (short)((int)i - 1500);
    samples[i * channels + channels - 1] = (short)(((int)i - 1500) * (channels == 2 ? -2 : 1));
  }
  size_t n_bytes = n_frames * channels * sizeof *samples;
  wav_header header = wav_true(WAV_PCM, channels, rate, 16, n_bytes);
  return wav_make(file, &header, samples, n_bytes);
}

/* ceil(N * rate / native), also where N is shorter than the resampler's filter. */
static void lengths_are_exact(void **state)
{
  (void)state;
  static const int RATES[][2] = {{44100, 16000}, {48000, 22050}, {8000, 16000},  {16000, 44100}, {44100, 44101},
                                 {96000, 375},   {1, 256},       {768000, 3000}, {16000, 16000}};
  static const size_t LENGTHS[] = {1, 2, 3, 147, 160, 441, 1000, 2999};
  static unsigned char file[FILE_SIZE];
  for (size_t r = 0; r < COUNT(RATES); r++) {
    for (size_t l = 0; l < COUNT(LENGTHS); l++) {
      size_t size = make_ramp(file, LENGTHS[l], 1, (unsigned)RATES[r][0]);
      specrnn_audio_config config = at_rate(RATES[r][1]);
      sound got = load_memory(file, size, &config, 333);
      size_t product = LENGTHS[l] * (size_t)RATES[r][1];
      succeeds(got.status);
      assert_int_equal(got.n_frames, (product + (size_t)RATES[r][0] - 1) / (size_t)RATES[r][0]);
      assert_int_equal(got.info.n_native_frames, LENGTHS[l]);
      free(got.samples);
    }
  }
}

static void segments_are_cut_as_librosa_cuts(void **state)
{
  (void)state;
  static const struct {
    double offset_s, duration_s;
    size_t first, count;
  } CASES[] = {
      {0.0, INFINITY, 0, 3000}, {0.1, INFINITY, 100, 2900}, {0.0, 1.5, 0, 1500},
      {0.0019, 0.0029, 1, 2},   {1.001, 0.5, 1000, 500}, /* 1.001 * 1000 is 1000.999... in double */
      {0.5, 1.001, 500, 1000},  {2.999, 5.0, 2999, 1},
  };
  static unsigned char file[FILE_SIZE];
  size_t size = make_ramp(file, 3000, 1, 1000);
  for (size_t i = 0; i < COUNT(CASES); i++) {
    specrnn_audio_config config = SPECRNN_AUDIO_CONFIG_INIT;
    config.offset_s = CASES[i].offset_s;
    config.duration_s = CASES[i].duration_s;
    sound got = load_memory(file, size, &config, 1000);
    succeeds(got.status);
    assert_int_equal(got.n_frames, CASES[i].count);
    for (size_t k = 0; k < got.n_frames; k++) {
      assert_true(got.samples[k] == (float)((int)(CASES[i].first + k) - 1500) / 32768.0F);
    }
    free(got.samples);
  }
}

/* Decoding up to the offset (FLAC, Vorbis, MP3) and seeking to it (WAV) give what the whole file has there. */
static void segments_are_parts_of_the_whole(void **state)
{
  (void)state;
  static const char *const FILES[] = {"test.wav",     "voice_low.flac", "voice_high.ogg", "voice_german.mp3",
                                      "strings.flac", "chord.aiff",     "sweep.wav",      "noise.wav"};
  for (size_t i = 0; i < COUNT(FILES); i++) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", SAMPLES_DIR, FILES[i]);
    specrnn_audio_config config = SPECRNN_AUDIO_CONFIG_INIT;
    sound whole = load(path, &config, 4096);
    config.offset_s = 1.2345;
    config.duration_s = 0.5;
    sound part = load(path, &config, 4096);
    succeeds(whole.status);
    succeeds(part.status);
    size_t first = (size_t)(1.2345 * whole.info.native_rate_hz);
    assert_int_equal(part.n_frames, (size_t)(0.5 * whole.info.native_rate_hz));
    assert_memory_equal(part.samples, whole.samples + first, part.n_frames * sizeof(float));
    free(whole.samples);
    free(part.samples);
  }
}

/* --------------------------------------------------------------------------------------------------------- channels */

static void channels_are_chosen(void **state)
{
  (void)state;
  static unsigned char file[FILE_SIZE];
  size_t size = make_ramp(file, 1000, 2, 8000);
  specrnn_audio_config config = SPECRNN_AUDIO_CONFIG_INIT;
  sound mean = load_memory(file, size, &config, 64);
  config.channels = SPECRNN_AUDIO_ONE;
  config.channel = 1;
  sound second = load_memory(file, size, &config, 64);
  config.channels = SPECRNN_AUDIO_ALL;
  sound all = load_memory(file, size, &config, 64);
  config.channels = SPECRNN_AUDIO_FEATURES;
  sound columns = load_memory(file, size, &config, 64);
  assert_int_equal(mean.info.channels, 1);
  assert_int_equal(all.info.channels, 2);
  assert_int_equal(all.n_frames, 1000);
  assert_memory_equal(all.samples, columns.samples, 2000 * sizeof(float));
  for (size_t i = 0; i < 1000; i++) {
    float x = (float)((int)i - 1500) / 32768.0F;
    assert_true(mean.samples[i] == -0.5F * x);
    assert_true(second.samples[i] == -2.0F * x);
    assert_true(all.samples[2 * i] == x && all.samples[2 * i + 1] == -2.0F * x);
  }
  free(mean.samples);
  free(second.samples);
  free(all.samples);
  free(columns.samples);

  config.channels = SPECRNN_AUDIO_ONE;
  config.channel = 2;
  specrnn_audio *audio = NULL;
  assert_int_equal(specrnn_audio_open_memory(&audio, file, size, &config, &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_string_equal(last_error, "there is no channel 2: it has 2, counted from 0");
  assert_null(audio);
}

/* Every channel is resampled as it would be alone. */
static void channels_are_resampled_apart(void **state)
{
  (void)state;
  specrnn_audio_config config = at_rate(16000);
  config.channels = SPECRNN_AUDIO_ALL;
  sound all = load(golden("pluck_44k_stereo.wav"), &config, 500);
  assert_int_equal(all.n_frames, 48000);
  config.channels = SPECRNN_AUDIO_ONE;
  for (config.channel = 0; config.channel < 2; config.channel++) {
    sound one = load(golden("pluck_44k_stereo.wav"), &config, 500);
    assert_int_equal(one.n_frames, 48000);
    for (size_t i = 0; i < one.n_frames; i++) {
      assert_true(one.samples[i] == all.samples[2 * i + (size_t)config.channel]);
    }
    free(one.samples);
  }
  free(all.samples);
}

/* --------------------------------------------------------------------------------------------------------- the rest */

static void info_says_what_it_is(void **state)
{
  (void)state;
  specrnn_audio *audio = NULL;
  specrnn_audio_config config = at_rate(22050);
  succeeds(specrnn_audio_open(&audio, SAMPLES_DIR "/strings.flac", &config, &LOG));
  specrnn_audio_info info;
  specrnn_audio_get_info(audio, &info);
  assert_int_equal(info.native_rate_hz, 44100);
  assert_int_equal(info.native_channels, 2);
  assert_int_equal(info.sample_rate_hz, 22050);
  assert_int_equal(info.channels, 1);
  assert_string_equal(info.container, "FLAC (Free Lossless Audio Codec)");
  assert_string_equal(info.encoding, "Signed 16 bit PCM");
  assert_int_equal(info.n_header_frames, 154350);
  assert_int_equal(info.n_frames, 0);
  specrnn_audio_close(&audio);
  specrnn_audio_close(&audio);
  specrnn_audio_close(NULL);
}

static void configurations_are_checked(void **state)
{
  (void)state;
  static const struct {
    const char *key, *text, *message;
  } CASES[] = {
      {"sample_rate", "768001", "sample_rate is 768001; it must be from 1 to 768000 Hz, or 'native'"},
      {"offset", "-1", "offset is -1; it must be from 0 to 1e+09 s"},
      {"duration", "nan", "duration is nan; it must be from 0 to 1e+09 s, or 'none'"},
      {"channel", "1024", "channel is 1024; it must be from 0 to 1023"},
      {"channels", "left", "channels takes one of mean, one, all, features, not 'left'"},
      {"nan", "ignore", "nan takes one of error, zero, not 'ignore'"},
  };
  for (size_t i = 0; i < COUNT(CASES); i++) {
    specrnn_audio_config config = SPECRNN_AUDIO_CONFIG_INIT;
    assert_int_equal(specrnn_option_set(specrnn_audio_options(), &config, CASES[i].key, CASES[i].text, &LOG),
                     SPECRNN_ERROR_ARGUMENT);
    assert_string_equal(last_error, CASES[i].message);
  }
  specrnn_audio_config config = SPECRNN_AUDIO_CONFIG_INIT;
  config.offset_s = NAN;
  specrnn_audio *audio = NULL;
  assert_int_equal(specrnn_audio_open(&audio, golden("tone_8k.wav"), &config, &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_null(audio);
  float sample;
  size_t n;
  succeeds(specrnn_audio_open(&audio, golden("tone_8k.wav"), NULL, NULL));
  assert_int_equal(specrnn_audio_read(audio, &sample, 0, &n, &LOG), SPECRNN_ERROR_ARGUMENT);
  succeeds(specrnn_audio_read(audio, &sample, 1, &n, &LOG));
  assert_int_equal(n, 1);
  specrnn_audio_close(&audio);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equals_librosa_load),
      cmocka_unit_test(blocks_do_not_change_a_bit),
      cmocka_unit_test(lengths_are_exact),
      cmocka_unit_test(segments_are_cut_as_librosa_cuts),
      cmocka_unit_test(segments_are_parts_of_the_whole),
      cmocka_unit_test(channels_are_chosen),
      cmocka_unit_test(channels_are_resampled_apart),
      cmocka_unit_test(info_says_what_it_is),
      cmocka_unit_test(configurations_are_checked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
