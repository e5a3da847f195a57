/* One picture of each kind against the stored one, as an eye would compare them.
 *
 * The stored pictures are written by this program itself: test_plot_golden --write tests/golden/plot. Look at them
 * before you commit them. */
#include "plot_testing.h"

enum { BLOCK = 4, MOST_DIFFERENT = 30 };

/* The means of blocks of 4 x 4 pixels may differ by 30 of 255 in one place (a letter placed half a pixel aside by
 * another version of FreeType; a missing letter makes 60 and more), and by 1 on the average. */
static const double MOST_ON_AVERAGE = 1.0;

static const float PI = 3.14159265f;

static specrnn_panel *place(specrnn_figure *figure, int row, const char *title, specrnn_axis x, specrnn_axis y)
{
  specrnn_panel_config config = SPECRNN_PANEL_CONFIG_INIT;
  config.row = row;
  config.title = title;
  config.x = x;
  config.y = y;
  specrnn_panel *panel = NULL;
  assert_ok(specrnn_figure_add_panel(figure, &panel, &config, &LOG));
  return panel;
}

static specrnn_axis axis(specrnn_axis_kind kind, const char *label)
{
  specrnn_axis made = SPECRNN_AXIS_INIT;
  made.kind = kind;
  made.label = label;
  return made;
}

/* A rising tone with an overtone, in dB; 60 frames of 65 bins, 8 kHz. */
static void add_tone(specrnn_panel *panel)
{
  specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
  heat.n_bins = 65;
  heat.x_step = 0.05;
  heat.y_step = 125.0;
  heat.vmin = -80.0;
  heat.relative_to_max = true;
  heat.colorbar_format = "%+2.0f dB";
  assert_ok(specrnn_panel_add_heatmap(panel, &heat, &LOG));
  for (int t = 0; t < 60; t++) {
    float row[65];
    for (int b = 0; b < 65; b++) {
      float tone = fabsf((float)b - 4.0f - 0.3f * (float)t);
      float overtone = fabsf((float)b - 8.0f - 0.6f * (float)t) + 3.0f;
      row[b] = 20.0f - 9.0f * fminf(fminf(tone, overtone), 10.0f);
    }
    assert_ok(specrnn_panel_push_rows(panel, row, 1, &LOG));
  }
}

static void draw_spectrogram(specrnn_figure *figure)
{
  add_tone(place(figure, 0, "Spectrogram", axis(SPECRNN_AXIS_TIME, NULL), axis(SPECRNN_AXIS_FREQUENCY, NULL)));
}

static void draw_mel(specrnn_figure *figure)
{
  add_tone(place(figure, 0, "Mel axis", axis(SPECRNN_AXIS_TIME, NULL), axis(SPECRNN_AXIS_FREQUENCY_MEL, NULL)));
}

static void draw_log(specrnn_figure *figure)
{
  add_tone(place(figure, 0, "Log axis", axis(SPECRNN_AXIS_TIME, NULL), axis(SPECRNN_AXIS_FREQUENCY_LOG, NULL)));
}

static void add_states(specrnn_panel *panel, size_t units, specrnn_colormap colormap)
{
  specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
  heat.n_bins = units;
  heat.colormap = colormap;
  heat.symmetric = true;
  heat.pool = SPECRNN_POOL_MAX_ABS;
  heat.colorbar_label = "Hidden State Value";
  assert_ok(specrnn_panel_add_heatmap(panel, &heat, &LOG));
  for (int t = 0; t < 60; t++) {
    float row[32];
    for (size_t u = 0; u < units; u++) {
      row[u] = sinf(PI * (float)(t * (int)(u % 7 + 1)) / 60.0f + (float)u);
    }
    assert_ok(specrnn_panel_push_rows(panel, row, 1, &LOG));
  }
}

static void draw_features(specrnn_figure *figure)
{
  specrnn_axis steps = axis(SPECRNN_AXIS_INDEX, "Time Steps");
  specrnn_axis units = axis(SPECRNN_AXIS_INDEX, "Hidden State Dimensions");
  add_states(place(figure, 0, "Layer 1", steps, units), 32, SPECRNN_COLORMAP_INFERNO);
  add_states(place(figure, 1, "Layer 2", steps, units), 16, SPECRNN_COLORMAP_COOLWARM);
}

static void draw_waveform(specrnn_figure *figure)
{
  specrnn_panel *panel =
      place(figure, 0, "Waveform", axis(SPECRNN_AXIS_TIME, NULL), axis(SPECRNN_AXIS_LINEAR, "Amplitude"));
  assert_ok(specrnn_panel_add_waveform(panel, 0.0, 0.01, &LOG));
  static float samples[10000];
  for (int i = 0; i < 10000; i++) {
    samples[i] = sinf(PI * (float)i / 5000.0f) * ((float)(i * 7919 % 2000) / 1000.0f - 1.0f);
  }
  assert_ok(specrnn_panel_push_samples(panel, samples, 10000, &LOG));
  const specrnn_interval labels[] = {{10.0, 40.0, "first"}, {60.0, 60.0, "mark"}, {80.0, 83.0, "too long to fit"}};
  assert_ok(specrnn_panel_add_labels(panel, labels, 3, &LOG));
  assert_ok(specrnn_panel_set_cursor(panel, 50.0, &LOG));
}

