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

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equals_librosa_load),
      cmocka_unit_test(blocks_do_not_change_a_bit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
