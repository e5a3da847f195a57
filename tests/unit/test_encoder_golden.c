/* Models of the running PyTorch, read from the files that it wrote, give what it computed. */
#include "model_testing.h"

/* Of the float32 of this size that PyTorch itself computes; its own distance from double is as large. */
static const double TOLERANCE = 1e-6;

static const struct fixture_case {
  const char *file, *arrays;
  specrnn_model_load_config config;
} CASES[] = {
    {"rnn_chain.pt", "rnn_chain.io.npz", SPECRNN_MODEL_LOAD_CONFIG_INIT},
    {"rnn_chain.safetensors", "rnn_chain.io.npz", SPECRNN_MODEL_LOAD_CONFIG_INIT},
    {"gru_reverse.safetensors", "gru_reverse.io.npz", SPECRNN_MODEL_LOAD_CONFIG_INIT},
    {"lstm_hr.safetensors", "lstm_hr.io.npz", SPECRNN_MODEL_LOAD_CONFIG_INIT},
    {"lstm_packed.pt", "lstm_packed.io.npz", SPECRNN_MODEL_LOAD_CONFIG_INIT},
    {"lstm_f64.pt", "lstm_f64.io.npz", SPECRNN_MODEL_LOAD_CONFIG_INIT},
    {"gru_bf16.safetensors", "gru_bf16.io.npz", SPECRNN_MODEL_LOAD_CONFIG_INIT},
    {"rnn_f16.npz", "rnn_f16.io.npz", SPECRNN_MODEL_LOAD_CONFIG_INIT},
    {"lstm_head.npz", "lstm_head.io.npz", {0, 0, SPECRNN_LOAD_ACTIVATION_SOFTMAX, 0, "lstm,out", NULL, 0}},
    {"relu_cell.safetensors", "relu_cell.io.npz", {SPECRNN_LOAD_NONLINEARITY_RELU, 0, 0, 0, NULL, NULL, 0}},
    {"gru_before.safetensors", "gru_before.io.npz", SPECRNN_MODEL_LOAD_CONFIG_INIT},
    {"lstm_concatenated.safetensors", "lstm_concatenated.io.npz", {0, 0, 0, 0, NULL, "cell", 0}},
};

enum { MAX_LAYERS = 8 };

/* An array of the fixture, or NULL where it has none of that name. */
static specrnn_array *array_of(specrnn_npz *npz, const char *name)
{
  specrnn_array *array = NULL;
  if (specrnn_npz_has(npz, name)) {
    succeeds(specrnn_npz_read(&array, npz, name, &LOG));
  }
  return array;
}

static void assert_array(specrnn_npz *npz, const char *name, const float *values)
{
  specrnn_array *expected = array_of(npz, name);
  if (!expected) {
    return;
  }
  const float *numbers = expected->data;
  for (size_t i = 0; i < specrnn_array_count(expected); i++) {
    if (!(fabs((double)values[i] - (double)numbers[i]) <= TOLERANCE)) {
      fail_msg("%s: number %zu is %.9g; %.9g is expected", name, i, (double)values[i], (double)numbers[i]);
    }
  }
  specrnn_array_destroy(&expected);
}

static void run_case(const struct fixture_case *test)
{
  specrnn_model *model = NULL;
  specrnn_npz *npz = NULL;
  succeeds(specrnn_model_load(&model, fixture(test->file), &test->config, &LOG));
  succeeds(specrnn_npz_open(&npz, fixture(test->arrays), &LOG));
  const specrnn_model_info *info = specrnn_model_describe(model);
  specrnn_array *input = array_of(npz, "input");
  specrnn_array *lengths = array_of(npz, "lengths");
  specrnn_array *h0 = array_of(npz, "h0");
  specrnn_array *c0 = array_of(npz, "c0");
  specrnn_batch batch = SPECRNN_BATCH_INIT;
  batch.n_sequences = input->shape[0];
  batch.n_frames = input->shape[1];
  assert_int_equal(input->shape[2], info->input_size);
  batch.input = input->data;
  size_t n = batch.n_sequences * batch.n_frames;
  size_t sizes[8];
  for (size_t i = 0; lengths && i < batch.n_sequences; i++) {
    sizes[i] = (size_t)((const int64_t *)lengths->data)[i];
    batch.lengths = sizes;
  }
  batch.h0 = h0 ? h0->data : NULL;
  batch.c0 = c0 ? c0->data : NULL;
  float *hidden[MAX_LAYERS];
  assert_true(info->n_layers <= MAX_LAYERS);
  for (size_t i = 0; i < info->n_layers; i++) {
    hidden[i] = noise(n * specrnn_model_layer(model, i)->width, 1);
  }
  batch.hidden = hidden;
  batch.output = noise(n * info->output_size, 2);
  batch.h_n = noise(batch.n_sequences * info->h_size, 3);
  batch.c_n = noise(batch.n_sequences * info->c_size, 4);
  succeeds(specrnn_model_forward(model, &batch, &LOG));
  for (size_t i = 0; i < info->n_layers; i++) {
    char name[32];
    snprintf(name, sizeof name, "layer%zu", i + 1);
    assert_true(specrnn_npz_has(npz, name));
    assert_array(npz, name, hidden[i]);
    free(hidden[i]);
  }
  assert_array(npz, "output", batch.output);
  assert_array(npz, "h_n", batch.h_n);
  assert_array(npz, "c_n", batch.c_n);
  free(batch.output);
  free(batch.h_n);
  free(batch.c_n);
  specrnn_array_destroy(&input);
  specrnn_array_destroy(&lengths);
  specrnn_array_destroy(&h0);
  specrnn_array_destroy(&c0);
  specrnn_npz_close(&npz);
  specrnn_model_destroy(&model);
}

