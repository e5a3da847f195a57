/* Test vectors: an input and the output that the model must give for it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "model/object.h"
#include "specrnn/encoder.h"

/* The model's output for a test's input, from malloc. */
static specrnn_status run_test(float **out, const specrnn_model *model, const specrnn_model_test *test,
                               const specrnn_log *log)
{
  size_t count = test->n_frames * model->info.output_size;
  float *output = malloc(count * sizeof *output);
  if (!output) {
    return srn_fail_memory(log, count * sizeof *output);
  }
  specrnn_batch batch = SPECRNN_BATCH_INIT;
  batch.input = test->input;
  batch.n_frames = test->n_frames;
  batch.output = output;
  specrnn_status status = specrnn_model_forward(model, &batch, log);
  if (status) {
    free(output);
    return status;
  }
  *out = output;
  return SPECRNN_OK;
}

/* Every number of a test counts; a NaN differs from everything. */
static void compare(specrnn_model_check *check, const specrnn_model *model, size_t index, const float *output)
{
  const specrnn_model_test *test = &model->tests[index];
  size_t width = model->info.output_size;
  bool failed = false;
  for (size_t i = 0; i < test->n_frames * width; i++) {
    double difference = fabs((double)output[i] - (double)test->output[i]);
    if (isnan(difference)) {
      difference = INFINITY;
    }
    failed |= difference > test->tolerance;
    if (difference > check->worst) {
      check->worst = difference;
      check->worst_test = index;
      check->worst_frame = i / width;
      check->worst_feature = i % width;
    }
  }
  check->n_failed += failed ? 1 : 0;
}

specrnn_status specrnn_model_verify(const specrnn_model *model, specrnn_model_check *check, const specrnn_log *log)
{
  specrnn_model_check result = {.n_tests = model->info.n_tests};
  if (!result.n_tests) {
    return srn_fail(log, SPECRNN_ERROR_EMPTY, "the model holds no test vector");
  }
  for (size_t i = 0; i < result.n_tests; i++) {
    float *output = NULL;
    specrnn_status status = run_test(&output, model, &model->tests[i], log);
    if (status) {
      return status;
    }
    compare(&result, model, i, output);
    free(output);
  }
  *check = result;
  if (result.n_failed) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT,
                    "%zu of %zu test vectors fail; the worst is off by %g (vector %zu, frame %zu, feature %zu)",
                    result.n_failed, result.n_tests, result.worst, result.worst_test, result.worst_frame,
                    result.worst_feature);
  }
  return SPECRNN_OK;
}

static specrnn_status check_test(const specrnn_model *model, const specrnn_model_test *test, const specrnn_log *log)
{
  if (model->info.n_tests == SPECRNN_MODEL_MAX_TESTS) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the model has %d test vectors already", SPECRNN_MODEL_MAX_TESTS);
  }
  if (!test->input || test->n_frames < 1 || test->n_frames > SPECRNN_MODEL_MAX_TEST_FRAMES) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a test vector has %zu frames; 1 to %d are possible", test->n_frames,
                    SPECRNN_MODEL_MAX_TEST_FRAMES);
  }
  if (!(test->tolerance >= 0.0) || !isfinite(test->tolerance)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the tolerance of a test vector is %g; it must be 0 or more",
                    test->tolerance);
  }
  for (size_t i = 0; i < test->n_frames * model->info.input_size; i++) {
    if (!isfinite(test->input[i])) {
      return srn_fail(log, SPECRNN_ERROR_NOT_FINITE, "the input of a test vector is not finite at frame %zu",
                      i / model->info.input_size);
    }
  }
  for (size_t i = 0; test->output && i < test->n_frames * model->info.output_size; i++) {
    if (!isfinite(test->output[i])) {
      return srn_fail(log, SPECRNN_ERROR_NOT_FINITE, "the output of a test vector is not finite at frame %zu",
                      i / model->info.output_size);
    }
  }
  return SPECRNN_OK;
}

static specrnn_status build_with_test(specrnn_model **out, const specrnn_model *model, const specrnn_model_test *test,
                                      const specrnn_log *log)
{
  srn_model_parts parts = srn_model_parts_of(model);
  specrnn_model_test *tests = calloc(parts.n_tests + 1, sizeof *tests);
  if (!tests) {
    return srn_fail_memory(log, (parts.n_tests + 1) * sizeof *tests);
  }
  if (parts.n_tests) {
    memcpy(tests, parts.tests, parts.n_tests * sizeof *tests);
  }
  tests[parts.n_tests++] = *test;
  parts.tests = tests;
  specrnn_status status = srn_model_build(out, &parts, log);
  free(tests);
  return status;
}

specrnn_status specrnn_model_with_test(specrnn_model **out, const specrnn_model *model, const specrnn_model_test *test,
                                       const specrnn_log *log)
{
  specrnn_model_test complete = *test;
  float *computed = NULL;
  specrnn_status status = check_test(model, test, log);
  if (!status && !test->output) {
    status = run_test(&computed, model, test, log);
    complete.output = computed;
  }
  if (!status) {
    status = build_with_test(out, model, &complete, log);
  }
  free(computed);
  return status;
}
