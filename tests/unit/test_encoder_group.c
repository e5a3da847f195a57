/* Streams that step together: the bits of each alone, whoever joins and leaves. */
#include "encoder_testing.h"

#include "support/watch.h"

enum { N_STREAMS = 11, N_STEPS = 120 };

/* What a stream puts out in a step, and where. */
typedef struct place {
  float *hidden[N_LAYERS];
  float output[OUTPUTS];
} place;

/* A stream that steps with others, one that steps alone on the same frames, and what both put out. */
typedef struct pair {
  specrnn_encoder *grouped, *alone;
  place in_group, by_itself;
} pair;

static void make_place(place *p, const specrnn_model *model)
{
  for (size_t i = 0; i < N_LAYERS; i++) {
    p->hidden[i] = zeros(specrnn_model_layer(model, i)->width);
  }
}

static void free_place(place *p)
{
  for (size_t i = 0; i < N_LAYERS; i++) {
    free(p->hidden[i]);
  }
}

static void make_pairs(pair *pairs, const specrnn_model *model)
{
  for (size_t i = 0; i < N_STREAMS; i++) {
    succeeds(specrnn_encoder_create(&pairs[i].grouped, model, &LOG));
    succeeds(specrnn_encoder_create(&pairs[i].alone, model, &LOG));
    make_place(&pairs[i].in_group, model);
    make_place(&pairs[i].by_itself, model);
  }
}

static void free_pairs(pair *pairs)
{
  for (size_t i = 0; i < N_STREAMS; i++) {
    specrnn_encoder_destroy(&pairs[i].grouped);
    specrnn_encoder_destroy(&pairs[i].alone);
    free_place(&pairs[i].in_group);
    free_place(&pairs[i].by_itself);
  }
}

static void assert_same_state(const specrnn_encoder *a, const specrnn_encoder *b)
{
  size_t size = specrnn_encoder_saved_size(a);
  unsigned char *first = malloc(size);
  unsigned char *second = malloc(size);
  assert_non_null(first);
  assert_non_null(second);
  specrnn_encoder_save(a, first);
  specrnn_encoder_save(b, second);
  assert_memory_equal(first, second, size);
  free(first);
  free(second);
}

static void assert_same_place(const specrnn_model *model, const place *a, const place *b)
{
  for (size_t i = 0; i < N_LAYERS; i++) {
    assert_memory_equal(a->hidden[i], b->hidden[i], specrnn_model_layer(model, i)->width * sizeof(float));
  }
  assert_memory_equal(a->output, b->output, sizeof a->output);
}

static uint32_t draw(uint32_t *random)
{
  *random = *random * 1664525U + 1013904223U;
  return *random >> 16;
}

/* A step of the streams whose bits are set in `members`. */
static void step_together(specrnn_encoder_group *group, pair *pairs, unsigned int members, const float *input)
{
  specrnn_encoder *encoders[N_STREAMS];
  const float *frames[N_STREAMS];
  specrnn_encoder_output outputs[N_STREAMS];
  size_t n = 0;
  for (size_t i = 0; i < N_STREAMS; i++) {
    const float *frame = input + i * INPUTS;
    specrnn_encoder_output alone = {pairs[i].by_itself.hidden, pairs[i].by_itself.output, NULL};
    if (members >> i & 1) {
      encoders[n] = pairs[i].grouped;
      frames[n] = frame;
      outputs[n++] = (specrnn_encoder_output){pairs[i].in_group.hidden, pairs[i].in_group.output, NULL};
      specrnn_encoder_process(pairs[i].alone, frame, 1, &alone);
    }
  }
  succeeds(specrnn_encoder_group_process(group, encoders, frames, n, outputs));
}

/* Every capacity: passes of one stream, of some, of all, and more streams than one pass holds. */
static void streams_together_give_the_bits_of_each_alone(void **state)
{
  (void)state;
  static const size_t CAPACITIES[] = {1, 3, 8, N_STREAMS};
  specrnn_model *model = make_model();
  float *input = noise((size_t)(N_STEPS + N_STREAMS) * INPUTS, 4);
  uint32_t random = 5;
  for (size_t k = 0; k < COUNT(CAPACITIES); k++) {
    pair pairs[N_STREAMS] = {{0}};
    specrnn_encoder_group *group = NULL;
    succeeds(specrnn_encoder_group_create(&group, model, CAPACITIES[k], &LOG));
    make_pairs(pairs, model);
    for (size_t t = 0; t < N_STEPS; t++) {
      unsigned int members = draw(&random) % (1U << N_STREAMS); /* any streams join, any leave; also none at all */
      step_together(group, pairs, members, input + t * INPUTS);
      for (size_t i = 0; i < N_STREAMS; i++) {
        assert_same_place(model, &pairs[i].in_group, &pairs[i].by_itself);
      }
    }
    for (size_t i = 0; i < N_STREAMS; i++) {
      assert_same_state(pairs[i].grouped, pairs[i].alone);
    }
    free_pairs(pairs);
    specrnn_encoder_group_destroy(&group);
    assert_null(group);
  }
  free(input);
  specrnn_model_destroy(&model);
}

