/* Status texts, option tables, the arena, random numbers, whole-or-nothing files. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/arena.h"
#include "core/checked.h"
#include "core/file.h"
#include "core/log.h"
#include "core/rng.h"
#include "specrnn/core.h"
#include "support/messages.h"

typedef struct toy_config {
  int n_fft;
  double top_db;
  bool center;
  int window;
  uint64_t seed;
} toy_config;

static const char *const WINDOWS[] = {"hann", "hamming", NULL};
static const specrnn_option OPTIONS[] = {
    {"n_fft", SPECRNN_OPTION_INT, offsetof(toy_config, n_fft), 1, 65536, NULL, NULL, 0, "samples",
     "size of the transform"},
    {"top_db", SPECRNN_OPTION_DOUBLE, offsetof(toy_config, top_db), 0, 1000, NULL, "none", INFINITY, "dB",
     "range kept"},
    {"center", SPECRNN_OPTION_BOOL, offsetof(toy_config, center), 0, 1, NULL, NULL, 0, NULL, "pad both ends"},
    {"window", SPECRNN_OPTION_CHOICE, offsetof(toy_config, window), 0, 0, WINDOWS, NULL, 0, NULL,
     "shape of the window"},
    {"seed", SPECRNN_OPTION_UINT64, offsetof(toy_config, seed), 0, 0, NULL, NULL, 0, NULL, "of the noise"},
};
static const toy_config DEFAULTS = {512, 80.0, true, 0, 1};
static const specrnn_option_table TABLE = {"toy", OPTIONS, sizeof OPTIONS / sizeof *OPTIONS, sizeof(toy_config),
                                           &DEFAULTS};

static void options_round_trip(void **state)
{
  (void)state;
  static const struct {
    const char *key, *text;
  } VALUES[] = {
      {"n_fft", "1023"},   {"top_db", "none"},    {"top_db", "0.1"},
      {"center", "false"}, {"window", "hamming"}, {"seed", "18446744073709551615"},
  };
  for (size_t i = 0; i < sizeof VALUES / sizeof *VALUES; i++) {
    toy_config config = DEFAULTS;
    char text[64];
    assert_int_equal(specrnn_option_set(&TABLE, &config, VALUES[i].key, VALUES[i].text, &LOG), SPECRNN_OK);
    specrnn_option_get(&TABLE, &config, specrnn_option_find(&TABLE, VALUES[i].key), text, sizeof text);
    assert_string_equal(text, VALUES[i].text);
    assert_int_equal(specrnn_option_validate(&TABLE, &config, &LOG), SPECRNN_OK);
  }
  assert_ptr_equal(specrnn_option_find(&TABLE, "n-fft"), &OPTIONS[0]);
}

static void options_refuse(void **state)
{
  (void)state;
  static const struct {
    const char *key, *text, *message;
  } VALUES[] = {
      {"n_fft", "0", "n_fft is 0; it must be from 1 to 65536 samples"},
      {"n_fft", "1.5", "n_fft takes a whole number, not '1.5'"},
      {"n_fft", "12x", "n_fft takes a number, not '12x'"},
      {"top_db", "nan", "top_db is nan; it must be from 0 to 1000 dB, or 'none'"},
      {"window", "blackmann", "window takes one of hann, hamming, not 'blackmann'"},
      {"seed", "-1", "seed takes a whole number from 0 to 2^64 - 1, not '-1'"},
      {"centre", "yes", "unknown toy option 'centre'"},
  };
  for (size_t i = 0; i < sizeof VALUES / sizeof *VALUES; i++) {
    toy_config config;
    memcpy(&config, &DEFAULTS, sizeof config); /* padding too, as the bytes are compared */
    assert_int_equal(specrnn_option_set(&TABLE, &config, VALUES[i].key, VALUES[i].text, &LOG), SPECRNN_ERROR_ARGUMENT);
    assert_string_equal(last_message, VALUES[i].message);
    assert_memory_equal(&config, &DEFAULTS, sizeof config);
  }
  toy_config config = DEFAULTS;
  config.window = 2;
  assert_int_equal(specrnn_option_validate(&TABLE, &config, &LOG), SPECRNN_ERROR_ARGUMENT);
}

