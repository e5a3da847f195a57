/* What a header promises against what there is: every container, every encoding, files, memory; nothing is lost
 * without a word. */
#include <sndfile.h>
#include <sys/stat.h>

#include "audio_testing.h"

enum { N_SAMPLES = 16000, MAX_FILE = 1 << 18 };

static const char *case_path(const char *name)
{
  static char path[512];
  snprintf(path, sizeof path, "%s/%s", CASES_DIR, name);
  return path;
}

static size_t read_file(const char *path, unsigned char *bytes, size_t capacity)
{
  FILE *stream = fopen(path, "rb");
  assert_non_null(stream);
  size_t size = fread(bytes, 1, capacity, stream);
  assert_true(size > 0 && size < capacity);
  fclose(stream);
  return size;
}

/* --------------------------------------------------------------------------------------------- files from the field */

/* Read by default and with --truncated accept; the counts are those of sox and FFmpeg where these read all there is. */
static void files_of_the_field_are_whole_or_refused(void **state)
{
  (void)state;
  static const struct {
    const char *name;
    size_t n_frames; /* that there are */
    const char *error, *warning;
  } CASES[] = {
      {"T_t.mp3", 8687, "truncated: its header promises 16000 frames, and there are 8687", NULL},
      {"T_t.w64", 9579, "truncated: its header promises 16000 frames, and there are 9579", NULL},
      {"T_t.rf64", 9579, "truncated: its header promises 16000 frames, and there are 9579", NULL},
      {"T_tima.wav", 9153, "truncated: its header promises 8192 bytes of sound, and there are 4891", NULL},
      {"trunc_3gb.wav", 10000, "truncated: its header promises 1500000000 frames, and there are 10000", NULL},
      {"chain.ogg", 176400, NULL, NULL},
      {"zero_size.wav", 5000, NULL,
       "its header promises 0 frames, and more sound follows: read to the end, 5000 frames"},
      {"stale.wav", 5000, NULL, "its header promises 500 frames, and more sound follows: read to the end, 5000 frames"},
  };
  for (size_t i = 0; i < COUNT(CASES); i++) {
    last_warning[0] = '\0';
    sound got = load(case_path(CASES[i].name), NULL, 1000);
    assert_int_equal(got.status, CASES[i].error ? SPECRNN_ERROR_FORMAT : SPECRNN_OK);
    assert_string_equal(CASES[i].error ? last_error : last_warning, CASES[i].error     ? CASES[i].error
                                                                    : CASES[i].warning ? CASES[i].warning
                                                                                       : "");
    free(got.samples);
    specrnn_audio_config config = SPECRNN_AUDIO_CONFIG_INIT;
    config.truncated = SPECRNN_AUDIO_TRUNCATED_ACCEPT;
    got = load(case_path(CASES[i].name), &config, 1000);
    succeeds(got.status);
    assert_int_equal(got.n_frames, CASES[i].n_frames);
    if (CASES[i].error) {
      assert_string_equal(last_warning, CASES[i].error);
    }
    free(got.samples);
  }
}

/* Both halves of the chain are decoded, not one of them twice. */
static void a_chain_holds_all_its_streams(void **state)
{
  (void)state;
  static unsigned char file[MAX_FILE];
  size_t size = read_file(case_path("chain.ogg"), file, sizeof file);
  size_t second = 0;
  for (size_t i = 1; i + 6 < size && !second; i++) {
    second = !memcmp(file + i, "OggS", 4) && file[i + 5] == 2 ? i : 0;
  }
  assert_true(second > 0);
  sound whole = load_memory(file, size, NULL, 1000);
  sound first = load_memory(file, second, NULL, 1000);
  sound rest = load_memory(file + second, size - second, NULL, 777);
  assert_int_equal(first.n_frames, 88200);
  assert_int_equal(rest.n_frames, 88200);
  assert_memory_equal(whole.samples, first.samples, first.n_frames * sizeof(float));
  assert_memory_equal(whole.samples + first.n_frames, rest.samples, rest.n_frames * sizeof(float));
  specrnn_audio_config config = SPECRNN_AUDIO_CONFIG_INIT;
  config.offset_s = 2.5;
  sound part = load_memory(file, size, &config, 1000);
  assert_int_equal(part.n_frames, 66150);
  assert_memory_equal(part.samples, whole.samples + 110250, part.n_frames * sizeof(float));
  free(whole.samples);
  free(first.samples);
  free(rest.samples);
  free(part.samples);
}

