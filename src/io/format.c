/* Formats known by structure: one table, in one order, for every reader. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/bytes.h"
#include "io/zip.h"
#include "specrnn/io.h"

enum { HEAD_SIZE = 512, MAX_SAFETENSORS_HEADER = 100 << 20 };

/* A file, or a block of memory, and its first bytes; what lies beyond them is zero. */
typedef struct view {
  const unsigned char *bytes; /* or NULL: the descriptor */
  int descriptor;
  const char *path;
  uint64_t size;
  unsigned char head[HEAD_SIZE];
  size_t n_head;
} view;

/* One byte; 0 where there is none. */
static unsigned char byte_at(const view *v, uint64_t place)
{
  unsigned char byte = 0;
  if (place >= v->size) {
    return 0;
  }
  if (v->bytes) {
    return v->bytes[place];
  }
  return pread(v->descriptor, &byte, 1, (off_t)place) == 1 ? byte : 0;
}

static bool begins_with(const view *v, const void *magic, size_t size)
{
  return v->n_head >= size && !memcmp(v->head, magic, size);
}

/* ------------------------------------------------------------------------------------------------------- structures */

/* As JSON has them. */
static bool is_blank(unsigned char byte)
{
  return byte && strchr(" \t\r\n", byte);
}

/* The length of a JSON object, and the object: from '{' to '}', but for blanks around it. Of a header that is cut
 * short, or ends in blanks further than is looked, the first key tells it, and its reader the rest. */
static bool is_safetensors(const view *v)
{
  enum { LENGTH_SIZE = 8, MOST_BLANKS = 4096 };
  if (v->n_head < LENGTH_SIZE + 2) {
    return false;
  }
  uint64_t length = srn_load_le64(v->head);
  if (length < 2 || length > MAX_SAFETENSORS_HEADER) {
    return false;
  }
  size_t first = LENGTH_SIZE;
  while (first < v->n_head && first < LENGTH_SIZE + length && is_blank(v->head[first])) {
    first++;
  }
  if (first >= v->n_head || v->head[first] != '{') {
    return false;
  }
  bool has_key = first + 1 < v->n_head && (v->head[first + 1] == '"' || v->head[first + 1] == '}');
  if (LENGTH_SIZE + length > v->size) {
    return has_key;
  }
  uint64_t last = LENGTH_SIZE + length - 1;
  uint64_t stop = last - first < MOST_BLANKS ? first : last - MOST_BLANKS;
  while (last > stop && is_blank(byte_at(v, last))) {
    last--;
  }
  unsigned char end = byte_at(v, last);
  return end == '}' || (is_blank(end) && has_key);
}

static bool is_npy(const view *v)
{
  return begins_with(v, "\x93NUMPY", 6);
}

static bool is_zip(const view *v)
{
  return begins_with(v, "PK\3\4", 4) || begins_with(v, "PK\5\6", 4);
}

static bool ends_with(const char *name, const char *end)
{
  size_t length = strlen(name);
  size_t n = strlen(end);
  return length >= n && !strcmp(name + length - n, end);
}

/* Whether a zip has an entry of that name, or of a name with that end. */
static bool zip_has(const view *v, const char *end)
{
  srn_zip *zip = NULL;
  bool found = false;
  if (!is_zip(v) ||
      (v->bytes ? srn_zip_open_memory(&zip, v->bytes, (size_t)v->size, NULL) : srn_zip_open(&zip, v->path, NULL))) {
    return false;
  }
  for (size_t i = 0; !found && i < srn_zip_count(zip); i++) {
    found = ends_with(srn_zip_name(zip, i), end);
  }
  srn_zip_close(&zip);
  return found;
}

static bool is_torch(const view *v)
{
  return zip_has(v, "data.pkl");
}

static bool is_npz(const view *v)
{
  return zip_has(v, ".npy");
}

/* Protocol 2, and the number that torch.save began its files with before it wrote zips. */
static bool is_old_torch(const view *v)
{
  return begins_with(v, "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 14);
}

static bool is_pickle(const view *v)
{
  enum { FIRST_PROTOCOL = 2, LAST_PROTOCOL = 5 };
  return v->n_head > 2 && v->head[0] == 0x80 && v->head[1] >= FIRST_PROTOCOL && v->head[1] <= LAST_PROTOCOL &&
         byte_at(v, v->size - 1) == '.';
}

/* Its signature lies at the front, or behind a block of the user, as MATLAB has one. */
static bool is_hdf5(const view *v)
{
  static const unsigned char SIGNATURE[] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
  static const uint64_t PLACES[] = {0, 512, 1024, 2048};
  for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES; i++) {
    size_t n = 0;
    while (n < sizeof SIGNATURE && byte_at(v, PLACES[i] + n) == SIGNATURE[n]) {
      n++;
    }
    if (n == sizeof SIGNATURE) {
      return true;
    }
  }
  return false;
}

