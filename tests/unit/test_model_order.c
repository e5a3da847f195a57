/* The order in which the modules of a state_dict run. */
#include "model_testing.h"

#include <unistd.h>

#include "io/bytes.h"

/* ------------------------------------------------------------------------------------------------- state_dicts in
 * memory
 */

enum { MAX_HEADER = 8192, MAX_MODULES = 8 };

/* A module by its name and widths: GRU, linear, or a weight alone. */
typedef struct part {
  const char *name;
  char kind; /* 'g', 'l', 'w' */
  int inputs, outputs;
} part;

typedef struct text {
  char bytes[MAX_HEADER];
  size_t length, n_data;
} text;

static void put(text *header, const char *module, const char *leaf, int rows, int columns)
{
  char shape[32];
  size_t n_bytes = (size_t)rows * (size_t)(columns ? columns : 1) * sizeof(float);
  snprintf(shape, sizeof shape, columns ? "%d,%d" : "%d", rows, columns);
  header->length +=
      (size_t)snprintf(header->bytes + header->length, MAX_HEADER - header->length,
                       "%s\"%s.%s\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[%zu,%zu]}",
                       header->length > 1 ? "," : "", module, leaf, shape, header->n_data, header->n_data + n_bytes);
  header->n_data += n_bytes;
}

static void put_part(text *header, const part *p)
{
  if (p->kind == 'g') {
    put(header, p->name, "weight_ih_l0", 3 * p->outputs, p->inputs);
    put(header, p->name, "weight_hh_l0", 3 * p->outputs, p->outputs);
    return;
  }
  put(header, p->name, "weight", p->outputs, p->inputs);
  if (p->kind == 'l') {
    put(header, p->name, "bias", p->outputs, 0);
  }
}

/* Loads a safetensors file of the parts, weights all 0. */
static specrnn_status load_parts(specrnn_model **out, const part *parts, const char *chain)
{
  text header = {.bytes = "{", .length = 1};
  for (size_t i = 0; i < MAX_MODULES && parts[i].name; i++) {
    put_part(&header, &parts[i]);
  }
  header.length += (size_t)snprintf(header.bytes + header.length, MAX_HEADER - header.length, "}");
  assert_true(header.length < MAX_HEADER);
  size_t size = 8 + header.length + header.n_data;
  unsigned char *bytes = calloc(1, size);
  assert_non_null(bytes);
  srn_store_le(bytes, header.length, 8);
  memcpy(bytes + 8, header.bytes, header.length);
  specrnn_model_load_config config = SPECRNN_MODEL_LOAD_CONFIG_INIT;
  config.chain = chain;
  last_message[0] = '\0';
  specrnn_status status = specrnn_model_load_memory(out, bytes, size, &config, &LOG);
  free(bytes);
  return status;
}

static void assert_order(const specrnn_model *model, const char *expected)
{
  char order[512] = "";
  size_t length = 0;
  for (size_t i = 0; i < specrnn_model_describe(model)->n_modules; i++) {
    length += (size_t)snprintf(order + length, sizeof order - length, "%s%s", i ? "," : "",
                               specrnn_model_module(model, i)->name);
  }
  assert_string_equal(order, expected);
}

/* ----------------------------------------------------------------------------------------------------------------
 * cases
 */

static void widths_or_numbers_leave_one_order(void **state)
{
  (void)state;
  static const struct {
    part parts[MAX_MODULES];
    const char *order;
  } CASES[] = {
      {{{"fc", 'l', 3, 5}, {"gru", 'g', 4, 3}}, "gru,fc"},
      {{{"fc", 'l', 3, 5}, {"proj", 'l', 4, 6}, {"rnn", 'g', 6, 3}}, "proj,rnn,fc"},
      {{{"fc1", 'l', 3, 7}, {"fc2", 'l', 7, 2}, {"gru", 'g', 4, 3}}, "gru,fc1,fc2"},
      {{{"decoder", 'g', 5, 4}, {"encoder", 'g', 4, 5}, {"a", 'l', 4, 3}}, "encoder,decoder,a"},
      {{{"postnet", 'w', 3, 7}, {"rnn_layers.0", 'g', 6, 3}, {"rnn_layers.1", 'g', 3, 3}},
       "rnn_layers.0,rnn_layers.1,postnet"},
      {{{"rnn10", 'g', 3, 3}, {"rnn2", 'g', 3, 3}, {"rnn1", 'g', 3, 3}}, "rnn1,rnn2,rnn10"},
      {{{"lstm_2", 'g', 3, 3}, {"lstm", 'g', 3, 3}, {"lstm_1", 'g', 3, 3}}, "lstm,lstm_1,lstm_2"},
      {{{"layers.1.a", 'g', 3, 3}, {"layers.0.z", 'g', 3, 3}}, "layers.0.z,layers.1.a"},
      {{{"rnn01", 'g', 3, 3}, {"rnn00", 'g', 3, 3}}, "rnn00,rnn01"},
  };
  for (size_t i = 0; i < COUNT(CASES); i++) {
    specrnn_model *model = NULL;
    succeeds(load_parts(&model, CASES[i].parts, NULL));
    assert_order(model, CASES[i].order);
    specrnn_model_destroy(&model);
  }
}

