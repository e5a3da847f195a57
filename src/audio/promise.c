/* Headers of containers, by a table: chunked ones by the look of their chunks, the others by a function each. */
#include "audio/promise.h"

#include <string.h>

#include "audio/promise_fixed.h"

/* --------------------------------------------------------------------------------------------------------- numbers */

uint64_t srn_promise_number(const unsigned char *bytes, size_t n, bool is_big_endian)
{
  uint64_t value = 0;
  for (size_t i = 0; i < n; i++) {
    value = value << 8 | bytes[is_big_endian ? i : n - 1 - i];
  }
  return value;
}

bool srn_promise_field(srn_audio_source *source, uint64_t at, size_t n, bool is_big_endian, uint64_t *value)
{
  unsigned char bytes[8];
  if (srn_audio_source_look(source, at, bytes, n) != n) {
    return false;
  }
  *value = srn_promise_number(bytes, n, is_big_endian);
  return true;
}

/* Programs that write to a pipe cannot know the length and state one near 2^31 or 2^32 bytes: sox 0x7f000000 and
 * 0x7ffff000, others 0x7fffff00, 0x7fffffff, 0x80000000, 0xffffffff; many make it a whole number of frames, or take the
 * size of the header off. */
static bool means_unknown(uint64_t size, size_t n_field)
{
  enum { LARGEST_FRAME = 8 * 1024, LARGEST_HEADER = 256 };
  static const uint32_t SIZES[] = {0x7f000000, 0x7ffff000, 0x7fffff00, 0x7fffffff, 0x80000000, 0xffffffff};
  if (n_field == 8) {
    return size >= UINT64_C(1) << 62;
  }
  for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
    if (size <= SIZES[i] && SIZES[i] - size < LARGEST_FRAME + LARGEST_HEADER) {
      return true;
    }
  }
  return false;
}

/* ---------------------------------------------------------------------------------------------------------- chunks */

#define W64_TAIL "\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"

enum { MAX_HEAD = 24, MAX_CHUNKS = 4096, WAV_BLOCK_AT = 12, WAV_TAG_AT = 24, WAV_EXTENSIBLE = 0xfffe };

static const struct srn_chunk_rule {
  const char *magic;
  const char *form; /* at form_at, four letters, or NULL */
  unsigned form_at;
  unsigned first_at; /* of the first chunk */
  const char *data;  /* name of the chunk of samples; 16 bytes where n_name is 16 */
  unsigned n_name, n_size;
  bool is_big_endian;
  bool size_has_head; /* the size of a chunk counts its head */
  unsigned alignment;
  unsigned n_before; /* bytes of the chunk in front of the first sample, at least */
  bool has_offset;   /* the first four of these count more of them */
} CHUNKED[] = {
    {"RIFF", "WAVE", 8, 12, "data", 4, 4, false, false, 2, 0, false},
    {"RIFX", "WAVE", 8, 12, "data", 4, 4, true, false, 2, 0, false},
    {"RF64", "WAVE", 8, 12, "data", 4, 4, false, false, 2, 0, false},
    {"BW64", "WAVE", 8, 12, "data", 4, 4, false, false, 2, 0, false},
    {"riff", "wave", 24, 40, "data" W64_TAIL, 16, 8, false, true, 8, 0, false},
    {"FORM", "AIFF", 8, 12, "SSND", 4, 4, true, false, 2, 8, true},
    {"FORM", "AIFC", 8, 12, "SSND", 4, 4, true, false, 2, 8, true},
    {"FORM", "8SVX", 8, 12, "BODY", 4, 4, true, false, 2, 0, false},
    {"FORM", "16SV", 8, 12, "BODY", 4, 4, true, false, 2, 0, false},
    {"caff", NULL, 0, 8, "data", 4, 8, true, false, 1, 4, false},
};

typedef struct chunk {
  unsigned char name[16];
  uint64_t size; /* of its content */
} chunk;

static bool read_chunk(srn_audio_source *source, const struct srn_chunk_rule *rule, uint64_t at, chunk *c)
{
  unsigned char head[MAX_HEAD];
  size_t n_head = rule->n_name + rule->n_size;
  if (srn_audio_source_look(source, at, head, n_head) != n_head) {
    return false;
  }
  memcpy(c->name, head, rule->n_name);
  c->size = srn_promise_number(head + rule->n_name, rule->n_size, rule->is_big_endian);
  if (rule->size_has_head) {
    c->size = c->size < n_head ? 0 : c->size - n_head;
  }
  return true;
}