static bool is_tflite(const view *v)
{
  return v->n_head >= 8 && !memcmp(v->head + 4, "TFL3", 4);
}

/* A protocol buffer of ONNX: field 1 is the version of its format, a small number, and its producer, graph or opset
 * follows. */
static bool is_onnx(const view *v)
{
  return v->n_head > 4 && v->head[0] == 0x08 && v->head[1] >= 1 && v->head[1] <= 20 &&
         (v->head[2] == 0x12 || v->head[2] == 0x1a || v->head[2] == 0x3a || v->head[2] == 0x42);
}

/* "[" and then a number, or "]", as a matrix has it in text. */
static bool is_matrix_text(const view *v, size_t at)
{
  while (at < v->n_head && v->head[at] == ' ') {
    at++;
  }
  if (at >= v->n_head || v->head[at] != '[') {
    return false;
  }
  do {
    at++;
  } while (at < v->n_head && isspace(v->head[at]));
  return at < v->n_head && (isdigit(v->head[at]) || strchr("+-.]", v->head[at] ? v->head[at] : 1));
}

/* KEY, a blank, and binary, or a matrix in text. A key in quotes, or with a brace, is one of JSON. */
static bool is_ark(const view *v)
{
  size_t key = 0;
  while (key < v->n_head && isgraph(v->head[key])) {
    key++;
  }
  if (key == 0 || key + 2 >= v->n_head || v->head[key] != ' ' || strchr("{[\"", v->head[0])) {
    return false;
  }
  return (v->head[key + 1] == '\0' && v->head[key + 2] == 'B') || is_matrix_text(v, key + 1);
}

/* UTF-8 or UTF-16 with a mark, or no byte that a text does not have. */
static bool is_text(const view *v)
{
  if (begins_with(v, "\xff\xfe", 2) || begins_with(v, "\xfe\xff", 2)) {
    return true;
  }
  for (size_t i = 0; i < v->n_head; i++) {
    if (v->head[i] < ' ' && !strchr("\t\r\n\f", v->head[i] ? v->head[i] : 1)) {
      return false;
    }
  }
  return v->n_head > 0;
}

static bool is_json(const view *v)
{
  size_t first = begins_with(v, "\xef\xbb\xbf", 3) ? 3 : 0;
  while (first < v->n_head && is_blank(v->head[first])) {
    first++;
  }
  return first < v->n_head && v->head[first] == '{' && is_text(v);
}

static bool begins_with_any(const view *v, const char *const *magics)
{
  while (*magics && !begins_with(v, *magics, strlen(*magics))) {
    magics++;
  }
  return *magics != NULL;
}

/* What libsndfile will know, and PDF. Short words may begin a text, too; headers of a few
 * containers are texts. */
static bool is_other(const view *v)
{
  static const char *const WORDS[] = {"RIFF", "RIFX", "RF64", "riff", "FORM", "fLaC", "OggS", "caff",
                                      ".snd", "dns.", "ID3",  "2BIT", " paf", "fap ", NULL};
  static const char *const TEXTS[] = {"NIST_1A\n",
                                      "PVF1\n",
                                      "ALawSoundFile**",
                                      "Creative Voice File",
                                      "MATLAB 5.0 MAT-file",
                                      "Extended Instru",
                                      "SOUND SAMPLE DA",
                                      "%PDF-",
                                      NULL};
  return begins_with_any(v, TEXTS) || (begins_with_any(v, WORDS) && !is_text(v));
}

/* ----------------------------------------------------------------------------------------------------------- the table
 */

