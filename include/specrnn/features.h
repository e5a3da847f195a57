/** @file features.h
 * From samples to features: STFT, mel and cepstral front ends that reproduce librosa, torchaudio, Kaldi and Whisper
 * operation by operation, in a stream or offline with the same bits.
 *
 * - A specrnn_features_config says everything about a front end. specrnn_features_preset fills every field; single
 *   fields are then overridden; fields that still say "auto" follow the preset's own rule (specrnn_features_resolve).
 * - A specrnn_extractor is the stream: push samples, pull frames. It allocates only when it is created.
 * - specrnn_features_compute is offline: the same code fed in blocks, plus what needs the whole input (the maximum of
 *   top_db and of ref = max, Whisper's maximum, normalisation per utterance), in memory that does not grow with it.
 * - The building blocks (windows, filter banks, decibels, deltas, statistics, inverses) are public too.
 *
 * Samples are mono float, 1.0 is full scale. Features are float rows: (frames, bins).
 * Configurations, tables and statistics are immutable while in use and may be shared by threads; an extractor belongs
 * to one thread at a time. Creation plans transforms, which is serialised inside FFTW; push and pull lock nothing.
 */
#ifndef SPECRNN_FEATURES_H
#define SPECRNN_FEATURES_H

#include <math.h>

#include "specrnn/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --------------------------------------------------------------------------------------------------- configuration */

/** Whose front end: librosa 0.11, torchaudio 0.13, Kaldi (compliance of torchaudio), OpenAI Whisper. */
typedef enum specrnn_preset {
  SPECRNN_PRESET_LIBROSA,
  SPECRNN_PRESET_TORCHAUDIO,
  SPECRNN_PRESET_KALDI,
  SPECRNN_PRESET_WHISPER,
} specrnn_preset;

typedef enum specrnn_features_kind {
  SPECRNN_KIND_STFT, /**< n_fft / 2 + 1 bins */
  SPECRNN_KIND_MEL,  /**< n_mels bands */
  SPECRNN_KIND_MFCC, /**< n_mfcc cepstral coefficients of the mel bands */
  SPECRNN_KIND_WAVE, /**< the samples themselves: every sample is a frame of one bin */
} specrnn_features_kind;

typedef enum specrnn_window {
  SPECRNN_WINDOW_HANN,        /**< 0.5 - 0.5 cos */
  SPECRNN_WINDOW_HAMMING,     /**< 0.54 - 0.46 cos */
  SPECRNN_WINDOW_BLACKMAN,    /**< 0.42 - 0.5 cos + 0.08 cos 2 */
  SPECRNN_WINDOW_POVEY,       /**< Hann to the power 0.85 */
  SPECRNN_WINDOW_RECTANGULAR, /**< ones */
  SPECRNN_WINDOW_KAISER,      /**< I0(beta sqrt(1 - x^2)) / I0(beta) */
} specrnn_window;

/** Where a window shorter than the transform lies in it. */
typedef enum specrnn_window_position {
  SPECRNN_WINDOW_CENTER, /**< zeros on both sides, left floor((n_fft - win_length) / 2); frames have n_fft samples */
  SPECRNN_WINDOW_LEFT,   /**< zeros on the right; frames have win_length samples, as in Kaldi */
} specrnn_window_position;

/** What stands beyond both ends of the input when `center` is set. */
typedef enum specrnn_pad_mode {
  SPECRNN_PAD_CONSTANT, /**< zeros */
  SPECRNN_PAD_REFLECT,  /**< mirrored, the end sample not repeated; needs more samples than n_fft / 2 */
  SPECRNN_PAD_EDGE,     /**< the end sample, held */
} specrnn_pad_mode;

/** Division of the spectrum before the modulus is taken. */
typedef enum specrnn_normalized {
  SPECRNN_NORMALIZED_NONE,
  SPECRNN_NORMALIZED_WINDOW,       /**< by sqrt(sum of the squared window) */
  SPECRNN_NORMALIZED_FRAME_LENGTH, /**< by sqrt(n_fft) */
} specrnn_normalized;

typedef enum specrnn_mel_scale {
  SPECRNN_MEL_SLANEY, /**< linear below 1 kHz, logarithmic above (Auditory Toolbox) */
  SPECRNN_MEL_HTK,    /**< 2595 log10(1 + f / 700) */
  SPECRNN_MEL_KALDI,  /**< 1127 ln(1 + f / 700) */
} specrnn_mel_scale;

