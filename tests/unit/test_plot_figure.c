/* Figures: layout, waveforms, series, texts, labels. */
#include "plot_testing.h"

/* ------------------------------------------------------------------------------------------------------------ layout
 */

/* matplotlib 3.6: add_axes with the default margins; axes of 496 x 369.6 px at (80, 57.6). */
static void fixed_margins_are_those_of_matplotlib(void **state)
{
  specrnn_figure *figure = new_figure(*state, 6.4, 4.8);
  specrnn_panel *panel = add_panel(figure, 0, 0, SPECRNN_AXIS_LINEAR);
  const double y[2] = {0.0, 1.0};
  assert_ok(specrnn_panel_add_series(panel, NULL, y, 2, NULL, &LOG));
  specrnn_rectangle area;
  assert_ok(specrnn_panel_area(panel, &area, &LOG));
  assert_near(area.x, 80.0, 0.5); /* edges lie between pixels */
  assert_near(area.y, 57.6, 0.5);
  assert_near(area.x + area.width, 576.0, 0.5);
  assert_near(area.y + area.height, 427.2, 1.0);
  specrnn_figure_destroy(&figure);

  /* With a colour bar the axes keep 80 % of that width. */
  figure = new_figure(*state, 6.4, 4.8);
  panel = add_panel(figure, 0, 0, SPECRNN_AXIS_INDEX);
  add_ramp(panel, 4, 1.0);
  assert_ok(specrnn_panel_area(panel, &area, &LOG));
  assert_near(area.x, 80.0, 0.5);
  assert_near(area.width, 396.8, 0.5);
  specrnn_figure_destroy(&figure);
}

static void panels_of_a_column_share_edges_and_time(void **state)
{
  for (int layout = 0; layout < 2; layout++) {
    specrnn_figure_config look = SPECRNN_FIGURE_CONFIG_INIT;
    look.width_in = 9.0;
    look.height_in = 8.0;
    look.layout = (specrnn_layout)layout;
    specrnn_figure *figure = NULL;
    assert_ok(specrnn_figure_create(&figure, *state, &look, &LOG));
    specrnn_panel *wave = add_panel(figure, 0, 0, SPECRNN_AXIS_TIME);
    specrnn_panel *heat = add_panel(figure, 1, 0, SPECRNN_AXIS_TIME);
    specrnn_panel *beside = add_panel(figure, 1, 1, SPECRNN_AXIS_TIME);
    static float samples[4800];
    assert_ok(specrnn_panel_add_waveform(wave, 0.0, 0.001, &LOG));
    assert_ok(specrnn_panel_push_samples(wave, samples, 4800, &LOG));
    add_ramp(heat, 11, 0.25);
    add_ramp(beside, 5, 0.25);
    specrnn_rectangle a, b, c;
    assert_ok(specrnn_panel_area(wave, &a, &LOG));
    assert_ok(specrnn_panel_area(heat, &b, &LOG));
    assert_ok(specrnn_panel_area(beside, &c, &LOG));
    assert_true(a.x == b.x && a.width == b.width); /* exactly */
    assert_true(b.y == c.y && b.height == c.height && b.width == c.width);
    assert_true(a.y + a.height < b.y && b.x + b.width < c.x);
    /* One range: 2 s lie at the same pixel in both, and only the lower has labels. */
    specrnn_tick upper, lower;
    assert_ok(specrnn_panel_tick(wave, SPECRNN_AXIS_X, 1, &upper, &LOG));
    assert_ok(specrnn_panel_tick(heat, SPECRNN_AXIS_X, 1, &lower, &LOG));
    assert_true(upper.value == lower.value && upper.position_px == lower.position_px);
    assert_string_equal(upper.label, "");
    assert_true(strlen(lower.label) > 0);
    specrnn_figure_destroy(&figure);
  }
}

