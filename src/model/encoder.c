/* The state of one stream, and its steps. */
#include "specrnn/encoder.h"

#include <string.h>

#include "core/arena.h"
#include "core/fpu.h"
#include "core/log.h"
#include "io/bytes.h"
#include "model/object.h"
#include "model/stream.h"
#include "nn/normaliser.h"

/* Frames whose input products are made at once: enough that a matrix is read from the cache few times, few enough that
 * their rows stay in it. */
enum { BLOCK_FRAMES = 32 };

/* The same where somebody looks at the gates, which are kept meanwhile. */
enum { LOOK_FRAMES = 8 };

/* One block of memory: this struct, then the arrays, found by their distance from its start, so that the block may be
 * copied as it is. */
struct specrnn_encoder {
  specrnn_model *model; /* one of its owners */
  srn_engine engine;
  size_t position;                            /* frames so far */
  size_t size;                                /* of the block, bytes */
  size_t h, c, scratch, frames[2], saved, to; /* offsets in bytes */
};

static float *array_at(specrnn_encoder *encoder, size_t offset)
{
  return (float *)(void *)((unsigned char *)encoder + offset);
}

static const float *const_array_at(const specrnn_encoder *encoder, size_t offset)
{
  return (const float *)(const void *)((const unsigned char *)encoder + offset);
}

float *srn_encoder_h(specrnn_encoder *encoder)
{
  return array_at(encoder, encoder->h);
}

float *srn_encoder_c(specrnn_encoder *encoder)
{
  return array_at(encoder, encoder->c);
}

/* ---------------------------------------------------------------------------------------------------- coming and going
 */

specrnn_status srn_check_streamable(const specrnn_model *model, const specrnn_log *log)
{
  if (model->info.bidirectional) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED,
                    "a bidirectional model cannot run in a stream: its reverse direction begins at the last frame");
  }
  return SPECRNN_OK;
}

static size_t take_offset(srn_arena *arena, size_t count)
{
  size_t offset = arena->used;
  srn_arena_take(arena, count, sizeof(float));
  return offset;
}

/* Offsets and size of the block for a model. */
static void lay_out(specrnn_encoder *encoder, srn_arena *arena)
{
  const specrnn_model *model = encoder->model;
  size_t scratch = srn_graph_scratch(model->graph, 1, BLOCK_FRAMES);
  size_t row = model->graph->row_size;
  arena->overflow |= scratch == 0;
  srn_arena_take(arena, 1, sizeof *encoder);
  encoder->h = take_offset(arena, model->info.h_size);
  encoder->c = take_offset(arena, model->info.c_size);
  encoder->scratch = take_offset(arena, scratch);
  encoder->frames[0] = take_offset(arena, BLOCK_FRAMES * row);
  encoder->frames[1] = take_offset(arena, BLOCK_FRAMES * row);
  encoder->saved = take_offset(arena, LOOK_FRAMES * srn_graph_saved(model->graph));
  encoder->to = arena->used;
  srn_arena_take(arena, model->graph->n_nodes, sizeof(float *));
  encoder->size = arena->used;
}

specrnn_status specrnn_encoder_create(specrnn_encoder **out, const specrnn_model *model, const specrnn_log *log)
{
  specrnn_status status = srn_check_streamable(model, log);
  if (status) {
    return status;
  }
  specrnn_encoder local = {.model = (specrnn_model *)(uintptr_t)model, .engine = srn_engine_inference()};
  srn_arena arena = {0};
  lay_out(&local, &arena);
  if (!srn_arena_allocate(&arena)) {
    return srn_fail_memory(log, local.size);
  }
  specrnn_encoder *encoder = srn_arena_take(&arena, 1, sizeof *encoder);
  *encoder = local;
  (void)specrnn_model_share(model);
  *out = encoder;
  return SPECRNN_OK;
}

specrnn_status specrnn_encoder_clone(specrnn_encoder **out, const specrnn_encoder *encoder, const specrnn_log *log)
{
  specrnn_encoder *copy = srn_aligned_calloc(encoder->size, 1);
  if (!copy) {
    return srn_fail_memory(log, encoder->size);
  }
  memcpy(copy, encoder, encoder->size);
  (void)specrnn_model_share(encoder->model);
  *out = copy;
  return SPECRNN_OK;
}

