/* Model files: round trips, what each format lets pass, and every rule broken. */
#include "model_testing.h"

#include <limits.h>
#include <unistd.h>

#include "io/bytes.h"

/* ----------------------------------------------------------------------------------------------------- files in memory
 */

typedef struct file_bytes {
  unsigned char *bytes;
  size_t size;
} file_bytes;

/* A safetensors file from its header's text and `n_data` bytes: floats 0.01, 0.02 ... */
static file_bytes safetensors(const char *header, size_t n_data)
{
  size_t length = strlen(header);
  file_bytes file = {malloc(8 + length + n_data + 8), 8 + length + n_data};
  assert_non_null(file.bytes);
  srn_store_le(file.bytes, length, 8);
  memcpy(file.bytes + 8, header, length);
  for (size_t i = 0; i * 4 < n_data; i++) {
    float value = (float)(i + 1) / 100.0F;
    memcpy(file.bytes + 8 + length + i * 4, &value, sizeof value);
  }
  return file;
}

static specrnn_status load(const file_bytes *file, const specrnn_model_load_config *config)
{
  specrnn_model *model = NULL;
  last_message[0] = '\0';
  specrnn_status status = specrnn_model_load_memory(&model, file->bytes, file->size, config, &LOG);
  assert_true((status == SPECRNN_OK) == (model != NULL));
  if (status) {
    assert_true(last_message[0] != '\0'); /* every failure says why, on one line */
    assert_null(strchr(last_message, '\n'));
  }
  specrnn_model_destroy(&model);
  return status;
}

#define TENSOR(name, dtype, shape, begin, end)                                                                         \
  "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":[" shape "],\"data_offsets\":[" #begin "," #end "]}"

/* An RNN of 3 inputs and 2 units: 24 + 16 + 8 + 8 bytes. */
#define W_IH TENSOR("rnn.weight_ih_l0", "F32", "2,3", 0, 24)
#define W_HH TENSOR("rnn.weight_hh_l0", "F32", "2,2", 24, 40)
#define B_IH TENSOR("rnn.bias_ih_l0", "F32", "2", 40, 48)
#define B_HH TENSOR("rnn.bias_hh_l0", "F32", "2", 48, 56)

