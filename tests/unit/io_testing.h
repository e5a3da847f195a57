/* What the tests of src/io share: the last message, golden files as bytes, a folder of its own for each test. */
#ifndef SPECRNN_TESTS_UNIT_IO_TESTING_H
#define SPECRNN_TESTS_UNIT_IO_TESTING_H

#include <dirent.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "specrnn/io.h"
#include "support/messages.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Asserts success, and shows the message where there is none. */
static inline void succeeds(specrnn_status status)
{
  if (status) {
    print_error("%s: %s\n", specrnn_status_text(status), last_message);
  }
  assert_int_equal(status, SPECRNN_OK);
}

static inline const char *golden(const char *name)
{
  static char path[512];
  snprintf(path, sizeof path, "%s/io/%s", GOLDEN_DIR, name);
  return path;
}

static inline unsigned char *read_bytes(const char *path, size_t *size)
{
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  fseek(file, 0, SEEK_END);
  *size = (size_t)ftell(file);
  rewind(file);
  unsigned char *bytes = malloc(*size + 1);
  assert_non_null(bytes);
  assert_int_equal(fread(bytes, 1, *size, file), *size);
  bytes[*size] = '\0';
  fclose(file);
  return bytes;
}

/* Asserts that a file holds exactly this. */
static inline void file_holds(const char *path, const void *expected, size_t expected_size)
{
  size_t size;
  unsigned char *bytes = read_bytes(path, &size);
  assert_int_equal(size, expected_size);
  assert_memory_equal(bytes, expected, size);
  free(bytes);
}

typedef struct test_folder {
  char path[64];
  char file[128];
} test_folder;

/* The path of a file in a new folder. */
static inline const char *folder_make(test_folder *folder, const char *name)
{
  strcpy(folder->path, "/tmp/specrnn-test-XXXXXX");
  assert_non_null(mkdtemp(folder->path));
  snprintf(folder->file, sizeof folder->file, "%s/%s", folder->path, name);
  return folder->file;
}

/* Removes the folder and asserts how many files were in it. */
static inline void folder_remove(test_folder *folder, int expected_files)
{
  DIR *entries = opendir(folder->path);
  assert_non_null(entries);
  int files = 0;
  for (struct dirent *entry; (entry = readdir(entries));) {
    if (entry->d_name[0] != '.') {
      char path[512];
      snprintf(path, sizeof path, "%s/%s", folder->path, entry->d_name);
      unlink(path);
      files++;
    }
  }
  closedir(entries);
  assert_int_equal(rmdir(folder->path), 0);
  assert_int_equal(files, expected_files);
}

/* Runs a test in a locale that writes 1,5 for 1.5: one made for the purpose, as few machines have any. Where none can
 * be made (localedef or its sources are missing) that is said, and the test does not count. */
static inline void in_comma_locale(void (*test)(void **), void **state)
{
  test_folder folder;
  char command[256];
  folder_make(&folder, "");
  snprintf(command, sizeof command, "localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 2>/dev/null", folder.path);
  bool made = system(command) == 0;
  setenv("LOCPATH", folder.path, 1);
  if (made && setlocale(LC_ALL, "de_DE.UTF-8")) {
    assert_string_equal(localeconv()->decimal_point, ",");
    test(state);
    setlocale(LC_ALL, "C");
  } else {
    print_message("# skipped: no locale with a decimal comma\n");
  }
  unsetenv("LOCPATH");
  snprintf(command, sizeof command, "rm -r %s", folder.path);
  assert_int_equal(system(command), 0);
}

#endif