typedef enum specrnn_mel_norm {
  SPECRNN_MEL_NORM_NONE,
  SPECRNN_MEL_NORM_SLANEY, /**< each triangle times 2 / (its width in Hz) */
} specrnn_mel_norm;

/** How the triangles are built. */
typedef enum specrnn_mel_bank {
  SPECRNN_MEL_BANK_LIBROSA,    /**< in Hz; bin k at k * rate / n_fft; weights rounded to float as librosa does */
  SPECRNN_MEL_BANK_TORCHAUDIO, /**< in Hz; bins spread evenly from 0 to floor(rate / 2) */
  SPECRNN_MEL_BANK_KALDI,      /**< straight lines over mel, not over Hz; the Nyquist bin has weight 0 */
} specrnn_mel_bank;

/** The level that becomes the feature, of v = the power (or magnitude ...) of a bin or band.
 *  Logarithms are of max(v, amin) / max(ref, amin). */
typedef enum specrnn_scale {
  SPECRNN_SCALE_LINEAR,  /**< v */
  SPECRNN_SCALE_DB,      /**< 20 / power * log10: 20 log10 of a magnitude, 10 log10 of a power */
  SPECRNN_SCALE_LN,      /**< natural logarithm */
  SPECRNN_SCALE_LOG10,   /**< decimal logarithm */
  SPECRNN_SCALE_WHISPER, /**< (log10 + 4) / 4, after the range top_db below the maximum was kept */
  SPECRNN_SCALE_PCEN,    /**< per-channel energy normalisation, as librosa.pcen */
} specrnn_scale;

/** What stands for the maximum of the whole input where top_db or ref = max asks for one. */
typedef enum specrnn_maximum {
  SPECRNN_MAXIMUM_WHOLE,   /**< the true one; offline only */
  SPECRNN_MAXIMUM_FIXED,   /**< maximum_value */
  SPECRNN_MAXIMUM_RUNNING, /**< that of all frames up to the present one, included */
} specrnn_maximum;

/** How coefficient n = 0, 1, ... is weighted when lifter L > 0. */
typedef enum specrnn_lifter_kind {
  SPECRNN_LIFTER_LIBROSA, /**< 1 + L / 2 sin(pi (n + 1) / L) */
  SPECRNN_LIFTER_KALDI,   /**< 1 + L / 2 sin(pi n / L) */
} specrnn_lifter_kind;

typedef enum specrnn_delta_kind {
  SPECRNN_DELTA_SAVGOL,     /**< Savitzky-Golay, edges by the polynomial of the first and last delta_width frames
                                 (scipy's mode interp); order 2 is the second derivative of the features */
  SPECRNN_DELTA_REGRESSION, /**< sum of n (c[t+n] - c[t-n]) / (2 sum of n^2), edges held; order 2 is the delta of the
                                 delta, as torchaudio.functional.compute_deltas applied twice */
} specrnn_delta_kind;

typedef enum specrnn_cmvn {
  SPECRNN_CMVN_NONE,
  SPECRNN_CMVN_UTTERANCE, /**< by the mean of the whole input; offline only */
  SPECRNN_CMVN_SLIDING,   /**< by the mean of a window of frames, as Kaldi's apply-cmvn-sliding */
  SPECRNN_CMVN_FILE,      /**< by given specrnn_statistics */
} specrnn_cmvn;

typedef enum specrnn_precision {
  SPECRNN_PRECISION_FLOAT,
  SPECRNN_PRECISION_DOUBLE, /**< the reference path: everything in double, rounded to float once, at the end */
} specrnn_precision;

/** Words of the option table that stand for a number. */
#define SPECRNN_AUTO          0        /**< n_fft, win_length, hop_length, amin: by the preset's rule */
#define SPECRNN_FMAX_NYQUIST  0.0      /**< fmax; a negative fmax is an offset from the Nyquist frequency */
#define SPECRNN_POWER_COMPLEX 0.0      /**< power: the complex spectrum, bins as (real, imaginary) pairs */
#define SPECRNN_REF_MAX       INFINITY /**< ref: the maximum of the input */
#define SPECRNN_NONE          INFINITY /**< top_db, fit_duration_s: no limit */