void specrnn_encoder_destroy(specrnn_encoder **encoder)
{
  if (encoder && *encoder) {
    specrnn_model_destroy(&(*encoder)->model);
    srn_arena_free(*encoder);
    *encoder = NULL;
  }
}

const specrnn_model *specrnn_encoder_model(const specrnn_encoder *encoder)
{
  return encoder->model;
}

/* ------------------------------------------------------------------------------------------------------------ running
 */

/* Where the rows of each node go: to the caller where they are wanted. */
static void direct(specrnn_encoder *encoder, const specrnn_encoder_output *output, size_t done, float **to)
{
  const specrnn_model *model = encoder->model;
  memset(to, 0, model->graph->n_nodes * sizeof(float *));
  for (size_t i = 0; i < model->info.n_layers; i++) {
    float *hidden = output->hidden ? output->hidden[i] : NULL;
    to[model->shown[i]] = hidden ? hidden + done * model->layers[i].width : NULL;
  }
  if (output->output && model->info.has_output_layer) {
    to[model->shown[model->info.n_layers]] = output->output + done * model->info.output_size;
  }
}

/* Frames whose gates are looked at. */
typedef struct look {
  const specrnn_model *model;
  const specrnn_layer_trace *trace;
  const float *saved;
  size_t first, n_frames;
} look;

static void observe(void *user, size_t index_of_node, const float *rows)
{
  const look *l = user;
  size_t index = srn_model_layer_of(l->model, index_of_node);
  const srn_node *node = &l->model->graph->nodes[index_of_node];
  if (index >= l->model->info.n_layers || !node->kind->observe) {
    return;
  }
  const specrnn_layer_trace *trace = &l->trace[index];
  for (size_t i = 0; i < l->n_frames; i++) {
    size_t frame = l->first + i;
    node->kind->observe(node, l->saved + i * node->saved_size, rows + i * node->n_outputs,
                        trace->gates ? trace->gates + frame * node->n_gates * node->n_units : NULL,
                        trace->cell ? trace->cell + frame * node->n_units : NULL);
  }
}

/* A block of frames through the whole chain. */
static void run_block(specrnn_encoder *encoder, const float *x, size_t n_frames, size_t done,
                      const specrnn_encoder_output *output)
{
  const specrnn_model *model = encoder->model;
  float **to = (float **)(void *)((unsigned char *)encoder + encoder->to);
  look looking = {model, output->trace, array_at(encoder, encoder->saved), done, n_frames};
  if (model->mean) {
    float *normalised = array_at(encoder, encoder->frames[0]);
    srn_normaliser_forward(model->mean, model->scale, x, normalised, n_frames, model->info.input_size);
    x = normalised;
  }
  direct(encoder, output, done, to);
  const srn_sweep sweep = {
      .cache = model->cache,
      .engine = &encoder->engine,
      .n_nodes = srn_model_nodes(model, output->output),
      .n_steps = n_frames,
      .n_sequences = 1,
      .x = x,
      .h = array_at(encoder, encoder->h),
      .c = array_at(encoder, encoder->c),
      .rows = {array_at(encoder, encoder->frames[0]), array_at(encoder, encoder->frames[1])},
      .to = to,
      .scratch = array_at(encoder, encoder->scratch),
      .saved = output->trace ? array_at(encoder, encoder->saved) : NULL,
      .block_rows = BLOCK_FRAMES,
      .position = encoder->position,
      .after = output->trace ? observe : NULL,
      .user = &looking,
  };
  const float *last = srn_sweep_run(&sweep);
  if (output->output && !model->info.has_output_layer) {
    size_t width = model->info.output_size;
    memcpy(output->output + done * width, last, n_frames * width * sizeof *last);
  }
  encoder->position += n_frames;
}

void specrnn_encoder_process(specrnn_encoder *encoder, const float *frames, size_t n_frames,
                             const specrnn_encoder_output *output)
{
  static const specrnn_encoder_output NOTHING = SPECRNN_ENCODER_OUTPUT_INIT;
  srn_fpu_mode before = srn_fpu_enter();
  output = output ? output : &NOTHING;
  size_t most = output->trace ? LOOK_FRAMES : BLOCK_FRAMES;
  for (size_t done = 0; done < n_frames;) {
    size_t n = n_frames - done < most ? n_frames - done : most;
    run_block(encoder, frames + done * encoder->model->info.input_size, n, done, output);
    done += n;
  }
  srn_fpu_leave(before);
}

