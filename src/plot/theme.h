/* Colours of the themes. */
#ifndef SPECRNN_SRC_PLOT_THEME_H
#define SPECRNN_SRC_PLOT_THEME_H

#include "specrnn/plot.h"

enum { SRN_CYCLE = 10 };

typedef struct srn_color {
  uint8_t red, green, blue;
} srn_color;

typedef struct srn_theme {
  srn_color paper;            /* around the axes */
  srn_color ground;           /* inside the axes */
  srn_color ink;              /* spines, ticks, text */
  srn_color faint;            /* borders of labels and legends */
  srn_color missing;          /* cells that are no numbers */
  srn_color cursor;           /* the moving line */
  srn_color accent;           /* what is being computed */
  srn_color cycle[SRN_CYCLE]; /* series */
} srn_theme;

const srn_theme *srn_theme_get(specrnn_theme theme);

#endif