/* ------------------------------------------------------------------------------------------------- every container */

/* Their headers state no length, so that no cut can be seen: PAF, PVF, IRCAM; raw and SD2 are not opened at all. */
static bool states_no_length(int container)
{
  return container == SF_FORMAT_PAF || container == SF_FORMAT_PVF || container == SF_FORMAT_IRCAM ||
         container == SF_FORMAT_RAW || container == SF_FORMAT_SD2;
}

/* libsndfile 1.2.0 writes these with a size of 0, or with no sample. */
static bool is_written_badly(int format)
{
  int container = format & SF_FORMAT_TYPEMASK;
  return container == SF_FORMAT_XI || (format & SF_FORMAT_SUBMASK) == SF_FORMAT_DWVW_12;
}

static size_t make(int format, unsigned char *file, size_t capacity)
{
  static const int RATES[] = {16000, 8000, 48000};
  static short samples[N_SAMPLES];
  for (size_t i = 0; i < N_SAMPLES; i++) {
    samples[i] = (short)(i * 2654435761U >> 20);
  }
  for (size_t i = 0; i < COUNT(RATES); i++) {
    SF_INFO info = {.samplerate = RATES[i], .channels = 1, .format = format};
    char path[] = "/tmp/specrnn-test-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    SNDFILE *sndfile = sf_format_check(&info) ? sf_open(path, SFM_WRITE, &info) : NULL;
    if (sndfile) {
      assert_int_equal(sf_writef_short(sndfile, samples, N_SAMPLES), N_SAMPLES);
      assert_int_equal(sf_close(sndfile), 0);
    }
    size_t size = sndfile ? read_file(path, file, capacity) : 0;
    close(descriptor);
    unlink(path);
    if (size) {
      return size;
    }
  }
  return 0;
}

static void a_chain_of_two_rates_is_refused(void **state)
{
  (void)state;
  static unsigned char file[MAX_FILE];
  size_t size = read_file(case_path("chain.ogg"), file, sizeof file);
  size += make(SF_FORMAT_OGG | SF_FORMAT_VORBIS, file + size, sizeof file - size);
  sound got = load_memory(file, size, NULL, 1000);
  assert_int_equal(got.status, SPECRNN_ERROR_FORMAT);
  assert_string_equal(last_error, "cannot decode after sample 176400: the next stream of this chained Ogg has another "
                                  "sample rate or number of channels");
  free(got.samples);
}

/* Status and number of frames; a refusal to open is one of reading after none. */
static sound load_cut(const unsigned char *file, size_t size)
{
  specrnn_audio *audio = NULL;
  specrnn_status status = specrnn_audio_open_memory(&audio, file, size, NULL, &LOG);
  return status ? (sound){.status = status} : read_all(audio, 1000);
}

/* The same bytes in a file give the same. */
static void same_from_a_file(const unsigned char *file, size_t size, const sound *expected)
{
  char path[] = "/tmp/specrnn-test-XXXXXX";
  int descriptor = mkstemp(path);
  assert_true(descriptor >= 0);
  assert_int_equal(write(descriptor, file, size), size);
  specrnn_audio *audio = NULL;
  specrnn_status status = specrnn_audio_open(&audio, path, NULL, &LOG);
  sound got = status ? (sound){.status = status} : read_all(audio, 1000);
  assert_int_equal(got.status, expected->status);
  assert_int_equal(got.n_frames, expected->n_frames);
  for (size_t i = 0; i < got.n_frames; i++) {
    assert_true(got.samples[i] == expected->samples[i]);
  }
  free(got.samples);
  close(descriptor);
  unlink(path);
}

