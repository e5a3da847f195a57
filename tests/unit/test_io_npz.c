/* .npz files: what NumPy wrote is read, what is written holds NumPy's bytes, and damaged archives are errors. */
#include "io_testing.h"

#include "io/zip.h"

static void holds_members(specrnn_npz *npz)
{
  static const char *const NAMES[] = {"features", "times", "config", "names", "empty"};
  assert_int_equal(specrnn_npz_count(npz), COUNT(NAMES));
  for (size_t i = 0; i < COUNT(NAMES); i++) {
    assert_string_equal(specrnn_npz_name(npz, i), NAMES[i]);
    assert_true(specrnn_npz_has(npz, NAMES[i]));
  }
  assert_null(specrnn_npz_name(npz, COUNT(NAMES)));
  assert_false(specrnn_npz_has(npz, "features.npy"));

  specrnn_array *array = NULL;
  succeeds(specrnn_npz_read(&array, npz, "features", &LOG));
  assert_int_equal(array->dtype, SPECRNN_F32);
  assert_int_equal(array->shape[0], 4);
  assert_int_equal(array->shape[1], 3);
  for (int i = 0; i < 12; i++) {
    assert_true(((float *)array->data)[i] == (float)i / 8);
  }
  specrnn_array_destroy(&array);
  succeeds(specrnn_npz_read(&array, npz, "times", &LOG));
  assert_true(((double *)array->data)[3] == 0.375);
  specrnn_array_destroy(&array);
  succeeds(specrnn_npz_read(&array, npz, "empty", &LOG));
  assert_int_equal(specrnn_array_count(array), 0);
  specrnn_array_destroy(&array);

  char **texts = NULL;
  size_t count = 0;
  succeeds(specrnn_npz_read_texts(&texts, &count, npz, "config", &LOG));
  assert_int_equal(count, 1);
  assert_string_equal(texts[0], "{\"window\": \"hann\", \"µ\": \"日本 🎵\"}");
  specrnn_texts_destroy(&texts);
  assert_null(texts);
  succeeds(specrnn_npz_read_texts(&texts, &count, npz, "names", &LOG));
  assert_int_equal(count, 3);
  assert_string_equal(texts[0], "a.wav");
  assert_string_equal(texts[1], "");
  assert_string_equal(texts[2], "b/ü.wav");
  assert_null(texts[3]);
  specrnn_texts_destroy(&texts);
}

static void reads_what_numpy_writes(void **state)
{
  (void)state;
  static const char *const NAMES[] = {"stored.npz", "deflated.npz"};
  for (size_t i = 0; i < COUNT(NAMES); i++) {
    specrnn_npz *npz = NULL;
    succeeds(specrnn_npz_open(&npz, golden(NAMES[i]), &LOG));
    holds_members(npz);
    specrnn_npz_close(&npz);
    assert_null(npz);

    size_t size;
    unsigned char *bytes = read_bytes(golden(NAMES[i]), &size);
    succeeds(specrnn_npz_open_memory(&npz, bytes, size, &LOG));
    holds_members(npz);
    specrnn_npz_close(&npz);
    free(bytes);
  }
}

