/* A table that several tests write: three frames of two columns, with values that show how floats are printed. */
#ifndef SPECRNN_TESTS_UNIT_IO_TABLES_H
#define SPECRNN_TESTS_UNIT_IO_TABLES_H

#include "io_testing.h"

static const float ROWS[] = {0.0F, 0.1F, -80.0F, 1.5F, 3.0e38F, 1e-45F};
static const double TIMES[] = {0.0, 0.1, 0.016};
static const double FREQUENCIES[] = {0.0, 31.25};

/* A table of three frames and two columns, in one piece or row by row. */
static inline void write_table(specrnn_table_writer *writer, const char *name, bool with_axes, size_t step)
{
  specrnn_table_info info = SPECRNN_TABLE_INFO_INIT;
  info.name = name;
  info.n_columns = 2;
  if (with_axes) {
    info.column_values = FREQUENCIES;
    info.sample_rate_hz = 16000;
    info.config_json = "{\"window\": \"hann\"}";
  }
  succeeds(specrnn_table_begin(writer, &info, &LOG));
  for (size_t row = 0; row < 3; row += step) {
    succeeds(specrnn_table_append(writer, ROWS + 2 * row, step, with_axes ? TIMES + row : NULL, &LOG));
  }
  succeeds(specrnn_table_end(writer, &LOG));
}

static inline void write_file(const char *path, bool with_axes, size_t step)
{
  specrnn_table_format format;
  specrnn_table_writer *writer = NULL;
  succeeds(specrnn_table_format_of_path(&format, path, &LOG));
  succeeds(specrnn_table_writer_create(&writer, path, format, &LOG));
  write_table(writer, NULL, with_axes, step);
  succeeds(specrnn_table_writer_commit(&writer, &LOG));
  assert_null(writer);
}

static inline void write_bytes(const char *path, const void *bytes, size_t size)
{
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
}

#endif
