/* Byte order marks. */
#include "io/text_start.h"

#include <string.h>

#include "core/log.h"

static bool begins_with(const void *bytes, size_t size, const char *mark)
{
  return size >= strlen(mark) && !memcmp(bytes, mark, strlen(mark));
}

specrnn_status srn_text_start(size_t *first, const void *bytes, size_t size, const char *what, const specrnn_log *log)
{
  static const char UTF8_MARK[] = "\xef\xbb\xbf";
  if (begins_with(bytes, size, "\xff\xfe") || begins_with(bytes, size, "\xfe\xff")) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "%s is UTF-16; save it as UTF-8", what);
  }
  const char *zero = size ? memchr(bytes, '\0', size) : NULL;
  if (zero) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED,
                    "%s has a zero byte at %zu: it is UTF-16, which is to be saved as UTF-8, or no text", what,
                    (size_t)(zero - (const char *)bytes));
  }
  *first = begins_with(bytes, size, UTF8_MARK) ? strlen(UTF8_MARK) : 0;
  return SPECRNN_OK;
}
