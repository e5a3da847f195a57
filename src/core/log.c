/* Messages to the caller's log. The text is bounded, so that a failure for lack of memory can still be said. */
#include "core/log.h"

#include <stdarg.h>
#include <stdio.h>

enum { MESSAGE_SIZE = 1024 };

static void write_message(const specrnn_log *log, specrnn_log_level level, const char *format, va_list arguments)
{
  if (!log || !log->write) {
    return;
  }
  char message[MESSAGE_SIZE];
  vsnprintf(message, sizeof message, format, arguments);
  log->write(log->user, level, message);
}

specrnn_status srn_fail(const specrnn_log *log, specrnn_status status, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  write_message(log, SPECRNN_LOG_ERROR, format, arguments);
  va_end(arguments);
  return status;
}

specrnn_status srn_fail_memory(const specrnn_log *log, size_t bytes)
{
  return srn_fail(log, SPECRNN_ERROR_MEMORY, "out of memory (%zu bytes)", bytes);
}

void srn_log(const specrnn_log *log, specrnn_log_level level, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  write_message(log, level, format, arguments);
  va_end(arguments);
}