static void draw_lines(specrnn_figure *figure)
{
  specrnn_panel *panel =
      place(figure, 0, "Gradient norms", axis(SPECRNN_AXIS_LINEAR, "T \xe2\x88\x92 t"), axis(SPECRNN_AXIS_LOG, "|dh|"));
  static const char *const NAMES[] = {"RNN", "LSTM", "GRU"};
  for (int k = 0; k < 3; k++) {
    double y[50];
    for (int i = 0; i < 50; i++) {
      y[i] = exp(-(0.3 - 0.1 * k) * i);
    }
    specrnn_series series = SPECRNN_SERIES_INIT;
    series.legend = NAMES[k];
    series.dashed = k == 2;
    assert_ok(specrnn_panel_add_series(panel, NULL, y, 50, &series, &LOG));
  }
}

static void draw_scatter(specrnn_figure *figure)
{
  specrnn_panel *panel =
      place(figure, 0, "Descent", axis(SPECRNN_AXIS_LINEAR, "x"), axis(SPECRNN_AXIS_LINEAR, "x\xc2\xb2"));
  double x[41], y[41];
  for (int i = 0; i < 41; i++) {
    x[i] = -4.0 + 0.2 * i;
    y[i] = x[i] * x[i];
  }
  assert_ok(specrnn_panel_add_series(panel, x, y, 41, NULL, &LOG));
  specrnn_series dots = SPECRNN_SERIES_SCATTER_INIT;
  for (int i = 0; i < 12; i++) {
    x[i] = 3.0 * pow(0.8, i);
    y[i] = x[i] * x[i];
  }
  assert_ok(specrnn_panel_add_series(panel, x, y, 12, &dots, &LOG));
}

static void draw_histogram(specrnn_figure *figure)
{
  specrnn_panel *panel =
      place(figure, 0, "Histogram", axis(SPECRNN_AXIS_LINEAR, "activation"), axis(SPECRNN_AXIS_LINEAR, "count"));
  float values[500];
  for (int i = 0; i < 500; i++) {
    values[i] = tanhf(3.0f * sinf((float)i));
  }
  assert_ok(specrnn_panel_add_histogram(panel, values, 500, 20, NULL, &LOG));
}

static void draw_text(specrnn_figure *figure)
{
  specrnn_panel *panel = place(figure, 0, "Shapes", axis(SPECRNN_AXIS_INDEX, NULL), axis(SPECRNN_AXIS_INDEX, NULL));
  assert_ok(specrnn_panel_set_text(panel, "Spectrogram\t(1, 188, 257)\nLayer 1\t(1, 188, 128)\n\nLayer 2\t(1, 188, 64)",
                                   &LOG));
}

static void draw_computation(specrnn_figure *figure)
{
  float inputs[3][6], first[3][8], second[3][4];
  for (int i = 0; i < 18; i++) {
    inputs[i / 6][i % 6] = sinf((float)i);
  }
  for (int i = 0; i < 24; i++) {
    first[i / 8][i % 8] = sinf(0.7f * (float)i);
    second[i % 12 / 4][i % 4] = cosf(0.9f * (float)(i % 12));
  }
  const size_t sizes[] = {8, 4};
  const float *const hidden[] = {&first[0][0], &second[0][0]};
  specrnn_computation c = {.n_steps = 3, .n_layers = 2, .input_size = 6, .inputs = &inputs[0][0]};
  c.hidden_sizes = sizes;
  c.hidden = hidden;
  assert_ok(specrnn_figure_set_computation(figure, &c, 4, &LOG));
}

typedef struct kind {
  const char *name;
  void (*draw)(specrnn_figure *);
  specrnn_theme theme;
  bool axes;
  double dpi;
} kind;

static const kind KINDS[] = {
    {"spectrogram", draw_spectrogram, SPECRNN_THEME_LIGHT, true, 100},
    {"spectrogram-200", draw_spectrogram, SPECRNN_THEME_DARK, true, 200},
    {"bare", draw_spectrogram, SPECRNN_THEME_LIGHT, false, 100},
    {"mel", draw_mel, SPECRNN_THEME_DARK, true, 100},
    {"log", draw_log, SPECRNN_THEME_LIGHT, true, 100},
    {"features", draw_features, SPECRNN_THEME_LIGHT, true, 100},
    {"waveform", draw_waveform, SPECRNN_THEME_LIGHT, true, 100},
    {"lines", draw_lines, SPECRNN_THEME_LIGHT, true, 100},
    {"scatter", draw_scatter, SPECRNN_THEME_DARK, true, 100},
    {"histogram", draw_histogram, SPECRNN_THEME_LIGHT, true, 100},
    {"text", draw_text, SPECRNN_THEME_LIGHT, true, 100},
    {"computation", draw_computation, SPECRNN_THEME_LIGHT, true, 100},
};
enum { KIND_COUNT = sizeof KINDS / sizeof *KINDS };

