/* Every allocation of models and encoders fails once: a clean error, nothing leaked, no file left. And no file makes
 * the loader ask for more than twice its size and 16 MiB. */
#include "model_testing.h"

#include <unistd.h>

#include "io/bytes.h"
#include "support/faults.h"

static char folder[] = "/tmp/specrnn-faults-XXXXXX";
static char output[64];

static specrnn_status load_fixture(const char *name, const char *chain)
{
  specrnn_model_load_config config = SPECRNN_MODEL_LOAD_CONFIG_INIT;
  specrnn_model *model = NULL;
  config.chain = chain;
  specrnn_status status = specrnn_model_load(&model, fixture(name), &config, &LOG);
  assert_true((status == SPECRNN_OK) == (model != NULL));
  specrnn_model_destroy(&model);
  return status;
}

static specrnn_status load_safetensors(void)
{
  return load_fixture("rnn_chain.safetensors", NULL);
}

static specrnn_status load_torch(void)
{
  return load_fixture("rnn_chain.pt", "rnn1,rnn2");
}

static specrnn_status load_views(void)
{
  return load_fixture("pickle_views.pt", NULL);
}

static specrnn_status load_npz(void)
{
  return load_fixture("lstm_head.npz", "lstm,out");
}

static specrnn_status load_concatenated(void)
{
  specrnn_model_load_config config = SPECRNN_MODEL_LOAD_CONFIG_INIT;
  specrnn_model *model = NULL;
  config.concatenated = "cell";
  specrnn_status status = specrnn_model_load(&model, fixture("lstm_concatenated.safetensors"), &config, &LOG);
  specrnn_model_destroy(&model);
  return status;
}

/* A model with a front end, a normaliser and a test vector, saved and loaded again. */
static specrnn_status make_save_load(void)
{
  static const float MEAN[40] = {1.0F};
  static const float SCALE[40] = {2.0F};
  static const float INPUT[2 * 40] = {0.5F};
  test_module modules[] = {module_of("a", TEST_GRU, 40, 3), module_of("b", TEST_LINEAR, 3, 2)};
  specrnn_model_config config = SPECRNN_MODEL_CONFIG_INIT;
  specrnn_features_config front_end;
  if (specrnn_features_preset(&front_end, SPECRNN_PRESET_WHISPER, SPECRNN_KIND_MEL)) {
    return SPECRNN_ERROR_ARGUMENT;
  }
  front_end.n_mels = 40;
  config.mean = MEAN;
  config.scale = SCALE;
  config.front_end = &front_end;
  specrnn_model *all[3] = {NULL};
  specrnn_model_test test = {2, INPUT, NULL, 0.0};
  specrnn_model_check check;
  specrnn_status status = create_model(&all[0], config, modules, 2);
  if (!status) {
    status = specrnn_model_with_test(&all[1], all[0], &test, &LOG);
  }
  if (!status) {
    status = specrnn_model_save(all[1], output, &LOG);
  }
  if (!status) {
    status = specrnn_model_load(&all[2], output, NULL, &LOG);
  }
  if (!status) {
    status = specrnn_model_verify(all[2], &check, &LOG);
  }
  for (size_t i = 0; i < COUNT(all); i++) {
    specrnn_model_destroy(&all[i]);
  }
  return status;
}

static specrnn_status make_encoders(void)
{
  specrnn_model *model = NULL;
  specrnn_encoder *first = NULL;
  specrnn_encoder *second = NULL;
  specrnn_encoder_group *group = NULL;
  specrnn_status status = specrnn_model_load_builtin(&model, NULL, &LOG);
  if (!status) {
    status = specrnn_encoder_create(&first, model, &LOG);
  }
  if (!status) {
    status = specrnn_encoder_clone(&second, first, &LOG);
  }
  if (!status) {
    status = specrnn_encoder_group_create(&group, model, 2, &LOG);
  }
  specrnn_encoder_group_destroy(&group);
  specrnn_encoder_destroy(&first);
  specrnn_encoder_destroy(&second);
  specrnn_model_destroy(&model);
  return status;
}

static void every_allocation_may_fail(void **state)
{
  (void)state;
  static specrnn_status (*const OPERATIONS[])(void) = {load_safetensors,  load_torch,     load_views,   load_npz,
                                                       load_concatenated, make_save_load, make_encoders};
  static const char *const SPARED[] = {"libzip", "libjansson", NULL}; /* test_io_faults.c says why */
  if (!faults_work()) {
    print_message("# skipped: the sanitizer has its own malloc\n");
    return;
  }
  faults_spare(SPARED);
  assert_non_null(mkdtemp(folder));
  snprintf(output, sizeof output, "%s/model.safetensors", folder);
  for (size_t i = 0; i < COUNT(OPERATIONS); i++) {
    succeeds(OPERATIONS[i]()); /* what is made once per process is made now */
    unlink(output);
    faults_report report;
    long nth = 0;
    do {
      faults_start(++nth);
      specrnn_status status = OPERATIONS[i]();
      report = faults_stop();
      if (report.live) {
        print_error("operation %zu, allocation %ld: %ld leaked\n", i, nth, report.live);
      }
      assert_int_equal(report.live, 0);
      if (status && status != SPECRNN_ERROR_IO) { /* which is a FILE that cannot be had */
        assert_int_equal(status, SPECRNN_ERROR_MEMORY);
      }
      assert_true(report.failed || !status);
      unlink(output);
    } while (report.failed);
    assert_true(nth > 2);
  }
  assert_int_equal(rmdir(folder), 0); /* nothing else was left in it */
}

