/* The order in which the modules of a state_dict run: named, registered, or the only one whose widths chain. */
#include "model/order.h"

#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "model/structure.h"

enum {
  MAX_MODULES = SPECRNN_MODEL_MAX_LAYERS + 1,
  MAX_STEPS = 1 << 18, /* of a search; real files need a few hundred */
  ORDERS_TOLD = 3,     /* a message names so many, and tells whether there are more */
  ORDER_SIZE = 320,
  SHOWN_NAME = 64
};

/* ---------------------------------------------------------------------------------------------------- a list of names
 */

bool srn_next_name(const char **list, const char **name, size_t *length)
{
  if (!*list) {
    return false;
  }
  *name = *list;
  *length = strcspn(*list, ",");
  *list = (*list)[*length] ? *list + *length + 1 : NULL;
  return true;
}

static srn_found_module *find(srn_found_module *modules, size_t count, const char *name, size_t length)
{
  for (size_t i = 0; i < count; i++) {
    if (strlen(modules[i].module.name) == length && !memcmp(modules[i].module.name, name, length)) {
      return &modules[i];
    }
  }
  return NULL;
}

static specrnn_status order_by_list(srn_found_module *modules, size_t count, const char *names, const specrnn_log *log)
{
  const char *name;
  size_t length;
  size_t place = 0;
  while (srn_next_name(&names, &name, &length)) {
    srn_found_module *module = find(modules, count, name, length);
    if (!module || module < modules + place) {
      return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the chain names '%.*s', which %s",
                      (int)(length < SHOWN_NAME ? length : SHOWN_NAME), name,
                      module ? "is in it already" : "the file does not have");
    }
    srn_found_module kept = *module;
    *module = modules[place];
    modules[place++] = kept;
  }
  if (place < count) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "the chain does not name '%s', which the file has",
                    modules[place].module.name);
  }
  return SPECRNN_OK;
}

/* ------------------------------------------------------------------------------------------------------------- numbers
 */

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

/* Runs of digits as numbers: < 0, 0 or > 0. */
static int compare_digits(const char *x, const char *y)
{
  x += strspn(x, "0");
  y += strspn(y, "0");
  size_t length_x = strspn(x, "0123456789");
  size_t length_y = strspn(y, "0123456789");
  if (length_x != length_y) {
    return length_x < length_y ? -1 : 1;
  }
  return memcmp(x, y, length_x);
}

/* Whether what follows is a number, as in "lstm_1" or "fc2" behind the same letters. */
static bool begins_number(const char *text)
{
  return is_digit(*text) || (*text == '_' && is_digit(text[1]));
}

/* Where two names part, they do so in a number, and that of `a` is the lesser one, or a has none: rnn2 and rnn10,
 * layers.0.fc and layers.1.rnn, lstm and lstm_1. */
static bool precedes(const char *a, const char *b)
{
  size_t at = 0;
  while (a[at] && a[at] == b[at]) {
    at++;
  }
  size_t start = at;
  while (start > 0 && is_digit(a[start - 1])) {
    start--;
  }
  if (is_digit(a[start]) && is_digit(b[start])) {
    return compare_digits(a + start, b + start) < 0;
  }
  return (a[at] == '\0' || a[at] == '.') && begins_number(b + at);
}

/* Natural order, in which orders are looked for and told: by number where names part in one, else by character. */
static int compare_names(const void *a, const void *b)
{
  const char *x = ((const srn_found_module *)a)->module.name;
  const char *y = ((const srn_found_module *)b)->module.name;
  return precedes(x, y) ? -1 : precedes(y, x) ? 1 : strcmp(x, y);
}

/* -------------------------------------------------------------------------------------------------------------- search
 */

/* A search for the orders in which widths chain: depth first, place by place. */
typedef struct search {
  const srn_found_module *modules;
  size_t count;
  bool by_number; /* names that part in a number keep its order */
  size_t order[MAX_MODULES];
  bool placed[MAX_MODULES];
  size_t first[MAX_MODULES]; /* the first order that was found */
  size_t n_found;
  size_t n_steps;
  char told[ORDERS_TOLD][ORDER_SIZE];
} search;

