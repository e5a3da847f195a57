/* Heat maps: exact colours at known places, pooling that loses nothing, ranges of colours, refusals. */
#include "plot_testing.h"

static void assert_pixel(const picture *p, int x, int y, const uint8_t *rgb)
{
  const unsigned char *found = pixel_at(p, x, y);
  if (memcmp(found, rgb, 3)) {
    fail_msg("pixel (%d, %d) is %d %d %d instead of %d %d %d", x, y, found[0], found[1], found[2], rgb[0], rgb[1],
             rgb[2]);
  }
}

static const uint8_t *color(specrnn_colormap map, int index)
{
  return specrnn_colormap_get((int)map)->rgb[index];
}

/* 3 frames of 4 bins, all between 0 and 1. */
static const float SMALL[3][4] = {{0.0f, 0.25f, 0.5f, 1.0f}, {0.1f, 0.2f, 0.3f, 0.4f}, {0.999f, 0.75f, 0.625f, 0.6f}};

static int index_of(double value)
{
  return value >= 1.0 ? 255 : (int)(value * 256.0);
}

/* Every cell of SMALL at all four corners of its part of the area, one pixel inside its borders. */
static void assert_small_cells(const picture *p, const specrnn_rectangle *area)
{
  double width = area->width / 3.0;
  double height = area->height / 4.0;
  for (int t = 0; t < 3; t++) {
    for (int b = 0; b < 4; b++) {
      int left = (int)floor(area->x + t * width) + 1;
      int right = (int)ceil(area->x + (t + 1) * width) - 2;
      int top = (int)floor(area->y + (3 - b) * height) + 1;
      int bottom = (int)ceil(area->y + (4 - b) * height) - 2;
      const uint8_t *expected = color(SPECRNN_COLORMAP_INFERNO, index_of(SMALL[t][b]));
      assert_pixel(p, left, top, expected);
      assert_pixel(p, right, top, expected);
      assert_pixel(p, left, bottom, expected);
      assert_pixel(p, right, bottom, expected);
    }
  }
}

static void known_values_have_known_colors(void **state)
{
  for (int axes = 0; axes < 2; axes++) {
    for (int theme = 0; theme < 2; theme++) {
      specrnn_figure_config look = SPECRNN_FIGURE_CONFIG_INIT;
      look.axes = axes;
      look.theme = (specrnn_theme)theme;
      look.width_in = 3.1;
      look.height_in = 2.3;
      specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
      heat.n_bins = 4;
      specrnn_figure *figure = NULL;
      specrnn_panel *panel = heatmap_figure(*state, &look, NULL, &heat, &SMALL[0][0], 3, &figure);
      specrnn_rectangle area;
      assert_ok(specrnn_panel_area(panel, &area, &LOG));
      picture p = draw(figure);
      assert_int_equal(p.header.width, 310);
      assert_int_equal(p.header.height, 230);
      assert_small_cells(&p, &area);
      free(p.rgb);
      specrnn_figure_destroy(&figure);
    }
  }
}

/* Frames and bins pass one to one where the bare picture has their size. */
static void bare_rasters_are_the_array(void **state)
{
  enum { FRAMES = 50, BINS = 30 };
  static float rows[FRAMES][BINS];
  for (int t = 0; t < FRAMES; t++) {
    for (int b = 0; b < BINS; b++) {
      rows[t][b] = (float)((t * 7 + b * 13) % 256) / 256.0f;
    }
  }
  specrnn_figure_config look = SPECRNN_FIGURE_CONFIG_INIT;
  look.axes = false;
  look.width_in = 0.50;
  look.height_in = 0.30;
  specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
  heat.n_bins = BINS;
  heat.vmin = 0.0;
  heat.vmax = 1.0;
  heat.colormap = SPECRNN_COLORMAP_VIRIDIS;
  for (int reversed = 0; reversed < 2; reversed++) {
    heat.reverse_colors = reversed;
    specrnn_figure *figure = NULL;
    heatmap_figure(*state, &look, NULL, &heat, &rows[0][0], FRAMES, &figure);
    picture p = draw(figure);
    for (int t = 0; t < FRAMES; t++) {
      for (int b = 0; b < BINS; b++) {
        int index = (t * 7 + b * 13) % 256;
        assert_pixel(&p, t, BINS - 1 - b, color(SPECRNN_COLORMAP_VIRIDIS, reversed ? 255 - index : index));
      }
    }
    free(p.rgb);
    specrnn_figure_destroy(&figure);
  }
}

