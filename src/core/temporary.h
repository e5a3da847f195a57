/* Files that have no name yet, and where those that need one are remembered. */
#ifndef SPECRNN_SRC_CORE_TEMPORARY_H
#define SPECRNN_SRC_CORE_TEMPORARY_H

#include <sys/types.h>

#include "specrnn/core.h"

/* A new file for writing that will be renamed to `path`, or linked to it. It has no name where that can be, and *name
 * is NULL; else *name is one beside `path`, from malloc, which is remembered for srn_temporaries_remove. -1 on failure,
 * with the reason in errno. */
int srn_temporary_open(const char *path, char **name);

/* Gives the open file the name `path`, whatever has it, and frees `name` (of srn_temporary_open, or NULL). False on
 * failure, with the reason in errno: then nothing is left of the file once its descriptor is closed. No signal finds
 * the file under a name that is not its own. */
bool srn_temporary_place(int descriptor, char *name, const char *path);

/* Removes `name`, if there is one, and frees it. */
void srn_temporary_remove(char *name);

/* What went wrong with a file of tmpfile, which has no name that a message could hold: its folder says whose disk is
 * full. `what`: "make", "write" or "read"; `reason`: errno, or 0 where it was lost. */
SPECRNN_MUST_CHECK specrnn_status srn_fail_temporary(const specrnn_log *log, const char *what, int reason);

/* specrnn_remove_temporaries of the library that this is linked into. */
void srn_temporaries_remove(void);

#endif