/* A wide panel and its bar: 5 % apart in matplotlib's margins, two font sizes in tight ones. */
static void bars_stand_near_wide_panels(void **state)
{
  static const double GAPS_PX[] = {
      [SPECRNN_LAYOUT_FIXED] = 0.0625 * 620.0, [SPECRNN_LAYOUT_TIGHT] = 2.0 * 1000.0 / 72.0};
  for (int layout = 0; layout < 2; layout++) {
    specrnn_figure_config look = SPECRNN_FIGURE_CONFIG_INIT;
    look.width_in = 10.0;
    look.layout = (specrnn_layout)layout;
    specrnn_figure *figure = NULL;
    assert_ok(specrnn_figure_create(&figure, *state, &look, &LOG));
    specrnn_panel *panel = add_panel(figure, 0, 0, SPECRNN_AXIS_INDEX);
    add_ramp(panel, 4, 1.0);
    specrnn_rectangle area;
    assert_ok(specrnn_panel_area(panel, &area, &LOG));
    picture p = draw(figure);
    int x = (int)(area.x + area.width) + 2; /* beyond the frame */
    while (!memcmp(pixel_at(&p, x, (int)(area.y + area.height / 2)), "\xff\xff\xff", 3)) {
      x++;
    }
    assert_near(x + 1 - (area.x + area.width), GAPS_PX[layout], 1.0);
    free(p.rgb);
    specrnn_figure_destroy(&figure);
  }
}

/* Everything that is drawn stays off the border, whatever the texts are. */
static void nothing_is_clipped(void **state)
{
  static const double SIZES[][2] = {{4.0, 3.0}, {6.4, 4.8}, {10.0, 4.0}};
  for (int layout = 0; layout < 2; layout++) {
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
      specrnn_figure_config look = SPECRNN_FIGURE_CONFIG_INIT;
      look.width_in = SIZES[i][0];
      look.height_in = SIZES[i][1];
      look.layout = (specrnn_layout)layout;
      look.title = "a title of the figure that is far too long for any picture of this kind, as file names are";
      specrnn_panel_config place = SPECRNN_PANEL_CONFIG_INIT;
      place.title = "a title of the panel that is far too long for any picture of this kind, as file names are";
      place.x.label = "a label of the axis along the bottom that is far too long for any picture of this kind at all";
      place.y.label = "a label of the vertical axis that is too long";
      specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
      heat.n_bins = 1;
      heat.colorbar_label = "a label of the colour bar that is too long";
      heat.colorbar_format = "%+9.2f dB re max";
      const float rows[3] = {1, 2, 3};
      specrnn_figure *figure = NULL;
      heatmap_figure(*state, &look, &place, &heat, rows, 3, &figure);
      picture p = draw(figure);
      int width = (int)p.header.width;
      int height = (int)p.header.height;
      for (int x = 0; x < width; x++) {
        assert_memory_equal(pixel_at(&p, x, 0), "\xff\xff\xff", 3);
        assert_memory_equal(pixel_at(&p, x, height - 1), "\xff\xff\xff", 3);
      }
      for (int y = 0; y < height; y++) {
        assert_memory_equal(pixel_at(&p, 0, y), "\xff\xff\xff", 3);
        assert_memory_equal(pixel_at(&p, width - 1, y), "\xff\xff\xff", 3);
      }
      free(p.rgb);
      specrnn_figure_destroy(&figure);
    }
  }
}

/* ------------------------------------------------------------------------------------------------ waveforms and series
 */

/* The highest and the lowest coloured pixel of a column of the area. */
static void find_ink(const picture *p, const specrnn_rectangle *area, int x, int *top, int *bottom)
{
  *top = *bottom = -1;
  for (int y = (int)area->y; y < (int)(area->y + area->height); y++) {
    if (memcmp(pixel_at(p, x, y), "\xff\xff\xff", 3)) {
      *top = *top < 0 ? y : *top;
      *bottom = y;
    }
  }
}