static void cells_without_a_number_stand_out(void **state)
{
  const float rows[4] = {NAN, INFINITY, -INFINITY, 0.5f};
  specrnn_figure_config look = SPECRNN_FIGURE_CONFIG_INIT;
  look.axes = false;
  look.width_in = 0.01 * 400;
  specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
  heat.n_bins = 1;
  heat.vmin = 0.0;
  heat.vmax = 1.0;
  specrnn_figure *figure = NULL;
  heatmap_figure(*state, &look, NULL, &heat, rows, 4, &figure);
  picture p = draw(figure);
  assert_pixel(&p, 50, 10, (const uint8_t[]){128, 128, 128});
  assert_pixel(&p, 150, 10, color(SPECRNN_COLORMAP_INFERNO, 255));
  assert_pixel(&p, 250, 10, color(SPECRNN_COLORMAP_INFERNO, 0));
  assert_pixel(&p, 350, 10, color(SPECRNN_COLORMAP_INFERNO, 128));
  free(p.rgb);
  specrnn_figure_destroy(&figure);
}

/* ------------------------------------------------------------------------------------------------------------ pooling
 */

/* One loud cell among 300000 frames of 600 bins; 200 x 100 pixels. */
static void clicks_survive_any_length(void **state)
{
  enum { FRAMES = 300000, BINS = 600, CLICK_FRAME = 123456, CLICK_BIN = 321 };
  specrnn_figure_config look = SPECRNN_FIGURE_CONFIG_INIT;
  look.axes = false;
  look.width_in = 2.0;
  look.height_in = 1.0;
  specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
  heat.n_bins = BINS;
  static float row[BINS];
  specrnn_figure *figure = NULL;
  heatmap_figure(*state, &look, NULL, &heat, row, 0, &figure);
  specrnn_panel *panel = NULL;
  specrnn_figure_destroy(&figure);
  assert_ok(specrnn_figure_create(&figure, *state, &look, &LOG));
  assert_ok(specrnn_figure_add_panel(figure, &panel, NULL, &LOG));
  assert_ok(specrnn_panel_add_heatmap(panel, &heat, &LOG));
  for (int t = 0; t < FRAMES; t++) {
    row[CLICK_BIN] = t == CLICK_FRAME;
    assert_ok(specrnn_panel_push_rows(panel, row, 1, &LOG));
  }
  picture p = draw(figure);
  int found = 0;
  for (int y = 0; y < 100; y++) {
    for (int x = 0; x < 200; x++) {
      if (!memcmp(pixel_at(&p, x, y), color(SPECRNN_COLORMAP_INFERNO, 255), 3)) {
        found++;
        assert_near(x, 200.0 * CLICK_FRAME / FRAMES, 1.0);
        assert_near(y, 100.0 - 100.0 * CLICK_BIN / BINS, 1.0);
      } else {
        assert_pixel(&p, x, y, color(SPECRNN_COLORMAP_INFERNO, 0));
      }
    }
  }
  assert_int_equal(found, 1);
  free(p.rgb);
  specrnn_figure_destroy(&figure);
}

typedef struct pool_case {
  specrnn_pool pool;
  double expected; /* of frames -4, 3, 2, 1 in every group of four */
} pool_case;

