/* Heat maps of constants: what rounding stirs, silence, and the labels of the bars that they get. */
#include "plot_testing.h"

/* Differences that are rounding are not magnified; silence is at the lower end, and nothing is subtracted from it. */
typedef struct constant_case {
  float values[4];
  double vmin, vmax, percentile;
  bool symmetric, relative_to_max;
  double floor;
  double expected_low, expected_high, tolerance;
} constant_case;

#define ANY_ENDS -INFINITY, INFINITY

static void constants_and_silence_have_a_range(void **state)
{
  static const constant_case CASES[] = {
      {{3.0f, 3.0f, 3.0f, 3.0f}, ANY_ENDS, 0, false, false, INFINITY, 2.7, 3.3, 1e-9},
      {{3.0f, 3.0000002f, 3.0f, 3.0f}, ANY_ENDS, 0, false, false, INFINITY, 2.7, 3.3, 2e-3},
      {{3.0f, 3.000001f, 3.0f, 3.0f}, ANY_ENDS, 0, false, false, INFINITY, 3.0, 3.000001, 1e-7},
      {{-1131.0f, 1e-5f, -1e-5f, 2e-5f}, ANY_ENDS, 34, false, false, INFINITY, -113.1, 113.1, 0.5}, /* cepstra */
      {{0.0f, 0.0f, 0.0f, 0.0f}, ANY_ENDS, 0, true, false, INFINITY, -0.1, 0.1, 1e-9},
      {{2.0f, 2.0f, 2.0f, 2.0f}, ANY_ENDS, 0, true, false, INFINITY, -2.0, 2.0, 1e-9},
      {{3.0f, 3.0000002f, 3.0f, 3.0f}, 3.0, 3.0000002, 0, false, false, INFINITY, 3.0, 3.0000002, 0.0}, /* as asked */
      {{-100.0f, -100.0f, -100.0f, -100.0f}, -80.0, 0.0, 0, false, true, -100.0, -100.0, -20.0, 1e-9},
      {{-100.0f, -100.00001f, -100.0f, -100.0f}, -80.0, 0.0, 0, false, true, -100.0, -100.0, -20.0, 1e-9},
      {{-100.0f, -100.0f, -100.0f, -99.0f}, -80.0, 0.0, 0, false, true, -100.0, -80.0, 0.0, 1e-9},
      {{-50.0f, -50.0f, -50.0f, -50.0f}, -80.0, 0.0, 0, false, true, -100.0, -80.0, 0.0, 1e-9},
      {{-100.0f, -100.0f, -100.0f, -100.0f}, ANY_ENDS, 0, false, false, -100.0, -100.0, -80.0, 1e-9},
      {{-100.0f, -100.0f, -100.0f, -100.0f}, -60.0, -20.0, 0, false, false, -100.0, -60.0, -20.0, 1e-9},
      {{-100.0f, -100.0f, -100.0f, -100.0f}, -120.0, INFINITY, 0, false, false, -100.0, -120.0, -80.0, 1e-9},
      {{-100.0f, -100.0f, -100.0f, -100.0f}, -INFINITY, -110.0, 0, false, false, -100.0, -130.0, -110.0, 1e-9},
      {{0.0f, 0.0f, 0.0f, 0.0f}, ANY_ENDS, 0, false, false, 0.0, 0.0, 0.2, 1e-9},
  };
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    const constant_case *c = &CASES[i];
    specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
    heat.n_bins = 2;
    heat.vmin = c->vmin;
    heat.vmax = c->vmax;
    heat.percentile_low = c->percentile;
    heat.symmetric = c->symmetric;
    heat.relative_to_max = c->relative_to_max;
    heat.floor = c->floor;
    specrnn_figure *figure = NULL;
    specrnn_panel *panel = heatmap_figure(*state, NULL, NULL, &heat, c->values, 2, &figure);
    double low, high;
    assert_ok(specrnn_panel_range(panel, &low, &high, &LOG));
    if (fabs(low - c->expected_low) > c->tolerance || fabs(high - c->expected_high) > c->tolerance) {
      fail_msg("case %zu: %.9g ... %.9g instead of %.9g ... %.9g", i, low, high, c->expected_low, c->expected_high);
    }
    specrnn_figure_destroy(&figure);
  }
}

/* A constant that rounding stirs has one colour. */
static void stirred_constants_are_even(void **state)
{
  static const float ROWS[4] = {3.25f, 3.2500002f, 3.2500002f, 3.25f};
  specrnn_figure_config look = SPECRNN_FIGURE_CONFIG_INIT;
  look.axes = false;
  look.width_in = look.height_in = 0.1;
  specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
  heat.n_bins = 2;
  specrnn_figure *figure = NULL;
  heatmap_figure(*state, &look, NULL, &heat, ROWS, 2, &figure);
  picture p = draw(figure);
  size_t size = PNG_IMAGE_SIZE(p.header);
  for (size_t i = 3; i < size; i++) {
    assert_int_equal(p.rgb[i], p.rgb[i - 3]);
  }
  free(p.rgb);
  specrnn_figure_destroy(&figure);
}

/* Ticks 2.5 apart say so, whatever the format of the caller has room for. */
static void labels_of_the_bar_are_exact(void **state)
{
  static const float ROW[2] = {-100.0f, -80.0f};
  specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
  heat.n_bins = 2;
  heat.colorbar_format = "%+2.0f dB";
  specrnn_figure *figure = NULL;
  specrnn_panel *panel = heatmap_figure(*state, NULL, NULL, &heat, ROW, 1, &figure);
  specrnn_tick tick;
  size_t n_halves = 0;
  for (size_t i = 0; specrnn_panel_tick(panel, SPECRNN_AXIS_COLORBAR, i, &tick, &LOG) == SPECRNN_OK; i++) {
    assert_near(strtod(tick.label, NULL), tick.value, 1e-9);
    n_halves += tick.value != round(tick.value);
  }
  assert_true(n_halves > 0);
  specrnn_figure_destroy(&figure);
}

/* A picture that has no room for the label of its colour bar has none, and is drawn. */
static void small_pictures_leave_out_the_label_of_the_bar(void **state)
{
  static const float ROW[2] = {-80.0f, 0.0f};
  picture pictures[2];
  for (int labelled = 0; labelled < 2; labelled++) {
    specrnn_figure_config look = SPECRNN_FIGURE_CONFIG_INIT;
    look.layout = SPECRNN_LAYOUT_TIGHT;
    look.width_in = 1.8;
    specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
    heat.n_bins = 2;
    heat.colorbar_format = "%+2.0f dB";
    heat.colorbar_label = labelled ? "dB re maximum" : NULL;
    specrnn_panel_config place = SPECRNN_PANEL_CONFIG_INIT;
    place.y.label = "Bin";
    specrnn_figure *figure = NULL;
    heatmap_figure(*state, &look, &place, &heat, ROW, 1, &figure);
    pictures[labelled] = draw(figure);
    specrnn_figure_destroy(&figure);
  }
  assert_memory_equal(pictures[0].rgb, pictures[1].rgb, PNG_IMAGE_SIZE(pictures[0].header));
  free(pictures[0].rgb);
  free(pictures[1].rgb);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      with_plotter(constants_and_silence_have_a_range),
      with_plotter(stirred_constants_are_even),
      with_plotter(labels_of_the_bar_are_exact),
      with_plotter(small_pictures_leave_out_the_label_of_the_bar),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
