/* Pictures as files and in memory: formats, metadata, sizes, the drawing of a computation, animations. */
#include "plot_testing.h"

#include <unistd.h>

#include <gif_lib.h>

/* ------------------------------------------------------------------------------------------------------------- output
 */

static const unsigned char *find_bytes(const unsigned char *data, size_t size, const char *bytes, size_t count)
{
  for (size_t i = 0; i + count <= size; i++) {
    if (!memcmp(data + i, bytes, count)) {
      return data + i;
    }
  }
  return NULL;
}

static void a_png_says_what_it_is(void **state)
{
  specrnn_figure_config look = SPECRNN_FIGURE_CONFIG_INIT;
  look.dpi = 200;
  specrnn_figure *figure = NULL;
  assert_ok(specrnn_figure_create(&figure, *state, &look, &LOG));
  add_ramp(add_panel(figure, 0, 0, SPECRNN_AXIS_INDEX), 4, 1.0);
  assert_ok(specrnn_figure_add_metadata(figure, "input", "test.wav", &LOG));
  assert_ok(specrnn_figure_add_metadata(figure, "title", "\xce\xa9", &LOG));
  assert_int_equal(specrnn_figure_add_metadata(figure, "", "x", &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_int_equal(specrnn_figure_add_metadata(figure, "k\xc3\xa9y", "x", &LOG), SPECRNN_ERROR_ARGUMENT);
  void *data = NULL;
  size_t size = 0;
  assert_ok(specrnn_figure_encode(figure, SPECRNN_PICTURE_PNG, &data, &size, &LOG));
  const unsigned char *bytes = data;
  const unsigned char *phys = find_bytes(bytes, size, "pHYs", 4);
  assert_non_null(phys); /* 200 / 0.0254 = 7874 in both directions, per metre */
  assert_memory_equal(phys + 4, "\0\0\x1e\xc2\0\0\x1e\xc2\1", 9);
  assert_non_null(find_bytes(bytes, size, "tEXtSoftware\0specrnn ", 21));
  assert_non_null(find_bytes(bytes, size, "tEXtinput\0test.wav", 18));
  assert_non_null(find_bytes(bytes, size, "iTXttitle\0\0\0\0\0\xce\xa9", 16));
  specrnn_plot_free(data);
  specrnn_figure_destroy(&figure);
}

enum { COLOR_TYPE_BYTE = 25, TRUE_COLOR = 2, PALETTE = 3 };

static void few_colors_make_a_palette(void **state)
{
  for (int axes = 0; axes < 2; axes++) {
    specrnn_figure_config look = SPECRNN_FIGURE_CONFIG_INIT;
    look.axes = axes;
    specrnn_figure *figure = NULL;
    assert_ok(specrnn_figure_create(&figure, *state, &look, &LOG));
    add_ramp(add_panel(figure, 0, 0, SPECRNN_AXIS_INDEX), 256, 1.0);
    void *data = NULL;
    size_t size = 0;
    assert_ok(specrnn_figure_encode(figure, SPECRNN_PICTURE_PNG, &data, &size, &LOG));
    assert_int_equal(((unsigned char *)data)[COLOR_TYPE_BYTE], axes ? TRUE_COLOR : PALETTE);
    specrnn_plot_free(data);
    specrnn_figure_destroy(&figure);
  }
}

static void files_are_written_by_their_names(void **state)
{
  static const struct {
    const char *name, *begins;
  } CASES[] = {{"a.png", "\x89PNG"}, {"a.SVG", "<?xml"}, {"a.pdf", "%PDF-"}};
  char folder[] = "/tmp/specrnn-plot-XXXXXX";
  assert_non_null(mkdtemp(folder));
  specrnn_figure *figure = new_figure(*state, 3.0, 2.0);
  add_ramp(add_panel(figure, 0, 0, SPECRNN_AXIS_INDEX), 4, 1.0);
  char path[128];
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    snprintf(path, sizeof path, "%s/%s", folder, CASES[i].name);
    assert_ok(specrnn_figure_write(figure, path, SPECRNN_PICTURE_BY_NAME, &LOG));
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char begin[8] = {0};
    assert_int_equal(fread(begin, 1, 5, file), 5);
    fclose(file);
    assert_memory_equal(begin, CASES[i].begins, strlen(CASES[i].begins));
    assert_int_equal(unlink(path), 0);
  }
  snprintf(path, sizeof path, "%s/a.bmp", folder);
  assert_int_equal(specrnn_figure_write(figure, path, SPECRNN_PICTURE_BY_NAME, &LOG), SPECRNN_ERROR_UNSUPPORTED);
  assert_says("pictures are .png, .svg or .pdf");
  snprintf(path, sizeof path, "%s/none/a.png", folder);
  assert_int_equal(specrnn_figure_write(figure, path, SPECRNN_PICTURE_BY_NAME, &LOG), SPECRNN_ERROR_IO);
  static const specrnn_picture FORMATS[] = {SPECRNN_PICTURE_PNG, SPECRNN_PICTURE_SVG, SPECRNN_PICTURE_PDF};
  for (int i = 0; i < 3; i++) {
    assert_int_equal(specrnn_figure_write(figure, "/dev/full", FORMATS[i], &LOG), SPECRNN_ERROR_IO);
    assert_says("No space left on device");
  }
  assert_int_equal(rmdir(folder), 0); /* nothing else was left */
  specrnn_figure_destroy(&figure);
}

/* cairo leaves the filter of images out of SVG. Nearest cells at any size where they are large; where several share a
 * pixel, only from the enlargement on at which none is left out: 2 pixels at 100 dpi per pixel of 96 dpi. */
static void svg_images_stay_sharp(void **state)
{
  static const struct {
    size_t n_rows;
    const char *rule;
  } CASES[] = {{5, "<style>image{"}, {5000, "<style>@media (min-resolution:2.09dppx){image{"}, {0, NULL}};
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    specrnn_figure *figure = new_figure(*state, 6.4, 4.8);
    specrnn_panel *panel = add_panel(figure, 0, 0, SPECRNN_AXIS_LINEAR);
    const double y[2] = {0.0, 1.0};
    if (CASES[i].n_rows) {
      add_ramp(panel, CASES[i].n_rows, 1.0);
    } else {
      assert_ok(specrnn_panel_add_series(panel, NULL, y, 2, NULL, &LOG));
    }
    void *data = NULL;
    size_t size = 0;
    assert_ok(specrnn_figure_encode(figure, SPECRNN_PICTURE_SVG, &data, &size, &LOG));
    char head[1024] = "";
    memcpy(head, data, size < sizeof head ? size : sizeof head - 1);
    char *root_end = strchr(strstr(head, "<svg"), '>');
    if (CASES[i].rule) {
      assert_int_equal(strncmp(root_end + 2, CASES[i].rule, strlen(CASES[i].rule)), 0);
    } else {
      assert_null(strstr(head, "<style"));
    }
    specrnn_plot_free(data);
    specrnn_figure_destroy(&figure);
  }
}