static int inputs_of(const srn_found_module *found)
{
  return found->module.input_size;
}

static bool chains(const srn_found_module *before, const srn_found_module *after)
{
  return srn_module_width(&before->module) == (size_t)inputs_of(after);
}

/* "encoder,decoder", in full or as far as there is room. */
static void write_order(char text[ORDER_SIZE], const srn_found_module *modules, const size_t *order, size_t count)
{
  size_t length = 0;
  text[0] = '\0';
  for (size_t i = 0; i < count && length < ORDER_SIZE - 1; i++) {
    const char *name = modules[order ? order[i] : i].module.name;
    length += (size_t)snprintf(text + length, ORDER_SIZE - length, "%s%s", i ? "," : "", name);
  }
  if (length >= ORDER_SIZE) {
    memcpy(text + ORDER_SIZE - 4, "...", 4);
  }
}

static bool may_follow(const search *s, size_t place, size_t candidate)
{
  if (s->placed[candidate] || (place > 0 && !chains(&s->modules[s->order[place - 1]], &s->modules[candidate]))) {
    return false;
  }
  for (size_t i = 0; s->by_number && i < s->count; i++) {
    if (!s->placed[i] && precedes(s->modules[i].module.name, s->modules[candidate].module.name)) {
      return false;
    }
  }
  return true;
}

static void note_order(search *s)
{
  if (s->n_found == 0) {
    memcpy(s->first, s->order, s->count * sizeof *s->first);
  }
  if (s->n_found < ORDERS_TOLD) {
    write_order(s->told[s->n_found], s->modules, s->order, s->count);
  }
  s->n_found++;
}

/* Given up: what was not found may be there all the same. */
static bool is_exhausted(const search *s)
{
  return s->n_steps > MAX_STEPS;
}

static bool is_done(const search *s)
{
  return s->n_found > ORDERS_TOLD || is_exhausted(s);
}

/* Depth is at most MAX_MODULES. */
static void place_from(search *s, size_t place)
{
  if (place == s->count) {
    note_order(s);
    return;
  }
  for (size_t i = 0; i < s->count && !is_done(s); i++) {
    s->n_steps++;
    if (may_follow(s, place, i)) {
      s->placed[i] = true;
      s->order[place] = i;
      place_from(s, place + 1);
      s->placed[i] = false;
    }
  }
}

/* ------------------------------------------------------------------------------------------------------------- choices
 */

static specrnn_status fail_embedding(const srn_found_module *found, const specrnn_log *log)
{
  const srn_chain_module *module = &found->module;
  return srn_fail(
      log, SPECRNN_ERROR_UNSUPPORTED,
      "%.*s.weight (%d, %d) may be an embedding, which is not read, or a linear layer without bias: where it "
      "is one, name the modules in their order with --chain A,B,...",
      SHOWN_NAME, module->name, module->hidden_size, module->input_size);
}

/* A square weight without a bias fits everywhere as a linear layer, and is as well an embedding. */
static const srn_found_module *find_square(const srn_found_module *modules, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    const srn_chain_module *module = &modules[i].module;
    if (modules[i].lone_weight && module->hidden_size == module->input_size) {
      return &modules[i];
    }
  }
  return NULL;
}

/* "gru (80 -> 32), fc (32 -> 4)" */
static specrnn_status fail_no_order(const srn_found_module *modules, size_t count, const specrnn_log *log)
{
  char text[2 * ORDER_SIZE] = "";
  size_t length = 0;
  for (size_t i = 0; i < count && length < sizeof text - 1; i++) {
    const srn_chain_module *module = &modules[i].module;
    length += (size_t)snprintf(text + length, sizeof text - length, "%s%s (%d -> %zu)", i ? ", " : "", module->name,
                               module->input_size, srn_module_width(module));
  }
  return srn_fail(log, SPECRNN_ERROR_SHAPE,
                  "the modules do not chain, in no order: %s; --chain A,B,... names those of a chain in their order",
                  text);
}

