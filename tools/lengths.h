/* Lists of sizes on the command line: lengths of sequences, widths of layers. */
#ifndef SPECRNN_TOOLS_LENGTHS_H
#define SPECRNN_TOOLS_LENGTHS_H

#include "specrnn/core.h"

/* Reads "5,3,7" or an .npy of whole numbers, each at least 1, into an array that the caller frees. Says itself what is
 * wrong; SPECRNN_ERROR_ARGUMENT for text that is neither. */
SPECRNN_MUST_CHECK specrnn_status lengths_read(size_t **lengths, size_t *count, const char *argument);

/* The same of "128,64", the argument of --OPTION, each number from 1 to `maximum`. */
SPECRNN_MUST_CHECK specrnn_status lengths_parse(size_t **lengths, size_t *count, const char *option,
                                                const char *argument, size_t maximum);

#endif