/* ------------------------------------------------------------------------------------------------------------- states
 */

void specrnn_encoder_reset(specrnn_encoder *encoder)
{
  memset((unsigned char *)encoder + encoder->h, 0, encoder->scratch - encoder->h);
}

void specrnn_encoder_get_state(const specrnn_encoder *encoder, float *h, float *c)
{
  const specrnn_model_info *info = &encoder->model->info;
  if (h) {
    memcpy(h, const_array_at(encoder, encoder->h), info->h_size * sizeof *h);
  }
  if (c) {
    memcpy(c, const_array_at(encoder, encoder->c), info->c_size * sizeof *c);
  }
}

void specrnn_encoder_set_state(specrnn_encoder *encoder, const float *h, const float *c)
{
  const specrnn_model_info *info = &encoder->model->info;
  if (h) {
    memcpy(array_at(encoder, encoder->h), h, info->h_size * sizeof *h);
  }
  if (c) {
    memcpy(array_at(encoder, encoder->c), c, info->c_size * sizeof *c);
  }
}

/* Saved bytes: the mark, the fingerprint, h_size and c_size as u64, then h and c; all little-endian. */
static const unsigned char MARK[8] = {'s', 'r', 'n', 's', 't', 'a', 't', '1'};
enum { WORD = 8, HEADER_SIZE = 4 * WORD, NUMBER = 4 };

size_t specrnn_encoder_saved_size(const specrnn_encoder *encoder)
{
  return HEADER_SIZE + NUMBER * (encoder->model->info.h_size + encoder->model->info.c_size);
}

static unsigned char *store_floats(unsigned char *bytes, const float *values, size_t count)
{
  for (size_t i = 0; i < count; i++, bytes += NUMBER) {
    uint32_t bits;
    memcpy(&bits, &values[i], sizeof bits);
    srn_store_le(bytes, bits, NUMBER);
  }
  return bytes;
}

static const unsigned char *load_floats(const unsigned char *bytes, float *values, size_t count)
{
  for (size_t i = 0; i < count; i++, bytes += NUMBER) {
    uint32_t bits = srn_load_le32(bytes);
    memcpy(&values[i], &bits, sizeof bits);
  }
  return bytes;
}

static void store_header(const specrnn_model_info *info, unsigned char *bytes)
{
  memcpy(bytes, MARK, WORD);
  srn_store_le(bytes + WORD, info->fingerprint, WORD);
  srn_store_le(bytes + 2 * WORD, info->h_size, WORD);
  srn_store_le(bytes + 3 * WORD, info->c_size, WORD);
}

void specrnn_encoder_save(const specrnn_encoder *encoder, void *bytes)
{
  const specrnn_model_info *info = &encoder->model->info;
  store_header(info, bytes);
  unsigned char *at =
      store_floats((unsigned char *)bytes + HEADER_SIZE, const_array_at(encoder, encoder->h), info->h_size);
  store_floats(at, const_array_at(encoder, encoder->c), info->c_size);
}

specrnn_status specrnn_encoder_restore(specrnn_encoder *encoder, const void *bytes, size_t n_bytes,
                                       const specrnn_log *log)
{
  const specrnn_model_info *info = &encoder->model->info;
  const unsigned char *saved = bytes;
  if (n_bytes < HEADER_SIZE || memcmp(saved, MARK, WORD) != 0) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "this is no saved state of an encoder");
  }
  unsigned char expected[HEADER_SIZE];
  store_header(info, expected);
  if (memcmp(saved, expected, HEADER_SIZE) != 0) {
    return srn_fail(log, SPECRNN_ERROR_SHAPE, "the saved state belongs to another model (fingerprint %016llx)",
                    (unsigned long long)srn_load_le64(saved + WORD));
  }
  if (n_bytes != specrnn_encoder_saved_size(encoder)) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "the saved state has %zu bytes; %zu are needed", n_bytes,
                    specrnn_encoder_saved_size(encoder));
  }
  const unsigned char *at = load_floats(saved + HEADER_SIZE, array_at(encoder, encoder->h), info->h_size);
  load_floats(at, array_at(encoder, encoder->c), info->c_size);
  return SPECRNN_OK;
}
