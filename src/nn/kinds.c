/* The table of kinds. */
#include <string.h>

#include "nn/kind.h"

static const srn_kind *const KINDS[] = {&SRN_KIND_RNN,    &SRN_KIND_LSTM,    &SRN_KIND_GRU,
                                        &SRN_KIND_LINEAR, &SRN_KIND_SOFTMAX, &SRN_KIND_DROPOUT};

enum { N_KINDS = sizeof KINDS / sizeof *KINDS };

const srn_kind *srn_kind_get(size_t index)
{
  return index < N_KINDS ? KINDS[index] : NULL;
}

const srn_kind *srn_kind_find(const char *name)
{
  for (size_t i = 0; i < N_KINDS; i++) {
    if (!strcmp(KINDS[i]->name, name)) {
      return KINDS[i];
    }
  }
  return NULL;
}

void srn_parameter_set_matrix(srn_parameter_spec *spec, size_t rows, size_t columns)
{
  spec->rank = 2;
  spec->shape[0] = spec->n_rows = rows;
  spec->shape[1] = spec->row_size = columns;
}

void srn_parameter_set_vector(srn_parameter_spec *spec, size_t size)
{
  spec->rank = 1;
  spec->shape[0] = spec->row_size = size;
  spec->shape[1] = 0;
  spec->n_rows = 1;
}