static const struct header_case {
  const char *header;
  size_t n_data;
  specrnn_status status;
  const char *message;
} HEADERS[] = {
    {"{" W_IH "," W_HH "," B_IH "," B_HH "}", 56, SPECRNN_OK, ""},
    {"  \n{" B_HH "," B_IH "," W_HH "," W_IH "}  ", 56, SPECRNN_OK, ""},
    {"{\"__metadata__\":{\"nonlinearity\":\"relu\"}," W_IH "," W_HH "," B_IH "," B_HH "}", 56, SPECRNN_OK, ""},
    {"{" W_IH "," W_HH "," B_IH "," B_HH "}", 60, SPECRNN_ERROR_FORMAT, "4 bytes follow the last tensor"},
    {"{" W_IH "," W_HH "," B_IH "," B_HH "}", 52, SPECRNN_ERROR_FORMAT,
     "rnn.bias_hh_l0 ends at byte 56 of the data; the file has 52 (cut short?)"},
    {"{" W_IH "," W_HH "," B_IH "}", 48, SPECRNN_ERROR_FORMAT, "rnn.bias_hh_l0 is missing"},
    {"{" W_IH "," TENSOR("rnn.bias_ih_l0", "F32", "2", 24, 32) "," TENSOR("rnn.bias_hh_l0", "F32", "2", 32, 40) "}", 40,
     SPECRNN_ERROR_FORMAT, "rnn.weight_hh_l0 is missing"},
    {"{" W_IH "," W_HH "," B_IH "," B_HH "," TENSOR("rnn.weight_ih_l2", "F32", "2,2", 56, 72) "}", 72,
     SPECRNN_ERROR_FORMAT, "rnn.weight_ih_l1 is missing"},
    {"{" W_IH "," W_HH "," B_IH "," B_HH "," TENSOR("bn.running_mean", "F32", "2", 56, 64) "}", 64,
     SPECRNN_ERROR_UNSUPPORTED, "bn.running_mean is not used: it belongs to no recurrent or linear layer"},
    {"{" W_IH "," W_HH "," B_IH "," B_HH "," TENSOR("rnn.weight", "F32", "2,2", 56, 72) "}", 72, SPECRNN_ERROR_FORMAT,
     "rnn.weight is not used by the model"},
    {"{" W_IH "," W_HH "," B_IH "," TENSOR("rnn.bias_hh_l0", "F32", "1,2", 48, 56) "}", 56, SPECRNN_ERROR_SHAPE,
     "rnn.bias_hh_l0 has shape (1, 2); (2,) is needed"},
    {"{" TENSOR("weight_ih_l0", "F32", "3,4", 0, 48) "," TENSOR("weight_hh_l0", "F32", "3,2", 48, 72) "}", 72,
     SPECRNN_ERROR_SHAPE,
     "weight_hh_l0 has shape (3, 2); an RNN, GRU or LSTM has 1, 3 or 4 times as many rows as columns"},
    {"{" TENSOR("weight_ih_l0", "F32", "3,4", 0, 48) "," TENSOR("weight_hh_l0", "F32", "4,4", 48, 112) "}", 112,
     SPECRNN_ERROR_SHAPE, "weight_ih_l0 has shape (3, 4); (4, 4) is needed"},
    {"{" W_IH "," W_HH "," B_IH "," TENSOR("rnn.bias_hh_l0", "F32", "2", 44, 52) "}", 52, SPECRNN_ERROR_FORMAT,
     "rnn.bias_hh_l0 begins at byte 44 of the data; the tensor before it ends at 48"},
    {"{" W_IH "," W_HH "," B_IH "," TENSOR("rnn.bias_hh_l0", "F32", "2", 52, 60) "}", 60, SPECRNN_ERROR_FORMAT,
     "rnn.bias_hh_l0 begins at byte 52 of the data; the tensor before it ends at 48"},
    {"{" W_IH "," W_HH "," B_IH "," TENSOR("rnn.bias_hh_l0", "F32", "3", 48, 56) "}", 56, SPECRNN_ERROR_FORMAT,
     "rnn.bias_hh_l0: its shape needs 12 bytes and its data_offsets span 8"},
    {"{" W_IH "," W_HH "," B_IH "," TENSOR("rnn.bias_hh_l0", "F32", "2", 56, 48) "}", 56, SPECRNN_ERROR_FORMAT,
     "rnn.bias_hh_l0: its data_offsets are not two rising numbers"},
    {"{" W_IH "," W_HH "," B_IH "," TENSOR("rnn.bias_hh_l0", "F32", "-2", 48, 56) "}", 56, SPECRNN_ERROR_FORMAT,
     "rnn.bias_hh_l0: its shape holds something else than sizes"},
    {"{" W_IH "," W_HH "," B_IH "," TENSOR("rnn.bias_hh_l0", "F32", "4611686018427387904,4", 48, 56) "}", 56,
     SPECRNN_ERROR_FORMAT, "rnn.bias_hh_l0: its shape is larger than any memory"},
    {"{" W_IH "," W_HH "," B_IH "," TENSOR("rnn.bias_hh_l0", "F32", "2,1,1,1,1,1,1,1,1", 48, 56) "}", 56,
     SPECRNN_ERROR_UNSUPPORTED, "rnn.bias_hh_l0 has 9 dimensions; at most 8 can be read"},
    {"{" W_IH "," W_HH "," B_IH "," TENSOR("rnn.bias_hh_l0", "I32", "2", 48, 56) "}", 56, SPECRNN_ERROR_UNSUPPORTED,
     "rnn.bias_hh_l0 has dtype I32; F32, F64, F16 and BF16 can be read"},
    {"{" W_IH "," W_HH "," B_IH "," B_IH "}", 48, SPECRNN_ERROR_FORMAT, NULL},
    {"{" W_IH ",\"__metadata__\":{\"a\":1}}", 24, SPECRNN_ERROR_FORMAT, "__metadata__: a is no string"},
    {"{" W_IH ",\"__metadata__\":[]}", 24, SPECRNN_ERROR_FORMAT, "__metadata__ is no object"},
    {"{\"a\":{\"dtype\":\"F32\"}}", 0, SPECRNN_ERROR_FORMAT, "a: the header needs dtype, shape and data_offsets"},
    {"{}", 0, SPECRNN_ERROR_EMPTY, "the file holds no tensor"},
    {"  []", 0, SPECRNN_ERROR_FORMAT, "the header is no JSON object"},
    {"{\"a\":", 0, SPECRNN_ERROR_FORMAT, NULL},
    {"{\"__metadata__\":{\"nonlinearity\":\"elu\"}," W_IH "," W_HH "," B_IH "," B_HH "}", 56, SPECRNN_ERROR_ARGUMENT,
     "nonlinearity takes one of auto, tanh, relu, not 'elu'; did you mean relu?"},
    {"{\"__metadata__\":{\"specrnn.format\":\"2\"}," W_IH "," W_HH "," B_IH "," B_HH "}", 56, SPECRNN_ERROR_UNSUPPORTED,
     "the model has format 2; this library reads format 1"},
    {"{\"__metadata__\":{\"specrnn.format\":\"1\"}," W_IH "," W_HH "," B_IH "," B_HH "}", 56, SPECRNN_ERROR_FORMAT,
     "specrnn.modules names 0 modules"},
    {"{" TENSOR("out.weight", "F32", "2,3", 0, 24) "}", 24, SPECRNN_ERROR_ARGUMENT, "the model has no recurrent layer"},
    {"{" TENSOR("weight_ih_l0", "F32", "1,300000", 0, 1200000) "," TENSOR("weight_hh_l0", "F32", "1,1", 1200000,
                                                                          1200004) "}",
     1200004, SPECRNN_ERROR_SHAPE, "weight_ih_l0 has shape (1, 300000); layers are 1 to 65536 wide"},
};

