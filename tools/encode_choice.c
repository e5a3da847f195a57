/* Which layers of a model are wanted. */
#include <stdlib.h>
#include <string.h>

#include "encode_sinks.h"
#include "report.h"

bool encode_choice_parse(encode_choice *choice, const specrnn_model *model, const char *text)
{
  size_t n_layers = specrnn_model_describe(model)->n_layers;
  *choice = (encode_choice){.model = model};
  if (!strcmp(text, "output")) {
    choice->output = true;
    return true;
  }
  if (!strcmp(text, "all")) {
    choice->end = n_layers;
    return true;
  }
  char *end;
  long number = strtol(text, &end, 10);
  if (end == text || *end || number < 1 || (unsigned long)number > n_layers) {
    report_usage("--layer %s: not one of all, output, 1 ... %zu", text, n_layers);
    return false;
  }
  choice->first = (size_t)number - 1;
  choice->end = (size_t)number;
  return true;
}

size_t encode_choice_width(const encode_choice *choice)
{
  size_t width = choice->output ? specrnn_model_describe(choice->model)->output_size : 0;
  for (size_t i = choice->first; i < choice->end; i++) {
    width += specrnn_model_layer(choice->model, i)->width;
  }
  return width;
}

void encode_choice_copy(const encode_choice *choice, const encode_rows *rows, size_t index, float *row)
{
  for (size_t i = choice->first; i < choice->end; i++) {
    size_t width = specrnn_model_layer(choice->model, i)->width;
    memcpy(row, rows->hidden[i] + index * width, width * sizeof *row);
    row += width;
  }
  if (choice->output) {
    size_t width = specrnn_model_describe(choice->model)->output_size;
    memcpy(row, rows->output + index * width, width * sizeof *row);
  }
}
