/* Checks and times kernels: guarded memory, comparisons, clocks. What is checked stands in check_*.c.
 *
 * A case is a kernel, its bound in words, a check against a scalar reference, and a benchmark. A check runs rounds:
 * every round takes arrays at random alignment between guards, runs the kernel, compares, and ends by looking at the
 * guards, which are NaNs, so that what a kernel reads beside its input shows as well. */
#ifndef SPECRNN_TESTS_KERNELS_HARNESS_H
#define SPECRNN_TESTS_KERNELS_HARNESS_H

#include "kernels/kernels.h"

enum { MOST_ARRAYS = 16 };

typedef struct guarded {
  unsigned char *block;
  size_t before, bytes; /* of the array, which begins at block + before */
} guarded;

typedef struct checker {
  const srn_kernels *k;
  uint64_t random;
  guarded arrays[MOST_ARRAYS];
  size_t n_arrays;
  size_t n_compared, n_faults;
  double worst; /* the largest error seen, in the unit of the bound */
} checker;

typedef struct kernel_case {
  const char *name;
  const char *bound;
  void (*check)(checker *c);
  void (*bench)(const srn_kernels *k); /* NULL: timed with another */
} kernel_case;

typedef struct kernel_family {
  const kernel_case *cases;
  size_t count;
} kernel_family;

extern const kernel_family family_product;
extern const kernel_family family_map;
extern const kernel_family family_cell;
extern const kernel_family family_front_f32;
extern const kernel_family family_front_f64;

/* Arrays of the round, their content NaN. */
float *take_floats(checker *c, size_t count);
double *take_doubles(checker *c, size_t count);

/* Looks at the guards and gives the arrays back. */
void end_round(checker *c);

/* Whole numbers from least to most, numbers from low to high. */
size_t random_size(checker *c, size_t least, size_t most);
double random_number(checker *c, double low, double high);
float *random_floats(checker *c, size_t count, float low, float high);
double *random_doubles(checker *c, size_t count, double low, double high);

/* A fault, said once or twice per case. */
void fault(checker *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same number, bit for bit, or both NaN. */
void expect_same(checker *c, const char *what, size_t index, double got, double want);

/* error <= bound, both in the unit of the bound; NaN is a fault. */
void expect_within(checker *c, const char *what, double at, double error, double bound);

/* a * b + c as the level rounds it. */
float reference_fma(const srn_kernels *k, float a, float b, float c);
double reference_fma_f64(const srn_kernels *k, double a, double b, double c);

/* |got - want| in units of the last place of want, of a float and of a double. */
double ulps(float got, double want);
double ulps_f64(double got, long double want);

/* Prints the least time of a call, and what it means where bytes and operations are not 0. */
void report_time(const srn_kernels *k, const char *what, void (*call)(void *), void *context, double bytes,
                 double operations);

#endif
