/* A machine for the pickles of torch.save that recognises and never calls. */
#include "model/pickle.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "io/bytes.h"

/* A state_dict needs far less: pickles put at most 1000 pairs on the stack at once. */
enum {
  MAX_STACK = 1 << 14,
  MAX_MEMO = 1 << 16,
  MAX_ITEMS = 1 << 17,  /* members of all tuples */
  MAX_ENTRIES = 1 << 14 /* pairs of all dictionaries */
};

typedef enum value_kind {
  VALUE_NONE, /* also booleans and floats, whose value nobody asks for */
  VALUE_MARK,
  VALUE_INT,
  VALUE_TEXT,
  VALUE_TUPLE,
  VALUE_DICT,
  VALUE_ORDERED_DICT,      /* the class itself */
  VALUE_REBUILD_TENSOR,    /* the function itself */
  VALUE_REBUILD_PARAMETER, /* the function itself */
  VALUE_STORAGE_TYPE,      /* the class itself, a text */
  VALUE_STORAGE,           /* a tuple: 'storage', type, key, location, number of elements */
  VALUE_TENSOR             /* a tuple: storage, offset, shape, stride, ... */
} value_kind;

typedef struct value {
  value_kind kind;
  union {
    uint64_t number;
    struct {
      const char *text;
      size_t length;
    };
    struct {
      size_t first, count; /* of a tuple's members */
    };
  };
} value;

typedef struct entry {
  uint64_t dictionary;
  value key, value;
} entry;

typedef struct machine {
  srn_bytes input;
  value stack[MAX_STACK];
  value memo[MAX_MEMO];
  value items[MAX_ITEMS];
  entry entries[MAX_ENTRIES];
  size_t n_stack, n_items, n_entries;
  uint64_t n_dictionaries;
  bool stopped;
  const specrnn_log *log;
} machine;

static specrnn_status malformed(const machine *m, const char *what)
{
  return srn_fail(m->log, SPECRNN_ERROR_FORMAT, "the pickle is malformed: %s", what);
}

static specrnn_status cut_short(const machine *m)
{
  return malformed(m, "it ends within an operation");
}

/* -------------------------------------------------------------------------------------------------------------- stack
 */

static specrnn_status push(machine *m, value v)
{
  if (m->n_stack == MAX_STACK) {
    return malformed(m, "too much on its stack");
  }
  m->stack[m->n_stack++] = v;
  return SPECRNN_OK;
}

static specrnn_status pop(machine *m, value *v)
{
  if (!m->n_stack) {
    return malformed(m, "its stack is empty");
  }
  *v = m->stack[--m->n_stack];
  return SPECRNN_OK;
}

/* Where the values above the topmost mark begin; the mark lies below. */
static bool above_mark(const machine *m, size_t *first)
{
  for (size_t i = m->n_stack; i-- > 0;) {
    if (m->stack[i].kind == VALUE_MARK) {
      *first = i + 1;
      return true;
    }
  }
  return false;
}

static value integer(uint64_t number)
{
  return (value){.kind = VALUE_INT, .number = number};
}

/* ---------------------------------------------------------------------------------------------------- simple
 * operations */

static specrnn_status op_proto(machine *m)
{
  enum { NEWEST = 3 };
  uint8_t version;
  if (!srn_bytes_u8(&m->input, &version)) {
    return cut_short(m);
  }
  return version <= NEWEST ? SPECRNN_OK
                           : srn_fail(m->log, SPECRNN_ERROR_UNSUPPORTED,
                                      "the pickle has protocol %d; torch.save writes 2 by default", version);
}

static specrnn_status op_stop(machine *m)
{
  m->stopped = true;
  return SPECRNN_OK;
}

static specrnn_status op_mark(machine *m)
{
  return push(m, (value){.kind = VALUE_MARK});
}

static specrnn_status op_none(machine *m)
{
  return push(m, (value){.kind = VALUE_NONE});
}

