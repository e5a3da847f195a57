/* What one load may allocate, in all: a file's size is what it may ask for, whatever its headers claim. */
#ifndef SPECRNN_SRC_CORE_BUDGET_H
#define SPECRNN_SRC_CORE_BUDGET_H

#include <stdint.h>

#include "specrnn/core.h"

typedef struct srn_budget {
  uint64_t limit, used; /* bytes */
} srn_budget;

/* `times` the file's size and 16 MiB, so that a small file cannot ask for much; `wanted` instead, where it is not 0. */
srn_budget srn_budget_for(uint64_t file_size, unsigned times, uint64_t wanted);

/* Draws `bytes` for `what`. @return SPECRNN_ERROR_UNSUPPORTED, which names what was wanted and how the limit is raised;
 * nothing is drawn then. */
SPECRNN_MUST_CHECK specrnn_status srn_budget_take(srn_budget *budget, uint64_t bytes, const char *what,
                                                  const specrnn_log *log);

#endif
