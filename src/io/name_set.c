/* A set of names, as a tree: corpora have many. */
#include "io/name_set.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"

static int compare(const void *a, const void *b)
{
  return strcmp(a, b);
}

specrnn_status srn_name_set_add(srn_name_set *set, const char *name, const specrnn_log *log)
{
  char *copy = strdup(name);
  char **found = copy ? tsearch(copy, &set->root, compare) : NULL;
  if (!found) {
    free(copy);
    return srn_fail_memory(log, strlen(name) + 1);
  }
  if (*found != copy) {
    free(copy);
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the name %s occurs twice", name);
  }
  return SPECRNN_OK;
}

void srn_name_set_clear(srn_name_set *set)
{
  while (set->root) {
    char *name = *(char **)set->root; /* a node begins with its key */
    tdelete(name, &set->root, compare);
    free(name);
  }
}
