/* What the tests of pictures share: a plotter with the last message, decoding of PNG, and panels in one call. */
#ifndef SPECRNN_TESTS_UNIT_PLOT_TESTING_H
#define SPECRNN_TESTS_UNIT_PLOT_TESTING_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <png.h>

#include "specrnn/plot.h"
#include "support/messages.h"

#define assert_ok(call)        assert_int_equal(call, SPECRNN_OK)
#define assert_says(text)      assert_non_null(strstr(last_message, text))
#define assert_near(a, b, tol) assert_true(fabs((a) - (b)) <= (tol))

/* Setup and teardown of a test: *state is the plotter. */
static inline int make_plotter(void **state)
{
  specrnn_plotter *plotter = NULL;
  assert_ok(specrnn_plotter_create(&plotter, NULL, &LOG));
  *state = plotter;
  return 0;
}

static inline int destroy_plotter(void **state)
{
  specrnn_plotter *plotter = *state;
  specrnn_plotter_destroy(&plotter);
  return 0;
}

/* RGB pixels of a PNG. */
typedef struct picture {
  png_image header;
  unsigned char *rgb;
} picture;

static inline picture decode_png(const void *data, size_t size)
{
  picture p = {.header.version = PNG_IMAGE_VERSION};
  assert_true(png_image_begin_read_from_memory(&p.header, data, size));
  p.header.format = PNG_FORMAT_RGB;
  p.rgb = malloc(PNG_IMAGE_SIZE(p.header));
  assert_non_null(p.rgb);
  assert_true(png_image_finish_read(&p.header, NULL, p.rgb, 0, NULL));
  return p;
}

static inline picture draw(specrnn_figure *figure)
{
  void *data = NULL;
  size_t size = 0;
  assert_ok(specrnn_figure_encode(figure, SPECRNN_PICTURE_PNG, &data, &size, &LOG));
  picture p = decode_png(data, size);
  specrnn_plot_free(data);
  return p;
}

static inline const unsigned char *pixel_at(const picture *p, int x, int y)
{
  return p->rgb + 3 * ((size_t)y * p->header.width + (size_t)x);
}

/* A figure with one heat map of (n_rows, n_bins), in the place of `look`. */
static inline specrnn_panel *heatmap_figure(specrnn_plotter *plotter, const specrnn_figure_config *look,
                                            const specrnn_panel_config *place, const specrnn_heatmap_config *heat,
                                            const float *rows, size_t n_rows, specrnn_figure **figure)
{
  specrnn_panel *panel = NULL;
  assert_ok(specrnn_figure_create(figure, plotter, look, &LOG));
  assert_ok(specrnn_figure_add_panel(*figure, &panel, place, &LOG));
  assert_ok(specrnn_panel_add_heatmap(panel, heat, &LOG));
  assert_ok(specrnn_panel_push_rows(panel, rows, n_rows, &LOG));
  return panel;
}

static inline specrnn_figure *new_figure(specrnn_plotter *plotter, double width_in, double height_in)
{
  specrnn_figure_config look = SPECRNN_FIGURE_CONFIG_INIT;
  look.width_in = width_in;
  look.height_in = height_in;
  specrnn_figure *figure = NULL;
  assert_ok(specrnn_figure_create(&figure, plotter, &look, &LOG));
  return figure;
}

static inline specrnn_panel *add_panel(specrnn_figure *figure, int row, int column, specrnn_axis_kind x)
{
  specrnn_panel_config place = SPECRNN_PANEL_CONFIG_INIT;
  place.row = row;
  place.column = column;
  place.x.kind = x;
  specrnn_panel *panel = NULL;
  assert_ok(specrnn_figure_add_panel(figure, &panel, &place, &LOG));
  return panel;
}

static inline void add_ramp(specrnn_panel *panel, size_t n_rows, double x_step)
{
  specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
  heat.n_bins = 3;
  heat.x_step = x_step;
  assert_ok(specrnn_panel_add_heatmap(panel, &heat, &LOG));
  for (size_t i = 0; i < n_rows; i++) {
    const float row[3] = {(float)i, 1.0f, 2.0f};
    assert_ok(specrnn_panel_push_rows(panel, row, 1, &LOG));
  }
}

#define with_plotter(test) cmocka_unit_test_setup_teardown(test, make_plotter, destroy_plotter)

#endif
