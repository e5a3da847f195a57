/* Where tables go and arrays come from: full disks, short writes, pipes, standard input. */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "io_tables.h"

/* Every format, to a full disk: more than any buffer holds, so that some fail in the middle and some at the end. */
static void a_full_disk_is_reported(void **state)
{
  (void)state;
  static const specrnn_table_format FORMATS[] = {SPECRNN_TABLE_RAW, SPECRNN_TABLE_NPY,  SPECRNN_TABLE_NPZ,
                                                 SPECRNN_TABLE_CSV, SPECRNN_TABLE_JSON, SPECRNN_TABLE_ARK};
  enum { COLUMNS = 1000, REPEATS = 20 };
  static float row[COLUMNS];
  for (size_t i = 0; i < COUNT(FORMATS); i++) {
    specrnn_table_writer *writer = NULL;
    specrnn_table_info info = SPECRNN_TABLE_INFO_INIT;
    info.n_columns = COLUMNS;
    succeeds(specrnn_table_writer_create(&writer, "/dev/full", FORMATS[i], &LOG));
    specrnn_status status = specrnn_table_begin(writer, &info, &LOG);
    for (int n = 0; !status && n < REPEATS; n++) {
      status = specrnn_table_append(writer, row, 1, NULL, &LOG);
    }
    if (status) {
      specrnn_table_writer_abandon(&writer);
    } else {
      status = specrnn_table_writer_commit(&writer, &LOG);
    }
    assert_int_equal(status, SPECRNN_ERROR_IO);
    assert_string_equal(last_message, "/dev/full: cannot write: No space left on device");
    assert_null(writer);
  }
}

/* Standard output as a pipe: the formats that seek are collected first, and arrive whole. */
static void pipes_get_the_bytes_of_files(void **state)
{
  (void)state;
  static const struct {
    specrnn_table_format format;
    const char *name;
  } FORMATS[] = {
      {SPECRNN_TABLE_RAW, "o.raw"}, {SPECRNN_TABLE_NPY, "o.npy"},   {SPECRNN_TABLE_NPZ, "o.npz"},
      {SPECRNN_TABLE_CSV, "o.csv"}, {SPECRNN_TABLE_JSON, "o.json"}, {SPECRNN_TABLE_ARK, "o.ark"},
  };
  for (size_t i = 0; i < COUNT(FORMATS); i++) {
    test_folder folder;
    const char *path = folder_make(&folder, FORMATS[i].name);
    write_file(path, true, 1);
    size_t size;
    unsigned char *expected = read_bytes(path, &size);
    unlink(path);

    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fflush(stdout);
    int kept = dup(STDOUT_FILENO);
    dup2(ends[1], STDOUT_FILENO);
    specrnn_table_writer *writer = NULL;
    specrnn_status status = specrnn_table_writer_create(&writer, "-", FORMATS[i].format, &LOG);
    if (!status) {
      write_table(writer, NULL, true, 1);
      status = specrnn_table_writer_commit(&writer, &LOG);
    }
    dup2(kept, STDOUT_FILENO);
    close(kept);
    close(ends[1]);
    succeeds(status);
    unsigned char got[4096];
    ssize_t length = read(ends[0], got, sizeof got);
    close(ends[0]);
    assert_int_equal(length, size);
    assert_memory_equal(got, expected, size);
    free(expected);
    folder_remove(&folder, FORMATS[i].format == SPECRNN_TABLE_ARK ? 1 : 0); /* the index of the file */
  }
}

