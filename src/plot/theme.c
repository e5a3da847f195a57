/* Colours of the themes. The cycle is Tableau's ten colours, as matplotlib's tab10; lightened on dark paper. */
#include "plot/theme.h"

static const srn_theme THEMES[] = {
    [SPECRNN_THEME_LIGHT] =
        {
            .paper = {255, 255, 255},
            .ground = {255, 255, 255},
            .ink = {0, 0, 0},
            .faint = {160, 160, 160},
            .missing = {128, 128, 128},
            .cursor = {0, 190, 255},
            .accent = {214, 39, 40},
            .cycle = {{31, 119, 180},
                      {255, 127, 14},
                      {44, 160, 44},
                      {214, 39, 40},
                      {148, 103, 189},
                      {140, 86, 75},
                      {227, 119, 194},
                      {127, 127, 127},
                      {188, 189, 34},
                      {23, 190, 207}},
        },
    [SPECRNN_THEME_DARK] =
        {
            .paper = {24, 25, 29},
            .ground = {13, 14, 17},
            .ink = {222, 222, 226},
            .faint = {96, 98, 106},
            .missing = {110, 110, 110},
            .cursor = {0, 210, 255},
            .accent = {255, 99, 89},
            .cycle = {{92, 169, 226},
                      {255, 157, 72},
                      {92, 196, 92},
                      {240, 98, 94},
                      {182, 146, 219},
                      {184, 134, 122},
                      {240, 152, 213},
                      {165, 165, 165},
                      {210, 211, 80},
                      {72, 211, 225}},
        },
};

const srn_theme *srn_theme_get(specrnn_theme theme)
{
  return &THEMES[theme];
}