static specrnn_status op_int1(machine *m)
{
  uint8_t number;
  return srn_bytes_u8(&m->input, &number) ? push(m, integer(number)) : cut_short(m);
}

static specrnn_status op_int2(machine *m)
{
  uint16_t number;
  return srn_bytes_le16(&m->input, &number) ? push(m, integer(number)) : cut_short(m);
}

/* Signed in the format; a negative number has no place here and becomes one that fits nowhere. */
static specrnn_status op_int4(machine *m)
{
  uint32_t number;
  if (!srn_bytes_le32(&m->input, &number)) {
    return cut_short(m);
  }
  return push(m, integer(number >> 31 ? UINT64_MAX : number));
}

/* A number of up to eight bytes, little-endian, signed. */
static specrnn_status op_long1(machine *m)
{
  uint8_t size;
  if (!srn_bytes_u8(&m->input, &size)) {
    return cut_short(m);
  }
  const unsigned char *bytes = srn_bytes_take(&m->input, size);
  if (!bytes) {
    return cut_short(m);
  }
  if (size > sizeof(uint64_t)) {
    return push(m, integer(UINT64_MAX));
  }
  uint64_t number = 0;
  for (size_t i = 0; i < size; i++) {
    number |= (uint64_t)bytes[i] << 8 * i;
  }
  bool negative = size && bytes[size - 1] >> 7;
  return push(m, integer(negative ? UINT64_MAX : number));
}

static specrnn_status op_float(machine *m)
{
  return srn_bytes_take(&m->input, sizeof(double)) ? op_none(m) : cut_short(m);
}

static specrnn_status op_text(machine *m)
{
  uint32_t length;
  if (!srn_bytes_le32(&m->input, &length)) {
    return cut_short(m);
  }
  const unsigned char *text = srn_bytes_take(&m->input, length);
  if (!text) {
    return cut_short(m);
  }
  return push(m, (value){.kind = VALUE_TEXT, .text = (const char *)text, .length = length});
}

/* --------------------------------------------------------------------------------------------------------------- memo
 */

static specrnn_status put(machine *m, size_t index)
{
  if (!m->n_stack) {
    return malformed(m, "its stack is empty");
  }
  if (index >= MAX_MEMO) {
    return malformed(m, "it remembers too much");
  }
  m->memo[index] = m->stack[m->n_stack - 1];
  return SPECRNN_OK;
}

static specrnn_status op_put1(machine *m)
{
  uint8_t index;
  return srn_bytes_u8(&m->input, &index) ? put(m, index) : cut_short(m);
}

static specrnn_status op_put4(machine *m)
{
  uint32_t index;
  return srn_bytes_le32(&m->input, &index) ? put(m, index) : cut_short(m);
}

/* What was never put is a None: it fits nowhere. */
static specrnn_status op_get1(machine *m)
{
  uint8_t index;
  return srn_bytes_u8(&m->input, &index) ? push(m, m->memo[index]) : cut_short(m);
}

static specrnn_status op_get4(machine *m)
{
  uint32_t index;
  if (!srn_bytes_le32(&m->input, &index)) {
    return cut_short(m);
  }
  return index < MAX_MEMO ? push(m, m->memo[index]) : malformed(m, "it asks for what it never remembered");
}

/* ------------------------------------------------------------------------------------------------------------- tuples
 */

/* The topmost `count` values become a tuple. */
static specrnn_status make_tuple(machine *m, size_t count)
{
  if (count > m->n_stack) {
    return malformed(m, "its stack is empty");
  }
  if (count > MAX_ITEMS - m->n_items) {
    return malformed(m, "too many tuples");
  }
  size_t first = m->n_items;
  m->n_stack -= count;
  memcpy(m->items + first, m->stack + m->n_stack, count * sizeof *m->items);
  m->n_items += count;
  return push(m, (value){.kind = VALUE_TUPLE, .first = first, .count = count});
}

