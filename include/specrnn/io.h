/** @file io.h
 * Arrays in files: NumPy .npy and .npz, CSV, JSON, Kaldi archives; configurations as JSON.
 *
 * Rules of every reader
 * - Nothing in a file is trusted. Shapes are multiplied with checked arithmetic and must agree with the length of the
 *   data exactly; bytes left over are an error. No single allocation exceeds 2 x the size of the input + 16 MiB.
 * - Nothing in a file is executed: object arrays (pickles) are refused, as are structured types.
 * - A path "-" is standard input.
 *
 * Rules of every writer
 * - A file appears under its name whole, at commit, or not at all: it is written under a temporary name, synced and
 *   renamed. A path that names a pipe or a device is written directly.
 * - A path "-" is standard output. A format that must know its length first (.npy, .npz, .ark) is collected in an
 *   unlinked temporary file and copied at commit.
 * - Every write is checked: a full disk and a closed pipe are SPECRNN_ERROR_IO. A program that writes to pipes ignores
 *   SIGPIPE, as the library leaves signals alone.
 * - After a failed call only abandon (or commit, which then reports the failure again and removes the file) is useful.
 * - Values are written little-endian and numbers in text with a point, whatever the machine and the locale.
 *
 * Objects of this header belong to one thread at a time; the functions share no state.
 * Messages do not repeat the path of the file that is being read, as the caller names it; system errors of writers do.
 */
#ifndef SPECRNN_IO_H
#define SPECRNN_IO_H

#include "specrnn/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --------------------------------------------------------------------------------------------------------- formats */

/** What a file is, as far as it is not sound. */
typedef enum specrnn_file_format {
  SPECRNN_FILE_OTHER, /**< none of these; most often sound */
  SPECRNN_FILE_SAFETENSORS,
  SPECRNN_FILE_NPY,
  SPECRNN_FILE_TORCH, /**< the zip of torch.save */
  SPECRNN_FILE_NPZ,
  SPECRNN_FILE_ZIP, /**< of something else */
  SPECRNN_FILE_TORCH_LEGACY,
  SPECRNN_FILE_PICKLE,
  SPECRNN_FILE_HDF5,
  SPECRNN_FILE_TFLITE,
  SPECRNN_FILE_ONNX,
  SPECRNN_FILE_ARK,
  SPECRNN_FILE_JSON,
  SPECRNN_FILE_TEXT, /**< perhaps a CSV */
} specrnn_file_format;

/** Looks at the structure of a file, in the order of the enumeration, whatever its name. A pipe, whose content could
 * not be read again, a file that is empty or cannot be opened, and "-" are what their extension says. */
SPECRNN_API specrnn_file_format specrnn_file_identify(const char *path);

/** The same of a file in memory, or of its first bytes (a few hundred are enough): of those a zip is SPECRNN_FILE_ZIP,
 * whatever it holds, and a pickle SPECRNN_FILE_OTHER, as both are known by their ends. */
SPECRNN_API specrnn_file_format specrnn_bytes_identify(const void *bytes, size_t n_bytes);

/** "safetensors", "a pickle", ... for a message. Never NULL. */
SPECRNN_API const char *specrnn_file_format_name(specrnn_file_format format);

/** What may follow the name in a message: who reads it, or how it becomes what is read, "; save its arrays as .npz"; or
 * nothing. Never NULL. */
SPECRNN_API const char *specrnn_file_format_advice(specrnn_file_format format);

/* ----------------------------------------------------------------------------------------------------------- arrays */

