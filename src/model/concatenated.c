/* From an LSTM on [h; x] to PyTorch's arrays. */
#include "model/concatenated.h"

#include <stdio.h>
#include <string.h>

void srn_concatenated_name(char name[SRN_PARAMETER_NAME_SIZE], const srn_chain_module *module, const char *leaf)
{
  snprintf(name, SRN_PARAMETER_NAME_SIZE, "%s%s%s", module->name, module->name[0] ? "." : "", leaf);
}

/* Rows of one parameter of an LSTM on [h; x]: rows f, i, o, c become i, f, g, o, columns h and x become two matrices,
 * and the one bias becomes b_ih, a row of its own. */
void srn_concatenated_read(const srn_tensor_file *file, const srn_chain_module *module, const srn_parameter_spec *spec,
                           size_t row, size_t n_rows, float *values)
{
  static const size_t SOURCE[] = {1, 0, 3, 2};
  size_t hidden = (size_t)module->hidden_size;
  size_t inputs = (size_t)module->input_size;
  bool bias = !srn_parameter_is_matrix(spec);
  bool recurrent = strstr(spec->name + strlen(module->name), "_hh") != NULL;
  if (bias && recurrent) {
    memset(values, 0, spec->row_size * sizeof *values);
    return;
  }
  char name[SRN_PARAMETER_NAME_SIZE];
  srn_concatenated_name(name, module, bias ? "bias" : "weight");
  const srn_tensor *tensor = srn_tensors_find(file, name);
  size_t stride = bias ? 1 : hidden + inputs;
  size_t skipped = bias || recurrent ? 0 : hidden;
  size_t width = bias ? 1 : spec->row_size;
  for (size_t i = row; i < row + (bias ? spec->row_size : n_rows); i++, values += width) {
    srn_tensor_read_part(tensor, (SOURCE[i / hidden] * hidden + i % hidden) * stride + skipped, width, values);
  }
}