static void too_many_pixels_are_refused(void **state)
{
  specrnn_figure_config look = SPECRNN_FIGURE_CONFIG_INIT;
  look.width_in = 10000.01 / 1.0;
  specrnn_figure *figure = NULL;
  assert_int_equal(specrnn_figure_create(&figure, *state, &look, &LOG), SPECRNN_ERROR_ARGUMENT);
  look.width_in = 10000.0;
  look.dpi = 100.01;
  assert_int_equal(specrnn_figure_create(&figure, *state, &look, &LOG), SPECRNN_ERROR_UNSUPPORTED);
  assert_string_equal(last_message, "the picture's width would be 1000100 pixels; at most 1000000 are possible");
  assert_null(figure);
  look.width_in = 0.4;
  look.height_in = 0.4;
  look.dpi = 100.0;
  assert_ok(specrnn_figure_create(&figure, *state, &look, &LOG));
  add_ramp(add_panel(figure, 0, 0, SPECRNN_AXIS_INDEX), 2, 1.0);
  void *data = NULL;
  size_t size = 0;
  assert_int_equal(specrnn_figure_encode(figure, SPECRNN_PICTURE_PNG, &data, &size, &LOG), SPECRNN_ERROR_UNSUPPORTED);
  assert_says("40 x 40 pixels");
  specrnn_figure_destroy(&figure);
}