/* ------------------------------------------------------------------------------------------------------------ shares
 */

static void check_share(const unsigned char *bytes, size_t size)
{
  specrnn_model *model = NULL;
  faults_start(0);
  if (!specrnn_model_load_memory(&model, bytes, size, NULL, NULL)) {
    specrnn_model_destroy(&model);
  }
  faults_report report = faults_stop();
  assert_int_equal(report.live, 0);
  assert_in_range(report.largest, 0, 2 * size + (16 << 20));
}

/* A file whose header is one pattern over and over. */
static void check_header(const char *begin, const char *pattern, const char *end)
{
  enum { HEADER = 1 << 20 };
  unsigned char *bytes = malloc(8 + HEADER);
  assert_non_null(bytes);
  srn_store_le(bytes, HEADER, 8);
  memset(bytes + 8, ' ', HEADER);
  size_t at = 8 + strlen(begin);
  memcpy(bytes + 8, begin, strlen(begin));
  while (at + strlen(pattern) + strlen(end) <= 8 + HEADER) {
    memcpy(bytes + at, pattern, strlen(pattern));
    at += strlen(pattern);
  }
  memcpy(bytes + at - (*end ? 1 : 0), end, strlen(end));
  check_share(bytes, 8 + HEADER);
  free(bytes);
}

/* One unit on 65536 inputs: rows are padded to 16 when they are packed. */
static void check_thin_model(size_t n_modules)
{
  enum { WIDE = 65536 };
  size_t header_size = 512 * n_modules;
  size_t n_data = n_modules * (WIDE + 1 + WIDE) * sizeof(float);
  unsigned char *bytes = calloc(8 + header_size + n_data, 1);
  assert_non_null(bytes);
  char *header = (char *)bytes + 8;
  memset(header, ' ', header_size);
  size_t offset = 0;
  size_t length = 0;
  for (size_t i = 0; i < n_modules; i++) {
    size_t a = offset + WIDE * sizeof(float);
    size_t b = a + sizeof(float);
    size_t c = b + WIDE * sizeof(float);
    length += (size_t)sprintf(header + length,
                              "%c\"m%zu.weight_ih\":{\"dtype\":\"F32\",\"shape\":[1,65536],\"data_offsets\":[%zu,%zu]},"
                              "\"m%zu.weight_hh\":{\"dtype\":\"F32\",\"shape\":[1,1],\"data_offsets\":[%zu,%zu]},"
                              "\"m%zub.weight\":{\"dtype\":\"F32\",\"shape\":[65536,1],\"data_offsets\":[%zu,%zu]}",
                              i ? ',' : '{', i, offset, a, i, a, b, i, b, c);
    offset = c;
  }
  header[length] = '}';
  srn_store_le(bytes, header_size, 8);
  check_share(bytes, 8 + header_size + n_data);
  free(bytes);
}

static void no_file_asks_for_more_than_its_share(void **state)
{
  (void)state;
  if (!faults_work()) {
    print_message("# skipped: the sanitizer has its own malloc\n");
    return;
  }
  check_header("", "[", "");
  check_header("[", "[],", "]");
  check_header("{\"a\":[", "{},", "]}");
  check_header("{\"__metadata__\":{\"a\":\"", "x", "\"}}");
  check_header("{\"a\":{\"dtype\":\"F32\",\"shape\":[", "1,", "],\"data_offsets\":[0,0]}}");
  check_thin_model(1);
  check_thin_model(8);
  /* 64 MiB of zeros in 64 KiB. */
  char path[] = "/tmp/specrnn-bomb-XXXXXX";
  int descriptor = mkstemp(path);
  assert_true(descriptor >= 0);
  close(descriptor);
  const size_t shape[] = {4096, 4096};
  specrnn_array *array = NULL;
  specrnn_npz_writer *writer = NULL;
  succeeds(specrnn_array_create(&array, SPECRNN_F32, 2, shape, &LOG));
  succeeds(specrnn_npz_writer_create(&writer, path, SPECRNN_PACKING_DEFLATED, &LOG));
  succeeds(specrnn_npz_write(writer, "weight_hh_l0", array, &LOG));
  succeeds(specrnn_npz_writer_commit(&writer, &LOG));
  specrnn_array_destroy(&array);
  size_t size;
  unsigned char *bytes = read_bytes(path, &size);
  unlink(path);
  assert_true(size < 1 << 17);
  check_share(bytes, size);
  free(bytes);
}

int main(void)
{
  setenv("TZ", "UTC0", 1); /* as in test_io_faults.c */
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_allocation_may_fail),
      cmocka_unit_test(no_file_asks_for_more_than_its_share),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
