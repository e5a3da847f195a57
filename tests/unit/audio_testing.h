/* What the tests of src/audio share: the log, WAV files made in memory, whole inputs read with any block size. */
#ifndef SPECRNN_TESTS_UNIT_AUDIO_TESTING_H
#define SPECRNN_TESTS_UNIT_AUDIO_TESTING_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "specrnn/audio.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The last error and the last warning. */
static char last_error[1024];
static char last_warning[1024];

static void remember(void *user, specrnn_log_level level, const char *message)
{
  (void)user;
  assert_null(strchr(message, '\n'));
  snprintf(level == SPECRNN_LOG_ERROR ? last_error : last_warning, sizeof last_error, "%s", message);
}

static const specrnn_log LOG = {remember, NULL};

static inline void succeeds(specrnn_status status)
{
  if (status) {
    print_error("%s: %s\n", specrnn_status_text(status), last_error);
  }
  assert_int_equal(status, SPECRNN_OK);
}

static inline const char *golden(const char *name)
{
  static char path[512];
  snprintf(path, sizeof path, "%s/%s", GOLDEN_DIR, name);
  return path;
}

/* ------------------------------------------------------------------------------------------------- WAV, by the byte */

enum { WAV_PCM = 1, WAV_FLOAT = 3, WAV_ALAW = 6, WAV_MULAW = 7, WAV_HEADER_SIZE = 44, WAV_MAX_SIZE = 1 << 20 };

/* Every field of the header, so that each can lie. */
typedef struct wav_header {
  unsigned tag, channels, rate, bits;
  unsigned riff_size, data_size;
} wav_header;

static inline void put(unsigned char *bytes, size_t size, unsigned value)
{
  for (size_t i = 0; i < size; i++) {
    bytes[i] = (unsigned char)(value >> 8 * i);
  }
}

/* Writes header and data; returns the size of both. */
static inline size_t wav_make(unsigned char *file, const wav_header *header, const void *data, size_t n_bytes)
{
  unsigned frame = header->channels * header->bits / 8;
  assert_true(WAV_HEADER_SIZE + n_bytes <= WAV_MAX_SIZE);
  memcpy(file, "RIFF....WAVEfmt ", 16);
  put(file + 4, 4, header->riff_size);
  put(file + 16, 4, 16);
  put(file + 20, 2, header->tag);
  put(file + 22, 2, header->channels);
  put(file + 24, 4, header->rate);
  put(file + 28, 4, header->rate * frame);
  put(file + 32, 2, frame);
  put(file + 34, 2, header->bits);
  memcpy(file + 36, "data", 4);
  put(file + 40, 4, header->data_size);
  memcpy(file + WAV_HEADER_SIZE, data, n_bytes);
  return WAV_HEADER_SIZE + n_bytes;
}

/* A true header for n_bytes. */
static inline wav_header wav_true(unsigned tag, unsigned channels, unsigned rate, unsigned bits, size_t n_bytes)
{
  return (wav_header){tag, channels, rate, bits, (unsigned)n_bytes + WAV_HEADER_SIZE - 8, (unsigned)n_bytes};
}

/* ---------------------------------------------------------------------------------------------------------- reading */

typedef struct sound {
  float *samples; /* (n_frames, info.channels) */
  size_t n_frames;
  specrnn_audio_info info;
  specrnn_status status; /* of the read that ended it */
} sound;

/* Reads to the end or to a failure by blocks of that many frames, and closes. */
static inline sound read_all(specrnn_audio *audio, size_t block)
{
  sound result = {0};
  specrnn_audio_get_info(audio, &result.info);
  size_t channels = (size_t)result.info.channels;
  uint64_t n_before = result.info.n_frames;
  float *samples = malloc(block * channels * sizeof *samples);
  assert_non_null(samples);
  size_t capacity = 0;
  for (size_t n = 1; n > 0;) {
    n = 0;
    result.status = specrnn_audio_read(audio, samples, block, &n, &LOG);
    assert_true(n <= block);
    if (n > 0) {
      if (result.n_frames + n > capacity) {
        capacity = 2 * (result.n_frames + n);
        result.samples = realloc(result.samples, capacity * channels * sizeof *samples);
        assert_non_null(result.samples);
      }
      memcpy(result.samples + result.n_frames * channels, samples, n * channels * sizeof *samples);
      result.n_frames += n;
    }
  }
  if (!result.status) { /* the end stays the end */
    size_t n = 1;
    succeeds(specrnn_audio_read(audio, samples, block, &n, &LOG));
    assert_int_equal(n, 0);
  }
  free(samples);
  specrnn_audio_get_info(audio, &result.info);
  assert_int_equal(result.info.n_frames, n_before + result.n_frames);
  specrnn_audio_close(&audio);
  assert_null(audio);
  return result;
}

static inline sound load(const char *path, const specrnn_audio_config *config, size_t block)
{
  specrnn_audio *audio = NULL;
  succeeds(specrnn_audio_open(&audio, path, config, &LOG));
  return read_all(audio, block);
}

static inline sound load_memory(const void *bytes, size_t n_bytes, const specrnn_audio_config *config, size_t block)
{
  specrnn_audio *audio = NULL;
  succeeds(specrnn_audio_open_memory(&audio, bytes, n_bytes, config, &LOG));
  return read_all(audio, block);
}

static inline specrnn_audio_config at_rate(int sample_rate_hz)
{
  specrnn_audio_config config = SPECRNN_AUDIO_CONFIG_INIT;
  config.sample_rate_hz = sample_rate_hz;
  return config;
}

#endif
