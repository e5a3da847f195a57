/* Messages to the caller's log. The text is bounded, so that a failure for lack of memory can still be said. */
#include "core/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

enum { MESSAGE_SIZE = 1024, DELETE = 0x7f };

/* Lead bytes of UTF-8 with what may follow: the second byte decides about overlong forms, surrogates and the end of
 * Unicode. */
static const struct lead {
  unsigned char first, last, second_first, second_last;
  size_t length;
} LEADS[] = {
    {' ', DELETE - 1, 0, 0, 1},  {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

/* Bytes of the character that begins here; 0 for a control character and for what is no UTF-8. */
static size_t character_length(const unsigned char *text)
{
  for (size_t i = 0; i < sizeof LEADS / sizeof *LEADS; i++) {
    const struct lead *lead = &LEADS[i];
    if (text[0] < lead->first || text[0] > lead->last) {
      continue;
    }
    bool whole = lead->length == 1 || (text[1] >= lead->second_first && text[1] <= lead->second_last);
    for (size_t k = 2; whole && k < lead->length; k++) {
      whole = (text[k] & 0xc0) == 0x80;
    }
    return whole ? lead->length : 0;
  }
  return 0;
}

/* A message is one line of UTF-8, whatever a name out of a file holds. */
static void make_one_line(char *text)
{
  while (*text) {
    size_t length = character_length((const unsigned char *)text);
    if (length == 0) {
      *text = '?';
    }
    text += length > 0 ? length : 1;
  }
}

static void write_message(const specrnn_log *log, specrnn_log_level level, const char *format, va_list arguments)
{
  if (!log || !log->write) {
    return;
  }
  char message[MESSAGE_SIZE];
  vsnprintf(message, sizeof message, format, arguments);
  make_one_line(message);
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
