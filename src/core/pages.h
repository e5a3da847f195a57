/* Memory in large pages, where the system has them. */
#ifndef SPECRNN_SRC_CORE_PAGES_H
#define SPECRNN_SRC_CORE_PAGES_H

#include <stddef.h>

enum { SRN_LARGE_PAGE = 1 << 21 };

/* Asks for the whole pages in this memory, before their first touch, as few large ones: the first touch costs less, and
 * what is read over and over lies in one piece for the caches and the address translation. A refusal does no harm. */
void srn_pages_advise_large(void *memory, size_t bytes);

#endif
