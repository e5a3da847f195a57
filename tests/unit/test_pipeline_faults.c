/* Every allocation of a pipeline's life fails once: its status says so, nothing is lost, and the pipeline goes on or is
 * not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "specrnn/pipeline.h"
#include "support/faults.h"
#include "support/messages.h"

enum { PUSH = 2000 };

static specrnn_model *make_model(void)
{
  specrnn_features_config config;
  specrnn_graph *graph = NULL;
  specrnn_model_config model_config = SPECRNN_MODEL_CONFIG_INIT;
  specrnn_model *model = NULL;
  assert_int_equal(specrnn_features_preset(&config, SPECRNN_PRESET_KALDI, SPECRNN_KIND_MEL), SPECRNN_OK);
  assert_int_equal(specrnn_graph_create(&graph, 23, &LOG), SPECRNN_OK);
  assert_int_equal(specrnn_graph_add(graph, "gru1", "gru", NULL, 0, "{\"hidden_size\": 4}", &LOG), SPECRNN_OK);
  model_config.graph = graph;
  model_config.front_end = &config;
  assert_int_equal(specrnn_model_create(&model, &model_config, &LOG), SPECRNN_OK);
  specrnn_graph_destroy(&graph);
  return model;
}

/* Pushes and pulls twice, with a reset between. *n_frames counts those of the last round. */
static specrnn_status live(const specrnn_model *model, int rate_hz, int *n_frames)
{
  static const float silence[2 * PUSH];
  specrnn_pipeline_config config = SPECRNN_PIPELINE_CONFIG_INIT;
  specrnn_pipeline *pipeline = NULL;
  config.sample_rate_hz = rate_hz;
  config.channels = 2;
  config.max_push = PUSH;
  specrnn_status status = specrnn_pipeline_create(&pipeline, model, &config, &LOG);
  for (int round = 0; !status && round < 2; round++) {
    specrnn_frame frame;
    *n_frames = 0;
    status = specrnn_pipeline_push(pipeline, silence, PUSH);
    while (!status && (status = specrnn_pipeline_pull(pipeline, &frame)) == SPECRNN_OK) {
      (*n_frames)++;
    }
    if (status == SPECRNN_NEED_INPUT) {
      status = specrnn_pipeline_reset(pipeline);
    }
  }
  specrnn_pipeline_destroy(&pipeline);
  assert_null(pipeline);
  return status;
}

static void every_allocation_may_fail(void **state)
{
  (void)state;
  /* FFTW ends the process where its own memory fails, and soxr uses what it did not get. */
  static const char *const SPARED[] = {"libfftw3", "libfftw3f", "libsoxr", NULL};
  static const int RATES[] = {16000, 48000};
  if (!faults_work()) {
    print_message("# SKIPPED: allocations cannot be made to fail here\n");
    skip();
  }
  faults_spare(SPARED);
  specrnn_model *model = make_model();
  for (size_t i = 0; i < sizeof RATES / sizeof *RATES; i++) {
    faults_report report;
    long nth = 0;
    int n_frames = 0;
    assert_int_equal(live(model, RATES[i], &n_frames), SPECRNN_OK); /* what FFTW plans once is planned now */
    do {
      faults_start(++nth);
      specrnn_status status = live(model, RATES[i], &n_frames);
      report = faults_stop();
      assert_int_equal(status, report.failed ? SPECRNN_ERROR_MEMORY : SPECRNN_OK);
      assert_int_equal(report.live, 0);
      assert_true(report.failed || n_frames > 0 || RATES[i] != 16000);
    } while (report.failed);
    assert_true(nth > 4);
  }
  specrnn_model_destroy(&model);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
