/* Writing safetensors: the whole model, or its weights alone. */
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "io/sink.h"
#include "model/metadata.h"
#include "model/object.h"

/* A tensor to be written, float. */
typedef struct item {
  char name[SRN_PARAMETER_NAME_SIZE];
  size_t rank, shape[2];
  const float *data;
} item;

typedef struct item_list {
  item *items;
  size_t count;
} item_list;

static size_t item_count(const item *it)
{
  return it->shape[0] * (it->rank == 2 ? it->shape[1] : 1);
}

static void add(item_list *list, const char *name, const float *data, size_t rows, size_t columns)
{
  item *it = &list->items[list->count++];
  snprintf(it->name, sizeof it->name, "%s", name);
  it->rank = columns ? 2 : 1;
  it->shape[0] = rows;
  it->shape[1] = columns;
  it->data = data;
}

static void add_parameters(item_list *list, const specrnn_model *model)
{
  for (size_t i = 0; i < model->info.n_parameters; i++) {
    const specrnn_parameter *p = &model->parameters[i];
    add(list, p->name, p->data, p->shape[0], p->rank == 2 ? p->shape[1] : 0);
  }
}

static void add_own(item_list *list, const specrnn_model *model)
{
  const specrnn_model_info *info = &model->info;
  if (model->mean) {
    add(list, SRN_TENSOR_MEAN, model->mean, info->input_size, 0);
    add(list, SRN_TENSOR_SCALE, model->scale, info->input_size, 0);
  }
  for (size_t i = 0; i < info->n_tests; i++) {
    char name[64];
    snprintf(name, sizeof name, SRN_TENSOR_TEST "%zu.input", i);
    add(list, name, model->tests[i].input, model->tests[i].n_frames, info->input_size);
    snprintf(name, sizeof name, SRN_TENSOR_TEST "%zu.output", i);
    add(list, name, model->tests[i].output, model->tests[i].n_frames, info->output_size);
  }
}

/* ------------------------------------------------------------------------------------------------------------- header
 */

static bool put_item(json_t *header, const item *it, size_t *offset)
{
  size_t end = *offset + item_count(it) * sizeof(float);
  json_t *shape = it->rank == 2 ? json_pack("[I, I]", (json_int_t)it->shape[0], (json_int_t)it->shape[1])
                                : json_pack("[I]", (json_int_t)it->shape[0]);
  json_t *entry = json_pack("{s:s, s:o, s:[I, I]}", "dtype", "F32", "shape", shape, "data_offsets", (json_int_t)*offset,
                            (json_int_t)end);
  *offset = end;
  return entry && json_object_set_new(header, it->name, entry) == 0;
}

/* The header's text, padded with spaces so that the data begin on a multiple of 8; takes the metadata over. */
static specrnn_status make_header(char **out, const item_list *list, json_t *metadata, const specrnn_log *log)
{
  enum { ALIGNMENT = 8 };
  size_t offset = 0;
  json_t *header = json_object();
  bool done = header && json_object_set_new(header, "__metadata__", metadata) == 0;
  for (size_t i = 0; i < list->count && done; i++) {
    done = put_item(header, &list->items[i], &offset);
  }
  char *text = done ? json_dumps(header, JSON_COMPACT) : NULL;
  json_decref(header);
  size_t length = text ? strlen(text) : 0;
  char *padded = text ? realloc(text, length + ALIGNMENT + 1) : NULL;
  if (!padded) {
    free(text);
    return srn_fail_memory(log, length);
  }
  while (length % ALIGNMENT) {
    padded[length++] = ' ';
  }
  padded[length] = '\0';
  *out = padded;
  return SPECRNN_OK;
}

/* --------------------------------------------------------------------------------------------------------------- file
 */

static specrnn_status write_items(srn_sink *sink, const char *header, const item_list *list, const specrnn_log *log)
{
  const uint64_t length = strlen(header);
  specrnn_status status = srn_sink_write_numbers(sink, &length, 1, sizeof length, log);
  if (!status) {
    status = srn_sink_write(sink, header, strlen(header), log);
  }
  for (size_t i = 0; i < list->count && !status; i++) {
    const item *it = &list->items[i];
    status = srn_sink_write_numbers(sink, it->data, item_count(it), sizeof *it->data, log);
  }
  return status;
}

static specrnn_status write_file(const char *path, const char *header, const item_list *list, const specrnn_log *log)
{
  srn_sink sink;
  specrnn_status status = srn_sink_open(&sink, path, SRN_SINK_DIRECT, log);
  if (status) {
    return status;
  }
  status = write_items(&sink, header, list, log);
  if (status) {
    srn_sink_abandon(&sink);
    return status;
  }
  return srn_sink_commit(&sink, log);
}

static specrnn_status write_model(const specrnn_model *model, const char *path, bool whole, json_t *metadata,
                                  const specrnn_log *log)
{
  size_t most = model->info.n_parameters + 2 + 2 * model->info.n_tests;
  item_list list = {calloc(most, sizeof *list.items), 0};
  if (!list.items) {
    json_decref(metadata);
    return srn_fail_memory(log, most * sizeof *list.items);
  }
  add_parameters(&list, model);
  if (whole) {
    add_own(&list, model);
  }
  char *header = NULL;
  specrnn_status status = make_header(&header, &list, metadata, log);
  if (!status) {
    status = write_file(path, header, &list, log);
    free(header);
  }
  free(list.items);
  return status;
}

specrnn_status specrnn_model_save(const specrnn_model *model, const char *path, const specrnn_log *log)
{
  json_t *metadata;
  specrnn_status status = srn_metadata_write(&metadata, model, log);
  return status ? status : write_model(model, path, true, metadata, log);
}

specrnn_status specrnn_model_export(const specrnn_model *model, const char *path, const specrnn_log *log)
{
  json_t *metadata = json_pack("{s:s}", "format", "pt");
  return metadata ? write_model(model, path, false, metadata, log) : srn_fail_memory(log, 0);
}
