/* Reading what torch.save writes of a state_dict: a zip of a pickle (ROOT/data.pkl) and of storages (ROOT/data/KEY). */
#include <stdlib.h>
#include <string.h>

#include "core/checked.h"
#include "core/log.h"
#include "io/zip.h"
#include "model/pickle.h"
#include "model/structure.h"
#include "model/tensors.h"

enum { MAX_PICKLE = 1 << 20, MAX_ENTRY_NAME = 512 };

static const char PICKLE_NAME[] = "data.pkl";

/* A storage that was read: several tensors may be views of it. */
typedef struct storage {
  size_t entry; /* of the zip */
  const unsigned char *bytes;
  size_t n_bytes;
} storage;

typedef struct archive {
  srn_tensor_file *file;
  srn_zip *zip;
  const char *root; /* not terminated; with its '/' */
  size_t root_length;
  storage *storages;
  size_t n_storages;
} archive;

/* The pickle's entry and the folder that it lies in; SRN_ZIP_NO_ENTRY where there is none. */
static size_t find_pickle(const srn_zip *zip, size_t *root_length)
{
  for (size_t i = 0; i < srn_zip_count(zip); i++) {
    const char *name = srn_zip_name(zip, i);
    const char *slash = strrchr(name, '/');
    if (!strcmp(slash ? slash + 1 : name, PICKLE_NAME)) {
      *root_length = strlen(name) - (sizeof PICKLE_NAME - 1);
      return i;
    }
  }
  return SRN_ZIP_NO_ENTRY;
}

/* ----------------------------------------------------------------------------------------------------------- storages
 */

static size_t find_entry(const archive *a, const char *name, size_t length)
{
  char path[MAX_ENTRY_NAME];
  int written =
      snprintf(path, sizeof path, "%.*s%.*s", (int)a->root_length, a->root, (int)(length < 256 ? length : 256), name);
  return written > 0 && (size_t)written < sizeof path ? srn_zip_find(a->zip, path) : SRN_ZIP_NO_ENTRY;
}

static specrnn_status read_storage(archive *a, size_t entry, const storage **out, const specrnn_log *log)
{
  for (size_t i = 0; i < a->n_storages; i++) {
    if (a->storages[i].entry == entry) {
      *out = &a->storages[i];
      return SPECRNN_OK;
    }
  }
  unsigned char *bytes;
  uint64_t n_bytes = srn_zip_size(a->zip, entry);
  specrnn_status status = srn_tensors_block(a->file, &bytes, n_bytes, srn_zip_name(a->zip, entry), log);
  if (!status) {
    status = srn_zip_read_into(bytes, (size_t)n_bytes, a->zip, entry, log);
  }
  if (status) {
    return status;
  }
  a->storages[a->n_storages] = (storage){entry, bytes, (size_t)n_bytes};
  *out = &a->storages[a->n_storages++];
  return SPECRNN_OK;
}

/* ------------------------------------------------------------------------------------------------------------ tensors
 */

static specrnn_status dtype_of(const srn_pickled_tensor *pickled, srn_tensor *tensor, const specrnn_log *log)
{
  static const struct {
    const char *type;
    specrnn_dtype dtype;
  } TYPES[] = {{"FloatStorage", SPECRNN_F32},
               {"DoubleStorage", SPECRNN_F64},
               {"HalfStorage", SPECRNN_F16},
               {"BFloat16Storage", SPECRNN_BF16}};
  for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
    if (pickled->type_length == strlen(TYPES[i].type) && !memcmp(pickled->type, TYPES[i].type, pickled->type_length)) {
      tensor->dtype = TYPES[i].dtype;
      return SPECRNN_OK;
    }
  }
  return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "%s lies in a %.*s; weights are of float types", tensor->name,
                  (int)(pickled->type_length < 64 ? pickled->type_length : 64), pickled->type);
}

/* The view lies within its storage. An expanded one, of stride 0, may have more elements than that; their number fits a
 * size all the same. */
static bool fits(const srn_pickled_tensor *t, size_t elements, size_t item_size)
{
  size_t n_bytes = item_size;
  size_t last = 0;
  bool sound = srn_size_add(last, t->offset, &last);
  for (int i = 0; i < t->rank && sound; i++) {
    size_t reach = 0;
    sound = srn_size_mul(n_bytes, t->shape[i], &n_bytes) &&
            (!t->shape[i] || (srn_size_mul(t->shape[i] - 1, t->stride[i], &reach) && srn_size_add(last, reach, &last)));
  }
  return sound && (!n_bytes || last < elements);
}

static bool is_dense(const srn_pickled_tensor *t)
{
  uint64_t stride = 1;
  for (int i = t->rank - 1; i >= 0; i--) {
    if (t->shape[i] > 1 && t->stride[i] != stride) {
      return false;
    }
    stride *= t->shape[i];
  }
  return true;
}