/* A cut is an error wherever it takes sound away; where it took none (a last byte of padding), all samples come. */
static void check_cuts(int format)
{
  static const size_t CUTS[] = {1, 2, 5, 100, 2000, 5000};
  static unsigned char file[MAX_FILE];
  size_t size = make(format, file, sizeof file);
  if (size == 0) {
    return;
  }
  sound whole = load_cut(file, size);
  succeeds(whole.status);
  assert_true(whole.n_frames >= N_SAMPLES);
  same_from_a_file(file, size, &whole);
  for (size_t i = 0; i < COUNT(CUTS) && CUTS[i] < size; i++) {
    sound cut = load_cut(file, size - CUTS[i]);
    same_from_a_file(file, size - CUTS[i], &cut);
    if (!cut.status && cut.n_frames < whole.n_frames) {
      print_error("format %x, cut by %zu bytes: %zu of %zu frames\n", (unsigned)format, CUTS[i], cut.n_frames,
                  whole.n_frames);
    }
    assert_true(cut.status || (cut.n_frames == whole.n_frames && CUTS[i] <= 2));
    assert_true(cut.status == SPECRNN_OK || cut.status == SPECRNN_ERROR_FORMAT || cut.status == SPECRNN_ERROR_EMPTY);
    free(cut.samples);
  }
  free(whole.samples);
}

static void every_container_tells_a_cut(void **state)
{
  (void)state;
  int n_containers = 0, n_encodings = 0, n_checked = 0;
  sf_command(NULL, SFC_GET_FORMAT_MAJOR_COUNT, &n_containers, sizeof n_containers);
  sf_command(NULL, SFC_GET_FORMAT_SUBTYPE_COUNT, &n_encodings, sizeof n_encodings);
  for (int i = 0; i < n_containers; i++) {
    SF_FORMAT_INFO container = {.format = i};
    sf_command(NULL, SFC_GET_FORMAT_MAJOR, &container, sizeof container);
    for (int k = 0; k < n_encodings; k++) {
      SF_FORMAT_INFO encoding = {.format = k};
      sf_command(NULL, SFC_GET_FORMAT_SUBTYPE, &encoding, sizeof encoding);
      int format = (container.format & SF_FORMAT_TYPEMASK) | encoding.format;
      if (!states_no_length(container.format & SF_FORMAT_TYPEMASK) && !is_written_badly(format)) {
        check_cuts(format);
        n_checked++;
      }
    }
  }
  assert_true(n_checked > 100);
}

/* -------------------------------------------------------------------------------------------- behind the samples */

static size_t make_wav(unsigned char *file, size_t n_samples)
{
  static short samples[N_SAMPLES];
  for (size_t i = 0; i < N_SAMPLES; i++) {
    samples[i] = (short)(i + 1);
  }
  wav_header header = wav_true(WAV_PCM, 1, 16000, 16, n_samples * sizeof(short));
  return wav_make(file, &header, samples, n_samples * sizeof(short));
}

static void what_follows_the_samples_is_known_or_read(void **state)
{
  (void)state;
  static const struct {
    const char *bytes;
    size_t size;
    size_t n_more; /* frames that it is */
  } CASES[] = {
      {"LIST\4\0\0\0INFO", 12, 0},
      {"bext\xff\xff\0\0cut off in the middle", 29, 0},
      {"qqqq\4\0\0\0abcdrrrr\2\0\0\0ab", 22, 0},  /* unknown chunks, to the very end */
      {"qqqq\4\0\0\0abcdrrrr\3\0\1\0ab", 22, 11}, /* and something that only looks like them */
      {"TAGa title, and so on", 21, 0},
      {"APETAGEX\xd0\7\0\0", 12, 0},
      {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 14, 0},
      {"\1", 1, 0}, /* less than a frame */
      {"\1\2\3\4\5\6\7\1\2\3\4\5", 12, 6},
  };
  static unsigned char file[WAV_MAX_SIZE];
  size_t size = make_wav(file, 1000);
  for (size_t i = 0; i < COUNT(CASES); i++) {
    memcpy(file + size, CASES[i].bytes, CASES[i].size);
    last_warning[0] = '\0';
    sound got = load_memory(file, size + CASES[i].size, NULL, 100);
    succeeds(got.status);
    assert_int_equal(got.n_frames, 1000 + CASES[i].n_more);
    assert_int_equal(last_warning[0] != '\0', CASES[i].n_more > 0);
    free(got.samples);
  }
}

