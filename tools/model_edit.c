/* A model gets a front end, a normaliser, test vectors. */
#include "model_edit.h"

#include <stdlib.h>

#include "model_source.h"
#include "report.h"
#include "specrnn/encoder.h"

static void replace(specrnn_model **model, specrnn_model *by)
{
  specrnn_model_destroy(model);
  *model = by;
}

specrnn_status model_set_normaliser(specrnn_model **model, const char *path)
{
  size_t n = specrnn_model_describe(*model)->input_size;
  float *mean;
  float *scale;
  specrnn_status status = normaliser_load(&mean, &scale, path, n);
  if (status) {
    return status;
  }
  specrnn_model *changed = NULL;
  specrnn_log log = report_log(path);
  status = specrnn_model_with_normaliser(&changed, *model, mean, scale, n, &log);
  free(mean);
  if (!status) {
    replace(model, changed);
  }
  return status;
}

specrnn_status model_set_front_end(specrnn_model **model, const specrnn_features_config *front_end)
{
  specrnn_model *changed = NULL;
  specrnn_log log = report_log(NULL);
  specrnn_status status = specrnn_model_with_front_end(&changed, *model, front_end, &log);
  if (!status) {
    replace(model, changed);
  }
  return status;
}

specrnn_status model_add_test(specrnn_model **model, size_t n_frames, double tolerance, uint64_t seed)
{
  size_t width = specrnn_model_describe(*model)->input_size;
  float *input = calloc(n_frames, width * sizeof *input);
  if (!input) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  specrnn_model_draw_state(input, n_frames * width, 1.0, seed);
  const float *mean;
  const float *scale;
  if (specrnn_model_normaliser(*model, &mean, &scale)) {
    for (size_t i = 0; i < n_frames * width; i++) {
      input[i] = mean[i % width] + (scale[i % width] != 0.0f ? input[i] / scale[i % width] : 0.0f);
    }
  }
  const specrnn_model_test test = {.n_frames = n_frames, .input = input, .output = NULL, .tolerance = tolerance};
  specrnn_model *changed = NULL;
  specrnn_log log = report_log(NULL);
  specrnn_status status = specrnn_model_with_test(&changed, *model, &test, &log);
  free(input);
  if (!status) {
    replace(model, changed);
  }
  return status;
}

bool model_check_tolerance(const cli_arguments *arguments, int n_test_frames)
{
  if (n_test_frames || !cli_given(arguments, "tolerance")) {
    return true;
  }
  report_usage("--tolerance: it is of the vector that --test adds");
  return false;
}
