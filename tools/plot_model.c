/* What a recurrent model makes of inputs. */
#include "plot_model.h"

#include "feature_run.h"
#include "front_end.h"
#include "report.h"

specrnn_status plot_model_load(plot_model *m, const char *path, const cli_arguments *arguments,
                               const model_source *source, const char *config_path)
{
  *m = (plot_model){.path = path};
  specrnn_log log = report_log(model_source_name(path));
  specrnn_status status = model_source_load(&m->model, path, arguments, source, &log);
  if (status) {
    return status;
  }
  const specrnn_features_config *stored = specrnn_model_front_end(m->model);
  if (stored) {
    m->front_end = *stored;
    m->has_front_end = true;
    status = specrnn_features_resolve(&m->front_end, &log);
  } else if (config_path || cli_assigned_any(arguments, specrnn_features_options())) {
    /* A bare state_dict: the options say how sound becomes its input. */
    status = front_end_from_arguments(arguments, config_path, SPECRNN_KIND_MEL, &m->front_end);
    m->has_front_end = status == SPECRNN_OK;
    status = status ? status : model_source_check_width(&m->front_end, m->model, path);
  }
  return status;
}

void plot_model_release(plot_model *m)
{
  specrnn_model_destroy(&m->model);
}

static specrnn_status check_sound(const plot_model *m, const cli_arguments *arguments, encode_source *source)
{
  if (!m->has_front_end) {
    report_failure(model_source_name(m->path),
                   "does not say how sound becomes the %zu features that it reads: give front-end options, or make a "
                   "model of it with specrnn model convert",
                   specrnn_model_describe(m->model)->input_size);
    return SPECRNN_ERROR_FORMAT;
  }
  if (!front_end_audio(arguments, &m->front_end, &source->sound.audio)) {
    return SPECRNN_ERROR_ARGUMENT;
  }
  if (source->sound.audio.channels == SPECRNN_AUDIO_ALL) {
    report_usage("--channels all: one sequence is drawn, not one per channel");
    return SPECRNN_ERROR_ARGUMENT;
  }
  source->sound.front_end = &m->front_end;
  return SPECRNN_OK;
}

static specrnn_status run_item(encode_source *source, const encode_item *item, const encode_sink *sink)
{
  encode_input input = {0};
  specrnn_status status = encode_input_open(&input, source, item);
  if (!status && input.features && input.features->rank == 3) {
    report_failure(item->path, "a batch; one sequence (frames, features) can be drawn");
    status = SPECRNN_ERROR_SHAPE;
  }
  status = status ? status : encode_input_run(&input, sink);
  encode_input_close(&input);
  return status;
}

specrnn_status plot_model_run(const plot_model *m, const cli_arguments *arguments, const char *input, bool trace,
                              const encode_sink *sink)
{
  encode_list list = {0};
  encode_source source = {.list = &list, .pass = {.model = m->model, .trace = trace}, .batch_first = true};
  specrnn_status status = encode_list_build(&list, &input, 1);
  if (!status && list.some_failed) {
    status = SPECRNN_ERROR_FORMAT;
  }
  if (!status && list.count != 1) {
    report_failure(input, "holds %zu arrays of features; one can be drawn", list.count);
    status = SPECRNN_ERROR_FORMAT;
  }
  if (!status && encode_list_has_sound(&list)) {
    status = check_sound(m, arguments, &source);
  }
  status = status ? status : run_item(&source, &list.items[0], sink);
  encode_list_release(&list);
  return status;
}