/* 8192 frames on one pixel: the range of a constant c is c -+ 10 %. */
static void pools_are_what_they_say(void **state)
{
  static const pool_case CASES[] = {
      {SPECRNN_POOL_MAX, 3.0},
      {SPECRNN_POOL_MEAN, 0.5},
      {SPECRNN_POOL_MAX_ABS, -4.0},
      {SPECRNN_POOL_MEAN_DB, 1.17038}, /* 10 log10((10^-.4 + 10^.3 + 10^.2 + 10^.1) / 4) */
  };
  static float rows[8192];
  for (int t = 0; t < 8192; t++) {
    rows[t] = (const float[]){-4.0f, 3.0f, 2.0f, 1.0f}[t % 4];
  }
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    specrnn_figure_config look = SPECRNN_FIGURE_CONFIG_INIT;
    look.axes = false;
    look.width_in = look.height_in = 0.1;
    specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
    heat.n_bins = 1;
    heat.pool = CASES[i].pool;
    specrnn_figure *figure = NULL;
    specrnn_panel *panel = heatmap_figure(*state, &look, NULL, &heat, rows, 8192, &figure);
    double vmin, vmax;
    assert_ok(specrnn_panel_range(panel, &vmin, &vmax, &LOG));
    assert_near((vmin + vmax) / 2.0, CASES[i].expected, 1e-4);
    assert_near(vmax - vmin, 0.2 * fabs(CASES[i].expected), 1e-4);
    specrnn_figure_destroy(&figure);
  }
}

/* How rows are cut into calls does not change the picture, pooled or not. */
static void streams_are_arrays(void **state)
{
  enum { FRAMES = 3001, BINS = 9 };
  static float rows[FRAMES][BINS];
  for (int i = 0; i < FRAMES * BINS; i++) {
    rows[i / BINS][i % BINS] = (float)sin(i * 0.37);
  }
  specrnn_figure_config look = SPECRNN_FIGURE_CONFIG_INIT;
  look.axes = false;
  look.width_in = 1.0;
  look.height_in = 0.5;
  for (int pool = SPECRNN_POOL_MAX; pool <= SPECRNN_POOL_MAX_ABS; pool++) {
    specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
    heat.n_bins = BINS;
    heat.pool = (specrnn_pool)pool;
    specrnn_figure *whole = NULL;
    specrnn_figure *parts = NULL;
    heatmap_figure(*state, &look, NULL, &heat, &rows[0][0], FRAMES, &whole);
    specrnn_panel *panel = heatmap_figure(*state, &look, NULL, &heat, &rows[0][0], 1, &parts);
    for (size_t done = 1; done < FRAMES;) {
      size_t count = 1 + done % 97;
      count = count < FRAMES - done ? count : FRAMES - done;
      assert_ok(specrnn_panel_push_rows(panel, rows[done], count, &LOG));
      done += count;
    }
    picture a = draw(whole);
    picture b = draw(parts);
    assert_memory_equal(a.rgb, b.rgb, PNG_IMAGE_SIZE(a.header));
    free(a.rgb);
    free(b.rgb);
    specrnn_figure_destroy(&whole);
    specrnn_figure_destroy(&parts);
  }
}

/* ------------------------------------------------------------------------------------------------------------- ranges
 */

typedef struct range_case {
  double vmin, vmax, percentile_low, percentile_high;
  bool symmetric, relative_to_max;
  double expected_low, expected_high;
} range_case;

