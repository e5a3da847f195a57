/* Text through Pango: one font map per plotter, one layout whose content changes. */
#include "plot/text.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <fontconfig/fontconfig.h>

#include "core/checked.h"
#include "core/log.h"

static const char DEFAULT_FAMILY[] = "DejaVu Sans";
/* Heights of letters in font sizes, as DejaVu Sans has them: tall letters, capitals, and what hangs below. */
static const double ASCENT = 0.76;
static const double CAPITAL = 0.73;
static const double DESCENT = 0.24;
static const double LINE_HEIGHT = 1.2;

static bool have_fonts(void)
{
  FcFontSet *fonts = FcConfigGetFonts(NULL, FcSetSystem);
  return fonts && fonts->nfont > 0;
}

static bool family_installed(const char *family)
{
  FcPattern *pattern = FcPatternBuild(NULL, FC_FAMILY, FcTypeString, family, (char *)NULL);
  FcObjectSet *objects = FcObjectSetBuild(FC_FAMILY, (char *)NULL);
  FcFontSet *found = pattern && objects ? FcFontList(NULL, pattern, objects) : NULL;
  bool installed = found && found->nfont > 0;
  if (found) {
    FcFontSetDestroy(found);
  }
  if (objects) {
    FcObjectSetDestroy(objects);
  }
  if (pattern) {
    FcPatternDestroy(pattern);
  }
  return installed;
}

/* Grey antialiasing whatever the desktop prefers: one picture everywhere. Advances are whole pixels, as cairo moves
 * glyphs to whole pixels anyway: letters with fractions of them would stand unevenly. */
static void set_font_options(PangoContext *context)
{
  cairo_font_options_t *options = cairo_font_options_create();
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_SLIGHT);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_ON);
  pango_cairo_context_set_font_options(context, options);
  cairo_font_options_destroy(options);
}

/* ------------------------------------------------------------------------------------------------------------ lines */