/** Everything about a front end. Ranges, units and words of every field: specrnn_features_options. */
typedef struct specrnn_features_config {
  specrnn_preset preset; /**< which rules stand behind "auto"; else a name for display */
  specrnn_features_kind kind;
  int sample_rate_hz;
  double input_scale;    /**< samples are multiplied by this first; Kaldi's is 32768 */
  double fit_duration_s; /**< pad with zeros or trim to this duration first (Whisper: 30), or SPECRNN_NONE */

  int n_fft;      /**< auto: 2048 librosa; 400 torchaudio, whisper; kaldi: win_length, as round_to_power_of_two says */
  int win_length; /**< at most n_fft; auto: n_fft; kaldi: 25 ms */
  int hop_length; /**< auto: win_length / 4 librosa; win_length / 2 torchaudio; 160 whisper; 10 ms kaldi */
  bool round_to_power_of_two; /**< an automatic Kaldi n_fft is the next power of two */
  specrnn_window window;
  double kaiser_beta;
  bool window_periodic; /**< period win_length (spectra), else win_length - 1 (symmetric, as in Kaldi) */
  specrnn_window_position window_position;
  bool center; /**< frame f is centred at sample f * hop_length; frames = 1 + floor((N + 2P - n_fft) / hop) */
  specrnn_pad_mode pad_mode;
  bool snip_edges;      /**< without center: only whole frames; false: Kaldi's floor((N + hop/2) / hop) mirrored frames,
                           however      short the input */
  bool drop_last_frame; /**< as Whisper does */

  double dither;         /**< standard deviation of the noise added to each (scaled) sample */
  uint64_t seed;         /**< of the dither, which is a function of the seed and of the sample's index alone */
  bool remove_dc_offset; /**< subtract each frame's mean */
  double preemphasis;    /**< x[i] -= c x[i-1] within each frame, x[0] -= c x[0] */

  double power; /**< exponent of the modulus, any positive; or SPECRNN_POWER_COMPLEX (stft, scale linear) */
  specrnn_normalized normalized;

  int n_mels;
  double fmin;
  double fmax; /**< at most the Nyquist frequency; 0 is the Nyquist frequency, negative an offset from it */
  specrnn_mel_scale mel_scale;
  specrnn_mel_norm mel_norm;
  specrnn_mel_bank mel_bank;

  specrnn_scale scale;
  double ref;    /**< positive, in the units of v; or SPECRNN_REF_MAX */
  double amin;   /**< floor of v; auto: 10^(-5 power), that is 1e-5 for magnitudes and 1e-10 for powers */
  double top_db; /**< logarithmic scales keep this range below the maximum; or SPECRNN_NONE */
  specrnn_maximum maximum;
  double maximum_value; /**< of the policy fixed, in the units of v */

  bool use_energy;     /**< the frame's log energy: before the bands (after them: htk_compat), in place of C0 (mfcc) or
                            of bin 0 (stft) */
  bool raw_energy;     /**< energy before preemphasis and window */
  double energy_floor; /**< least energy, before the logarithm; 0 for none */
  bool htk_compat;     /**< energy or C0 last; C0 times sqrt(2) where it is not the energy */

  double pcen_gain;
  double pcen_bias;
  double pcen_power;
  double pcen_time_constant_s;
  double pcen_eps;

  int n_mfcc;    /**< at most n_mels; DCT-II, orthonormal */
  double lifter; /**< 0 for none */
  specrnn_lifter_kind lifter_kind;

  int delta_order; /**< 0, 1 or 2: the row becomes (features, delta, delta-delta) */
  specrnn_delta_kind delta_kind;
  int delta_width; /**< odd, from 3 */
  specrnn_cmvn cmvn;
  bool cmvn_variance;  /**< divide by the deviation too */
  int cmvn_window;     /**< sliding: frames */
  int cmvn_min_window; /**< sliding, not centred: least frames at the start */
  bool cmvn_center;    /**< sliding: window centred on the frame, which costs latency */
  int splice_left;     /**< frames before and after that are put beside each frame, edges held */
  int splice_right;

  specrnn_precision precision;
} specrnn_features_config;

