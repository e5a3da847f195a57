/* Files that appear whole or not at all, with and without the system's files that have no name. */
#ifdef __linux__
#define _GNU_SOURCE /* O_TMPFILE */
#endif
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io_testing.h"

#include "core/file.h"
#include "core/temporary.h"

/* The library's open and linkat are these. */
static bool refuses_unnamed;
static bool ends_at_once; /* a signal's handler, of another thread, comes with every temporary name */
static int n_ends, n_left;

static void end_at_once(const char *path)
{
  if (ends_at_once && strstr(path, "/.specrnn-")) {
    srn_temporaries_remove();
    n_ends++;
    n_left += access(path, F_OK) == 0;
  }
}

/* Another program, which replaces `theirs` by its own file just before `ours` gets its name. */
static const char *ours, *their_file, *theirs;

int linkat(int from, const char *target, int to, const char *path, int flags);

int linkat(int from, const char *target, int to, const char *path, int flags)
{
  if (ours && !strcmp(path, ours)) {
    assert_int_equal(rename(their_file, theirs), 0);
  }
  int failed = (int)syscall(SYS_linkat, from, target, to, path, flags);
  if (!failed) {
    end_at_once(path);
  }
  return failed;
}

int open(const char *path, int flags, ...);

int open(const char *path, int flags, ...)
{
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  if (refuses_unnamed && (flags & O_TMPFILE) == O_TMPFILE) {
    errno = EOPNOTSUPP;
    return -1;
  }
  int descriptor = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
  if (descriptor >= 0 && flags & O_EXCL) {
    end_at_once(path);
  }
  return descriptor;
}

/* Names in the folder; `last` gets one of them. */
static int count_names(const test_folder *folder, char *last, size_t size)
{
  DIR *directory = opendir(folder->path);
  assert_non_null(directory);
  int count = 0;
  for (struct dirent *entry; (entry = readdir(directory));) {
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
      count++;
      snprintf(last, size, "%s", entry->d_name);
    }
  }
  closedir(directory);
  return count;
}

static srn_file *begin(const char *path, const char *text)
{
  srn_file *file = NULL;
  succeeds(srn_file_create(&file, path, &LOG));
  fputs(text, srn_file_stream(file));
  return file;
}

static void check_life(bool unnamed)
{
  test_folder folder;
  char name[256] = "";
  const char *path = folder_make(&folder, "out.txt");
  refuses_unnamed = !unnamed;

  srn_file *file = begin(path, "first");
  assert_int_equal(count_names(&folder, name, sizeof name), unnamed ? 0 : 1);
  assert_true(unnamed || strstr(name, ".part"));
  succeeds(srn_file_commit(&file, &LOG));
  assert_null(file);
  file_holds(path, "first", 5);
  assert_int_equal(chmod(path, 0640), 0);

  file = begin(path, "second");
  succeeds(srn_file_settle(file, &LOG));
  file_holds(path, "first", 5); /* settled is not committed */
  srn_file_abandon(&file);
  file_holds(path, "first", 5);
  assert_int_equal(count_names(&folder, name, sizeof name), 1);

  file = begin(path, "third");
  srn_file_finish(file);
  succeeds(srn_file_commit(&file, &LOG));
  file_holds(path, "third", 5);
  struct stat status;
  assert_int_equal(stat(path, &status), 0);
  assert_int_equal(status.st_mode & 0777, 0640); /* that of the file that was replaced */
  assert_int_equal(count_names(&folder, name, sizeof name), 1);

  /* What a signal's handler does. */
  file = begin(path, "fourth");
  srn_file *other = begin(path, "fifth");
  srn_temporaries_remove();
  assert_int_equal(count_names(&folder, name, sizeof name), 1);
  assert_string_equal(name, "out.txt");
  srn_file_abandon(&file);
  srn_file_abandon(&other);
  file_holds(path, "third", 5);
  refuses_unnamed = false;
  folder_remove(&folder, 1);
}

static void a_file_without_a_name_gets_it_at_the_end(void **state)
{
  (void)state;
  check_life(true);
}

static void where_there_are_none_a_temporary_name_is_remembered(void **state)
{
  (void)state;
  check_life(false);
}

static void a_failure_leaves_nothing_and_keeps_its_reason(void **state)
{
  (void)state;
  test_folder folder;
  char name[256];
  const char *path = folder_make(&folder, "none/out.txt");
  for (int unnamed = 0; unnamed < 2; unnamed++) {
    srn_file *file = NULL;
    char expected[1024];
    refuses_unnamed = !unnamed;
    snprintf(expected, sizeof expected, "%s: cannot write: No such file or directory", path);
    assert_int_equal(srn_file_create(&file, path, &LOG), SPECRNN_ERROR_IO);
    assert_string_equal(last_message, expected);
    assert_int_equal(count_names(&folder, name, sizeof name), 0);

    succeeds(srn_file_create(&file, "/dev/full", &LOG));
    assert_true(srn_file_is_direct(file));
    fputs("more than there is room for", srn_file_stream(file));
    assert_int_equal(srn_file_commit(&file, &LOG), SPECRNN_ERROR_IO);
    assert_string_equal(last_message, "/dev/full: cannot write: No space left on device");
  }
  refuses_unnamed = false;
  folder_remove(&folder, 0);
}