static void rules_of_safetensors_are_kept(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(HEADERS); i++) {
    file_bytes file = safetensors(HEADERS[i].header, HEADERS[i].n_data);
    specrnn_status status = load(&file, NULL);
    if (HEADERS[i].message) {
      assert_string_equal(last_message, HEADERS[i].message);
    }
    assert_int_equal(status, HEADERS[i].status);
    free(file.bytes);
  }
}

static void lengths_that_lie_are_refused(void **state)
{
  (void)state;
  static const uint64_t LENGTHS[] = {0, 57, UINT64_MAX, (uint64_t)1 << 20, ((uint64_t)1 << 20) + 1, (uint64_t)1 << 63};
  file_bytes file = safetensors(HEADERS[0].header, HEADERS[0].n_data);
  for (size_t i = 0; i < COUNT(LENGTHS); i++) {
    srn_store_le(file.bytes, LENGTHS[i], 8);
    assert_int_equal(load(&file, NULL), SPECRNN_ERROR_FORMAT);
  }
  free(file.bytes);
  /* A header above the limit in a file that really has so many bytes. */
  size_t size = (size_t)3 << 20;
  file = (file_bytes){malloc(size), size};
  memset(file.bytes, ' ', size);
  srn_store_le(file.bytes, (uint64_t)2 << 20, 8);
  assert_int_equal(load(&file, NULL), SPECRNN_ERROR_FORMAT);
  assert_string_equal(last_message, "the header has 2097152 bytes; at most 1048576 can be read");
  free(file.bytes);
}