/** The librosa preset of kind mel. */
#define SPECRNN_FEATURES_CONFIG_INIT                                                                                   \
  {                                                                                                                    \
    .preset = SPECRNN_PRESET_LIBROSA, .kind = SPECRNN_KIND_MEL, .sample_rate_hz = 22050, .input_scale = 1.0,           \
    .fit_duration_s = SPECRNN_NONE, .n_fft = SPECRNN_AUTO, .win_length = SPECRNN_AUTO, .hop_length = SPECRNN_AUTO,     \
    .round_to_power_of_two = true, .window = SPECRNN_WINDOW_HANN, .kaiser_beta = 12.0, .window_periodic = true,        \
    .window_position = SPECRNN_WINDOW_CENTER, .center = true, .pad_mode = SPECRNN_PAD_CONSTANT, .snip_edges = true,    \
    .drop_last_frame = false, .dither = 0.0, .seed = 0, .remove_dc_offset = false, .preemphasis = 0.0, .power = 2.0,   \
    .normalized = SPECRNN_NORMALIZED_NONE, .n_mels = 128, .fmin = 0.0, .fmax = SPECRNN_FMAX_NYQUIST,                   \
    .mel_scale = SPECRNN_MEL_SLANEY, .mel_norm = SPECRNN_MEL_NORM_SLANEY, .mel_bank = SPECRNN_MEL_BANK_LIBROSA,        \
    .scale = SPECRNN_SCALE_DB, .ref = 1.0, .amin = SPECRNN_AUTO, .top_db = 80.0, .maximum = SPECRNN_MAXIMUM_WHOLE,     \
    .maximum_value = 1.0, .use_energy = false, .raw_energy = true, .energy_floor = 1.0, .htk_compat = false,           \
    .pcen_gain = 0.98, .pcen_bias = 2.0, .pcen_power = 0.5, .pcen_time_constant_s = 0.4, .pcen_eps = 1e-6,             \
    .n_mfcc = 20, .lifter = 0.0, .lifter_kind = SPECRNN_LIFTER_LIBROSA, .delta_order = 0,                              \
    .delta_kind = SPECRNN_DELTA_SAVGOL, .delta_width = 9, .cmvn = SPECRNN_CMVN_NONE, .cmvn_variance = false,           \
    .cmvn_window = 600, .cmvn_min_window = 100, .cmvn_center = false, .splice_left = 0, .splice_right = 0,             \
    .precision = SPECRNN_PRECISION_DOUBLE,                                                                             \
  }

/** Every field with its key, range, unit, words and help; the defaults are SPECRNN_FEATURES_CONFIG_INIT. */
SPECRNN_API const specrnn_option_table *specrnn_features_options(void);

/** Fills every field as that front end has it for that kind of feature (stft: power 1, except Kaldi's and Whisper's).
 *  @return SPECRNN_ERROR_ARGUMENT for values outside the enums. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_features_preset(specrnn_features_config *out,
                                                                      specrnn_preset preset,
                                                                      specrnn_features_kind kind);

/** Whether the field `key` of a complete configuration has an effect beside the others: NULL where it has, else what
 * would give it one ("kind mfcc"). Thread-safe. */
SPECRNN_API const char *specrnn_features_unused(const specrnn_features_config *config, const char *key);

/** Replaces every "auto" by its number (SPECRNN_FMAX_NYQUIST too), then checks all ranges and the rules between fields.
 *  Everything below does this to its own copy; call it to store a configuration that is complete.
 *  @return SPECRNN_ERROR_ARGUMENT with a message that names the field; the config is then unchanged. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_features_resolve(specrnn_features_config *config,
                                                                       const specrnn_log *log);

/** What follows from a configuration. */
typedef struct specrnn_features_shape {
  size_t n_bins;          /**< of a row as it comes out, deltas and splicing included */
  size_t n_base_bins;     /**< before deltas and splicing */
  int hop_length;         /**< samples from frame to frame */
  double frame_rate_hz;   /**< sample_rate_hz / hop_length */
  size_t latency_samples; /**< in a stream: a frame centred at sample c can be pulled when c + latency_samples samples
                               have been pushed (later at the start, where an edge rule looks further ahead) */
  bool whole_input;       /**< some step looks at the whole input: offline only */
} specrnn_features_shape;

SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_features_describe(const specrnn_features_config *config,
                                                                        specrnn_features_shape *out,
                                                                        const specrnn_log *log);

/** Frames that n_samples samples give. Where reflection is impossible (n_samples <= n_fft / 2) it is 0. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_features_frame_count(const specrnn_features_config *config,
                                                                           uint64_t n_samples, uint64_t *n_frames,
                                                                           const specrnn_log *log);

/** Time of the middle of a frame, in seconds from the first sample. NAN for an invalid configuration. */
SPECRNN_API double specrnn_features_frame_time_s(const specrnn_features_config *config, uint64_t frame);