static specrnn_status fail_many_orders(const search *s, const specrnn_log *log)
{
  const char *rest = s->n_found > ORDERS_TOLD ? " or another" : "";
  return srn_fail(
      log, SPECRNN_ERROR_UNSUPPORTED,
      "the order of the modules is not in the file, and several fit: %s or %s%s%s%s; say which with --chain",
      s->told[0], s->told[1], s->n_found > 2 ? " or " : "", s->n_found > 2 ? s->told[2] : "", rest);
}

static specrnn_status fail_exhausted(const specrnn_log *log)
{
  return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED,
                  "the modules have too many orders to try for one that chains; name theirs with --chain A,B,...");
}

static void apply(srn_found_module *modules, const search *s)
{
  srn_found_module ordered[MAX_MODULES];
  for (size_t i = 0; i < s->count; i++) {
    ordered[i] = modules[s->first[i]];
  }
  memcpy(modules, ordered, s->count * sizeof *modules);
}

static bool all_chain(const srn_found_module *modules, size_t count)
{
  for (size_t i = 1; i < count; i++) {
    if (!chains(&modules[i - 1], &modules[i])) {
      return false;
    }
  }
  return true;
}

/* The order of registration is nearly always that of the computation; where others would fit as well, it is told. */
static void tell_registered(const srn_found_module *modules, const search *s, const specrnn_log *log)
{
  char order[ORDER_SIZE];
  write_order(order, modules, NULL, s->count);
  if (s->n_found > 1) {
    srn_log(log, SPECRNN_LOG_WARNING,
            "the modules run in the order in which the file has them, %s; their widths fit in another order too, which "
            "--chain would name",
            order);
  } else {
    srn_log(log, SPECRNN_LOG_INFO, "the modules run in the order in which the file has them: %s", order);
  }
}

static specrnn_status find_order(srn_found_module *modules, size_t count, bool registered, search *s,
                                 const specrnn_log *log)
{
  *s = (search){.modules = modules, .count = count, .by_number = !registered};
  bool as_registered = registered && all_chain(modules, count);
  place_from(s, 0);
  if (as_registered) {
    tell_registered(modules, s, log);
    return SPECRNN_OK;
  }
  if (s->n_found < 2 && is_exhausted(s)) {
    return fail_exhausted(log);
  }
  if (s->n_found == 0) {
    return fail_no_order(modules, count, log);
  }
  if (s->n_found > 1) {
    return fail_many_orders(s, log);
  }
  /* As a linear layer an embedding, which comes first, would fit behind the layers that read it. */
  const srn_found_module *last = &modules[s->first[count - 1]];
  if (registered && last->lone_weight) {
    return fail_embedding(last, log);
  }
  apply(modules, s);
  srn_log(log, SPECRNN_LOG_INFO, "the modules run in the only order in which their widths chain: %s", s->told[0]);
  return SPECRNN_OK;
}

specrnn_status srn_order_modules(srn_found_module *modules, size_t count, bool registered, const char *names,
                                 const specrnn_log *log)
{
  if (names) {
    return order_by_list(modules, count, names, log);
  }
  const srn_found_module *square = find_square(modules, count);
  if (square) {
    return fail_embedding(square, log);
  }
  if (count < 2) {
    return SPECRNN_OK;
  }
  if (count > MAX_MODULES) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "the file has %zu modules; at most %d can be read", count,
                    MAX_MODULES);
  }
  if (!registered) {
    qsort(modules, count, sizeof *modules, compare_names);
  }
  search *s = malloc(sizeof *s);
  if (!s) {
    return srn_fail_memory(log, sizeof *s);
  }
  specrnn_status status = find_order(modules, count, registered, s, log);
  free(s);
  return status;
}
