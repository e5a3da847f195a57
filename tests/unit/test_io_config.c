/* Configurations written as JSON and read back, exactly and strictly. */
#include <math.h>

#include "io_testing.h"

typedef struct toy_config {
  int n_fft;
  double top_db;
  double power;
  bool center;
  int window;
  uint64_t seed;
} toy_config;

static const char *const WINDOWS[] = {"hann", "hamming", NULL};
static const specrnn_option OPTIONS[] = {
    {"n_fft", SPECRNN_OPTION_INT, offsetof(toy_config, n_fft), 1, 65536, NULL, NULL, 0, NULL, "size"},
    {"top_db", SPECRNN_OPTION_DOUBLE, offsetof(toy_config, top_db), 0, 1000, NULL, "none", -1, "dB", "range kept"},
    {"power", SPECRNN_OPTION_DOUBLE, offsetof(toy_config, power), 0, INFINITY, NULL, NULL, 0, NULL, "exponent"},
    {"center", SPECRNN_OPTION_BOOL, offsetof(toy_config, center), 0, 1, NULL, NULL, 0, NULL, "pad both ends"},
    {"window", SPECRNN_OPTION_CHOICE, offsetof(toy_config, window), 0, 0, WINDOWS, NULL, 0, NULL, "shape"},
    {"seed", SPECRNN_OPTION_UINT64, offsetof(toy_config, seed), 0, 0, NULL, NULL, 0, NULL, "of the noise"},
};
static const toy_config DEFAULTS = {512, 80.0, 2.0, true, 0, 1};
static const specrnn_option_table TABLE = {"toy", OPTIONS, COUNT(OPTIONS), sizeof(toy_config), &DEFAULTS};

static const struct {
  toy_config config;
  const char *json;
} CASES[] = {
    {{512, 80.0, 2.0, true, 0, 1},
     "{\"n_fft\": 512, \"top_db\": 80, \"power\": 2, \"center\": true, \"window\": \"hann\", \"seed\": 1}"},
    {{400, -1, 0.1, false, 1, INT64_MAX},
     "{\"n_fft\": 400, \"top_db\": \"none\", \"power\": 0.1, \"center\": false, \"window\": \"hamming\", "
     "\"seed\": 9223372036854775807}"},
    {{1, 0.30000000000000004, INFINITY, false, 1, UINT64_MAX},
     "{\"n_fft\": 1, \"top_db\": 0.30000000000000004, \"power\": \"inf\", \"center\": false, \"window\": "
     "\"hamming\", \"seed\": \"18446744073709551615\"}"},
};

static void round_trips(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(CASES); i++) {
    char *json = NULL;
    succeeds(specrnn_config_to_json(&json, &TABLE, &CASES[i].config, &LOG));
    assert_string_equal(json, CASES[i].json);
    toy_config read;
    succeeds(specrnn_config_from_json(&read, &TABLE, json, SPECRNN_UNKNOWN_KEYS_REFUSE, &LOG));
    assert_int_equal(read.n_fft, CASES[i].config.n_fft);
    assert_true(read.top_db == CASES[i].config.top_db);
    assert_true(read.power == CASES[i].config.power);
    assert_int_equal(read.center, CASES[i].config.center);
    assert_int_equal(read.window, CASES[i].config.window);
    assert_true(read.seed == CASES[i].config.seed);
    specrnn_json_destroy(&json);
    assert_null(json);
  }
}

static void the_locale_changes_nothing(void **state)
{
  in_comma_locale(round_trips, state);
}

static void missing_keys_are_defaults(void **state)
{
  (void)state;
  toy_config read;
  succeeds(specrnn_config_from_json(&read, &TABLE, "{\"seed\": 7}", SPECRNN_UNKNOWN_KEYS_REFUSE, &LOG));
  assert_int_equal(read.n_fft, 512);
  assert_true(read.top_db == 80.0);
  assert_true(read.seed == 7);
  succeeds(specrnn_config_from_json(&read, &TABLE, "{\"other\": {}, \"n-fft\": 2}", SPECRNN_UNKNOWN_KEYS_IGNORE, &LOG));
  assert_int_equal(read.n_fft, 512);
}