/** Centre frequency of each of the n_bins columns in Hz; NAN where a column has none (energy, cepstra, samples).
 *  Deltas and spliced frames repeat the base's. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_features_bin_frequencies_hz(const specrnn_features_config *config,
                                                                                  double *frequencies_hz,
                                                                                  const specrnn_log *log);

/* ------------------------------------------------------------------------------------------------------- statistics */

/** Mean, deviation, least and largest value of every bin over any number of rows, in one pass (Welford, in double). */
typedef struct specrnn_statistics specrnn_statistics;

SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_statistics_create(specrnn_statistics **out, size_t n_bins,
                                                                        const specrnn_log *log);
/** From stored values, (n_bins) each; deviation is that of the population. minimum and maximum may be NULL.
 *  @return SPECRNN_ERROR_NOT_FINITE for a value that is not finite, SPECRNN_ERROR_ARGUMENT for a negative deviation,
 *          SPECRNN_ERROR_EMPTY for 0 rows. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_statistics_restore(specrnn_statistics **out, size_t n_bins,
                                                                         uint64_t n_rows, const double *mean,
                                                                         const double *deviation, const double *minimum,
                                                                         const double *maximum, const specrnn_log *log);
SPECRNN_API void specrnn_statistics_destroy(specrnn_statistics **statistics);
SPECRNN_API void specrnn_statistics_add(specrnn_statistics *statistics, const float *rows, size_t n_rows);
/** Adds what `other` has seen (Chan's formula). @return SPECRNN_ERROR_SHAPE for another number of bins. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_statistics_merge(specrnn_statistics *statistics,
                                                                       const specrnn_statistics *other);
SPECRNN_API size_t specrnn_statistics_n_bins(const specrnn_statistics *statistics);
SPECRNN_API uint64_t specrnn_statistics_n_rows(const specrnn_statistics *statistics);
/** Each array is (n_bins) and may be NULL. Without rows everything is NAN. The deviation divides by the count. */
SPECRNN_API void specrnn_statistics_read(const specrnn_statistics *statistics, double *mean, double *deviation,
                                         double *minimum, double *maximum);

/* ------------------------------------------------------------------------------------------------------- the stream */

typedef struct specrnn_extractor specrnn_extractor;

typedef struct specrnn_extractor_options {
  size_t max_push;                      /**< the largest push that always fits after every frame has been pulled */
  const specrnn_statistics *statistics; /**< for SPECRNN_CMVN_FILE, of n_bins before splicing; copied */
} specrnn_extractor_options;

#define SPECRNN_EXTRACTOR_OPTIONS_INIT                                                                                 \
  {                                                                                                                    \
    .max_push = 65536, .statistics = NULL                                                                              \
  }

/** Makes a stream. `options` may be NULL. Says once, as a warning, how many mel filters are empty.
 *  @return SPECRNN_ERROR_ARGUMENT for a configuration outside its rules;
 *          SPECRNN_ERROR_UNSUPPORTED where a step needs the whole input (the message names it), or where FFTW could
 * only transform this n_fft by allocating (the message holds the nearest size that it can); SPECRNN_ERROR_SHAPE for
 * statistics of another width, SPECRNN_ERROR_EMPTY for those of 0 rows; SPECRNN_ERROR_MEMORY. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_extractor_create(specrnn_extractor **out,
                                                                       const specrnn_features_config *config,
                                                                       const specrnn_extractor_options *options,
                                                                       const specrnn_log *log);
SPECRNN_API void specrnn_extractor_destroy(specrnn_extractor **extractor);

/** Gives samples, all or none of them. No allocation, lock or system call.
 *  @return SPECRNN_ERROR_FULL where frames must be pulled first (nothing was consumed; a push of at most max_push
 *          always fits once pull has said SPECRNN_NEED_INPUT); SPECRNN_ERROR_ARGUMENT for a push that no pull makes
 * room for; SPECRNN_ERROR_STATE after flush. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_extractor_push(specrnn_extractor *extractor, const float *samples,
                                                                     size_t n_samples);

/** Takes up to max_frames complete frames: rows is (max_frames, n_bins), *n_frames says how many were written.
 *  No allocation, lock or system call. The bits do not depend on how pushes and pulls are cut.
 *  @return SPECRNN_OK with at least one frame; SPECRNN_NEED_INPUT or SPECRNN_END with *n_frames = 0. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_extractor_pull(specrnn_extractor *extractor, float *rows,
                                                                     size_t max_frames, size_t *n_frames);

/** Says that the input has ended: the frames that waited for more can now be pulled. Calling it again does nothing.
 *  @return SPECRNN_ERROR_SHAPE for an input too short for its edge rule (reflection: at most n_fft / 2 samples; deltas
 *          with interpolated edges: fewer frames than delta_width); pull then says SPECRNN_END. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_extractor_flush(specrnn_extractor *extractor);

/** Back to the state after creation. */
SPECRNN_API void specrnn_extractor_reset(specrnn_extractor *extractor);

