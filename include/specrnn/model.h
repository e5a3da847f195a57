/** @file model.h
 * Recurrent models: a chain of RNN, LSTM, GRU and linear modules with their weights, and, where the model knows them,
 * the front end that makes its input, a per-bin normaliser and test vectors.
 *
 * A model never changes once made, so any number of threads and encoders (encoder.h) may use it at once. It is
 * reference-counted: the encoders made from it keep it alive. What looks like a change (specrnn_model_with_...) makes
 * another model.
 *
 * Formulas are those of torch.nn.RNN, LSTM and GRU; x is the input of a step, h and c the states before it:
 *
 *     RNN   h' = act(W_ih x + b_ih + W_hh h + b_hh), act tanh or relu
 *     LSTM  rows i, f, g, o:  c' = sigmoid(f) c + sigmoid(i) tanh(g);  h' = sigmoid(o) tanh(c'), or W_hr of that
 *     GRU   rows r, z, n:     h' = (1 - z) n + z h, where
 *             reset after     n = tanh(W_in x + b_in + r (W_hn h + b_hn))       (PyTorch, cuDNN)
 *             reset before    n = tanh(W_in x + b_in + W_hn (r h) + b_hn)       (ONNX linear_before_reset = 0, old
 * Keras) linear                  y = W x + b, then identity or softmax
 *
 * Words used below
 * - module: what has a name in a state_dict, as "rnn1"; a recurrent one holds num_layers layers.
 * - layer: one step of depth of a recurrent module, both directions included, or a linear module that is not last.
 *   Layers are numbered from 0 through the whole chain. A linear module at the end of the chain is the output layer and
 *   is not counted; without one the output is that of the top layer.
 * - width of a layer: features that it puts out per frame, D * hidden_size (or D * proj_size), D = 2 if bidirectional.
 */
#ifndef SPECRNN_MODEL_H
#define SPECRNN_MODEL_H

#include "specrnn/core.h"
#include "specrnn/features.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Immutable; shared by threads. */
typedef struct specrnn_model specrnn_model;

/* ------------------------------------------------------------------------------------------------------- structure */

enum {
  SPECRNN_MODEL_NAME_SIZE = 64,    /**< of a module's name, the final 0 included */
  SPECRNN_MODEL_MAX_WIDTH = 65536, /**< of input_size, hidden_size, proj_size, and of every layer */
  SPECRNN_MODEL_MAX_LAYERS = 256,  /**< of the whole chain */
  SPECRNN_MODEL_MAX_TESTS = 256,   /**< test vectors of a model */
  SPECRNN_MODEL_MAX_TEST_FRAMES = 65536,
};

/** How the matrices of a model are kept and multiplied. Biases, states and all else are float. */
typedef enum specrnn_weight_type {
  SPECRNN_WEIGHT_F32,
  SPECRNN_WEIGHT_BF16, /**< rounded to bfloat16, 8 bits of precision; products as with float */
  SPECRNN_WEIGHT_INT8, /**< whole numbers -127 ... 127 times a scale per row; inputs of a product are rounded to 12
                            bits, its sums are exact, so that the result is the same on every machine */
  SPECRNN_WEIGHT_TYPES,
} specrnn_weight_type;

/** "f32", "bf16", "int8". */
SPECRNN_API const char *specrnn_weight_type_name(specrnn_weight_type type);

/** Kind `index` of the layers there are: "rnn", "lstm", "gru", "linear", "softmax", "dropout"; NULL past the last. */
SPECRNN_API const char *specrnn_kind_name(size_t index);

/** What a kind computes, in a line; NULL for no kind. */
SPECRNN_API const char *specrnn_kind_help(const char *kind);

/** The options of a kind with their keys, ranges and help; NULL for no kind. */
SPECRNN_API const specrnn_option_table *specrnn_kind_options(const char *kind);

/** The plan of a network: its modules one after the other, without a number in it. For one thread at a time. */
typedef struct specrnn_graph specrnn_graph;

