/* CPU levels: names, what the machine runs, and the limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/kernels.h"
#include "specrnn/cpu.h"

static void levels_have_names(void **state)
{
  (void)state;
  assert_string_equal(specrnn_cpu_level_name(SPECRNN_CPU_BASELINE), "baseline");
  for (int i = 0; i < SPECRNN_CPU_LEVELS; i++) {
    assert_non_null(specrnn_cpu_level_name((specrnn_cpu_level)i));
    for (int j = 0; j < i; j++) {
      assert_string_not_equal(specrnn_cpu_level_name((specrnn_cpu_level)i),
                              specrnn_cpu_level_name((specrnn_cpu_level)j));
    }
  }
  assert_null(specrnn_cpu_level_name(SPECRNN_CPU_LEVELS));
  assert_null(specrnn_cpu_level_name((specrnn_cpu_level)-1));
}

static void the_limit_gives_the_highest_level_within(void **state)
{
  (void)state;
  specrnn_cpu_level highest = SPECRNN_CPU_BASELINE;
  assert_true(specrnn_cpu_supports(SPECRNN_CPU_BASELINE));
  assert_false(specrnn_cpu_supports(SPECRNN_CPU_LEVELS));
  for (int i = 0; i < SPECRNN_CPU_LEVELS; i++) {
    specrnn_cpu_level level = (specrnn_cpu_level)i;
    highest = specrnn_cpu_supports(level) ? level : highest;
    specrnn_cpu_limit(level);
    assert_int_equal(specrnn_cpu_level_in_use(), highest);
    assert_ptr_equal(srn_kernels_get(), srn_kernels_at(level));
    assert_int_equal(srn_kernels_get()->level, highest);
  }
  specrnn_cpu_limit(SPECRNN_CPU_LEVELS);
  assert_int_equal(specrnn_cpu_level_in_use(), highest);
}

/* Every field of every table: one left out would be called as NULL. */
static void tables_are_full(void **state)
{
  (void)state;
  static const size_t FIRST = offsetof(srn_kernels, product);
  for (int i = 0; i < SPECRNN_CPU_LEVELS; i++) {
    const srn_kernels *k = srn_kernels_at((specrnn_cpu_level)i);
    const struct {
      const void *from;
      size_t count;
    } PARTS[] = {{(const char *)k + FIRST, (sizeof *k - FIRST) / sizeof(void *)},
                 {k->front_f32, sizeof *k->front_f32 / sizeof(void *)},
                 {k->front_f64, sizeof *k->front_f64 / sizeof(void *)}};
    for (size_t part = 0; part < sizeof PARTS / sizeof *PARTS; part++) {
      for (size_t n = 0; n < PARTS[part].count; n++) {
        uintptr_t entry;
        memcpy(&entry, (const char *)PARTS[part].from + n * sizeof entry, sizeof entry);
        assert_int_not_equal(entry, 0);
      }
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(levels_have_names),
      cmocka_unit_test(the_limit_gives_the_highest_level_within),
      cmocka_unit_test(tables_are_full),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
