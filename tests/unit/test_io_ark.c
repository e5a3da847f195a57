/* Kaldi archives, written with their index, and read. */
#include "io_tables.h"

static void ark_has_an_index(void **state)
{
  (void)state;
  test_folder folder;
  const char *path = folder_make(&folder, "out.ark");
  specrnn_table_writer *writer = NULL;
  succeeds(specrnn_table_writer_create(&writer, path, SPECRNN_TABLE_ARK, &LOG));
  write_table(writer, "utt1", true, 1);
  write_table(writer, "u2", false, 3);
  succeeds(specrnn_table_writer_commit(&writer, &LOG));

  char index[512];
  char index_path[128];
  /* "utt1 " is 5 bytes; a matrix 15 of head and 24 of data; "u2 " is 3. */
  snprintf(index, sizeof index, "utt1 %s:5\nu2 %s:47\n", path, path);
  snprintf(index_path, sizeof index_path, "%s/out.scp", folder.path);
  file_holds(index_path, index, strlen(index));

  specrnn_ark_reader *reader = NULL;
  specrnn_array *array = NULL;
  const char *key = NULL;
  succeeds(specrnn_ark_open(&reader, path, &LOG));
  static const char *const KEYS[] = {"utt1", "u2"};
  for (size_t i = 0; i < COUNT(KEYS); i++) {
    succeeds(specrnn_ark_next(&array, &key, reader, &LOG));
    assert_string_equal(key, KEYS[i]);
    assert_int_equal(array->shape[0], 3);
    assert_memory_equal(array->data, ROWS, sizeof ROWS);
    specrnn_array_destroy(&array);
  }
  assert_int_equal(specrnn_ark_next(&array, &key, reader, &LOG), SPECRNN_END);
  specrnn_ark_close(&reader);
  folder_remove(&folder, 2);
}

static void ark_reads_the_types_of_kaldi(void **state)
{
  (void)state;
  static const struct {
    const char *key;
    specrnn_dtype dtype;
    const char *shape;
  } ENTRIES[] = {
      {"utt1", SPECRNN_F32, "(3, 2)"},
      {"utt/2", SPECRNN_F32, "(0, 2)"},
      {"double", SPECRNN_F64, "(2, 2)"},
      {"vector", SPECRNN_F32, "(5,)"},
  };
  specrnn_ark_reader *reader = NULL;
  specrnn_array *array = NULL;
  const char *key = NULL;
  succeeds(specrnn_ark_open(&reader, golden("many.ark"), &LOG));
  for (size_t i = 0; i < COUNT(ENTRIES); i++) {
    char shape[32];
    succeeds(specrnn_ark_next(&array, &key, reader, &LOG));
    assert_string_equal(key, ENTRIES[i].key);
    assert_int_equal(array->dtype, ENTRIES[i].dtype);
    specrnn_array_shape_text(array, shape, sizeof shape);
    assert_string_equal(shape, ENTRIES[i].shape);
    specrnn_array *values = NULL;
    succeeds(specrnn_array_to_f32(&values, array, SPECRNN_FINITE_REQUIRED, &LOG));
    for (size_t n = 0; n < specrnn_array_count(values); n++) {
      assert_true(((float *)values->data)[n] == (float)n / 8);
    }
    specrnn_array_destroy(&values);
    specrnn_array_destroy(&array);
  }
  specrnn_ark_close(&reader);
}

/* Reads entries until something is wrong or nothing is left; gives the last status. */
static specrnn_status read_ark(const char *path, size_t *entries)
{
  specrnn_ark_reader *reader = NULL;
  specrnn_array *array = NULL;
  const char *key = NULL;
  succeeds(specrnn_ark_open(&reader, path, &LOG));
  specrnn_status status;
  for (*entries = 0; !(status = specrnn_ark_next(&array, &key, reader, &LOG)); ++*entries) {
    specrnn_array_destroy(&array);
  }
  assert_null(array);
  specrnn_ark_close(&reader);
  return status;
}

static void ark_refuses_with_a_reason(void **state)
{
  (void)state;
  size_t entries;
  assert_int_equal(read_ark(golden("compressed.ark"), &entries), SPECRNN_ERROR_UNSUPPORTED);
  assert_string_equal(last_message, "a compressed matrix; copy-feats --compress=false unpacks it");
  assert_int_equal(read_ark(golden("text.ark"), &entries), SPECRNN_ERROR_UNSUPPORTED);
  assert_string_equal(last_message, "not a Kaldi archive in binary form");

  test_folder folder;
  const char *path = folder_make(&folder, "part.ark");
  size_t size;
  unsigned char *bytes = read_bytes(golden("many.ark"), &size);
  size_t complete = 0;
  for (size_t length = 0; length < size; length++) {
    write_bytes(path, bytes, length);
    specrnn_status status = read_ark(path, &entries);
    assert_true(status == SPECRNN_END || status == SPECRNN_ERROR_FORMAT);
    complete += status == SPECRNN_END;
  }
  assert_int_equal(complete, 4); /* cut before each entry */
  static const unsigned char CHANGES[] = {0x01, 0x80, 0xff};
  for (size_t at = 0; at < size; at++) {
    for (size_t change = 0; change < COUNT(CHANGES); change++) {
      bytes[at] ^= CHANGES[change];
      write_bytes(path, bytes, size);
      read_ark(path, &entries);
      assert_true(entries <= 4);
      bytes[at] ^= CHANGES[change];
    }
  }
  free(bytes);
  folder_remove(&folder, 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ark_has_an_index),
      cmocka_unit_test(ark_reads_the_types_of_kaldi),
      cmocka_unit_test(ark_refuses_with_a_reason),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
