/* Guarded memory, comparisons and clocks for the checks of kernels. */
#include "harness.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/rng.h"

enum {
  GUARD_BYTES = 256,
  MOST_SHIFT = 16,
  MOST_REPORTED = 3,
  GUARD_VALUE = 0xff /* floats and doubles of it are NaN */
};

static void *take(checker *c, size_t count, size_t size)
{
  guarded *g = &c->arrays[c->n_arrays++];
  g->before = GUARD_BYTES + size * random_size(c, 0, MOST_SHIFT - 1);
  g->bytes = count * size;
  size_t total = g->before + g->bytes + GUARD_BYTES;
  g->block = c->n_arrays <= MOST_ARRAYS ? malloc(total) : NULL;
  if (!g->block) {
    fputs("the checks of kernels ran out of memory\n", stderr);
    exit(EXIT_FAILURE);
  }
  memset(g->block, GUARD_VALUE, total);
  return g->block + g->before;
}

float *take_floats(checker *c, size_t count)
{
  return take(c, count, sizeof(float));
}

double *take_doubles(checker *c, size_t count)
{
  return take(c, count, sizeof(double));
}

static bool guards_stand(const guarded *g)
{
  for (size_t i = 0; i < g->before; i++) {
    if (g->block[i] != GUARD_VALUE) {
      return false;
    }
  }
  for (size_t i = 0; i < GUARD_BYTES; i++) {
    if (g->block[g->before + g->bytes + i] != GUARD_VALUE) {
      return false;
    }
  }
  return true;
}

void end_round(checker *c)
{
  for (size_t i = 0; i < c->n_arrays; i++) {
    if (!guards_stand(&c->arrays[i])) {
      fault(c, "array %zu of the round was written outside its bounds", i);
    }
    free(c->arrays[i].block);
  }
  c->n_arrays = 0;
}

size_t random_size(checker *c, size_t least, size_t most)
{
  return least + (size_t)(srn_random_bits(1, c->random++) % (most - least + 1));
}

double random_number(checker *c, double low, double high)
{
  return low + (high - low) * (double)(srn_random_bits(1, c->random++) >> 11) * 0x1p-53;
}

float *random_floats(checker *c, size_t count, float low, float high)
{
  float *values = take_floats(c, count);
  for (size_t i = 0; i < count; i++) {
    values[i] = (float)random_number(c, low, high);
  }
  return values;
}

double *random_doubles(checker *c, size_t count, double low, double high)
{
  double *values = take_doubles(c, count);
  for (size_t i = 0; i < count; i++) {
    values[i] = random_number(c, low, high);
  }
  return values;
}

void fault(checker *c, const char *format, ...)
{
  if (c->n_faults++ < MOST_REPORTED) {
    va_list arguments;
    va_start(arguments, format);
    fputs("# ", stdout);
    vprintf(format, arguments);
    fputs("\n", stdout);
    va_end(arguments);
  }
}

void expect_same(checker *c, const char *what, size_t index, double got, double want)
{
  c->n_compared++;
  bool same = got == want && signbit(got) == signbit(want);
  if (!same && !(isnan(got) && isnan(want))) {
    fault(c, "%s [%zu] is %a; %a is right", what, index, got, want);
  }
}

void expect_within(checker *c, const char *what, double at, double error, double bound)
{
  c->n_compared++;
  c->worst = error > c->worst ? error : c->worst;
  if (!(error <= bound)) {
    fault(c, "%s at %a is off by %g; %g is allowed", what, at, error, bound);
  }
}

/* The volatile keeps the compiler of the tests from fusing what the level does not fuse. */
float reference_fma(const srn_kernels *k, float a, float b, float c)
{
  volatile float product = a * b;
  return k->fused ? fmaf(a, b, c) : product + c;
}

double reference_fma_f64(const srn_kernels *k, double a, double b, double c)
{
  volatile double product = a * b;
  return k->fused ? fma(a, b, c) : product + c;
}

/* |got - want| in units of the last place of want, for numbers of so many digits. */
static double units(long double got, long double want, int digits, int least_exponent)
{
  int exponent;
  frexpl(want, &exponent);
  exponent = exponent < least_exponent ? least_exponent : exponent;
  return (double)ldexpl(fabsl(got - want), digits - exponent);
}

double ulps(float got, double want)
{
  if (isnan(want) || isinf((float)want) || isinf(got)) {
    return got == (float)want || (isnan(got) && isnan(want)) ? 0.0 : INFINITY;
  }
  return units(got, want, 24, -125);
}

double ulps_f64(double got, long double want)
{
  if (isnan(want) || isinf((double)want) || isinf(got)) {
    return got == (double)want || (isnan(got) && isnan(want)) ? 0.0 : INFINITY;
  }
  return units(got, want, 53, -1021);
}

static double seconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The least of many short runs, as other work on the machine only ever adds. */
static double least_seconds(void (*call)(void *), void *context)
{
  const double run_seconds = 20e-6, total_seconds = 30e-3;
  call(context);
  double start = seconds(), least = INFINITY;
  call(context);
  double once = seconds() - start;
  int calls = once < run_seconds ? (int)(run_seconds / (once + 1e-8)) + 1 : 1;
  while (seconds() - start < total_seconds) {
    double begin = seconds();
    for (int i = 0; i < calls; i++) {
      call(context);
    }
    double each = (seconds() - begin) / calls;
    least = each < least ? each : least;
  }
  return least;
}

void report_time(const srn_kernels *k, const char *what, void (*call)(void *), void *context, double bytes,
                 double operations)
{
  double least = least_seconds(call, context);
  printf("%-32s %-15s %11.1f ns", what, specrnn_cpu_level_name(k->level), least * 1e9);
  if (bytes > 0.0) {
    printf(" %8.1f GB/s", bytes / least * 1e-9);
  }
  if (operations > 0.0) {
    printf(" %8.1f GF/s", operations / least * 1e-9);
  }
  printf("\n");
}
