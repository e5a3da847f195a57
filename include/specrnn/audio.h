/** @file audio.h
 * Sound in: a file, a pipe or memory becomes blocks of float samples, cut to a segment, mixed to the wanted channels
 * and resampled. Sound out: a WAV file.
 *
 *     specrnn_audio_config config = SPECRNN_AUDIO_CONFIG_INIT;
 *     config.sample_rate_hz = 16000;
 *     specrnn_audio_open(&audio, "voice.flac", &config, &log);
 *     while (specrnn_audio_read(audio, block, 1024, &n, &log) == SPECRNN_OK && n > 0)
 *       use(block, n);
 *     specrnn_audio_close(&audio);
 *
 * The samples are those of librosa.load: integers scaled to [-1, 1) by a power of two, the segment cut at the rate of
 * the file, the mean of the channels taken before resampling, and the resampler is soxr with its recipe HQ. How the
 * calls cut a stream into blocks does not change one bit of it.
 *
 * soxr keeps the ratio of two rates in a finite number of bits. From 48 or 44.1 to 16 kHz nothing of that is seen;
 * where the rates share no small ratio the result runs away: by 0.005 samples in 8 hours from 15999 to 16000 Hz, by
 * 0.008 in 4 hours from 47999 to 16000 Hz (measured by the phase of a sine).
 *
 * Memory: an open input holds one block of 4096 samples whatever its length, of a pipe 64 KiB more; the header of a
 * file is never trusted with a size. The resampler adds 90 to 400 KiB, at ratios near 256 up to 2 MiB, times the
 * channels of the result; it allocates when it is created and, a few times, while its buffers grow to the first blocks;
 * then no more.
 *
 * Threads: an input belongs to one thread at a time; different inputs may be used at once (libsndfile keeps the reason
 * of the last failed open in one place: two that fail at one moment may name each other's). Reading waits for the disk
 * or the pipe: it is not for an audio callback.
 *
 * What is read: everything that the installed libsndfile knows (WAV, FLAC, Ogg Vorbis and Opus, AIFF, AU, CAF, MP3 and
 * more). From a pipe, samples of one size (PCM, float, A-law, mu-law) in a WAV, AIFF, AU, CAF and the like are read as
 * they come, so that a live source works; so is Ogg. What needs more than that, FLAC, MP3 and ADPCM among it, is first
 * copied to its end into an unlinked temporary file.
 *
 * What a header promises is held against what there is, for every container that states a length (PAF, PVF and IRCAM do
 * not), for an MP3 with a header of Xing or LAME, and for Ogg by its pages. Fewer samples are a truncated input. Sizes
 * that mean "unknown" (0xffffffff, 0x7ffff000 and the like) are read to the end, and so are sizes that wrapped at 4
 * GiB. Where more samples follow than are promised, as behind the header of a recorder that was cut off (0, or an old
 * length), they are read to the end and a warning says so; chunks, tags and up to 64 KiB of zeros are no samples. The
 * streams of a chained Ogg are read one behind the other; they must agree in rate and channels. A WAV,
 * AIFF, FLAC or MP3 with a second file behind the first is an error as a truncated one is. */
#ifndef SPECRNN_AUDIO_H
#define SPECRNN_AUDIO_H

#include "specrnn/core.h"

#include <math.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Rates of files and of results, in Hz: from a slow sensor to the fastest converters for sound. */
#define SPECRNN_AUDIO_MIN_RATE_HZ 1
#define SPECRNN_AUDIO_MAX_RATE_HZ 768000

/** Resampling changes a rate by at most this factor, up or down. */
#define SPECRNN_AUDIO_MAX_RATIO 256

/** The most channels that an input has. */
#define SPECRNN_AUDIO_MAX_CHANNELS 1024

/** A float sample beyond this magnitude is treated as NaN and infinity are: no sound has it, and its power would
 * overflow a float. Samples in the range of 32-bit integers are far below. */
#define SPECRNN_AUDIO_MAX_MAGNITUDE 1e12

