/* Text through Pango: measuring, shortening, drawing. */
#ifndef SPECRNN_SRC_PLOT_TEXT_H
#define SPECRNN_SRC_PLOT_TEXT_H

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>

#include <cairo.h>
#include <pango/pangocairo.h>

#include "specrnn/plot.h"

enum { SRN_ASCII = 128 };

struct specrnn_plotter {
  bool loading; /* by the loader, which alone may touch what follows */
  pthread_t loader;
  sem_t begun, go; /* the loader's start */
  bool has_fonts, has_family;
  PangoFontMap *fonts;
  PangoContext *context;
  PangoLayout *layout; /* one for all texts: its content changes */
  char *family;
  double advance_size_px;        /* the font size of the widths below */
  double advance[SRN_ASCII + 1]; /* widths of characters, 0: not yet known; the last one is the minus sign */
};

/* What of the text lies at the given point. */
typedef enum srn_anchor { SRN_START, SRN_MIDDLE, SRN_END } srn_anchor;

typedef struct srn_text_style {
  double size_px;
  bool bold;
  bool vertical;     /* written upward */
  double width_px;   /* longer texts are wrapped into `lines`, then shortened; 0: no limit */
  int lines;         /* at most; 0 is 1 */
  bool keep_start;   /* one line is shortened at its end, as a word is, not in its middle, as a file name is */
  srn_anchor across; /* along the line: START is its left end */
  srn_anchor along;  /* across the lines: START is the top, MIDDLE the middle of a capital, END the last baseline */
} srn_text_style;

typedef struct srn_extent {
  double width, height; /* of the block of lines, from the top of a tall letter to the bottom of a low one */
} srn_extent;

/* Waits until the fonts are loaded, and must come before all that follows. Fails where there are none. */
SPECRNN_MUST_CHECK specrnn_status srn_text_ready(specrnn_plotter *plotter, const specrnn_log *log);

srn_extent srn_text_measure(specrnn_plotter *plotter, const srn_text_style *style, const char *text);

/* Whether nothing of the text needs to be left out. */
bool srn_text_fits(specrnn_plotter *plotter, const srn_text_style *style, const char *text);

/* The width of a tick label: exact for digits and signs, whose widths are remembered. */
double srn_text_label_width(specrnn_plotter *plotter, double size_px, const char *text);

/* Draws in the current colour; x, y is where the anchor lies. */
void srn_text_draw(cairo_t *cairo, specrnn_plotter *plotter, const srn_text_style *style, double x, double y,
                   const char *text);

/* Whether all characters are printed ones of ASCII, which every set of fonts has. Needs no fonts loaded. */
bool srn_text_is_ascii(const char *text);

/* Characters of the text for which no font is installed. */
int srn_text_missing(specrnn_plotter *plotter, double size_px, const char *text);

/* A copy in which bytes that are not UTF-8 are replaced by U+FFFD; NULL for lack of memory. */
char *srn_text_copy(const char *text);

#endif
