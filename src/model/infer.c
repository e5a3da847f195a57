/* From the names and shapes of a state_dict to a chain of modules. */
#include "model/infer.h"

#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "model/metadata.h"
#include "model/order.h"
#include "model/structure.h"

/* ---------------------------------------------------------------------------------------------------------- names */

/* Only these have a projection, or are kept as one matrix. */
enum { LSTM_GATES = 4 };

typedef enum array_kind { W_IH, W_HH, B_IH, B_HH, W_HR } array_kind;

/* The last part of a tensor's name, taken apart. */
typedef struct leaf {
  bool recurrent; /* else "weight" or "bias" */
  array_kind kind;
  bool cell; /* without "_l0" */
  size_t layer;
  bool reverse;
} leaf;

static const struct {
  const char *name;
  array_kind kind;
} RECURRENT[] = {{"weight_ih", W_IH}, {"weight_hh", W_HH}, {"bias_ih", B_IH}, {"bias_hh", B_HH}, {"weight_hr", W_HR}};

/* "", "_l12" or "_l12_reverse" */
static bool parse_suffix(const char *text, leaf *result)
{
  result->cell = !*text;
  if (result->cell) {
    return true;
  }
  if (text[0] != '_' || text[1] != 'l' || text[2] < '0' || text[2] > '9') {
    return false;
  }
  char *end;
  result->layer = strtoul(text + 2, &end, 10);
  result->reverse = !strcmp(end, "_reverse");
  return (result->reverse || !*end) && result->layer < SPECRNN_MODEL_MAX_LAYERS;
}

static bool parse_leaf(const char *name, leaf *result)
{
  *result = (leaf){0};
  if (!strcmp(name, "weight") || !strcmp(name, "bias")) {
    return true;
  }
  for (size_t i = 0; i < sizeof RECURRENT / sizeof *RECURRENT; i++) {
    size_t length = strlen(RECURRENT[i].name);
    if (!strncmp(name, RECURRENT[i].name, length)) {
      result->recurrent = true;
      result->kind = RECURRENT[i].kind;
      return parse_suffix(name + length, result);
    }
  }
  return false;
}

/* ------------------------------------------------------------------------------------------------------------ modules
 */

/* What the names of one module's tensors told. */
typedef struct found {
  char name[SPECRNN_MODEL_NAME_SIZE];
  bool recurrent, cell, bias, reverse, projected;
  size_t last_layer;
} found;

typedef struct found_list {
  found *items;
  size_t count;
} found_list;

static found *find(const found_list *list, const char *name, size_t length)
{
  for (size_t i = 0; i < list->count; i++) {
    if (strlen(list->items[i].name) == length && !memcmp(list->items[i].name, name, length)) {
      return &list->items[i];
    }
  }
  return NULL;
}

static void note_leaf(found *module, const leaf *part, const char *leaf_name)
{
  module->recurrent |= part->recurrent;
  module->bias |= part->recurrent ? part->kind == B_IH || part->kind == B_HH : !strcmp(leaf_name, "bias");
  if (part->recurrent) {
    module->cell |= part->cell;
    module->reverse |= part->reverse;
    module->projected |= part->kind == W_HR;
    module->last_layer = part->layer > module->last_layer ? part->layer : module->last_layer;
  }
}

static specrnn_status note_tensor(found_list *list, const srn_tensor *tensor, const specrnn_log *log)
{
  const char *dot = strrchr(tensor->name, '.');
  const char *leaf_name = dot ? dot + 1 : tensor->name;
  size_t length = dot ? (size_t)(dot - tensor->name) : 0;
  leaf part;
  if (!parse_leaf(leaf_name, &part)) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "%.128s is not used: it belongs to no recurrent or linear layer",
                    tensor->name);
  }
  if (length >= SPECRNN_MODEL_NAME_SIZE) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "%.128s: the module's name is longer than %d characters",
                    tensor->name, SPECRNN_MODEL_NAME_SIZE - 1);
  }
  found *module = find(list, tensor->name, length);
  if (!module) {
    module = &list->items[list->count++];
    memcpy(module->name, tensor->name, length);
  }
  note_leaf(module, &part, leaf_name);
  return SPECRNN_OK;
}