/** The type of an array's elements, as they lie in memory (the machine's byte order). */
typedef enum specrnn_dtype {
  SPECRNN_F32,  /**< float */
  SPECRNN_F64,  /**< double */
  SPECRNN_F16,  /**< IEEE 754 binary16 in uint16_t */
  SPECRNN_BF16, /**< the upper half of a float in uint16_t; not a NumPy type, so .npy cannot hold it */
  SPECRNN_I64,  /**< int64_t */
  SPECRNN_I32,  /**< int32_t */
  SPECRNN_U8,   /**< uint8_t; NumPy's bool is read as this */
  SPECRNN_C64,  /**< two floats: real, imaginary */
  SPECRNN_I8,   /**< int8_t */
  SPECRNN_I16,  /**< int16_t */
  SPECRNN_U16,  /**< uint16_t */
  SPECRNN_U32,  /**< uint32_t */
  SPECRNN_U64,  /**< uint64_t */
  SPECRNN_C128, /**< two doubles: real, imaginary */
} specrnn_dtype;

enum { SPECRNN_MAX_RANK = 8 };

/** A dense row-major array. A pointer that a function of this library created owns its data and goes with
 *  specrnn_array_destroy; a struct made by specrnn_array_view borrows it. */
typedef struct specrnn_array {
  specrnn_dtype dtype;
  int rank;                       /**< 0 (a scalar) ... SPECRNN_MAX_RANK */
  size_t shape[SPECRNN_MAX_RANK]; /**< entries from rank on are 0 */
  void *data;                     /**< 64-byte aligned where the library allocated it; never NULL there */
} specrnn_array;

/** Bytes of one element. */
SPECRNN_API size_t specrnn_dtype_size(specrnn_dtype dtype);

/** "float32", "complex64", ... as NumPy says it. Never NULL. */
SPECRNN_API const char *specrnn_dtype_name(specrnn_dtype dtype);

/** A zeroed array. One allocation.
 *  @return SPECRNN_ERROR_ARGUMENT for a rank outside 0 ... 8, SPECRNN_ERROR_MEMORY also where the size overflows. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_array_create(specrnn_array **out, specrnn_dtype dtype, int rank,
                                                                   const size_t *shape, const specrnn_log *log);

/** Frees an array that the library created, and nulls the pointer. */
SPECRNN_API void specrnn_array_destroy(specrnn_array **array);

/** A struct that borrows `data`, to hand to a writer. The library does not write through it. */
SPECRNN_API specrnn_array specrnn_array_view(specrnn_dtype dtype, int rank, const size_t *shape, const void *data);

/** The number of elements: the product of the shape, 1 for a scalar. */
SPECRNN_API size_t specrnn_array_count(const specrnn_array *array);

/** Writes "(188, 257)", "(128,)" or "()". Truncates as snprintf does. @return the length of the whole text. */
SPECRNN_API size_t specrnn_array_shape_text(const specrnn_array *array, char *text, size_t size);

/** Whether a conversion accepts NaN and infinity. */
typedef enum specrnn_finite {
  SPECRNN_FINITE_OPTIONAL, /**< any value; a double beyond the range of float becomes an infinity */
  SPECRNN_FINITE_REQUIRED, /**< the first value that is not a finite float is an error that names its place */
} specrnn_finite;

/** A new float array of the same shape; values are rounded to nearest.
 *  @return SPECRNN_ERROR_UNSUPPORTED for a complex array, SPECRNN_ERROR_NOT_FINITE as `finite` says. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_array_to_f32(specrnn_array **out, const specrnn_array *array,
                                                                   specrnn_finite finite, const specrnn_log *log);

/** A new double array of the same shape; of what elements may be only integers beyond 2^53 are rounded.
 *  @return SPECRNN_ERROR_UNSUPPORTED for a complex array. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_array_to_f64(specrnn_array **out, const specrnn_array *array,
                                                                   const specrnn_log *log);

/* ------------------------------------------------------------------------------------------------------------- .npy */