static specrnn_status op_tuple(machine *m)
{
  size_t first;
  if (!above_mark(m, &first)) {
    return malformed(m, "a tuple without its mark");
  }
  specrnn_status status = make_tuple(m, m->n_stack - first);
  if (!status) { /* the tuple takes the place of the mark */
    m->stack[m->n_stack - 2] = m->stack[m->n_stack - 1];
    m->n_stack--;
  }
  return status;
}

static specrnn_status op_tuple0(machine *m)
{
  return make_tuple(m, 0);
}

static specrnn_status op_tuple1(machine *m)
{
  return make_tuple(m, 1);
}

static specrnn_status op_tuple2(machine *m)
{
  return make_tuple(m, 2);
}

static specrnn_status op_tuple3(machine *m)
{
  return make_tuple(m, 3);
}

/* ------------------------------------------------------------------------------------------------------- dictionaries
 */

static specrnn_status op_dict(machine *m)
{
  return push(m, (value){.kind = VALUE_DICT, .number = m->n_dictionaries++});
}

/* The pairs from stack[first] on go into the dictionary below `base`, and off the stack. */
static specrnn_status set_items(machine *m, size_t base, size_t first)
{
  size_t count = m->n_stack - first;
  if (!base || m->stack[base - 1].kind != VALUE_DICT || count % 2) {
    return malformed(m, "pairs for something that is no dictionary");
  }
  if (count / 2 > MAX_ENTRIES - m->n_entries) {
    return malformed(m, "too many entries");
  }
  for (size_t i = first; i < m->n_stack; i += 2) {
    m->entries[m->n_entries++] = (entry){m->stack[base - 1].number, m->stack[i], m->stack[i + 1]};
  }
  m->n_stack = base;
  return SPECRNN_OK;
}

static specrnn_status op_setitem(machine *m)
{
  if (m->n_stack < 3) {
    return malformed(m, "its stack is empty");
  }
  return set_items(m, m->n_stack - 2, m->n_stack - 2);
}

static specrnn_status op_setitems(machine *m)
{
  size_t first;
  return above_mark(m, &first) ? set_items(m, first - 1, first) : malformed(m, "pairs without their mark");
}

/* An ordered dictionary's attributes (torch's _metadata) are of no use here; those of anything else could change it. */
static specrnn_status op_build(machine *m)
{
  if (m->n_stack < 2) {
    return malformed(m, "its stack is empty");
  }
  const value *attributes = &m->stack[m->n_stack - 1];
  if (attributes[-1].kind != VALUE_DICT || attributes->kind == VALUE_MARK) {
    return malformed(m, "attributes for something that is no dictionary");
  }
  m->n_stack--;
  return SPECRNN_OK;
}

/* ---------------------------------------------------------------------------------------------- what a pickle may name
 */

static bool text_is(const char *text, size_t length, const char *expected)
{
  return length == strlen(expected) && !memcmp(text, expected, length);
}

/* Of a text in a message. */
static int shown_length(size_t length)
{
  enum { MOST = 64 };
  return length < MOST ? (int)length : MOST;
}

/* A line without its newline, or NULL. */
static const char *take_line(machine *m, size_t *length)
{
  const unsigned char *end = memchr(m->input.at, '\n', m->input.left);
  if (!end) {
    return NULL;
  }
  *length = (size_t)(end - m->input.at);
  return (const char *)srn_bytes_take(&m->input, *length + 1);
}

static bool is_storage_type(const char *module, size_t module_length, const char *name, size_t length)
{
  static const char SUFFIX[] = "Storage";
  size_t suffix = sizeof SUFFIX - 1;
  return text_is(module, module_length, "torch") && length > suffix && !memcmp(name + length - suffix, SUFFIX, suffix);
}

