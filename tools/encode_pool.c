/* One vector for every sequence: the mean, the last or the largest of its frames. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "encode_sinks.h"
#include "report.h"

struct encode_pool {
  const encode_choice *choice;
  encode_pooling pooling;
  size_t width;
  float *vectors; /* (capacity, width) */
  char **names;   /* (capacity) */
  size_t count, capacity;
  /* of the input that is being read */
  const char *name;
  encode_layout layout;
  uint64_t n_frames; /* of its sequence so far */
  double *pooled;    /* (width) */
  float *row;        /* (width) */
  bool *is_reverse;  /* (width): column of a reverse direction */
};

/* ----------------------------------------------------------------------------------------------------------- one
 * vector */

static void take_frame(encode_pool *p, const encode_rows *rows, size_t index)
{
  encode_choice_copy(p->choice, rows, index, p->row);
  bool first = p->n_frames++ == 0;
  for (size_t i = 0; i < p->width; i++) {
    double x = p->row[i];
    switch (p->pooling) {
    case ENCODE_POOL_MEAN: p->pooled[i] = first ? x : p->pooled[i] + x; break;
    case ENCODE_POOL_MAX: p->pooled[i] = first ? x : fmax(p->pooled[i], x); break;
    case ENCODE_POOL_LAST: p->pooled[i] = first || !p->is_reverse[i] ? x : p->pooled[i]; break;
    }
  }
}

/* Room for `n` vectors more. */
static bool grow(encode_pool *p, size_t n)
{
  if (p->capacity - p->count >= n) {
    return true;
  }
  size_t capacity = 2 * p->capacity + n;
  float *vectors = capacity <= SIZE_MAX / sizeof *vectors / p->width
                       ? realloc(p->vectors, capacity * p->width * sizeof *vectors)
                       : NULL;
  if (!vectors) {
    return false;
  }
  p->vectors = vectors;
  char **names = realloc(p->names, capacity * sizeof *names);
  if (!names) {
    return false;
  }
  p->names = names;
  p->capacity = capacity;
  return true;
}

/* `sequence` counts within a batch; without one it is -1. */
static specrnn_status finish_vector(encode_pool *p, long sequence)
{
  enum { NUMBER_SIZE = 24 };
  size_t size = strlen(p->name) + NUMBER_SIZE;
  char *name = malloc(size);
  if (!name || !grow(p, 1)) {
    free(name);
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  if (sequence < 0) {
    snprintf(name, size, "%s", p->name);
  } else {
    snprintf(name, size, "%s/%ld", p->name, sequence);
  }
  float *vector = p->vectors + p->count * p->width;
  double divisor = p->pooling == ENCODE_POOL_MEAN ? (double)p->n_frames : 1.0;
  for (size_t i = 0; i < p->width; i++) {
    vector[i] = (float)(p->pooled[i] / divisor);
  }
  p->names[p->count++] = name;
  p->n_frames = 0;
  return SPECRNN_OK;
}

/* -----------------------------------------------------------------------------------------------------------------
 * sink */

static specrnn_status begin(void *user, const encode_layout *layout)
{
  encode_pool *p = user;
  p->layout = *layout;
  return SPECRNN_OK;
}

static specrnn_status take_batch(encode_pool *p, const encode_rows *rows)
{
  const encode_layout *layout = &p->layout;
  specrnn_status status = SPECRNN_OK;
  for (size_t n = 0; !status && n < layout->n_sequences; n++) {
    size_t length = layout->lengths ? layout->lengths[n] : layout->n_frames;
    for (size_t t = 0; t < length; t++) {
      take_frame(p, rows, layout->batch_first ? n * layout->n_frames + t : t * layout->n_sequences + n);
    }
    status = finish_vector(p, (long)n);
  }
  return status;
}

static specrnn_status take_rows(void *user, const encode_rows *rows)
{
  encode_pool *p = user;
  if (p->layout.batched) {
    return take_batch(p, rows);
  }
  /* A single sequence may be padded too. */
  size_t end = p->layout.lengths && p->layout.lengths[0] < rows->n_rows ? p->layout.lengths[0] : rows->n_rows;
  for (size_t i = 0; i < end; i++) {
    take_frame(p, rows, i);
  }
  return SPECRNN_OK;
}

static specrnn_status end(void *user, const float *h_n, const float *c_n)
{
  encode_pool *p = user;
  (void)h_n;
  (void)c_n;
  return p->layout.batched ? SPECRNN_OK : finish_vector(p, -1);
}

encode_sink encode_pool_use(encode_pool *p, const char *name)
{
  p->name = name;
  p->n_frames = 0;
  return (encode_sink){.begin = begin, .rows = take_rows, .end = end, .user = p};
}

/* ---------------------------------------------------------------------------------------------------------------
 * object */

/* Marks the second half of each bidirectional layer's columns. */
static void mark_reverse(encode_pool *p)
{
  const specrnn_model *model = p->choice->model;
  const specrnn_model_info *info = specrnn_model_describe(model);
  size_t column = 0;
  size_t first = p->choice->first;
  size_t end = p->choice->end;
  if (p->choice->output && !info->has_output_layer) { /* the output is that of the top layer */
    first = info->n_layers - 1;
    end = info->n_layers;
  }
  for (size_t i = first; i < end; i++) {
    const specrnn_layer_info *layer = specrnn_model_layer(model, i);
    for (size_t k = 0; k < layer->width; k++) {
      p->is_reverse[column++] = layer->n_directions == 2 && k >= layer->width / 2;
    }
  }
}

specrnn_status encode_pool_create(encode_pool **out, const encode_choice *choice, encode_pooling pooling)
{
  encode_pool *p = calloc(1, sizeof *p);
  if (p) {
    p->choice = choice;
    p->pooling = pooling;
    p->width = encode_choice_width(choice);
    p->pooled = calloc(p->width, sizeof *p->pooled);
    p->row = calloc(p->width, sizeof *p->row);
    p->is_reverse = calloc(p->width, sizeof *p->is_reverse);
  }
  if (!p || !p->pooled || !p->row || !p->is_reverse) {
    encode_pool_destroy(&p);
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  mark_reverse(p);
  *out = p;
  return SPECRNN_OK;
}

void encode_pool_destroy(encode_pool **pool)
{
  encode_pool *p = *pool;
  if (!p) {
    return;
  }
  for (size_t i = 0; i < p->count; i++) {
    free(p->names[i]);
  }
  free(p->names);
  free(p->vectors);
  free(p->pooled);
  free(p->row);
  free(p->is_reverse);
  free(p);
  *pool = NULL;
}

specrnn_status encode_pool_take(encode_pool *pool, encode_pool *more)
{
  if (!grow(pool, more->count)) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  if (more->count > 0) {
    memcpy(pool->vectors + pool->count * pool->width, more->vectors, more->count * more->width * sizeof(float));
    memcpy(pool->names + pool->count, more->names, more->count * sizeof *more->names);
  }
  pool->count += more->count;
  more->count = 0;
  return SPECRNN_OK;
}

size_t encode_pool_count(const encode_pool *pool)
{
  return pool->count;
}

const float *encode_pool_vectors(const encode_pool *pool)
{
  return pool->vectors;
}

const char *const *encode_pool_names(const encode_pool *pool)
{
  return (const char *const *)pool->names;
}
