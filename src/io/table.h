/* How a format writes tables: what table.c asks of it, and what they share. */
#ifndef SPECRNN_SRC_IO_TABLE_H
#define SPECRNN_SRC_IO_TABLE_H

#include "io/name_set.h"
#include "io/rows.h"
#include "io/sink.h"
#include "specrnn/io.h"

/* A format. The functions are called in order, and write the open table of the writer. */
typedef struct srn_table_ops {
  srn_sink_kind sink;
  bool holds_many;     /* tables in one file */
  bool holds_complex;  /* and several channels */
  bool collects_times; /* in a temporary file, as they are written behind the rows */
  /* Opens and closes what the format needs beside the sink; may be NULL. */
  specrnn_status (*open)(specrnn_table_writer *writer, const char *path, const specrnn_log *log);
  /* Whether the format can hold such a table, before anything of it is written; may be NULL. */
  specrnn_status (*check)(const specrnn_table_info *info, const specrnn_log *log);
  specrnn_status (*begin)(specrnn_table_writer *writer, const specrnn_table_info *info, const specrnn_log *log);
  specrnn_status (*append)(specrnn_table_writer *writer, const void *rows, size_t n_rows, const double *times_s,
                           const specrnn_log *log);
  specrnn_status (*end)(specrnn_table_writer *writer, const specrnn_log *log);
  /* Takes back the table that is open; may be NULL where one is all that a file holds. */
  specrnn_status (*drop)(specrnn_table_writer *writer, const specrnn_log *log);
} srn_table_ops;

typedef enum srn_presence {
  SRN_UNKNOWN, /* nothing was appended yet */
  SRN_ABSENT,
  SRN_PRESENT,
} srn_presence;

struct specrnn_table_writer {
  const srn_table_ops *ops;
  srn_sink sink;
  srn_sink index;              /* .scp */
  char *index_path;            /* what the index says for the archive; NULL without one */
  specrnn_npz_writer *archive; /* .npz, in place of the sink */
  FILE *times;                 /* doubles, or NULL */
  srn_name_set names;
  size_t n_tables;
  bool open;
  bool failed;
  bool failed_before; /* the open table was begun */

  /* The table that is open. */
  char *name; /* NULL: none was given */
  double *column_values;
  size_t n_columns;
  size_t n_channels;
  size_t n_rows; /* of all channels */
  specrnn_dtype dtype;
  srn_presence has_times;
  srn_rows rows;
  size_t slot;
  size_t first_entry; /* in .npz */
  uint64_t start;     /* of the matrix in .ark */
};

extern const srn_table_ops srn_table_raw;
extern const srn_table_ops srn_table_npy;
extern const srn_table_ops srn_table_npz;
extern const srn_table_ops srn_table_csv;
extern const srn_table_ops srn_table_json;
extern const srn_table_ops srn_table_ark;

/* Rows per channel. */
size_t srn_table_frames(const specrnn_table_writer *writer);

/* Goes through the times that were collected; `put` returns false to stop. SPECRNN_ERROR_IO where they cannot be read.
 */
SPECRNN_MUST_CHECK specrnn_status srn_table_each_time(specrnn_table_writer *writer,
                                                      bool (*put)(specrnn_table_writer *writer, size_t index,
                                                                  double time_s),
                                                      const specrnn_log *log);

/* Value `index` of rows of F32 or F64. */
static inline double srn_table_value(specrnn_dtype dtype, const void *rows, size_t index)
{
  return dtype == SPECRNN_F64 ? ((const double *)rows)[index] : ((const float *)rows)[index];
}

#endif
