/* Batches: lengths, layouts, dropout, traces, initial states. */
#include "model_testing.h"

#include "core/rng.h"

enum { N = 5, T = 40, INPUTS = 6 };

static const size_t LENGTHS[N] = {17, 40, 1, 40, 33};

/* A bidirectional LSTM of two layers, a linear layer, a GRU, and an output layer. */
static specrnn_model *make_model(bool bidirectional)
{
  test_module modules[] = {
      module_of("lstm", TEST_LSTM, INPUTS, 7),
      module_of("mid", TEST_LINEAR, bidirectional ? 14 : 7, 9),
      module_of("rnn", TEST_GRU, 9, 20),
      module_of("out", TEST_LINEAR, 20, 4),
  };
  modules[0].num_layers = 2;
  modules[0].bidirectional = bidirectional;
  return model_of(modules, COUNT(modules), 11);
}

typedef struct results {
  float *hidden[4], *output, *h_n, *c_n;
  specrnn_layer_trace trace[4];
} results;

static results make_results(const specrnn_model *model, size_t n_sequences)
{
  const specrnn_model_info *info = specrnn_model_describe(model);
  size_t frames = n_sequences * T;
  results r = {.output = NULL};
  for (size_t i = 0; i < info->n_layers; i++) {
    const specrnn_layer_info *layer = specrnn_model_layer(model, i);
    size_t units = layer->n_directions * layer->hidden_size;
    r.hidden[i] = noise(frames * layer->width, 1);
    r.trace[i] = (specrnn_layer_trace){noise(frames * units * layer->n_gates, 1), noise(frames * units, 1)};
  }
  r.output = noise(frames * info->output_size, 1);
  r.h_n = noise(n_sequences * info->h_size, 1);
  r.c_n = noise(n_sequences * info->c_size, 1);
  return r;
}

static void free_results(results *r)
{
  for (size_t i = 0; i < COUNT(r->hidden); i++) {
    free(r->hidden[i]);
    free(r->trace[i].gates);
    free(r->trace[i].cell);
  }
  free(r->output);
  free(r->h_n);
  free(r->c_n);
}

static void forward(const specrnn_model *model, const float *input, size_t n, size_t frames, bool batch_first,
                    const size_t *lengths, results *r)
{
  specrnn_batch batch = SPECRNN_BATCH_INIT;
  batch.input = input;
  batch.n_sequences = n;
  batch.n_frames = frames;
  batch.batch_first = batch_first;
  batch.lengths = lengths;
  batch.hidden = r->hidden;
  batch.output = r->output;
  batch.h_n = r->h_n;
  batch.c_n = r->c_n;
  batch.trace = r->trace;
  succeeds(specrnn_model_forward(model, &batch, &LOG));
}

static bool all_zero(const float *values, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    if (values[i] != 0.0F) {
      return false;
    }
  }
  return true;
}

/* Sequence k of the batch is, bit for bit, what it is alone at its true length; beyond it everything is 0. */
static void assert_alone(const specrnn_model *model, const float *input, const results *all, size_t k)
{
  const specrnn_model_info *info = specrnn_model_describe(model);
  size_t length = LENGTHS[k];
  results alone = make_results(model, 1);
  forward(model, input + k * T * INPUTS, 1, length, true, NULL, &alone);
  for (size_t i = 0; i < info->n_layers; i++) {
    const specrnn_layer_info *layer = specrnn_model_layer(model, i);
    const float *rows = all->hidden[i] + k * T * layer->width;
    assert_memory_equal(rows, alone.hidden[i], length * layer->width * sizeof(float));
    assert_true(all_zero(rows + length * layer->width, (T - length) * layer->width));
    if (is_recurrent(layer)) {
      size_t gates = layer->n_directions * layer->n_gates * layer->hidden_size;
      assert_memory_equal(all->trace[i].gates + k * T * gates, alone.trace[i].gates, length * gates * sizeof(float));
      assert_true(all_zero(all->trace[i].gates + (k * T + length) * gates, (T - length) * gates));
    }
  }
  const float *output = all->output + k * T * info->output_size;
  assert_memory_equal(output, alone.output, length * info->output_size * sizeof(float));
  assert_true(all_zero(output + length * info->output_size, (T - length) * info->output_size));
  for (size_t i = 0; i < info->n_layers; i++) { /* (D, N, H_out) against (D, 1, H_out) */
    const specrnn_layer_info *layer = specrnn_model_layer(model, i);
    size_t width = layer->width / layer->n_directions;
    for (size_t d = 0; d < layer->n_directions && is_recurrent(layer); d++) {
      assert_memory_equal(all->h_n + layer->h_offset * N + (d * N + k) * width, alone.h_n + layer->h_offset + d * width,
                          width * sizeof(float));
    }
  }
  free_results(&alone);
}

