/* Writing safetensors: the whole model, or its weights alone. */
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "io/sink.h"
#include "model/metadata.h"
#include "model/object.h"

/* How the numbers of a tensor go into the file. */
typedef enum item_type { ITEM_F32, ITEM_BF16, ITEM_INT8, ITEM_ROW_SCALES, ITEM_TYPES } item_type;

static specrnn_status write_f32(srn_sink *sink, const float *row, size_t count, const specrnn_log *log)
{
  return srn_sink_write_numbers(sink, row, count, sizeof *row, log);
}

static specrnn_status write_bf16(srn_sink *sink, const float *row, size_t count, const specrnn_log *log)
{
  specrnn_status status = SPECRNN_OK;
  for (size_t i = 0; i < count && !status; i++) {
    uint16_t narrow = srn_bf16_of(row[i]);
    status = srn_sink_write_numbers(sink, &narrow, 1, sizeof narrow, log);
  }
  return status;
}

static specrnn_status write_int8(srn_sink *sink, const float *row, size_t count, const specrnn_log *log)
{
  int8_t whole[SRN_INT8_MOST_DEPTH];
  srn_int8_row(whole, row, count);
  return srn_sink_write(sink, whole, count, log);
}

static specrnn_status write_row_scale(srn_sink *sink, const float *row, size_t count, const specrnn_log *log)
{
  int8_t whole[SRN_INT8_MOST_DEPTH];
  float scale = srn_int8_row(whole, row, count);
  return srn_sink_write_numbers(sink, &scale, 1, sizeof scale, log);
}

static const struct {
  const char *dtype;
  size_t size; /* of a number */
  specrnn_status (*write_row)(srn_sink *sink, const float *row, size_t count, const specrnn_log *log);
} ITEM_KINDS[ITEM_TYPES] = {
    [ITEM_F32] = {"F32", sizeof(float), write_f32},
    [ITEM_BF16] = {"BF16", sizeof(uint16_t), write_bf16},
    [ITEM_INT8] = {"I8", sizeof(int8_t), write_int8},
    [ITEM_ROW_SCALES] = {"F32", sizeof(float), write_row_scale},
};

/* A tensor to be written. */
typedef struct item {
  char name[SRN_PARAMETER_NAME_SIZE + sizeof SRN_TENSOR_ROW_SCALE];
  item_type type;
  size_t rank, shape[2];
  const float *data; /* NULL: parameter array `index` of the model */
  size_t index;
  size_t n_rows, row_size; /* of the numbers: more than the shape says where a row becomes one number */
} item;

typedef struct item_list {
  const specrnn_model *model;
  item *items;
  size_t count;
} item_list;

static size_t item_count(const item *it)
{
  return it->shape[0] * (it->rank == 2 ? it->shape[1] : 1);
}

static item *add(item_list *list, const char *name, const float *data, size_t rows, size_t columns)
{
  item *it = &list->items[list->count++];
  snprintf(it->name, sizeof it->name, "%s", name);
  it->rank = columns ? 2 : 1;
  it->shape[0] = rows;
  it->shape[1] = columns;
  it->data = data;
  it->n_rows = columns ? rows : 1;
  it->row_size = columns ? columns : rows;
  return it;
}

static item *add_parameter(item_list *list, size_t index)
{
  const specrnn_parameter *p = &list->model->parameters[index];
  item *it = add(list, p->name, NULL, p->shape[0], p->rank == 2 ? p->shape[1] : 0);
  it->index = index;
  return it;
}

/* The parameters that are written as float. */
static void add_parameters(item_list *list, const specrnn_model *model, bool but_matrices)
{
  for (size_t i = 0; i < model->info.n_parameters; i++) {
    const specrnn_parameter *p = &model->parameters[i];
    if (p->rank == 1 || !but_matrices) {
      add_parameter(list, i);
    }
  }
}

/* Matrices of another type; they come last, so that all floats are aligned. */
static void add_narrow_matrices(item_list *list, const specrnn_model *model)
{
  bool int8 = model->info.weight_type == SPECRNN_WEIGHT_INT8;
  for (size_t pass = int8 ? 0 : 1; pass < 2; pass++) { /* the scales of all first */
    for (size_t i = 0; i < model->info.n_parameters; i++) {
      const specrnn_parameter *p = &model->parameters[i];
      if (p->rank == 1) {
        continue;
      }
      item *it = add_parameter(list, i);
      it->type = int8 ? ITEM_INT8 : ITEM_BF16;
      if (pass == 0) {
        snprintf(it->name, sizeof it->name, SRN_TENSOR_ROW_SCALE "%s", p->name);
        it->type = ITEM_ROW_SCALES;
        it->rank = 1;
      }
    }
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
  size_t end = *offset + item_count(it) * ITEM_KINDS[it->type].size;
  json_t *shape = it->rank == 2 ? json_pack("[I, I]", (json_int_t)it->shape[0], (json_int_t)it->shape[1])
                                : json_pack("[I]", (json_int_t)it->shape[0]);
  json_t *entry = json_pack("{s:s, s:o, s:[I, I]}", "dtype", ITEM_KINDS[it->type].dtype, "shape", shape, "data_offsets",
                            (json_int_t)*offset, (json_int_t)end);
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

/* Rows of an item, from memory or from the model as they are needed. */
static specrnn_status write_item(srn_sink *sink, const item_list *list, const item *it, const specrnn_log *log)
{
  const srn_parameter_spec shape = {.n_rows = it->n_rows, .row_size = it->row_size};
  size_t at_once = it->data ? it->n_rows : srn_rows_at_once(&shape);
  float *unpacked = it->data ? NULL : malloc(at_once * it->row_size * sizeof *unpacked);
  if (!it->data && !unpacked) {
    return srn_fail_memory(log, at_once * it->row_size * sizeof *unpacked);
  }
  specrnn_status status = SPECRNN_OK;
  for (size_t row = 0; row < it->n_rows && !status; row += at_once) {
    size_t n_rows = it->n_rows - row < at_once ? it->n_rows - row : at_once;
    const float *values = it->data ? it->data + row * it->row_size : unpacked;
    if (unpacked) {
      srn_cache_get_rows(list->model->cache, it->index, row, n_rows, unpacked);
    }
    for (size_t r = 0; r < n_rows && !status; r++) {
      status = ITEM_KINDS[it->type].write_row(sink, values + r * it->row_size, it->row_size, log);
    }
  }
  free(unpacked);
  return status;
}

static specrnn_status write_items(srn_sink *sink, const char *header, const item_list *list, const specrnn_log *log)
{
  const uint64_t length = strlen(header);
  specrnn_status status = srn_sink_write_numbers(sink, &length, 1, sizeof length, log);
  if (!status) {
    status = srn_sink_write(sink, header, strlen(header), log);
  }
  for (size_t i = 0; i < list->count && !status; i++) {
    status = write_item(sink, list, &list->items[i], log);
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
  size_t most = 2 * model->info.n_parameters + 2 + 2 * model->info.n_tests;
  bool narrow = whole && model->info.weight_type != SPECRNN_WEIGHT_F32;
  item_list list = {model, calloc(most, sizeof *list.items), 0};
  if (!list.items) {
    json_decref(metadata);
    return srn_fail_memory(log, most * sizeof *list.items);
  }
  add_parameters(&list, model, narrow);
  if (whole) {
    add_own(&list, model);
  }
  if (narrow) {
    add_narrow_matrices(&list, model);
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
  json_t *metadata;
  specrnn_status status = srn_metadata_of_state_dict(&metadata, model, log);
  return status ? status : write_model(model, path, false, metadata, log);
}
