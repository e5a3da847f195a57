/* A CSV of numbers becomes an array: one pass counts and checks the cells of every row, a second one reads them. */
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "io/json_text.h"
#include "io/whole_file.h"
#include "specrnn/io.h"

enum { NUMBER_SIZE = 64 };

static const char BYTE_ORDER_MARK[] = "\xef\xbb\xbf";

/* What is left to read, and where that is. */
typedef struct cursor {
  const char *at;
  const char *end;
  size_t line; /* from 1 */
  const specrnn_log *log;
} cursor;

typedef struct cell {
  const char *text;
  size_t length;
  const char *fault; /* of its quotes, or NULL */
  bool last;         /* of its row */
} cell;

typedef struct layout {
  cursor data; /* at the first row of numbers */
  size_t skip; /* columns in front that are no data */
  size_t columns;
  size_t rows;
} layout;

/* A quoted cell may hold commas and line ends; what is in the quotes is its text, in which a quote is doubled. */
static void take_quoted(cursor *file, cell *taken)
{
  taken->text = ++file->at;
  while (file->at < file->end && (*file->at != '"' || (file->at + 1 < file->end && file->at[1] == '"'))) {
    file->line += *file->at == '\n';
    file->at += *file->at == '"' ? 2 : 1;
  }
  taken->length = (size_t)(file->at - taken->text);
  if (file->at == file->end) {
    taken->fault = "a quote is not closed";
    return;
  }
  file->at++;
  while (file->at < file->end && *file->at != ',' && *file->at != '\n') {
    taken->fault = strchr(" \t\r", *file->at) ? taken->fault : "something follows a closing quote";
    file->at++;
  }
}

static void take_plain(cursor *file, cell *taken)
{
  taken->text = file->at;
  while (file->at < file->end && *file->at != ',' && *file->at != '\n') {
    file->at++;
  }
  taken->length = (size_t)(file->at - taken->text);
}

static cell next_cell(cursor *file)
{
  cell taken = {.last = true};
  if (file->at < file->end && *file->at == '"') {
    take_quoted(file, &taken);
  } else {
    take_plain(file, &taken);
  }
  if (file->at < file->end) {
    taken.last = *file->at == '\n';
    file->line += taken.last;
    file->at++;
  }
  while (taken.length && strchr(" \t\r", taken.text[taken.length - 1])) {
    taken.length--;
  }
  while (taken.length && strchr(" \t", taken.text[0])) {
    taken.text++;
    taken.length--;
  }
  return taken;
}

/* In the C locale. */
static bool read_number(const cell *read, double *value)
{
  char text[NUMBER_SIZE];
  if (read->fault || !read->length || read->length >= sizeof text || memchr(read->text, '\0', read->length)) {
    return false;
  }
  memcpy(text, read->text, read->length);
  text[read->length] = '\0';
  char *end;
  *value = strtod(text, &end);
  return !*end;
}

static bool cell_is(const cell *read, const char *word)
{
  return read->length == strlen(word) && !memcmp(read->text, word, read->length);
}

static size_t count_cells(cursor *file)
{
  size_t count = 1;
  while (!next_cell(file).last) {
    count++;
  }
  return count;
}

/* Whether a cell that is no number can be a column's name, and not a number that was spoiled or is missing. */
static bool is_name(const cell *read)
{
  static const char *const VALUES[] = {"NA",   "N/A",   "n/a",  "null",  "NULL", "None",
                                       "True", "False", "TRUE", "FALSE", "true", "false"};
  for (size_t i = 0; i < sizeof VALUES / sizeof *VALUES; i++) {
    if (cell_is(read, VALUES[i])) {
      return false;
    }
  }
  return !read->fault && (!read->length || !strchr("0123456789+-.", read->text[0]));
}

/* A first row without any number is a header, and so is that of a table that was written here, whose columns are named
 * by numbers. */