/* A click of one sample in ten million is as high as it is. */
static void waveforms_show_every_sample(void **state)
{
  enum { SAMPLES = 10000000, CLICK = 7000000 };
  specrnn_figure *figure = new_figure(*state, 8.0, 3.0);
  specrnn_panel_config place = SPECRNN_PANEL_CONFIG_INIT;
  place.x.kind = SPECRNN_AXIS_TIME;
  place.y = (specrnn_axis){SPECRNN_AXIS_LINEAR, -1.0, 1.0, NULL};
  specrnn_panel *panel = NULL;
  assert_ok(specrnn_figure_add_panel(figure, &panel, &place, &LOG));
  assert_ok(specrnn_panel_add_waveform(panel, 0.0, 1.0 / 16000.0, &LOG));
  float *block = calloc(100000, sizeof *block);
  for (int i = 0; i < SAMPLES; i += 100000) {
    block[0] = i == CLICK ? 0.5f : 0.0f;
    block[1] = i == CLICK ? -0.25f : 0.0f;
    assert_ok(specrnn_panel_push_samples(panel, block, 100000, &LOG));
  }
  free(block);
  specrnn_rectangle area;
  assert_ok(specrnn_panel_area(panel, &area, &LOG));
  picture p = draw(figure);
  int clicks = 0;
  for (int x = (int)area.x; x < (int)(area.x + area.width); x++) {
    int top, bottom;
    find_ink(&p, &area, x, &top, &bottom);
    assert_true(top >= 0);
    if (bottom - top > 5) {
      clicks++;
      assert_near(x, area.x + area.width * CLICK / SAMPLES, 1.0);
      assert_near(top, area.y + 0.25 * area.height, 1.5);
      assert_near(bottom, area.y + 0.625 * area.height, 1.5);
    }
  }
  assert_int_equal(clicks, 1);
  free(p.rgb);
  specrnn_figure_destroy(&figure);
}

static void lines_pass_through_their_points(void **state)
{
  specrnn_figure *figure = new_figure(*state, 6.4, 4.8);
  specrnn_panel *panel = add_panel(figure, 0, 0, SPECRNN_AXIS_LINEAR);
  enum { POINTS = 200000 };
  double *x = calloc(POINTS, sizeof *x);
  double *y = calloc(POINTS, sizeof *y);
  for (int i = 0; i < POINTS; i++) {
    x[i] = i;
    y[i] = i < POINTS / 2 ? 0.0 : 1.0;
  }
  y[POINTS / 4] = 0.75; /* one point in four hundred per pixel */
  y[0] = NAN;
  assert_ok(specrnn_panel_add_series(panel, x, y, POINTS, NULL, &LOG));
  free(x);
  free(y);
  specrnn_rectangle area;
  assert_ok(specrnn_panel_area(panel, &area, &LOG));
  picture p = draw(figure);
  double margin = 0.05 / 1.1; /* of the range: matplotlib's */
  int highest = (int)(area.y + area.height);
  for (int px = -2; px <= 2; px++) {
    int top, bottom;
    find_ink(&p, &area, (int)(area.x + area.width * (margin + 0.25 / 1.1)) + px, &top, &bottom);
    highest = top < highest ? top : highest;
  }
  assert_near(highest, area.y + area.height * (1.0 - margin - 0.75 / 1.1), 2.0);
  free(p.rgb);
  specrnn_figure_destroy(&figure);
}

/* Marks of 2 pt left of the axis at 2 ... 9 times the powers of ten, and none that have no room. */
static void logarithmic_axes_have_minor_ticks(void **state)
{
  for (int decades = 2; decades <= 200; decades += 198) {
    specrnn_figure *figure = new_figure(*state, 6.4, 4.8);
    specrnn_panel_config place = SPECRNN_PANEL_CONFIG_INIT;
    place.y = (specrnn_axis){SPECRNN_AXIS_LOG, 1.0, pow(10.0, decades), NULL};
    specrnn_panel *panel = NULL;
    assert_ok(specrnn_figure_add_panel(figure, &panel, &place, &LOG));
    const double y[2] = {1.0, 100.0};
    assert_ok(specrnn_panel_add_series(panel, NULL, y, 2, NULL, &LOG));
    specrnn_rectangle area;
    assert_ok(specrnn_panel_area(panel, &area, &LOG));
    picture p = draw(figure);
    int x = (int)area.x - 3; /* beside the frame, where marks of both lengths reach */
    int marks = 0;
    for (int py = (int)area.y; py < (int)(area.y + area.height) - 1; py++) {
      marks += pixel_at(&p, x, py)[0] < 128;
    }
    if (decades == 2) {
      double two = area.y + area.height * (1.0 - log10(20.0) / 2.0);
      int near = pixel_at(&p, x, (int)two)[0] < 128 || pixel_at(&p, x, (int)two - 1)[0] < 128;
      assert_true(near);
      assert_int_equal(marks, 2 * 8 + 2); /* the powers themselves too, but 1 at the end of the frame */
    } else {
      assert_true(marks < 10);
    }
    free(p.rgb);
    specrnn_figure_destroy(&figure);
  }
}