static void sequences_of_a_batch_are_what_they_are_alone(void **state)
{
  (void)state;
  for (int bidirectional = 0; bidirectional < 2; bidirectional++) {
    specrnn_model *model = make_model(bidirectional);
    float *input = noise((size_t)N * T * INPUTS, 3);
    results all = make_results(model, N);
    for (size_t k = 0; k < N; k++) { /* what lies in the padding is never looked at */
      for (size_t i = LENGTHS[k] * INPUTS; i < (size_t)T * INPUTS; i++) {
        input[k * T * INPUTS + i] = NAN;
      }
    }
    forward(model, input, N, T, true, LENGTHS, &all);
    for (size_t k = 0; k < N; k++) {
      assert_alone(model, input, &all, k);
    }
    free_results(&all);
    free(input);
    specrnn_model_destroy(&model);
  }
}

static void the_reverse_direction_ends_at_the_first_frame(void **state)
{
  (void)state;
  test_module module = module_of("rnn", TEST_GRU, INPUTS, 3);
  module.bidirectional = true;
  specrnn_model *model = model_of(&module, 1, 2);
  float *input = noise((size_t)T * INPUTS, 3);
  float output[T][2][3];
  float h_n[2][3];
  specrnn_batch batch = SPECRNN_BATCH_INIT;
  batch.input = input;
  batch.n_frames = T;
  batch.output = **output;
  batch.h_n = *h_n;
  succeeds(specrnn_model_forward(model, &batch, &LOG));
  assert_memory_equal(h_n[0], output[T - 1][0], sizeof h_n[0]);
  assert_memory_equal(h_n[1], output[0][1], sizeof h_n[1]);
  free(input);
  specrnn_model_destroy(&model);
}

static void layouts_hold_the_same_numbers(void **state)
{
  (void)state;
  specrnn_model *model = make_model(true);
  float *input = noise((size_t)N * T * INPUTS, 3);
  float *turned = noise((size_t)N * T * INPUTS, 3);
  for (size_t n = 0; n < N; n++) {
    for (size_t t = 0; t < T; t++) {
      memcpy(turned + (t * N + n) * INPUTS, input + (n * T + t) * INPUTS, INPUTS * sizeof(float));
    }
  }
  results first = make_results(model, N);
  results second = make_results(model, N);
  forward(model, input, N, T, true, LENGTHS, &first);
  forward(model, turned, N, T, false, LENGTHS, &second);
  for (size_t i = 0; i < specrnn_model_describe(model)->n_layers; i++) {
    const specrnn_layer_info *layer = specrnn_model_layer(model, i);
    size_t gates = layer->n_directions * layer->n_gates * layer->hidden_size;
    bool recurrent = is_recurrent(layer);
    for (size_t n = 0; n < N; n++) {
      for (size_t t = 0; t < T; t++) {
        assert_memory_equal(first.hidden[i] + (n * T + t) * layer->width, second.hidden[i] + (t * N + n) * layer->width,
                            layer->width * sizeof(float));
        if (recurrent) {
          assert_memory_equal(first.trace[i].gates + (n * T + t) * gates, second.trace[i].gates + (t * N + n) * gates,
                              gates * sizeof(float));
        }
      }
    }
  }
  assert_memory_equal(first.h_n, second.h_n, N * specrnn_model_describe(model)->h_size * sizeof(float));
  assert_memory_equal(first.c_n, second.c_n, N * specrnn_model_describe(model)->c_size * sizeof(float));
  free_results(&first);
  free_results(&second);
  free(input);
  free(turned);
  specrnn_model_destroy(&model);
}

/* ------------------------------------------------------------------------------------------------------------- traces
 */

static double sigmoid(double x)
{
  return 1.0 / (1.0 + exp(-x));
}

/* The gates of an LSTM of one unit, and its cell, from the formula. */
static void traces_hold_the_gates_of_the_formula(void **state)
{
  (void)state;
  static const float PARAMETERS[] = {0.5F,  -0.25F, 0.75F, 1.0F,  0.1F, 0.2F, -0.3F, 0.4F,
                                     0.05F, 0.06F,  0.07F, 0.08F, 0.0F, 0.0F, 0.0F,  0.0F};
  test_module module = module_of("lstm", TEST_LSTM, 1, 1);
  specrnn_model_config config = SPECRNN_MODEL_CONFIG_INIT;
  specrnn_model *model = NULL;
  config.parameters = PARAMETERS;
  succeeds(create_model(&model, config, &module, 1));
  float *input = noise(T, 3);
  float gates[T][4];
  float cell[T];
  float output[T];
  specrnn_layer_trace trace = {*gates, cell};
  specrnn_batch batch = SPECRNN_BATCH_INIT;
  batch.input = input;
  batch.n_frames = T;
  batch.output = output;
  batch.trace = &trace;
  succeeds(specrnn_model_forward(model, &batch, &LOG));
  double h = 0.0;
  double c = 0.0;
  for (size_t t = 0; t < T; t++) {
    double expected[4];
    for (size_t g = 0; g < 4; g++) {
      double pre = (double)PARAMETERS[g] * (double)input[t] + (double)PARAMETERS[4 + g] * h + (double)PARAMETERS[8 + g];
      expected[g] = g == 2 ? tanh(pre) : sigmoid(pre);
      assert_true(fabs(expected[g] - (double)gates[t][g]) < 1e-6);
    }
    c = expected[1] * c + expected[0] * expected[2];
    h = expected[3] * tanh(c);
    assert_true(fabs(c - (double)cell[t]) < 1e-6);
    assert_true(fabs(h - (double)output[t]) < 1e-6);
  }
  free(input);
  specrnn_model_destroy(&model);
}