/** A graph that reads `input_size` features per frame, 1 ... SPECRNN_MODEL_MAX_WIDTH, without a module. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_graph_create(specrnn_graph **out, size_t input_size,
                                                                   const specrnn_log *log);

/** Adds a module, which reads the one before it.
 *  @param name     prefix of its tensors, "encoder.rnn1": letters, digits, '_', '-', '.'; "" where they have none; no
 * two are the same
 *  @param kind     of specrnn_kind_name. A softmax follows a linear module; dropout is an option of recurrent ones
 *  @param inputs   names of what it reads: of the module before it, or NULL with n_inputs 0, which says the same
 *  @param options  a JSON object of options of its kind, "{\"hidden_size\": 128}"; NULL for none
 *  @return SPECRNN_ERROR_ARGUMENT with the key or the name in the message, SPECRNN_ERROR_FORMAT for text that is no
 * JSON, SPECRNN_ERROR_UNSUPPORTED for an order that is no chain, SPECRNN_ERROR_MEMORY; the graph is what it was then.
 */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_graph_add(specrnn_graph *graph, const char *name,
                                                                const char *kind, const char *const *inputs,
                                                                size_t n_inputs, const char *options,
                                                                const specrnn_log *log);

/** The same from JSON: {"input_shape": [80], "nodes": [{"name": "rnn1", "kind": "lstm", "hidden_size": 128}, ...]},
 * where a node has its options as members beside "name", "kind" and, if it says so, "input". */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_graph_from_json(specrnn_graph **out, const char *json,
                                                                      const specrnn_log *log);

/** That JSON of a graph on one line, with the options that differ from their defaults; specrnn_json_destroy frees it.
 */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_graph_to_json(char **json, const specrnn_graph *graph,
                                                                    const specrnn_log *log);

/** Features that its last module puts out per frame. */
SPECRNN_API size_t specrnn_graph_output_size(const specrnn_graph *graph);

SPECRNN_API void specrnn_graph_destroy(specrnn_graph **graph);

/** What specrnn_model_create makes. */
typedef struct specrnn_model_config {
  const specrnn_graph *graph; /**< the plan, which the model copies; at least one module is recurrent */
  bool batch_first;           /**< arrays that go with this model are (N, T, I), not (T, N, I); a note for users */
  /** Every parameter in the order of specrnn_model_parameter, one after the other, all finite; NULL draws them. */
  const float *parameters;
  /** Drawn parameters are those of PyTorch's reset_parameters: uniform in (-1/sqrt(H), 1/sqrt(H)), H the hidden_size
   *  (linear: the input_size), biases included. Element i of parameter p is
   *      bound * (2 u - 1), u = number (p << 32) + i of the uniform numbers in [0, 1) of `seed`
   *  (SplitMix64 by counter, upper 53 bits, in double, rounded to float once). */
  uint64_t seed;
  const specrnn_features_config *front_end; /**< NULL: the model reads feature frames from elsewhere */
  /** Normaliser: frame bin b becomes (x - mean[b]) * scale[b]; input_size numbers each, or both NULL for none. */
  const float *mean;
  const float *scale;
} specrnn_model_config;

#define SPECRNN_MODEL_CONFIG_INIT                                                                                      \
  {                                                                                                                    \
    NULL, true, NULL, 0, NULL, NULL, NULL                                                                              \
  }

/** Makes a model from a graph. @return SPECRNN_ERROR_ARGUMENT, _SHAPE (widths that do not chain, a front end whose
 *  frames do not fit), _NOT_FINITE, _MEMORY. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_model_create(specrnn_model **out,
                                                                   const specrnn_model_config *config,
                                                                   const specrnn_log *log);

/** Another owner of the same model, who destroys it once more: it goes with its last owner. Streams and groups own
 *  theirs. Thread-safe. */
SPECRNN_API specrnn_model *specrnn_model_share(const specrnn_model *model);

/** One owner less. */
SPECRNN_API void specrnn_model_destroy(specrnn_model **model);

/** Copies with another front end (NULL: none), another normaliser (both NULL: none; n must be the model's input_size).
 *  Test vectors are dropped where they no longer hold: with_normaliser. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_model_with_front_end(specrnn_model **out,
                                                                           const specrnn_model *model,
                                                                           const specrnn_features_config *front_end,
                                                                           const specrnn_log *log);
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_model_with_normaliser(specrnn_model **out,
                                                                            const specrnn_model *model,
                                                                            const float *mean, const float *scale,
                                                                            size_t n, const specrnn_log *log);

/* --------------------------------------------------------------------------------------------------------- loading */

/** What a state_dict does not say. AUTO takes what the file's metadata says (safetensors: the keys nonlinearity,
 *  gru_reset, activation and layout, with the words of specrnn_model_load_options), else PyTorch's default, and tells
 *  the log that it did: SPECRNN_LOG_WARNING for tanh, as relu is as likely, else SPECRNN_LOG_INFO. A value that
 *  contradicts the metadata is an error. One about modules that the model does not have does nothing:
 *  specrnn_model_has_option. */