static specrnn_status op_global(machine *m)
{
  static const struct {
    const char *module, *name;
    value_kind kind;
  } KNOWN[] = {
      {"collections", "OrderedDict", VALUE_ORDERED_DICT},
      {"torch._utils", "_rebuild_tensor_v2", VALUE_REBUILD_TENSOR},
      {"torch._utils", "_rebuild_parameter", VALUE_REBUILD_PARAMETER},
  };
  size_t module_length, length;
  const char *module = take_line(m, &module_length);
  const char *name = module ? take_line(m, &length) : NULL;
  if (!name) {
    return cut_short(m);
  }
  for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++) {
    if (text_is(module, module_length, KNOWN[i].module) && text_is(name, length, KNOWN[i].name)) {
      return push(m, (value){.kind = KNOWN[i].kind});
    }
  }
  if (is_storage_type(module, module_length, name, length)) {
    return push(m, (value){.kind = VALUE_STORAGE_TYPE, .text = name, .length = length});
  }
  return srn_fail(m->log, SPECRNN_ERROR_UNSUPPORTED,
                  "the pickle wants to call %.*s.%.*s; only the state_dict of a model is read",
                  shown_length(module_length), module, shown_length(length), name);
}

/* ('storage', type, key, location, number of elements) */
static specrnn_status op_persistent_id(machine *m)
{
  enum { MEMBERS = 5 };
  value id = {0};
  specrnn_status status = pop(m, &id);
  if (status) {
    return status;
  }
  if (id.kind != VALUE_TUPLE || id.count != MEMBERS) {
    return malformed(m, "it names something that is no storage");
  }
  const value *members = m->items + id.first;
  if (members[0].kind != VALUE_TEXT || !text_is(members[0].text, members[0].length, "storage") ||
      members[1].kind != VALUE_STORAGE_TYPE || members[2].kind != VALUE_TEXT) {
    return malformed(m, "it names something that is no storage");
  }
  id.kind = VALUE_STORAGE;
  return push(m, id);
}

/* A call of one of the known functions, with a tuple of arguments. */
static specrnn_status op_reduce(machine *m)
{
  enum { TENSOR_ARGUMENTS = 6 };
  value arguments = {0}, function = {0};
  specrnn_status status = pop(m, &arguments);
  if (!status) {
    status = pop(m, &function);
  }
  if (status) {
    return status;
  }
  if (arguments.kind != VALUE_TUPLE) {
    return malformed(m, "a call without a tuple of arguments");
  }
  if (function.kind == VALUE_ORDERED_DICT) {
    return arguments.count ? malformed(m, "a dictionary made of something") : op_dict(m);
  }
  if (function.kind == VALUE_REBUILD_PARAMETER && arguments.count && m->items[arguments.first].kind == VALUE_TENSOR) {
    return push(m, m->items[arguments.first]);
  }
  if (function.kind == VALUE_REBUILD_TENSOR && arguments.count >= TENSOR_ARGUMENTS) {
    arguments.kind = VALUE_TENSOR;
    return push(m, arguments);
  }
  return malformed(m, "a call of something that is no function");
}

/* ---------------------------------------------------------------------------------------------------------- the
 * machine */

/* Opcodes of the pickle protocols 0 to 3; those without a place here are refused. */
static specrnn_status (*const OPERATIONS[256])(machine *m) = {
    [0x80] = op_proto,        ['.'] = op_stop,   ['('] = op_mark,    ['N'] = op_none,     [0x88] = op_none,
    [0x89] = op_none,         ['K'] = op_int1,   ['M'] = op_int2,    ['J'] = op_int4,     [0x8a] = op_long1,
    ['G'] = op_float,         ['X'] = op_text,   ['q'] = op_put1,    ['r'] = op_put4,     ['h'] = op_get1,
    ['j'] = op_get4,          ['t'] = op_tuple,  [')'] = op_tuple0,  [0x85] = op_tuple1,  [0x86] = op_tuple2,
    [0x87] = op_tuple3,       ['}'] = op_dict,   ['s'] = op_setitem, ['u'] = op_setitems, ['b'] = op_build,
    ['Q'] = op_persistent_id, ['c'] = op_global, ['R'] = op_reduce,
};