/** Which channels come out. */
typedef enum specrnn_audio_channels {
  SPECRNN_AUDIO_MEAN,     /**< one: the mean of all */
  SPECRNN_AUDIO_ONE,      /**< one: the channel with the number `channel` */
  SPECRNN_AUDIO_ALL,      /**< all, interleaved: (frames, channels); features then have a leading axis of channels */
  SPECRNN_AUDIO_FEATURES, /**< all, interleaved, as above; for raw samples a channel is a column of the features */
} specrnn_audio_channels;

/** What to do about a sample that is NaN, infinite, or beyond SPECRNN_AUDIO_MAX_MAGNITUDE. */
typedef enum specrnn_audio_nan {
  SPECRNN_AUDIO_NAN_ERROR, /**< reading fails and names the first such sample */
  SPECRNN_AUDIO_NAN_ZERO,  /**< it becomes 0 and is counted */
} specrnn_audio_nan;

/** What to do where a file ends before its header says, or its last page of Ogg is missing. */
typedef enum specrnn_audio_truncated {
  SPECRNN_AUDIO_TRUNCATED_ERROR,  /**< reading fails when it gets there */
  SPECRNN_AUDIO_TRUNCATED_ACCEPT, /**< reading ends there with a warning; also where damage ends it */
} specrnn_audio_truncated;

/** How an input is read. Described by specrnn_audio_options. */
typedef struct specrnn_audio_config {
  int sample_rate_hz;                /**< of the result; 0 ("native"): that of the input, no resampling */
  specrnn_audio_channels channels;   /**< default MEAN */
  int channel;                       /**< for ONE: 0 is the first; default 0 */
  double offset_s;                   /**< where the segment begins: frame (int64)(offset_s * native rate) */
  double duration_s;                 /**< its length: (int64)(duration_s * native rate) frames, or what there is;
                                          INFINITY ("none"): to the end */
  specrnn_audio_nan nan;             /**< default ERROR */
  specrnn_audio_truncated truncated; /**< default ERROR */
} specrnn_audio_config;

#define SPECRNN_AUDIO_CONFIG_INIT                                                                                      \
  {                                                                                                                    \
    0, SPECRNN_AUDIO_MEAN, 0, 0.0, INFINITY, SPECRNN_AUDIO_NAN_ERROR, SPECRNN_AUDIO_TRUNCATED_ERROR                    \
  }

/** The options of specrnn_audio_config: sample_rate, channels, channel, offset, duration, nan, truncated. Never NULL.
 * Thread-safe. */
SPECRNN_API const specrnn_option_table *specrnn_audio_options(void);

/** An open input. */
typedef struct specrnn_audio specrnn_audio;

/** Opens a file; "-" is standard input, which is not closed afterwards.
 *  @param config NULL for the defaults; copied.
 *  @return SPECRNN_ERROR_ARGUMENT  a value of the configuration is outside its range, or the input has no such channel
 *          SPECRNN_ERROR_IO        no such file, a directory, no permission, a failing disk
 *          SPECRNN_ERROR_EMPTY     the file has no bytes
 *          SPECRNN_ERROR_FORMAT    not audio, or malformed: the message says what it is, or has libsndfile's reason
 *          SPECRNN_ERROR_UNSUPPORTED  a rate or a ratio of rates outside the limits above; a format of sound that is
 *                                     recognised and not read (MP4, WMA, Matroska, ...): the message names it
 *          SPECRNN_ERROR_MEMORY */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_audio_open(specrnn_audio **out, const char *path,
                                                                 const specrnn_audio_config *config,
                                                                 const specrnn_log *log);

/** The same for a descriptor, read from where it stands. It is taken over: specrnn_audio_close closes it, and so does a
 * call that fails.
 *  @param head  the first `n_head` bytes (65536 at most), which were read from it already to see what it is; copied. Of
 *               a descriptor that can seek none may be: it is set back instead */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_audio_open_descriptor(specrnn_audio **out, int descriptor,
                                                                            const void *head, size_t n_head,
                                                                            const specrnn_audio_config *config,
                                                                            const specrnn_log *log);