static void skip_header(cursor *file, layout *found)
{
  cursor ahead = *file;
  size_t columns = 0;
  size_t filled = 0;
  bool own = false;
  bool named = true;
  for (cell read = {0}; !read.last; columns++) {
    double value;
    read = next_cell(&ahead);
    own |= columns == 0 && (cell_is(&read, "time_s") || cell_is(&read, "frame"));
    named &= is_name(&read) && !read_number(&read, &value);
    filled += read.length > 0;
  }
  if (own || (named && filled > 0)) {
    *found = (layout){.skip = own, .columns = columns};
    *file = ahead;
  }
}

static specrnn_status fail_cell(const cell *read, size_t line, size_t column, const specrnn_log *log)
{
  int shown = read->length < NUMBER_SIZE ? (int)read->length : NUMBER_SIZE;
  if (read->fault) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "line %zu, column %zu: %s", line, column, read->fault);
  }
  bool other = memchr(read->text, ';', read->length) || memchr(read->text, '\t', read->length);
  return srn_fail(log, SPECRNN_ERROR_FORMAT, "line %zu, column %zu: '%.*s' is no number%s", line, column, shown,
                  read->text, other ? "; columns are divided by commas" : "");
}

static specrnn_status measure(cursor file, layout *found)
{
  *found = (layout){0};
  if (file.at == file.end) {
    return srn_fail(file.log, SPECRNN_ERROR_FORMAT, "the CSV is empty");
  }
  skip_header(&file, found);
  found->data = file;
  while (file.at < file.end) {
    size_t line = file.line;
    size_t count = count_cells(&file);
    if (!found->columns) {
      found->columns = count;
    }
    if (count != found->columns) {
      return srn_fail(file.log, SPECRNN_ERROR_FORMAT, "line %zu has %zu cells; the first line has %zu", line, count,
                      found->columns);
    }
    found->rows++;
  }
  return SPECRNN_OK;
}

/* Without `values` the cells are only checked. */
static specrnn_status read_rows(double *values, const layout *found)
{
  cursor file = found->data;
  for (size_t row = 0; row < found->rows; row++) {
    for (size_t column = 0; column < found->columns; column++) {
      size_t line = file.line;
      cell read = next_cell(&file);
      double value;
      if (!read_number(&read, &value)) {
        return fail_cell(&read, line, column + 1, file.log);
      }
      if (values && column >= found->skip) {
        *values++ = value;
      }
    }
  }
  return SPECRNN_OK;
}

static specrnn_status parse(specrnn_array **out, cursor file)
{
  layout found;
  specrnn_status status = measure(file, &found);
  if (status) {
    return status;
  }
  /* Every number has a comma or a line end beside it: more cells than that, and some are empty. That is found before
   * memory is taken for them. */
  if (found.rows > (size_t)(file.end - file.at + 1) / 2 / found.columns && (status = read_rows(NULL, &found))) {
    return status;
  }
  const size_t shape[] = {found.rows, found.columns - found.skip};
  specrnn_array *array;
  status = specrnn_array_create(&array, SPECRNN_F64, 2, shape, file.log);
  if (status) {
    return status;
  }
  status = read_rows(array->data, &found);
  if (status) {
    specrnn_array_destroy(&array);
    return status;
  }
  *out = array;
  return SPECRNN_OK;
}

specrnn_status specrnn_csv_load(specrnn_array **out, const char *path, const specrnn_log *log)
{
  unsigned char *bytes;
  size_t size;
  specrnn_status status = srn_whole_file_read(&bytes, &size, path, SRN_WHOLE_FILE_LIMIT, log);
  if (status) {
    return status;
  }
  size_t mark = sizeof BYTE_ORDER_MARK - 1;
  size_t first = size >= mark && !memcmp(bytes, BYTE_ORDER_MARK, mark) ? mark : 0;
  while (size > first && strchr("\r\n", bytes[size - 1])) { /* blank lines at the end */
    size--;
  }
  if (size > 1 && (!memcmp(bytes, "\xff\xfe", 2) || !memcmp(bytes, "\xfe\xff", 2))) {
    free(bytes);
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "the text is UTF-16; save it as UTF-8");
  }
  cursor file = {(const char *)bytes + first, (const char *)bytes + size, 1, log};
  locale_t previous = srn_numbers_begin();
  status = parse(out, file);
  srn_numbers_end(previous);
  free(bytes);
  return status;
}