/* Below and above the size from which memory comes in large pages, after memory of another content was given back. */
static void doubles_that_are_no_integers_are_told(void **state)
{
  (void)state;
  static const double NEITHER[] = {NAN, INFINITY, -INFINITY, 1e300, -1e300, 0x1p63, -0x1.0000000000001p63};
  int i = 7;
  int64_t j = 7;
  for (size_t k = 0; k < sizeof NEITHER / sizeof *NEITHER; k++) {
    assert_false(srn_int_of(NEITHER[k], &i));
    assert_false(srn_int64_of(NEITHER[k], &j));
  }
  assert_false(srn_int_of(2147483648.0, &i));
  assert_false(srn_int_of(-2147483649.0, &i));
  assert_int_equal(i, 7);
  assert_int_equal(j, 7);
  assert_true(srn_int_of(2147483647.9, &i) && i == INT_MAX);
  assert_true(srn_int_of(-2147483648.9, &i) && i == INT_MIN);
  assert_true(srn_int64_of(-0x1p63, &j) && j == INT64_MIN);
  assert_true(srn_int64_of(0x1.fffffffffffffp62, &j) && j == INT64_MAX - 1023);
  assert_true(srn_int_of(-0.9, &i) && i == 0);
  assert_true(srn_whole(NAN, 3, 9) == 3 && srn_whole(-INFINITY, 3, 9) == 3 && srn_whole(INFINITY, 3, 9) == 9);
  assert_true(srn_whole(1e300, 3, 9) == 9 && srn_whole(2.9, 3, 9) == 3 && srn_whole(8.9, 3, 9) == 8);
  assert_true(srn_whole(0x1p63, INT64_MIN, INT64_MAX) == INT64_MAX && srn_whole(-1e300, INT64_MIN, 0) == INT64_MIN);
  assert_true(srn_whole_int(-0.9, INT_MIN, INT_MAX) == 0 && srn_whole_int(1e10, INT_MIN, INT_MAX) == INT_MAX);
}

static void aligned_memory_is_zeroed(void **state)
{
  (void)state;
  static const size_t SIZES[] = {0, 1, 63, (1 << 20) - 1, 1 << 20, (5 << 20) + 3};
  for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
    for (int turn = 0; turn < 2; turn++) {
      unsigned char *memory = srn_aligned_calloc(SIZES[i], 1);
      assert_non_null(memory);
      assert_int_equal((uintptr_t)memory % SRN_ALIGNMENT, 0);
      for (size_t b = 0; b < SIZES[i]; b++) {
        assert_true(memory[b] == 0);
      }
      memset(memory, 0xff, SIZES[i]);
      srn_aligned_free(memory);
    }
  }
  assert_null(srn_aligned_calloc(SIZE_MAX / 2, 3));
  assert_null(srn_aligned_calloc(SIZE_MAX, 1));
}

static void arena_parts_are_aligned_and_apart(void **state)
{
  (void)state;
  srn_arena arena = {0};
  assert_null(srn_arena_take(&arena, 3, 7));
  assert_null(srn_arena_take(&arena, 5, 8));
  assert_true(srn_arena_allocate(&arena));
  unsigned char *first = srn_arena_take(&arena, 3, 7);
  unsigned char *second = srn_arena_take(&arena, 5, 8);
  assert_int_equal((uintptr_t)first % SRN_ALIGNMENT, 0);
  assert_int_equal(second - first, SRN_ALIGNMENT);
  assert_null(srn_arena_take(&arena, 1, 1));
  srn_arena_free(first);

  srn_arena huge = {0};
  srn_arena_take(&huge, SIZE_MAX / 2, 4);
  assert_false(srn_arena_allocate(&huge));
}

static void random_numbers_are_as_documented(void **state)
{
  (void)state;
  /* The first outputs of SplitMix64 with seed 1234567, as its authors publish them. */
  static const uint64_t EXPECTED[] = {UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
                                      UINT64_C(9817491932198370423)};
  for (uint64_t i = 0; i < 3; i++) {
    assert_true(srn_random_bits(1234567, i) == EXPECTED[i]);
  }
  double sum = 0.0;
  double squares = 0.0;
  enum { COUNT = 100000 };
  for (uint64_t i = 0; i < COUNT; i++) {
    double x = srn_random_normal(7, i);
    sum += x;
    squares += x * x;
  }
  assert_true(fabs(sum / COUNT) < 0.01);
  assert_true(fabs(squares / COUNT - 1.0) < 0.02);
}