/** Reads a .npy of version 1, 2 or 3, of either byte order, also as Python 2 wrote it; Fortran order is transposed to
 *  row-major.
 *  @return SPECRNN_ERROR_FORMAT for a file that breaks the rules, SPECRNN_ERROR_UNSUPPORTED for a valid one of another
 *  element type or a rank above 8, SPECRNN_ERROR_IO. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_npy_load(specrnn_array **out, const char *path,
                                                               const specrnn_log *log);

/** The same from memory. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_npy_parse(specrnn_array **out, const void *bytes, size_t size,
                                                                const specrnn_log *log);

/** Writes a .npy of version 1.0, byte for byte as numpy.save does.
 *  @return SPECRNN_ERROR_UNSUPPORTED for BF16, SPECRNN_ERROR_IO. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_npy_save(const char *path, const specrnn_array *array,
                                                               const specrnn_log *log);

/** A .npy that is read block by block: memory does not grow with the array. What is no regular file is kept whole. */
typedef struct specrnn_npy_reader specrnn_npy_reader;

/** Opens one under the rules of specrnn_npy_load.
 *  @return also SPECRNN_ERROR_UNSUPPORTED for an array of several axes in column-major order, and for complex numbers.
 */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_npy_open(specrnn_npy_reader **out, const char *path,
                                                               const specrnn_log *log);

SPECRNN_API void specrnn_npy_close(specrnn_npy_reader **reader);

/** The array's type as it is stored, its rank and its shape; data is NULL. Lives as long as the object. */
SPECRNN_API const specrnn_array *specrnn_npy_describe(const specrnn_npy_reader *reader);

/** Reads the next `count` elements, converted as by specrnn_array_to_f32 with SPECRNN_FINITE_OPTIONAL.
 *  @return SPECRNN_ERROR_ARGUMENT where fewer are left, SPECRNN_ERROR_IO. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_npy_read(specrnn_npy_reader *reader, float *values, size_t count,
                                                               const specrnn_log *log);

/** The same in double. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_npy_read_f64(specrnn_npy_reader *reader, double *values,
                                                                   size_t count, const specrnn_log *log);

/** Back to the first element.
 *  @return SPECRNN_ERROR_IO. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_npy_rewind(specrnn_npy_reader *reader, const specrnn_log *log);

/* ------------------------------------------------------------------------------------------------------------- .npz */

/** An .npz that is being read. Opening reads the directory of the zip; arrays are read when they are asked for. */
typedef struct specrnn_npz specrnn_npz;

/** Opens an .npz. An entry whose unpacked size exceeds 2 x the size of the archive + 16 MiB is refused when it is read,
 *  and so is one with which all that were read exceed 16 x that size + 16 MiB; reading one again is free.
 *  @return SPECRNN_ERROR_FORMAT for something that is no zip, or one with two entries of one name. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_npz_open(specrnn_npz **out, const char *path,
                                                               const specrnn_log *log);

/** The same from memory, which stays the caller's and must outlive the object. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_npz_open_memory(specrnn_npz **out, const void *bytes, size_t size,
                                                                      const specrnn_log *log);

SPECRNN_API void specrnn_npz_close(specrnn_npz **npz);

/** Raises or lowers both limits, on the unpacked size of an entry and on the sum over those that are read, for archives
 *  that are trusted (silence shrinks 1000 times). */
SPECRNN_API void specrnn_npz_set_limit(specrnn_npz *npz, uint64_t max_bytes);

/** The number of arrays. */
SPECRNN_API size_t specrnn_npz_count(const specrnn_npz *npz);

/** The name of array `index`, without ".npy"; NULL from the count on. Lives as long as the object. */
SPECRNN_API const char *specrnn_npz_name(const specrnn_npz *npz, size_t index);

/** Whether there is an array of that name. */
SPECRNN_API bool specrnn_npz_has(const specrnn_npz *npz, const char *name);

