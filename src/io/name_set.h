/* The names that a file has already. */
#ifndef SPECRNN_SRC_IO_NAME_SET_H
#define SPECRNN_SRC_IO_NAME_SET_H

#include "specrnn/core.h"

typedef struct srn_name_set {
  void *root; /* of a tree of tsearch */
} srn_name_set;

/* SPECRNN_ERROR_ARGUMENT with "the name NAME occurs twice" where it is there already. */
SPECRNN_MUST_CHECK specrnn_status srn_name_set_add(srn_name_set *set, const char *name, const specrnn_log *log);

void srn_name_set_clear(srn_name_set *set);

#endif