/* --------------------------------------------------------------------------------------------------- a list of names
 */

static bool is_listed(const char *list, const char *wanted)
{
  const char *name;
  size_t length;
  while (srn_next_name(&list, &name, &length)) {
    if (length == strlen(wanted) && !memcmp(name, wanted, length)) {
      return true;
    }
  }
  return false;
}

/* ------------------------------------------------------------------------------------------------------------- shapes
 */

static specrnn_status find_matrix(const srn_tensor **out, const srn_tensor_file *file, const char *module,
                                  const char *leaf_name, const specrnn_log *log)
{
  char name[SRN_PARAMETER_NAME_SIZE];
  snprintf(name, sizeof name, "%s%s%s", module, *module ? "." : "", leaf_name);
  const srn_tensor *tensor = srn_tensors_find(file, name);
  if (!tensor) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "%s is missing", name);
  }
  char shape[128];
  srn_tensor_shape_text(tensor, shape, sizeof shape);
  if (tensor->rank != 2) {
    return srn_fail(log, SPECRNN_ERROR_SHAPE, "%s has shape %s; a matrix is needed", name, shape);
  }
  for (int i = 0; i < 2; i++) {
    if (!tensor->shape[i] || tensor->shape[i] > 4 * (size_t)SPECRNN_MODEL_MAX_WIDTH) {
      return srn_fail(log, SPECRNN_ERROR_SHAPE, "%s has shape %s; layers are 1 to %d wide", name, shape,
                      SPECRNN_MODEL_MAX_WIDTH);
    }
  }
  *out = tensor;
  return SPECRNN_OK;
}

/* rows(W_hh) / cols(W_hh) tells the kind. */
static specrnn_status kind_of(srn_chain_module *module, const srn_tensor *w_hh, const specrnn_log *log)
{
  size_t rows = w_hh->shape[0];
  size_t columns = w_hh->shape[1];
  if (rows % columns == 0 && srn_module_recognise(module, rows / columns)) {
    module->hidden_size = (int)columns;
    return SPECRNN_OK;
  }
  char shape[128];
  srn_tensor_shape_text(w_hh, shape, sizeof shape);
  return srn_fail(log, SPECRNN_ERROR_SHAPE,
                  "%s has shape %s; an RNN, GRU or LSTM has 1, 3 or 4 times as many rows as "
                  "columns",
                  w_hh->name, shape);
}

static specrnn_status infer_recurrent(srn_chain_module *module, const found *f, const srn_tensor_file *file,
                                      const specrnn_log *log)
{
  const srn_tensor *w_ih, *w_hh, *w_hr;
  specrnn_status status = find_matrix(&w_ih, file, f->name, f->cell ? "weight_ih" : "weight_ih_l0", log);
  if (!status) {
    status = find_matrix(&w_hh, file, f->name, f->cell ? "weight_hh" : "weight_hh_l0", log);
  }
  if (!status && f->projected) {
    status = find_matrix(&w_hr, file, f->name, f->cell ? "weight_hr" : "weight_hr_l0", log);
  }
  if (status) {
    return status;
  }
  module->input_size = (int)w_ih->shape[1];
  module->num_layers = (int)f->last_layer + 1;
  module->bidirectional = f->reverse;
  module->cell = f->cell;
  if (f->projected && srn_module_recognise(module, LSTM_GATES)) {
    module->hidden_size = (int)w_hr->shape[1];
    module->proj_size = (int)w_hr->shape[0];
    return SPECRNN_OK;
  }
  return kind_of(module, w_hh, log);
}

