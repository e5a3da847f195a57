/* Rows kept for a later pass: in memory up to a limit, then in an unlinked temporary file. */
#ifndef SPECRNN_SRC_FEATURES_SPOOL_H
#define SPECRNN_SRC_FEATURES_SPOOL_H

#include "specrnn/core.h"

typedef struct srn_spool srn_spool;

SPECRNN_MUST_CHECK specrnn_status srn_spool_create(srn_spool **out, size_t row_floats, size_t memory_limit,
                                                   const specrnn_log *log);
void srn_spool_destroy(srn_spool **spool);

SPECRNN_MUST_CHECK specrnn_status srn_spool_append(srn_spool *spool, const float *rows, size_t n_rows,
                                                   const specrnn_log *log);

/* Up to max_rows rows from the start on, in order, after everything was appended; *n_rows = 0 at the end. */
SPECRNN_MUST_CHECK specrnn_status srn_spool_read(srn_spool *spool, float *rows, size_t max_rows, size_t *n_rows,
                                                 const specrnn_log *log);

#endif