/** The resolved configuration. Lives as long as the extractor. */
SPECRNN_API const specrnn_features_config *specrnn_extractor_config(const specrnn_extractor *extractor);
SPECRNN_API size_t specrnn_extractor_n_bins(const specrnn_extractor *extractor);
SPECRNN_API size_t specrnn_extractor_latency_samples(const specrnn_extractor *extractor);
/** specrnn_features_frame_time_s of its configuration, the same doubles. */
SPECRNN_API double specrnn_extractor_frame_time_s(const specrnn_extractor *extractor, uint64_t frame);
/** All memory of this object, in bytes, FFTW's plans excluded. */
SPECRNN_API size_t specrnn_extractor_size(const specrnn_extractor *extractor);

/* --------------------------------------------------------------------------------------------------- measured plans */

/* By default FFTW estimates which way of computing a transform is fast: the same on every run, up to 1.4 times slower
 * than the way that it finds by measuring. Measured plans ("wisdom") are kept in a file, and whoever loads that file
 * gets the same plans, and so the same bits, on that machine. Different plans may differ in the last bits.
 *
 * What FFTW knows belongs to the process: after specrnn_plans_load every front end created follows it, and so does the
 * host's own use of FFTW; and what a host measures with FFTW acts here. A front end keeps the plan that it was created
 * with. These functions are not to run beside each other, or beside the creation of front ends. */

/** Measures the transform of a front end, for up to some seconds. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_plans_measure(const specrnn_features_config *config,
                                                                    const specrnn_log *log);

/** Writes all plans that the process knows; the file appears whole or not at all. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_plans_save(const char *path, const specrnn_log *log);

/** Adds the plans of a file; all or none.
 *  @return SPECRNN_ERROR_IO, SPECRNN_ERROR_MEMORY; SPECRNN_ERROR_FORMAT for a file that is damaged or of another kind;
 *          SPECRNN_ERROR_UNSUPPORTED for plans of another version of FFTW or another kind of processor. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_plans_load(const char *path, const specrnn_log *log);

/** Back to estimates. */
SPECRNN_API void specrnn_plans_forget(void);

/* ---------------------------------------------------------------------------------------------------------- offline */

/** Where samples come from. Reads at most max_frames instants of `channels` interleaved samples; *n_frames = 0 is the
 *  end. Another status than SPECRNN_OK stops the computation and is returned. */
typedef struct specrnn_sample_source {
  specrnn_status (*read)(void *user, float *samples, size_t max_frames, size_t *n_frames);
  void *user;
  int channels; /**< 1 ... 1024 */
} specrnn_sample_source;

/** Where rows go: (n_rows, n_bins), in order. Another status than SPECRNN_OK stops the computation and is returned. */
typedef struct specrnn_row_sink {
  specrnn_status (*write)(void *user, const float *rows, size_t n_rows, size_t n_bins);
  void *user;
} specrnn_row_sink;

/** What several channels become. */
typedef enum specrnn_channel_layout {
  SPECRNN_CHANNELS_LEADING, /**< (channels, frames, bins): all rows of the first channel, then of the second ... */
  SPECRNN_CHANNELS_FEATURES /**< (frames, channels * bins) */
} specrnn_channel_layout;

typedef struct specrnn_compute_options {
  specrnn_channel_layout channel_layout;
  const specrnn_statistics *statistics; /**< for SPECRNN_CMVN_FILE */
  size_t memory_limit;                  /**< bytes of rows held in memory before a temporary file takes them */
} specrnn_compute_options;

