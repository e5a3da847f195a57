/* One place of the chain at work, and the memory it needs. */
#include "model/object.h"

static size_t larger(size_t a, size_t b)
{
  return a > b ? a : b;
}

static void linear_forward(const srn_stage *stage, const srn_sweep *sweep)
{
  size_t n = sweep->n_steps * sweep->n_sequences;
  srn_linear_forward(&stage->linear, sweep->engine, sweep->x, sweep->y, n);
  if (stage->softmax) {
    srn_softmax_forward(sweep->engine, sweep->y, n, stage->linear.weight.panels.rows);
  }
}

void srn_stage_forward(const specrnn_model *model, size_t index, const srn_sweep *sweep)
{
  const srn_stage *stage = &model->stages[index];
  if (!stage->recurrent) {
    linear_forward(stage, sweep);
    return;
  }
  srn_sweep own = *sweep;
  own.h = sweep->h + model->layers[index].h_offset * sweep->n_sequences;
  own.c = sweep->c + model->layers[index].c_offset * sweep->n_sequences;
  srn_layer_forward(&stage->layer, &own);
}

size_t srn_model_scratch(const specrnn_model *model, size_t n_sequences, size_t block_rows)
{
  size_t most = 0;
  for (size_t i = 0; i < srn_model_stages(model); i++) {
    if (!model->stages[i].recurrent) {
      continue;
    }
    size_t needed = srn_layer_scratch(&model->stages[i].layer, n_sequences, block_rows);
    if (!needed) {
      return 0;
    }
    most = larger(most, needed);
  }
  return most;
}

size_t srn_model_row_size(const specrnn_model *model)
{
  size_t most = model->info.input_size;
  for (size_t i = 0; i < srn_model_stages(model); i++) {
    most = larger(most, model->layers[i].width);
  }
  return most;
}