static void models_of_pytorch_give_its_numbers(void **state)
{
  (void)state;
  for (size_t i = 0; i < COUNT(CASES); i++) {
    run_case(&CASES[i]);
  }
}

/* ----------------------------------------------------------------------------------------- the example worked by hand
 */

enum { STEPS = 4, SEQUENCES = 2, INPUTS = 3, HIDDEN = 5 };

/* With equal weights all units of a layer are one number: u = tanh(.1 (x1 + x2 + x3) + .02 + 5 * .05 u). */
static void fill_equal(float *parameters)
{
  static const struct {
    size_t count;
    float value;
  } ARRAYS[] = {{HIDDEN * INPUTS, 0.1F}, {HIDDEN * HIDDEN, 0.05F}, {HIDDEN, 0.01F}, {HIDDEN, 0.01F},
                {HIDDEN * HIDDEN, 0.1F}, {HIDDEN * HIDDEN, 0.05F}, {HIDDEN, 0.01F}, {HIDDEN, 0.01F}};
  for (size_t i = 0; i < COUNT(ARRAYS); i++) {
    for (size_t k = 0; k < ARRAYS[i].count; k++) {
      *parameters++ = ARRAYS[i].value;
    }
  }
}

/* Input (4, 2, 3) = 0.1 ... 2.4, time first; two layers of 5. */
static void two_layers_of_five_give_the_numbers_worked_by_hand(void **state)
{
  (void)state;
  test_module module = module_of("rnn", TEST_RNN, INPUTS, HIDDEN);
  module.num_layers = 2;
  float parameters[HIDDEN * (INPUTS + 3 * HIDDEN + 4)];
  fill_equal(parameters);
  specrnn_model_config config = SPECRNN_MODEL_CONFIG_INIT;
  config.batch_first = false;
  config.parameters = parameters;
  specrnn_model *model = NULL;
  succeeds(create_model(&model, config, &module, 1));
  float input[STEPS * SEQUENCES * INPUTS];
  for (size_t i = 0; i < COUNT(input); i++) {
    input[i] = (float)(i + 1) / 10.0F;
  }
  float output[STEPS][SEQUENCES][HIDDEN];
  float h_n[2][SEQUENCES][HIDDEN];
  specrnn_batch batch = SPECRNN_BATCH_INIT;
  batch.input = input;
  batch.n_sequences = SEQUENCES;
  batch.n_frames = STEPS;
  batch.batch_first = false;
  batch.output = **output;
  batch.h_n = **h_n;
  succeeds(specrnn_model_forward(model, &batch, &LOG));
  /* Sequence 0: sums of a step 0.6, 2.4, 4.2, 6.0;
   *   u: tanh(.08) = .0798298, tanh(.26 + .0199574) = .2728657, tanh(.44 + .0682164) = .4685544,
   *      tanh(.62 + .1171386) = .6274133
   *   v: tanh(.5 u + .02 + .25 v): tanh(.0599149) = .0598433, tanh(.1713937) = .1697349, tanh(.2967109) = .2882998,
   *      tanh(.4057816) = .3848850 */
  static const double U_LAST = 0.6274133;
  static const double V[STEPS] = {0.0598433, 0.1697349, 0.2882998, 0.3848850};
  for (size_t j = 0; j < HIDDEN; j++) {
    for (size_t t = 0; t < STEPS; t++) {
      assert_true(fabs((double)output[t][0][j] - V[t]) < 2e-7);
    }
    assert_true(fabs((double)h_n[0][0][j] - U_LAST) < 2e-7);
  }
  assert_memory_equal(output[STEPS - 1], h_n[1], sizeof h_n[1]); /* output[-1] equals h_n[1] */
  specrnn_model_destroy(&model);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(models_of_pytorch_give_its_numbers),
      cmocka_unit_test(two_layers_of_five_give_the_numbers_worked_by_hand),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