static void weights_must_be_finite(void **state)
{
  (void)state;
  file_bytes file = safetensors(HEADERS[0].header, HEADERS[0].n_data);
  float bad = -INFINITY;
  memcpy(file.bytes + file.size - 56 + 28, &bad, sizeof bad);
  assert_int_equal(load(&file, NULL), SPECRNN_ERROR_NOT_FINITE);
  assert_string_equal(last_message, "rnn.weight_hh_l0 holds a value that is not finite, number 1 of 4");
  free(file.bytes);
}

/* ---------------------------------------------------------------------------------------------- what a state_dict says
 */

static void options_say_what_a_state_dict_does_not(void **state)
{
  (void)state;
  file_bytes bare = safetensors(HEADERS[0].header, HEADERS[0].n_data);
  file_bytes relu = safetensors(HEADERS[2].header, HEADERS[2].n_data);
  specrnn_model_load_config config = SPECRNN_MODEL_LOAD_CONFIG_INIT;
  specrnn_model *model = NULL;
  succeeds(specrnn_model_load_memory(&model, bare.bytes, bare.size, NULL, &LOG));
  assert_false(has_option(model, 0, "relu"));
  assert_int_equal(specrnn_model_describe(model)->source, SPECRNN_MODEL_SOURCE_STATE_DICT);
  specrnn_model_destroy(&model);
  succeeds(specrnn_model_load_memory(&model, relu.bytes, relu.size, NULL, &LOG));
  assert_true(has_option(model, 0, "relu"));
  specrnn_model_destroy(&model);
  config.nonlinearity = SPECRNN_LOAD_NONLINEARITY_RELU;
  config.layout = SPECRNN_LOAD_LAYOUT_TIME_FIRST;
  succeeds(specrnn_model_load_memory(&model, bare.bytes, bare.size, &config, &LOG));
  assert_true(has_option(model, 0, "relu"));
  assert_false(specrnn_model_describe(model)->batch_first);
  specrnn_model_destroy(&model);
  config.nonlinearity = SPECRNN_LOAD_NONLINEARITY_TANH;
  assert_int_equal(load(&relu, &config), SPECRNN_ERROR_ARGUMENT);
  assert_string_equal(last_message, "the file says nonlinearity relu; tanh was asked for");
  free(bare.bytes);
  free(relu.bytes);
}

/* Modules of one unit each: rnn10 reads the width of rnn2. */
static void modules_chain_in_natural_order(void **state)
{
  (void)state;
  static const char HEADER[] = "{" TENSOR("rnn10.weight_ih_l0", "F32", "3,2", 0, 24) "," TENSOR(
      "rnn10.weight_hh_l0", "F32", "3,3", 24, 60) "," TENSOR("rnn2.weight_ih_l0", "F32", "2,4", 60,
                                                             92) "," TENSOR("rnn2.weight_hh_l0", "F32", "2,2", 92,
                                                                            108) "," TENSOR("fc.weight", "F32", "5,3",
                                                                                            108, 168) "}";
  file_bytes file = safetensors(HEADER, 168);
  specrnn_model_load_config config = SPECRNN_MODEL_LOAD_CONFIG_INIT;
  specrnn_model *model = NULL;
  config.chain = "rnn2,rnn10,fc";
  succeeds(specrnn_model_load_memory(&model, file.bytes, file.size, &config, &LOG));
  assert_string_equal(specrnn_model_module(model, 0)->name, "rnn2");
  assert_string_equal(specrnn_model_module(model, 2)->name, "fc");
  assert_true(specrnn_model_describe(model)->has_output_layer);
  specrnn_model_destroy(&model);
  static const struct {
    const char *chain, *message;
  } WRONG[] = {
      {"rnn2,rnn10", "the chain does not name 'fc', which the file has"},
      {"rnn2,rnn10,fc,rnn3", "the chain names 'rnn3', which the file does not have"},
      {"rnn2,rnn2,fc", "the chain names 'rnn2', which is in it already"},
      {"", "the chain names '', which the file does not have"},
  };
  for (size_t i = 0; i < COUNT(WRONG); i++) {
    config.chain = WRONG[i].chain;
    assert_int_equal(load(&file, &config), SPECRNN_ERROR_ARGUMENT);
    assert_string_equal(last_message, WRONG[i].message);
  }
  config.chain = NULL;
  config.concatenated = "lstm";
  assert_int_equal(load(&file, &config), SPECRNN_ERROR_ARGUMENT);
  assert_string_equal(last_message, "the file has no module 'lstm'");
  free(file.bytes);
}