/* A dense copy of a view: the element of each place, in row-major order. */
static void copy_view(unsigned char *to, const srn_tensor *tensor, const srn_pickled_tensor *t,
                      const unsigned char *from)
{
  size_t size = specrnn_dtype_size(tensor->dtype);
  size_t place[SPECRNN_MAX_RANK] = {0};
  size_t count = srn_tensor_count(tensor);
  for (size_t i = 0; i < count; i++) {
    size_t element = t->offset;
    for (int d = 0; d < t->rank; d++) {
      element += place[d] * t->stride[d];
    }
    memcpy(to + i * size, from + element * size, size);
    for (int d = t->rank - 1; d >= 0 && ++place[d] == t->shape[d]; d--) {
      place[d] = 0;
    }
  }
}

static specrnn_status place_tensor(archive *a, srn_tensor *tensor, const srn_pickled_tensor *t, const storage *from,
                                   const specrnn_log *log)
{
  size_t size = specrnn_dtype_size(tensor->dtype);
  if (!fits(t, from->n_bytes / size, size)) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "%s reaches beyond its storage", tensor->name);
  }
  tensor->rank = t->rank;
  for (int i = 0; i < t->rank; i++) {
    tensor->shape[i] = t->shape[i];
  }
  tensor->bytes = from->bytes;
  if (is_dense(t)) {
    tensor->bytes += srn_tensor_count(tensor) ? t->offset * size : 0;
    return SPECRNN_OK;
  }
  unsigned char *copy;
  specrnn_status status = srn_tensors_block(a->file, &copy, srn_tensor_count(tensor) * size, tensor->name, log);
  if (!status) {
    copy_view(copy, tensor, t, from->bytes);
    tensor->bytes = copy;
  }
  return status;
}

static specrnn_status add_tensor(void *user, const srn_pickled_tensor *pickled, const specrnn_log *log)
{
  archive *a = user;
  char name[2 * SRN_PARAMETER_NAME_SIZE];
  char data[MAX_ENTRY_NAME];
  if (pickled->name_length >= sizeof name || memchr(pickled->name, '\0', pickled->name_length)) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "a tensor's name is no text of fewer than %zu characters", sizeof name);
  }
  snprintf(name, sizeof name, "%.*s", (int)pickled->name_length, pickled->name);
  snprintf(data, sizeof data, "data/%.*s", (int)(pickled->storage_length < 256 ? pickled->storage_length : 256),
           pickled->storage);
  size_t entry = find_entry(a, data, strlen(data));
  if (entry == SRN_ZIP_NO_ENTRY) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "%s: its storage is not in the archive", name);
  }
  srn_tensor tensor = {.name = name};
  const storage *from = NULL;
  specrnn_status status = dtype_of(pickled, &tensor, log);
  if (!status) {
    status = read_storage(a, entry, &from, log);
  }
  if (!status) {
    status = place_tensor(a, &tensor, pickled, from, log);
  }
  return status ? status : srn_tensors_add(a->file, &tensor, log);
}

/* ------------------------------------------------------------------------------------------------------------ archive
 */

/* Newer versions say the byte order of the storages; the older ones that do not are of little-endian machines. */
static specrnn_status check_byte_order(const archive *a, const specrnn_log *log)
{
  static const char NAME[] = "byteorder";
  size_t entry = find_entry(a, NAME, sizeof NAME - 1);
  if (entry == SRN_ZIP_NO_ENTRY) {
    return SPECRNN_OK;
  }
  unsigned char *text;
  size_t length;
  specrnn_status status = srn_zip_read(&text, &length, a->zip, entry, log);
  if (status) {
    return status;
  }
  bool little = length == strlen("little") && !memcmp(text, "little", length);
  free(text);
  return little ? SPECRNN_OK : srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "its numbers are not little-endian");
}

static specrnn_status read_pickle(archive *a, size_t entry, const specrnn_log *log)
{
  if (srn_zip_size(a->zip, entry) > MAX_PICKLE) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "the pickle has more than %d bytes", MAX_PICKLE);
  }
  unsigned char *bytes;
  size_t n_bytes;
  specrnn_status status = srn_zip_read(&bytes, &n_bytes, a->zip, entry, log);
  if (status) {
    return status;
  }
  status = srn_pickle_read(bytes, n_bytes, add_tensor, a, log);
  free(bytes);
  return status;
}

specrnn_status srn_torch_read(srn_tensor_file *file, const unsigned char *bytes, size_t n_bytes, const specrnn_log *log)
{
  archive a = {.file = file};
  file->registered = true;
  specrnn_status status = srn_zip_open_memory(&a.zip, bytes, n_bytes, log);
  if (status) {
    return status;
  }
  srn_zip_set_limit(a.zip, file->budget.limit);
  size_t entry = find_pickle(a.zip, &a.root_length);
  a.storages = calloc(srn_zip_count(a.zip) + 1, sizeof *a.storages);
  if (!a.storages) {
    status = srn_fail_memory(log, srn_zip_count(a.zip) * sizeof *a.storages);
  } else if (entry == SRN_ZIP_NO_ENTRY) {
    status = srn_fail(log, SPECRNN_ERROR_FORMAT, "the archive holds no data.pkl");
  } else {
    a.root = srn_zip_name(a.zip, entry);
    status = check_byte_order(&a, log);
  }
  if (!status) {
    status = read_pickle(&a, entry, log);
  }
  free(a.storages);
  srn_zip_close(&a.zip);
  return status;
}
