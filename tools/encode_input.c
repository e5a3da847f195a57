/* One item of the list, from its file through the model to a sink. */
#include "encode_input.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "row_spool.h"

/* ---------------------------------------------------------------------------------------------------------------
 * arrays */

/* Features that another front end made give numbers, but not those that the model was made for. */
static specrnn_status compare_front_ends(encode_input *input)
{
  char **texts = NULL;
  if (!input->source->front_end_json) {
    return SPECRNN_OK;
  }
  specrnn_status status = encode_list_config(input->source->list, input->item, &texts, &input->log);
  if (!status && texts && texts[0] && strcmp(texts[0], input->source->front_end_json) != 0) {
    input->log.write(input->log.user, SPECRNN_LOG_WARNING, "these features are of another front end than the model's");
  }
  specrnn_texts_destroy(&texts);
  return status;
}

specrnn_status encode_input_open(encode_input *input, const encode_source *source, const encode_item *item)
{
  *input = (encode_input){.source = source, .item = item, .log = report_log(item->path)};
  if (item->kind == ENCODE_SOUND) {
    return SPECRNN_OK;
  }
  specrnn_status status = encode_list_read(source->list, item, &input->features, &input->times, &input->log);
  return status ? status : compare_front_ends(input);
}

void encode_input_close(encode_input *input)
{
  specrnn_array_destroy(&input->features);
  specrnn_array_destroy(&input->times);
}

static specrnn_status check_shape(const encode_input *input)
{
  const specrnn_array *array = input->features;
  size_t input_size = specrnn_model_describe(input->source->pass.model)->input_size;
  char shape[128];
  specrnn_array_shape_text(array, shape, sizeof shape);
  if ((array->rank != 2 && array->rank != 3) || array->shape[array->rank - 1] != input_size) {
    report_failure(input->item->path, "features have shape %s; (T, %zu) or %s, %zu) is needed", shape, input_size,
                   input->source->batch_first ? "(N, T" : "(T, N", input_size);
    return SPECRNN_ERROR_SHAPE;
  }
  if (specrnn_array_count(array) == 0) {
    report_failure(input->item->path, "features have shape %s: not one frame", shape);
    return SPECRNN_ERROR_EMPTY;
  }
  return SPECRNN_OK;
}

static specrnn_status check_lengths(const encode_input *input, const encode_layout *layout)
{
  const encode_source *source = input->source;
  if (source->n_lengths != layout->n_sequences) {
    report_failure(input->item->path, "%zu lengths for %zu sequence%s", source->n_lengths, layout->n_sequences,
                   layout->n_sequences == 1 ? "" : "s");
    return SPECRNN_ERROR_SHAPE;
  }
  for (size_t i = 0; i < source->n_lengths; i++) {
    if (source->lengths[i] > layout->n_frames) {
      report_failure(input->item->path, "length %zu of sequence %zu is more than its %zu frames", source->lengths[i], i,
                     layout->n_frames);
      return SPECRNN_ERROR_SHAPE;
    }
  }
  return SPECRNN_OK;
}

static specrnn_status fail_not_finite(const encode_input *input, const encode_layout *layout, size_t sequence,
                                      size_t frame, size_t column)
{
  size_t place[] = {layout->batch_first ? sequence : frame, layout->batch_first ? frame : sequence, column};
  const specrnn_array view = layout->batched ? specrnn_array_view(SPECRNN_F32, 3, place, NULL)
                                             : specrnn_array_view(SPECRNN_F32, 2, place + 1, NULL);
  char text[96];
  specrnn_array_shape_text(&view, text, sizeof text);
  report_failure(input->item->path, "the value at %s is not a finite float", text);
  return SPECRNN_ERROR_NOT_FINITE;
}

/* Within its length every frame of a sequence is finite. What lies beyond is nobody's: it becomes 0, whatever it is. */
static specrnn_status check_finite(const encode_input *input, const encode_layout *layout)
{
  float *values = input->features->data;
  size_t width = input->features->shape[input->features->rank - 1];
  for (size_t i = 0; i < layout->n_sequences; i++) {
    for (size_t t = 0; t < layout->n_frames; t++) {
      size_t row = layout->batch_first ? i * layout->n_frames + t : t * layout->n_sequences + i;
      if (layout->lengths && t >= layout->lengths[i]) {
        memset(values + row * width, 0, width * sizeof *values);
        continue;
      }
      for (size_t k = 0; k < width; k++) {
        if (!isfinite(values[row * width + k])) {
          return fail_not_finite(input, layout, i, t, k);
        }
      }
    }
  }
  return SPECRNN_OK;
}