static void ranges_follow_the_options(void **state)
{
  static const range_case CASES[] = {
      {-INFINITY, INFINITY, 0, 100, false, false, -10.0, 90.0},
      {-INFINITY, INFINITY, 0, 100, true, false, -90.0, 90.0},
      {-INFINITY, INFINITY, 0, 100, false, true, -100.0, 0.0},
      {-80.0, INFINITY, 0, 100, false, true, -80.0, 0.0},
      {-INFINITY, 50.0, 0, 100, false, false, -10.0, 50.0},
      {-INFINITY, INFINITY, 5, 95, false, false, -5.0, 85.0},
      {-INFINITY, INFINITY, 2.5, 100, false, false, -7.5, 90.0},
      {-3.0, 4.0, 5, 95, false, false, -3.0, 4.0},
      {200.0, INFINITY, 0, 100, false, false, 180.0, 220.0}, /* the data lie below */
  };
  float rows[101];
  for (int i = 0; i <= 100; i++) {
    rows[i] = (float)((i * 37) % 101 - 10); /* -10 ... 90 in some order */
  }
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    const range_case *c = &CASES[i];
    specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
    heat.n_bins = 1;
    heat.vmin = c->vmin;
    heat.vmax = c->vmax;
    heat.percentile_low = c->percentile_low;
    heat.percentile_high = c->percentile_high;
    heat.symmetric = c->symmetric;
    heat.relative_to_max = c->relative_to_max;
    specrnn_figure *figure = NULL;
    specrnn_panel *panel = heatmap_figure(*state, NULL, NULL, &heat, rows, 101, &figure);
    double low, high;
    assert_ok(specrnn_panel_range(panel, &low, &high, &LOG));
    if (fabs(low - c->expected_low) > 1e-9 || fabs(high - c->expected_high) > 1e-9) {
      fail_msg("case %zu: %g ... %g instead of %g ... %g", i, low, high, c->expected_low, c->expected_high);
    }
    specrnn_figure_destroy(&figure);
  }
}

static void one_frame_makes_a_picture(void **state)
{
  const float row[5] = {1, 2, 3, 4, 5};
  for (int kind = SPECRNN_AXIS_INDEX; kind <= SPECRNN_AXIS_FREQUENCY_MEL; kind++) {
    specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
    heat.n_bins = 5;
    heat.y_step = 100.0;
    heat.y_first = 50.0;
    specrnn_panel_config place = SPECRNN_PANEL_CONFIG_INIT;
    place.x.kind = SPECRNN_AXIS_TIME;
    place.y.kind = (specrnn_axis_kind)kind;
    specrnn_figure *figure = NULL;
    specrnn_panel *panel = heatmap_figure(*state, NULL, &place, &heat, row, 1, &figure);
    specrnn_rectangle area;
    assert_ok(specrnn_panel_area(panel, &area, &LOG));
    picture p = draw(figure);
    assert_pixel(&p, (int)(area.x + area.width / 2), (int)area.y, color(SPECRNN_COLORMAP_INFERNO, 255));
    assert_pixel(&p, (int)(area.x + area.width / 2), (int)(area.y + area.height) - 1,
                 color(SPECRNN_COLORMAP_INFERNO, 0));
    free(p.rgb);
    specrnn_figure_destroy(&figure);
  }
}

/* Bands whose centres are evenly spaced on the axis are equally high. */
static void mel_bands_are_equally_high(void **state)
{
  enum { BANDS = 8, HEIGHT = 160 };
  double centres[BANDS];
  float row[BANDS];
  for (int i = 0; i < BANDS; i++) {
    double y = 300.0 * (i + 1);
    centres[i] = y <= 2000.0 ? y / 2.0 : 1000.0 * pow(2.0, y / 1000.0 - 2.0);
    row[i] = (float)i;
  }
  specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
  heat.n_bins = BANDS;
  heat.bin_centres = centres;
  specrnn_panel_config place = SPECRNN_PANEL_CONFIG_INIT;
  place.y.kind = SPECRNN_AXIS_FREQUENCY_MEL;
  place.y.minimum = 75.0;                          /* y = 150, half a band below the first centre */
  place.y.maximum = 1000.0 * pow(2.0, 2.55 - 2.0); /* y = 2550, half a band above the last */
  specrnn_figure_config look = SPECRNN_FIGURE_CONFIG_INIT;
  look.axes = false;
  look.height_in = HEIGHT / 100.0;
  specrnn_figure *figure = NULL;
  heatmap_figure(*state, &look, &place, &heat, row, 1, &figure);
  picture p = draw(figure);
  for (int y = 0; y < HEIGHT; y++) {
    int band = BANDS - 1 - y / (HEIGHT / BANDS);
    assert_pixel(&p, 5, y, color(SPECRNN_COLORMAP_INFERNO, index_of(band / (BANDS - 1.0))));
  }
  free(p.rgb);
  specrnn_figure_destroy(&figure);
}