static specrnn_figure *make_figure(specrnn_plotter *plotter, const kind *k)
{
  specrnn_figure_config look = SPECRNN_FIGURE_CONFIG_INIT;
  look.width_in = 3.6;
  look.height_in = 2.7;
  look.dpi = k->dpi;
  look.theme = k->theme;
  look.axes = k->axes;
  look.layout = SPECRNN_LAYOUT_TIGHT;
  specrnn_figure *figure = NULL;
  assert_ok(specrnn_figure_create(&figure, plotter, &look, &LOG));
  k->draw(figure);
  return figure;
}

static picture read_picture(const char *path)
{
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  static unsigned char data[1 << 20];
  size_t size = fread(data, 1, sizeof data, file);
  fclose(file);
  return decode_png(data, size);
}

/* ---------------------------------------------------------------------------------------------------------- comparing
 */

typedef struct difference {
  double largest, mean; /* of the means of blocks, 0 ... 255 */
} difference;

static double block_mean(const picture *p, int x, int y, int channel)
{
  double sum = 0.0;
  for (int k = 0; k < BLOCK * BLOCK; k++) {
    sum += pixel_at(p, x + k % BLOCK, y + k / BLOCK)[channel];
  }
  return sum / (BLOCK * BLOCK);
}

static difference compare(const picture *a, const picture *b)
{
  difference d = {255.0, 255.0};
  if (a->header.width != b->header.width || a->header.height != b->header.height) {
    return d;
  }
  d = (difference){0.0, 0.0};
  int blocks = 0;
  for (int y = 0; y + BLOCK <= (int)a->header.height; y += BLOCK) {
    for (int x = 0; x + BLOCK <= (int)a->header.width; x += BLOCK) {
      for (int channel = 0; channel < 3; channel++) {
        double here = fabs(block_mean(a, x, y, channel) - block_mean(b, x, y, channel));
        d.largest = fmax(d.largest, here);
        d.mean += here;
        blocks++;
      }
    }
  }
  d.mean /= blocks;
  return d;
}

static bool alike(difference d)
{
  return d.largest <= MOST_DIFFERENT && d.mean <= MOST_ON_AVERAGE;
}

static void kinds_look_as_they_did(void **state)
{
  for (int i = 0; i < KIND_COUNT; i++) {
    specrnn_figure *figure = make_figure(*state, &KINDS[i]);
    picture drawn = draw(figure);
    char path[256];
    snprintf(path, sizeof path, GOLDEN_DIR "/plot/%s.png", KINDS[i].name);
    picture stored = read_picture(path);
    difference d = compare(&drawn, &stored);
    if (!alike(d)) {
      fail_msg("%s: blocks differ by %.1f at most and %.2f on the average", KINDS[i].name, d.largest, d.mean);
    }
    free(drawn.rgb);
    free(stored.rgb);
    specrnn_figure_destroy(&figure);
  }
}

/* The tolerance sees a title of one other letter, and data that are moved by one frame. */
static void the_comparison_can_fail(void **state)
{
  picture pictures[3];
  for (int i = 0; i < 3; i++) {
    specrnn_figure *figure = make_figure(*state, &(kind){"none", draw_text, SPECRNN_THEME_LIGHT, true, 100});
    specrnn_panel_config config = SPECRNN_PANEL_CONFIG_INIT;
    config.row = 1;
    config.title = i == 1 ? "Titles" : "Title";
    config.x.kind = SPECRNN_AXIS_TIME;
    specrnn_panel *panel = NULL;
    assert_ok(specrnn_figure_add_panel(figure, &panel, &config, &LOG));
    if (i == 2) {
      assert_ok(specrnn_panel_set_cursor(panel, 0.5, &LOG));
    }
    pictures[i] = draw(figure);
    specrnn_figure_destroy(&figure);
  }
  assert_true(alike(compare(&pictures[0], &pictures[0])));
  assert_false(alike(compare(&pictures[0], &pictures[1])));
  assert_false(alike(compare(&pictures[0], &pictures[2])));
  for (int i = 0; i < 3; i++) {
    free(pictures[i].rgb);
  }
}

static int write_all(const char *folder)
{
  specrnn_plotter *plotter = NULL;
  specrnn_status status = specrnn_plotter_create(&plotter, NULL, &LOG);
  for (int i = 0; i < KIND_COUNT && !status; i++) {
    specrnn_figure *figure = make_figure(plotter, &KINDS[i]);
    char path[512];
    snprintf(path, sizeof path, "%s/%s.png", folder, KINDS[i].name);
    status = specrnn_figure_write(figure, path, SPECRNN_PICTURE_PNG, &LOG);
    specrnn_figure_destroy(&figure);
  }
  specrnn_plotter_destroy(&plotter);
  if (status) {
    fprintf(stderr, "%s\n", last_message);
  }
  return status != SPECRNN_OK;
}

int main(int argc, char **argv)
{
  if (argc == 3 && !strcmp(argv[1], "--write")) {
    return write_all(argv[2]);
  }
  const struct CMUnitTest tests[] = {
      with_plotter(kinds_look_as_they_did),
      with_plotter(the_comparison_can_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