/* The padding that an odd size asks for is there or forgotten. */
static void odd_sizes_are_padded_or_not(void **state)
{
  (void)state;
  static unsigned char file[WAV_MAX_SIZE];
  static const unsigned char BYTES[1001] = {1, 2, 3};
  for (int padded = 0; padded < 2; padded++) {
    wav_header header = wav_true(WAV_ALAW, 1, 8000, 8, sizeof BYTES);
    size_t size = wav_make(file, &header, BYTES, sizeof BYTES);
    file[size] = 0;
    memcpy(file + size + padded, "LIST\4\0\0\0INFO", 12);
    last_warning[0] = '\0';
    sound got = load_memory(file, size + (size_t)padded + 12, NULL, 100);
    succeeds(got.status);
    assert_int_equal(got.n_frames, sizeof BYTES);
    assert_string_equal(last_warning, "");
    free(got.samples);
  }
}

/* ADPCM whose size was never written: two blocks are there. */
static void a_stale_block_codec_is_read_on(void **state)
{
  (void)state;
  static const unsigned char FORMAT[] = {0x11, 0, 1,    0,    0x80, 0x3e, 0, 0, 0x80, 0x3e,
                                         0,    0, 0x00, 0x01, 4,    0,    2, 0, 0xf9, 0x01};
  static unsigned char file[1024];
  for (unsigned promised = 0; promised <= 256; promised += 256) {
    memcpy(file, "RIFF\0\0\0\0WAVEfmt \x14\0\0\0", 20);
    memcpy(file + 20, FORMAT, sizeof FORMAT);
    memcpy(file + 40, "data", 4);
    put(file + 44, 4, promised);
    memset(file + 48, 0x11, 512);
    sound got = load_memory(file, 48 + 512, NULL, 100);
    succeeds(got.status);
    assert_int_equal(got.n_frames, 1010);
    free(got.samples);
  }
}

/* ------------------------------------------------------------------------------------------------------ large files */

#define RATE 16000
#define GIB  (UINT64_C(1) << 30)

/* A file with a hole in it, `tail` samples of 1000 at its end. False where the disk takes no such file. */
static bool make_large(char *path, unsigned stated, uint64_t n_bytes)
{
  enum { TAIL = 500 };
  static unsigned char head[WAV_HEADER_SIZE];
  static short tail[TAIL];
  wav_header header = {WAV_PCM, 1, RATE, 16, stated + 36, stated};
  wav_make(head, &header, "", 0);
  for (size_t i = 0; i < TAIL; i++) {
    tail[i] = 1000;
  }
  int descriptor = mkstemp(path);
  assert_true(descriptor >= 0);
  assert_int_equal(write(descriptor, head, sizeof head), sizeof head);
  off_t end = (off_t)(sizeof head + n_bytes - sizeof tail);
  bool ok = pwrite(descriptor, tail, sizeof tail, end) == sizeof tail;
  close(descriptor);
  return ok;
}