static const struct kind {
  specrnn_file_format format;
  const char *name;
  const char *extensions[4]; /* where the content cannot be seen */
  bool (*is)(const view *v);
  const char *advice; /* who reads it, or how it becomes what is read */
} KINDS[] = {
    {SPECRNN_FILE_SAFETENSORS,
     "safetensors",
     {".safetensors"},
     is_safetensors,
     "; where it is a model, --model takes it"},
    {SPECRNN_FILE_NPY, "a NumPy array (.npy)", {".npy"}, is_npy, "; specrnn info, plot and encode read it"},
    {SPECRNN_FILE_TORCH, "a .pt of torch.save", {".pt", ".pth"}, is_torch, "; where it is a model, --model takes it"},
    {SPECRNN_FILE_NPZ,
     "NumPy arrays (.npz)",
     {".npz"},
     is_npz,
     "; specrnn info, plot and encode read it, and --model where it is a model"},
    {SPECRNN_FILE_ZIP, "a zip of neither arrays nor a model", {NULL}, is_zip, ""},
    {SPECRNN_FILE_TORCH_LEGACY,
     "a pickle of torch.save before 1.6",
     {NULL},
     is_old_torch,
     "; load and save it again with torch.save, or as safetensors"},
    {SPECRNN_FILE_PICKLE,
     "a pickle",
     {".pkl", ".pickle"},
     is_pickle,
     ", which is a program and is not run; save the state_dict with torch.save, or the arrays as safetensors or .npz"},
    {SPECRNN_FILE_HDF5, "HDF5, as Keras writes it", {".h5", ".hdf5"}, is_hdf5, "; save its arrays as .npz"},
    {SPECRNN_FILE_TFLITE, "TensorFlow Lite", {".tflite"}, is_tflite, "; save the weights it was made from"},
    {SPECRNN_FILE_ONNX, "ONNX", {".onnx"}, is_onnx, "; save the weights it was made from"},
    {SPECRNN_FILE_OTHER, "no known format", {NULL}, is_other, ""},
    {SPECRNN_FILE_ARK, "a Kaldi archive", {".ark"}, is_ark, "; save its matrices as .npz"},
    {SPECRNN_FILE_JSON, "JSON", {".json"}, is_json, "; where it is a configuration, --config takes it"},
    {SPECRNN_FILE_TEXT,
     "text",
     {".csv", ".txt"},
     is_text,
     "; where it is a table of numbers, specrnn info and plot read it"},
};

enum { KIND_COUNT = sizeof KINDS / sizeof *KINDS };

const char *specrnn_file_format_name(specrnn_file_format format)
{
  for (size_t i = 0; i < KIND_COUNT; i++) {
    if (KINDS[i].format == format) {
      return KINDS[i].name;
    }
  }
  return "no known format";
}

const char *specrnn_file_format_advice(specrnn_file_format format)
{
  for (size_t i = 0; i < KIND_COUNT; i++) {
    if (KINDS[i].format == format) {
      return KINDS[i].advice;
    }
  }
  return "";
}

static specrnn_file_format recognise(const view *v)
{
  for (size_t i = 0; i < KIND_COUNT; i++) {
    if (KINDS[i].is(v)) {
      return KINDS[i].format;
    }
  }
  return SPECRNN_FILE_OTHER;
}

static specrnn_file_format by_extension(const char *path)
{
  const char *dot = strrchr(path, '.');
  for (size_t i = 0; dot && i < KIND_COUNT; i++) {
    for (size_t k = 0; k < 4 && KINDS[i].extensions[k]; k++) {
      if (!strcasecmp(dot, KINDS[i].extensions[k])) {
        return KINDS[i].format;
      }
    }
  }
  return SPECRNN_FILE_OTHER;
}

specrnn_file_format specrnn_bytes_identify(const void *bytes, size_t n_bytes)
{
  view v = {.bytes = bytes, .descriptor = -1, .size = n_bytes, .n_head = n_bytes < HEAD_SIZE ? n_bytes : HEAD_SIZE};
  if (v.n_head) {
    memcpy(v.head, bytes, v.n_head);
  }
  return recognise(&v);
}

specrnn_file_format specrnn_file_identify(const char *path)
{
  struct stat status;
  view v = {.path = path, .descriptor = -1};
  if (!strcmp(path, "-") || stat(path, &status) != 0 || !S_ISREG(status.st_mode) ||
      (v.descriptor = open(path, O_RDONLY | O_CLOEXEC)) < 0) {
    return by_extension(path);
  }
  v.size = (uint64_t)status.st_size;
  ssize_t n = pread(v.descriptor, v.head, sizeof v.head, 0);
  v.n_head = n > 0 ? (size_t)n : 0;
  specrnn_file_format format = n > 0 ? recognise(&v) : SPECRNN_FILE_OTHER;
  close(v.descriptor);
  /* A damaged file is what it is called, so that its reader says what is wrong. */
  bool unknown = format == SPECRNN_FILE_OTHER || format == SPECRNN_FILE_ZIP;
  specrnn_file_format called = unknown && !is_other(&v) ? by_extension(path) : SPECRNN_FILE_OTHER;
  return called != SPECRNN_FILE_OTHER ? called : format;
}
