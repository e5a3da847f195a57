/** @file core.h
 * What every other header uses: status codes, messages, options described as data, arrays.
 *
 * Conventions of the whole library
 * - A function that can fail returns specrnn_status: 0 or a negative code. Outputs are written on success only.
 * - Text about a failure goes to the specrnn_log that the caller gave, never to stderr. One message, no newline.
 * - Objects come from specrnn_<noun>_create(T **out, ...) and go with specrnn_<noun>_destroy(T **), which nulls the
 *   pointer and accepts a null one.
 * - An object belongs to one thread at a time. Models, configurations and option tables are immutable and shared.
 * - Arrays are row-major, time first: (frames, bins), (batch, time, features); float unless said otherwise.
 * - The library never prints, exits, reads the environment, or leaves the caller's floating-point mode changed.
 */
#ifndef SPECRNN_CORE_H
#define SPECRNN_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SPECRNN_VERSION_MAJOR 0
#define SPECRNN_VERSION_MINOR 2
#define SPECRNN_VERSION_PATCH 0

#if defined(__GNUC__)
#define SPECRNN_API        __attribute__((visibility("default")))
#define SPECRNN_MUST_CHECK __attribute__((warn_unused_result))
#else
#define SPECRNN_API
#define SPECRNN_MUST_CHECK
#endif

/** Result of every call that can fail. Negative values are failures, and stay what they are between versions. */
typedef enum specrnn_status {
  SPECRNN_OK = 0,
  SPECRNN_ERROR_ARGUMENT = -1,    /**< an argument or a configuration is outside its range */
  SPECRNN_ERROR_MEMORY = -2,      /**< an allocation failed */
  SPECRNN_ERROR_IO = -3,          /**< opening, reading, writing or renaming failed */
  SPECRNN_ERROR_FORMAT = -4,      /**< the data breaks the rules of its format */
  SPECRNN_ERROR_UNSUPPORTED = -5, /**< valid, but not something that this build or object does */
  SPECRNN_ERROR_SHAPE = -6,       /**< sizes that must agree do not */
  SPECRNN_ERROR_NOT_FINITE = -7,  /**< a NaN or an infinity where a number is needed */
  SPECRNN_ERROR_EMPTY = -8,       /**< nothing in it: no audio samples, no frames */
  SPECRNN_ERROR_STATE = -9,       /**< a call out of order, as push after flush */
  SPECRNN_ERROR_FULL = -10,       /**< no room now: pull first; nothing was consumed */
  SPECRNN_NEED_INPUT = -11,       /**< pull: no complete frame yet */
  SPECRNN_END = -12,              /**< pull: flushed, and every frame has been given */
} specrnn_status;

/** A few words for a status, in English. Never NULL. Thread-safe. */
SPECRNN_API const char *specrnn_status_text(specrnn_status status);

/** The version of the library that is running, "MAJOR.MINOR.PATCH". */
SPECRNN_API const char *specrnn_version(void);

/** How much a message matters. */
typedef enum specrnn_log_level {
  SPECRNN_LOG_ERROR,   /**< why the call that is about to return failed */
  SPECRNN_LOG_WARNING, /**< the result is valid, and probably not what was wanted */
  SPECRNN_LOG_INFO,    /**< what was assumed; there is no reason to doubt it */
} specrnn_log_level;

/** Receives messages. `message` is one line of UTF-8 and lives only during the call; what a file holds that is no
 *  UTF-8, or a control character, stands in it as '?'. */
typedef struct specrnn_log {
  void (*write)(void *user, specrnn_log_level level, const char *message);
  void *user;
} specrnn_log;

/** Removes the temporary files of every writer of this library that is open in this process: for the handler of a
 * signal that is about to end it. Where the system has files without a name (Linux) there are none, and nothing is left
 * behind in any case. The writers are of no use afterwards. Async-signal-safe. libspecrnn-plot has one of its own. */
SPECRNN_API void specrnn_remove_temporaries(void);

/** A time as people and time axes write it: "75.5", "1:15.5", "1:00:00", "1m15.5s", "250ms"; of options whose unit is
 * "s".
 *  @return false, and *seconds untouched, where the text is something else. Whether the number is one that the caller
 *  can use (finite, not negative) is the caller's matter. Thread-safe. */
SPECRNN_API bool specrnn_seconds_parse(const char *text, double *seconds);

/** The name of a list (that ends with NULL) which is most like `name`, by the number of letters that differ; NULL where
 *  none is near. For messages: "did you mean ...?". Thread-safe. */
SPECRNN_API const char *specrnn_nearest_name(const char *name, const char *const *names);

/* ------------------------------------------------------------------------------------------------- options as data */

/** The C type of the field that an option describes. */
typedef enum specrnn_option_type {
  SPECRNN_OPTION_BOOL,   /**< bool */
  SPECRNN_OPTION_INT,    /**< int */
  SPECRNN_OPTION_UINT64, /**< uint64_t */
  SPECRNN_OPTION_DOUBLE, /**< double */
  SPECRNN_OPTION_CHOICE, /**< an enum; the value is an index into `choices` */
} specrnn_option_type;

/** One field of a configuration struct. Tables of these validate configurations, make command lines and help texts,
 *  and are the keys of the metadata of files. */
typedef struct specrnn_option {
  const char *key; /**< "n_fft"; a command line spells it --n-fft */
  specrnn_option_type type;
  size_t offset;              /**< of the field in its struct */
  double minimum, maximum;    /**< both allowed; for numbers */
  const char *const *choices; /**< ends with NULL; for SPECRNN_OPTION_CHOICE */
  const char *word;           /**< a word that stands for word_value ("none", "max"), or NULL */
  double word_value;          /**< allowed even where it lies outside minimum ... maximum */
  const char *unit;           /**< "Hz", "s", "dB", "samples", or NULL */
  const char *help;           /**< one sentence without a full stop */
} specrnn_option;

/** A configuration struct described: its options, its size and its defaults. */
typedef struct specrnn_option_table {
  const char *name; /**< of the struct, for messages: "features" */
  const specrnn_option *options;
  size_t count;
  size_t size;          /**< sizeof the struct */
  const void *defaults; /**< a struct of that size */
} specrnn_option_table;

/** The option with that key ('-' and '_' are the same), or NULL. */
SPECRNN_API const specrnn_option *specrnn_option_find(const specrnn_option_table *table, const char *key);

/** Sets one field from text. A number outside the range is an error even where the struct has it for an option's word:
 * 0 is no "auto". Numbers are written as strtod and strtoll read them, in the C locale; booleans are
 * true/false/yes/no/1/0.
 *  @return SPECRNN_ERROR_ARGUMENT for an unknown key, text that is not such a value, or a value out of range. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_option_set(const specrnn_option_table *table, void *config,
                                                                 const char *key, const char *text,
                                                                 const specrnn_log *log);

/** Writes a field as text that specrnn_option_set reads back to the same value. Truncates as snprintf does.
 *  @return the length of the whole text. */
SPECRNN_API size_t specrnn_option_get(const specrnn_option_table *table, const void *config,
                                      const specrnn_option *option, char *text, size_t size);

/** Checks every field against its range.
 *  @return SPECRNN_ERROR_ARGUMENT with a message that names the first field outside it. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_option_validate(const specrnn_option_table *table,
                                                                      const void *config, const specrnn_log *log);

#ifdef __cplusplus
}
#endif

#endif
