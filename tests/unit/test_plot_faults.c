/* Every allocation of the drawing fails once: a clean error, and no file left. What is leaked cannot be told here from
 * what Pango and cairo keep and drop: the sanitizers look for that. */
#include "plot_testing.h"

#include <unistd.h>

#include "support/faults.h"

/* GLib ends the process where it has no memory; fontconfig and cairo go on without. Theirs never fail, nor what they
 * ask of the C library. */
static const char *const OTHERS[] = {"libpango",    "libglib",     "libgobject", "libcairo",   "libfontconfig",
                                     "libfreetype", "libharfbuzz", "libpixman",  "libfribidi", "libthai",
                                     "libdatrie",   "libexpat",    "libbrotli",  "ld-linux",   "libgraphite2",
                                     "libc.so",     NULL};

static specrnn_plotter *plotter;

static specrnn_status add_everything(specrnn_figure *figure)
{
  specrnn_panel_config place = SPECRNN_PANEL_CONFIG_INIT;
  place.title = "title";
  place.x.label = "x";
  place.y.label = "y";
  specrnn_panel *panel = NULL;
  specrnn_status status = specrnn_figure_add_panel(figure, &panel, &place, &LOG);
  static const float rows[200][3] = {{1.0f}};
  specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
  heat.n_bins = 3;
  heat.percentile_low = 5.0;
  heat.colorbar_label = "label";
  heat.colorbar_format = "%.0f";
  status = status ? status : specrnn_panel_add_heatmap(panel, &heat, &LOG);
  status = status ? status : specrnn_panel_push_rows(panel, &rows[0][0], 200, &LOG);
  static const double y[3] = {0, 1, 2};
  specrnn_series look = SPECRNN_SERIES_INIT;
  look.legend = "legend";
  status = status ? status : specrnn_panel_add_series(panel, NULL, y, 3, &look, &LOG);
  static const specrnn_interval labels[2] = {{0, 1, "a"}, {2, 3, "b"}};
  status = status ? status : specrnn_panel_add_labels(panel, labels, 2, &LOG);
  place.row = 1;
  status = status ? status : specrnn_figure_add_panel(figure, &panel, &place, &LOG);
  status = status ? status : specrnn_panel_add_waveform(panel, 0.0, 1.0, &LOG);
  status = status ? status : specrnn_panel_push_samples(panel, &rows[0][0], 600, &LOG);
  place.row = 2;
  status = status ? status : specrnn_figure_add_panel(figure, &panel, &place, &LOG);
  status = status ? status : specrnn_panel_add_histogram(panel, &rows[0][0], 600, 0, NULL, &LOG);
  place.row = 3;
  status = status ? status : specrnn_figure_add_panel(figure, &panel, &place, &LOG);
  status = status ? status : specrnn_panel_set_text(panel, "text", &LOG);
  return status ? status : specrnn_figure_add_metadata(figure, "key", "value", &LOG);
}

static specrnn_status encode(specrnn_picture format)
{
  specrnn_figure_config look = SPECRNN_FIGURE_CONFIG_INIT;
  look.height_in = 8.0;
  look.title = "figure";
  specrnn_figure *figure = NULL;
  specrnn_status status = specrnn_figure_create(&figure, plotter, &look, &LOG);
  status = status ? status : add_everything(figure);
  void *data = NULL;
  size_t size = 0;
  status = status ? status : specrnn_figure_encode(figure, format, &data, &size, &LOG);
  assert_true((status == SPECRNN_OK) == (data != NULL));
  specrnn_plot_free(data);
  specrnn_figure_destroy(&figure);
  return status;
}

static specrnn_status encode_png(void)
{
  return encode(SPECRNN_PICTURE_PNG);
}

static char gif_path[] = "/tmp/specrnn-faults-XXXXXX/a.gif";

static specrnn_status animate(void)
{
  static const float inputs[2] = {1, 2};
  static const size_t sizes[1] = {1};
  static const float *const hidden[1] = {inputs};
  specrnn_computation c = {.n_steps = 2, .n_layers = 1, .input_size = 1, .inputs = inputs, .hidden = hidden};
  c.hidden_sizes = sizes;
  specrnn_figure *figure = NULL;
  specrnn_animation *animation = NULL;
  specrnn_status status = specrnn_figure_create(&figure, plotter, NULL, &LOG);
  status = status ? status : specrnn_animation_create(&animation, gif_path, 0, &LOG);
  for (size_t m = 0; m < 3 && !status; m++) {
    status = specrnn_figure_set_computation(figure, &c, m, &LOG);
    status = status ? status : specrnn_animation_add(animation, figure, 1.0, &LOG);
  }
  if (status) {
    specrnn_animation_destroy(&animation);
  } else {
    status = specrnn_animation_finish(&animation, &LOG);
  }
  assert_null(animation);
  specrnn_figure_destroy(&figure);
  return status;
}

static void fail_each(specrnn_status (*operation)(void), long least)
{
  if (!faults_work()) {
    print_message("# SKIPPED: the sanitizers have taken the place of malloc\n");
    skip();
  }
  assert_ok(operation()); /* what the other libraries cache is cached now */
  faults_spare(OTHERS);
  faults_report report;
  long nth = 0;
  do {
    faults_start(++nth);
    specrnn_status status = operation();
    report = faults_stop();
    if (report.failed && status == SPECRNN_OK) {
      fail_msg("allocation %ld failed, and nothing was said", nth);
    }
    assert_true(report.failed || status == SPECRNN_OK);
  } while (report.failed);
  assert_true(nth > least);
  faults_spare(NULL);
}

static void drawing_survives_any_failure(void **state)
{
  (void)state;
  fail_each(encode_png, 40);
}

static void animations_survive_any_failure(void **state)
{
  (void)state;
  char *name = strrchr(gif_path, '/');
  *name = '\0';
  assert_non_null(mkdtemp(gif_path));
  *name = '/';
  fail_each(animate, 10);
  assert_int_equal(unlink(gif_path), 0);
  *name = '\0';
  assert_int_equal(rmdir(gif_path), 0); /* no temporary file is left */
}

static int set_up(void **state)
{
  int result = make_plotter(state);
  plotter = *state;
  return result;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(drawing_survives_any_failure, set_up, destroy_plotter),
      cmocka_unit_test_setup_teardown(animations_survive_any_failure, set_up, destroy_plotter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