/** Reads one array, under the rules of specrnn_npy_load. Messages begin with the name.
 *  @return SPECRNN_ERROR_ARGUMENT where there is no such array. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_npz_read(specrnn_array **out, specrnn_npz *npz, const char *name,
                                                               const specrnn_log *log);

/** Reads an array of strings (NumPy's '<U', scalar or rank 1) as UTF-8. A scalar gives one string.
 *  @param count  how many strings were read
 *  @return SPECRNN_ERROR_UNSUPPORTED for elements of another type, SPECRNN_ERROR_FORMAT for something that is no
 *  Unicode text, SPECRNN_ERROR_SHAPE for a higher rank. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_npz_read_texts(char ***out, size_t *count, specrnn_npz *npz,
                                                                     const char *name, const specrnn_log *log);

/** Frees what specrnn_npz_read_texts gave, and nulls the pointer. */
SPECRNN_API void specrnn_texts_destroy(char ***texts);

/** How the entries of a zip are packed. */
typedef enum specrnn_packing {
  SPECRNN_PACKING_STORED,   /**< as numpy.savez */
  SPECRNN_PACKING_DEFLATED, /**< as numpy.savez_compressed */
} specrnn_packing;

/** An .npz that is being written. The same calls give the same bytes: the entries carry no date. */
typedef struct specrnn_npz_writer specrnn_npz_writer;

SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_npz_writer_create(specrnn_npz_writer **out, const char *path,
                                                                        specrnn_packing packing,
                                                                        const specrnn_log *log);

/** Adds an array. Names are UTF-8, unique, and may hold '/'. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_npz_write(specrnn_npz_writer *writer, const char *name,
                                                                const specrnn_array *array, const specrnn_log *log);

/** Adds one string, which numpy.load gives as a zero-dimensional '<U' array: str(z[name]) is the text. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_npz_write_text(specrnn_npz_writer *writer, const char *name,
                                                                     const char *text, const specrnn_log *log);

/** Adds a rank 1 array of `count` strings. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_npz_write_texts(specrnn_npz_writer *writer, const char *name,
                                                                      const char *const *texts, size_t count,
                                                                      const specrnn_log *log);

/** Begins an array (rows, columns...) whose number of rows is not known yet; `row_shape` has `row_rank` entries (0 ...
 *  7). Several may be open at once: the number that `slot` receives tells them apart. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_npz_begin_rows(specrnn_npz_writer *writer, size_t *slot,
                                                                     const char *name, specrnn_dtype dtype,
                                                                     int row_rank, const size_t *row_shape,
                                                                     const specrnn_log *log);

/** Appends `n_rows` rows to the array of that slot. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_npz_append_rows(specrnn_npz_writer *writer, size_t slot,
                                                                      const void *rows, size_t n_rows,
                                                                      const specrnn_log *log);

/** Ends the array of that slot. Arrays still open at commit are ended by it. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_npz_end_rows(specrnn_npz_writer *writer, size_t slot,
                                                                   const specrnn_log *log);

/** Writes the archive. *writer is NULL afterwards in either case.
 *  @return SPECRNN_ERROR_EMPTY where nothing was added, SPECRNN_ERROR_IO. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_npz_writer_commit(specrnn_npz_writer **writer,
                                                                        const specrnn_log *log);

/** Gives up: no file appears. Accepts a null pointer. */
SPECRNN_API void specrnn_npz_writer_abandon(specrnn_npz_writer **writer);

/* ------------------------------------------------------------------------------------------------- tables of frames */

/** What a table of frames can be written as. */
typedef enum specrnn_table_format {
  SPECRNN_TABLE_RAW,  /**< the rows alone, little-endian, flushed at every append; for pipes */
  SPECRNN_TABLE_NPY,  /**< (frames, columns) */
  SPECRNN_TABLE_NPZ,  /**< features, times, frequencies, sample_rate, config; with names NAME/features, ... */
  SPECRNN_TABLE_CSV,  /**< RFC 4180: a header "time_s,0,31.25,...", then a row per frame. Without times the first column
                           is "frame", the number of the row; without column values they are 0, 1, 2, ... */
  SPECRNN_TABLE_JSON, /**< {"sample_rate", "frequencies", "config", "data": [[...], ...], "times", "shape": [frames,
                           columns]}; what was not given is left out; NaN and infinities are null */
  SPECRNN_TABLE_ARK,  /**< Kaldi's binary float matrices, and an index (.scp) of them beside the archive */
} specrnn_table_format;