static void sizes_above_two_gigabytes_are_checked(void **state)
{
  (void)state;
  static const struct {
    unsigned stated;
    uint64_t n_bytes;
    bool is_cut;
  } CASES[] = {
      {3U << 30, 3 * GIB, false},               /* above 2^31 */
      {3U << 30, 3 * GIB - 200, true},          /* cut */
      {0x7ffff000, 3 * GIB, false},             /* sox writing to a pipe */
      {0xffffffff, 9 * GIB / 2, false},         /* ffmpeg */
      {505032704, UINT64_C(4800000000), false}, /* wrapped at 2^32 */
      {0, 5 * GIB, false},
  };
  for (size_t i = 0; i < COUNT(CASES); i++) {
    char path[] = "/tmp/specrnn-test-XXXXXX";
    uint64_t n_bytes = CASES[i].n_bytes;
    if (!make_large(path, CASES[i].stated, n_bytes)) {
      unlink(path);
      print_message("# SKIPPED: no file of %llu bytes can be made\n", (unsigned long long)n_bytes);
      skip();
    }
    uint64_t n_frames = n_bytes / 2;
    specrnn_audio_config config = SPECRNN_AUDIO_CONFIG_INIT;
    config.offset_s = (double)(n_frames - 500) / RATE;
    sound got = load(path, &config, 1000);
    unlink(path);
    assert_int_equal(got.status, CASES[i].is_cut ? SPECRNN_ERROR_FORMAT : SPECRNN_OK);
    assert_int_equal(got.n_frames, 500);
    for (size_t k = 0; k < 500; k++) {
      assert_true(got.samples[k] == 1000.0F / 32768.0F);
    }
    free(got.samples);
  }
}

/* ------------------------------------------------------------------------------------------------------------ others
 */

/* A page that is missing in the middle, or cut at the end, is sound that is missing. */
static void damaged_ogg_is_told(void **state)
{
  (void)state;
  static unsigned char file[MAX_FILE];
  static unsigned char damaged[MAX_FILE];
  size_t size = read_file(SAMPLES_DIR "/voice_high.ogg", file, sizeof file);
  sound whole = load_memory(file, size, NULL, 1000);
  succeeds(whole.status);
  static const size_t CUTS[] = {1, 100, 5000};
  for (size_t i = 0; i < COUNT(CUTS); i++) {
    sound got = load_memory(file, size - CUTS[i], NULL, 1000);
    assert_int_equal(got.status, SPECRNN_ERROR_FORMAT);
    assert_string_equal(last_error, "truncated: its last page of Ogg is not the end of a stream");
    assert_true(got.n_frames < whole.n_frames);
    free(got.samples);
  }
  memcpy(damaged, file, size);
  damaged[size / 2] ^= 0x55;
  sound got = load_memory(damaged, size, NULL, 1000);
  assert_int_equal(got.status, SPECRNN_ERROR_FORMAT);
  assert_true(!strncmp(last_error, "damaged: its Ogg has", 20));
  free(got.samples);
  free(whole.samples);
}

/* Files that were joined by cat: what is not read is told. */
static void another_file_behind_is_told(void **state)
{
  (void)state;
  static const char *const FILES[] = {"/test.wav", "/chord.aiff", "/voice_low.flac", "/voice_german.mp3"};
  static unsigned char file[1 << 20];
  for (size_t i = 0; i < COUNT(FILES); i++) {
    char path[512];
    snprintf(path, sizeof path, "%s%s", SAMPLES_DIR, FILES[i]);
    size_t size = read_file(path, file, sizeof file / 2);
    sound one = load_memory(file, size, NULL, 1000);
    succeeds(one.status);
    memcpy(file + size, file, size);
    sound two = load_memory(file, 2 * size, NULL, 1000);
    assert_int_equal(two.status, SPECRNN_ERROR_FORMAT);
    assert_string_equal(last_error, "another file follows behind its sound, which is not read");
    assert_int_equal(two.n_frames, one.n_frames);
    assert_memory_equal(two.samples, one.samples, one.n_frames * sizeof(float));
    free(one.samples);
    free(two.samples);
  }
}

/* A tag in front of a WAV takes nothing from its end, and hides no cut. */
/* The file holds the sound of the plain one, from memory and from disk, and a cut of it is told. */
static void holds(const unsigned char *file, size_t size, const unsigned char *plain, size_t n_plain, size_t n_frames)
{
  sound expected = load_memory(plain, n_plain, NULL, 1000);
  sound got = load_memory(file, size, NULL, 1000);
  succeeds(got.status);
  assert_int_equal(got.n_frames, n_frames);
  assert_memory_equal(got.samples, expected.samples, n_frames * sizeof(float));
  same_from_a_file(file, size, &got);
  sound cut = load_memory(file, size - 2, NULL, 1000);
  assert_int_equal(cut.status, SPECRNN_ERROR_FORMAT);
  free(expected.samples);
  free(got.samples);
  free(cut.samples);
}