/* Where the next chunk begins. False where that is no offset. */
static bool next_chunk(const struct srn_chunk_rule *rule, uint64_t size, uint64_t *at)
{
  uint64_t content = *at + rule->n_name + rule->n_size;
  uint64_t pad = (rule->alignment - size % rule->alignment) % rule->alignment;
  if (size > INT64_MAX - content - pad) {
    return false;
  }
  *at = content + size + pad;
  return true;
}

/* RF64 keeps the true size of its samples in the chunk ds64, which is the first. */
static void read_ds64(srn_audio_source *source, srn_promise *promise)
{
  enum { FIRST_AT = 12, DATA_SIZE_AT = FIRST_AT + 16 };
  unsigned char name[4];
  uint64_t size;
  if (srn_audio_source_look(source, FIRST_AT, name, 4) == 4 && !memcmp(name, "ds64", 4) &&
      srn_promise_field(source, DATA_SIZE_AT, 8, false, &size)) {
    promise->n_bytes = size;
    promise->n_field = 8;
    promise->field_at = DATA_SIZE_AT;
  }
}

/* Bytes of the chunk in front of the first sample: those that every such chunk has, and as many as they count. */
static uint64_t size_before(srn_audio_source *source, const struct srn_chunk_rule *rule, uint64_t content)
{
  uint64_t offset = 0;
  bool is_counted = rule->has_offset && srn_promise_field(source, content, 4, rule->is_big_endian, &offset);
  return rule->n_before + (is_counted ? offset : 0);
}

static srn_promise promise_of_data(srn_audio_source *source, const struct srn_chunk_rule *rule, uint64_t at,
                                   uint64_t size)
{
  uint64_t content = at + rule->n_name + rule->n_size;
  uint64_t n_before = size_before(source, rule, content);
  srn_promise promise = {
      .found = true,
      .begin = content + n_before,
      .n_before = n_before,
      .is_misread = n_before > rule->n_before,
      .n_bytes = size,
      .n_field = rule->n_size,
      .field_at = at + rule->n_name,
      .field_is_big_endian = rule->is_big_endian,
      .field_extra = n_before + (rule->size_has_head ? rule->n_name + rule->n_size : 0),
      .chunks = rule,
  };
  if (size == UINT32_MAX && rule->magic[0] != 'F' && rule->magic[1] != 'I') {
    read_ds64(source, &promise);
  }
  promise.sized = !means_unknown(promise.n_bytes, promise.n_field);
  uint64_t n_counted = promise.n_field == rule->n_size ? n_before : 0;
  promise.n_bytes = !promise.sized || promise.n_bytes < n_counted ? 0 : promise.n_bytes - n_counted;
  return promise;
}

/* Numbers of at most five bytes with seven bits each, up to a 0 or to the end of the chunk: the sizes of the packets of
 * ALAC. libsndfile prints on standard output where they break this rule. */
static bool are_packet_sizes(srn_audio_source *source, uint64_t at, uint64_t end)
{
  unsigned char bytes[4096];
  unsigned n_bytes = 0;
  uint64_t value = 0;
  for (size_t n; at < end && (n = srn_audio_source_look(source, at, bytes, sizeof bytes)) > 0; at += n) {
    for (size_t i = 0; i < n && at + i < end; i++) {
      value = value << 7 | (bytes[i] & 127);
      if (++n_bytes > 5) {
        return false;
      }
      if (bytes[i] < 128 && value == 0) {
        return true;
      }
      if (bytes[i] < 128) {
        n_bytes = 0;
        value = 0;
      }
    }
  }
  return n_bytes == 0 || at < end; /* or cut, which is told elsewhere */
}

