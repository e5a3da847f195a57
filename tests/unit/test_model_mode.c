/* The caller's rounding changes no weight: those that are drawn, folded, packed and quantised.
 * Nor does it change a sound that is written in 16 bits. */
#include <fenv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "specrnn/audio.h"
#include "specrnn/encoder.h"
#include "specrnn/model.h"
#include "support/messages.h"

enum { N_INPUT = 8, N_HIDDEN = 16, N_FRAMES = 30 };

static const int MODES[] = {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};

typedef struct outcome {
  uint64_t fingerprint[SPECRNN_WEIGHT_TYPES];
  float hidden[SPECRNN_WEIGHT_TYPES][N_FRAMES * N_HIDDEN];
} outcome;

static specrnn_model *make_model(int type)
{
  specrnn_graph *graph = NULL;
  assert_int_equal(specrnn_graph_create(&graph, N_INPUT, &LOG), SPECRNN_OK);
  assert_int_equal(specrnn_graph_add(graph, "gru1", "gru", NULL, 0, "{\"hidden_size\": 16}", &LOG), SPECRNN_OK);
  specrnn_model_config config = SPECRNN_MODEL_CONFIG_INIT;
  config.seed = 5;
  config.graph = graph;
  specrnn_model *drawn = NULL;
  specrnn_model *model = NULL;
  assert_int_equal(specrnn_model_create(&drawn, &config, &LOG), SPECRNN_OK);
  specrnn_graph_destroy(&graph);
  assert_int_equal(specrnn_model_with_weights(&model, drawn, (specrnn_weight_type)type, &LOG), SPECRNN_OK);
  specrnn_model_destroy(&drawn);
  return model;
}

static void make_all(outcome *o, int rounding)
{
  float input[N_FRAMES * N_INPUT];
  for (int i = 0; i < N_FRAMES * N_INPUT; i++) {
    input[i] = (float)(i % 17) / 17.0F;
  }
  for (int type = 0; type < SPECRNN_WEIGHT_TYPES; type++) {
    assert_int_equal(fesetround(rounding), 0);
    specrnn_model *model = make_model(type);
    assert_int_equal(fegetround(), rounding);
    assert_int_equal(fesetround(FE_TONEAREST), 0);
    float *hidden[1] = {o->hidden[type]};
    specrnn_batch batch = SPECRNN_BATCH_INIT;
    batch.input = input;
    batch.n_frames = N_FRAMES;
    batch.hidden = hidden;
    assert_int_equal(specrnn_model_forward(model, &batch, &LOG), SPECRNN_OK);
    o->fingerprint[type] = specrnn_model_describe(model)->fingerprint;
    specrnn_model_destroy(&model);
  }
}

static void the_callers_rounding_changes_no_weight(void **state)
{
  (void)state;
  static outcome usual;
  static outcome other;
  make_all(&usual, FE_TONEAREST);
  for (size_t i = 0; i < sizeof MODES / sizeof *MODES; i++) {
    make_all(&other, MODES[i]);
    assert_memory_equal(&other, &usual, sizeof usual);
  }
}

/* (bytes of the file; at most 4096) */
static size_t written(unsigned char *bytes, const float *samples, size_t n, int rounding)
{
  char path[] = "/tmp/specrnn-mode-XXXXXX";
  int descriptor = mkstemp(path);
  assert_true(descriptor >= 0);
  assert_int_equal(fesetround(rounding), 0);
  specrnn_status status = specrnn_audio_write(path, samples, n, 1, 16000, SPECRNN_AUDIO_PCM16, &LOG);
  assert_int_equal(fesetround(FE_TONEAREST), 0);
  assert_int_equal(status, SPECRNN_OK);
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  size_t size = fread(bytes, 1, 4096, file);
  fclose(file);
  remove(path);
  return size;
}

static void the_callers_rounding_changes_no_sound(void **state)
{
  (void)state;
  float samples[1000];
  for (int i = 0; i < 1000; i++) {
    samples[i] = (float)i / 1001.0F - 0.4F;
  }
  unsigned char usual[4096];
  unsigned char other[4096];
  size_t size = written(usual, samples, 1000, FE_TONEAREST);
  assert_int_equal(size, 44 + 2000);
  for (size_t i = 0; i < sizeof MODES / sizeof *MODES; i++) {
    assert_int_equal(written(other, samples, 1000, MODES[i]), size);
    assert_memory_equal(other, usual, size);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_callers_rounding_changes_no_weight),
      cmocka_unit_test(the_callers_rounding_changes_no_sound),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
