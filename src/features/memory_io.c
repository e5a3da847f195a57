/* The offline computation between arrays, whole or stopped after a stage. */
#include "features/memory_io.h"

#include <math.h>
#include <string.h>

#include "core/arena.h"
#include "core/log.h"
#include "features/analysis.h"
#include "features/extractor.h"

static specrnn_status read_memory(void *user, float *samples, size_t max_frames, size_t *n_frames)
{
  srn_memory_source *memory = user;
  size_t n = memory->left < max_frames ? memory->left : max_frames;
  if (n) {
    memcpy(samples, memory->samples, n * sizeof *samples);
    memory->samples += n;
    memory->left -= n;
  }
  *n_frames = n;
  return SPECRNN_OK;
}

specrnn_sample_source srn_memory_source_of(srn_memory_source *memory)
{
  return (specrnn_sample_source){read_memory, memory, 1};
}

specrnn_status srn_discard_rows(void *user, const float *rows, size_t n_rows, size_t n_bins)
{
  (void)user;
  (void)rows;
  (void)n_rows;
  (void)n_bins;
  return SPECRNN_OK;
}

typedef struct memory_sink {
  float *rows;
  size_t capacity;
  size_t n_rows;
} memory_sink;

static specrnn_status write_memory(void *user, const float *rows, size_t n_rows, size_t n_bins)
{
  memory_sink *memory = user;
  if (n_rows > memory->capacity - memory->n_rows) {
    return SPECRNN_ERROR_FULL;
  }
  memcpy(memory->rows + memory->n_rows * n_bins, rows, n_rows * n_bins * sizeof *rows);
  memory->n_rows += n_rows;
  return SPECRNN_OK;
}

specrnn_status specrnn_features_compute_array(const specrnn_features_config *config, const float *samples,
                                              size_t n_samples, float *rows, size_t capacity_rows, size_t *n_rows,
                                              const specrnn_log *log)
{
  srn_memory_source in = {samples, n_samples};
  memory_sink out = {rows, capacity_rows, 0};
  specrnn_sample_source source = srn_memory_source_of(&in);
  specrnn_row_sink sink = {write_memory, &out};
  specrnn_status status = specrnn_features_compute(config, &source, &sink, NULL, NULL, log);
  if (status == SPECRNN_ERROR_FULL) {
    return srn_fail(log, status, "there are more than %zu frames", capacity_rows);
  }
  if (!status) {
    *n_rows = out.n_rows;
  }
  return status;
}