/* ------------------------------------------------------------------------------------------------------------ dropout
 */

static uint64_t mix(uint64_t z)
{
  return srn_random_bits(z, 0);
}

/* The key of what one sequence loses behind a layer in one step of a training. */
static uint64_t dropout_key(uint64_t seed, uint64_t step, const char *node, uint64_t id)
{
  uint64_t name = 0xcbf29ce484222325U;
  for (; *node; node++) {
    name = (name ^ (unsigned char)*node) * 0x00000100000001b3U;
  }
  return mix(mix(mix(mix(seed) ^ step) ^ name) ^ id);
}

/* The second layer of a GRU reads the first one's output through the documented mask: the same numbers come from two
 * single layers with the mask applied between them. */
static void dropout_is_as_documented(void **state)
{
  (void)state;
  enum { WIDTH = 8, SEED = 99, STEP = 3, FIRST = 1000 };
  static const double P = 0.375;
  uint64_t ids[N];
  for (size_t n = 0; n < N; n++) {
    ids[n] = 70 - 3 * n;
  }
  test_module module = module_of("gru", TEST_GRU, INPUTS, WIDTH);
  module.num_layers = 2;
  module.dropout = P;
  specrnn_model *model = model_of(&module, 1, 4);
  float *input = noise((size_t)N * T * INPUTS, 3);
  results plain = make_results(model, N);
  results dropped = make_results(model, N);
  forward(model, input, N, T, true, LENGTHS, &plain);
  specrnn_batch batch = SPECRNN_BATCH_INIT;
  batch.input = input;
  batch.n_sequences = N;
  batch.n_frames = T;
  batch.lengths = LENGTHS;
  batch.training = true;
  batch.dropout_seed = SEED;
  batch.dropout_step = STEP;
  batch.first_frame = FIRST;
  batch.sequence_ids = ids;
  batch.hidden = dropped.hidden;
  succeeds(specrnn_model_forward(model, &batch, &LOG));
  assert_memory_equal(dropped.hidden[0], plain.hidden[0], (size_t)N * T * WIDTH * sizeof(float));

  test_module second = module_of("gru", TEST_GRU, WIDTH, WIDTH);
  specrnn_model_config config = SPECRNN_MODEL_CONFIG_INIT;
  specrnn_model *alone = NULL;
  float parameters[3 * WIDTH * (2 * WIDTH + 2)];
  float *next = parameters;
  for (size_t i = 4; i < 8; i++) {
    const specrnn_parameter *p = specrnn_model_parameter(model, i);
    float *values = values_of(model, p);
    memcpy(next, values, count_of(p) * sizeof *next);
    next += count_of(p);
    free(values);
  }
  config.parameters = parameters;
  succeeds(create_model(&alone, config, &second, 1));
  size_t kept = 0;
  for (size_t i = 0; i < (size_t)N * T * WIDTH; i++) {
    size_t time = FIRST + i / WIDTH % T;
    uint64_t key = dropout_key(SEED, STEP, "gru.0.dropout", ids[i / WIDTH / T]);
    bool survives = srn_random_uniform(key, time * WIDTH + i % WIDTH) >= P;
    kept += survives;
    plain.hidden[0][i] = survives ? plain.hidden[0][i] * (float)(1.0 / (1.0 - P)) : 0.0F;
  }
  assert_true(fabs((double)kept / (N * T * WIDTH) - (1.0 - P)) < 0.03);
  batch.input = plain.hidden[0];
  batch.training = false;
  batch.hidden = &plain.hidden[1];
  succeeds(specrnn_model_forward(alone, &batch, &LOG));
  assert_memory_equal(dropped.hidden[1], plain.hidden[1], (size_t)N * T * WIDTH * sizeof(float));
  specrnn_model_destroy(&alone);
  specrnn_model_destroy(&model);
  free_results(&plain);
  free_results(&dropped);
  free(input);
}