/* All frames of one sequence at once, block by block through the encoder. */
static specrnn_status run_frames(encode_input *input, const float *frames, size_t n_frames, const encode_sink *sink)
{
  encode_pass *pass = NULL;
  specrnn_status status = encode_pass_create(&pass, &input->source->pass, sink, &input->log);
  if (status) {
    return status;
  }
  status = encode_pass_write(pass, frames, n_frames, specrnn_model_describe(input->source->pass.model)->input_size);
  status = status ? status : encode_pass_end(pass);
  encode_pass_destroy(&pass);
  return status;
}

static specrnn_status run_array(encode_input *input, const encode_sink *sink)
{
  const encode_source *source = input->source;
  const specrnn_array *array = input->features;
  specrnn_status status = check_shape(input);
  if (status) {
    return status;
  }
  bool batched = array->rank == 3;
  const encode_layout layout = {
      .batched = batched,
      .n_sequences = batched ? array->shape[source->batch_first ? 0 : 1] : 1,
      .n_frames = batched ? array->shape[source->batch_first ? 1 : 0] : array->shape[0],
      .batch_first = source->batch_first || !batched,
      .lengths = source->lengths,
  };
  status = source->lengths ? check_lengths(input, &layout) : SPECRNN_OK;
  status = status ? status : check_finite(input, &layout);
  if (!status && !batched && !source->lengths) {
    return run_frames(input, array->data, array->shape[0], sink);
  }
  return status ? status : encode_whole(&source->pass, array->data, &layout, sink, &input->log);
}

/* ----------------------------------------------------------------------------------------------------------------
 * sound */

static specrnn_status run_features(encode_input *input, specrnn_status (*write)(void *, const float *, size_t, size_t),
                                   void *user, int *channels, specrnn_compute_result *result)
{
  const specrnn_row_sink rows = {.write = write, .user = user};
  return feature_run(input->item->path, &input->source->sound, &rows, channels, result, &input->log);
}

static specrnn_status run_stream(encode_input *input, const encode_sink *sink)
{
  encode_pass *pass = NULL;
  specrnn_status status = encode_pass_create(&pass, &input->source->pass, sink, &input->log);
  if (status) {
    return status;
  }
  status = run_features(input, encode_pass_write, pass, NULL, NULL);
  status = status ? status : encode_pass_end(pass);
  encode_pass_destroy(&pass);
  return status;
}

/* All channels: (channels, frames, bins) is a batch. */
static specrnn_status run_channels(encode_input *input, const encode_sink *sink)
{
  row_spool *spool = NULL;
  float *rows = NULL;
  int channels = 1;
  specrnn_compute_result result = {0};
  specrnn_status status = row_spool_create(&spool, &input->log);
  if (!status) {
    status = run_features(input, row_spool_write, spool, &channels, &result);
  }
  if (!status && result.n_frames == 0) {
    report_failure(input->item->path, "too short: not one frame");
    status = SPECRNN_ERROR_EMPTY;
  }
  if (!status) {
    status = row_spool_collect(spool, &rows);
  }
  if (!status) {
    const encode_layout layout = {
        .batched = true, .n_sequences = (size_t)channels, .n_frames = (size_t)result.n_frames, .batch_first = true};
    status = encode_whole(&input->source->pass, rows, &layout, sink, &input->log);
  }
  free(rows);
  row_spool_destroy(&spool);
  return status;
}

specrnn_status encode_input_run(encode_input *input, const encode_sink *sink)
{
  if (input->item->kind != ENCODE_SOUND) {
    return run_array(input, sink);
  }
  if (input->source->sound.audio.channels == SPECRNN_AUDIO_ALL) {
    return run_channels(input, sink);
  }
  return run_stream(input, sink);
}
