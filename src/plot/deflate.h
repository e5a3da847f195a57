/* Rows of pixels as one zlib stream: by ISA-L where it was found when this was built (deflate_isal.c), by zlib
 * elsewhere (deflate_zlib.c). */
#ifndef SPECRNN_SRC_PLOT_DEFLATE_H
#define SPECRNN_SRC_PLOT_DEFLATE_H

#include <stdbool.h>

#include "specrnn/core.h"

typedef struct srn_deflater srn_deflater;

/* Takes the next bytes of the stream. It may leave by a long jump. */
typedef void (*srn_deflated)(void *user, const unsigned char *data, size_t size);

SPECRNN_MUST_CHECK specrnn_status srn_deflater_create(srn_deflater **out, const specrnn_log *log);
void srn_deflater_destroy(srn_deflater **deflater);

/* Presses the next bytes; `last` ends the stream. Nothing is allocated. */
void srn_deflater_push(srn_deflater *deflater, unsigned char *data, size_t size, bool last, srn_deflated take,
                       void *user);

#endif