typedef enum specrnn_load_nonlinearity {
  SPECRNN_LOAD_NONLINEARITY_AUTO,
  SPECRNN_LOAD_NONLINEARITY_TANH,
  SPECRNN_LOAD_NONLINEARITY_RELU,
} specrnn_load_nonlinearity;

typedef enum specrnn_load_gru_reset {
  SPECRNN_LOAD_GRU_RESET_AUTO,
  SPECRNN_LOAD_GRU_RESET_AFTER,
  SPECRNN_LOAD_GRU_RESET_BEFORE,
} specrnn_load_gru_reset;

typedef enum specrnn_load_activation {
  SPECRNN_LOAD_ACTIVATION_AUTO,
  SPECRNN_LOAD_ACTIVATION_IDENTITY,
  SPECRNN_LOAD_ACTIVATION_SOFTMAX,
} specrnn_load_activation;

typedef enum specrnn_load_layout {
  SPECRNN_LOAD_LAYOUT_AUTO,        /**< as the file says, else batch first */
  SPECRNN_LOAD_LAYOUT_BATCH_FIRST, /**< (N, T, I) */
  SPECRNN_LOAD_LAYOUT_TIME_FIRST,  /**< (T, N, I) */
} specrnn_load_layout;

typedef struct specrnn_model_load_config {
  int nonlinearity; /**< specrnn_load_nonlinearity, of every RNN module */
  int gru_reset;    /**< specrnn_load_gru_reset, of every GRU module */
  int activation;   /**< specrnn_load_activation, of the output layer */
  int layout;       /**< specrnn_load_layout */
  /** Names of all modules in the order of the chain, "rnn1,rnn2,head". NULL: as the metadata says (specrnn.chain, in
   *  files of specrnn_model_export); else, of a .pt, the order in which its modules were registered, where their widths
   *  chain in it (SPECRNN_LOG_WARNING where they do in another order too); else the only order in which they do, names
   *  that differ by a number in the order of the numbers (rnn2 before rnn10). Several orders, or none, are an error
   * that lists them, and so is a square weight without a bias, which may be an embedding. */
  const char *chain;
  /** Modules that hold an LSTM as one matrix on [h; x]: NAME.weight (4H, H + I), NAME.bias (4H), rows f, i, o, c
   *  (forget, input, output, candidate). A list as in `chain`; NULL for none. They become PyTorch's layout. */
  const char *concatenated;
  /** Bytes that loading may allocate in all; 0: 8 x the file's size + 16 MiB. A packed file of few bytes can hold many.
   */
  uint64_t memory_limit;
} specrnn_model_load_config;

#define SPECRNN_MODEL_LOAD_CONFIG_INIT                                                                                 \
  {                                                                                                                    \
    SPECRNN_LOAD_NONLINEARITY_AUTO, SPECRNN_LOAD_GRU_RESET_AUTO, SPECRNN_LOAD_ACTIVATION_AUTO,                         \
        SPECRNN_LOAD_LAYOUT_AUTO, NULL, NULL, 0                                                                        \
  }

/** The choices of specrnn_model_load_config (all but `chain` and `concatenated`, which are free text). */
SPECRNN_API const specrnn_option_table *specrnn_model_load_options(void);

/** Loads a model. The format is known by content: safetensors (F32, F16, BF16, F64), the zip that torch.save writes of
 *  a state_dict (read without executing anything), .npz. config NULL: all defaults.
 *
 *  Loading is strict: every tensor is used, none is missing, every shape fits, every weight is finite; the message
 * names the tensor. rows(W_hh) / cols(W_hh) = 1, 3, 4 tells RNN, GRU, LSTM; weight_hr_* an LSTM with projection; a lone
 *  rank-2 PREFIX.weight a linear layer.
 *  @return SPECRNN_ERROR_IO, _FORMAT, _SHAPE, _NOT_FINITE, _UNSUPPORTED, _ARGUMENT, _MEMORY. No allocation is larger
 *  than twice the file plus 16 MiB, four times that for a file of 8-bit weights. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_model_load(specrnn_model **out, const char *path,
                                                                 const specrnn_model_load_config *config,
                                                                 const specrnn_log *log);

/** The same from the bytes of a file, which are not needed afterwards. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_model_load_memory(specrnn_model **out, const void *bytes,
                                                                        size_t n_bytes,
                                                                        const specrnn_model_load_config *config,
                                                                        const specrnn_log *log);

/** Loads a model that was built into the library (src/model/builtin): its name, or NULL for the first one. Programs
 *  build in their own with tools/embed_model.py and specrnn_model_load_memory.
 *  @return SPECRNN_ERROR_ARGUMENT for an unknown name, SPECRNN_ERROR_MEMORY. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_model_load_builtin(specrnn_model **out, const char *name,
                                                                         const specrnn_log *log);

/** Name of built-in model `index`, the default one first; NULL past the last. */
SPECRNN_API const char *specrnn_model_builtin_name(size_t index);