static bool are_packets_sound(srn_audio_source *source, const struct srn_chunk_rule *rule)
{
  enum { CODEC_AT = 20 + 8, TABLE_HEAD = 24 };
  unsigned char codec[4];
  uint64_t at = rule->first_at;
  chunk c;
  if (srn_audio_source_look(source, CODEC_AT, codec, 4) != 4 || memcmp(codec, "alac", 4) != 0) {
    return true;
  }
  for (int i = 0; i < MAX_CHUNKS && read_chunk(source, rule, at, &c); i++) {
    uint64_t content = at + rule->n_name + rule->n_size;
    if (!next_chunk(rule, c.size, &at)) {
      break;
    }
    if (!memcmp(c.name, "pakt", 4)) {
      return c.size < TABLE_HEAD || are_packet_sizes(source, content + TABLE_HEAD, at);
    }
  }
  return true;
}

static srn_promise read_chunks(srn_audio_source *source, const struct srn_chunk_rule *rule)
{
  uint64_t at = rule->first_at;
  uint64_t tag = 0;
  uint64_t block = 0;
  chunk c;
  for (int i = 0; i < MAX_CHUNKS && read_chunk(source, rule, at, &c); i++) {
    if (!memcmp(c.name, rule->data, rule->n_name)) {
      srn_promise promise = promise_of_data(source, rule, at, c.size);
      promise.wav_tag = (unsigned)tag;
      promise.wav_block = (unsigned)block;
      bool is_caf = rule->magic[0] == 'c' && !source->is_stream;
      promise.fault = is_caf && !are_packets_sound(source, rule) ? "damaged, its packets of samples break off" : NULL;
      return promise;
    }
    uint64_t content = at + rule->n_name + rule->n_size;
    if (rule->n_before == 0 && !memcmp(c.name, "fmt ", 4) &&
        (!srn_promise_field(source, content, 2, rule->is_big_endian, &tag) ||
         !srn_promise_field(source, content + WAV_BLOCK_AT, 2, rule->is_big_endian, &block) ||
         (tag == WAV_EXTENSIBLE && !srn_promise_field(source, content + WAV_TAG_AT, 2, rule->is_big_endian, &tag)))) {
      break;
    }
    if (!next_chunk(rule, c.size, &at)) {
      break;
    }
  }
  return (srn_promise){.found = false};
}

static bool begins_with(const unsigned char *head, size_t n_head, size_t at, const char *letters)
{
  return n_head >= at + 4 && !memcmp(head + at, letters, 4);
}

srn_promise srn_promise_read(srn_audio_source *source)
{
  enum { LONGEST_LOOK = 28 };
  unsigned char head[LONGEST_LOOK];
  size_t n_head = srn_audio_source_look(source, 0, head, 4);
  for (size_t i = 0; i < sizeof CHUNKED / sizeof *CHUNKED; i++) {
    const struct srn_chunk_rule *rule = &CHUNKED[i];
    if (!begins_with(head, n_head, 0, rule->magic)) {
      continue;
    }
    n_head = srn_audio_source_look(source, 0, head, rule->form_at + 4);
    if (!rule->form || begins_with(head, n_head, rule->form_at, rule->form)) {
      return read_chunks(source, rule);
    }
  }
  return srn_promise_read_fixed(source);
}

/* ---------------------------------------------------------------------------------------------------------- behind */

/* What programs write behind the samples. */
static bool is_known_chunk(const unsigned char *name)
{
  static const char NAMES[] =
      "LIST INFO id3  ID3  bext fact cue  smpl inst plst PAD  JUNK junk FLLR PEAK iXML axml aXML _PMX cart DISP chna "
      "afsp umid mext levl link minf elm1 regn SAUR LGWV ResU RLND ovwf acid strc r64m note labl ltxt file dbmd CSET "
      "COMM MARK INST COMT NAME AUTH (c)  ANNO MIDI AESD APPL SAXL FVER CHAN basc trns cate VHDR fmt  "
      "pakt info mark free kuki chan strg uuid ovvw midi edct peak ";
  for (const char *known = NAMES; *known; known += 5) {
    if (!memcmp(name, known, 4)) {
      return true;
    }
  }
  return false;
}

static bool is_chunk(const struct srn_chunk_rule *rule, const chunk *c)
{
  return rule->n_name == 16 ? !memcmp(c->name + 4, W64_TAIL, 12) : is_known_chunk(c->name);
}

static bool is_printable(const unsigned char *name)
{
  for (size_t i = 0; i < 4; i++) {
    if (name[i] < ' ' || name[i] > '~') {
      return false;
    }
  }
  return true;
}