/** The format that a path's extension names (.raw .f32 .npy .npz .csv .json .ark, in any case).
 *  @return SPECRNN_ERROR_ARGUMENT for another extension, with a message that lists these. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_table_format_of_path(specrnn_table_format *format,
                                                                           const char *path, const specrnn_log *log);

/** Whether a file of that format holds several tables (NPZ, ARK). */
SPECRNN_API bool specrnn_table_format_holds_many(specrnn_table_format format);

/** The index that is written beside an archive of SPECRNN_TABLE_ARK: "x.scp" for "x.ark" in any case, "x.scp" for "x".
 *  @return a text for free(); NULL when there is no memory. */
SPECRNN_API char *specrnn_table_index_path(const char *path);

/** A table, before its first row. Pointers are read during specrnn_table_begin only. */
typedef struct specrnn_table_info {
  const char *name;    /**< the key in .ark, the prefix in .npz. NULL: no prefix; "features" in .ark */
  specrnn_dtype dtype; /**< of the rows: F32 or F64 for all formats, C64 for RAW, NPY and NPZ only. ARK rounds to
                            float */
  size_t n_columns;    /**< at least 1 */
  const double *column_values; /**< n_columns axis values: bin frequencies in Hz; or NULL */
  double sample_rate_hz;       /**< 0: not given */
  const char *config_json;     /**< a JSON object, for NPZ and JSON; or NULL */
  size_t n_channels; /**< 0: the table is (frames, columns). Else it is (channels, frames, columns): all rows of
                          the first channel are appended, then those of the second ...; RAW, NPY and NPZ only */
} specrnn_table_info;

#define SPECRNN_TABLE_INFO_INIT                                                                                        \
  {                                                                                                                    \
    NULL, SPECRNN_F32, 0, NULL, 0.0, NULL, 0                                                                           \
  }

/** Writes tables whose number of rows is not known beforehand: create; begin, append..., end for each table; commit. */
typedef struct specrnn_table_writer specrnn_table_writer;

SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_table_writer_create(specrnn_table_writer **out, const char *path,
                                                                          specrnn_table_format format,
                                                                          const specrnn_log *log);

/** @return SPECRNN_ERROR_UNSUPPORTED for a second table where the format holds one, or a dtype or channels that it does
 *  not hold; SPECRNN_ERROR_ARGUMENT for a name that the format cannot hold (white space in .ark) or has already;
 *  SPECRNN_ERROR_FORMAT for a config_json that is no JSON object; SPECRNN_ERROR_STATE while another table is open. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_table_begin(specrnn_table_writer *writer,
                                                                  const specrnn_table_info *info,
                                                                  const specrnn_log *log);

/** Appends rows (n_rows, n_columns).
 *  @param times_s  the time of each row in seconds, or NULL; all calls of one table alike. Of several channels the
 *                  times of the first are kept */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_table_append(specrnn_table_writer *writer, const void *rows,
                                                                   size_t n_rows, const double *times_s,
                                                                   const specrnn_log *log);

/** @return SPECRNN_ERROR_SHAPE where the rows are not as many for each channel. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_table_end(specrnn_table_writer *writer, const specrnn_log *log);

/** Takes the open table back, so that what failed while it was filled does not fail the others: .npz and .ark go on
 * with the next one; of the formats that hold one table nothing will be written. Nothing is done where no table is
 * open.
 *  @return SPECRNN_ERROR_IO. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_table_drop(specrnn_table_writer *writer, const specrnn_log *log);

/** Ends an open table, finishes the file and gives it its name. *writer is NULL afterwards in either case.
 *  @return SPECRNN_ERROR_EMPTY where no table was begun, SPECRNN_ERROR_IO. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_table_writer_commit(specrnn_table_writer **writer,
                                                                          const specrnn_log *log);

/** Gives up: no file appears. Accepts a null pointer. */
SPECRNN_API void specrnn_table_writer_abandon(specrnn_table_writer **writer);

