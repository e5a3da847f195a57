/* Rows that wait on disk, in an unlinked temporary file, until it is known that all of them are good. */
#ifndef SPECRNN_TOOLS_ROW_SPOOL_H
#define SPECRNN_TOOLS_ROW_SPOOL_H

#include "specrnn/core.h"

typedef struct row_spool row_spool;

/* The log must outlive the spool: it gets the system's reason for a failure. */
SPECRNN_MUST_CHECK specrnn_status row_spool_create(row_spool **out, const specrnn_log *log);
void row_spool_destroy(row_spool **spool);

/* For a specrnn_row_sink whose user is the spool. */
specrnn_status row_spool_write(void *user, const float *rows, size_t n_rows, size_t n_columns);

size_t row_spool_columns(const row_spool *spool);
uint64_t row_spool_count(const row_spool *spool);

/* The next block of rows, in the order written; n_rows = 0 at the end. The first call ends the writing. */
SPECRNN_MUST_CHECK specrnn_status row_spool_read(row_spool *spool, const float **rows, size_t *n_rows);

/* Back to the first row, to read all of them once more. */
SPECRNN_MUST_CHECK specrnn_status row_spool_rewind(row_spool *spool);

/* All rows in one array, which the caller frees. Not together with row_spool_read. */
SPECRNN_MUST_CHECK specrnn_status row_spool_collect(row_spool *spool, float **rows);

#endif
