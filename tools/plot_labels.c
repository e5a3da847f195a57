/* Label tracks as Audacity exports them. */
#include "plot_labels.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "readable.h"
#include "report.h"

enum { MAX_SIZE = 16 << 20 };

/* What editors of Windows put in front of UTF-8. */
static const char BYTE_ORDER_MARK[] = "\xef\xbb\xbf";

static specrnn_status out_of_memory(void)
{
  report_memory();
  return SPECRNN_ERROR_MEMORY;
}

static specrnn_status read_all(char **text, FILE *file, const char *path)
{
  size_t capacity = 1 << 12;
  size_t size = 0;
  char *bytes = NULL;
  do {
    capacity *= 2;
    char *larger = realloc(bytes, capacity + 1);
    if (!larger || capacity > MAX_SIZE) {
      free(larger ? larger : bytes);
      return larger
                 ? (report_failure(path, "larger than a label track may be (%d bytes)", MAX_SIZE), SPECRNN_ERROR_FORMAT)
                 : out_of_memory();
    }
    bytes = larger;
    size += fread(bytes + size, 1, capacity - size, file);
  } while (size == capacity);
  if (ferror(file)) {
    report_failure(path, "cannot read: %s", strerror(errno));
    free(bytes);
    return SPECRNN_ERROR_IO;
  }
  bytes[size] = '\0';
  *text = bytes;
  return SPECRNN_OK;
}

/* Reads "START<TAB>END[<TAB>TEXT]", and ends the text in place. */
static bool parse_line(char *line, specrnn_interval *interval)
{
  char *second = line + strcspn(line, "\t");
  if (!*second) {
    return false;
  }
  *second++ = '\0';
  char *text = second + strcspn(second, "\t");
  if (*text) {
    *text++ = '\0';
  }
  interval->text = text;
  if (!specrnn_seconds_parse(line, &interval->start) || !specrnn_seconds_parse(second, &interval->end)) {
    return false;
  }
  return isfinite(interval->start) && isfinite(interval->end) && interval->start <= interval->end;
}

static specrnn_status parse(plot_labels *labels, const char *path)
{
  size_t n_lines = 1;
  for (const char *c = labels->text; *c; c++) {
    n_lines += *c == '\n';
  }
  labels->intervals = calloc(n_lines, sizeof *labels->intervals);
  if (!labels->intervals) {
    return out_of_memory();
  }
  const size_t mark = sizeof BYTE_ORDER_MARK - 1;
  char *line = labels->text + (strncmp(labels->text, BYTE_ORDER_MARK, mark) ? 0 : mark);
  for (size_t number = 1; number <= n_lines; number++) {
    char *next = line + strcspn(line, "\n");
    if (*next) {
      *next++ = '\0';
    }
    line[strcspn(line, "\r")] = '\0';
    /* A line that begins with a backslash holds the frequencies of the label before it. */
    if (*line && *line != '\\') {
      if (!parse_line(line, &labels->intervals[labels->count])) {
        report_failure(path, "line %zu is no label: START, END and a text, with tabs between, are needed", number);
        return SPECRNN_ERROR_FORMAT;
      }
      labels->count++;
    }
    line = next;
  }
  return SPECRNN_OK;
}

specrnn_status plot_labels_load(plot_labels *labels, const char *path)
{
  FILE *file = readable_stream(path);
  if (!file) {
    return SPECRNN_ERROR_IO;
  }
  specrnn_status status = read_all(&labels->text, file, path);
  fclose(file);
  return status ? status : parse(labels, path);
}

void plot_labels_release(plot_labels *labels)
{
  free(labels->intervals);
  free(labels->text);
  *labels = (plot_labels){0};
}
