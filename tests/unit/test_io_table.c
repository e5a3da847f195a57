/* Tables of frames in every format, and the reader of CSV. */
#include <math.h>

#include "io_tables.h"

static void extensions_name_formats(void **state)
{
  (void)state;
  static const struct {
    const char *path;
    specrnn_table_format format;
    bool many;
  } PATHS[] = {
      {"a.npy", SPECRNN_TABLE_NPY, false}, {"b.x/a.NPZ", SPECRNN_TABLE_NPZ, true},
      {"a.csv", SPECRNN_TABLE_CSV, false}, {"a.b.json", SPECRNN_TABLE_JSON, false},
      {"a.ark", SPECRNN_TABLE_ARK, true},  {"a.raw", SPECRNN_TABLE_RAW, false},
      {".f32", SPECRNN_TABLE_RAW, false},
  };
  specrnn_table_format format;
  for (size_t i = 0; i < COUNT(PATHS); i++) {
    succeeds(specrnn_table_format_of_path(&format, PATHS[i].path, &LOG));
    assert_int_equal(format, PATHS[i].format);
    assert_int_equal(specrnn_table_format_holds_many(format), PATHS[i].many);
  }
  assert_int_equal(specrnn_table_format_of_path(&format, "dir.npy/a", &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_string_equal(last_message,
                      "the extension of 'a' names no format; .npy, .npz, .csv, .json, .ark, .raw and .f32 do");
}

static void csv_is_as_documented(void **state)
{
  (void)state;
  test_folder folder;
  const char *path = folder_make(&folder, "out.csv");
  write_file(path, true, 1);
  static const char WITH_AXES[] = "time_s,0,31.25\r\n"
                                  "0,0,0.100000001\r\n"
                                  "0.1,-80,1.5\r\n"
                                  "0.016,3.00000001e+38,1.40129846e-45\r\n";
  file_holds(path, WITH_AXES, sizeof WITH_AXES - 1);
  write_file(path, false, 3);
  static const char BARE[] = "frame,0,1\r\n"
                             "0,0,0.100000001\r\n"
                             "1,-80,1.5\r\n"
                             "2,3.00000001e+38,1.40129846e-45\r\n";
  file_holds(path, BARE, sizeof BARE - 1);
  specrnn_array *array = NULL;
  succeeds(specrnn_csv_load(&array, path, &LOG));
  assert_int_equal(array->dtype, SPECRNN_F64);
  assert_int_equal(array->shape[0], 3);
  assert_int_equal(array->shape[1], 2);
  specrnn_array *floats = NULL;
  succeeds(specrnn_array_to_f32(&floats, array, SPECRNN_FINITE_REQUIRED, &LOG));
  assert_memory_equal(floats->data, ROWS, sizeof ROWS); /* every bit comes back */
  specrnn_array_destroy(&floats);
  specrnn_array_destroy(&array);
  folder_remove(&folder, 1);
}

static void json_is_as_documented(void **state)
{
  (void)state;
  test_folder folder;
  const char *path = folder_make(&folder, "out.json");
  write_file(path, true, 1);
  static const char WITH_AXES[] = "{\n\"sample_rate\": 16000,\n\"frequencies\": [0, 31.25],\n"
                                  "\"config\": {\"window\": \"hann\"},\n"
                                  "\"data\": [\n[0, 0.100000001],\n[-80, 1.5],\n[3.00000001e+38, 1.40129846e-45]\n],\n"
                                  "\"times\": [0, 0.1, 0.016],\n\"shape\": [3, 2]\n}\n";
  file_holds(path, WITH_AXES, sizeof WITH_AXES - 1);

  const double values[] = {0.1, 1.0 / 3.0, NAN, -INFINITY};
  specrnn_table_info info = SPECRNN_TABLE_INFO_INIT;
  info.dtype = SPECRNN_F64;
  info.n_columns = 4;
  specrnn_table_writer *writer = NULL;
  succeeds(specrnn_table_writer_create(&writer, path, SPECRNN_TABLE_JSON, &LOG));
  succeeds(specrnn_table_begin(writer, &info, &LOG));
  succeeds(specrnn_table_append(writer, values, 1, NULL, &LOG));
  succeeds(specrnn_table_writer_commit(&writer, &LOG)); /* ends the table too */
  static const char DOUBLES[] = "{\n\"data\": [\n[0.1, 0.3333333333333333, null, null]\n],\n\"shape\": [1, 4]\n}\n";
  file_holds(path, DOUBLES, sizeof DOUBLES - 1);
  folder_remove(&folder, 1);
}

static void text_ignores_the_locale(void **state)
{
  in_comma_locale(csv_is_as_documented, state);
  in_comma_locale(json_is_as_documented, state);
}

static void raw_is_the_rows(void **state)
{
  (void)state;
  test_folder folder;
  const char *path = folder_make(&folder, "out.f32");
  write_file(path, true, 3);
  file_holds(path, ROWS, sizeof ROWS);
  folder_remove(&folder, 1);
}

/* Fed by rows, the file is what one call would write, whose bytes are compared with NumPy's elsewhere. */
static void npy_grows_to_the_same_bytes(void **state)
{
  (void)state;
  test_folder whole;
  test_folder grown;
  const char *whole_path = folder_make(&whole, "whole.npy");
  const char *grown_path = folder_make(&grown, "grown.npy");
  const size_t shape[] = {3, 2};
  specrnn_array view = specrnn_array_view(SPECRNN_F32, 2, shape, ROWS);
  succeeds(specrnn_npy_save(whole_path, &view, &LOG));
  write_file(grown_path, true, 1);
  size_t size;
  unsigned char *bytes = read_bytes(whole_path, &size);
  file_holds(grown_path, bytes, size);
  free(bytes);
  folder_remove(&whole, 1);
  folder_remove(&grown, 1);
}

static void check_channels(const specrnn_array *array)
{
  assert_int_equal(array->rank, 3);
  assert_int_equal(array->shape[0], 2);
  assert_int_equal(array->shape[1], 3);
  assert_int_equal(array->shape[2], 1);
  assert_memory_equal(array->data, ROWS, sizeof ROWS);
}

static void channels_are_a_leading_axis(void **state)
{
  (void)state;
  static const char *const NAMES[] = {"out.npy", "out.npz"};
  static const double times[] = {0, 1, 2, 0, 1, 2};
  for (size_t i = 0; i < COUNT(NAMES); i++) {
    test_folder folder;
    const char *path = folder_make(&folder, NAMES[i]);
    specrnn_table_format format;
    specrnn_table_writer *writer = NULL;
    specrnn_table_info info = SPECRNN_TABLE_INFO_INIT;
    info.n_columns = 1;
    info.n_channels = 2;
    succeeds(specrnn_table_format_of_path(&format, path, &LOG));
    succeeds(specrnn_table_writer_create(&writer, path, format, &LOG));
    succeeds(specrnn_table_begin(writer, &info, &LOG));
    succeeds(specrnn_table_append(writer, ROWS, 4, times, &LOG));
    succeeds(specrnn_table_append(writer, ROWS + 4, 2, times + 4, &LOG));
    succeeds(specrnn_table_writer_commit(&writer, &LOG));
    specrnn_array *array = NULL;
    if (format == SPECRNN_TABLE_NPY) {
      succeeds(specrnn_npy_load(&array, path, &LOG));
      check_channels(array);
    } else {
      specrnn_npz *npz = NULL;
      succeeds(specrnn_npz_open(&npz, path, &LOG));
      succeeds(specrnn_npz_read(&array, npz, "features", &LOG));
      check_channels(array);
      specrnn_array_destroy(&array);
      succeeds(specrnn_npz_read(&array, npz, "times", &LOG));
      assert_int_equal(array->shape[0], 3);
      assert_memory_equal(array->data, times, 3 * sizeof *times);
      specrnn_npz_close(&npz);
    }
    specrnn_array_destroy(&array);

    succeeds(specrnn_table_writer_create(&writer, path, format, &LOG));
    succeeds(specrnn_table_begin(writer, &info, &LOG));
    succeeds(specrnn_table_append(writer, ROWS, 5, NULL, &LOG));
    assert_int_equal(specrnn_table_writer_commit(&writer, &LOG), SPECRNN_ERROR_SHAPE);
    assert_string_equal(last_message, "5 rows are not as many for each of 2 channels");
    folder_remove(&folder, 1); /* the good file of before */
  }
}

static double scalar_of(specrnn_npz *npz, const char *name)
{
  specrnn_array *array = NULL;
  succeeds(specrnn_npz_read(&array, npz, name, &LOG));
  assert_int_equal(array->rank, 0);
  double value = ((double *)array->data)[0];
  specrnn_array_destroy(&array);
  return value;
}

static void holds_doubles(specrnn_npz *npz, const char *name, const double *values, size_t count)
{
  specrnn_array *array = NULL;
  succeeds(specrnn_npz_read(&array, npz, name, &LOG));
  assert_int_equal(array->dtype, SPECRNN_F64);
  assert_int_equal(specrnn_array_count(array), count);
  assert_memory_equal(array->data, values, count * sizeof *values);
  specrnn_array_destroy(&array);
}

static void npz_holds_axes_and_configuration(void **state)
{
  (void)state;
  test_folder folder;
  const char *path = folder_make(&folder, "out.npz");
  specrnn_table_writer *writer = NULL;
  succeeds(specrnn_table_writer_create(&writer, path, SPECRNN_TABLE_NPZ, &LOG));
  write_table(writer, "a.wav", true, 1);
  write_table(writer, "b.wav", true, 3);
  succeeds(specrnn_table_writer_commit(&writer, &LOG));

  specrnn_npz *npz = NULL;
  succeeds(specrnn_npz_open(&npz, path, &LOG));
  assert_int_equal(specrnn_npz_count(npz), 10);
  assert_true(scalar_of(npz, "b.wav/sample_rate") == 16000);
  holds_doubles(npz, "a.wav/times", TIMES, 3);
  holds_doubles(npz, "b.wav/times", TIMES, 3);
  holds_doubles(npz, "b.wav/frequencies", FREQUENCIES, 2);
  specrnn_array *array = NULL;
  succeeds(specrnn_npz_read(&array, npz, "b.wav/features", &LOG));
  assert_memory_equal(array->data, ROWS, sizeof ROWS);
  specrnn_array_destroy(&array);
  char **texts = NULL;
  size_t count;
  succeeds(specrnn_npz_read_texts(&texts, &count, npz, "a.wav/config", &LOG));
  assert_string_equal(texts[0], "{\"window\": \"hann\"}");
  specrnn_texts_destroy(&texts);
  specrnn_npz_close(&npz);

  write_file(path, true, 1);
  succeeds(specrnn_npz_open(&npz, path, &LOG));
  assert_true(specrnn_npz_has(npz, "features") && specrnn_npz_has(npz, "times"));
  specrnn_npz_close(&npz);
  folder_remove(&folder, 1);
}

#define THIRTY_ZEROS  "000000000000000000000000000000"
#define NINETY_DIGITS "100000000000000000000000000000" THIRTY_ZEROS THIRTY_ZEROS

static void csv_refuses(const char *path, const void *bytes, size_t size, const char *message)
{
  specrnn_array *array = NULL;
  write_bytes(path, bytes, size);
  assert_int_equal(specrnn_csv_load(&array, path, &LOG), SPECRNN_ERROR_UNSUPPORTED);
  assert_string_equal(last_message, message);
  assert_null(array);
}

static void csv_is_utf8(void **state)
{
  (void)state;
  test_folder folder;
  const char *path = folder_make(&folder, "in.csv");
  csv_refuses(path,
              "\xff\xfe"
              "1\0,\0"
              "2\0\n",
              9, "the text is UTF-16; save it as UTF-8");
  csv_refuses(path,
              "\xfe\xff\0"
              "1\0\n",
              6, "the text is UTF-16; save it as UTF-8");
  csv_refuses(path,
              "1\0,\0"
              "2\0\n",
              7, "the text has a zero byte at 1: it is UTF-16, which is to be saved as UTF-8, or no text");
  csv_refuses(path, "1,2\0\n", 5,
              "the text has a zero byte at 3: it is UTF-16, which is to be saved as UTF-8, or no text");
  folder_remove(&folder, 1);
}

static void csv_reads_what_others_write(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    const char *shape; /* or the message */
    bool valid;
    double last;
  } FILES[] = {
      {"1,2,3\n4,5,6\n", "(2, 3)", true, 6},
      {"1,2,3\n4,5,6", "(2, 3)", true, 6},
      {"\xef\xbb\xbf"
       "1 , 2\r\n -3e-2,\t4.25\r\n\r\n",
       "(2, 2)", true, 4.25},
      {"\"a, \"\"b\"\"\",c\n\"1.5\",2\n", "(1, 2)", true, 2},
      {"7", "(1, 1)", true, 7},
      {"a,b\n", "(0, 2)", true, 0},
      {"time_s,0\n0.5,9\n", "(1, 1)", true, 9},
      {"", "the CSV is empty", false, 0},
      {"1,2\n3\n", "line 2 has 1 cell; the first line has 2", false, 0},
      {"1,2\n3,4,5\n", "line 2 has 3 cells; the first line has 2", false, 0},
      {"a,b\n1,x\n", "line 2, column 2: 'x' is no number", false, 0},
      {"1,\n", "line 1, column 2: '' is no number", false, 0},
      {"1,,,,,,,,,,\n", "line 1, column 2: '' is no number", false, 0},
      {"1,0.5.\n", "line 1, column 2: '0.5.' is no number", false, 0},
      {"1.5x,2\n3,4\n5,6\n", "line 1, column 1: '1.5x' is no number", false, 0},
      {"NA,2,3\n4,5,6\n", "line 1, column 1: 'NA' is no number", false, 0},
      {"NA\n4\n", "line 1, column 1: 'NA' is no number", false, 0},
      {",2,3\n4,5,6\n", "line 1, column 1: '' is no number", false, 0},
      {",\n4,5\n", "line 1, column 1: '' is no number", false, 0},
      {"1_000\n2\n", "line 1, column 1: '1_000' is no number", false, 0},
      {"1d3\n2\n", "line 1, column 1: '1d3' is no number", false, 0},
      {"True\n2\n", "line 1, column 1: 'True' is no number", false, 0},
      {"\"1\"garbage,2\n3,4\n", "line 1, column 1: something follows a closing quote", false, 0},
      {"1,\"1\"\"2\"\n", "line 1, column 2: '1\"\"2' is no number", false, 0},
      {"1,2\n\"3,4\n5,6\n", "line 2, column 1: a quote is not closed", false, 0},
      {"a,b\n1,\"2\n3,4\n", "line 2, column 2: a quote is not closed", false, 0},
      {"# made by numpy\n# a,b\n1,2\n# 3,\"4\n5,6\n# end", "(2, 2)", true, 6},
      {"a,b\n#c\n1,2\n", "(1, 2)", true, 2},
      {"# a\n", "the CSV is empty", false, 0},
      {"1,#2\n", "line 1, column 2: '#2' is no number", false, 0},
      {"0x10,1\n", "line 1, column 1: '0x10' is no number", false, 0},
      {"1 2\n3 4\n", "line 1, column 1: '1 2' is no number; columns are divided by commas", false, 0},
      {"1\t2\n", "line 1, column 1: '1?2' is no number; columns are divided by commas", false, 0},
      {"1,2\r3,4\r", "line 1, column 2: '2?3' is no number; lines end with LF, or CR and LF", false, 0},
      {"1\n  \n", "line 2, column 1: '' is no number", false, 0},
      {"1\n\n2\n", "line 2, column 1: '' is no number", false, 0},
      {"nan,-inf\n1e400,4\n", "(2, 2)", true, 4},
      {NINETY_DIGITS "\n", "(1, 1)", true, 1e89},
      {NINETY_DIGITS "z\n",
       "line 1, column 1: '1000000000000000000000000000000000000000000000000000000000000000'... is no number", false,
       0},
      {"\"3\n5\n", "line 1, column 1: a quote is not closed", false, 0},
      {"1;2\n3;4\n", "line 1, column 1: '1;2' is no number; columns are divided by commas", false, 0},
      {"a,b\n1,5;2,5\n", "line 2 has 3 cells; the first line has 2", false, 0},
      {"1700000000.125\n", "(1, 1)", true, 1700000000.125},
      {",a\n0,4\n", "(1, 2)", true, 4},
      {"\"time\", \"x\" \n1,\"2\" \n", "(1, 2)", true, 2},
  };
  test_folder folder;
  const char *path = folder_make(&folder, "in.csv");
  for (size_t i = 0; i < COUNT(FILES); i++) {
    write_bytes(path, FILES[i].text, strlen(FILES[i].text));
    specrnn_array *array = NULL;
    specrnn_status status = specrnn_csv_load(&array, path, &LOG);
    if (FILES[i].valid) {
      char shape[32];
      succeeds(status);
      specrnn_array_shape_text(array, shape, sizeof shape);
      assert_string_equal(shape, FILES[i].shape);
      size_t count = specrnn_array_count(array);
      assert_true(count == 0 || ((double *)array->data)[count - 1] == FILES[i].last);
      specrnn_array_destroy(&array);
    } else {
      assert_int_equal(status, SPECRNN_ERROR_FORMAT);
      assert_string_equal(last_message, FILES[i].shape);
      assert_null(array);
    }
  }
  folder_remove(&folder, 1);
}

static void calls_out_of_order_are_errors(void **state)
{
  (void)state;
  test_folder folder;
  const char *path = folder_make(&folder, "out.csv");
  specrnn_table_writer *writer = NULL;
  specrnn_table_info info = SPECRNN_TABLE_INFO_INIT;
  succeeds(specrnn_table_writer_create(&writer, path, SPECRNN_TABLE_CSV, &LOG));
  assert_int_equal(specrnn_table_append(writer, ROWS, 1, NULL, &LOG), SPECRNN_ERROR_STATE);
  assert_int_equal(specrnn_table_end(writer, &LOG), SPECRNN_ERROR_STATE);
  assert_int_equal(specrnn_table_begin(writer, &info, &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_string_equal(last_message, "a table of 0 columns");
  info.n_columns = 2;
  info.dtype = SPECRNN_C64;
  assert_int_equal(specrnn_table_begin(writer, &info, &LOG), SPECRNN_ERROR_UNSUPPORTED);
  info.dtype = SPECRNN_F32;
  info.config_json = "[]";
  assert_int_equal(specrnn_table_begin(writer, &info, &LOG), SPECRNN_ERROR_FORMAT);
  assert_string_equal(last_message, "the table's configuration is no JSON object");
  info.config_json = NULL;
  succeeds(specrnn_table_begin(writer, &info, &LOG));
  assert_int_equal(specrnn_table_begin(writer, &info, &LOG), SPECRNN_ERROR_STATE);
  succeeds(specrnn_table_append(writer, ROWS, 1, TIMES, &LOG));
  assert_int_equal(specrnn_table_append(writer, ROWS, 1, NULL, &LOG), SPECRNN_ERROR_ARGUMENT);
  succeeds(specrnn_table_end(writer, &LOG));
  assert_int_equal(specrnn_table_begin(writer, &info, &LOG), SPECRNN_ERROR_UNSUPPORTED);
  specrnn_table_writer_abandon(&writer);
  folder_remove(&folder, 0);

  path = folder_make(&folder, "out.ark");
  succeeds(specrnn_table_writer_create(&writer, path, SPECRNN_TABLE_ARK, &LOG));
  assert_int_equal(specrnn_table_writer_commit(&writer, &LOG), SPECRNN_ERROR_EMPTY);
  succeeds(specrnn_table_writer_create(&writer, path, SPECRNN_TABLE_ARK, &LOG));
  write_table(writer, "twice", false, 3);
  info.name = "twice";
  assert_int_equal(specrnn_table_begin(writer, &info, &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_string_equal(last_message, "the name twice occurs twice");
  info.name = "my file.wav";
  assert_int_equal(specrnn_table_begin(writer, &info, &LOG), SPECRNN_ERROR_ARGUMENT);
  specrnn_table_writer_abandon(&writer);
  folder_remove(&folder, 0);
}

/* Of the table before, which could not be ended. */
static void a_drop_heals_no_other_failure(void **state)
{
  (void)state;
  test_folder folder;
  const char *path = folder_make(&folder, "failed.npz");
  specrnn_table_writer *writer = NULL;
  specrnn_table_info info = SPECRNN_TABLE_INFO_INIT;
  succeeds(specrnn_table_writer_create(&writer, path, SPECRNN_TABLE_NPZ, &LOG));
  info.name = "odd";
  info.n_columns = 2;
  info.n_channels = 2;
  succeeds(specrnn_table_begin(writer, &info, &LOG));
  succeeds(specrnn_table_append(writer, ROWS, 3, NULL, &LOG));
  assert_int_equal(specrnn_table_end(writer, &LOG), SPECRNN_ERROR_SHAPE);
  info.name = "dropped";
  succeeds(specrnn_table_begin(writer, &info, &LOG));
  succeeds(specrnn_table_drop(writer, &LOG));
  assert_int_equal(specrnn_table_writer_commit(&writer, &LOG), SPECRNN_ERROR_STATE);
  folder_remove(&folder, 0);
}

/* What fails within one table, or before it, leaves the others what they are. */
static void a_dropped_table_leaves_the_others(void **state)
{
  (void)state;
  static const specrnn_table_format FORMATS[] = {SPECRNN_TABLE_ARK, SPECRNN_TABLE_NPZ};
  static const char *const NAMES[] = {"out.ark", "out.npz"};
  for (size_t i = 0; i < COUNT(FORMATS); i++) {
    test_folder folder;
    const char *path = folder_make(&folder, NAMES[i]);
    size_t sizes[2];
    unsigned char *files[2];
    for (int drops = 0; drops < 2; drops++) {
      specrnn_table_writer *writer = NULL;
      specrnn_table_info info = SPECRNN_TABLE_INFO_INIT;
      info.n_columns = 2;
      succeeds(specrnn_table_writer_create(&writer, path, FORMATS[i], &LOG));
      write_table(writer, "first", false, 3);
      succeeds(specrnn_table_drop(writer, &LOG)); /* none is open */
      for (int k = 0; drops && k < 3; k++) {
        char name[16];
        snprintf(name, sizeof name, "dropped%d", k);
        info.name = name;
        succeeds(specrnn_table_begin(writer, &info, &LOG));
        for (int rows = 0; rows < 1000 * k; rows++) {
          succeeds(specrnn_table_append(writer, ROWS, 1, TIMES, &LOG));
        }
        succeeds(specrnn_table_drop(writer, &LOG));
      }
      write_table(writer, "second", false, 3);
      info.name = "last";
      succeeds(specrnn_table_begin(writer, &info, &LOG)); /* of no rows */
      if (drops) {
        succeeds(specrnn_table_drop(writer, &LOG));
      } else {
        specrnn_table_writer_abandon(&writer);
        succeeds(specrnn_table_writer_create(&writer, path, FORMATS[i], &LOG));
        write_table(writer, "first", false, 3);
        write_table(writer, "second", false, 3);
      }
      succeeds(specrnn_table_writer_commit(&writer, &LOG));
      files[drops] = read_bytes(path, &sizes[drops]);
    }
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(files[0], files[1], sizes[0]);
    free(files[0]);
    free(files[1]);
    folder_remove(&folder, FORMATS[i] == SPECRNN_TABLE_ARK ? 2 : 1);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(extensions_name_formats),
      cmocka_unit_test(csv_is_as_documented),
      cmocka_unit_test(json_is_as_documented),
      cmocka_unit_test(text_ignores_the_locale),
      cmocka_unit_test(raw_is_the_rows),
      cmocka_unit_test(npy_grows_to_the_same_bytes),
      cmocka_unit_test(channels_are_a_leading_axis),
      cmocka_unit_test(npz_holds_axes_and_configuration),
      cmocka_unit_test(csv_is_utf8),
      cmocka_unit_test(csv_reads_what_others_write),
      cmocka_unit_test(calls_out_of_order_are_errors),
      cmocka_unit_test(a_drop_heals_no_other_failure),
      cmocka_unit_test(a_dropped_table_leaves_the_others),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
