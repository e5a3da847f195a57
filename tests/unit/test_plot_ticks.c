/* Tick places against matplotlib's own answers, and what is written at them. */
#include "plot_testing.h"

enum { MAX_CASE_TICKS = 32 };

/* Every line of tests/golden/plot/ticks.txt. */
static void linear_ticks_are_those_of_matplotlib(void **state)
{
  (void)state;
  FILE *file = fopen(GOLDEN_DIR "/plot/ticks.txt", "r");
  assert_non_null(file);
  char line[2048];
  int cases = 0;
  while (fgets(line, sizeof line, file)) {
    char *next = line;
    int n_intervals = (int)strtol(next, &next, 10);
    bool integer = strtol(next, &next, 10) != 0;
    double low = strtod(next, &next);
    double high = strtod(next, &next);
    double expected[MAX_CASE_TICKS];
    size_t n_expected = 0;
    for (char *end; n_expected < MAX_CASE_TICKS; next = end) {
      double value = strtod(next, &end);
      if (end == next) {
        break;
      }
      expected[n_expected++] = value;
    }
    double ticks[MAX_CASE_TICKS];
    size_t count = specrnn_ticks_linear(low, high, n_intervals, integer, ticks, MAX_CASE_TICKS);
    if (count != n_expected) {
      fail_msg("%zu ticks instead of %zu for: %s", count, n_expected, line);
    }
    double step = count > 1 ? expected[1] - expected[0] : high - low;
    for (size_t i = 0; i < count; i++) {
      double rounding = 4e-16 * fmax(fabs(low), fabs(high)); /* beside an offset a double has no more digits */
      if (fabs(ticks[i] - expected[i]) > 1e-9 * step + rounding) {
        fail_msg("tick %zu is %.17g instead of %.17g for: %s", i, ticks[i], expected[i], line);
      }
    }
    cases++;
  }
  fclose(file);
  assert_int_equal(cases, 495);
}

static void linear_ticks_take_any_range(void **state)
{
  (void)state;
  double ticks[4];
  assert_int_equal(specrnn_ticks_linear(NAN, 1.0, 5, false, ticks, 4), 0);
  assert_int_equal(specrnn_ticks_linear(0.0, INFINITY, 5, false, ticks, 4), 0);
  assert_int_equal(specrnn_ticks_linear(-1.7e308, 1.7e308, 5, false, ticks, 4), 0); /* its width is no double */
  assert_true(specrnn_ticks_linear(5.0, 5.0, 5, false, ticks, 4) >= 1);
  /* The count is that of all ticks; the end may come before the beginning. */
  assert_int_equal(specrnn_ticks_linear(9.0, 0.0, 9, false, ticks, 4), 10);
  assert_near(ticks[3], 3.0, 1e-12);
}

typedef struct time_case {
  double low, high;
  int n_intervals;
  double first, step;
  size_t count;
} time_case;

static void time_ticks_are_round(void **state)
{
  (void)state;
  static const time_case CASES[] = {
      {0, 0.05, 9, 0, 0.01, 6}, {0, 3, 9, 0, 0.5, 7},      {0, 10, 9, 0, 2, 6},           {0, 60, 9, 0, 10, 7},
      {0, 180, 6, 0, 30, 7},    {0, 180, 9, 0, 30, 7},     {0, 600, 9, 0, 120, 6},        {0, 3600, 6, 0, 600, 7},
      {0, 3600, 9, 0, 600, 7},  {0, 36000, 9, 0, 7200, 6}, {0, 7200, 4, 0, 1800, 5},      {0, 259200, 9, 0, 43200, 7},
      {90, 93, 9, 90, 0.5, 7},  {-1, 1, 4, -1, 0.5, 5},    {61.2, 61.3, 1, 61.2, 0.1, 2},
  };
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    const time_case *c = &CASES[i];
    double ticks[MAX_CASE_TICKS];
    size_t count = specrnn_ticks_time(c->low, c->high, c->n_intervals, ticks, MAX_CASE_TICKS);
    if (count != c->count || fabs(ticks[0] - c->first) > 1e-9 || fabs(ticks[1] - ticks[0] - c->step) > 1e-9) {
      fail_msg("%g ... %g s in %d: %zu ticks from %g by %g", c->low, c->high, c->n_intervals, count, ticks[0],
               ticks[1] - ticks[0]);
    }
  }
}

/* One axis of a plain panel and all its tick labels, joined by spaces. */
typedef struct label_case {
  specrnn_axis_kind kind;
  double low, high;
  const char *labels;
} label_case;

#define MINUS "\xe2\x88\x92"

