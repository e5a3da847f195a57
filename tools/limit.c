/* The limit on memory, and the readers that it holds for. */
#include "limit.h"
#include "readable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Bytes; 0: in proportion to the file. The command line says it once, before anything is read. */
static uint64_t memory_limit;

bool limit_set(const char *text)
{
  static const struct {
    const char *suffix;
    uint64_t factor;
  } UNITS[] = {{"", 1}, {"k", UINT64_C(1) << 10}, {"M", UINT64_C(1) << 20}, {"G", UINT64_C(1) << 30}};
  if (!strcmp(text, "none")) {
    memory_limit = UINT64_MAX;
    return true;
  }
  char *end;
  errno = 0;
  unsigned long long number = text[0] >= '0' && text[0] <= '9' ? strtoull(text, &end, 10) : 0;
  if (!number || errno) { /* 0 is no limit that anything could keep */
    return false;
  }
  for (size_t i = 0; i < sizeof UNITS / sizeof *UNITS; i++) {
    if (!strcmp(end, UNITS[i].suffix) && number <= UINT64_MAX / UNITS[i].factor) {
      memory_limit = number * UNITS[i].factor;
      return true;
    }
  }
  return false;
}

specrnn_status limit_npz_open(specrnn_npz **out, const char *path, const specrnn_log *log)
{
  const char *readable;
  specrnn_status status = readable_path(&readable, path, log);
  status = status ? status : specrnn_npz_open(out, readable, log);
  if (!status && memory_limit) {
    specrnn_npz_set_limit(*out, memory_limit);
  }
  return status;
}

specrnn_status limit_model_load(specrnn_model **out, const char *path, const specrnn_model_load_config *config,
                                const specrnn_log *log)
{
  specrnn_model_load_config limited = SPECRNN_MODEL_LOAD_CONFIG_INIT;
  if (config) {
    limited = *config;
  }
  limited.memory_limit = memory_limit;
  const char *readable;
  specrnn_status status = readable_path(&readable, path, log);
  return status ? status : specrnn_model_load(out, readable, &limited, log);
}
