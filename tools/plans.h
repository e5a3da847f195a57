/* Measured plans of FFTW, which --plans asks for: in a file, or in the cache folder of the user. */
#ifndef SPECRNN_TOOLS_PLANS_H
#define SPECRNN_TOOLS_PLANS_H

#include <stdbool.h>

/* The option, for tables: where it is not given, plans are estimated and results do not depend on any file. */
#define PLANS_OPTION(offset)                                                                                           \
  {                                                                                                                    \
    "plans", 0, CLI_STRING, "FILE", offset, 0, 0,                                                                      \
        "use the measured FFTW plans of a file, or of the cache folder (cache), as specrnn bench plan makes them; "    \
        "results may differ in the last bits from those of estimated plans (default)"                                  \
  }

/* Loads the plans that --plans names; NULL loads none. False after a message. */
bool plans_use(const char *choice);

/* $XDG_CACHE_HOME/specrnn/fftw-plans, by default in ~/.cache, to be freed; NULL after a message. */
char *plans_cache_path(void);

/* Makes the folders above that file. False after a message. */
bool plans_make_cache_folder(const char *path);

#endif
