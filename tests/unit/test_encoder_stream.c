/* Streams: the bits of the whole for any cutting, states, the caller's FPU mode, and nothing asked of the system. */
#include "encoder_testing.h"

#include "specrnn/cpu.h"
#include "support/watch.h"

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

enum { N_FRAMES = 150 };

/* Everything that a model computes of N_FRAMES frames. */
typedef struct results {
  float *hidden[N_LAYERS], *gates[N_LAYERS], *cell[N_LAYERS], *output;
  specrnn_layer_trace trace[N_LAYERS];
} results;

static results make_results(const specrnn_model *model, uint32_t seed)
{
  results r;
  for (size_t i = 0; i < N_LAYERS; i++) {
    const specrnn_layer_info *layer = specrnn_model_layer(model, i);
    r.hidden[i] = noise(N_FRAMES * layer->width, seed);
    r.gates[i] = noise(N_FRAMES * layer->n_gates * layer->hidden_size, seed);
    r.cell[i] = noise(N_FRAMES * layer->hidden_size, seed);
    r.trace[i] = (specrnn_layer_trace){r.gates[i], r.cell[i]};
  }
  r.output = noise((size_t)N_FRAMES * OUTPUTS, seed);
  return r;
}

static void free_results(results *r)
{
  for (size_t i = 0; i < N_LAYERS; i++) {
    free(r->hidden[i]);
    free(r->gates[i]);
    free(r->cell[i]);
  }
  free(r->output);
}

static void run_whole(const specrnn_model *model, const float *input, results *r)
{
  specrnn_batch batch = SPECRNN_BATCH_INIT;
  batch.input = input;
  batch.n_frames = N_FRAMES;
  batch.hidden = r->hidden;
  batch.output = r->output;
  batch.trace = r->trace;
  succeeds(specrnn_model_forward(model, &batch, &LOG));
}

/* Frames first ... first + n - 1 of a stream. */
static void run_part(specrnn_encoder *encoder, const float *input, size_t first, size_t n, const results *r)
{
  const specrnn_model *model = specrnn_encoder_model(encoder);
  float *hidden[N_LAYERS];
  specrnn_layer_trace trace[N_LAYERS];
  for (size_t i = 0; i < N_LAYERS; i++) {
    const specrnn_layer_info *layer = specrnn_model_layer(model, i);
    hidden[i] = r->hidden[i] + first * layer->width;
    trace[i].gates = r->gates[i] + first * layer->n_gates * layer->hidden_size;
    trace[i].cell = r->cell[i] + first * layer->hidden_size;
  }
  specrnn_encoder_output output = {hidden, r->output + first * OUTPUTS, trace};
  specrnn_encoder_process(encoder, input + first * INPUTS, n, &output);
}

static void assert_same(const specrnn_model *model, const results *a, const results *b)
{
  for (size_t i = 0; i < N_LAYERS; i++) {
    const specrnn_layer_info *layer = specrnn_model_layer(model, i);
    assert_memory_equal(a->hidden[i], b->hidden[i], N_FRAMES * layer->width * sizeof(float));
    if (is_recurrent(layer)) {
      assert_memory_equal(a->gates[i], b->gates[i], N_FRAMES * layer->n_gates * layer->hidden_size * sizeof(float));
    }
    if (layer->c_size > 0) {
      assert_memory_equal(a->cell[i], b->cell[i], N_FRAMES * layer->hidden_size * sizeof(float));
    }
  }
  assert_memory_equal(a->output, b->output, (size_t)N_FRAMES * OUTPUTS * sizeof(float));
}

static void compare_cuttings(void)
{
  enum { CUTTINGS = 40 };
  specrnn_model *model = make_model();
  float *input = noise((size_t)N_FRAMES * INPUTS, 9);
  results whole = make_results(model, 1);
  run_whole(model, input, &whole);
  specrnn_encoder *encoder = NULL;
  succeeds(specrnn_encoder_create(&encoder, model, &LOG));
  uint32_t random = 17;
  for (size_t k = 0; k < CUTTINGS; k++) {
    results parts = make_results(model, 2);
    size_t most = k % 4 == 0 ? 1 : 1 + 25 * (k % 4); /* frame by frame, or up to 26, 51, 76 at once */
    for (size_t done = 0; done < N_FRAMES;) {
      random = random * 1664525U + 1013904223U;
      size_t n = (random >> 16) % (most + 1); /* also none at all */
      n = n > N_FRAMES - done ? N_FRAMES - done : n;
      run_part(encoder, input, done, n, &parts);
      done += n;
    }
    assert_same(model, &whole, &parts);
    free_results(&parts);
    specrnn_encoder_reset(encoder);
  }
  specrnn_encoder_destroy(&encoder);
  free_results(&whole);
  free(input);
  specrnn_model_destroy(&model);
}