static specrnn_status infer_plain(srn_found_module *out, const found *f, const srn_tensor_file *file,
                                  const specrnn_log *log)
{
  const srn_tensor *weight;
  specrnn_status status = find_matrix(&weight, file, f->name, "weight", log);
  if (status) {
    return status;
  }
  size_t rows = weight->shape[0];
  size_t columns = weight->shape[1];
  out->lone_weight = !out->concatenated && !f->bias;
  if (!out->concatenated) {
    srn_module_set_linear(&out->module, rows, columns);
    return SPECRNN_OK;
  }
  if (rows % LSTM_GATES || columns <= rows / LSTM_GATES) {
    return srn_fail(log, SPECRNN_ERROR_SHAPE, "%s has shape (%zu, %zu); an LSTM on [h; x] needs (4 H, H + I)",
                    weight->name, rows, columns);
  }
  (void)srn_module_recognise(&out->module, LSTM_GATES);
  out->module.hidden_size = (int)(rows / LSTM_GATES);
  out->module.input_size = (int)(columns - rows / LSTM_GATES);
  return SPECRNN_OK;
}

static specrnn_status infer_module(srn_found_module *out, const found *f, const srn_tensor_file *file,
                                   const specrnn_model_load_config *config, const specrnn_log *log)
{
  out->module = (srn_chain_module)SRN_CHAIN_MODULE_INIT;
  out->concatenated = is_listed(config->concatenated, f->name);
  memcpy(out->module.name, f->name, sizeof f->name);
  out->module.bias = f->bias;
  if (out->concatenated && f->recurrent) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "'%s' is no LSTM on [h; x]: its tensors are PyTorch's", f->name);
  }
  return f->recurrent ? infer_recurrent(&out->module, f, file, log) : infer_plain(out, f, file, log);
}

/* Every name in the list of concatenated modules is there. */
static specrnn_status check_concatenated(const found_list *list, const char *names, const specrnn_log *log)
{
  const char *name;
  size_t length;
  while (srn_next_name(&names, &name, &length)) {
    if (!find(list, name, length)) {
      return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the file has no module '%.*s'", (int)(length < 64 ? length : 64),
                      name);
    }
  }
  return SPECRNN_OK;
}

/* What the caller says of the order, or the file does. */
static const char *order_asked(const srn_tensor_file *file, const specrnn_model_load_config *config)
{
  return config->chain ? config->chain : srn_tensors_metadata(file, SRN_META_CHAIN);
}

static specrnn_status infer_all(srn_found_chain *chain, found_list *list, const srn_tensor_file *file,
                                const specrnn_model_load_config *config, const specrnn_log *log)
{
  specrnn_status status = SPECRNN_OK;
  for (size_t i = 0; i < file->count && !status; i++) {
    status = note_tensor(list, &file->tensors[i], log);
  }
  if (!status) {
    status = check_concatenated(list, config->concatenated, log);
  }
  for (size_t i = 0; i < list->count && !status; i++) {
    status = infer_module(&chain->modules[i], &list->items[i], file, config, log);
  }
  return status ? status
                : srn_order_modules(chain->modules, list->count, file->registered, order_asked(file, config), log);
}

specrnn_status srn_infer_chain(srn_found_chain *out, const srn_tensor_file *file,
                               const specrnn_model_load_config *config, const specrnn_log *log)
{
  if (!file->count) {
    return srn_fail(log, SPECRNN_ERROR_EMPTY, "the file holds no tensor");
  }
  found_list list = {calloc(file->count, sizeof *list.items), 0};
  srn_found_chain chain = {calloc(file->count, sizeof *chain.modules), 0};
  specrnn_status status = SPECRNN_OK;
  if (!list.items || !chain.modules) {
    status = srn_fail_memory(log, file->count * sizeof *chain.modules);
  }
  if (!status) {
    status = infer_all(&chain, &list, file, config, log);
  }
  if (status) {
    free(chain.modules);
  } else {
    chain.count = list.count;
    *out = chain;
  }
  free(list.items);
  return status;
}