/* ----------------------------------------------------------------------------------------------------------- refusals
 */

static specrnn_status try_heatmap(specrnn_plotter *plotter, const specrnn_heatmap_config *heat)
{
  specrnn_figure *figure = NULL;
  specrnn_panel *panel = NULL;
  assert_ok(specrnn_figure_create(&figure, plotter, NULL, &LOG));
  assert_ok(specrnn_figure_add_panel(figure, &panel, NULL, &LOG));
  last_message[0] = '\0';
  specrnn_status status = specrnn_panel_add_heatmap(panel, heat, &LOG);
  specrnn_figure_destroy(&figure);
  return status;
}

static void bad_heatmaps_are_refused(void **state)
{
  static const double FALLING[] = {2.0, 1.0};
  static const struct {
    specrnn_heatmap_config heat;
    const char *message;
  } CASES[] = {
      {{.n_bins = 0}, "n_bins"},
      {{.n_bins = 2, .x_step = 0.0}, "0 apart"},
      {{.n_bins = 2, .y_step = NAN}, "nan apart"},
      {{.n_bins = 2, .bin_centres = FALLING}, "centre of bin 1 is 1"},
      {{.n_bins = 2, .vmin = 1.0, .vmax = 1.0}, "vmin must be smaller"},
      {{.n_bins = 2, .percentile_low = 50, .percentile_high = 50}, "low must be smaller"},
      {{.n_bins = 2, .colorbar_format = "%s"}, "'%s' is not one conversion"},
      {{.n_bins = 2, .colorbar_format = "%f %f"}, "not one conversion"},
      {{.n_bins = 2, .colorbar_format = "%*f"}, "not one conversion"},
      {{.n_bins = 2, .colorbar_format = "dB"}, "not one conversion"},
      {{.n_bins = 2, .colormap = (specrnn_colormap)99}, "colormap"},
  };
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
    const specrnn_heatmap_config *bad = &CASES[i].heat;
    heat.n_bins = bad->n_bins;
    heat.x_step = i == 1 ? bad->x_step : heat.x_step;
    heat.y_step = i == 2 ? bad->y_step : heat.y_step;
    heat.bin_centres = bad->bin_centres;
    heat.vmin = i == 4 ? bad->vmin : heat.vmin;
    heat.vmax = i == 4 ? bad->vmax : heat.vmax;
    heat.percentile_low = bad->percentile_low;
    heat.percentile_high = i == 5 ? bad->percentile_high : heat.percentile_high;
    heat.colorbar_format = bad->colorbar_format;
    heat.colormap = bad->colormap;
    if (try_heatmap(*state, &heat) != SPECRNN_ERROR_ARGUMENT || !strstr(last_message, CASES[i].message)) {
      fail_msg("case %zu: '%s' instead of '%s'", i, last_message, CASES[i].message);
    }
  }
}