static void tags_in_front_take_nothing(void **state)
{
  (void)state;
  static unsigned char tagged[MAX_FILE] = "ID3\3\0\0\0\0\0\12abcdefghij";
  size_t size = make_wav(tagged + 20, 1000);
  holds(tagged, 20 + size, tagged + 20, size, 1000);
}

/* So that a chain stays one. */
static void tags_in_front_hide_no_chain(void **state)
{
  (void)state;
  static unsigned char tagged[MAX_FILE] = "ID3\4\0\0\0\0\0\12abcdefghij";
  size_t size = read_file(case_path("chain.ogg"), tagged + 20, sizeof tagged - 20);
  holds(tagged, 20 + size, tagged + 20, size, 176400);
}

/* AIFF counts the bytes between the head of its chunk and the first sample, where a program aligns them. */
static void an_offset_in_aiff_is_no_sound(void **state)
{
  (void)state;
  enum { SKIPPED = 24 };
  static unsigned char file[MAX_FILE];
  static unsigned char shifted[MAX_FILE];
  size_t size = make(SF_FORMAT_AIFF | SF_FORMAT_PCM_16, file, sizeof file - SKIPPED);
  size_t chunk = size - N_SAMPLES * 2 - 16;
  assert_memory_equal(file + chunk, "SSND", 4);
  memcpy(shifted, file, chunk + 16);
  memset(shifted + chunk + 16, 0x7f, SKIPPED);
  memcpy(shifted + chunk + 16 + SKIPPED, file + chunk + 16, N_SAMPLES * 2);
  uint32_t n_chunk = 8 + SKIPPED + N_SAMPLES * 2;
  for (int i = 0; i < 4; i++) {
    shifted[chunk + 4 + (size_t)i] = (unsigned char)(n_chunk >> (24 - 8 * i));
  }
  shifted[chunk + 11] = SKIPPED;
  holds(shifted, size + SKIPPED, file, size, N_SAMPLES);
}

static void damaged_packets_are_refused(void **state)
{
  (void)state;
  static unsigned char file[MAX_FILE];
  static const char MESSAGE[] = "not readable as audio: damaged, its packets of samples break off";
  specrnn_audio *audio = NULL;
  size_t size = make(SF_FORMAT_SDS | SF_FORMAT_PCM_16, file, sizeof file);
  assert_true(size > 1000);
  file[21 + 3 * 127] = 0;
  assert_int_equal(specrnn_audio_open_memory(&audio, file, size, NULL, &LOG), SPECRNN_ERROR_FORMAT);
  assert_string_equal(last_error, MESSAGE);
  size = make(SF_FORMAT_CAF | SF_FORMAT_ALAC_16, file, sizeof file);
  unsigned char *table = NULL;
  for (size_t i = 0; i + 64 < size && !table; i++) {
    table = memcmp(file + i, "pakt", 4) ? NULL : file + i + 12 + 24;
  }
  assert_non_null(table);
  memset(table, 0xff, 6);
  assert_int_equal(specrnn_audio_open_memory(&audio, file, size, NULL, &LOG), SPECRNN_ERROR_FORMAT);
  assert_string_equal(last_error, MESSAGE);
}

