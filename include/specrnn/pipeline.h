/** @file pipeline.h
 * Sound in, features and hidden states out: one object from one model file, for an audio callback.
 *
 *     specrnn_model_load(&model, "voice.safetensors", NULL, log);
 *     specrnn_pipeline_config config = SPECRNN_PIPELINE_CONFIG_INIT;
 *     config.sample_rate_hz = 48000;
 *     specrnn_pipeline_create(&pipeline, model, &config, log);
 *     in the callback:
 *       specrnn_pipeline_push(pipeline, pcm, n_frames);
 *       while (specrnn_pipeline_pull(pipeline, &frame) == SPECRNN_OK)
 *         react(frame.hidden[top], frame.n_hidden[top], frame.time_s);
 *
 * push and pull allocate nothing, lock nothing and call no system; where the rate must be changed, soxr may still grow
 * its buffers during the first pulls. The caller's floating-point mode is what it was, and changes nothing. Frames are
 * the same bits however the input is cut, and the same as specrnn_audio_read of a file with those samples,
 * specrnn_features_compute and specrnn_model_forward give of the whole.
 * A pipeline belongs to one thread at a time; the model is shared, and kept alive.
 */
#ifndef SPECRNN_PIPELINE_H
#define SPECRNN_PIPELINE_H

#include "specrnn/core.h"
#include "specrnn/features.h"
#include "specrnn/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What stands for the maximum of the whole input, which a stream cannot know (features.h, specrnn_maximum). */
typedef enum specrnn_pipeline_maximum {
  SPECRNN_PIPELINE_MAXIMUM_MODEL,   /**< as the model's front end says; where that is `whole`, RUNNING, and a warning
                                         when the pipeline is created says so */
  SPECRNN_PIPELINE_MAXIMUM_FIXED,   /**< the front end's maximum_value */
  SPECRNN_PIPELINE_MAXIMUM_RUNNING, /**< that of the frames so far */
} specrnn_pipeline_maximum;

/** What push does about samples that are NaN, infinite, or beyond SPECRNN_AUDIO_MAX_MAGNITUDE (audio.h). */
typedef enum specrnn_pipeline_nan {
  SPECRNN_PIPELINE_NAN_ERROR, /**< SPECRNN_ERROR_NOT_FINITE; nothing is consumed */
  SPECRNN_PIPELINE_NAN_ZERO,  /**< they become 0 and are counted */
} specrnn_pipeline_nan;

/** Described by specrnn_pipeline_options. */
typedef struct specrnn_pipeline_config {
  int sample_rate_hz; /**< of what is pushed; 0 ("model"): that of the model's front end */
  int channels;       /**< of what is pushed, interleaved; their mean goes on; default 1 */
  int max_push;       /**< the most frames of a push, taken for certain once everything was pulled; default 65536 */
  specrnn_pipeline_maximum maximum; /**< default MODEL */
  specrnn_pipeline_nan nan;         /**< default ERROR */
} specrnn_pipeline_config;

#define SPECRNN_PIPELINE_CONFIG_INIT                                                                                   \
  {                                                                                                                    \
    0, 1, 65536, SPECRNN_PIPELINE_MAXIMUM_MODEL, SPECRNN_PIPELINE_NAN_ERROR                                            \
  }

/** sample_rate, channels, max_push, maximum, nan. */
SPECRNN_API const specrnn_option_table *specrnn_pipeline_options(void);

typedef struct specrnn_pipeline specrnn_pipeline;

/** One frame. The pointers hold until the next call on the pipeline. */
typedef struct specrnn_frame {
  uint64_t index;             /**< 0 for the first */
  double time_s;              /**< of its centre, from the first sample pushed */
  size_t n_features;          /**< bins of the front end */
  const float *features;      /**< (n_features), before the model's normaliser */
  size_t n_layers;            /**< of the model */
  const size_t *n_hidden;     /**< (n_layers): width of each layer */
  const float *const *hidden; /**< n_layers pointers to the states of each layer */
  size_t n_output;            /**< of the output layer, or of the top layer */
  const float *output;        /**< (n_output) */
} specrnn_frame;

/** Makes a pipeline; `config` may be NULL.
 *  @return SPECRNN_ERROR_ARGUMENT     a value outside its range, or a model without a front end
 *          SPECRNN_ERROR_UNSUPPORTED  a bidirectional model, a front end that needs the whole input for more than its
 *                                     maximum (cmvn utterance), rates too far apart
 *          SPECRNN_ERROR_MEMORY */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_pipeline_create(specrnn_pipeline **out,
                                                                      const specrnn_model *model,
                                                                      const specrnn_pipeline_config *config,
                                                                      const specrnn_log *log);

SPECRNN_API void specrnn_pipeline_destroy(specrnn_pipeline **pipeline);

/** Gives n_frames instants of interleaved samples, all or none of them; 1.0 is full scale.
 *  @return SPECRNN_ERROR_ARGUMENT   more frames than max_push, which no pull makes room for; nothing was consumed
 *          SPECRNN_ERROR_FULL       pull first; nothing was consumed
 *          SPECRNN_ERROR_NOT_FINITE a bad sample, and the policy is to refuse it; nothing was consumed
 *          SPECRNN_ERROR_STATE      after flush */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_pipeline_push(specrnn_pipeline *pipeline, const float *samples,
                                                                    size_t n_frames);

/** Takes the next frame.
 *  @return SPECRNN_OK, SPECRNN_NEED_INPUT, or SPECRNN_END after flush; what flush could not say, as
 *  SPECRNN_ERROR_SHAPE for an input too short for its edge rule; SPECRNN_ERROR_MEMORY where soxr failed, which only
 *  reset mends (soxr 0.1.3 does not notice when its own buffers cannot grow: warm it up where memory is scarce). */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_pipeline_pull(specrnn_pipeline *pipeline, specrnn_frame *frame);

/** Says that the input has ended: the frames that waited for more can now be pulled. */
SPECRNN_API void specrnn_pipeline_flush(specrnn_pipeline *pipeline);

/** Back to the state after creation. Where rates differ this allocates.
 *  @return SPECRNN_ERROR_MEMORY; the pipeline is then unchanged. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_pipeline_reset(specrnn_pipeline *pipeline);

/** Samples of the front end's rate from the middle of a frame until it can be pulled, however small the pushes are.
 * What the resampler holds back is in it, as measured at creation (37 ms from 48 to 16 kHz, 116 ms from 8 to 16 kHz),
 * so that a frame may also come earlier: soxr works in blocks. At the start an edge rule may look further ahead. */
SPECRNN_API size_t specrnn_pipeline_latency_samples(const specrnn_pipeline *pipeline);

/** Samples replaced by 0 under SPECRNN_PIPELINE_NAN_ZERO since creation or reset. */
SPECRNN_API uint64_t specrnn_pipeline_n_bad(const specrnn_pipeline *pipeline);

#ifdef __cplusplus
}
#endif

#endif