/** The same for a file that is in memory. The bytes are not copied: they must stay until specrnn_audio_close. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_audio_open_memory(specrnn_audio **out, const void *bytes,
                                                                        size_t n_bytes,
                                                                        const specrnn_audio_config *config,
                                                                        const specrnn_log *log);

/** Reads on. Gives at least one frame, and at most `capacity_frames`, until the input ends; then 0 frames, as often as
 * asked. A segment of N native frames gives ceil(N * rate / native rate) frames in all.
 *  @param samples (capacity_frames, channels of the result), interleaved
 *  @return SPECRNN_ERROR_ARGUMENT    capacity_frames is 0
 *          SPECRNN_ERROR_EMPTY       the segment has not one sample
 *          SPECRNN_ERROR_NOT_FINITE  a bad sample, named by its frame and channel
 *          SPECRNN_ERROR_FORMAT      damaged, or ends before its header says
 *          SPECRNN_ERROR_IO, SPECRNN_ERROR_MEMORY
 *          SPECRNN_ERROR_STATE       an earlier read failed: close it */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_audio_read(specrnn_audio *audio, float *samples,
                                                                 size_t capacity_frames, size_t *n_frames,
                                                                 const specrnn_log *log);

/** What an input is, and what has been seen of it so far. */
typedef struct specrnn_audio_info {
  int native_rate_hz;       /**< of the file */
  int native_channels;      /**< of the file */
  int sample_rate_hz;       /**< of what read gives */
  int channels;             /**< of what read gives */
  const char *container;    /**< "WAV (Microsoft)"; static text in English */
  const char *encoding;     /**< "Signed 16 bit PCM" */
  int64_t n_header_frames;  /**< the file's length as its header states it, or as its size says where the header does
                                 not or is stale; -1 for unknown. It may lie: for a display of progress, never for a
                                 size */
  uint64_t n_native_frames; /**< frames of the segment decoded so far */
  uint64_t n_frames;        /**< frames that read has given so far */
  uint64_t n_bad;           /**< samples replaced by 0 under SPECRNN_AUDIO_NAN_ZERO */
  uint64_t n_clipped;       /**< samples at full scale next to another one at the same side of it in the same channel
                                 (a lone one is what normalising leaves). Full scale is 1, and 1 - 1 unit of the last
                                 place of an integer encoding */
  uint64_t n_above;         /**< samples beyond 1, which float and lossy encodings hold: loud, and not clipped */
} specrnn_audio_info;

/** Fills *info. At the end of an input that has samples clipped or above full scale, read has said so by
 * a warning. */
SPECRNN_API void specrnn_audio_get_info(const specrnn_audio *audio, specrnn_audio_info *info);

/** Closes the input and nulls the pointer. Accepts a null one. */
SPECRNN_API void specrnn_audio_close(specrnn_audio **audio);

/** How specrnn_audio_write stores a sample. */
typedef enum specrnn_audio_format {
  SPECRNN_AUDIO_FLOAT32, /**< as it is */
  SPECRNN_AUDIO_PCM16,   /**< round(32768 x) to nearest, halves to even, limited to -32768 ... 32767 */
} specrnn_audio_format;

/** Writes a WAV file, whole or not at all: `path` keeps what it was until the new file is complete on disk. A pipe or
 * a device ("/dev/stdout") is written to when the sound is complete. The same samples give the same bytes. Limiting of
 * PCM16 samples is reported by one warning.
 *  @param samples (n_frames, n_channels), interleaved
 *  @return SPECRNN_ERROR_ARGUMENT      rate, channels or format outside their ranges
 *          SPECRNN_ERROR_NOT_FINITE    a sample is NaN or infinite
 *          SPECRNN_ERROR_UNSUPPORTED   more than the 4 GiB that WAV can hold
 *          SPECRNN_ERROR_IO, SPECRNN_ERROR_MEMORY */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_audio_write(const char *path, const float *samples,
                                                                  size_t n_frames, int n_channels, int rate_hz,
                                                                  specrnn_audio_format format, const specrnn_log *log);

#ifdef __cplusplus
}
#endif

#endif
