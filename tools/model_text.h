/* What a model is, as text and as JSON. */
#ifndef SPECRNN_TOOLS_MODEL_TEXT_H
#define SPECRNN_TOOLS_MODEL_TEXT_H

#include <jansson.h>

#include "specrnn/model.h"

/* What loading had to assume of a state_dict; errors and warnings go to stderr. */
typedef struct model_notes {
  const char *remark; /* on the model as a whole, or NULL */
  const char *path;
  char **texts;
  size_t count;
} model_notes;

/* A log for specrnn_model_load. `notes` begins with the path and zeros. */
specrnn_log model_notes_log(model_notes *notes);
void model_notes_release(model_notes *notes);

void model_print(const specrnn_model *model, const model_notes *notes);

/* NULL without memory, or where a name is not UTF-8. */
json_t *model_json(const specrnn_model *model, const model_notes *notes);

#endif
