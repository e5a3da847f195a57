/* The pickles that torch.save writes of a state_dict, understood and not executed.
 *
 * A pickle is a program for a machine with a stack. This machine knows only the operations that a dictionary of tensors
 * needs, and of the functions that a pickle may name only those that make a tensor or an ordered dictionary; these it
 * recognises by name and never calls. Everything else is refused. */
#ifndef SPECRNN_SRC_MODEL_PICKLE_H
#define SPECRNN_SRC_MODEL_PICKLE_H

#include <stdint.h>

#include "specrnn/io.h"

enum { SRN_PICKLE_MAX_RANK = SPECRNN_MAX_RANK };

/* A tensor as the pickle describes it: a view of a storage, which is a file of the archive. */
typedef struct srn_pickled_tensor {
  const char *name; /* not terminated */
  size_t name_length;
  const char *storage; /* the storage's key, not terminated */
  size_t storage_length;
  const char *type; /* "FloatStorage", not terminated */
  size_t type_length;
  uint64_t offset; /* first element in the storage */
  int rank;
  uint64_t shape[SRN_PICKLE_MAX_RANK];
  uint64_t stride[SRN_PICKLE_MAX_RANK]; /* in elements */
} srn_pickled_tensor;

/* Calls `found` with each tensor of the dictionary, in its order; texts point into the pickle. Another status than
 * SPECRNN_OK stops the reading and is returned. */
SPECRNN_MUST_CHECK specrnn_status srn_pickle_read(const unsigned char *bytes, size_t n_bytes,
                                                  specrnn_status (*found)(void *user, const srn_pickled_tensor *tensor,
                                                                          const specrnn_log *log),
                                                  void *user, const specrnn_log *log);

#endif
