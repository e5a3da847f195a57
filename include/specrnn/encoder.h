/** @file encoder.h
 * Running a model: frame by frame in a stream, or over whole arrays.
 *
 * Both run the same code with one order of addition: a stream gives, bit for bit, what the whole array gives, however
 * it is cut. Both work with the processor's flush-to-zero mode and round-to-nearest, and restore the caller's mode.
 */
#ifndef SPECRNN_ENCODER_H
#define SPECRNN_ENCODER_H

#include "specrnn/core.h"
#include "specrnn/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What the gates of a layer did, for pictures and debugging. Each pointer may be NULL.
 *
 *  For a batch the first dimensions are those of the layer's output: (T, D, ...) for one sequence, (N, T, D, ...) or
 *  (T, N, D, ...) for several. */
typedef struct specrnn_layer_trace {
  float
      *gates;  /**< (T, D, G, H) after their nonlinearities, in the order of the rows: RNN h; LSTM i f g o; GRU r z n */
  float *cell; /**< (T, D, H) c of each step; LSTM only */
} specrnn_layer_trace;

/* --------------------------------------------------------------------------------------------------------- a stream */

/** The state of one stream over a shared model: one block of memory, for one thread at a time. */
typedef struct specrnn_encoder specrnn_encoder;

/** Where results go. Each pointer may be NULL. */
typedef struct specrnn_encoder_output {
  float *const *hidden;             /**< n_layers pointers, each to (n_frames, width of the layer), or NULL */
  float *output;                    /**< (n_frames, output_size) */
  const specrnn_layer_trace *trace; /**< n_layers of them */
} specrnn_encoder_output;

#define SPECRNN_ENCODER_OUTPUT_INIT                                                                                    \
  {                                                                                                                    \
    NULL, NULL, NULL                                                                                                   \
  }

/** Starts a stream with all states zero. It keeps the model alive.
 *  @return SPECRNN_ERROR_UNSUPPORTED for a bidirectional model, which would need the future; SPECRNN_ERROR_MEMORY. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_encoder_create(specrnn_encoder **out, const specrnn_model *model,
                                                                     const specrnn_log *log);

/** A second stream that continues from the same state. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_encoder_clone(specrnn_encoder **out,
                                                                    const specrnn_encoder *encoder,
                                                                    const specrnn_log *log);

SPECRNN_API void specrnn_encoder_destroy(specrnn_encoder **encoder);

SPECRNN_API const specrnn_model *specrnn_encoder_model(const specrnn_encoder *encoder);

/** Back to the beginning: all states zero. Also cures a stream that met a NaN. */
SPECRNN_API void specrnn_encoder_reset(specrnn_encoder *encoder);

/** Takes n_frames >= 0 frames of input_size features each. Allocates nothing, locks nothing, calls no system; `output`
 *  may be NULL. Output arrays must not overlap `frames` or each other. */
SPECRNN_API void specrnn_encoder_process(specrnn_encoder *encoder, const float *frames, size_t n_frames,
                                         const specrnn_encoder_output *output);

/** The states now, or those to continue from: h (h_size numbers) and c (c_size), in the order of specrnn_layer_info's
 *  offsets. Either may be NULL. */
SPECRNN_API void specrnn_encoder_get_state(const specrnn_encoder *encoder, float *h, float *c);
SPECRNN_API void specrnn_encoder_set_state(specrnn_encoder *encoder, const float *h, const float *c);

/** Bytes that specrnn_encoder_save writes. */
SPECRNN_API size_t specrnn_encoder_saved_size(const specrnn_encoder *encoder);

/** Writes the stream's state, with the model's fingerprint, in the same bytes on every machine. */
SPECRNN_API void specrnn_encoder_save(const specrnn_encoder *encoder, void *bytes);

/** Takes a saved state back. @return SPECRNN_ERROR_FORMAT for other bytes or a wrong size, SPECRNN_ERROR_SHAPE where
 * the fingerprint is that of another model; the stream is unchanged then. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_encoder_restore(specrnn_encoder *encoder, const void *bytes,
                                                                      size_t n_bytes, const specrnn_log *log);

/* ---------------------------------------------------------------------------------------------------- many streams */

/** Memory for steps that several streams over one model make together: their frames share each pass over the weights,
 *  which is what a step mostly costs. It holds no stream's state, so streams come and go between steps as they like.
 *  For one thread at a time. */
