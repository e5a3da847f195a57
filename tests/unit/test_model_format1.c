/* What version 0.1.0 wrote is read, computed and written as it was: models of every cell and type, states of streams.
 */
#include "model_testing.h"

#include <dirent.h>

#include "specrnn/cpu.h"

enum { INPUTS = 5, BEFORE = 7, BEHIND = 5, MOST_FILES = 64, LEAST_FILES = 19, LEAST_STATES = 16 };

static const char *const PATH = "test_model_format1.safetensors";

static const char *path_of(const char *name, const char *extension)
{
  static char path[1024];
  snprintf(path, sizeof path, "%s/format_1/%s%s", CASES_DIR, name, extension);
  return path;
}

/* Calls `one` with every name that has the extension; how many there are. */
static size_t each_file(const char *extension, void (*one)(const char *name))
{
  DIR *folder = opendir(path_of("", ""));
  assert_non_null(folder);
  size_t count = 0;
  for (struct dirent *entry; (entry = readdir(folder));) {
    char name[64];
    snprintf(name, sizeof name, "%.63s", entry->d_name);
    char *dot = strchr(name, '.');
    if (dot && dot != name && !strcmp(dot, extension)) {
      *dot = '\0';
      one(name);
      count++;
    }
  }
  closedir(folder);
  return count;
}

/* Levels without fused multiply-add round once more. */
static void need_fused(void)
{
  if (!specrnn_cpu_supports(SPECRNN_CPU_X86_64_V3)) {
    print_message("# SKIPPED: this machine or build has no fused multiply-add\n");
    skip();
  }
}

static specrnn_model *load(const char *name)
{
  specrnn_model *model = NULL;
  succeeds(specrnn_model_load(&model, path_of(name, ".safetensors"), NULL, &LOG));
  return model;
}

static void gives_its_bits(const char *name)
{
  specrnn_model *model = load(name);
  specrnn_model_check check;
  succeeds(specrnn_model_verify(model, &check, &LOG));
  assert_true(check.n_tests == 1 && check.worst == 0.0);
  specrnn_model_destroy(&model);
}

static void models_give_the_bits_that_they_gave(void **state)
{
  (void)state;
  need_fused();
  assert_true(each_file(".safetensors", gives_its_bits) >= LEAST_FILES);
}

/* So that 0.1.0 reads what is written now: it is what it wrote itself, to the byte. */
static void is_written_again(const char *name)
{
  specrnn_model *model = load(name);
  size_t size = 0, again = 0;
  unsigned char *before = read_bytes(path_of(name, ".safetensors"), &size);
  succeeds(specrnn_model_save(model, PATH, &LOG));
  unsigned char *now = read_bytes(PATH, &again);
  assert_int_equal(again, size);
  assert_memory_equal(now, before, size);
  free(before);
  free(now);
  specrnn_model_destroy(&model);
}

static void models_are_written_as_they_were(void **state)
{
  (void)state;
  assert_true(each_file(".safetensors", is_written_again) >= LEAST_FILES);
  remove(PATH);
}

static void goes_on(const char *name)
{
  specrnn_model *model = load(name);
  size_t size = 0;
  unsigned char *saved = read_bytes(path_of(name, ".state"), &size);
  size_t width = specrnn_model_describe(model)->output_size;
  float frames[(BEFORE + BEHIND) * INPUTS];
  for (int i = 0; i < (BEFORE + BEHIND) * INPUTS; i++) {
    frames[i] = (float)(i * 37 % 23 - 11) / 8.0F;
  }
  specrnn_encoder *old = NULL, *fresh = NULL;
  succeeds(specrnn_encoder_create(&old, model, &LOG));
  succeeds(specrnn_encoder_create(&fresh, model, &LOG));
  size_t state_size = specrnn_encoder_saved_size(old);
  assert_int_equal(size, state_size + BEHIND * width * sizeof(float));
  succeeds(specrnn_encoder_restore(old, saved, state_size, &LOG));

  float *output = zeros(BEHIND * width);
  specrnn_encoder_output wanted = SPECRNN_ENCODER_OUTPUT_INIT;
  wanted.output = output;
  specrnn_encoder_process(old, frames + BEFORE * INPUTS, BEHIND, &wanted);
  assert_memory_equal(output, saved + state_size, BEHIND * width * sizeof *output);

  unsigned char *state = malloc(state_size);
  specrnn_encoder_process(fresh, frames, BEFORE, NULL);
  specrnn_encoder_save(fresh, state);
  assert_memory_equal(state, saved, state_size);
  free(state);
  free(output);
  free(saved);
  specrnn_encoder_destroy(&old);
  specrnn_encoder_destroy(&fresh);
  specrnn_model_destroy(&model);
}

static void streams_go_on_where_they_were(void **state)
{
  (void)state;
  need_fused();
  assert_true(each_file(".state", goes_on) >= LEAST_STATES);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(models_give_the_bits_that_they_gave),
      cmocka_unit_test(models_are_written_as_they_were),
      cmocka_unit_test(streams_go_on_where_they_were),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
