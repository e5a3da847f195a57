/* Limits on what a load may allocate. */
#include "core/budget.h"

#include <inttypes.h>

#include "core/log.h"

srn_budget srn_budget_for(uint64_t file_size, unsigned times, uint64_t wanted)
{
  const uint64_t extra = UINT64_C(16) << 20;
  bool fits = file_size <= (UINT64_MAX - extra) / times;
  return (srn_budget){.limit = wanted ? wanted : fits ? file_size * times + extra : UINT64_MAX};
}

specrnn_status srn_budget_take(srn_budget *budget, uint64_t bytes, const char *what, const specrnn_log *log)
{
  uint64_t left = budget->limit - budget->used;
  if (bytes > left) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED,
                    "%s takes %" PRIu64 " bytes, and %" PRIu64 " of %" PRIu64
                    " are left for the file; --memory-limit allows more",
                    what, bytes, left, budget->limit);
  }
  budget->used += bytes;
  return SPECRNN_OK;
}