/* Widths that fill panels and pairs of panels, no normaliser, no output layer. */
static void wide_layers_do_too(void **state)
{
  (void)state;
  static const int KINDS[] = {TEST_RNN, TEST_LSTM, TEST_GRU};
  enum { WIDTH = 128, BINS = 40, STREAMS = 17, STEPS = 20 };
  float *input = noise((size_t)(STEPS + STREAMS) * BINS, 8);
  for (size_t k = 0; k < COUNT(KINDS); k++) {
    test_module module = module_of("rnn", KINDS[k], BINS, WIDTH);
    module.num_layers = 2;
    specrnn_model *model = model_of(&module, 1, 2);
    specrnn_encoder_group *group = NULL;
    specrnn_encoder *grouped[STREAMS] = {NULL};
    specrnn_encoder *alone[STREAMS] = {NULL};
    float results[STREAMS][WIDTH];
    float expected[WIDTH];
    specrnn_encoder_output outputs[STREAMS];
    succeeds(specrnn_encoder_group_create(&group, model, STREAMS, &LOG));
    for (size_t i = 0; i < STREAMS; i++) {
      succeeds(specrnn_encoder_create(&grouped[i], model, &LOG));
      succeeds(specrnn_encoder_create(&alone[i], model, &LOG));
      outputs[i] = (specrnn_encoder_output){NULL, results[i], NULL};
    }
    for (size_t t = 0; t < STEPS; t++) {
      const float *frames[STREAMS];
      for (size_t i = 0; i < STREAMS; i++) {
        frames[i] = input + (t + i) * BINS;
      }
      succeeds(specrnn_encoder_group_process(group, grouped, frames, STREAMS, outputs));
      for (size_t i = 0; i < STREAMS; i++) {
        specrnn_encoder_output output = {NULL, expected, NULL};
        specrnn_encoder_process(alone[i], frames[i], 1, &output);
        assert_memory_equal(results[i], expected, sizeof expected);
      }
    }
    for (size_t i = 0; i < STREAMS; i++) {
      specrnn_encoder_destroy(&grouped[i]);
      specrnn_encoder_destroy(&alone[i]);
    }
    specrnn_encoder_group_destroy(&group);
    specrnn_model_destroy(&model);
  }
  free(input);
}

/* Some want the output, some a trace, some nothing, and one met a NaN. */
static void streams_differ_in_what_they_want(void **state)
{
  (void)state;
  enum { STREAMS = 4, WITH_OUTPUT = 0, WITH_TRACE, WITH_NOTHING, WITH_NAN, STEPS = 30 };
  specrnn_model *model = make_model();
  const specrnn_layer_info *top = specrnn_model_layer(model, N_LAYERS - 1);
  pair pairs[N_STREAMS] = {{0}};
  specrnn_encoder_group *group = NULL;
  succeeds(specrnn_encoder_group_create(&group, model, STREAMS, &LOG));
  make_pairs(pairs, model);
  float *gates[] = {zeros(top->hidden_size), zeros(top->hidden_size)};
  specrnn_layer_trace traces[2][N_LAYERS] = {{{NULL, NULL}}};
  float *input = noise((size_t)STEPS * INPUTS, 4);
  float bad[INPUTS] = {NAN};
  for (size_t k = 0; k < 2; k++) {
    traces[k][N_LAYERS - 1].gates = gates[k];
  }
  for (size_t t = 0; t < STEPS; t++) {
    specrnn_encoder *encoders[STREAMS];
    const float *frames[STREAMS];
    specrnn_encoder_output outputs[STREAMS] = {{NULL, pairs[0].in_group.output, NULL}, {NULL, NULL, traces[0]}};
    specrnn_encoder_output alone[STREAMS] = {{NULL, pairs[0].by_itself.output, NULL}, {NULL, NULL, traces[1]}};
    for (size_t i = 0; i < STREAMS; i++) {
      encoders[i] = pairs[i].grouped;
      frames[i] = i == WITH_NAN ? bad : input + t * INPUTS;
      specrnn_encoder_process(pairs[i].alone, frames[i], 1, &alone[i]);
    }
    succeeds(specrnn_encoder_group_process(group, encoders, frames, STREAMS, outputs));
    assert_same_place(model, &pairs[WITH_OUTPUT].in_group, &pairs[WITH_OUTPUT].by_itself);
    assert_memory_equal(gates[0], gates[1], top->hidden_size * sizeof *gates[0]);
  }
  assert_same_state(pairs[WITH_TRACE].grouped, pairs[WITH_TRACE].alone);
  assert_same_state(pairs[WITH_NOTHING].grouped, pairs[WITH_NOTHING].alone);
  free(gates[0]);
  free(gates[1]);
  free(input);
  free_pairs(pairs);
  specrnn_encoder_group_destroy(&group);
  specrnn_model_destroy(&model);
}