/* A file that may not grow: writes are cut short, and neither the name nor a temporary file stays behind. */
static void a_short_write_leaves_nothing(void **state)
{
  (void)state;
  static const char *const NAMES[] = {"o.raw", "o.npy", "o.npz", "o.csv", "o.json", "o.ark"};
  enum { COLUMNS = 1000, REPEATS = 20, LIMIT = 20000 };
  static float row[COLUMNS];
  signal(SIGXFSZ, SIG_IGN);
  struct rlimit before;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  const struct rlimit low = {LIMIT, before.rlim_max};
  for (size_t i = 0; i < COUNT(NAMES); i++) {
    test_folder folder;
    const char *path = folder_make(&folder, NAMES[i]);
    specrnn_table_format format;
    specrnn_table_writer *writer = NULL;
    specrnn_table_info info = SPECRNN_TABLE_INFO_INIT;
    info.n_columns = COLUMNS;
    succeeds(specrnn_table_format_of_path(&format, path, &LOG));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    succeeds(specrnn_table_writer_create(&writer, path, format, &LOG));
    specrnn_status status = specrnn_table_begin(writer, &info, &LOG);
    for (int n = 0; n < REPEATS && !status; n++) {
      status = specrnn_table_append(writer, row, 1, NULL, &LOG);
    }
    specrnn_status end = specrnn_table_writer_commit(&writer, NULL); /* whatever happened before */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_not_equal(end, SPECRNN_OK);
    assert_int_equal(status ? status : end, SPECRNN_ERROR_IO);
    folder_remove(&folder, 0);
  }
}

static void a_closed_pipe_is_reported(void **state)
{
  (void)state;
  static const specrnn_table_format FORMATS[] = {SPECRNN_TABLE_RAW, SPECRNN_TABLE_NPY, SPECRNN_TABLE_CSV};
  signal(SIGPIPE, SIG_IGN);
  for (size_t i = 0; i < COUNT(FORMATS); i++) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    fflush(stdout);
    int kept = dup(STDOUT_FILENO);
    dup2(ends[1], STDOUT_FILENO);
    close(ends[1]);
    specrnn_table_writer *writer = NULL;
    specrnn_table_info info = SPECRNN_TABLE_INFO_INIT;
    info.n_columns = 2;
    specrnn_status created = specrnn_table_writer_create(&writer, "-", FORMATS[i], &LOG);
    specrnn_status status = created ? created : specrnn_table_begin(writer, &info, &LOG);
    if (!status) {
      status = specrnn_table_append(writer, ROWS, 3, NULL, &LOG);
    }
    if (!created) {
      specrnn_status end = specrnn_table_writer_commit(&writer, status ? NULL : &LOG);
      status = status ? status : end;
    }
    dup2(kept, STDOUT_FILENO);
    close(kept);
    clearerr(stdout);
    assert_int_equal(status, SPECRNN_ERROR_IO);
    assert_string_equal(last_message, "standard output: cannot write: Broken pipe");
  }
}

/* Standard input as a file and as a pipe. */
static void reads_standard_input(void **state)
{
  (void)state;
  size_t size;
  unsigned char *bytes = read_bytes(golden("v1_f4.npy"), &size);
  int kept = dup(STDIN_FILENO);
  for (int as_pipe = 0; as_pipe < 2; as_pipe++) {
    int input;
    if (as_pipe) {
      int ends[2];
      assert_int_equal(pipe(ends), 0);
      assert_int_equal(write(ends[1], bytes, size), size);
      close(ends[1]);
      input = ends[0];
    } else {
      input = open(golden("v1_f4.npy"), O_RDONLY);
    }
    dup2(input, STDIN_FILENO);
    close(input);
    specrnn_array *array = NULL;
    succeeds(specrnn_npy_load(&array, "-", &LOG));
    assert_int_equal(specrnn_array_count(array), 15);
    assert_true(((float *)array->data)[14] == 1.75F);
    specrnn_array_destroy(&array);
    clearerr(stdin);
  }
  dup2(kept, STDIN_FILENO);
  close(kept);
  free(bytes);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_full_disk_is_reported),      cmocka_unit_test(a_short_write_leaves_nothing),
      cmocka_unit_test(pipes_get_the_bytes_of_files), cmocka_unit_test(a_closed_pipe_is_reported),
      cmocka_unit_test(reads_standard_input),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
