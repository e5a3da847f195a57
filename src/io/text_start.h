/* How a text out of a file begins: with a byte order mark, perhaps, and not in UTF-16. */
#ifndef SPECRNN_SRC_IO_TEXT_START_H
#define SPECRNN_SRC_IO_TEXT_START_H

#include "specrnn/core.h"

/* Finds the first byte behind the byte order mark of UTF-8, which is no part of the text. `what` names it in messages.
 * @return SPECRNN_ERROR_UNSUPPORTED for UTF-16 and UTF-32, by their marks or by the zero bytes that UTF-8 does not
 * have. */
SPECRNN_MUST_CHECK specrnn_status srn_text_start(size_t *first, const void *bytes, size_t size, const char *what,
                                                 const specrnn_log *log);

#endif
