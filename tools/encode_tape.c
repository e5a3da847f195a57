/* Results of one input that wait on disk. */
#include "encode_tape.h"

#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "row_spool.h"
#include "states.h"

/* Frames that are put together at once. */
enum { BLOCK_FRAMES = 64 };

typedef enum part_kind { PART_HIDDEN, PART_GATES, PART_CELL, PART_OUTPUT } part_kind;

/* One of the arrays that a frame has numbers in. */
typedef struct part {
  part_kind kind;
  size_t layer;
  size_t width; /* numbers of a frame */
} part;

struct encode_tape {
  const encode_choice *choice;
  encode_layout layout;
  row_spool *spool; /* a row per frame: its numbers of all parts */
  float *states;    /* h_n, then c_n */
  part *parts;
  size_t n_parts;
  size_t width;  /* of all parts */
  float *packed; /* (BLOCK_FRAMES, width) */
  /* What a sink reads: */
  float *unpacked;            /* part after part */
  float **hidden;             /* (layers) */
  specrnn_layer_trace *trace; /* (layers) */
  float *output;
};

static specrnn_status out_of_memory(void)
{
  report_memory();
  return SPECRNN_ERROR_MEMORY;
}

/* ------------------------------------------------------------------------------------------------------------- parts
 */

static void add_part(encode_tape *t, part_kind kind, size_t layer, size_t width)
{
  if (width > 0) {
    t->parts[t->n_parts++] = (part){.kind = kind, .layer = layer, .width = width};
    t->width += width;
  }
}

static void list_parts(encode_tape *t, bool trace)
{
  const specrnn_model *model = t->choice->model;
  for (size_t i = t->choice->first; i < t->choice->end; i++) {
    const specrnn_layer_info *layer = specrnn_model_layer(model, i);
    add_part(t, PART_HIDDEN, i, layer->width);
    if (trace) {
      add_part(t, PART_GATES, i, encode_gates_per_frame(layer));
      add_part(t, PART_CELL, i, encode_cells_per_frame(layer));
    }
  }
  if (t->choice->output) {
    add_part(t, PART_OUTPUT, 0, specrnn_model_describe(model)->output_size);
  }
}

static const float *part_in(const encode_rows *rows, const part *p)
{
  switch (p->kind) {
  case PART_HIDDEN: return rows->hidden[p->layer];
  case PART_GATES: return rows->trace[p->layer].gates;
  case PART_CELL: return rows->trace[p->layer].cell;
  case PART_OUTPUT: break;
  }
  return rows->output;
}

static void point_to(encode_tape *t, const part *p, float *numbers)
{
  switch (p->kind) {
  case PART_HIDDEN: t->hidden[p->layer] = numbers; break;
  case PART_GATES: t->trace[p->layer].gates = numbers; break;
  case PART_CELL: t->trace[p->layer].cell = numbers; break;
  case PART_OUTPUT: t->output = numbers; break;
  }
}

/* Frames of a row of the first leading axis. */
static size_t frames_per_row(const encode_layout *layout)
{
  if (!layout->batched) {
    return 1;
  }
  return layout->batch_first ? layout->n_frames : layout->n_sequences;
}

/* ------------------------------------------------------------------------------------------------------------- record
 */

static specrnn_status begin(void *user, const encode_layout *layout)
{
  encode_tape *t = user;
  t->layout = *layout;
  return SPECRNN_OK;
}

static specrnn_status record_rows(void *user, const encode_rows *rows)
{
  encode_tape *t = user;
  size_t n_frames = rows->n_rows * frames_per_row(&t->layout);
  specrnn_status status = SPECRNN_OK;
  for (size_t start = 0; !status && start < n_frames; start += BLOCK_FRAMES) {
    size_t n = n_frames - start < BLOCK_FRAMES ? n_frames - start : BLOCK_FRAMES;
    float *column = t->packed;
    for (size_t i = 0; i < t->n_parts; i++) {
      size_t width = t->parts[i].width;
      const float *numbers = part_in(rows, &t->parts[i]) + start * width;
      for (size_t f = 0; f < n; f++) {
        memcpy(column + f * t->width, numbers + f * width, width * sizeof *numbers);
      }
      column += width;
    }
    status = row_spool_write(t->spool, t->packed, n, t->width);
  }
  return status;
}

