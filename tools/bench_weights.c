/* The floors of a model's step. */
#include "bench_weights.h"

#include <stdlib.h>

#include "bench.h"
#include "report.h"

enum { READ_MULTIPLE = 64, CACHE_LINE = 64 };

void bench_weights_run_reads(void *user)
{
  const bench_weights *w = user;
  for (size_t i = 0; i < w->n_steps; i++) {
    bench_read_floats(w->weights, w->n_floats);
  }
}

static void multiply_all(const bench_weights *w)
{
  const float *matrix = w->weights;
  const specrnn_model_info *info = specrnn_model_describe(w->model);
  for (size_t i = 0; i < info->n_parameters; i++) {
    const specrnn_parameter *parameter = specrnn_model_parameter(w->model, i);
    if (parameter->rank == 2) {
      size_t columns = parameter->shape[1] / w->weights_per_float; /* at least 1; what is left over is not read */
      w->sgemv(parameter->shape[0], columns, matrix, w->vector, w->result);
      matrix += parameter->shape[0] * columns;
    }
  }
}

void bench_weights_run_sgemv(void *user)
{
  const bench_weights *w = user;
  for (size_t i = 0; i < w->n_steps; i++) {
    multiply_all(w);
    bench_keep(w->result);
  }
}

static size_t larger(size_t a, size_t b)
{
  return a > b ? a : b;
}

static size_t smaller(size_t a, size_t b)
{
  return a < b ? a : b;
}

bool bench_weights_prepare(bench_weights *w, const specrnn_model *model, size_t n_steps)
{
  const specrnn_model_info *info = specrnn_model_describe(model);
  size_t widest = 1;
  size_t fewest_columns = SPECRNN_MODEL_MAX_WIDTH;
  size_t n_weights = 0;
  for (size_t i = 0; i < info->n_parameters; i++) {
    const specrnn_parameter *parameter = specrnn_model_parameter(model, i);
    if (parameter->rank == 2) {
      n_weights += parameter->shape[0] * parameter->shape[1];
      widest = larger(widest, larger(parameter->shape[0], parameter->shape[1]));
      fewest_columns = smaller(fewest_columns, parameter->shape[1]);
    }
  }
  *w = (bench_weights){.model = model, .n_steps = n_steps};
  w->weights_per_float = n_weights * sizeof *w->weights / info->bytes_per_step;
  w->n_floats = info->bytes_per_step / sizeof *w->weights;
  w->n_floats = (w->n_floats + READ_MULTIPLE - 1) / READ_MULTIPLE * READ_MULTIPLE;
  w->weights = aligned_alloc(CACHE_LINE, w->n_floats * sizeof *w->weights);
  w->vector = calloc(widest, sizeof *w->vector);
  w->result = calloc(widest, sizeof *w->result);
  if (!w->weights || !w->vector || !w->result) {
    report_memory();
    return false;
  }
  bench_fill_noise(w->weights, w->n_floats);
  bench_fill_noise(w->vector, widest);
  w->sgemv = fewest_columns >= w->weights_per_float ? bench_find_sgemv() : NULL;
  return true;
}

void bench_weights_release(bench_weights *w)
{
  free(w->weights);
  free(w->vector);
  free(w->result);
}