static void what_cannot_be_is_refused(void **state)
{
  (void)state;
  test_module module = module_of("rnn", TEST_GRU, INPUTS, 4);
  specrnn_model *model = make_model();
  specrnn_model *other = model_of(&module, 1, 1);
  module.bidirectional = true;
  specrnn_model *both_ways = model_of(&module, 1, 1);
  specrnn_encoder_group *group = NULL;
  assert_int_equal(specrnn_encoder_group_create(&group, both_ways, 1, &LOG), SPECRNN_ERROR_UNSUPPORTED);
  assert_int_equal(specrnn_encoder_group_create(&group, model, 0, &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_string_equal(last_message, "a group is for 1 stream at least");
  assert_int_equal(specrnn_encoder_group_create(&group, model, SIZE_MAX / 64, &LOG), SPECRNN_ERROR_MEMORY);
  assert_null(group);
  succeeds(specrnn_encoder_group_create(&group, model, 2, &LOG));

  specrnn_encoder *encoders[2] = {NULL};
  specrnn_encoder *fresh = NULL;
  float *frame = noise(INPUTS, 1);
  const float *frames[] = {frame, frame};
  succeeds(specrnn_encoder_create(&encoders[0], model, &LOG));
  succeeds(specrnn_encoder_create(&encoders[1], other, &LOG));
  succeeds(specrnn_encoder_create(&fresh, model, &LOG));
  assert_int_equal(specrnn_encoder_group_process(group, encoders, frames, 2, NULL), SPECRNN_ERROR_ARGUMENT);
  assert_same_state(encoders[0], fresh);
  succeeds(specrnn_encoder_group_process(group, encoders, frames, 0, NULL));
  succeeds(specrnn_encoder_group_process(group, encoders, frames, 1, NULL));
  free(frame);
  specrnn_encoder_destroy(&encoders[0]);
  specrnn_encoder_destroy(&encoders[1]);
  specrnn_encoder_destroy(&fresh);
  specrnn_encoder_group_destroy(&group);
  specrnn_encoder_group_destroy(&group);
  specrnn_model_destroy(&model);
  specrnn_model_destroy(&other);
  specrnn_model_destroy(&both_ways);
}

typedef struct stretch {
  specrnn_encoder_group *group;
  pair *pairs;
  const float *input;
} stretch;

static void run_stretch(void *argument)
{
  const stretch *s = argument;
  step_together(s->group, s->pairs, (1U << N_STREAMS) - 1, s->input);
}

static void steps_ask_nothing_of_the_system(void **state)
{
  (void)state;
  if (!watch_works()) {
    print_message("# SKIPPED: the sanitizers have taken the place of malloc\n");
    skip();
  }
  specrnn_model *model = make_model();
  float *input = noise((size_t)N_STREAMS * INPUTS, 9);
  pair pairs[N_STREAMS] = {{0}};
  specrnn_encoder_group *group = NULL;
  succeeds(specrnn_encoder_group_create(&group, model, N_STREAMS - 3, &LOG));
  make_pairs(pairs, model);
  stretch s = {group, pairs, input};
  watch_start();
  run_stretch(&s);
  watch_counts counts = watch_stop();
  assert_int_equal(counts.allocations, 0);
  assert_int_equal(counts.locks, 0);
  assert_true(watch_runs_without_system_calls(run_stretch, &s));
  free_pairs(pairs);
  free(input);
  specrnn_encoder_group_destroy(&group);
  specrnn_model_destroy(&model);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(streams_together_give_the_bits_of_each_alone),
      cmocka_unit_test(wide_layers_do_too),
      cmocka_unit_test(streams_differ_in_what_they_want),
      cmocka_unit_test(what_cannot_be_is_refused),
      cmocka_unit_test(steps_ask_nothing_of_the_system),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