static specrnn_status end(void *user, const float *h_n, const float *c_n)
{
  encode_tape *t = user;
  size_t h_count = states_size(t->choice->model, STATE_H) * t->layout.n_sequences;
  size_t c_count = states_size(t->choice->model, STATE_C) * t->layout.n_sequences;
  t->states = calloc(h_count + c_count, sizeof *t->states);
  if (!t->states) {
    return out_of_memory();
  }
  memcpy(t->states, h_n, h_count * sizeof *h_n);
  if (c_count > 0) {
    memcpy(t->states + h_count, c_n, c_count * sizeof *c_n);
  }
  return SPECRNN_OK;
}

encode_sink encode_tape_use(encode_tape *tape)
{
  return (encode_sink){.begin = begin, .rows = record_rows, .end = end, .user = tape};
}

/* --------------------------------------------------------------------------------------------------------------- play
 */

/* Frames of recorded rows, part after part. */
static specrnn_status unpack(encode_tape *t, const float *packed, size_t n_frames)
{
  free(t->unpacked);
  t->unpacked = calloc(n_frames, t->width * sizeof *t->unpacked);
  if (!t->unpacked) {
    return out_of_memory();
  }
  float *numbers = t->unpacked;
  for (size_t i = 0; i < t->n_parts; i++) {
    size_t width = t->parts[i].width;
    point_to(t, &t->parts[i], numbers);
    for (size_t f = 0; f < n_frames; f++, numbers += width) {
      memcpy(numbers, packed + f * t->width, width * sizeof *numbers);
    }
    packed += width;
  }
  return SPECRNN_OK;
}

static specrnn_status give(encode_tape *t, const float *packed, size_t n_frames, const encode_sink *sink)
{
  specrnn_status status = unpack(t, packed, n_frames);
  const encode_rows rows = {.n_rows = n_frames / frames_per_row(&t->layout),
                            .hidden = (const float *const *)t->hidden,
                            .output = t->output,
                            .trace = t->trace};
  return status ? status : sink->rows(sink->user, &rows);
}

static specrnn_status play_whole(encode_tape *t, const encode_sink *sink)
{
  float *packed = NULL;
  specrnn_status status = row_spool_collect(t->spool, &packed);
  status = status ? status : give(t, packed, (size_t)row_spool_count(t->spool), sink);
  free(packed);
  return status;
}

static specrnn_status play_blocks(encode_tape *t, const encode_sink *sink)
{
  const float *packed;
  size_t n = 0;
  specrnn_status status = SPECRNN_OK;
  while (!status && !(status = row_spool_read(t->spool, &packed, &n)) && n > 0) {
    status = give(t, packed, n, sink);
  }
  return status;
}

specrnn_status encode_tape_play(encode_tape *t, const encode_sink *sink)
{
  specrnn_status status = sink->begin(sink->user, &t->layout);
  if (!status) {
    status = t->layout.batched ? play_whole(t, sink) : play_blocks(t, sink);
  }
  size_t h_count = states_size(t->choice->model, STATE_H) * t->layout.n_sequences;
  return status ? status : sink->end(sink->user, t->states, t->states + h_count);
}

/* ------------------------------------------------------------------------------------------------------------- object
 */

specrnn_status encode_tape_create(encode_tape **out, const encode_choice *choice, bool trace, const specrnn_log *log)
{
  enum { PARTS_PER_LAYER = 3 };
  size_t n_layers = specrnn_model_describe(choice->model)->n_layers;
  encode_tape *t = calloc(1, sizeof *t);
  if (!t) {
    return out_of_memory();
  }
  t->choice = choice;
  t->parts = calloc(n_layers * PARTS_PER_LAYER + 1, sizeof *t->parts);
  t->hidden = calloc(n_layers, sizeof *t->hidden);
  t->trace = trace ? calloc(n_layers, sizeof *t->trace) : NULL;
  if (t->parts) {
    list_parts(t, trace);
    t->packed = calloc(BLOCK_FRAMES, t->width * sizeof *t->packed);
  }
  specrnn_status status =
      t->packed && t->hidden && (t->trace || !trace) ? row_spool_create(&t->spool, log) : out_of_memory();
  if (status) {
    encode_tape_destroy(&t);
    return status;
  }
  *out = t;
  return SPECRNN_OK;
}

void encode_tape_destroy(encode_tape **tape)
{
  encode_tape *t = *tape;
  if (t) {
    row_spool_destroy(&t->spool);
    free(t->states);
    free(t->parts);
    free(t->packed);
    free(t->unpacked);
    free(t->hidden);
    free(t->trace);
    free(t);
    *tape = NULL;
  }
}