/* Whether nothing lies at `at`, and the byte in front of it can be seen: so a pipe, too, tells where it ends. What lies
 * too far ahead in one is not known to be nothing. */
static bool is_end(srn_audio_source *source, uint64_t at)
{
  unsigned char byte;
  bool is_far = source->is_stream && at - source->ahead_at >= SRN_AUDIO_LOOK_SIZE;
  return at > 0 && !is_far && srn_audio_source_look(source, at - 1, &byte, 1) == 1 &&
         srn_audio_source_look(source, at, &byte, 1) == 0;
}

/* Chunks of no known name, one behind the other to the very end of the input; of a pipe as far as it shows. */
static bool are_chunks_to_the_end(srn_audio_source *source, const struct srn_chunk_rule *rule, uint64_t at)
{
  chunk c;
  for (int i = 0; i < MAX_CHUNKS; i++) {
    if (!read_chunk(source, rule, at, &c) || !is_printable(c.name) || !next_chunk(rule, c.size, &at)) {
      return false;
    }
    if (is_end(source, at) || is_end(source, at - 1)) { /* the last one may lack its padding */
      return true;
    }
  }
  return false;
}

static bool are_chunks(srn_audio_source *source, const struct srn_chunk_rule *rule, uint64_t at)
{
  chunk c;
  return read_chunk(source, rule, at, &c) && (is_chunk(rule, &c) || are_chunks_to_the_end(source, rule, at));
}

/* Tags that are hung on files of any kind. */
static bool is_tag(srn_audio_source *source, uint64_t at)
{
  static const char *const MAGICS[] = {"TAG", "APETAGEX", "ID3", "LYRICSBEGIN"};
  char head[12] = {0};
  srn_audio_source_look(source, at, head, sizeof head - 1);
  for (size_t i = 0; i < sizeof MAGICS / sizeof *MAGICS; i++) {
    if (!strncmp(head, MAGICS[i], strlen(MAGICS[i]))) {
      return true;
    }
  }
  return false;
}

/* Zeros to the end, no more than a program fills up a block with. */
static bool is_padding(srn_audio_source *source, uint64_t at)
{
  unsigned char bytes[1024];
  size_t n_zeros = 0;
  for (size_t n = sizeof bytes; n == sizeof bytes; n_zeros += n) {
    n = srn_audio_source_look(source, at + n_zeros, bytes, sizeof bytes);
    for (size_t i = 0; i < n; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    if (n_zeros + n >= SRN_AUDIO_LOOK_SIZE) {
      return false;
    }
  }
  return true;
}

/* Where the chunk behind the samples begins. */
static uint64_t behind_samples(const srn_promise *promise)
{
  const struct srn_chunk_rule *rule = promise->chunks;
  uint64_t at = promise->begin - rule->n_name - rule->n_size - promise->n_before;
  return next_chunk(rule, promise->n_bytes + promise->n_before, &at) ? at : promise->begin + promise->n_bytes;
}

static bool is_file_at(const struct srn_chunk_rule *rule, srn_audio_source *source, uint64_t at)
{
  unsigned char head[28];
  size_t n_head = srn_audio_source_look(source, at, head, rule->form_at + 4);
  return begins_with(head, n_head, 0, rule->magic) &&
         (!rule->form || begins_with(head, n_head, rule->form_at, rule->form));
}

bool srn_promise_is_followed(const srn_promise *promise, srn_audio_source *source)
{
  const struct srn_chunk_rule *rule = promise->chunks;
  return rule && promise->sized &&
         (is_file_at(rule, source, behind_samples(promise)) ||
          is_file_at(rule, source, promise->begin + promise->n_bytes));
}

bool srn_promise_is_exceeded(const srn_promise *promise, srn_audio_source *source, size_t frame_bytes)
{
  const struct srn_chunk_rule *rule = promise->chunks;
  uint64_t end = promise->begin + promise->n_bytes;
  unsigned char byte;
  if (promise->behind != SRN_BEHIND_SOUND || srn_audio_source_look(source, end + frame_bytes - 1, &byte, 1) == 0) {
    return false;
  }
  if (rule && (are_chunks(source, rule, behind_samples(promise)) || are_chunks(source, rule, end))) {
    return false;
  }
  return !is_tag(source, end) && !is_padding(source, end) && !srn_promise_is_followed(promise, source);
}