static void a_byte_order_mark_is_no_part_of_the_text(void **state)
{
  (void)state;
  toy_config read;
  succeeds(specrnn_config_from_json(&read, &TABLE, "\xef\xbb\xbf{\"seed\": 7}", SPECRNN_UNKNOWN_KEYS_REFUSE, &LOG));
  assert_true(read.seed == 7);
}

static void a_file_of_features_holds_its_configuration(void **state)
{
  (void)state;
  toy_config read;
  succeeds(specrnn_config_from_json(&read, &TABLE,
                                    "{\"shape\": [2, 3], \"config\": {\"n_fft\": 400, \"center\": false}}",
                                    SPECRNN_UNKNOWN_KEYS_REFUSE, &LOG));
  assert_int_equal(read.n_fft, 400);
  assert_int_equal(read.center, false);
}

static void refuses_with_a_reason(void **state)
{
  (void)state;
  static const struct {
    const char *json;
    specrnn_status status;
    const char *message;
  } REFUSED[] = {
      {"", SPECRNN_ERROR_FORMAT,
       "the configuration is no JSON: line 1, column 0: '[' or '{' expected near end of file"},
      {"{\"n_fft\": 1", SPECRNN_ERROR_FORMAT,
       "the configuration is no JSON: line 1, column 11: '}' expected near end of file"},
      {"[1]", SPECRNN_ERROR_FORMAT, "the configuration is no JSON object"},
      {"\xff\xfe{", SPECRNN_ERROR_UNSUPPORTED, "the configuration is UTF-16; save it as UTF-8"},
      {"{\"n_fft\": 1, \"n_fft\": 2}", SPECRNN_ERROR_FORMAT,
       "the configuration is no JSON: line 1, column 20: duplicate object key near '\"n_fft\"'"},
      {"{\"hop\": 1}", SPECRNN_ERROR_ARGUMENT, "unknown toy option 'hop'"},
      {"{\"n-fft\": 1}", SPECRNN_ERROR_ARGUMENT, "unknown toy option 'n-fft'"},
      {"{\"n_fft\": \"512\"}", SPECRNN_ERROR_ARGUMENT, "n_fft takes a whole number; the JSON has another type there"},
      {"{\"n_fft\": 512.0}", SPECRNN_ERROR_ARGUMENT, "n_fft takes a whole number; the JSON has another type there"},
      {"{\"n_fft\": null}", SPECRNN_ERROR_ARGUMENT, "n_fft takes a whole number; the JSON has another type there"},
      {"{\"n_fft\": 0}", SPECRNN_ERROR_ARGUMENT, "n_fft is 0; it must be from 1 to 65536"},
      {"{\"top_db\": \"all\"}", SPECRNN_ERROR_ARGUMENT,
       "top_db takes a number or \"none\"; the JSON has another type there"},
      {"{\"center\": 1}", SPECRNN_ERROR_ARGUMENT, "center takes true or false; the JSON has another type there"},
      {"{\"window\": 0}", SPECRNN_ERROR_ARGUMENT, "window takes one of its words; the JSON has another type there"},
      {"{\"window\": \"povey\"}", SPECRNN_ERROR_ARGUMENT, "window takes one of hann, hamming, not 'povey'"},
      {"{\"seed\": -1}", SPECRNN_ERROR_ARGUMENT, "seed takes a whole number from 0 to 2^64 - 1, not '-1'"},
      {"{\"seed\": \"1e3\"}", SPECRNN_ERROR_ARGUMENT, "seed takes a whole number; the JSON has another type there"},
  };
  for (size_t i = 0; i < COUNT(REFUSED); i++) {
    toy_config config;
    toy_config before;
    memset(&config, 0x5a, sizeof config);
    memcpy(&before, &config, sizeof config);
    assert_int_equal(specrnn_config_from_json(&config, &TABLE, REFUSED[i].json, SPECRNN_UNKNOWN_KEYS_REFUSE, &LOG),
                     REFUSED[i].status);
    assert_string_equal(last_message, REFUSED[i].message);
    assert_memory_equal(&config, &before, sizeof config);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(round_trips),
      cmocka_unit_test(the_locale_changes_nothing),
      cmocka_unit_test(missing_keys_are_defaults),
      cmocka_unit_test(a_byte_order_mark_is_no_part_of_the_text),
      cmocka_unit_test(a_file_of_features_holds_its_configuration),
      cmocka_unit_test(refuses_with_a_reason),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