/* Wider than an image of cairo, and higher than one band: the same colours as the array. */
static void huge_pictures_are_drawn_in_parts(void **state)
{
  enum { WIDTH = 40000, HEIGHT = 300 };
  specrnn_figure_config look = SPECRNN_FIGURE_CONFIG_INIT;
  look.axes = false;
  look.width_in = WIDTH / 100.0;
  look.height_in = HEIGHT / 100.0;
  specrnn_heatmap_config heat = SPECRNN_HEATMAP_CONFIG_INIT;
  heat.n_bins = 2;
  heat.vmin = 0.0;
  heat.vmax = 256.0;
  static float rows[WIDTH][2];
  for (int x = 0; x < WIDTH; x++) {
    rows[x][0] = (float)(x % 256);
    rows[x][1] = (float)(255 - x % 256);
  }
  specrnn_figure *figure = NULL;
  heatmap_figure(*state, &look, NULL, &heat, &rows[0][0], WIDTH, &figure);
  picture p = draw(figure);
  assert_int_equal(p.header.width, WIDTH);
  const uint8_t(*rgb)[3] = specrnn_colormap_get(SPECRNN_COLORMAP_INFERNO)->rgb;
  for (int x = 0; x < WIDTH; x += 7) {
    assert_memory_equal(pixel_at(&p, x, HEIGHT - 1), rgb[x % 256], 3);
    assert_memory_equal(pixel_at(&p, x, HEIGHT / 2), rgb[x % 256], 3);
    assert_memory_equal(pixel_at(&p, x, 0), rgb[255 - x % 256], 3);
  }
  free(p.rgb);
  specrnn_figure_destroy(&figure);
}

/* ---------------------------------------------------------------------------------------- the computation, animations
 */

static const float INPUTS[3][2] = {{1, -1}, {0.5f, 0}, {0, 1}};
static const float HIDDEN_1[3][4] = {{1, 1, 1, 1}, {-1, -1, -1, -1}, {1, -1, 1, -1}};
static const float HIDDEN_2[3][2] = {{-1, -1}, {1, 1}, {-1, 1}};
static const size_t HIDDEN_SIZES[2] = {4, 2};
static const float *const HIDDEN[2] = {&HIDDEN_1[0][0], &HIDDEN_2[0][0]};

static specrnn_computation computation_of(size_t n_layers)
{
  return (specrnn_computation){.n_steps = 3,
                               .n_layers = n_layers,
                               .input_size = 2,
                               .inputs = &INPUTS[0][0],
                               .hidden_sizes = HIDDEN_SIZES,
                               .hidden = HIDDEN};
}

static size_t count_color(const picture *p, const uint8_t *rgb)
{
  size_t count = 0;
  for (size_t i = 0; i < (size_t)p->header.width * p->header.height; i++) {
    count += !memcmp(p->rgb + 3 * i, rgb, 3);
  }
  return count;
}

/* Frame by frame one more node has the colour of its activation. */
static void nodes_are_lit_in_the_order_of_computing(void **state)
{
  const uint8_t(*rgb)[3] = specrnn_colormap_get(SPECRNN_COLORMAP_COOLWARM)->rgb;
  specrnn_computation c = computation_of(2);
  assert_int_equal(specrnn_computation_moments(&c), 7);
  specrnn_figure *figure = new_figure(*state, 8.0, 5.0);
  size_t ones[7], minus_ones[7];
  for (size_t m = 0; m < 7; m++) {
    assert_ok(specrnn_figure_set_computation(figure, &c, m, &LOG));
    picture p = draw(figure);
    ones[m] = count_color(&p, rgb[255]);
    minus_ones[m] = count_color(&p, rgb[0]);
    assert_true(m == 0 || count_color(&p, (const uint8_t[]){214, 39, 40}) > 100); /* something is lit */
    free(p.rgb);
  }
  /* layer 1 at step 0 is +1, layer 2 -1, layer 1 at step 1 -1, layer 2 +1, and half of each in the last step */
  size_t node = ones[1] - ones[0];
  assert_true(node > 500);
  assert_int_equal(minus_ones[1], minus_ones[0]);
  assert_int_equal(ones[2], ones[1]);
  assert_int_equal(minus_ones[2] - minus_ones[1], node);
  assert_int_equal(minus_ones[3] - minus_ones[2], node);
  assert_int_equal(ones[4] - ones[3], node);
  assert_near((double)(ones[6] - ones[4]), (double)node, 0.1 * (double)node);
  assert_int_equal(specrnn_figure_set_computation(figure, &c, 7, &LOG), SPECRNN_ERROR_ARGUMENT);
  c.n_layers = 0;
  assert_int_equal(specrnn_figure_set_computation(figure, &c, 0, &LOG), SPECRNN_ERROR_ARGUMENT);
  specrnn_figure_destroy(&figure);
}

enum { MAX_QUANTIZATION = 24 };

static int largest_difference(const unsigned char *a, const unsigned char *b, size_t count)
{
  int largest = 0;
  for (size_t i = 0; i < count; i++) {
    largest = abs(a[i] - b[i]) > largest ? abs(a[i] - b[i]) : largest;
  }
  return largest;
}