static void what_stays_open_is_refused(void **state)
{
  (void)state;
  static const struct {
    part parts[MAX_MODULES];
    specrnn_status status;
    const char *message;
  } CASES[] = {
      {{{"decoder", 'g', 3, 3}, {"encoder", 'g', 3, 3}},
       SPECRNN_ERROR_UNSUPPORTED,
       "the order of the modules is not in the file, and several fit: decoder,encoder or encoder,decoder; say which "
       "with "
       "--chain"},
      {{{"fc", 'l', 3, 3}, {"lstm", 'g', 3, 3}, {"rnn1", 'g', 3, 3}, {"rnn2", 'g', 3, 3}},
       SPECRNN_ERROR_UNSUPPORTED,
       "the order of the modules is not in the file, and several fit: fc,lstm,rnn1,rnn2 or fc,rnn1,lstm,rnn2 or "
       "fc,rnn1,rnn2,lstm or another; say which with --chain"},
      {{{"postnet", 'w', 3, 6}, {"rnn_layers.0", 'g', 6, 3}, {"rnn_layers.1", 'g', 3, 3}},
       SPECRNN_ERROR_UNSUPPORTED,
       "the order of the modules is not in the file, and several fit: postnet,rnn_layers.0,rnn_layers.1 or "
       "rnn_layers.0,rnn_layers.1,postnet; say which with --chain"},
      {{{"bwd", 'g', 3, 5}, {"fwd", 'g', 3, 5}},
       SPECRNN_ERROR_SHAPE,
       "the modules do not chain, in no order: bwd (3 -> 5), fwd (3 -> 5); --chain A,B,... names those of a chain in "
       "their order"},
      {{{"table", 'w', 3, 3}, {"gru", 'g', 3, 5}},
       SPECRNN_ERROR_UNSUPPORTED,
       "table.weight (3, 3) may be an embedding, which is not read, or a linear layer without bias: where it is one, "
       "name "
       "the modules in their order with --chain A,B,..."},
  };
  for (size_t i = 0; i < COUNT(CASES); i++) {
    specrnn_model *model = NULL;
    assert_int_equal(load_parts(&model, CASES[i].parts, NULL), CASES[i].status);
    assert_string_equal(last_message, CASES[i].message);
    assert_null(model);
  }
}

static void the_caller_may_say_it(void **state)
{
  (void)state;
  static const part PARTS[MAX_MODULES] = {{"table", 'w', 3, 3}, {"decoder", 'g', 3, 3}, {"encoder", 'g', 3, 3}};
  specrnn_model *model = NULL;
  succeeds(load_parts(&model, PARTS, "encoder,table,decoder"));
  assert_order(model, "encoder,table,decoder");
  assert_string_equal(specrnn_model_module(model, 1)->kind, "linear");
  specrnn_model_destroy(&model);
  assert_int_equal(load_parts(&model, PARTS, "encoder,decoder"), SPECRNN_ERROR_ARGUMENT);
  assert_string_equal(last_message, "the chain does not name 'table', which the file has");
}

/* More modules of one width than any search could go through: that they do not chain is not known, and not said. */
static void many_equal_modules_end_soon(void **state)
{
  (void)state;
  enum { N = 60, NAME_SIZE = 8 };
  char names[N][NAME_SIZE];
  part parts[N + 1] = {{0}};
  text header = {.bytes = "{", .length = 1};
  for (int i = 0; i < N; i++) {
    snprintf(names[i], NAME_SIZE, "%c%c", 'a' + i / 26, 'a' + i % 26);
    /* All in one line but the last, which nothing can reach. */
    parts[i] = (part){names[i], 'l', i == N - 1 ? 9 : 3, i == N - 1 ? 9 : 3};
    put_part(&header, &parts[i]);
  }
  header.bytes[header.length++] = '}';
  size_t size = 8 + header.length + header.n_data;
  unsigned char *bytes = calloc(1, size);
  assert_non_null(bytes);
  srn_store_le(bytes, header.length, 8);
  memcpy(bytes + 8, header.bytes, header.length);
  specrnn_model *model = NULL;
  specrnn_status status = specrnn_model_load_memory(&model, bytes, size, NULL, &LOG);
  assert_int_equal(status, SPECRNN_ERROR_UNSUPPORTED);
  assert_string_equal(last_message, "the modules have too many orders to try for one that chains; name theirs with "
                                    "--chain A,B,...");
  free(bytes);
}

/* What a state_dict written by us leaves open stands in its metadata. */
static void an_exported_state_dict_comes_back(void **state)
{
  (void)state;
  test_module modules[] = {module_of("decoder", TEST_GRU, 4, 4), module_of("a", TEST_RNN, 4, 4),
                           module_of("b", TEST_LINEAR, 4, 4)};
  modules[0].reset_before = true;
  modules[1].relu = true;
  modules[2].softmax = true;
  modules[2].bias = false;
  specrnn_model *model = model_of(modules, COUNT(modules), 1);
  char path[] = "/tmp/specrnn-order-XXXXXX";
  int descriptor = mkstemp(path);
  assert_true(descriptor >= 0);
  close(descriptor);
  succeeds(specrnn_model_export(model, path, &LOG));
  specrnn_model *back = NULL;
  succeeds(specrnn_model_load(&back, path, NULL, &LOG));
  unlink(path);
  assert_order(back, "decoder,a,b");
  assert_true(has_option(back, 0, "\"gru_reset\": \"before\""));
  assert_true(has_option(back, 1, "\"nonlinearity\": \"relu\""));
  assert_string_equal(specrnn_model_layer(back, 2)->description, "linear softmax");
  specrnn_model_destroy(&back);
  specrnn_model_destroy(&model);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(widths_or_numbers_leave_one_order),
      cmocka_unit_test(what_stays_open_is_refused),
      cmocka_unit_test(the_caller_may_say_it),
      cmocka_unit_test(many_equal_modules_end_soon),
      cmocka_unit_test(an_exported_state_dict_comes_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