typedef struct specrnn_encoder_group specrnn_encoder_group;

/** `capacity` >= 1: streams that share a pass; more of them take several. The group keeps the
 *  model alive.
 *  @return SPECRNN_ERROR_UNSUPPORTED for a bidirectional model; SPECRNN_ERROR_ARGUMENT, SPECRNN_ERROR_MEMORY. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_encoder_group_create(specrnn_encoder_group **out,
                                                                           const specrnn_model *model, size_t capacity,
                                                                           const specrnn_log *log);

SPECRNN_API void specrnn_encoder_group_destroy(specrnn_encoder_group **group);

/** One frame of each of `n` different streams: exactly specrnn_encoder_process(encoders[i], frames[i], 1, &outputs[i])
 *  for each, the same bits. `outputs` may be NULL; a stream that asks for a trace makes its step alone. Allocates
 *  nothing, locks nothing, calls no system.
 *  @return SPECRNN_ERROR_ARGUMENT where an encoder runs another model than the group's; nothing is done then. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_encoder_group_process(specrnn_encoder_group *group,
                                                                            specrnn_encoder *const *encoders,
                                                                            const float *const *frames, size_t n,
                                                                            const specrnn_encoder_output *outputs);

/* ----------------------------------------------------------------------------------------------------- whole arrays */

/** Sequences in, states of every layer out. Shapes below are for batch_first; else N and T change places. One sequence
 *  without a batch dimension is n_sequences = 1: the same memory. Results may be NULL where they are not wanted. */
typedef struct specrnn_batch {
  const float *input;    /**< (N, T, input_size) */
  size_t n_sequences;    /**< N >= 1 */
  size_t n_frames;       /**< T >= 1 */
  bool batch_first;      /**< of input, hidden, output and trace */
  const size_t *lengths; /**< N lengths from 1 to T, in any order; NULL: all T. Semantics of a packed sequence: the
                              reverse direction starts at the last valid frame, h_n and c_n are taken at the true
                              length, outputs beyond it are 0 */
  const float *h0;       /**< recurrent layer after recurrent layer (D, N, H_out): PyTorch's (L * D, N, H_out) for one
                              module, those of the modules one after the other for a chain; NULL: zeros */
  const float *c0;       /**< LSTM layers (D, N, H) in the same way; NULL: zeros */
  bool training;         /**< apply the dropout of the modules */
  /** Whether unit j of the `width` that layer l of module NAME puts out at time t of a sequence survives: where number
   *  t * width + j of the uniform numbers (see specrnn_model_config's seed) of
   *
   *      k = mix(mix(mix(mix(dropout_seed) ^ dropout_step) ^ FNV-1a of "NAME.l.dropout") ^ id of the sequence)
   *
   *  is at least p; mix(z) is number 0 of the random numbers of z, all their 64 bits. So the mask hangs neither on
   *  padding nor on who else is in the batch, and no two layers or steps share one. */
  uint64_t dropout_seed;
  uint64_t dropout_step;        /**< of the training */
  uint64_t first_frame;         /**< t of the first frame here */
  const uint64_t *sequence_ids; /**< N; NULL: 0 ... N - 1 */

  float *const *hidden;             /**< n_layers pointers, each to (N, T, width), or NULL */
  float *output;                    /**< (N, T, output_size) */
  float *h_n;                       /**< as h0 */
  float *c_n;                       /**< as c0 */
  const specrnn_layer_trace *trace; /**< n_layers of them */
} specrnn_batch;

#define SPECRNN_BATCH_INIT                                                                                             \
  {                                                                                                                    \
    NULL, 1, 0, true, NULL, NULL, NULL, false, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL                             \
  }

/** Runs the model over a batch. Each sequence's results are the same bits alone and in any batch.
 *  @return SPECRNN_ERROR_ARGUMENT, SPECRNN_ERROR_MEMORY. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_model_forward(const specrnn_model *model,
                                                                    const specrnn_batch *batch, const specrnn_log *log);

/** Fills `n` numbers of an initial state from N(0, sigma^2): numbers 0 ... n - 1 of the normal numbers of `seed`. */
SPECRNN_API void specrnn_model_draw_state(float *state, size_t n, double sigma, uint64_t seed);

#ifdef __cplusplus
}
#endif

#endif