#define SPECRNN_COMPUTE_OPTIONS_INIT                                                                                   \
  {                                                                                                                    \
    .channel_layout = SPECRNN_CHANNELS_LEADING, .statistics = NULL, .memory_limit = (size_t)32 << 20                   \
  }

/** What was computed. */
typedef struct specrnn_compute_result {
  uint64_t n_samples; /**< per channel */
  uint64_t n_frames;  /**< per channel */
  size_t n_bins;      /**< of a row given to the sink */
  double maximum;     /**< of v over all channels, where the configuration asks for it; else NAN */
} specrnn_compute_result;

/** Computes the features of a whole input. Any n_fft is allowed. Rows that wait for the whole input are kept in memory
 *  up to a limit, then in an unlinked file in the folder `P_tmpdir`. The maximum of top_db and ref spans all channels.
 *  `options` and `result` may be NULL.
 *  An input shorter than one frame gives 0 rows and a warning with both lengths.
 *  @return SPECRNN_ERROR_EMPTY without samples, SPECRNN_ERROR_SHAPE for an input too short for its edge rule,
 *          SPECRNN_ERROR_IO for the temporary file; else as specrnn_extractor_create, or what read or write returned.
 */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_features_compute(
    const specrnn_features_config *config, const specrnn_sample_source *source, const specrnn_row_sink *sink,
    const specrnn_compute_options *options, specrnn_compute_result *result, const specrnn_log *log);

/** The same from mono samples in memory into rows (capacity_rows, n_bins), see specrnn_features_frame_count.
 *  @return SPECRNN_ERROR_FULL where there are more rows than capacity. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_features_compute_array(const specrnn_features_config *config,
                                                                             const float *samples, size_t n_samples,
                                                                             float *rows, size_t capacity_rows,
                                                                             size_t *n_rows, const specrnn_log *log);

/** The steps of a front end, in order, for finding where another implementation departs. */
typedef enum specrnn_stage {
  SPECRNN_STAGE_FRAME,    /**< (frames, n_fft): scaled, padded, dithered samples, zeros where the window is not */
  SPECRNN_STAGE_WINDOWED, /**< (frames, n_fft): mean removed, pre-emphasised, windowed */
  SPECRNN_STAGE_SPECTRUM, /**< (frames, 2 (n_fft / 2 + 1)): real and imaginary parts */
  SPECRNN_STAGE_POWER,    /**< (frames, n_fft / 2 + 1) */
  SPECRNN_STAGE_MEL,      /**< (frames, n_mels) */
  SPECRNN_STAGE_LEVEL,    /**< (frames, bins or bands): logarithm or PCEN, range limited */
  SPECRNN_STAGE_BASE,     /**< (frames, n_base_bins): cepstra, energy placed */
  SPECRNN_STAGE_FINAL,    /**< (frames, n_bins) */
} specrnn_stage;

/** "frame", "windowed", "spectrum", ... Never NULL. */
SPECRNN_API const char *specrnn_stage_name(specrnn_stage stage);

/** Whether this configuration has that stage (mel only for mel and mfcc ...). */
SPECRNN_API bool specrnn_stage_exists(const specrnn_features_config *config, specrnn_stage stage);

/** The computation of mono samples stopped after `stage`; rows as the enum says.
 *  @return as specrnn_features_compute; SPECRNN_ERROR_ARGUMENT for a stage that does not exist. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_features_stage(const specrnn_features_config *config,
                                                                     specrnn_stage stage, const float *samples,
                                                                     size_t n_samples, const specrnn_row_sink *sink,
                                                                     const specrnn_log *log);

/* -------------------------------------------------------------------------------------------------- building blocks */

/** A window of `length` samples in double. @return SPECRNN_ERROR_ARGUMENT for length < 1. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_window_fill(double *window, int length, specrnn_window shape,
                                                                  double kaiser_beta, bool periodic);

/** The filter bank of a configuration, (n_mels, n_fft / 2 + 1), rounded to float. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_mel_filters(const specrnn_features_config *config, float *filters,
                                                                  const specrnn_log *log);

/** The orthonormal DCT-II, (n_mfcc, n_mels): sqrt(2 / M) cos(pi k (m + 1/2) / M), row 0 times sqrt(1/2). */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_dct_matrix(double *matrix, int n_mfcc, int n_mels);

