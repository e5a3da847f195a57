/* The order in which the modules of a state_dict run. */
#ifndef SPECRNN_SRC_MODEL_ORDER_H
#define SPECRNN_SRC_MODEL_ORDER_H

#include "model/infer.h"

/* Brings the modules into the order in which they run:
 *   `names`, a list "a,b,c" of all of them, where it is not NULL;
 *   else the order in which they come, where that is the order of registration and their widths chain in it;
 *   else the only order in which their widths chain. Names that differ by a number alone keep the order of the numbers.
 * What is assumed goes to the log. More than one order, none, or a weight that may as well be an embedding is
 * SPECRNN_ERROR_UNSUPPORTED, with the orders and the way to name one in the message. */
SPECRNN_MUST_CHECK specrnn_status srn_order_modules(srn_found_module *modules, size_t count, bool registered,
                                                    const char *names, const specrnn_log *log);

/* The next name of a list "a,b,c"; false at its end. */
bool srn_next_name(const char **list, const char **name, size_t *length);

#endif