static void files_are_whole_or_absent(void **state)
{
  (void)state;
  char folder[] = "/tmp/specrnn-test-XXXXXX";
  assert_non_null(mkdtemp(folder));
  char path[64];
  snprintf(path, sizeof path, "%s/out", folder);

  srn_file *file = NULL;
  assert_int_equal(srn_file_create(&file, path, &LOG), SPECRNN_OK);
  fputs("half", srn_file_stream(file));
  assert_int_equal(access(path, F_OK), -1);
  srn_file_abandon(&file);
  assert_null(file);
  assert_int_equal(rmdir(folder), 0); /* nothing was left in it */

  assert_non_null(mkdtemp(strcpy(folder, "/tmp/specrnn-test-XXXXXX")));
  snprintf(path, sizeof path, "%s/out", folder);
  assert_int_equal(srn_file_create(&file, path, &LOG), SPECRNN_OK);
  fputs("whole", srn_file_stream(file));
  assert_int_equal(srn_file_commit(&file, &LOG), SPECRNN_OK);
  assert_int_equal(access(path, R_OK), 0);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(rmdir(folder), 0);

  assert_int_equal(srn_file_create(&file, path, &LOG), SPECRNN_ERROR_IO);
  assert_non_null(strstr(last_message, "No such file or directory"));
  assert_int_equal(srn_file_create(&file, "/dev/full", &LOG), SPECRNN_OK);
  fputs("lost", srn_file_stream(file));
  assert_int_equal(srn_file_commit(&file, &LOG), SPECRNN_ERROR_IO);
  assert_non_null(strstr(last_message, "No space left on device"));
}

static void messages_are_one_line_of_utf8(void **state)
{
  (void)state;
  static const struct {
    const char *text, *message;
  } CASES[] = {
      {"plain, Grüße, 音, \xf0\x9f\x8e\xb5", "plain, Grüße, 音, \xf0\x9f\x8e\xb5"},
      {"two\nlines\r\tand \x1b[31m\x7f", "two?lines??and ?[31m?"},
      {"\xff\xfe", "??"},
      {"a\xc3", "a?"}, /* cut off */
      {"\xe9\x9f", "??"},
      {"\xc0\xaf\xe0\x80\xaf", "?????"}, /* overlong */
      {"\xed\xa0\x80", "???"},           /* a surrogate */
      {"\xf4\x90\x80\x80", "????"},      /* beyond Unicode */
      {"\xc3\xa9\xa9", "é?"},
  };
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    assert_int_equal(srn_fail(&LOG, SPECRNN_ERROR_FORMAT, "%s", CASES[i].text), SPECRNN_ERROR_FORMAT);
    assert_string_equal(last_message, CASES[i].message);
  }
  char text[3000]; /* longer than a message: cut off in the middle of a character */
  for (size_t i = 0; i + 1 < sizeof text; i += 2) {
    memcpy(text + i, "é", 2);
  }
  text[sizeof text - 2] = '\0';
  srn_log(&LOG, SPECRNN_LOG_INFO, ".%s", text);
  size_t length = strlen(last_message);
  assert_int_equal(length, 1023);
  assert_memory_equal(last_message + length - 4, "éé", 4);
  srn_log(&LOG, SPECRNN_LOG_INFO, "%s", text);
  assert_string_equal(last_message + 1020, "é?");
}

static void the_nearest_name_is_found(void **state)
{
  (void)state;
  static const char *const NAMES[] = {"spectrogram", "mel", "mfcc", "n-fft", "hop-length", "waveform", NULL};
  static const char *const CASES[][2] = {
      {"spectogram", "spectrogram"},
      {"Mel", "mel"},
      {"n_fft", "n-fft"},
      {"hoplength", "hop-length"},
      {"wave", "waveform"},
      {"wafevorm", "waveform"},
      {"fmcc", "mfcc"},
      {"nonsense", NULL},
      {"", NULL},
      {"q", NULL},
      {"spectrogramme", "spectrogram"},
  };
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    const char *nearest = specrnn_nearest_name(CASES[i][0], NAMES);
    if (CASES[i][1]) {
      assert_non_null(nearest);
      assert_string_equal(nearest, CASES[i][1]);
    } else {
      assert_null(nearest);
    }
  }
  char longer[1000];
  memset(longer, 'm', sizeof longer - 1);
  longer[sizeof longer - 1] = '\0';
  assert_null(specrnn_nearest_name(longer, NAMES));
}