/** Writes a safetensors file with everything the model knows: weights, structure, front end, normaliser, test vectors,
 *  fingerprint. Loading it gives the same model. The file appears whole or not at all; "-" is standard output. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_model_save(const specrnn_model *model, const char *path,
                                                                 const specrnn_log *log);

/** Writes only the weights, under PyTorch's names and in F32, as a safetensors file that load_state_dict takes. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_model_export(const specrnn_model *model, const char *path,
                                                                   const specrnn_log *log);

/** A copy whose matrices are rounded to `type`, without test vectors: what they expect belongs to the other weights.
 *  @return SPECRNN_ERROR_UNSUPPORTED for 8-bit weights of more than 4096 columns. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_model_with_weights(specrnn_model **out,
                                                                         const specrnn_model *model,
                                                                         specrnn_weight_type type,
                                                                         const specrnn_log *log);

/* ------------------------------------------------------------------------------------------------------ description */

/** Who said how a file's arrays are to be understood. */
typedef enum specrnn_model_source {
  SPECRNN_MODEL_SOURCE_CREATED,    /**< specrnn_model_create */
  SPECRNN_MODEL_SOURCE_OWN,        /**< a file of specrnn_model_save */
  SPECRNN_MODEL_SOURCE_STATE_DICT, /**< another file; structure from shapes, options and defaults */
} specrnn_model_source;

typedef struct specrnn_model_info {
  specrnn_model_source source;
  specrnn_weight_type weight_type;
  size_t n_modules;
  size_t n_layers;
  size_t n_parameters;   /**< arrays: specrnn_model_parameter */
  size_t n_weights;      /**< numbers in all of them */
  size_t bytes_per_step; /**< of weights read for one frame of one stream */
  size_t input_size;     /**< I, features per frame */
  size_t output_size;    /**< features per frame of the output layer, or of the top layer */
  size_t h_size;         /**< numbers of all h of one sequence: the sum of D * H_out over the recurrent layers */
  size_t c_size;         /**< numbers of all c of one sequence: the sum of D * H over the LSTM layers */
  size_t n_tests;        /**< test vectors */
  bool has_output_layer;
  bool bidirectional; /**< some module is: no stream, only specrnn_model_forward */
  bool batch_first;
  bool has_normaliser;
  bool has_front_end;
  uint64_t fingerprint; /**< of structure, weights, normaliser and front end: what makes the numbers */
} specrnn_model_info;

SPECRNN_API const specrnn_model_info *specrnn_model_describe(const specrnn_model *model);

/** A module: what has a name in a state_dict. */
typedef struct specrnn_module_info {
  const char *name;    /**< "encoder.rnn1"; "" where its tensors have none */
  const char *kind;    /**< "lstm" */
  const char *title;   /**< "LSTM" */
  const char *options; /**< JSON object of the options that differ from the defaults of its kind */
  size_t input_size;   /**< features read per frame */
  size_t width;        /**< features put out per frame */
  size_t n_layers;
} specrnn_module_info;

/** Module `index` of the chain, below n_modules. */
SPECRNN_API const specrnn_module_info *specrnn_model_module(const specrnn_model *model, size_t index);

/** The graph of a model, a new object. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_model_graph(specrnn_graph **out, const specrnn_model *model,
                                                                  const specrnn_log *log);

/** What can be looked at in a cell, and the range of its values. */
typedef struct specrnn_gate {
  const char *name; /**< "forget gate f" */
  double low, high;
} specrnn_gate;