/* The frames of a GIF, put together, are the pictures that were drawn. */
static void animations_show_their_figures(void **state)
{
  char path[] = "/tmp/specrnn-gif-XXXXXX";
  int descriptor = mkstemp(path);
  assert_true(descriptor >= 0);
  close(descriptor);
  specrnn_computation c = computation_of(1);
  specrnn_figure *figure = new_figure(*state, 4.0, 3.0);
  specrnn_animation *animation = NULL;
  assert_ok(specrnn_animation_create(&animation, path, 0, &LOG));
  picture drawn[4];
  for (size_t m = 0; m < 4; m++) {
    assert_ok(specrnn_figure_set_computation(figure, &c, m, &LOG));
    assert_ok(specrnn_animation_add(animation, figure, 1.5, &LOG));
    drawn[m] = draw(figure);
  }
  assert_int_equal(specrnn_animation_add(animation, figure, 0.0, &LOG), SPECRNN_ERROR_ARGUMENT);
  assert_ok(specrnn_animation_finish(&animation, &LOG));
  assert_null(animation);

  GifFileType *gif = DGifOpenFileName(path, NULL);
  assert_non_null(gif);
  assert_int_equal(DGifSlurp(gif), GIF_OK);
  assert_int_equal(gif->ImageCount, 4);
  assert_int_equal(gif->SWidth, 400);
  assert_int_equal(gif->SHeight, 300);
  assert_memory_equal(gif->SavedImages[0].ExtensionBlocks[0].Bytes, "NETSCAPE2.0", 11);
  unsigned char *shown = calloc(400 * 300, 3);
  for (int i = 0; i < 4; i++) {
    const SavedImage *frame = &gif->SavedImages[i];
    GraphicsControlBlock control;
    assert_int_equal(DGifSavedExtensionToGCB(gif, i, &control), GIF_OK);
    assert_int_equal(control.DelayTime, 150);
    const GifImageDesc *box = &frame->ImageDesc;
    for (int k = 0; k < box->Width * box->Height; k++) {
      int index = frame->RasterBits[k];
      int place = (box->Top + k / box->Width) * 400 + box->Left + k % box->Width;
      if (index != control.TransparentColor) {
        memcpy(shown + 3 * place, &box->ColorMap->Colors[index], 3);
      }
    }
    /* The first picture has 300 colours, of which giflib made 255. */
    assert_true(largest_difference(shown, drawn[i].rgb, (size_t)400 * 300 * 3) <= MAX_QUANTIZATION);
    assert_memory_equal(shown, drawn[i].rgb, 3);
    free(drawn[i].rgb);
  }
  free(shown);
  assert_int_equal(DGifCloseFile(gif, NULL), GIF_OK);
  assert_int_equal(unlink(path), 0);
  specrnn_figure_destroy(&figure);
}

static void animations_that_fail_leave_nothing(void **state)
{
  char folder[] = "/tmp/specrnn-gif-XXXXXX";
  assert_non_null(mkdtemp(folder));
  char path[64];
  snprintf(path, sizeof path, "%s/a.gif", folder);
  specrnn_animation *animation = NULL;
  assert_ok(specrnn_animation_create(&animation, path, 0, &LOG));
  assert_int_equal(specrnn_animation_finish(&animation, &LOG), SPECRNN_ERROR_EMPTY);
  assert_ok(specrnn_animation_create(&animation, path, 1, &LOG));
  specrnn_figure *first = new_figure(*state, 4.0, 3.0);
  specrnn_figure *second = new_figure(*state, 4.0, 2.0);
  add_ramp(add_panel(first, 0, 0, SPECRNN_AXIS_INDEX), 2, 1.0);
  add_ramp(add_panel(second, 0, 0, SPECRNN_AXIS_INDEX), 2, 1.0);
  assert_ok(specrnn_animation_add(animation, first, 0.1, &LOG));
  assert_int_equal(specrnn_animation_add(animation, second, 0.1, &LOG), SPECRNN_ERROR_SHAPE);
  specrnn_animation_destroy(&animation);
  specrnn_figure_destroy(&first);
  specrnn_figure_destroy(&second);
  assert_int_equal(rmdir(folder), 0);
  assert_int_equal(specrnn_animation_create(&animation, "/none/a.gif", 0, &LOG), SPECRNN_ERROR_IO);
  assert_null(animation);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      with_plotter(a_png_says_what_it_is),
      with_plotter(few_colors_make_a_palette),
      with_plotter(files_are_written_by_their_names),
      with_plotter(svg_images_stay_sharp),
      with_plotter(too_many_pixels_are_refused),
      with_plotter(huge_pictures_are_drawn_in_parts),
      with_plotter(nodes_are_lit_in_the_order_of_computing),
      with_plotter(animations_show_their_figures),
      with_plotter(animations_that_fail_leave_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