static void labels_are_written_as_people_write_them(void **state)
{
  static const label_case CASES[] = {
      {SPECRNN_AXIS_TIME, 0, 3, "0.0 0.5 1.0 1.5 2.0 2.5 3.0"},
      {SPECRNN_AXIS_TIME, 0, 59, "0 10 20 30 40 50"},
      {SPECRNN_AXIS_TIME, 0, 180, "0:00 0:30 1:00 1:30 2:00 2:30 3:00"},
      {SPECRNN_AXIS_TIME, 90, 91, "1:30.0 1:30.2 1:30.4 1:30.6 1:30.8 1:31.0"},
      {SPECRNN_AXIS_TIME, 0, 36000, "0:00:00 2:00:00 4:00:00 6:00:00 8:00:00 10:00:00"},
      {SPECRNN_AXIS_TIME, -1, 1, MINUS "1.0 " MINUS "0.5 0.0 0.5 1.0"},
      {SPECRNN_AXIS_INDEX, -0.5, 187.5, "0 25 50 75 100 125 150 175"},
      {SPECRNN_AXIS_INDEX, -0.5, 1.5, "0 1"},
      {SPECRNN_AXIS_INDEX, -0.5, 0.5, "0"},
      {SPECRNN_AXIS_INDEX, 0, 3e6, "0 0.5e6 1.0e6 1.5e6"},
      {SPECRNN_AXIS_LINEAR, -0.3, 0.3, MINUS "0.3 " MINUS "0.2 " MINUS "0.1 0.0 0.1 0.2 0.3"},
      {SPECRNN_AXIS_LINEAR, 0, 2e-6, "0 0.25e-6 0.50e-6"},
      {SPECRNN_AXIS_FREQUENCY, 0, 8000, "0 1000 2000 3000 4000 5000 6000 7000 8000"},
      {SPECRNN_AXIS_FREQUENCY, 0, 22050, "0.0 2.5 5.0 7.5 10.0 12.5 15.0 17.5 20.0"},
      {SPECRNN_AXIS_FREQUENCY_MEL, 0, 8000, "0 512 1024 2048 4096"},
      {SPECRNN_AXIS_FREQUENCY_LOG, 0, 8000, "0 64 128 256 512 1024 2048 4096"},
      {SPECRNN_AXIS_LOG, 1e-9, 1, "10\xe2\x81\xbb\xe2\x81\xb8 10\xe2\x81\xbb\xe2\x81\xb6"},
      {SPECRNN_AXIS_LOG, 0.1, 20, "0.1 0.2 0.5 1 2 5 10 20"},
  };
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    specrnn_figure *figure = NULL;
    specrnn_panel *panel = NULL;
    specrnn_figure_config look = SPECRNN_FIGURE_CONFIG_INIT;
    specrnn_panel_config place = SPECRNN_PANEL_CONFIG_INIT;
    place.x = place.y = (specrnn_axis){CASES[i].kind, CASES[i].low, CASES[i].high, NULL};
    assert_ok(specrnn_figure_create(&figure, *state, &look, &LOG));
    assert_ok(specrnn_figure_add_panel(figure, &panel, &place, &LOG));
    bool time = CASES[i].kind == SPECRNN_AXIS_TIME || CASES[i].kind == SPECRNN_AXIS_INDEX;
    char joined[512] = "";
    specrnn_tick tick;
    for (size_t k = 0; specrnn_panel_tick(panel, time ? SPECRNN_AXIS_X : SPECRNN_AXIS_Y, k, &tick, &LOG) == SPECRNN_OK;
         k++) {
      strcat(strcat(joined, k ? " " : ""), tick.label);
    }
    if (strncmp(joined, CASES[i].labels, strlen(CASES[i].labels))) {
      fail_msg("case %zu: '%s' instead of '%s'", i, joined, CASES[i].labels);
    }
    specrnn_figure_destroy(&figure);
  }
}

/* Labels never meet, however narrow the picture; the widths are those of DejaVu Sans at 10 pt. */
static void labels_keep_apart(void **state)
{
  static const double WIDTHS[] = {1.0, 1.5, 2.0, 3.0, 5.0, 10.0};
  for (size_t w = 0; w < sizeof WIDTHS / sizeof *WIDTHS; w++) {
    specrnn_figure *figure = NULL;
    specrnn_panel *panel = NULL;
    specrnn_figure_config look = SPECRNN_FIGURE_CONFIG_INIT;
    look.width_in = WIDTHS[w];
    specrnn_panel_config place = SPECRNN_PANEL_CONFIG_INIT;
    place.x = (specrnn_axis){SPECRNN_AXIS_TIME, 0, 40000, NULL};
    assert_ok(specrnn_figure_create(&figure, *state, &look, &LOG));
    assert_ok(specrnn_figure_add_panel(figure, &panel, &place, &LOG));
    const double digit = 0.636 * 10.0 / 72.0 * 100.0; /* advance of a digit, px */
    double end_of_last = -1e9;
    int labels = 0;
    specrnn_tick tick;
    for (size_t k = 0; specrnn_panel_tick(panel, SPECRNN_AXIS_X, k, &tick, &LOG) == SPECRNN_OK; k++) {
      if (!*tick.label) {
        continue;
      }
      double half = (double)(strlen(tick.label) - 2) * digit / 2.0; /* a colon is half a digit wide */
      assert_true(tick.position_px - half > end_of_last);
      end_of_last = tick.position_px + half;
      labels++;
    }
    assert_true(labels >= 1);
    specrnn_figure_destroy(&figure);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(linear_ticks_are_those_of_matplotlib),
      cmocka_unit_test(linear_ticks_take_any_range),
      cmocka_unit_test(time_ticks_are_round),
      cmocka_unit_test_setup_teardown(labels_are_written_as_people_write_them, make_plotter, destroy_plotter),
      cmocka_unit_test_setup_teardown(labels_keep_apart, make_plotter, destroy_plotter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