static void refuses_with_a_reason(void **state)
{
  (void)state;
  specrnn_npz *npz = NULL;
  specrnn_array *array = NULL;
  char **texts = NULL;
  size_t count;
  assert_int_equal(specrnn_npz_open(&npz, golden("v1_f4.npy"), &LOG), SPECRNN_ERROR_FORMAT);
  assert_string_equal(last_message, "cannot read the zip: Not a zip archive");
  assert_int_equal(specrnn_npz_open(&npz, golden("missing.npz"), &LOG), SPECRNN_ERROR_IO);
  assert_string_equal(last_message, "cannot read: No such file or directory");
  assert_null(npz);

  succeeds(specrnn_npz_open(&npz, golden("object.npz"), &LOG));
  assert_int_equal(specrnn_npz_read(&array, npz, "bad", &LOG), SPECRNN_ERROR_UNSUPPORTED);
  assert_string_equal(last_message, "bad: object arrays hold Python code (a pickle) and are refused");
  assert_int_equal(specrnn_npz_read(&array, npz, "absent", &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_string_equal(last_message, "absent: there is no such array");
  assert_int_equal(specrnn_npz_read_texts(&texts, &count, npz, "good", &LOG), SPECRNN_ERROR_UNSUPPORTED);
  assert_string_equal(last_message, "good: elements of type '<f4' where strings ('<U') are needed");
  assert_null(array);
  assert_null(texts);
  succeeds(specrnn_npz_read(&array, npz, "good", &LOG));
  specrnn_array_destroy(&array);
  specrnn_npz_close(&npz);
}

/* Reads all that can be read. What is read under its old name must be what was written: checksums see to it. */
static void read_damaged(const unsigned char *bytes, size_t size)
{
  specrnn_npz *npz = NULL;
  if (specrnn_npz_open_memory(&npz, bytes, size, &LOG)) {
    assert_null(npz);
    return;
  }
  for (size_t i = 0; i < specrnn_npz_count(npz); i++) {
    const char *name = specrnn_npz_name(npz, i);
    specrnn_array *array = NULL;
    char **texts = NULL;
    size_t count;
    if (!specrnn_npz_read(&array, npz, name, &LOG)) {
      size_t elements = specrnn_array_count(array);
      assert_true(elements == 12 || elements == 4 || elements == 0);
      assert_true(elements != 12 || ((float *)array->data)[11] == 1.375F);
      specrnn_array_destroy(&array);
    } else if (!specrnn_npz_read_texts(&texts, &count, npz, name, &LOG)) {
      assert_true(count == 1 || count == 3);
      specrnn_texts_destroy(&texts);
    }
    assert_null(array);
  }
  specrnn_npz_close(&npz);
}

static void every_truncation_is_an_error(void **state)
{
  (void)state;
  static const char *const NAMES[] = {"stored.npz", "deflated.npz"};
  for (size_t i = 0; i < COUNT(NAMES); i++) {
    size_t size;
    unsigned char *bytes = read_bytes(golden(NAMES[i]), &size);
    for (size_t length = 0; length < size; length++) {
      unsigned char *part = malloc(length ? length : 1);
      memcpy(part, bytes, length);
      specrnn_npz *npz = NULL;
      assert_int_equal(specrnn_npz_open_memory(&npz, part, length, &LOG), SPECRNN_ERROR_FORMAT);
      free(part);
    }
    free(bytes);
  }
}

static void every_changed_byte_is_handled(void **state)
{
  (void)state;
  static const char *const NAMES[] = {"stored.npz", "deflated.npz"};
  static const unsigned char CHANGES[] = {0x01, 0x80, 0xff, 0x55};
  for (size_t i = 0; i < COUNT(NAMES); i++) {
    size_t size;
    unsigned char *bytes = read_bytes(golden(NAMES[i]), &size);
    for (size_t at = 0; at < size; at++) {
      for (size_t change = 0; change < COUNT(CHANGES); change++) {
        bytes[at] ^= CHANGES[change];
        read_damaged(bytes, size);
        bytes[at] ^= CHANGES[change];
      }
    }
    free(bytes);
  }
}

/* The bytes of one entry, as they lie unpacked in the archive. */
static unsigned char *entry_bytes(const char *path, const char *name, size_t *size)
{
  srn_zip *zip = NULL;
  unsigned char *bytes = NULL;
  succeeds(srn_zip_open(&zip, path, &LOG));
  size_t index = srn_zip_find(zip, name);
  assert_true(index != SRN_ZIP_NO_ENTRY);
  succeeds(srn_zip_read(&bytes, size, zip, index, &LOG));
  assert_int_equal(srn_zip_size(zip, index), *size);
  srn_zip_close(&zip);
  return bytes;
}

static void write_members(const char *path, specrnn_packing packing)
{
  static const char *const TEXTS[] = {"a.wav", "", "b/ü.wav"};
  const size_t column[] = {3};
  const size_t none[] = {0, 3};
  float features[12];
  double times[4];
  for (int i = 0; i < 12; i++) {
    features[i] = (float)i / 8;
    times[i / 3] = (i / 3) / 8.0;
  }
  specrnn_npz_writer *writer = NULL;
  size_t feature_slot;
  size_t time_slot;
  succeeds(specrnn_npz_writer_create(&writer, path, packing, &LOG));
  succeeds(specrnn_npz_begin_rows(writer, &feature_slot, "features", SPECRNN_F32, 1, column, &LOG));
  succeeds(specrnn_npz_begin_rows(writer, &time_slot, "times", SPECRNN_F64, 0, NULL, &LOG));
  succeeds(specrnn_npz_append_rows(writer, feature_slot, features, 1, &LOG));
  succeeds(specrnn_npz_append_rows(writer, time_slot, times, 1, &LOG));
  /* Added while both are open, and ended in the other order. */
  succeeds(specrnn_npz_write_text(writer, "config", "{\"window\": \"hann\", \"µ\": \"日本 🎵\"}", &LOG));
  succeeds(specrnn_npz_append_rows(writer, feature_slot, features + 3, 3, &LOG));
  succeeds(specrnn_npz_append_rows(writer, time_slot, times + 1, 3, &LOG));
  succeeds(specrnn_npz_end_rows(writer, time_slot, &LOG));
  succeeds(specrnn_npz_end_rows(writer, feature_slot, &LOG));
  assert_int_equal(specrnn_npz_append_rows(writer, feature_slot, features, 1, &LOG), SPECRNN_ERROR_STATE);
  succeeds(specrnn_npz_write_texts(writer, "names", TEXTS, COUNT(TEXTS), &LOG));
  specrnn_array empty = specrnn_array_view(SPECRNN_F32, 2, none, features);
  succeeds(specrnn_npz_write(writer, "empty", &empty, &LOG));
  assert_int_equal(specrnn_npz_write(writer, "empty", &empty, &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_string_equal(last_message, "the name empty occurs twice");
  assert_int_equal(specrnn_npz_write_text(writer, "bad", "\xc3", &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_string_equal(last_message, "a text is not valid UTF-8");
  succeeds(specrnn_npz_writer_commit(&writer, &LOG));
  assert_null(writer);
}

static void writes_the_arrays_of_numpy(void **state)
{
  (void)state;
  static const char *const ENTRIES[] = {"features.npy", "times.npy", "config.npy", "names.npy", "empty.npy"};
  static const specrnn_packing PACKINGS[] = {SPECRNN_PACKING_STORED, SPECRNN_PACKING_DEFLATED};
  for (size_t packing = 0; packing < COUNT(PACKINGS); packing++) {
    test_folder folder;
    const char *path = folder_make(&folder, "out.npz");
    write_members(path, PACKINGS[packing]);
    specrnn_npz *npz = NULL;
    succeeds(specrnn_npz_open(&npz, path, &LOG));
    holds_members(npz);
    specrnn_npz_close(&npz);
    for (size_t i = 0; i < COUNT(ENTRIES); i++) {
      size_t size;
      size_t numpy_size;
      unsigned char *ours = entry_bytes(path, ENTRIES[i], &size);
      unsigned char *numpys = entry_bytes(golden("stored.npz"), ENTRIES[i], &numpy_size);
      assert_int_equal(size, numpy_size);
      assert_memory_equal(ours, numpys, size);
      free(ours);
      free(numpys);
    }
    /* No date, no chance: the same calls give the same file. */
    size_t size;
    unsigned char *bytes = read_bytes(path, &size);
    write_members(path, PACKINGS[packing]);
    file_holds(path, bytes, size);
    free(bytes);
    folder_remove(&folder, 1);
  }
}

static void small_archives_cannot_ask_for_much(void **state)
{
  (void)state;
  test_folder folder;
  const char *path = folder_make(&folder, "zeros.npz");
  enum { ROWS = 5000, COLUMNS = 1024 };
  const size_t column[] = {COLUMNS};
  static float zeros[COLUMNS];
  specrnn_npz_writer *writer = NULL;
  size_t slot;
  succeeds(specrnn_npz_writer_create(&writer, path, SPECRNN_PACKING_DEFLATED, &LOG));
  succeeds(specrnn_npz_begin_rows(writer, &slot, "zeros", SPECRNN_F32, 1, column, &LOG));
  for (int i = 0; i < ROWS; i++) {
    succeeds(specrnn_npz_append_rows(writer, slot, zeros, 1, &LOG));
  }
  succeeds(specrnn_npz_writer_commit(&writer, &LOG));

  size_t size;
  free(read_bytes(path, &size));
  specrnn_npz *npz = NULL;
  specrnn_array *array = NULL;
  succeeds(specrnn_npz_open(&npz, path, &LOG));
  assert_int_equal(specrnn_npz_read(&array, npz, "zeros", &LOG), SPECRNN_ERROR_FORMAT);
  char expected[160];
  snprintf(expected, sizeof expected,
           "zeros: the zip's entry unpacks to 20480128 bytes; the limit is %zu, which --memory-limit raises",
           2 * size + (16 << 20));
  assert_string_equal(last_message, expected);
  specrnn_npz_set_limit(npz, 20480128);
  succeeds(specrnn_npz_read(&array, npz, "zeros", &LOG));
  assert_int_equal(array->shape[0], ROWS);
  specrnn_array_destroy(&array);
  specrnn_npz_close(&npz);
  folder_remove(&folder, 1);
}

/* Entries that are small enough each, and together not. */
static void the_sum_of_entries_is_limited(void **state)
{
  (void)state;
  test_folder folder;
  const char *path = folder_make(&folder, "sum.npz");
  enum { COUNT_OF_EACH = 5 << 20, PAYS_FOR = 3 };
  static const char *const NAMES[] = {"a", "b", "c", "d"};
  const size_t shape[] = {COUNT_OF_EACH};
  unsigned char *zeros = calloc(COUNT_OF_EACH, 1);
  assert_non_null(zeros);
  specrnn_array array_of_zeros = specrnn_array_view(SPECRNN_U8, 1, shape, zeros);
  specrnn_npz_writer *writer = NULL;
  succeeds(specrnn_npz_writer_create(&writer, path, SPECRNN_PACKING_DEFLATED, &LOG));
  for (size_t i = 0; i < COUNT(NAMES); i++) {
    succeeds(specrnn_npz_write(writer, NAMES[i], &array_of_zeros, &LOG));
  }
  succeeds(specrnn_npz_writer_commit(&writer, &LOG));
  free(zeros);

  specrnn_npz *npz = NULL;
  specrnn_array *array = NULL;
  succeeds(specrnn_npz_open(&npz, path, &LOG));
  for (size_t i = 0; i < PAYS_FOR; i++) {
    succeeds(specrnn_npz_read(&array, npz, NAMES[i], &LOG));
    specrnn_array_destroy(&array);
  }
  assert_int_equal(specrnn_npz_read(&array, npz, "d", &LOG), SPECRNN_ERROR_UNSUPPORTED);
  assert_non_null(strstr(last_message, "d: the zip's entry, unpacked, takes 5243008 bytes, and "));
  assert_non_null(strstr(last_message, " are left for the file; --memory-limit allows more"));
  succeeds(specrnn_npz_read(&array, npz, "a", &LOG)); /* paid for already */
  specrnn_array_destroy(&array);
  specrnn_npz_set_limit(npz, (uint64_t)COUNT(NAMES) * (COUNT_OF_EACH + 128) - 1);
  assert_int_equal(specrnn_npz_read(&array, npz, "d", &LOG), SPECRNN_ERROR_UNSUPPORTED);
  assert_string_equal(
      last_message, "d: the zip's entry, unpacked, takes 5243008 bytes, and 5243007 of 20972031 are left for the file; "
                    "--memory-limit allows more");
  specrnn_npz_set_limit(npz, UINT64_MAX);
  succeeds(specrnn_npz_read(&array, npz, "d", &LOG));
  specrnn_array_destroy(&array);
  specrnn_npz_close(&npz);
  folder_remove(&folder, 1);
}

static void names_must_differ(void **state)
{
  (void)state;
  test_folder folder;
  const char *path = folder_make(&folder, "twice.npz");
  specrnn_npz_writer *writer = NULL;
  succeeds(specrnn_npz_writer_create(&writer, path, SPECRNN_PACKING_STORED, &LOG));
  succeeds(specrnn_npz_write_text(writer, "weight_a", "", &LOG));
  succeeds(specrnn_npz_write_text(writer, "weight_b", "", &LOG));
  succeeds(specrnn_npz_writer_commit(&writer, &LOG));
  size_t size;
  unsigned char *bytes = read_bytes(path, &size);
  int renamed = 0;
  for (size_t i = 0; i + 8 <= size; i++) {
    if (!memcmp(bytes + i, "weight_b", 8)) {
      bytes[i + 7] = 'a';
      renamed++;
    }
  }
  assert_int_equal(renamed, 2); /* the local header and the directory */
  specrnn_npz *npz = NULL;
  assert_int_equal(specrnn_npz_open_memory(&npz, bytes, size, &LOG), SPECRNN_ERROR_FORMAT);
  assert_string_equal(last_message, "the zip has two entries of the name weight_a.npy");
  free(bytes);
  folder_remove(&folder, 1);
}

static void failed_writes_leave_nothing(void **state)
{
  (void)state;
  specrnn_npz_writer *writer = NULL;
  succeeds(specrnn_npz_writer_create(&writer, "/dev/full", SPECRNN_PACKING_STORED, &LOG));
  succeeds(specrnn_npz_write_text(writer, "config", "{}", &LOG));
  assert_int_equal(specrnn_npz_writer_commit(&writer, &LOG), SPECRNN_ERROR_IO);
  assert_string_equal(last_message, "/dev/full: cannot write: No space left on device");
  assert_null(writer);

  test_folder folder;
  const char *path = folder_make(&folder, "out.npz");
  succeeds(specrnn_npz_writer_create(&writer, path, SPECRNN_PACKING_STORED, &LOG));
  assert_int_equal(specrnn_npz_writer_commit(&writer, &LOG), SPECRNN_ERROR_EMPTY);
  succeeds(specrnn_npz_writer_create(&writer, path, SPECRNN_PACKING_STORED, &LOG));
  succeeds(specrnn_npz_write_text(writer, "config", "{}", &LOG));
  specrnn_npz_writer_abandon(&writer);
  folder_remove(&folder, 0);
  assert_int_equal(specrnn_npz_writer_create(&writer, path, SPECRNN_PACKING_STORED, &LOG), SPECRNN_ERROR_IO);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_what_numpy_writes),       cmocka_unit_test(refuses_with_a_reason),
      cmocka_unit_test(every_truncation_is_an_error),  cmocka_unit_test(every_changed_byte_is_handled),
      cmocka_unit_test(writes_the_arrays_of_numpy),    cmocka_unit_test(small_archives_cannot_ask_for_much),
      cmocka_unit_test(the_sum_of_entries_is_limited), cmocka_unit_test(names_must_differ),
      cmocka_unit_test(failed_writes_leave_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