/* Cells are there when the ends are known; where a colour is less than a double tells apart, none can be chosen. */
static void colours_of_no_range_are_refused(void **state)
{
  static const struct {
    double vmin, vmax;
    bool drawn;
  } CASES[] = {{0.0, 1e-308, false},       {0.0, 1e-320, false}, {-1e-308, 1e-308, false},
               {-INFINITY, 1e-310, false}, {0.0, 1e-300, true},  {-1e300, 1e300, true}};
  static const float ROWS[4] = {0.0F, -0.0F, INFINITY, -INFINITY};
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    specrnn_panel_config place = SPECRNN_PANEL_CONFIG_INIT;
    specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
    heat.n_bins = 2;
    heat.vmin = CASES[i].vmin;
    heat.vmax = CASES[i].vmax;
    specrnn_figure *figure = NULL;
    heatmap_figure(*state, NULL, &place, &heat, ROWS, 2, &figure);
    void *data = NULL;
    size_t size = 0;
    specrnn_status status = specrnn_figure_encode(figure, SPECRNN_PICTURE_PNG, &data, &size, &LOG);
    assert_int_equal(status, CASES[i].drawn ? SPECRNN_OK : SPECRNN_ERROR_ARGUMENT);
    assert_true(CASES[i].drawn || strstr(last_message, "too near each other"));
    specrnn_plot_free(data);
    specrnn_figure_destroy(&figure);
  }
}

static void calls_out_of_order_are_refused(void **state)
{
  const float row[2] = {0, 1};
  specrnn_figure *figure = NULL;
  specrnn_panel *panel = NULL;
  assert_ok(specrnn_figure_create(&figure, *state, NULL, &LOG));
  assert_ok(specrnn_figure_add_panel(figure, &panel, NULL, &LOG));
  assert_int_equal(specrnn_panel_push_rows(panel, row, 1, &LOG), SPECRNN_ERROR_STATE);
  assert_int_equal(specrnn_panel_push_samples(panel, row, 1, &LOG), SPECRNN_ERROR_STATE);
  specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
  heat.n_bins = 2;
  assert_ok(specrnn_panel_add_heatmap(panel, &heat, &LOG));
  assert_int_equal(specrnn_panel_add_heatmap(panel, &heat, &LOG), SPECRNN_ERROR_STATE);
  void *data = NULL;
  size_t size = 0;
  assert_int_equal(specrnn_figure_encode(figure, SPECRNN_PICTURE_PNG, &data, &size, &LOG), SPECRNN_ERROR_EMPTY);
  assert_says("has no rows");
  assert_null(data);
  specrnn_figure_destroy(&figure);
}

/* What no picture can show still makes one, without a step outside of what C defines (the sanitizers look). */
static void extreme_values_are_drawn(void **state)
{
  static const float ROWS[][3] = {{NAN, NAN, NAN}, {3e38f, -3e38f, 0}, {INFINITY, -INFINITY, 1}, {1e-45f, 0, -1e-45f}};
  for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
    for (int step = -1; step <= 1; step++) {
      specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
      heat.n_bins = 3;
      heat.x_step = heat.y_step = pow(10.0, 300.0 * step);
      heat.x_first = -heat.x_step;
      specrnn_panel_config place = SPECRNN_PANEL_CONFIG_INIT;
      place.x.kind = SPECRNN_AXIS_TIME;
      place.y.kind = SPECRNN_AXIS_LINEAR;
      specrnn_figure *figure = NULL;
      specrnn_panel *panel = heatmap_figure(*state, NULL, &place, &heat, ROWS[i], 1, &figure);
      const double y[4] = {-1e300, 1e300, NAN, 1e-300};
      assert_ok(specrnn_panel_add_series(panel, NULL, y, 4, NULL, &LOG));
      specrnn_rectangle area;
      assert_ok(specrnn_panel_area(panel, &area, &LOG));
      picture p = draw(figure);
      if (i == 0 && step == 0) {
        assert_pixel(&p, (int)area.x + 2, (int)area.y + 2, (const uint8_t[]){128, 128, 128});
      }
      free(p.rgb);
      specrnn_figure_destroy(&figure);
    }
  }
}