/* ----------------------------------------------------------------------------------------------- readers of the rest
 */

/** Reads a CSV of numbers as an F64 array (rows, columns): UTF-8 with or without a byte order mark, columns divided by
 *  commas, a decimal point, lines ended by LF or CR and LF; blanks around a number, quotes around a cell and empty
 * lines at the end do not matter, a line that begins with '#' is a comment. A first row without any number, and without
 * a cell that begins as one does or says NA, null, true and the like, is a header; where its first cell is "time_s" or
 *  "frame" it is one in any case and the first column is left out, so that a written table reads back. Numbers are
 *  decimal, nan or inf; one beyond the range of double is infinite, as everywhere.
 *  @return SPECRNN_ERROR_FORMAT, naming line and column, for a cell that is no number, quotes that are not closed or a
 *  row of another length; SPECRNN_ERROR_UNSUPPORTED for UTF-16 and what has zero bytes. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_csv_load(specrnn_array **out, const char *path,
                                                               const specrnn_log *log);

/** Reads the matrices of a Kaldi archive one after the other. */
typedef struct specrnn_ark_reader specrnn_ark_reader;

SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_ark_open(specrnn_ark_reader **out, const char *path,
                                                               const specrnn_log *log);

/** The next matrix (F32 or F64, rank 2) or vector (rank 1).
 *  @param key  receives its key, which lives until the next call
 *  @return SPECRNN_END after the last; SPECRNN_ERROR_UNSUPPORTED for compressed matrices and archives in text form. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_ark_next(specrnn_array **out, const char **key,
                                                               specrnn_ark_reader *reader, const specrnn_log *log);

SPECRNN_API void specrnn_ark_close(specrnn_ark_reader **reader);

/* ------------------------------------------------------------------------------------------------------------- bytes
 */

/** Writes bytes of any kind under the rules above, but "-", which is a file of that name here.
 *  @return SPECRNN_ERROR_IO. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_bytes_save(const char *path, const void *bytes, size_t size,
                                                                 const specrnn_log *log);

/* -------------------------------------------------------------------------------------------- configurations as JSON
 */

/** What to do with a key that the table does not know. */
typedef enum specrnn_unknown_keys {
  SPECRNN_UNKNOWN_KEYS_REFUSE, /**< an error that names the first */
  SPECRNN_UNKNOWN_KEYS_IGNORE,
} specrnn_unknown_keys;

/** A configuration as one JSON object on one line, with a key for every option, in the order of the table.
 *  Booleans and numbers are written as such, choices and words ("none") as strings; doubles read back to the same
 *  value, and a uint64 above 2^63 - 1, which few readers keep, is a string of digits.
 *  @param json  receives the text; specrnn_json_destroy frees it */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_config_to_json(char **json, const specrnn_option_table *table,
                                                                     const void *config, const specrnn_log *log);

/** Reads a configuration: every key sets its field, a missing one leaves the default. `config` (table->size bytes) is
 *  written on success only. Of an object whose member "config" is one too, as a .json of features is, that is read.
 *  @return SPECRNN_ERROR_FORMAT for text that is no JSON object or has a key twice; SPECRNN_ERROR_ARGUMENT, naming the
 *  key, for an unknown one, a value of another type, or one out of range. */
SPECRNN_API SPECRNN_MUST_CHECK specrnn_status specrnn_config_from_json(void *config, const specrnn_option_table *table,
                                                                       const char *json, specrnn_unknown_keys unknown,
                                                                       const specrnn_log *log);

/** Frees a text that specrnn_config_to_json gave, and nulls the pointer. */
SPECRNN_API void specrnn_json_destroy(char **json);

#ifdef __cplusplus
}
#endif

#endif
