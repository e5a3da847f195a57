/* A CSV of numbers becomes an array: one pass counts and checks the cells of every row, a second one reads them. */
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "io/json_text.h"
#include "io/text_start.h"
#include "io/whole_file.h"
#include "specrnn/io.h"

/* A double with every digit of its binary value, as printf's %f gives it, has up to 1400. */
enum { NUMBER_SIZE = 2048, SHOWN_SIZE = 64 };

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

static bool is_blank(char c)
{
  return c == ' ' || c == '\t';
}

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
    if (!is_blank(*file->at) && *file->at != '\r') {
      taken->fault = "something follows a closing quote";
    }
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
  while (taken.length && (is_blank(taken.text[taken.length - 1]) || taken.text[taken.length - 1] == '\r')) {
    taken.length--;
  }
  while (taken.length && is_blank(taken.text[0])) {
    taken.text++;
    taken.length--;
  }
  return taken;
}

/* In the C locale. What strtod takes for hexadecimal is a key rather than a number. */
static bool read_number(const cell *read, double *value)
{
  char text[NUMBER_SIZE];
  if (read->fault || !read->length || read->length >= sizeof text || memchr(read->text, 'x', read->length) ||
      memchr(read->text, 'X', read->length)) {
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

/* The cells of a row, and the first of them whose quotes are at fault. */
typedef struct row_shape {
  size_t count;
  cell faulty;
  size_t faulty_column;
} row_shape;

static row_shape take_row(cursor *file)
{
  row_shape taken = {0};
  for (cell read = {0}; !read.last;) {
    read = next_cell(file);
    taken.count++;
    if (read.fault && !taken.faulty.fault) {
      taken.faulty = read;
      taken.faulty_column = taken.count;
    }
  }
  return taken;
}

/* A line that begins with '#' is a comment; numpy.savetxt writes its header so. */
static void skip_comments(cursor *file)
{
  while (file->at < file->end && *file->at == '#') {
    const char *line_end = memchr(file->at, '\n', (size_t)(file->end - file->at));
    file->at = line_end ? line_end + 1 : file->end;
    file->line++;
  }
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
    skip_comments(file);
  }
}

static specrnn_status fail_cell(const cell *read, size_t line, size_t column, const specrnn_log *log)
{
  int shown = read->length < SHOWN_SIZE ? (int)read->length : SHOWN_SIZE;
  if (read->fault) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "line %zu, column %zu: %s", line, column, read->fault);
  }
  static const struct {
    char sign;
    const char *advice;
  } SIGNS[] = {{'\r', "; lines end with LF, or CR and LF"},
               {';', "; columns are divided by commas"},
               {'\t', "; columns are divided by commas"},
               {' ', "; columns are divided by commas"}};
  const char *advice = "";
  for (size_t i = 0; !*advice && i < sizeof SIGNS / sizeof *SIGNS; i++) {
    advice = memchr(read->text, SIGNS[i].sign, read->length) ? SIGNS[i].advice : "";
  }
  return srn_fail(log, SPECRNN_ERROR_FORMAT, "line %zu, column %zu: '%.*s'%s is no number%s", line, column, shown,
                  read->text, read->length > SHOWN_SIZE ? "..." : "", advice);
}

static specrnn_status measure(cursor file, layout *found)
{
  *found = (layout){0};
  skip_comments(&file);
  if (file.at == file.end) {
    return srn_fail(file.log, SPECRNN_ERROR_FORMAT, "the CSV is empty");
  }
  skip_header(&file, found);
  found->data = file;
  while (file.at < file.end) {
    size_t line = file.line;
    row_shape taken = take_row(&file);
    if (taken.faulty.fault) {
      return fail_cell(&taken.faulty, line, taken.faulty_column, file.log);
    }
    if (!found->columns) {
      found->columns = taken.count;
    }
    if (taken.count != found->columns) {
      return srn_fail(file.log, SPECRNN_ERROR_FORMAT, "line %zu has %zu cell%s; the first line has %zu", line,
                      taken.count, taken.count == 1 ? "" : "s", found->columns);
    }
    found->rows++;
    skip_comments(&file);
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
    skip_comments(&file);
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
  size_t first;
  status = srn_text_start(&first, bytes, size, "the text", log);
  if (status) {
    free(bytes);
    return status;
  }
  while (size > first && (bytes[size - 1] == '\r' || bytes[size - 1] == '\n')) { /* blank lines at the end */
    size--;
  }
  cursor file = {(const char *)bytes + first, (const char *)bytes + size, 1, log};
  locale_t previous = srn_numbers_begin();
  status = parse(out, file);
  srn_numbers_end(previous);
  free(bytes);
  return status;
}