static specrnn_status run(machine *m)
{
  while (!m->stopped) {
    uint8_t code;
    if (!srn_bytes_u8(&m->input, &code)) {
      return malformed(m, "it has no end");
    }
    if (!OPERATIONS[code]) {
      return srn_fail(m->log, SPECRNN_ERROR_UNSUPPORTED,
                      "the pickle uses operation 0x%02x; only the state_dict of a model is read", code);
    }
    specrnn_status status = OPERATIONS[code](m);
    if (status) {
      return status;
    }
  }
  return SPECRNN_OK;
}

/* ------------------------------------------------------------------------------------------------------------- tensors
 */

static bool read_sizes(const machine *m, const value *tuple, uint64_t *sizes)
{
  for (size_t i = 0; i < tuple->count; i++) {
    const value *size = &m->items[tuple->first + i];
    if (size->kind != VALUE_INT || size->number == UINT64_MAX) {
      return false;
    }
    sizes[i] = size->number;
  }
  return true;
}

/* What a VALUE_TENSOR's arguments say. */
static bool describe(const machine *m, const value *name, const value *v, srn_pickled_tensor *out)
{
  const value *arguments = m->items + v->first;
  const value *storage = &arguments[0];
  const value *offset = &arguments[1];
  const value *shape = &arguments[2];
  const value *stride = &arguments[3];
  if (storage->kind != VALUE_STORAGE || offset->kind != VALUE_INT || shape->kind != VALUE_TUPLE ||
      stride->kind != VALUE_TUPLE || shape->count != stride->count || shape->count > SRN_PICKLE_MAX_RANK) {
    return false;
  }
  const value *type = &m->items[storage->first + 1];
  const value *key = &m->items[storage->first + 2];
  *out = (srn_pickled_tensor){
      .name = name->text,
      .name_length = name->length,
      .storage = key->text,
      .storage_length = key->length,
      .type = type->text,
      .type_length = type->length,
      .offset = offset->number,
      .rank = (int)shape->count,
  };
  return read_sizes(m, shape, out->shape) && read_sizes(m, stride, out->stride);
}

/* The dictionary that is left on the stack, tensor by tensor. */
static specrnn_status
report(machine *m, specrnn_status (*found)(void *, const srn_pickled_tensor *, const specrnn_log *), void *user)
{
  value top = {0};
  specrnn_status status = pop(m, &top);
  if (status) {
    return status;
  }
  if (top.kind != VALUE_DICT) {
    return srn_fail(m->log, SPECRNN_ERROR_UNSUPPORTED, "the file holds no dictionary: save the model's state_dict()");
  }
  for (size_t i = 0; i < m->n_entries && !status; i++) {
    const entry *e = &m->entries[i];
    if (e->dictionary != top.number) {
      continue;
    }
    if (e->key.kind != VALUE_TEXT) {
      return malformed(m, "a key that is no text");
    }
    if (e->value.kind != VALUE_TENSOR) {
      return srn_fail(m->log, SPECRNN_ERROR_UNSUPPORTED,
                      "'%.*s' is no tensor: save the model's state_dict() and nothing beside it",
                      shown_length(e->key.length), e->key.text);
    }
    srn_pickled_tensor tensor;
    if (!describe(m, &e->key, &e->value, &tensor)) {
      return malformed(m, "a tensor that is not described as torch does");
    }
    status = found(user, &tensor, m->log);
  }
  return status;
}

specrnn_status srn_pickle_read(const unsigned char *bytes, size_t n_bytes,
                               specrnn_status (*found)(void *user, const srn_pickled_tensor *tensor,
                                                       const specrnn_log *log),
                               void *user, const specrnn_log *log)
{
  machine *m = calloc(1, sizeof *m);
  if (!m) {
    return srn_fail_memory(log, sizeof *m);
  }
  m->input = (srn_bytes){bytes, n_bytes};
  m->log = log;
  specrnn_status status = run(m);
  if (!status) {
    status = report(m, found, user);
  }
  free(m);
  return status;
}