/* What a sequence loses hangs on itself alone: not on padding, on its place, on the others, nor on how time is cut. */
static void dropout_hangs_on_the_sequence_alone(void **state)
{
  (void)state;
  enum { WIDTH = 8, LONG = T + 5 };
  test_module module = module_of("gru", TEST_GRU, INPUTS, WIDTH);
  module.num_layers = 3;
  module.dropout = 0.5;
  specrnn_model *model = model_of(&module, 1, 4);
  float *input = noise((size_t)2 * LONG * INPUTS, 3);
  float alone[T * WIDTH], together[2 * LONG * WIDTH], late[(T - 2) * WIDTH], other[T * WIDTH];
  float h[3 * WIDTH];
  size_t lengths[] = {LONG, T};
  uint64_t ids[] = {5, 9};
  float *hidden[3] = {NULL, NULL, alone};
  specrnn_batch batch = SPECRNN_BATCH_INIT;
  batch.input = input + (size_t)LONG * INPUTS;
  batch.n_frames = T;
  batch.training = true;
  batch.dropout_seed = 1;
  batch.sequence_ids = ids + 1;
  batch.hidden = hidden;
  succeeds(specrnn_model_forward(model, &batch, &LOG));

  hidden[2] = other;
  batch.dropout_step = 1;
  succeeds(specrnn_model_forward(model, &batch, &LOG));
  assert_memory_not_equal(other, alone, sizeof alone);
  batch.dropout_step = 0;

  hidden[2] = together;
  batch.input = input;
  batch.n_sequences = 2;
  batch.n_frames = LONG;
  batch.lengths = lengths;
  batch.sequence_ids = ids;
  succeeds(specrnn_model_forward(model, &batch, &LOG));
  assert_memory_equal(together + (size_t)LONG * WIDTH, alone, sizeof alone);

  hidden[2] = other;
  batch.input = input + (size_t)LONG * INPUTS;
  batch.n_sequences = 1;
  batch.n_frames = 2;
  batch.lengths = NULL;
  batch.sequence_ids = ids + 1;
  batch.h_n = h;
  succeeds(specrnn_model_forward(model, &batch, &LOG));
  hidden[2] = late;
  batch.input += (size_t)2 * INPUTS;
  batch.n_frames = T - 2;
  batch.first_frame = 2;
  batch.h0 = h;
  batch.h_n = NULL;
  succeeds(specrnn_model_forward(model, &batch, &LOG));
  assert_memory_equal(late, alone + 2 * WIDTH, sizeof late);
  specrnn_model_destroy(&model);
  free(input);
}

/* -------------------------------------------------------------------------------------------------- initial states */

static void states_are_drawn_from_the_normal_numbers(void **state)
{
  (void)state;
  enum { NUMBERS = 1000 };
  float drawn[NUMBERS];
  specrnn_model_draw_state(drawn, NUMBERS, 0.5, 7);
  for (size_t i = 0; i < NUMBERS; i++) {
    assert_true(drawn[i] == (float)(0.5 * srn_random_normal(7, i)));
  }
}

static void batches_that_make_no_sense_are_refused(void **state)
{
  (void)state;
  specrnn_model *model = make_model(false);
  float input[2 * INPUTS] = {0.0F};
  size_t lengths[] = {1, 3};
  specrnn_batch batch = SPECRNN_BATCH_INIT;
  batch.input = input;
  assert_int_equal(specrnn_model_forward(model, &batch, &LOG), SPECRNN_ERROR_ARGUMENT);
  batch.n_frames = 1;
  batch.n_sequences = 2;
  batch.lengths = lengths;
  assert_int_equal(specrnn_model_forward(model, &batch, &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_string_equal(last_message, "the length of sequence 1 is 3; it must be from 1 to 1");
  lengths[0] = 0;
  assert_int_equal(specrnn_model_forward(model, &batch, &LOG), SPECRNN_ERROR_ARGUMENT);
  batch.lengths = NULL;
  batch.n_sequences = SIZE_MAX / 4;
  assert_int_equal(specrnn_model_forward(model, &batch, &LOG), SPECRNN_ERROR_MEMORY);
  specrnn_model_destroy(&model);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sequences_of_a_batch_are_what_they_are_alone),
      cmocka_unit_test(the_reverse_direction_ends_at_the_first_frame),
      cmocka_unit_test(layouts_hold_the_same_numbers),
      cmocka_unit_test(traces_hold_the_gates_of_the_formula),
      cmocka_unit_test(dropout_is_as_documented),
      cmocka_unit_test(dropout_hangs_on_the_sequence_alone),
      cmocka_unit_test(states_are_drawn_from_the_normal_numbers),
      cmocka_unit_test(batches_that_make_no_sense_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
