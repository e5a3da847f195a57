/* The numbers of a network as its nodes read them: packed matrices, biases and what is folded from them, in one
 * reference-counted block. Made from parameters row by row; these are read back exactly as they were packed. */
#ifndef SPECRNN_SRC_NN_CACHE_H
#define SPECRNN_SRC_NN_CACHE_H

#include "nn/graph.h"

/* Shared by threads while nobody sets rows. */
typedef struct srn_cache {
  const srn_graph *graph; /* shared */
  srn_weight_type type;   /* of the matrices */
  void *const *parts;     /* of every node, or NULL */
  size_t size;            /* bytes of the block */
} srn_cache;

/* What a cache takes; 0 where that does not fit. */
size_t srn_cache_size(const srn_graph *graph, srn_weight_type type);

/* All zeros. @return SPECRNN_ERROR_UNSUPPORTED for 8-bit weights of too many columns; SPECRNN_ERROR_MEMORY. */
SPECRNN_MUST_CHECK specrnn_status srn_cache_create(srn_cache **out, const srn_graph *graph, srn_weight_type type,
                                                   const specrnn_log *log);

/* Another owner, and one less; NULL is allowed. */
srn_cache *srn_cache_share(srn_cache *cache);
void srn_cache_release(srn_cache *cache);

/* Rows of parameter array `index`, srn_parameter_spec's row_size numbers each. */
void srn_cache_set_rows(srn_cache *cache, size_t index, size_t row, size_t n_rows, const float *values);
void srn_cache_get_rows(const srn_cache *cache, size_t index, size_t row, size_t n_rows, float *values);

/* Parameters that somebody else owns become the cache's: all of `values`, n_parameters pointers, or one array. */
void srn_cache_refresh(srn_cache *cache, const float *const *values);
void srn_cache_refresh_one(srn_cache *cache, size_t index, const float *values);

#endif
