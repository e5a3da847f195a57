/* The chosen layers of one input as one table. */
#include <stdlib.h>
#include <string.h>

#include "encode_sinks.h"
#include "report.h"

/* Frames whose layers are put side by side at once. */
enum { BLOCK_FRAMES = 64 };

static specrnn_status begin(void *user, const encode_layout *layout)
{
  encode_table_sink *s = user;
  s->layout = *layout;
  s->n_rows = 0;
  if (layout->batched) {
    if (s->format == SPECRNN_TABLE_NPY && s->batch_path) {
      return SPECRNN_OK;
    }
    report_failure(s->name, "a batch of sequences goes to an .npz, or by itself to an .npy");
    return SPECRNN_ERROR_UNSUPPORTED;
  }
  specrnn_table_info info = SPECRNN_TABLE_INFO_INIT;
  info.name = s->name;
  info.n_columns = encode_choice_width(s->choice);
  info.sample_rate_hz = s->front_end ? s->front_end->sample_rate_hz : 0.0;
  info.config_json = s->config_json;
  specrnn_log log = report_log(s->name);
  return specrnn_table_begin(s->writer, &info, &log);
}

static specrnn_status append(encode_table_sink *s, const float *rows, size_t n)
{
  double times_s[BLOCK_FRAMES];
  for (size_t i = 0; s->front_end && i < n; i++) {
    times_s[i] = specrnn_features_frame_time_s(s->front_end, s->n_rows + i);
  }
  s->n_rows += n;
  specrnn_log log = report_log(NULL);
  return specrnn_table_append(s->writer, rows, n, s->front_end ? times_s : NULL, &log);
}

static specrnn_status take_frames(encode_table_sink *s, const encode_rows *rows)
{
  size_t width = encode_choice_width(s->choice);
  float *block = calloc(BLOCK_FRAMES, width * sizeof *block);
  if (!block) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  specrnn_status status = SPECRNN_OK;
  for (size_t start = 0; !status && start < rows->n_rows; start += BLOCK_FRAMES) {
    size_t n = rows->n_rows - start < BLOCK_FRAMES ? rows->n_rows - start : BLOCK_FRAMES;
    for (size_t i = 0; i < n; i++) {
      encode_choice_copy(s->choice, rows, start + i, block + i * width);
    }
    status = append(s, block, n);
  }
  free(block);
  return status;
}

static specrnn_status save_batch(encode_table_sink *s, const encode_rows *rows)
{
  const encode_layout *layout = &s->layout;
  size_t width = encode_choice_width(s->choice);
  const size_t shape[] = {layout->batch_first ? layout->n_sequences : layout->n_frames,
                          layout->batch_first ? layout->n_frames : layout->n_sequences, width};
  size_t n = layout->n_sequences * layout->n_frames;
  float *numbers = calloc(n, width * sizeof *numbers);
  if (!numbers) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  for (size_t i = 0; i < n; i++) {
    encode_choice_copy(s->choice, rows, i, numbers + i * width);
  }
  specrnn_array array = specrnn_array_view(SPECRNN_F32, 3, shape, numbers);
  specrnn_log log = report_log(NULL);
  specrnn_status status = specrnn_npy_save(s->batch_path, &array, &log);
  s->batch_written = !status;
  free(numbers);
  return status;
}

static specrnn_status take_rows(void *user, const encode_rows *rows)
{
  encode_table_sink *s = user;
  return s->layout.batched ? save_batch(s, rows) : take_frames(s, rows);
}

static specrnn_status end(void *user, const float *h_n, const float *c_n)
{
  encode_table_sink *s = user;
  (void)h_n;
  (void)c_n;
  specrnn_log log = report_log(NULL);
  return s->layout.batched ? SPECRNN_OK : specrnn_table_end(s->writer, &log);
}

encode_sink encode_table_sink_use(encode_table_sink *sink)
{
  return (encode_sink){.begin = begin, .rows = take_rows, .end = end, .user = sink};
}