/* The writer went on after a write had failed, and its errno is gone. */
static void a_failure_that_was_passed_over_keeps_its_reason(void **state)
{
  (void)state;
  enum { LIMIT = 1 << 16 };
  static char block[LIMIT];
  const struct rlimit limited = {LIMIT, RLIM_INFINITY};
  const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
  test_folder folder;
  const char *path = folder_make(&folder, "out.txt");
  signal(SIGXFSZ, SIG_IGN);
  for (int settles = 0; settles < 2; settles++) {
    srn_file *file = begin(path, "");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limited), 0);
    for (int i = 0; i < 3; i++) {
      size_t written = fwrite(block, 1, sizeof block, srn_file_stream(file));
      assert_true(i < 2 || written < sizeof block);
    }
    errno = 0;
    specrnn_status status = SPECRNN_OK;
    if (settles) {
      srn_file_finish(file);
      status = srn_file_settle(file, &LOG);
      srn_file_abandon(&file);
    } else {
      status = srn_file_commit(&file, &LOG);
    }
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
    assert_int_equal(status, SPECRNN_ERROR_IO);
    assert_non_null(strstr(last_message, "out.txt: cannot write: File too large"));
  }
  folder_remove(&folder, 0);
}

/* A signal that is held back in this thread may still reach another one, which ends the process. */
static void no_name_is_there_before_it_is_remembered(void **state)
{
  (void)state;
  test_folder folder;
  const char *path = folder_make(&folder, "out.txt");
  srn_file *file = begin(path, "first");
  succeeds(srn_file_commit(&file, &LOG));
  for (int unnamed = 0; unnamed < 2; unnamed++) {
    n_ends = n_left = 0;
    refuses_unnamed = !unnamed;
    ends_at_once = true;
    file = begin(path, "second");
    specrnn_status status = srn_file_commit(&file, &LOG);
    ends_at_once = refuses_unnamed = false;
    assert_int_equal(status, SPECRNN_ERROR_IO); /* its name was taken away */
    assert_int_equal(n_ends, 1);
    assert_int_equal(n_left, 0);
    file_holds(path, "first", 5);
  }
  folder_remove(&folder, 1);
}

static void a_set_that_another_program_mixes_is_an_error(void **state)
{
  (void)state;
  test_folder folder;
  char first[PATH_MAX];
  char second[PATH_MAX];
  char stranger[PATH_MAX];
  snprintf(first, sizeof first, "%s", folder_make(&folder, "first"));
  snprintf(second, sizeof second, "%s/second", folder.path);
  snprintf(stranger, sizeof stranger, "%s/stranger", folder.path);
  for (int mixed = 0; mixed < 2; mixed++) {
    srn_file *other = begin(stranger, "theirs");
    succeeds(srn_file_commit(&other, &LOG));
    srn_file *files[] = {begin(first, "one"), NULL, begin(second, "two")};
    srn_file **const set[] = {&files[0], &files[1], &files[2]};
    ours = mixed ? second : NULL;
    their_file = stranger;
    theirs = first;
    specrnn_status status = srn_files_commit(set, 3, &LOG);
    ours = NULL;
    assert_int_equal(status, mixed ? SPECRNN_ERROR_IO : SPECRNN_OK);
    assert_true(!mixed || strstr(last_message, "/first: was replaced by another program"));
    assert_true(!files[0] && !files[2]);
    file_holds(first, mixed ? "theirs" : "one", mixed ? 6 : 3);
    file_holds(second, "two", 3);
    assert_int_equal(unlink(second), 0); /* the next round links it, too */
  }
  folder_remove(&folder, 1);
}

/* More than the registry remembers, at once. */
static void many_files_at_once(void **state)
{
  (void)state;
  enum { N = 100 };
  test_folder folder;
  char name[256];
  const char *path = folder_make(&folder, "out.txt");
  srn_file *files[N];
  refuses_unnamed = true;
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < N; i++) {
      files[i] = begin(path, "text");
    }
    assert_int_equal(count_names(&folder, name, sizeof name), N);
    for (int i = 0; i < N; i++) {
      srn_file_abandon(&files[i]);
    }
    assert_int_equal(count_names(&folder, name, sizeof name), 0);
  }
  refuses_unnamed = false;
  folder_remove(&folder, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_file_without_a_name_gets_it_at_the_end),
      cmocka_unit_test(where_there_are_none_a_temporary_name_is_remembered),
      cmocka_unit_test(a_failure_leaves_nothing_and_keeps_its_reason),
      cmocka_unit_test(a_failure_that_was_passed_over_keeps_its_reason),
      cmocka_unit_test(no_name_is_there_before_it_is_remembered),
      cmocka_unit_test(a_set_that_another_program_mixes_is_an_error),
      cmocka_unit_test(many_files_at_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