/* The same figure for light and for dark pages. */
static void themes_may_change_between_drawings(void **state)
{
  specrnn_figure *figure = new_figure(*state, 6.4, 4.8);
  const double y[2] = {0.0, 1.0};
  assert_ok(specrnn_panel_add_series(add_panel(figure, 0, 0, SPECRNN_AXIS_LINEAR), NULL, y, 2, NULL, &LOG));
  picture light = draw(figure);
  assert_ok(specrnn_figure_set_theme(figure, SPECRNN_THEME_DARK, &LOG));
  picture dark = draw(figure);
  assert_ok(specrnn_figure_set_theme(figure, SPECRNN_THEME_LIGHT, &LOG));
  picture again = draw(figure);
  assert_true(pixel_at(&light, 0, 0)[0] == 255 && pixel_at(&dark, 0, 0)[0] < 40);
  assert_memory_equal(light.rgb, again.rgb, PNG_IMAGE_SIZE(light.header));
  assert_int_equal(specrnn_figure_set_theme(figure, (specrnn_theme)2, &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_says("no theme 2");
  free(light.rgb);
  free(dark.rgb);
  free(again.rgb);
  specrnn_figure_destroy(&figure);
}

/* A title that reaches over the colour bar keeps off the bar's uppermost label. */
static void long_titles_stand_above_the_bar_labels(void **state)
{
  double top[2];
  for (int i = 0; i < 2; i++) {
    specrnn_figure_config look = SPECRNN_FIGURE_CONFIG_INIT;
    look.layout = SPECRNN_LAYOUT_TIGHT;
    specrnn_panel_config place = SPECRNN_PANEL_CONFIG_INIT;
    place.title = i ? "a title that is longer than the panel is wide, so that it ends above the colour bar" : "title";
    specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
    heat.n_bins = 1;
    const float rows[3] = {1, 2, 3};
    specrnn_figure *figure = NULL;
    specrnn_rectangle area;
    specrnn_panel *panel = heatmap_figure(*state, &look, &place, &heat, rows, 3, &figure);
    assert_ok(specrnn_panel_area(panel, &area, &LOG));
    top[i] = area.y;
    specrnn_figure_destroy(&figure);
  }
  assert_near(top[1] - top[0], 0.24 * 12.0 * 100.0 / 72.0, 1.0); /* what hangs below the line */
}

/* numpy.histogram([0, 1, 1, 2, 3, 3, 3, 4], 4) is 1, 2, 1, 4. */
static void histograms_are_those_of_numpy(void **state)
{
  const float values[] = {0, 1, 1, 2, 3, 3, 3, 4, NAN, INFINITY};
  specrnn_figure *figure = new_figure(*state, 6.4, 4.8);
  specrnn_panel *panel = add_panel(figure, 0, 0, SPECRNN_AXIS_LINEAR);
  assert_ok(specrnn_panel_add_histogram(panel, values, 10, 4, NULL, &LOG));
  assert_int_equal(specrnn_panel_add_histogram(panel, values + 8, 2, 4, NULL, &LOG), SPECRNN_ERROR_EMPTY);
  specrnn_rectangle area;
  assert_ok(specrnn_panel_area(panel, &area, &LOG));
  picture p = draw(figure);
  static const double COUNTS[] = {1, 2, 1, 4};
  for (int i = 0; i < 4; i++) {
    int top, bottom;
    double place = (i + 0.5) / 4.0; /* with margins of 5 % on both sides */
    find_ink(&p, &area, (int)(area.x + area.width * (0.05 + place) / 1.1), &top, &bottom);
    assert_near(top, area.y + area.height * (1.0 - COUNTS[i] / (4.0 * 1.05)), 1.5);
    assert_near(bottom, area.y + area.height - 1, 0.5);
  }
  free(p.rgb);
  specrnn_figure_destroy(&figure);
}

static void overlays_are_drawn(void **state)
{
  specrnn_figure *figure = new_figure(*state, 6.4, 4.8);
  specrnn_panel *panel = add_panel(figure, 0, 0, SPECRNN_AXIS_TIME);
  const specrnn_interval labels[] = {{1.0, 3.0, "word"}, {3.5, 3.5, "mark"}, {7.0, 9.0, "outside"}};
  add_ramp(panel, 5, 1.0); /* 0 ... 4.5 s */
  specrnn_rectangle area;
  assert_ok(specrnn_panel_area(panel, &area, &LOG));
  picture before = draw(figure);
  assert_ok(specrnn_panel_add_labels(panel, labels, 3, &LOG));
  assert_int_equal(specrnn_panel_add_labels(panel, (specrnn_interval[]){{2.0, 1.0, "back"}}, 1, &LOG),
                   SPECRNN_ERROR_ARGUMENT);
  assert_ok(specrnn_panel_set_cursor(panel, 2.0, &LOG));
  picture after = draw(figure);
  int y = (int)(area.y + area.height / 2);
  int changed[3] = {0, 0, 0};
  for (int x = (int)area.x; x < (int)(area.x + area.width); x++) {
    if (memcmp(pixel_at(&before, x, y), pixel_at(&after, x, y), 3)) {
      double second = (x - area.x) / area.width * 4.5;
      double nearest = fmin(fmin(fabs(second - 1.0), fabs(second - 3.0)), fmin(fabs(second - 3.5), fabs(second - 2.0)));
      assert_true(nearest < 0.04);
      changed[second < 1.5 ? 0 : second < 2.5 ? 1 : 2]++;
    }
  }
  assert_true(changed[0] >= 1 && changed[1] >= 1 && changed[2] >= 2);
  free(before.rgb);
  free(after.rgb);
  specrnn_figure_destroy(&figure);
}

/* A legend covers no label: the strip is the same with and without it. */
static void legends_stand_below_the_labels(void **state)
{
  static const specrnn_interval LABEL = {0.0, 4.0, "all of it"};
  picture drawn[2];
  specrnn_rectangle area;
  for (int i = 0; i < 2; i++) {
    specrnn_figure *figure = new_figure(*state, 6.4, 4.8);
    specrnn_panel *panel = add_panel(figure, 0, 0, SPECRNN_AXIS_TIME);
    const double y[5] = {0.0, 0.0, 0.0, 0.0, 0.0};
    specrnn_series series = SPECRNN_SERIES_INIT;
    series.legend = i ? "zero" : NULL;
    assert_ok(specrnn_panel_add_series(panel, NULL, y, 5, &series, &LOG));
    assert_ok(specrnn_panel_add_labels(panel, &LABEL, 1, &LOG));
    assert_ok(specrnn_panel_area(panel, &area, &LOG));
    drawn[i] = draw(figure);
    specrnn_figure_destroy(&figure);
  }
  int strip = (int)(0.85 * 1.6 * 1000.0 / 72.0); /* a label's height, px */
  int changed = 0;
  for (int y = (int)area.y; y < (int)(area.y + area.height); y++) {
    for (int x = (int)area.x; x < (int)(area.x + area.width); x++) {
      bool same = !memcmp(pixel_at(&drawn[0], x, y), pixel_at(&drawn[1], x, y), 3);
      assert_true(same || y > area.y + strip);
      changed += !same;
    }
  }
  assert_true(changed > 100);
  free(drawn[0].rgb);
  free(drawn[1].rgb);
}

/* More labels than there is room for leave the data visible: their borders end with the strip at the top. */
static void many_labels_do_not_hide_the_data(void **state)
{
  enum { LABELS = 1000 };
  static specrnn_interval labels[LABELS];
  for (int i = 0; i < LABELS; i++) {
    labels[i] = (specrnn_interval){0.004 * i, 0.004 * i + 0.003, "x"};
  }
  specrnn_figure *figure = new_figure(*state, 6.4, 4.8);
  specrnn_panel *panel = add_panel(figure, 0, 0, SPECRNN_AXIS_TIME);
  add_ramp(panel, 5, 1.0);
  specrnn_rectangle area;
  assert_ok(specrnn_panel_area(panel, &area, &LOG));
  picture before = draw(figure);
  assert_ok(specrnn_panel_add_labels(panel, labels, LABELS, &LOG));
  picture after = draw(figure);
  int top = (int)area.y + 2;
  int changed = 0;
  for (int x = (int)area.x; x < (int)(area.x + area.width); x++) {
    changed += memcmp(pixel_at(&before, x, top), pixel_at(&after, x, top), 3) != 0;
    for (int y = (int)(area.y + area.height / 2); y < (int)(area.y + area.height); y++) {
      assert_memory_equal(pixel_at(&before, x, y), pixel_at(&after, x, y), 3);
    }
  }
  assert_true(changed > area.width / 2);
  free(before.rgb);
  free(after.rgb);
  specrnn_figure_destroy(&figure);
}

static void places_and_looks_are_checked(void **state)
{
  specrnn_figure *figure = new_figure(*state, 6.4, 4.8);
  specrnn_panel *panel = add_panel(figure, 0, 0, SPECRNN_AXIS_LINEAR);
  specrnn_panel_config place = SPECRNN_PANEL_CONFIG_INIT;
  specrnn_panel *other = NULL;
  assert_int_equal(specrnn_figure_add_panel(figure, &other, &place, &LOG), SPECRNN_ERROR_STATE);
  assert_says("row 0, column 0 is taken");
  place.row = SPECRNN_FIGURE_MAX_GRID;
  assert_int_equal(specrnn_figure_add_panel(figure, &other, &place, &LOG), SPECRNN_ERROR_ARGUMENT);
  place.row = 1;
  place.weight = 0.0;
  assert_int_equal(specrnn_figure_add_panel(figure, &other, &place, &LOG), SPECRNN_ERROR_ARGUMENT);
  place.weight = 1.0;
  place.y = (specrnn_axis){SPECRNN_AXIS_LOG, -1.0, 1.0, NULL};
  assert_int_equal(specrnn_figure_add_panel(figure, &other, &place, &LOG), SPECRNN_ERROR_ARGUMENT);
  place.y = (specrnn_axis){SPECRNN_AXIS_LINEAR, 2.0, 1.0, NULL};
  assert_int_equal(specrnn_figure_add_panel(figure, &other, &place, &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_null(other);
  specrnn_series look = SPECRNN_SERIES_INIT;
  look.color = 10;
  const double y[2] = {0.0, 1.0};
  assert_int_equal(specrnn_panel_add_series(panel, NULL, y, 2, &look, &LOG), SPECRNN_ERROR_ARGUMENT);
  specrnn_figure_destroy(&figure);
  specrnn_figure_destroy(&figure);
  figure = new_figure(*state, 6.4, 4.8);
  void *data = NULL;
  size_t size = 0;
  assert_int_equal(specrnn_figure_encode(figure, SPECRNN_PICTURE_PNG, &data, &size, &LOG), SPECRNN_ERROR_EMPTY);
  specrnn_figure_destroy(&figure);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      with_plotter(fixed_margins_are_those_of_matplotlib),
      with_plotter(panels_of_a_column_share_edges_and_time),
      with_plotter(bars_stand_near_wide_panels),
      with_plotter(nothing_is_clipped),
      with_plotter(waveforms_show_every_sample),
      with_plotter(lines_pass_through_their_points),
      with_plotter(logarithmic_axes_have_minor_ticks),
      with_plotter(themes_may_change_between_drawings),
      with_plotter(long_titles_stand_above_the_bar_labels),
      with_plotter(histograms_are_those_of_numpy),
      with_plotter(overlays_are_drawn),
      with_plotter(legends_stand_below_the_labels),
      with_plotter(many_labels_do_not_hide_the_data),
      with_plotter(places_and_looks_are_checked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