/* The layout holds the text, wrapped and shortened as the style says. */
static void fill_layout(specrnn_plotter *plotter, const srn_text_style *style, const char *text)
{
  PangoLayout *layout = plotter->layout;
  PangoFontDescription *font = pango_font_description_new();
  pango_font_description_set_family_static(font, plotter->family);
  pango_font_description_set_absolute_size(font, style->size_px * PANGO_SCALE);
  pango_font_description_set_weight(font, style->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  pango_layout_set_font_description(layout, font);
  pango_font_description_free(font);
  pango_layout_set_text(layout, text, -1);
  pango_layout_set_width(layout,
                         style->width_px > 0.0 ? srn_whole_int(ceil(style->width_px * PANGO_SCALE), 0, INT_MAX) : -1);
  pango_layout_set_wrap(layout, PANGO_WRAP_WORD);
  pango_layout_set_single_paragraph_mode(layout, style->lines <= 1);
  pango_layout_set_height(layout, style->lines > 1 ? -style->lines : -1);
  pango_layout_set_ellipsize(
      layout, style->width_px > 0.0
                  ? (style->lines > 1 || style->keep_start ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_MIDDLE)
                  : PANGO_ELLIPSIZE_NONE);
}

/* Lines are drawn one by one, so that their distance does not depend on the fonts that fill in for missing ones. */
static double line_width(PangoLayoutLine *line)
{
  PangoRectangle logical;
  pango_layout_line_get_extents(line, NULL, &logical);
  return (double)logical.width / PANGO_SCALE;
}

srn_extent srn_text_measure(specrnn_plotter *plotter, const srn_text_style *style, const char *text)
{
  srn_extent extent = {0.0, 0.0};
  if (!*text) {
    return extent;
  }
  fill_layout(plotter, style, text);
  int lines = pango_layout_get_line_count(plotter->layout);
  for (int i = 0; i < lines; i++) {
    extent.width = fmax(extent.width, line_width(pango_layout_get_line_readonly(plotter->layout, i)));
  }
  extent.height = style->size_px * (ASCENT + DESCENT + (lines - 1) * LINE_HEIGHT);
  return extent;
}

bool srn_text_fits(specrnn_plotter *plotter, const srn_text_style *style, const char *text)
{
  fill_layout(plotter, style, text);
  return !pango_layout_is_ellipsized(plotter->layout);
}

/* The width of one character. A new size costs Pango 0.6 ms: only sizes that are drawn are asked for. */
static double advance_of(specrnn_plotter *plotter, double size_px, int index, const char *character)
{
  if (plotter->advance_size_px != size_px) {
    memset(plotter->advance, 0, sizeof plotter->advance);
    plotter->advance_size_px = size_px;
  }
  if (plotter->advance[index] == 0.0) {
    srn_text_style style = {.size_px = size_px};
    plotter->advance[index] = srn_text_measure(plotter, &style, character).width;
  }
  return plotter->advance[index];
}

double srn_text_label_width(specrnn_plotter *plotter, double size_px, const char *text)
{
  static const char MINUS[] = "\xe2\x88\x92";
  double width = 0.0;
  for (const char *c = text; *c; c++) {
    if (!strncmp(c, MINUS, sizeof MINUS - 1)) {
      width += advance_of(plotter, size_px, SRN_ASCII, MINUS);
      c += sizeof MINUS - 2;
    } else if ((unsigned char)*c < SRN_ASCII) {
      width += advance_of(plotter, size_px, *c, (const char[]){*c, '\0'});
    } else {
      srn_text_style style = {.size_px = size_px};
      return srn_text_measure(plotter, &style, text).width;
    }
  }
  return width;
}

/* Where the first baseline lies below the anchor. */
static double first_baseline(const srn_text_style *style, int lines)
{
  double below_first = (lines - 1) * LINE_HEIGHT;
  switch (style->along) {
  case SRN_START: return style->size_px * ASCENT;
  case SRN_MIDDLE: return style->size_px * (CAPITAL - below_first) / 2.0;
  case SRN_END: break;
  }
  return -style->size_px * below_first;
}

void srn_text_draw(cairo_t *cairo, specrnn_plotter *plotter, const srn_text_style *style, double x, double y,
                   const char *text)
{
  if (!*text) {
    return;
  }
  cairo_save(cairo);
  cairo_translate(cairo, x, y);
  if (style->vertical) {
    cairo_rotate(cairo, -asin(1.0));
  }
  fill_layout(plotter, style, text);
  int lines = pango_layout_get_line_count(plotter->layout);
  double baseline = first_baseline(style, lines);
  for (int i = 0; i < lines; i++) {
    PangoLayoutLine *line = pango_layout_get_line_readonly(plotter->layout, i);
    double shift = style->across == SRN_START ? 0.0 : style->across == SRN_MIDDLE ? 0.5 : 1.0;
    cairo_move_to(cairo, -shift * line_width(line), baseline + i * LINE_HEIGHT * style->size_px);
    pango_cairo_show_layout_line(cairo, line);
  }
  cairo_restore(cairo);
}

bool srn_text_is_ascii(const char *text)
{
  while (*text >= ' ' && *text <= '~') {
    text++;
  }
  return !*text;
}

int srn_text_missing(specrnn_plotter *plotter, double size_px, const char *text)
{
  srn_text_style style = {.size_px = size_px};
  fill_layout(plotter, &style, text);
  return pango_layout_get_unknown_glyphs_count(plotter->layout);
}

/* ----------------------------------------------------------------------------------------------------------- loading
 */

static void load(specrnn_plotter *plotter)
{
  plotter->has_fonts = have_fonts();
  if (!plotter->has_fonts) {
    return;
  }
  plotter->has_family = family_installed(plotter->family);
  plotter->fonts = pango_cairo_font_map_new();
  plotter->context = pango_font_map_create_context(plotter->fonts);
  set_font_options(plotter->context);
  pango_context_set_round_glyph_positions(plotter->context, TRUE);
  plotter->layout = pango_layout_new(plotter->context);
}

/* Beside what else there is to do, a text as most pictures have it makes Pango and cairo open the font and its letters.
 * What they keep of that changes no pixel of what is drawn later. */
static void warm_up(specrnn_plotter *plotter)
{
  enum { SIDE_PX = 16 };
  static const double DEFAULT_PX = 10.0 * 100.0 / 72.0; /* of a figure's labels; titles are larger */
  static const double SCALES[] = {1.0, 1.2};
  cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_A8, SIDE_PX, SIDE_PX);
  cairo_t *cairo = cairo_create(image); /* in error, where memory was short: then it draws nothing */
  for (size_t i = 0; i < sizeof SCALES / sizeof *SCALES; i++) {
    srn_text_style style = {.size_px = DEFAULT_PX * SCALES[i]};
    srn_text_draw(cairo, plotter, &style, 0.0, 0.0, "Spectrogram, Time (s), Frequency (Hz) 0123456789.:\xe2\x88\x92");
  }
  cairo_destroy(cairo);
  cairo_surface_destroy(image);
}