/** 10 log10(max(v, amin)) - 10 log10(max(|ref|, amin)), then at least the result's maximum - top_db. In place allowed.
 *  ref may be SPECRNN_REF_MAX, top_db SPECRNN_NONE. librosa: amin 1e-10, top_db 80.
 *  @return SPECRNN_ERROR_ARGUMENT for amin <= 0 or top_db < 0. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_power_to_db(float *db, const float *power, size_t count,
                                                                  double ref, double amin, double top_db);
/** The same of magnitudes: 20 log10. librosa: amin 1e-5. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_amplitude_to_db(float *db, const float *magnitude, size_t count,
                                                                      double ref, double amin, double top_db);

/** Deltas of order 1 or 2 of rows (n_rows, n_bins). Not in place.
 *  @return SPECRNN_ERROR_ARGUMENT for an unknown kind or order, an even width or one below 3, SPECRNN_ERROR_SHAPE for
 * SAVGOL with n_rows < width, SPECRNN_ERROR_MEMORY. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_delta(float *deltas, const float *rows, size_t n_rows,
                                                            size_t n_bins, specrnn_delta_kind kind, int width,
                                                            int order);

/** Per-channel energy normalisation of rows (n_rows, n_bins), parameters from the configuration. In place allowed. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_pcen(float *out, const float *rows, size_t n_rows, size_t n_bins,
                                                           const specrnn_features_config *config,
                                                           const specrnn_log *log);

/** Subtracts the statistics' mean and, if `variance`, divides by its deviation (at least 1e-5). In place allowed.
 *  @return SPECRNN_ERROR_EMPTY for statistics of 0 rows, which have no mean; `out` is then unchanged. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_cmvn_apply(float *out, const float *rows, size_t n_rows,
                                                                 const specrnn_statistics *statistics, bool variance);

/* --------------------------------------------------------------------------------------------------------- inverses */

/** Samples that n_frames frames cover: hop (n_frames - 1) + n_fft - 2 floor(n_fft / 2) for center; without it
 *  hop (n_frames - 1) + n_fft (or win_length for position left), or hop n_frames for mirrored ends. 0 for no frames,
 * and for one centred frame of even n_fft, as in librosa; SIZE_MAX where the number does not fit. */
SPECRNN_API size_t specrnn_istft_length(const specrnn_features_config *config, size_t n_frames);

/** Inverse STFT by windowed overlap-add, divided by the sum of the squared windows where that exceeds 1e-11 of its
 *  maximum. spectrum is (n_frames, 2 (n_fft / 2 + 1)) as SPECRNN_POWER_COMPLEX gives it; n_samples samples are written,
 *  zeros beyond what the frames cover. Perfect reconstruction (1e-6) wherever the window allows it.
 *  Front ends with preemphasis, remove_dc_offset or dither are inverted as if these were off.
 *  @return SPECRNN_ERROR_ARGUMENT, SPECRNN_ERROR_MEMORY. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_istft(const specrnn_features_config *config,
                                                            const float *spectrum, size_t n_frames, float *samples,
                                                            size_t n_samples, const specrnn_log *log);

typedef struct specrnn_griffin_lim_options {
  int n_iter;
  double momentum; /**< 0 ... 0.99 of the fast variant (Perraudin, Balazs, Sondergaard 2013); 0 is the original */
  uint64_t seed;   /**< of the random phases of the start */
} specrnn_griffin_lim_options;

#define SPECRNN_GRIFFIN_LIM_OPTIONS_INIT                                                                               \
  {                                                                                                                    \
    .n_iter = 32, .momentum = 0.99, .seed = 0                                                                          \
  }

/** Listens to what a feature keeps: features of kind stft or mel (before deltas, CMVN and splicing, each of which must
 *  be off), on any scale but PCEN, become magnitudes (mel bands by non-negative least squares, multiplicative updates),
 *  then samples by Griffin and Lim's iteration. ref = max is taken as ref = 1.
 *  @return SPECRNN_ERROR_UNSUPPORTED for a configuration that cannot be inverted, SPECRNN_ERROR_EMPTY for frames that
 *          cover no sample (specrnn_istft_length), SPECRNN_ERROR_MEMORY. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_features_invert(const specrnn_features_config *config,
                                                                      const float *rows, size_t n_frames,
                                                                      const specrnn_griffin_lim_options *options,
                                                                      float *samples, size_t n_samples,
                                                                      const specrnn_log *log);

#ifdef __cplusplus
}
#endif

#endif
