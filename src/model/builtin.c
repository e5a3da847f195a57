/* The models that are built into the library: src/model/builtin, turned into arrays by tools/embed_model.py. */
#include <string.h>

#include "core/log.h"
#include "specrnn/model.h"
#include "srn_builtin_default.h"

/* The first is the one that is meant where none is named. */
static const struct {
  const char *name;
  const unsigned char *bytes;
  size_t n_bytes;
} MODELS[] = {
    {"default", srn_builtin_default, sizeof srn_builtin_default},
};

enum { N_MODELS = sizeof MODELS / sizeof *MODELS };

const char *specrnn_model_builtin_name(size_t index)
{
  return index < N_MODELS ? MODELS[index].name : NULL;
}

specrnn_status specrnn_model_load_builtin(specrnn_model **out, const char *name, const specrnn_log *log)
{
  for (size_t i = 0; i < N_MODELS; i++) {
    if (!name || !strcmp(name, MODELS[i].name)) {
      return specrnn_model_load_memory(out, MODELS[i].bytes, MODELS[i].n_bytes, NULL, log);
    }
  }
  return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "no model '%.64s' is built in; '%s' is", name, MODELS[0].name);
}