static void a_stream_gives_the_bits_of_the_whole(void **state)
{
  (void)state;
  for (int level = 0; level < SPECRNN_CPU_LEVELS; level++) {
    if (specrnn_cpu_supports((specrnn_cpu_level)level)) {
      specrnn_cpu_limit((specrnn_cpu_level)level);
      compare_cuttings();
    }
  }
  specrnn_cpu_limit(SPECRNN_CPU_LEVELS);
}

/* Nothing that is asked for, or only some of it, changes what is computed. */
static void results_are_the_same_wherever_they_go(void **state)
{
  (void)state;
  specrnn_model *model = make_model();
  float *input = noise((size_t)N_FRAMES * INPUTS, 9);
  results all = make_results(model, 1);
  float output[N_FRAMES * OUTPUTS];
  specrnn_encoder *encoder = NULL;
  specrnn_encoder_output only = SPECRNN_ENCODER_OUTPUT_INIT;
  run_whole(model, input, &all);
  succeeds(specrnn_encoder_create(&encoder, model, &LOG));
  specrnn_encoder_process(encoder, input, 100, NULL);
  only.output = output + 100 * OUTPUTS;
  specrnn_encoder_process(encoder, input + (size_t)100 * INPUTS, N_FRAMES - 100, &only);
  assert_memory_equal(only.output, all.output + (size_t)100 * OUTPUTS, (N_FRAMES - 100) * OUTPUTS * sizeof(float));

  specrnn_encoder_reset(encoder);
  float *top = noise(N_FRAMES * specrnn_model_layer(model, N_LAYERS - 1)->width, 8);
  float *hidden[N_LAYERS] = {NULL, NULL, NULL, NULL, NULL, top};
  only = (specrnn_encoder_output){hidden, NULL, NULL};
  specrnn_encoder_process(encoder, input, N_FRAMES, &only);
  assert_memory_equal(top, all.hidden[N_LAYERS - 1],
                      N_FRAMES * specrnn_model_layer(model, N_LAYERS - 1)->width * sizeof(float));
  free(top);
  specrnn_encoder_destroy(&encoder);
  free_results(&all);
  free(input);
  specrnn_model_destroy(&model);
}

/* ------------------------------------------------------------------------------------------------------------- states
 */

static void states_are_copied_saved_and_restored(void **state)
{
  (void)state;
  specrnn_model *model = make_model();
  float *input = noise((size_t)N_FRAMES * INPUTS, 9);
  results whole = make_results(model, 1);
  results again = make_results(model, 2);
  run_whole(model, input, &whole);
  specrnn_encoder *first = NULL;
  specrnn_encoder *second = NULL;
  specrnn_encoder *third = NULL;
  succeeds(specrnn_encoder_create(&first, model, &LOG));
  succeeds(specrnn_encoder_create(&third, model, &LOG));
  run_part(first, input, 0, 60, &again);
  succeeds(specrnn_encoder_clone(&second, first, &LOG));
  size_t size = specrnn_encoder_saved_size(first);
  unsigned char *bytes = malloc(size + 1);
  specrnn_encoder_save(first, bytes);
  specrnn_encoder_destroy(&first);
  assert_null(first);
  run_part(second, input, 60, N_FRAMES - 60, &again);
  assert_same(model, &whole, &again);

  succeeds(specrnn_encoder_restore(third, bytes, size, &LOG));
  results restored = make_results(model, 3);
  run_part(third, input, 60, N_FRAMES - 60, &restored);
  assert_memory_equal(restored.output + 60 * OUTPUTS, whole.output + 60 * OUTPUTS,
                      (N_FRAMES - 60) * OUTPUTS * sizeof(float));

  assert_int_equal(specrnn_encoder_restore(third, bytes, size - 1, &LOG), SPECRNN_ERROR_FORMAT);
  assert_int_equal(specrnn_encoder_restore(third, bytes, 3, &LOG), SPECRNN_ERROR_FORMAT);
  assert_string_equal(last_message, "this is no saved state of an encoder");
  bytes[8] ^= 1;
  assert_int_equal(specrnn_encoder_restore(third, bytes, size, &LOG), SPECRNN_ERROR_SHAPE);
  assert_non_null(strstr(last_message, "another model"));
  free(bytes);
  free_results(&restored);
  free_results(&again);
  free_results(&whole);
  free(input);
  specrnn_encoder_destroy(&second);
  specrnn_encoder_destroy(&third);
  specrnn_model_destroy(&model);
}