/* MP3 in a WAV gives what it gives alone, and a cut of it is told. */
static void mpeg_in_a_wav_is_checked(void **state)
{
  (void)state;
  static unsigned char file[MAX_FILE];
  static unsigned char mp3[MAX_FILE];
  size_t size = read_file(SAMPLES_DIR "/voice_german.mp3", mp3, sizeof mp3);
  sound plain = load_memory(mp3, size, NULL, 1000);
  wav_header header = {0x55, 1, 44100, 0, (unsigned)size + 36, (unsigned)size};
  size_t whole = wav_make(file, &header, mp3, size);
  sound got = load_memory(file, whole, NULL, 1000);
  succeeds(got.status);
  assert_int_equal(got.n_frames, plain.n_frames);
  assert_memory_equal(got.samples, plain.samples, got.n_frames * sizeof(float));
  assert_string_equal(got.info.container, "WAV (Microsoft)");
  sound cut = load_memory(file, whole - 5000, NULL, 1000);
  assert_int_equal(cut.status, SPECRNN_ERROR_FORMAT);
  assert_string_equal(last_error, "truncated: its header promises 25749 bytes of sound, and there are 20749");
  free(plain.samples);
  free(got.samples);
  free(cut.samples);
}

static void libraries_print_nothing(void **state)
{
  (void)state;
  FILE *file = tmpfile();
  assert_non_null(file);
  int kept = dup(STDERR_FILENO);
  assert_true(kept >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
  sound got = load(case_path("T_t.mp3"), NULL, 1000);
  dup2(kept, STDERR_FILENO);
  close(kept);
  struct stat status;
  assert_int_equal(fstat(fileno(file), &status), 0);
  assert_int_equal(status.st_size, 0);
  assert_int_equal(got.status, SPECRNN_ERROR_FORMAT);
  free(got.samples);
  fclose(file);
}

static void formats_that_are_not_read_are_named(void **state)
{
  (void)state;
  static const struct {
    char bytes[64];
    const char *name;
  } CASES[] = {
      {"\0\0\0\x20"
       "ftypM4A ........................",
       "MP4 (AAC or ALAC)"},
      {"\x30\x26\xb2\x75\x8e\x66\xcf\x11 and so on, and so on", "ASF (WMA)"},
      {"\x1a\x45\xdf\xa3 and so on, and so on, and so on", "Matroska or WebM"},
      {"#!AMR\n and so on, and so on, and so on", "AMR"},
      {"MAC \x96\x0f and so on, and so on, and so on", "Monkey's Audio (APE)"},
      {"wvpk and so on, and so on, and so on", "WavPack"},
      {"MPCK and so on, and so on, and so on", "Musepack"},
  };
  for (size_t i = 0; i < COUNT(CASES); i++) {
    specrnn_audio *audio = NULL;
    char expected[256];
    snprintf(expected, sizeof expected,
             "%s, which is not read; ffmpeg turns it into WAV: ffmpeg -i FILE -f wav - | specrnn analyze -",
             CASES[i].name);
    specrnn_status status = specrnn_audio_open_memory(&audio, CASES[i].bytes, sizeof CASES[i].bytes, NULL, &LOG);
    assert_int_equal(status, SPECRNN_ERROR_UNSUPPORTED);
    assert_string_equal(last_error, expected);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(files_of_the_field_are_whole_or_refused),
      cmocka_unit_test(a_chain_holds_all_its_streams),
      cmocka_unit_test(a_chain_of_two_rates_is_refused),
      cmocka_unit_test(every_container_tells_a_cut),
      cmocka_unit_test(what_follows_the_samples_is_known_or_read),
      cmocka_unit_test(odd_sizes_are_padded_or_not),
      cmocka_unit_test(a_stale_block_codec_is_read_on),
      cmocka_unit_test(sizes_above_two_gigabytes_are_checked),
      cmocka_unit_test(damaged_ogg_is_told),
      cmocka_unit_test(another_file_behind_is_told),
      cmocka_unit_test(tags_in_front_take_nothing),
      cmocka_unit_test(tags_in_front_hide_no_chain),
      cmocka_unit_test(an_offset_in_aiff_is_no_sound),
      cmocka_unit_test(damaged_packets_are_refused),
      cmocka_unit_test(mpeg_in_a_wav_is_checked),
      cmocka_unit_test(libraries_print_nothing),
      cmocka_unit_test(formats_that_are_not_read_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
