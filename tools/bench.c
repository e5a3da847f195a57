/* Measuring, and `specrnn bench` itself, which passes on to its subjects. */
#include "bench.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report.h"
#include "specrnn/cpu.h"
#include "whole.h"

double bench_now_s(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void bench_run(bench_subject *subjects, size_t n_subjects, int repetitions)
{
  for (size_t i = 0; i < n_subjects; i++) {
    subjects[i].best_s = INFINITY;
    subjects[i].run(subjects[i].user);
  }
  for (int repetition = 0; repetition < repetitions; repetition++) {
    for (size_t i = 0; i < n_subjects; i++) {
      double start_s = bench_now_s();
      subjects[i].run(subjects[i].user);
      subjects[i].best_s = fmin(subjects[i].best_s, bench_now_s() - start_s);
    }
  }
}

static int compare_doubles(const void *a, const void *b)
{
  double x = *(const double *)a;
  double y = *(const double *)b;
  return (x > y) - (x < y);
}

double bench_percentile(double *times_s, size_t n_times, double p)
{
  qsort(times_s, n_times, sizeof *times_s, compare_doubles);
  return times_s[whole_of(ceil(p * (double)n_times), 1, (int64_t)n_times) - 1];
}

void bench_fill_noise(float *values, size_t count)
{
  uint64_t state = 1;
  for (size_t i = 0; i < count; i++) {
    double sum = 0.0; /* of twelve uniform numbers: nearly normal, variance 1 */
    for (int k = 0; k < 12; k++) {
      state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
      sum += (double)(state >> 33) * 0x1p-31 - 0.5;
    }
    values[i] = (float)(0.1 * sum);
  }
}

void bench_keep(const void *memory)
{
  __asm__ volatile("" : : "r"(memory) : "memory");
}

bool bench_limit_cpu(const char *name)
{
  if (!name) {
    return true;
  }
  for (int i = 0; i < SPECRNN_CPU_LEVELS; i++) {
    specrnn_cpu_level level = (specrnn_cpu_level)i;
    const char *known = specrnn_cpu_level_name(level);
    if (known && !strcmp(known, name)) {
      if (!specrnn_cpu_supports(level)) {
        report_usage("--cpu: this machine does not run %s", name);
        return false;
      }
      specrnn_cpu_limit(level);
      return true;
    }
  }
  report_usage("--cpu: no level is called '%s'", name);
  return false;
}

enum { KEY_WIDTH = 24, VALUE_SIZE = 64, LINE_WIDTH = 100, COLUMN_GAP = 2 };

/* Returns the length. */
static int format_value(const json_t *value, char text[VALUE_SIZE])
{
  if (json_is_string(value)) {
    return snprintf(text, VALUE_SIZE, "%s", json_string_value(value));
  }
  if (json_is_integer(value)) {
    return snprintf(text, VALUE_SIZE, "%lld", (long long)json_integer_value(value));
  }
  if (json_is_real(value)) {
    return snprintf(text, VALUE_SIZE, "%.4g", json_real_value(value));
  }
  return snprintf(text, VALUE_SIZE, "-");
}

/* How wide a column has to be so that all values of all rows fit. */
static int column_width(json_t *rows)
{
  int widest = 0;
  size_t index;
  json_t *row;
  json_array_foreach(rows, index, row)
  {
    const char *key;
    json_t *value;
    json_object_foreach(row, key, value)
    {
      char text[VALUE_SIZE];
      int length = format_value(value, text);
      widest = length > widest ? length : widest;
    }
  }
  return widest + COLUMN_GAP;
}

/* A line per key of the first row, with its value in every row. */
static void print_columns(json_t *rows, int width)
{
  const char *key;
  json_t *first;
  json_object_foreach(json_array_get(rows, 0), key, first)
  {
    size_t index;
    json_t *row;
    printf("%-*s", KEY_WIDTH, key);
    json_array_foreach(rows, index, row)
    {
      char text[VALUE_SIZE];
      format_value(json_object_get(row, key), text);
      printf("%*s", width, text);
    }
    putchar('\n');
  }
}

static void print_table(json_t *report, int indent);

/* Side by side where a line holds all of them, else one after the other. */
static void print_rows(const char *key, json_t *rows, int indent)
{
  int width = column_width(rows);
  size_t index;
  json_t *row;
  if (KEY_WIDTH + (int)json_array_size(rows) * width <= LINE_WIDTH) {
    print_columns(rows, width);
    return;
  }
  json_array_foreach(rows, index, row)
  {
    printf("%*s%s %zu\n", indent, "", key, index + 1);
    print_table(row, indent + COLUMN_GAP);
  }
}

static void print_table(json_t *report, int indent)
{
  const char *key;
  json_t *value;
  json_object_foreach(report, key, value)
  {
    char text[VALUE_SIZE];
    if (json_is_array(value)) {
      print_rows(key, value, indent);
    } else {
      format_value(value, text);
      printf("%*s%-*s%s\n", indent, "", KEY_WIDTH, key, text);
    }
  }
}

int bench_print(json_t *report, bool as_json)
{
  if (!report) {
    return report_memory();
  }
  if (as_json) {
    json_dumpf(report, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    putchar('\n');
  } else {
    print_table(report, 0);
  }
  json_decref(report);
  return CLI_EXIT_OK;
}