static void h_and_c_go_in_and_out(void **state)
{
  (void)state;
  specrnn_model *model = make_model();
  const specrnn_model_info *info = specrnn_model_describe(model);
  float *input = noise((size_t)N_FRAMES * INPUTS, 9);
  float *h = noise(info->h_size, 3);
  float *c = noise(info->c_size, 4);
  float *h_n = zeros(info->h_size);
  float *c_n = zeros(info->c_size);
  float *h_stream = zeros(info->h_size);
  float *c_stream = zeros(info->c_size);
  specrnn_batch batch = SPECRNN_BATCH_INIT;
  batch.input = input;
  batch.n_frames = N_FRAMES;
  batch.h0 = h;
  batch.c0 = c;
  batch.h_n = h_n;
  batch.c_n = c_n;
  succeeds(specrnn_model_forward(model, &batch, &LOG));
  specrnn_encoder *encoder = NULL;
  succeeds(specrnn_encoder_create(&encoder, model, &LOG));
  specrnn_encoder_set_state(encoder, h, c);
  specrnn_encoder_process(encoder, input, N_FRAMES, NULL);
  specrnn_encoder_get_state(encoder, h_stream, c_stream);
  assert_memory_equal(h_stream, h_n, info->h_size * sizeof *h);
  assert_memory_equal(c_stream, c_n, info->c_size * sizeof *c);
  float *all[] = {input, h, c, h_n, c_n, h_stream, c_stream};
  for (size_t i = 0; i < COUNT(all); i++) {
    free(all[i]);
  }
  specrnn_encoder_destroy(&encoder);
  specrnn_model_destroy(&model);
}

static void reset_cures_a_stream_that_met_a_nan(void **state)
{
  (void)state;
  specrnn_model *model = make_model();
  float *input = noise((size_t)N_FRAMES * INPUTS, 9);
  results whole = make_results(model, 1);
  results after = make_results(model, 2);
  float bad[INPUTS] = {0.0F, NAN, INFINITY};
  specrnn_encoder *encoder = NULL;
  run_whole(model, input, &whole);
  succeeds(specrnn_encoder_create(&encoder, model, &LOG));
  specrnn_encoder_process(encoder, bad, 1, NULL);
  specrnn_encoder_process(encoder, input, 10, NULL);
  specrnn_encoder_reset(encoder);
  run_part(encoder, input, 0, N_FRAMES, &after);
  assert_same(model, &whole, &after);
  free_results(&whole);
  free_results(&after);
  free(input);
  specrnn_encoder_destroy(&encoder);
  specrnn_model_destroy(&model);
}

static void a_bidirectional_model_has_no_stream(void **state)
{
  (void)state;
  test_module module = module_of("rnn", TEST_GRU, 3, 4);
  module.bidirectional = true;
  specrnn_model *model = model_of(&module, 1, 1);
  specrnn_encoder *encoder = NULL;
  assert_int_equal(specrnn_encoder_create(&encoder, model, &LOG), SPECRNN_ERROR_UNSUPPORTED);
  assert_null(encoder);
  assert_string_equal(last_message,
                      "a bidirectional model cannot run in a stream: its reverse direction begins at the last frame");
  specrnn_model_destroy(&model);
}

/* -------------------------------------------------------------------------------------------- what a step may not do
 */

typedef struct stretch {
  specrnn_encoder *encoder;
  const float *input;
  const results *r;
} stretch;

static void run_stretch(void *argument)
{
  const stretch *s = argument;
  run_part(s->encoder, s->input, 0, 1, s->r);
  run_part(s->encoder, s->input, 1, 70, s->r);
  run_part(s->encoder, s->input, 71, N_FRAMES - 71, s->r);
  specrnn_encoder_reset(s->encoder);
}

static void steps_ask_nothing_of_the_system(void **state)
{
  (void)state;
  if (!watch_works()) {
    print_message("# SKIPPED: the sanitizers have taken the place of malloc\n");
    skip();
  }
  specrnn_model *model = make_model();
  float *input = noise((size_t)N_FRAMES * INPUTS, 9);
  results r = make_results(model, 1);
  specrnn_encoder *encoder = NULL;
  succeeds(specrnn_encoder_create(&encoder, model, &LOG));
  stretch s = {encoder, input, &r};
  watch_start();
  run_stretch(&s);
  watch_counts counts = watch_stop();
  assert_int_equal(counts.allocations, 0);
  assert_int_equal(counts.locks, 0);
  assert_true(watch_runs_without_system_calls(run_stretch, &s));
  free_results(&r);
  free(input);
  specrnn_encoder_destroy(&encoder);
  specrnn_model_destroy(&model);
}

#if defined(__SSE2__)

