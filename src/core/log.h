/* How the library speaks: one formatted message to the caller's log. */
#ifndef SPECRNN_SRC_CORE_LOG_H
#define SPECRNN_SRC_CORE_LOG_H

#include "specrnn/core.h"

#if defined(__GNUC__)
#define SRN_PRINTF(format_index, first_argument) __attribute__((format(printf, format_index, first_argument)))
#else
#define SRN_PRINTF(format_index, first_argument)
#endif

/* Sends an error message and returns `status`, so that a failure reads: return srn_fail(log, SPECRNN_ERROR_..., "...").
 */
specrnn_status srn_fail(const specrnn_log *log, specrnn_status status, const char *format, ...) SRN_PRINTF(3, 4);

/* The same message for every failed allocation. */
specrnn_status srn_fail_memory(const specrnn_log *log, size_t bytes);

/* Sends a message that is no failure. */
void srn_log(const specrnn_log *log, specrnn_log_level level, const char *format, ...) SRN_PRINTF(3, 4);

#endif