/* Signals may interrupt the wait. */
static void wait_for(sem_t *semaphore)
{
  while (sem_wait(semaphore) && errno == EINTR) {
  }
}

static void *run_loader(void *user)
{
  specrnn_plotter *plotter = user;
  sem_post(&plotter->begun);
  wait_for(&plotter->go);
  load(plotter);
  if (plotter->has_fonts) {
    warm_up(plotter);
  }
  return NULL;
}

static void forget_start(specrnn_plotter *plotter)
{
  sem_destroy(&plotter->begun);
  sem_destroy(&plotter->go);
}

/* A new thread may begin on its maker's processor, and push it aside for milliseconds while another one is idle; who
 * wakes looks for an idle one. So each waits for the other once. */
static bool start_loader(specrnn_plotter *plotter)
{
  if (sem_init(&plotter->begun, 0, 0) || sem_init(&plotter->go, 0, 0)) {
    return false;
  }
  if (pthread_create(&plotter->loader, NULL, run_loader, plotter)) {
    forget_start(plotter);
    return false;
  }
  wait_for(&plotter->begun);
  sem_post(&plotter->go);
  return true;
}

/* What loading found. */
static specrnn_status report(const specrnn_plotter *plotter, const specrnn_log *log)
{
  if (!plotter->has_fonts) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "no font is installed: pictures need one (fonts-dejavu-core)");
  }
  if (!plotter->has_family) {
    srn_log(log, SPECRNN_LOG_WARNING, "font '%s' is not installed; another one is used", plotter->family);
  }
  return SPECRNN_OK;
}

static void wait_for_loader(specrnn_plotter *plotter)
{
  if (plotter->loading) {
    pthread_join(plotter->loader, NULL);
    forget_start(plotter);
    plotter->loading = false;
  }
}

specrnn_status srn_text_ready(specrnn_plotter *plotter, const specrnn_log *log)
{
  bool first = plotter->loading;
  wait_for_loader(plotter);
  return first || !plotter->has_fonts ? report(plotter, log) : SPECRNN_OK;
}

specrnn_status specrnn_plotter_create(specrnn_plotter **out, const specrnn_plotter_config *config,
                                      const specrnn_log *log)
{
  if (!out) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "no place for the plotter");
  }
  specrnn_plotter *plotter = calloc(1, sizeof *plotter);
  char *family = plotter ? srn_text_copy(config && config->font_family ? config->font_family : DEFAULT_FAMILY) : NULL;
  if (!family) {
    free(plotter);
    return srn_fail_memory(log, sizeof *plotter);
  }
  plotter->family = family;
  plotter->loading = config && config->background && start_loader(plotter);
  if (!plotter->loading) {
    load(plotter);
    specrnn_status status = report(plotter, log);
    if (status) {
      specrnn_plotter_destroy(&plotter);
      return status;
    }
  }
  *out = plotter;
  return SPECRNN_OK;
}

void specrnn_plotter_destroy(specrnn_plotter **plotter)
{
  if (!plotter || !*plotter) {
    return;
  }
  wait_for_loader(*plotter);
  if ((*plotter)->has_fonts) {
    g_object_unref((*plotter)->layout);
    g_object_unref((*plotter)->context);
    g_object_unref((*plotter)->fonts);
  }
  free((*plotter)->family);
  free(*plotter);
  *plotter = NULL;
}

char *srn_text_copy(const char *text)
{
  char *valid = g_utf8_make_valid(text, -1);
  char *copy = strdup(valid);
  g_free(valid);
  return copy;
}