/* ------------------------------------------------------------------------------------------------------- round trips
 */

static char folder[] = "/tmp/specrnn-model-XXXXXX";

static const char *in_folder(const char *name)
{
  static char path[128];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static int make_folder(void **state)
{
  (void)state;
  strcpy(folder, "/tmp/specrnn-model-XXXXXX");
  return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
  (void)state;
  unlink(in_folder("model.safetensors"));
  return rmdir(folder); /* fails where a test left something else behind */
}

/* A model with everything that a file can hold. */
static specrnn_model *make_full(void)
{
  test_module modules[] = {module_of("enc.gru", TEST_GRU, 40, 6), module_of("enc.lstm", TEST_LSTM, 12, 5),
                           module_of("r", TEST_RNN, 3, 4), module_of("head", TEST_LINEAR, 4, 2)};
  modules[0].bidirectional = true;
  modules[0].reset_before = true;
  modules[0].num_layers = 2;
  modules[0].dropout = 0.1;
  modules[1].proj_size = 3;
  modules[1].bias = false;
  modules[2].relu = true;
  modules[2].cell = true;
  modules[3].softmax = true;
  specrnn_features_config front_end;
  succeeds(specrnn_features_preset(&front_end, SPECRNN_PRESET_KALDI, SPECRNN_KIND_MEL));
  front_end.n_mels = 40;
  front_end.seed = UINT64_MAX;
  float *mean = noise(40, 1);
  float *scale = noise(40, 2);
  specrnn_model_config config = SPECRNN_MODEL_CONFIG_INIT;
  config.seed = 5;
  config.batch_first = false;
  config.front_end = &front_end;
  config.mean = mean;
  config.scale = scale;
  specrnn_model *model = NULL;
  specrnn_model *full = NULL;
  succeeds(create_model(&model, config, modules, COUNT(modules)));
  float *input = noise((size_t)7 * 40, 3);
  specrnn_model_test test = {7, input, NULL, 1e-6};
  succeeds(specrnn_model_with_test(&full, model, &test, &LOG));
  specrnn_model_destroy(&model);
  free(input);
  free(mean);
  free(scale);
  return full;
}

static void assert_same_parameters(const specrnn_model *a, const specrnn_model *b)
{
  assert_int_equal(specrnn_model_describe(a)->n_parameters, specrnn_model_describe(b)->n_parameters);
  for (size_t i = 0; i < specrnn_model_describe(a)->n_parameters; i++) {
    const specrnn_parameter *x = specrnn_model_parameter(a, i);
    const specrnn_parameter *y = specrnn_model_parameter(b, i);
    assert_string_equal(x->name, y->name);
    assert_same_values(a, b, i);
  }
}

static void a_saved_model_is_the_same_model(void **state)
{
  (void)state;
  specrnn_model *model = make_full();
  specrnn_model *again = NULL;
  specrnn_model_check check;
  succeeds(specrnn_model_save(model, in_folder("model.safetensors"), &LOG));
  succeeds(specrnn_model_load(&again, in_folder("model.safetensors"), NULL, &LOG));
  const specrnn_model_info *info = specrnn_model_describe(again);
  assert_true(info->fingerprint == specrnn_model_describe(model)->fingerprint);
  assert_int_equal(info->source, SPECRNN_MODEL_SOURCE_OWN);
  assert_false(info->batch_first);
  assert_int_equal(info->n_tests, 1);
  for (size_t i = 0; i < info->n_modules; i++) {
    const specrnn_module_info *x = specrnn_model_module(model, i);
    const specrnn_module_info *y = specrnn_model_module(again, i);
    assert_string_equal(x->name, y->name);
    assert_string_equal(x->kind, y->kind);
    assert_string_equal(x->options, y->options);
    assert_int_equal(x->width, y->width);
  }
  assert_true(specrnn_model_front_end(again)->seed == UINT64_MAX);
  assert_int_equal(specrnn_model_front_end(again)->n_mels, 40);
  assert_same_parameters(model, again);
  succeeds(specrnn_model_verify(again, &check, &LOG));
  assert_true(check.worst == 0.0);
  specrnn_model_destroy(&again);

  specrnn_model_load_config config = SPECRNN_MODEL_LOAD_CONFIG_INIT;
  config.nonlinearity = SPECRNN_LOAD_NONLINEARITY_TANH;
  assert_int_equal(specrnn_model_load(&again, in_folder("model.safetensors"), &config, &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_string_equal(last_message, "the file itself says everything; nonlinearity tanh contradicts it");
  config = (specrnn_model_load_config)SPECRNN_MODEL_LOAD_CONFIG_INIT;
  config.chain = "r,head";
  assert_int_equal(specrnn_model_load(&again, in_folder("model.safetensors"), &config, &LOG), SPECRNN_ERROR_ARGUMENT);
  specrnn_model_destroy(&model);
}

static void an_exported_model_is_a_plain_state_dict(void **state)
{
  (void)state;
  specrnn_model *model = make_full();
  specrnn_model *again = NULL;
  succeeds(specrnn_model_export(model, in_folder("model.safetensors"), &LOG));
  specrnn_model_load_config config = SPECRNN_MODEL_LOAD_CONFIG_INIT;
  config.chain = "enc.gru,enc.lstm,r,head";
  config.nonlinearity = SPECRNN_LOAD_NONLINEARITY_RELU;
  config.gru_reset = SPECRNN_LOAD_GRU_RESET_BEFORE;
  config.activation = SPECRNN_LOAD_ACTIVATION_SOFTMAX;
  succeeds(specrnn_model_load(&again, in_folder("model.safetensors"), &config, &LOG));
  assert_int_equal(specrnn_model_describe(again)->source, SPECRNN_MODEL_SOURCE_STATE_DICT);
  assert_false(specrnn_model_describe(again)->has_normaliser);
  assert_same_parameters(model, again);
  specrnn_model_destroy(&again);
  specrnn_model_destroy(&model);
  assert_int_equal(specrnn_model_load(&again, in_folder("none"), NULL, &LOG), SPECRNN_ERROR_IO);
  assert_int_equal(specrnn_model_load(&again, folder, NULL, &LOG), SPECRNN_ERROR_IO);
}

static void a_changed_file_is_noticed(void **state)
{
  (void)state;
  specrnn_model *model = make_full();
  succeeds(specrnn_model_save(model, in_folder("model.safetensors"), &LOG));
  file_bytes file;
  file.bytes = read_bytes(in_folder("model.safetensors"), &file.size);
  size_t data = 8 + (size_t)srn_load_le64(file.bytes);
  file.bytes[data + 100] ^= 1; /* the last bit of a weight */
  assert_int_equal(load(&file, NULL), SPECRNN_ERROR_FORMAT);
  assert_string_equal(last_message, "the fingerprint does not fit the content: the file was changed");
  free(file.bytes);
  specrnn_model_destroy(&model);
}

static void nothing_appears_where_nothing_can_be_written(void **state)
{
  (void)state;
  specrnn_model *model = make_full();
  assert_int_equal(specrnn_model_save(model, "/nowhere/model.safetensors", &LOG), SPECRNN_ERROR_IO);
  assert_int_equal(specrnn_model_save(model, "/dev/full", &LOG), SPECRNN_ERROR_IO);
  assert_non_null(strstr(last_message, "No space left on device"));
  specrnn_model_destroy(&model);
}

/* ----------------------------------------------------------------------------------------------------- damaged files
 */

static const char *const DAMAGED[] = {"rnn_chain.safetensors", "lstm_f64.pt", "rnn_chain.pt", "lstm_head.npz"};

static specrnn_model_load_config config_of(const char *name)
{
  specrnn_model_load_config config = SPECRNN_MODEL_LOAD_CONFIG_INIT;
  if (!strcmp(name, "lstm_head.npz")) {
    config.chain = "lstm,out";
  }
  return config;
}

static void every_truncation_is_refused(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(DAMAGED); i++) {
    specrnn_model_load_config config = config_of(DAMAGED[i]);
    file_bytes file;
    file.bytes = read_bytes(fixture(DAMAGED[i]), &file.size);
    assert_int_equal(load(&file, &config), SPECRNN_OK);
    for (size_t size = 0; size < file.size; size++) {
      unsigned char *exact = malloc(size ? size : 1); /* a block of its own, so that a step beyond it is seen */
      memcpy(exact, file.bytes, size);
      file_bytes part = {exact, size};
      assert_int_not_equal(load(&part, &config), SPECRNN_OK);
      free(exact);
    }
    free(file.bytes);
  }
}

/* Every byte replaced by each `stride`th value, another one first at each byte: an error or another valid model, never
 * a crash. */
static void damage_every_byte(const char *name, size_t first, size_t last, unsigned stride)
{
  specrnn_model_load_config config = config_of(name);
  file_bytes file;
  file.bytes = read_bytes(fixture(name), &file.size);
  last = last < file.size ? last : file.size;
  size_t refused = 0;
  size_t n = 0;
  for (size_t at = first; at < last; at++) {
    unsigned char kept = file.bytes[at];
    for (unsigned value = at % stride; value <= UCHAR_MAX; value += stride, n++) {
      file.bytes[at] = (unsigned char)value;
      refused += load(&file, &config) != SPECRNN_OK;
    }
    file.bytes[at] = kept;
  }
  assert_true(refused > n / 4);
  assert_int_equal(load(&file, &config), SPECRNN_OK);
  free(file.bytes);
}

/* All values of all bytes of the archives would take ten minutes with the sanitizers: each byte takes 16 of them, and
 * 16 bytes that follow each other take all. */
enum { ARCHIVE_STRIDE = 16 };

static void every_header_byte_may_be_anything(void **state)
{
  (void)state;
  size_t size;
  unsigned char *bytes = read_bytes(fixture(DAMAGED[0]), &size);
  size_t header = 8 + (size_t)srn_load_le64(bytes);
  free(bytes);
  damage_every_byte(DAMAGED[0], 0, header, 1);
  for (size_t i = 1; i < COUNT(DAMAGED); i++) {
    damage_every_byte(DAMAGED[i], 0, SIZE_MAX, ARCHIVE_STRIDE);
  }
}

static void other_files_are_no_models(void **state)
{
  (void)state;
  static const struct {
    const char *bytes;
    size_t size;
    specrnn_status status;
  } FILES[] = {
      {"", 0, SPECRNN_ERROR_FORMAT},
      {"RIFF\x24\x08\0\0WAVEfmt ", 16, SPECRNN_ERROR_FORMAT},
      {"\x80\x02}q\x01.", 6, SPECRNN_ERROR_UNSUPPORTED},
      {"PK\x03\x04", 4, SPECRNN_ERROR_FORMAT},
      {"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22, SPECRNN_ERROR_UNSUPPORTED},
  };
  for (size_t i = 0; i < COUNT(FILES); i++) {
    file_bytes file = {malloc(FILES[i].size + 1), FILES[i].size};
    memcpy(file.bytes, FILES[i].bytes, FILES[i].size);
    assert_int_equal(load(&file, NULL), FILES[i].status);
    free(file.bytes);
  }
}

/* What torch.save can write, and what a pickle could ask for. */
static void pickles_are_understood_and_not_executed(void **state)
{
  (void)state;
  static const struct {
    const char *name;
    specrnn_status status;
    const char *message;
  } FILES[] = {
      {"pickle_views.pt", SPECRNN_OK, ""}, /* transposed, and views of one storage */
      {"pickle_parameters.pt", SPECRNN_OK, ""},
      {"pickle_system.pt", SPECRNN_ERROR_UNSUPPORTED,
       "the pickle wants to call posix.system; only the state_dict of a model is read"},
      {"pickle_module.pt", SPECRNN_ERROR_UNSUPPORTED,
       "the pickle wants to call torch.nn.modules.rnn.RNN; only the state_dict of a model is read"},
      {"pickle_checkpoint.pt", SPECRNN_ERROR_UNSUPPORTED,
       "'state_dict' is no tensor: save the model's state_dict() and nothing beside it"},
      {"pickle_list.pt", SPECRNN_ERROR_UNSUPPORTED, NULL},
      {"pickle_tensor.pt", SPECRNN_ERROR_UNSUPPORTED, "the file holds no dictionary: save the model's state_dict()"},
      {"pickle_expanded.pt", SPECRNN_OK, ""}, /* 120000 times the one number of its storage */
      {"pickle_long.pt", SPECRNN_ERROR_UNSUPPORTED, "weight_ih_l0 lies in a LongStorage; weights are of float types"},
      {"pickle_protocol4.pt", SPECRNN_ERROR_UNSUPPORTED, "the pickle has protocol 4; torch.save writes 2 by default"},
      {"object.npz", SPECRNN_ERROR_UNSUPPORTED, NULL},
      {"integer.npz", SPECRNN_ERROR_UNSUPPORTED, "weight_ih_l0 is int64; weights are float16, float32 or float64"},
  };
  for (size_t i = 0; i < COUNT(FILES); i++) {
    file_bytes file;
    file.bytes = read_bytes(fixture(FILES[i].name), &file.size);
    specrnn_status status = load(&file, NULL);
    if (FILES[i].message) {
      assert_string_equal(last_message, FILES[i].message);
    }
    assert_int_equal(status, FILES[i].status);
    free(file.bytes);
  }
}

/* The values of a transposed tensor, and of one that begins within its storage. */
static void views_are_read_as_they_are_seen(void **state)
{
  (void)state;
  specrnn_model *model = NULL;
  succeeds(specrnn_model_load(&model, fixture("pickle_views.pt"), NULL, &LOG));
  float *w_ih = values_of(model, specrnn_model_find_parameter(model, "weight_ih_l0"));
  float *w_hh = values_of(model, specrnn_model_find_parameter(model, "weight_hh_l0"));
  for (size_t row = 0; row < 2; row++) {
    for (size_t column = 0; column < 3; column++) {
      assert_true(w_ih[row * 3 + column] == (float)(10 * column + row)); /* (3, 2) transposed */
    }
  }
  for (size_t i = 0; i < 4; i++) {
    assert_true(w_hh[i] == (float)(100 + i));
  }
  free(w_ih);
  free(w_hh);
  specrnn_model_destroy(&model);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rules_of_safetensors_are_kept),
      cmocka_unit_test(lengths_that_lie_are_refused),
      cmocka_unit_test(weights_must_be_finite),
      cmocka_unit_test(options_say_what_a_state_dict_does_not),
      cmocka_unit_test(modules_chain_in_natural_order),
      cmocka_unit_test_setup_teardown(a_saved_model_is_the_same_model, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(an_exported_model_is_a_plain_state_dict, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(a_changed_file_is_noticed, make_folder, remove_folder),
      cmocka_unit_test(nothing_appears_where_nothing_can_be_written),
      cmocka_unit_test(every_truncation_is_refused),
      cmocka_unit_test(every_header_byte_may_be_anything),
      cmocka_unit_test(other_files_are_no_models),
      cmocka_unit_test(pickles_are_understood_and_not_executed),
      cmocka_unit_test(views_are_read_as_they_are_seen),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