/* Percentiles leave values beyond the colours: the bar is pointed at its ends, and nothing else is drawn otherwise. */
static void clipped_values_point_out_of_the_bar(void **state)
{
  enum { CELLS = 101 };
  float rows[CELLS];
  for (int i = 0; i < CELLS; i++) {
    rows[i] = (float)i;
  }
  picture drawn[2];
  specrnn_rectangle area;
  for (int i = 0; i < 2; i++) {
    specrnn_panel_config place = SPECRNN_PANEL_CONFIG_INIT;
    specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
    heat.n_bins = 1;
    heat.percentile_low = i ? 10.0 : 0.0;
    heat.percentile_high = i ? 90.0 : 100.0;
    heat.vmin = i ? -INFINITY : 10.0;
    heat.vmax = i ? INFINITY : 90.0;
    specrnn_figure *figure = NULL;
    specrnn_panel *panel = heatmap_figure(*state, NULL, &place, &heat, rows, CELLS, &figure);
    assert_ok(specrnn_panel_area(panel, &area, &LOG));
    drawn[i] = draw(figure);
    specrnn_figure_destroy(&figure);
  }
  int above = 0;
  int below = 0;
  for (int y = 0; y < (int)drawn[0].header.height; y++) {
    for (int x = 0; x < (int)drawn[0].header.width; x++) {
      bool same = !memcmp(pixel_at(&drawn[0], x, y), pixel_at(&drawn[1], x, y), 3);
      assert_true(same || x > area.x + area.width);
      above += !same && y < area.y - 1.0;
      below += !same && y > area.y + area.height;
    }
  }
  assert_true(above > 20 && below > 20);
  free(drawn[0].rgb);
  free(drawn[1].rgb);
}

static void the_registry_is_complete(void **state)
{
  (void)state;
  const char *const *names = specrnn_colormap_names();
  int count = 0;
  for (; specrnn_colormap_get(count); count++) {
    const specrnn_colormap_info *info = specrnn_colormap_get(count);
    specrnn_colormap found;
    assert_string_equal(info->name, names[count]);
    assert_true(specrnn_colormap_find(info->name, &found));
    assert_int_equal(found, count);
    assert_string_equal(specrnn_option_find(specrnn_heatmap_options(), "colormap")->choices[count], info->name);
  }
  assert_int_equal(count, 6);
  assert_null(names[count]);
  specrnn_colormap untouched = SPECRNN_COLORMAP_GRAY;
  assert_false(specrnn_colormap_find("jet", &untouched));
  assert_int_equal(untouched, SPECRNN_COLORMAP_GRAY);
  /* Entries as published: the first and last of inferno, the middle of gray. */
  assert_memory_equal(color(SPECRNN_COLORMAP_INFERNO, 0), ((const uint8_t[]){0, 0, 3}), 3);
  assert_memory_equal(color(SPECRNN_COLORMAP_INFERNO, 255), ((const uint8_t[]){252, 254, 164}), 3);
  assert_memory_equal(color(SPECRNN_COLORMAP_GRAY, 128), ((const uint8_t[]){128, 128, 128}), 3);
  specrnn_heatmap_config defaults = SPECRNN_HEATMAP_CONFIG_INIT;
  assert_ok(specrnn_option_validate(specrnn_heatmap_options(), &defaults, &LOG));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      with_plotter(known_values_have_known_colors),   with_plotter(bare_rasters_are_the_array),
      with_plotter(cells_without_a_number_stand_out), with_plotter(clicks_survive_any_length),
      with_plotter(pools_are_what_they_say),          with_plotter(streams_are_arrays),
      with_plotter(ranges_follow_the_options),        with_plotter(one_frame_makes_a_picture),
      with_plotter(mel_bands_are_equally_high),       with_plotter(bad_heatmaps_are_refused),
      with_plotter(colours_of_no_range_are_refused),  with_plotter(extreme_values_are_drawn),
      with_plotter(calls_out_of_order_are_refused),   with_plotter(clipped_values_point_out_of_the_bar),
      cmocka_unit_test(the_registry_is_complete),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