/* Modes that a caller may have: rounding up, traps masked or not, flags set, flushing or not. */
static void the_callers_fpu_mode_is_untouched(void **state)
{
  (void)state;
  static const unsigned int MODES[] = {0x1f80,          0x1f80 | 0x4000, 0x1f80 | 0x8040,
                                       0x1f80 | 0x003f, 0x1e80,          0x1f80 | 0x6000};
  specrnn_model *model = make_model();
  float *input = noise((size_t)N_FRAMES * INPUTS, 9);
  results whole = make_results(model, 1);
  results r = make_results(model, 2);
  specrnn_encoder *encoder = NULL;
  run_whole(model, input, &whole);
  succeeds(specrnn_encoder_create(&encoder, model, &LOG));
  for (size_t i = 0; i < COUNT(MODES); i++) {
    unsigned int before = _mm_getcsr();
    _mm_setcsr(MODES[i]);
    run_part(encoder, input, 0, N_FRAMES, &r);
    unsigned int after_stream = _mm_getcsr();
    specrnn_batch batch = SPECRNN_BATCH_INIT;
    batch.input = input;
    batch.n_frames = N_FRAMES;
    specrnn_status status = specrnn_model_forward(model, &batch, &LOG);
    unsigned int after_batch = _mm_getcsr();
    _mm_setcsr(before);
    assert_int_equal(status, SPECRNN_OK);
    assert_int_equal(after_stream, MODES[i]);
    assert_int_equal(after_batch, MODES[i]);
    assert_same(model, &whole, &r); /* whatever the caller's rounding */
    specrnn_encoder_reset(encoder);
  }
  free_results(&whole);
  free_results(&r);
  free(input);
  specrnn_encoder_destroy(&encoder);
  specrnn_model_destroy(&model);
}

#endif

/* A state that halves with every step would be denormal after 126 steps, for ever slower; it is zero instead. */
static void decaying_states_end_in_zero(void **state)
{
  (void)state;
  enum { WIDTH = 8 };
  test_module module = module_of("rnn", TEST_RNN, 1, WIDTH);
  module.relu = true;
  module.bias = false;
  float parameters[WIDTH + WIDTH * WIDTH] = {0.0F};
  for (size_t i = 0; i < WIDTH; i++) {
    parameters[i] = 1.0F;
    parameters[WIDTH + i * WIDTH + i] = 0.5F;
  }
  specrnn_model_config config = SPECRNN_MODEL_CONFIG_INIT;
  config.parameters = parameters;
  specrnn_model *model = NULL;
  specrnn_encoder *encoder = NULL;
  succeeds(create_model(&model, config, &module, 1));
  succeeds(specrnn_encoder_create(&encoder, model, &LOG));
  float input[140] = {1.0F};
  float h[WIDTH];
  specrnn_encoder_process(encoder, input, 127, NULL); /* 1, 0.5, ... 2^-126, the smallest normal number */
  specrnn_encoder_get_state(encoder, h, NULL);
  assert_true(h[0] == 0x1p-126F);
  specrnn_encoder_process(encoder, input + 127, 1, NULL);
  specrnn_encoder_get_state(encoder, h, NULL);
  for (size_t i = 0; i < WIDTH; i++) {
    assert_true(h[i] == 0.0F);
  }
  specrnn_encoder_destroy(&encoder);
  specrnn_model_destroy(&model);
}

/* A model goes with the last of those who hold it. */
static void streams_keep_their_model(void **state)
{
  (void)state;
  test_module module = module_of("gru", TEST_GRU, INPUTS, 5);
  specrnn_model *model = model_of(&module, 1, 3);
  specrnn_model *shared = specrnn_model_share(model);
  assert_ptr_equal(shared, model);
  specrnn_encoder *encoder = NULL;
  specrnn_encoder *clone = NULL;
  specrnn_encoder_group *group = NULL;
  succeeds(specrnn_encoder_create(&encoder, model, &LOG));
  succeeds(specrnn_encoder_clone(&clone, encoder, &LOG));
  succeeds(specrnn_encoder_group_create(&group, model, 2, &LOG));
  specrnn_model_destroy(&model);
  assert_null(model);
  specrnn_encoder_destroy(&encoder);
  specrnn_encoder_group_destroy(&group);
  specrnn_model_destroy(&shared);
  float frame[INPUTS] = {0.5F};
  float h[5] = {0.0F};
  specrnn_encoder_process(clone, frame, 1, NULL);
  specrnn_encoder_get_state(clone, h, NULL);
  assert_true(h[0] != 0.0F);
  specrnn_encoder_destroy(&clone);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(streams_keep_their_model),
    cmocka_unit_test(a_stream_gives_the_bits_of_the_whole),
    cmocka_unit_test(results_are_the_same_wherever_they_go),
    cmocka_unit_test(states_are_copied_saved_and_restored),
    cmocka_unit_test(h_and_c_go_in_and_out),
    cmocka_unit_test(reset_cures_a_stream_that_met_a_nan),
    cmocka_unit_test(a_bidirectional_model_has_no_stream),
    cmocka_unit_test(steps_ask_nothing_of_the_system),
#if defined(__SSE2__)
    cmocka_unit_test(the_callers_fpu_mode_is_untouched),
#endif
    cmocka_unit_test(decaying_states_end_in_zero),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
