/* Texts of all scripts, and what is said where fonts are missing. Every case has a process of its own, as fontconfig
 * reads its configuration once. */
#include "plot_testing.h"

#include <sys/wait.h>
#include <unistd.h>

static int run_apart(int (*body)(void))
{
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    _exit(body());
  }
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A plotter that loads beside says so at the first picture, not before. */
static bool says_it_later(void)
{
  const specrnn_plotter_config config = {.background = true};
  specrnn_plotter *plotter = NULL;
  specrnn_figure *figure = NULL;
  specrnn_panel *panel = NULL;
  void *data = NULL;
  size_t size = 0;
  bool made = !specrnn_plotter_create(&plotter, &config, &LOG) &&
              !specrnn_figure_create(&figure, plotter, NULL, &LOG) &&
              !specrnn_figure_add_panel(figure, &panel, NULL, &LOG);
  last_message[0] = '\0';
  specrnn_status status = specrnn_figure_encode(figure, SPECRNN_PICTURE_PNG, &data, &size, &LOG);
  bool said = strstr(last_message, "no font is installed");
  const specrnn_panel_config greek = {
      .row = 1, .weight = 1.0, .title = "\xce\xa6", .x = SPECRNN_AXIS_INIT, .y = SPECRNN_AXIS_INIT};
  bool refused = specrnn_figure_add_panel(figure, &panel, &greek, &LOG) == SPECRNN_ERROR_UNSUPPORTED;
  specrnn_figure_destroy(&figure);
  specrnn_plotter_destroy(&plotter);
  return made && said && refused && status == SPECRNN_ERROR_UNSUPPORTED && !data;
}

static int without_fonts(void)
{
  char path[] = "/tmp/specrnn-fonts-XXXXXX";
  int descriptor = mkstemp(path);
  static const char CONFIG[] = "<?xml version=\"1.0\"?><!DOCTYPE fontconfig SYSTEM \"urn:fontconfig:fonts.dtd\">"
                               "<fontconfig></fontconfig>";
  bool written = write(descriptor, CONFIG, sizeof CONFIG - 1) == (ssize_t)(sizeof CONFIG - 1);
  close(descriptor);
  setenv("FONTCONFIG_FILE", path, 1);
  specrnn_plotter *plotter = NULL;
  specrnn_status status = specrnn_plotter_create(&plotter, NULL, &LOG);
  bool said = strstr(last_message, "no font is installed") && strstr(last_message, "fonts-dejavu-core");
  said = said && says_it_later();
  unlink(path);
  return written && status == SPECRNN_ERROR_UNSUPPORTED && !plotter && said ? 0 : 1;
}

static void no_fonts_are_an_error(void **state)
{
  (void)state;
  assert_int_equal(run_apart(without_fonts), 0);
}

static picture picture_of_plotter(const specrnn_plotter_config *config)
{
  specrnn_plotter *plotter = NULL;
  specrnn_figure *figure = NULL;
  specrnn_panel *panel = NULL;
  specrnn_panel_config place = SPECRNN_PANEL_CONFIG_INIT;
  place.title = "Title";
  assert_ok(specrnn_plotter_create(&plotter, config, &LOG));
  assert_ok(specrnn_figure_create(&figure, plotter, NULL, &LOG));
  assert_ok(specrnn_figure_add_panel(figure, &panel, &place, &LOG));
  picture p = draw(figure);
  specrnn_figure_destroy(&figure);
  specrnn_plotter_destroy(&plotter);
  return p;
}

/* Which thread loads the fonts shows in no pixel, and a plotter that is never used ends as well. */
static void fonts_loaded_beside_draw_the_same(void **state)
{
  (void)state;
  const specrnn_plotter_config config = {.background = true};
  picture expected = picture_of_plotter(NULL);
  picture p = picture_of_plotter(&config);
  assert_int_equal(p.header.width, expected.header.width);
  assert_int_equal(p.header.height, expected.header.height);
  assert_memory_equal(p.rgb, expected.rgb, (size_t)3 * p.header.width * p.header.height);
  free(p.rgb);
  free(expected.rgb);
  specrnn_plotter *plotter = NULL;
  assert_ok(specrnn_plotter_create(&plotter, &config, &LOG));
  specrnn_plotter_destroy(&plotter);
  assert_null(plotter);
}

static void unknown_families_are_replaced(void **state)
{
  (void)state;
  specrnn_plotter_config config = SPECRNN_PLOTTER_CONFIG_INIT;
  config.font_family = "No Such Family";
  specrnn_plotter *plotter = NULL;
  assert_ok(specrnn_plotter_create(&plotter, &config, &LOG));
  assert_says("font 'No Such Family' is not installed");
  specrnn_plotter_destroy(&plotter);
  assert_null(plotter);
}

/* Dark pixels of a figure without panels' data but with this title, and whether characters were missing. */
static size_t ink_of(specrnn_plotter *plotter, const char *title, bool *missing)
{
  last_message[0] = '\0';
  specrnn_panel_config place = SPECRNN_PANEL_CONFIG_INIT;
  place.title = title;
  specrnn_figure *figure = NULL;
  specrnn_panel *panel = NULL;
  assert_ok(specrnn_figure_create(&figure, plotter, NULL, &LOG));
  assert_ok(specrnn_figure_add_panel(figure, &panel, &place, &LOG));
  *missing = strstr(last_message, "no installed font has") != NULL;
  picture p = draw(figure);
  size_t dark = 0;
  for (int y = 0; y < 50; y++) { /* above the axes and the tick labels */
    for (int x = 0; x < (int)p.header.width; x++) {
      dark += pixel_at(&p, x, y)[1] < 128;
    }
  }
  free(p.rgb);
  specrnn_figure_destroy(&figure);
  return dark;
}

static void greek_and_cyrillic_are_written(void **state)
{
  bool missing;
  assert_int_equal(ink_of(*state, "", &missing), 0);
  size_t latin = ink_of(*state, "spectrum", &missing);
  assert_true(latin > 100 && !missing);
  assert_true(ink_of(*state, "\xce\xa6\xce\xac\xcf\x83\xce\xbc\xce\xb1", &missing) > 50);
  assert_false(missing);
  assert_true(ink_of(*state, "\xd0\xa1\xd0\xbf\xd0\xb5\xd0\xba\xd1\x82\xd1\x80", &missing) > 50);
  assert_false(missing);
  /* What is no UTF-8 is replaced and does not end the text. */
  assert_true(ink_of(*state, "spec\xff\xfetrum", &missing) > latin / 2);
}

static void cjk_is_written_or_missed_aloud(void **state)
{
  bool missing;
  size_t ink = ink_of(*state, "\xe9\x9f\xb3\xe5\xa3\xb0", &missing);
  assert_true(ink > 20); /* the characters, or the boxes with their codes */
  if (missing) {
    print_message("# SKIPPED: no font with Chinese characters is installed\n");
    skip();
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_fonts_are_an_error), /* first: before this process has a configuration to inherit */
      cmocka_unit_test(unknown_families_are_replaced), cmocka_unit_test(fonts_loaded_beside_draw_the_same),
      with_plotter(greek_and_cyrillic_are_written),    with_plotter(cjk_is_written_or_missed_aloud),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