static void a_choice_that_is_none_is_not_read(void **state)
{
  (void)state;
  static const char *const WORDS[] = {"a", "b", NULL};
  static const specrnn_option OPTION = {"letter", SPECRNN_OPTION_CHOICE, 0, 0, 0, WORDS, NULL, 0, NULL, "help"};
  static const int DEFAULT = 0;
  const specrnn_option_table table = {"test", &OPTION, 1, sizeof(int), &DEFAULT};
  static const int VALUES[] = {77, -1, 2, 1};
  static const char *const TEXTS[] = {"?", "?", "?", "b"};
  for (size_t i = 0; i < sizeof VALUES / sizeof *VALUES; i++) {
    char text[8];
    specrnn_option_get(&table, &VALUES[i], &OPTION, text, sizeof text);
    assert_string_equal(text, TEXTS[i]);
  }
}

static void times_are_read_as_they_are_written(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    double seconds;
  } GOOD[] = {
      {"75.5", 75.5},    {"1e3", 1000.0},        {"-2", -2.0},        {"inf", INFINITY},       {"1:15.5", 75.5},
      {"0:00", 0.0},     {"90:00", 5400.0},      {"1:00:00", 3600.0}, {"25:01:02.5", 90062.5}, {"1m15s", 75.0},
      {"1m15.5s", 75.5}, {"1h", 3600.0},         {"1h5s", 3605.0},    {"250ms", 0.25},         {"2s500ms", 2.5},
      {"1.5h", 5400.0},  {"1h0m2.25s", 3602.25},
  };
  static const char *const BAD[] = {"",       ":",       "1:",   "1:5",   "1:60",  "1:15:", ":30",     "1:2:3:4",
                                    "1.5:00", "1:00:60", "1m15", "15s1m", "1m1m",  "m",     "1 m",     "1x",
                                    "1:15s",  "-1:00",   "1:-5", "1:1e1", "1..5s", "1s ",   "0x10:00", "1:00.5:00"};
  for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
    double seconds = -1.0;
    if (!specrnn_seconds_parse(GOOD[i].text, &seconds) || seconds != GOOD[i].seconds) {
      fail_msg("'%s' is %.17g instead of %.17g", GOOD[i].text, seconds, GOOD[i].seconds);
    }
  }
  for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
    double seconds = -7.0;
    if (specrnn_seconds_parse(BAD[i], &seconds) || seconds != -7.0) {
      fail_msg("'%s' is %g", BAD[i], seconds);
    }
  }
}

/* The unit of an option says that it is a time. */
static void options_in_seconds_take_times(void **state)
{
  (void)state;
  static const specrnn_option PAIR[] = {{"at", SPECRNN_OPTION_DOUBLE, 0, 0, 1e9, NULL, "none", INFINITY, "s", "help"},
                                        {"hz", SPECRNN_OPTION_DOUBLE, 0, 0, 1e9, NULL, NULL, 0, "Hz", "help"}};
  static const double DEFAULT = 0.0;
  const specrnn_option_table table = {"test", PAIR, 2, sizeof(double), &DEFAULT};
  double value = 0.0;
  assert_int_equal(specrnn_option_set(&table, &value, "at", "1:00:00", &LOG), SPECRNN_OK);
  assert_true(value == 3600.0);
  assert_int_equal(specrnn_option_set(&table, &value, "at", "none", &LOG), SPECRNN_OK);
  assert_true(value == INFINITY);
  assert_int_equal(specrnn_option_set(&table, &value, "at", "1:5", &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_non_null(strstr(last_message, "a time such as 75.5, 1:15.5 or 1m15.5s or 'none', not '1:5'"));
  assert_int_equal(specrnn_option_set(&table, &value, "hz", "1:00", &LOG), SPECRNN_ERROR_ARGUMENT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_nearest_name_is_found),
      cmocka_unit_test(a_choice_that_is_none_is_not_read),
      cmocka_unit_test(times_are_read_as_they_are_written),
      cmocka_unit_test(options_in_seconds_take_times),
      cmocka_unit_test(options_round_trip),
      cmocka_unit_test(options_refuse),
      cmocka_unit_test(doubles_that_are_no_integers_are_told),
      cmocka_unit_test(aligned_memory_is_zeroed),
      cmocka_unit_test(arena_parts_are_aligned_and_apart),
      cmocka_unit_test(random_numbers_are_as_documented),
      cmocka_unit_test(files_are_whole_or_absent),
      cmocka_unit_test(messages_are_one_line_of_utf8),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
