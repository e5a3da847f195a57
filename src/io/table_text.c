/* Tables as CSV and JSON. */
#include <errno.h>
#include <math.h>

#include "core/log.h"
#include "io/json_text.h"
#include "io/table.h"

/* ---------------------------------------------------------------------------------------------------------------- .csv
 */

static const char CSV_LINE_END[] = "\r\n"; /* RFC 4180 */

static void csv_put_value(FILE *stream, specrnn_dtype dtype, const void *rows, size_t index)
{
  double value = srn_table_value(dtype, rows, index);
  if (isnan(value)) { /* printf would show its sign */
    fputs("nan", stream);
  } else if (dtype == SPECRNN_F32) {
    fprintf(stream, "%.*g", SRN_FLOAT_DIGITS, value);
  } else {
    srn_put_double(stream, value);
  }
}

static void csv_put_header(specrnn_table_writer *writer)
{
  FILE *stream = writer->sink.stream;
  fputs(writer->has_times == SRN_PRESENT ? "time_s" : "frame", stream);
  for (size_t i = 0; i < writer->n_columns; i++) {
    fputc(',', stream);
    srn_put_double(stream, writer->column_values ? writer->column_values[i] : (double)i);
  }
  fputs(CSV_LINE_END, stream);
}

static specrnn_status csv_begin(specrnn_table_writer *writer, const specrnn_table_info *info, const specrnn_log *log)
{
  (void)writer;
  (void)info;
  (void)log;
  return SPECRNN_OK; /* the header waits for the first row, which has a time or none */
}

static specrnn_status csv_append(specrnn_table_writer *writer, const void *rows, size_t n_rows, const double *times_s,
                                 const specrnn_log *log)
{
  FILE *stream = writer->sink.stream;
  locale_t previous = srn_numbers_begin();
  errno = 0;
  if (!writer->n_rows) {
    csv_put_header(writer);
  }
  for (size_t row = 0; row < n_rows && !ferror(stream); row++) {
    srn_put_double(stream, times_s ? times_s[row] : (double)(writer->n_rows + row));
    for (size_t column = 0; column < writer->n_columns; column++) {
      fputc(',', stream);
      csv_put_value(stream, writer->dtype, rows, row * writer->n_columns + column);
    }
    fputs(CSV_LINE_END, stream);
  }
  specrnn_status status = srn_sink_check(&writer->sink, log);
  srn_numbers_end(previous);
  return status;
}

static specrnn_status csv_end(specrnn_table_writer *writer, const specrnn_log *log)
{
  if (!writer->n_rows) {
    locale_t previous = srn_numbers_begin();
    csv_put_header(writer);
    srn_numbers_end(previous);
  }
  return srn_sink_check(&writer->sink, log);
}

const srn_table_ops srn_table_csv = {
    .sink = SRN_SINK_DIRECT,
    .begin = csv_begin,
    .append = csv_append,
    .end = csv_end,
};

/* --------------------------------------------------------------------------------------------------------------- .json
 */

static specrnn_status json_begin(specrnn_table_writer *writer, const specrnn_table_info *info, const specrnn_log *log)
{
  FILE *stream = writer->sink.stream;
  locale_t previous = srn_numbers_begin();
  errno = 0;
  fputs("{\n", stream);
  if (info->sample_rate_hz > 0) {
    fputs("\"sample_rate\": ", stream);
    srn_put_double(stream, info->sample_rate_hz);
    fputs(",\n", stream);
  }
  if (info->column_values) {
    for (size_t i = 0; i < info->n_columns; i++) {
      fputs(i ? ", " : "\"frequencies\": [", stream);
      srn_json_put_double(stream, info->column_values[i]);
    }
    fputs("],\n", stream);
  }
  if (info->config_json) {
    fprintf(stream, "\"config\": %s,\n", info->config_json);
  }
  fputs("\"data\": [", stream);
  specrnn_status status = srn_sink_check(&writer->sink, log);
  srn_numbers_end(previous);
  return status;
}

static specrnn_status json_append(specrnn_table_writer *writer, const void *rows, size_t n_rows, const double *times_s,
                                  const specrnn_log *log)
{
  (void)times_s;
  FILE *stream = writer->sink.stream;
  locale_t previous = srn_numbers_begin();
  errno = 0;
  for (size_t row = 0; row < n_rows && !ferror(stream); row++) {
    fputs(writer->n_rows + row ? ",\n[" : "\n[", stream);
    for (size_t column = 0; column < writer->n_columns; column++) {
      fputs(column ? ", " : "", stream);
      double value = srn_table_value(writer->dtype, rows, row * writer->n_columns + column);
      if (writer->dtype == SPECRNN_F32) {
        srn_json_put_float(stream, (float)value);
      } else {
        srn_json_put_double(stream, value);
      }
    }
    fputc(']', stream);
  }
  specrnn_status status = srn_sink_check(&writer->sink, log);
  srn_numbers_end(previous);
  return status;
}

static bool json_put_time(specrnn_table_writer *writer, size_t index, double time_s)
{
  FILE *stream = writer->sink.stream;
  fputs(index ? ", " : "\n\"times\": [", stream);
  srn_json_put_double(stream, time_s);
  return !ferror(stream);
}

static specrnn_status json_end(specrnn_table_writer *writer, const specrnn_log *log)
{
  FILE *stream = writer->sink.stream;
  locale_t previous = srn_numbers_begin();
  specrnn_status status = SPECRNN_OK;
  errno = 0;
  fputs("\n],", stream);
  if (writer->has_times == SRN_PRESENT) {
    status = srn_table_each_time(writer, json_put_time, log);
    fputs("],", stream);
  }
  fprintf(stream, "\n\"shape\": [%zu, %zu]\n}\n", writer->n_rows, writer->n_columns);
  if (!status) {
    status = srn_sink_check(&writer->sink, log);
  }
  srn_numbers_end(previous);
  return status;
}

const srn_table_ops srn_table_json = {
    .sink = SRN_SINK_DIRECT,
    .collects_times = true,
    .begin = json_begin,
    .append = json_append,
    .end = json_end,
};