/** Everything that a program may want to know of a layer, so that it need not know the kinds there are. */
typedef struct specrnn_layer_info {
  const specrnn_module_info *module;
  const char *kind;          /**< of its module, as files spell it: "lstm" */
  const char *title;         /**< as people do: "LSTM" */
  const char *description;   /**< with what matters: "GRU, reset before, both directions" */
  const char *cell;          /**< what a step is: "tanh", "relu", "lstm", "gru"; NULL where it has no steps */
  size_t h_size, c_size;     /**< numbers of its h (D, H_out) and c (D, H) of a sequence; 0 where it has none */
  const specrnn_gate *gates; /**< n_gates of them, as specrnn_layer_trace has them; NULL where it has none */
  double low, high;          /**< its rows lie between; infinite where nothing bounds them */
  size_t module_index;
  int layer_in_module;
  size_t input_size;   /**< features read per frame */
  size_t width;        /**< features put out per frame */
  size_t n_directions; /**< D: 1 or 2 */
  size_t n_gates;      /**< G: rows of W_ih in units of hidden_size; 1 for a linear layer */
  size_t hidden_size;  /**< H: of c, and of each gate */
  size_t h_offset;     /**< first number of its h (D, H_out) among the h_size of a sequence; linear: has none */
  size_t c_offset;     /**< first number of its c (D, H) among the c_size of a sequence; LSTM only */
  size_t n_weights;
  size_t bytes_per_step;
} specrnn_layer_info;

/** Layer `index`, below n_layers; index n_layers is the output layer where there is one. */
SPECRNN_API const specrnn_layer_info *specrnn_model_layer(const specrnn_model *model, size_t index);

/** Whether some module has an option of specrnn_model_load_options: a nonlinearity, a gru_reset, an activation. */
SPECRNN_API bool specrnn_model_has_option(const specrnn_model *model, const char *key);

typedef struct specrnn_parameter {
  const char *name; /**< "rnn1.weight_ih_l0" */
  size_t rank;      /**< 1 or 2 */
  size_t shape[2];
} specrnn_parameter;

/** Parameter array `index`, below n_parameters: module by module, in each layer by layer, direction by direction,
 *  weight_ih, weight_hh, bias_ih, bias_hh, weight_hr; linear: weight, bias. */
SPECRNN_API const specrnn_parameter *specrnn_model_parameter(const specrnn_model *model, size_t index);

/** The numbers of parameter array `index`, row-major; of narrower weights what they stand for, exactly. The model holds
 *  them packed, so that this takes a pass over them. @return SPECRNN_ERROR_ARGUMENT where there is no such array. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_model_read_parameter(const specrnn_model *model, size_t index,
                                                                           float *values, const specrnn_log *log);

/** The parameter of that name, or NULL. */
SPECRNN_API const specrnn_parameter *specrnn_model_find_parameter(const specrnn_model *model, const char *name);

/** The front end, or NULL where the model has none. */
SPECRNN_API const specrnn_features_config *specrnn_model_front_end(const specrnn_model *model);

/** The normaliser's numbers, input_size each; false, and nothing written, where there is none. */
SPECRNN_API bool specrnn_model_normaliser(const specrnn_model *model, const float **mean, const float **scale);

/* ----------------------------------------------------------------------------------------------------- test vectors */

/** An input and the output that belongs to it. */
typedef struct specrnn_model_test {
  size_t n_frames;
  const float *input;  /**< (n_frames, input_size), before the normaliser */
  const float *output; /**< (n_frames, output_size) */
  double tolerance;    /**< largest absolute difference allowed */
} specrnn_model_test;

/** A copy with one more test vector. test->output NULL: what this library computes now, which later shows that another
 *  machine or version computes the same. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_model_with_test(specrnn_model **out, const specrnn_model *model,
                                                                      const specrnn_model_test *test,
                                                                      const specrnn_log *log);

/** Test vector `index`, below n_tests. */
SPECRNN_API const specrnn_model_test *specrnn_model_test_vector(const specrnn_model *model, size_t index);

typedef struct specrnn_model_check {
  size_t n_tests;
  size_t n_failed;
  double worst;      /**< largest absolute difference met */
  size_t worst_test; /**< where it was met */
  size_t worst_frame;
  size_t worst_feature;
} specrnn_model_check;

/** Runs every test vector; `check` receives what came out. @return SPECRNN_OK where all hold, SPECRNN_ERROR_FORMAT
 * where one does not, SPECRNN_ERROR_EMPTY where there is none; SPECRNN_ERROR_MEMORY. `check` is written in the first
 * two. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_model_verify(const specrnn_model *model,
                                                                   specrnn_model_check *check, const specrnn_log *log);

#ifdef __cplusplus
}
#endif

#endif
