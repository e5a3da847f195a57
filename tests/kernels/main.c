/* Checks every kernel at every CPU level of this machine against a scalar reference, and times them.
 *
 * usage: check_kernels [--level NAME] [--bench] [KERNEL...]
 *
 *   --level NAME   only this level
 *   --bench        time instead of check
 *   KERNEL         only kernels whose name begins so
 *
 * Checks speak TAP, a case per kernel and level. Exit status 0 when all passed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"

typedef struct request {
  const char *level; /* NULL: all */
  bool bench;
  char **names;
  int n_names;
} request;

typedef struct tally {
  int n_run, n_failed;
} tally;

static const kernel_family *const FAMILIES[] = {&family_product, &family_map, &family_cell, &family_front_f32,
                                                &family_front_f64};

static bool wanted(const request *r, const char *name)
{
  bool found = r->n_names == 0;
  for (int i = 0; i < r->n_names; i++) {
    found = found || strncmp(name, r->names[i], strlen(r->names[i])) == 0;
  }
  return found;
}

static void check_case(const kernel_case *kernel, const srn_kernels *k, tally *t)
{
  checker c = {.k = k};
  kernel->check(&c);
  t->n_run++;
  t->n_failed += c.n_faults > 0 || c.n_compared == 0;
  printf("%s %d - %s at %s: %s", c.n_faults > 0 || c.n_compared == 0 ? "not ok" : "ok", t->n_run, kernel->name,
         specrnn_cpu_level_name(k->level), kernel->bound);
  if (c.worst > 0.0) {
    printf(" (largest: %.3g)", c.worst);
  }
  printf("\n");
  if (c.n_faults > 0) {
    printf("# %zu faults in %zu comparisons\n", c.n_faults, c.n_compared);
  }
}

static void run_level(const request *r, const srn_kernels *k, tally *t)
{
  for (size_t f = 0; f < sizeof FAMILIES / sizeof *FAMILIES; f++) {
    for (size_t i = 0; i < FAMILIES[f]->count; i++) {
      const kernel_case *kernel = &FAMILIES[f]->cases[i];
      if (wanted(r, kernel->name) && !r->bench) {
        check_case(kernel, k, t);
      } else if (wanted(r, kernel->name) && kernel->bench) {
        kernel->bench(k);
        t->n_run++;
      }
    }
  }
}

static int run(const request *r)
{
  tally t = {0};
  bool known = !r->level;
  for (int i = 0; i < SPECRNN_CPU_LEVELS; i++) {
    specrnn_cpu_level level = (specrnn_cpu_level)i;
    bool chosen = !r->level || strcmp(specrnn_cpu_level_name(level), r->level) == 0;
    known = known || chosen;
    if (chosen && srn_kernels_at(level)->level == level) {
      run_level(r, srn_kernels_at(level), &t);
    }
  }
  if (!known) {
    fprintf(stderr, "check_kernels: no CPU level is called %s\n", r->level);
    return 2;
  }
  if (t.n_run == 0) {
    printf("1..0 # SKIP %s\n", r->level ? "this machine or build does not have the level" : "no such kernel");
  } else if (!r->bench) {
    printf("1..%d\n# %d passed, %d failed\n", t.n_run, t.n_run - t.n_failed, t.n_failed);
  }
  return t.n_failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
  request r = {0};
  int i = 1;
  for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
    if (strcmp(argv[i], "--bench") == 0) {
      r.bench = true;
    } else if (strcmp(argv[i], "--level") == 0 && i + 1 < argc) {
      r.level = argv[++i];
    } else {
      fputs("usage: check_kernels [--level NAME] [--bench] [KERNEL...]\n", stderr);
      return 2;
    }
  }
  r.names = argv + i;
  r.n_names = argc - i;
  return run(&r);
}
