/* The tensors and the metadata of a file, whatever its format: what the readers give and the loader takes. */
#ifndef SPECRNN_SRC_MODEL_TENSORS_H
#define SPECRNN_SRC_MODEL_TENSORS_H

#include <jansson.h>

#include "core/budget.h"
#include "specrnn/io.h"
#include "specrnn/model.h"

typedef struct srn_tensor {
  char *name;
  specrnn_dtype dtype; /* F32, F64, F16 or BF16 */
  bool int8;           /* signed bytes instead, whatever dtype says; only our own files may have them */
  int rank;
  size_t shape[SPECRNN_MAX_RANK];
  const unsigned char *bytes; /* little-endian, dense, row-major, of any alignment */
  bool used;                  /* by the loader */
} srn_tensor;

typedef struct srn_tensor_file {
  srn_tensor *tensors;
  size_t count, capacity;
  json_t *metadata; /* an object of strings, or NULL */
  bool registered;  /* tensors come in the order in which their modules were registered */
  void **blocks;    /* memory that the tensors' bytes lie in, freed with the file */
  size_t n_blocks, blocks_capacity;
  srn_budget budget; /* of the whole load: blocks are drawn from it, and what the model takes */
} srn_tensor_file;

/* Adds a tensor with a copy of its name. The number of tensors is limited.
 * @return SPECRNN_ERROR_FORMAT for a second tensor of the name, or too many; SPECRNN_ERROR_MEMORY. */
SPECRNN_MUST_CHECK specrnn_status srn_tensors_add(srn_tensor_file *file, const srn_tensor *tensor,
                                                  const specrnn_log *log);

/* A block of `size` bytes for `what`, which the file owns; drawn from its budget. */
SPECRNN_MUST_CHECK specrnn_status srn_tensors_block(srn_tensor_file *file, unsigned char **block, uint64_t size,
                                                    const char *what, const specrnn_log *log);

/* NULL where there is none. */
srn_tensor *srn_tensors_find(const srn_tensor_file *file, const char *name);

/* A metadata string, or NULL. */
const char *srn_tensors_metadata(const srn_tensor_file *file, const char *key);

/* "(4, 3)" */
void srn_tensor_shape_text(const srn_tensor *tensor, char *text, size_t size);

/* SPECRNN_ERROR_SHAPE, with both shapes, for another one than this. */
SPECRNN_MUST_CHECK specrnn_status srn_tensor_check_shape(const srn_tensor *tensor, size_t rank, const size_t *shape,
                                                         const specrnn_log *log);

/* Bytes of a number. */
size_t srn_tensor_item_size(const srn_tensor *tensor);

/* Numbers in it. Shapes are checked by the readers: their product fits. */
size_t srn_tensor_count(const srn_tensor *tensor);

/* The numbers as float, rounded to nearest; finite doubles beyond the range of float become infinite. */
void srn_tensor_read(const srn_tensor *tensor, float *values);

/* The same of `count` of them from number `first` on. */
void srn_tensor_read_part(const srn_tensor *tensor, size_t first, size_t count, float *values);

void srn_tensors_release(srn_tensor_file *file);

/* ------------------------------------------------------------------------------------------------------------ readers
 */

/* Each fills an empty file from bytes that stay in place until it is released; on failure the file is to be released,
 * too. */
typedef specrnn_status srn_tensor_reader(srn_tensor_file *file, const unsigned char *bytes, size_t n_bytes,
                                         const specrnn_log *log);

srn_tensor_reader srn_safetensors_read, srn_torch_read, srn_npz_read;

/* Of any of these formats. @return SPECRNN_ERROR_UNSUPPORTED, with the way out, for one that is known and not read. */
SPECRNN_MUST_CHECK specrnn_status srn_tensors_read(srn_tensor_file *file, const unsigned char *bytes, size_t n_bytes,
                                                   const specrnn_log *log);

#endif
