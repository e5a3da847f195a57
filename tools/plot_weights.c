/* specrnn plot --kind weights: the matrices of a model, zero at the centre of the colours. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plot_call.h"
#include "report.h"

/* Inches of one matrix. */
static const double WIDTH_IN = 10.0;
static const double ROW_HEIGHT_IN = 3.0;

enum { N_COLUMNS = 2, BLOCK_INPUTS = 64 };

/* What follows the name of the layer's module in the name of one of its parameters; NULL where it is another's. */
static const char *own_name(const specrnn_layer_info *layer, const specrnn_parameter *parameter)
{
  size_t length = strlen(layer->module->name);
  const char *rest = parameter->name + length;
  return strncmp(parameter->name, layer->module->name, length) != 0 || (length > 0 && *rest != '.') ? NULL : rest;
}

/* Whether a matrix belongs to the layer that --layer asks for: "rnn1.weight_ih_l0" is one of layer 1. */
static bool is_wanted(const plot_call *c, const specrnn_model *model, const specrnn_parameter *parameter)
{
  if (parameter->rank != 2) {
    return false;
  }
  if (c->options->layer == 0) {
    return true;
  }
  const specrnn_layer_info *layer = specrnn_model_layer(model, (size_t)c->options->layer - 1);
  const char *rest = own_name(layer, parameter);
  const char *suffix = rest ? strstr(rest, "_l") : NULL;
  return rest && (!suffix || strtol(suffix + 2, NULL, 10) == layer->layer_in_module);
}

/* "Units of gates i, f, g, o": a gate's letter is the end of its name. */
static const char *gates_label(const specrnn_layer_info *layer, char *text, size_t size)
{
  size_t length = (size_t)snprintf(text, size, layer->n_gates > 1 ? "Units of gates" : "Hidden unit");
  for (size_t g = 0; layer->n_gates > 1 && g < layer->n_gates && length < size; g++) {
    length +=
        (size_t)snprintf(text + length, size - length, "%s %s", g ? "," : "", strrchr(layer->gates[g].name, ' ') + 1);
  }
  return text;
}

/* What the rows of a matrix are: the units, or those of each gate in turn. */
static const char *rows_label(const specrnn_model *model, const specrnn_parameter *parameter, char *text, size_t size)
{
  static const char OUTPUT[] = "Output";
  if (strstr(parameter->name, "weight_hr")) {
    return "Projected unit";
  }
  const specrnn_model_info *info = specrnn_model_describe(model);
  for (size_t i = 0; i < info->n_layers; i++) {
    const specrnn_layer_info *layer = specrnn_model_layer(model, i);
    if (own_name(layer, parameter)) {
      return layer->gates ? gates_label(layer, text, size) : OUTPUT;
    }
  }
  return OUTPUT; /* of the output layer */
}

/* A heat map takes columns, so the matrix goes there transposed: inputs to the right, outputs upward. */
static specrnn_status push_matrix(specrnn_panel *panel, const specrnn_parameter *p, const float *values,
                                  const specrnn_log *log)
{
  size_t n_outputs = p->shape[0];
  size_t n_inputs = p->shape[1];
  float *block = calloc(n_outputs, BLOCK_INPUTS * sizeof *block);
  if (!block) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  specrnn_status status = SPECRNN_OK;
  for (size_t first = 0; !status && first < n_inputs; first += BLOCK_INPUTS) {
    size_t n = n_inputs - first < BLOCK_INPUTS ? n_inputs - first : BLOCK_INPUTS;
    for (size_t i = 0; i < n; i++) {
      for (size_t k = 0; k < n_outputs; k++) {
        block[i * n_outputs + k] = values[k * n_inputs + first + i];
      }
    }
    status = specrnn_panel_push_rows(panel, block, n, log);
  }
  free(block);
  return status;
}

static specrnn_status draw_matrix(plot_call *c, const specrnn_model *model, size_t parameter, int index)
{
  const specrnn_parameter *p = specrnn_model_parameter(model, parameter);
  specrnn_log log = report_log(c->arguments->inputs[0]);
  specrnn_heatmap_config look = SPECRNN_HEATMAP_CONFIG_INIT;
  look.n_bins = p->shape[0];
  look.colormap = SPECRNN_COLORMAP_COOLWARM;
  look.symmetric = true;
  look.pool = SPECRNN_POOL_MAX_ABS;
  plot_place place = {
      .source = index % N_COLUMNS, .part = index / N_COLUMNS, .x = SPECRNN_AXIS_INIT, .y = SPECRNN_AXIS_INIT};
  place.x.label = strstr(p->name, "weight_hh") ? "State" : "Input";
  char rows[64];
  place.y.label = rows_label(model, p, rows, sizeof rows);
  snprintf(place.title, sizeof place.title, "%s (%zu, %zu)", p->name, p->shape[0], p->shape[1]);
  specrnn_panel *panel = NULL;
  specrnn_status status = plot_add_map(c, &panel, &place, &look);
  float *values = calloc(p->shape[0], p->shape[1] * sizeof *values);
  if (!values) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  status = status ? status : specrnn_model_read_parameter(model, parameter, values, &log);
  status = status ? status : push_matrix(panel, p, values, &log);
  free(values);
  return status;
}

static specrnn_status draw_matrices(plot_call *c, const specrnn_model *model)
{
  const specrnn_model_info *info = specrnn_model_describe(model);
  int count = 0;
  if (c->options->layer > (int)info->n_layers) {
    report_usage("--layer %d: the model has %zu layers", c->options->layer, info->n_layers);
    return SPECRNN_ERROR_ARGUMENT;
  }
  for (size_t i = 0; i < info->n_parameters; i++) {
    count += is_wanted(c, model, specrnn_model_parameter(model, i));
  }
  int n_columns = count < N_COLUMNS ? count : N_COLUMNS;
  specrnn_status status = plot_begin(c, n_columns, (count + N_COLUMNS - 1) / N_COLUMNS, WIDTH_IN, ROW_HEIGHT_IN);
  int index = 0;
  for (size_t i = 0; !status && i < info->n_parameters; i++) {
    if (is_wanted(c, model, specrnn_model_parameter(model, i))) {
      status = draw_matrix(c, model, i, index++);
    }
  }
  return status;
}

specrnn_status plot_weights_draw(plot_call *c)
{
  specrnn_model *model = NULL;
  const char *path = c->arguments->inputs[0];
  specrnn_log log = report_log(path);
  if (c->options->model || c->options->compare) {
    return plot_misuse("--kind weights", "the model is the input: specrnn plot M --kind weights");
  }
  specrnn_status status = model_source_load(&model, path, c->arguments, &c->options->source, &log);
  status = status ? status : draw_matrices(c, model);
  specrnn_model_destroy(&model);
  return status;
}
