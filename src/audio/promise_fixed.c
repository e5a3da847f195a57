/* The promise of a header at the front: a function per container, in a table by magic. */
#include "audio/promise_fixed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool little(srn_audio_source *source, uint64_t at, size_t n, uint64_t *value)
{
  return srn_promise_field(source, at, n, false, value);
}

static bool big(srn_audio_source *source, uint64_t at, size_t n, uint64_t *value)
{
  return srn_promise_field(source, at, n, true, value);
}

static srn_promise promise_bytes(uint64_t begin, uint64_t n_bytes)
{
  return (srn_promise){.found = true, .sized = true, .begin = begin, .n_bytes = n_bytes};
}

static srn_promise promise_with(enum srn_behind behind, uint64_t begin, uint64_t n_bytes)
{
  srn_promise promise = promise_bytes(begin, n_bytes);
  promise.behind = behind;
  return promise;
}

static const srn_promise NONE = {.found = false};

/* Sun/NeXT: offset and size of the samples. */
static srn_promise read_au(srn_audio_source *source, bool is_big_endian)
{
  uint64_t begin, size;
  if (!srn_promise_field(source, 4, 4, is_big_endian, &begin) ||
      !srn_promise_field(source, 8, 4, is_big_endian, &size)) {
    return NONE;
  }
  srn_promise promise = promise_bytes(begin, size);
  promise.n_field = 4;
  promise.field_at = 8;
  promise.field_is_big_endian = is_big_endian;
  if (size == UINT32_MAX) {
    promise.sized = false;
    promise.n_bytes = 0;
  }
  return promise;
}

static srn_promise read_au_big(srn_audio_source *source)
{
  return read_au(source, true);
}

static srn_promise read_au_little(srn_audio_source *source)
{
  return read_au(source, false);
}

/* Audio Visual Research: frames, 0 or -1 at 12 for mono or stereo, bits at 14. */
static srn_promise read_avr(srn_audio_source *source)
{
  enum { STEREO_AT = 12, BITS_AT = 14, FRAMES_AT = 26, BEGIN = 128 };
  uint64_t stereo, bits, frames;
  if (!big(source, STEREO_AT, 2, &stereo) || !big(source, BITS_AT, 2, &bits) || !big(source, FRAMES_AT, 4, &frames)) {
    return NONE;
  }
  return promise_bytes(BEGIN, frames * (stereo ? 2 : 1) * (bits > 8 ? 2 : 1));
}

/* Akai MPC 2000: stereo as a byte at 21, frames at 30, always 16 bits. */
static srn_promise read_mpc2k(srn_audio_source *source)
{
  enum { STEREO_AT = 21, FRAMES_AT = 30, BEGIN = 42 };
  uint64_t stereo, frames;
  if (!little(source, STEREO_AT, 1, &stereo) || !little(source, FRAMES_AT, 4, &frames)) {
    return NONE;
  }
  return promise_bytes(BEGIN, frames * (stereo ? 4 : 2));
}

/* Psion: bytes of A-law. */
static srn_promise read_wve(srn_audio_source *source)
{
  enum { SIZE_AT = 18, BEGIN = 32 };
  uint64_t size;
  return big(source, SIZE_AT, 4, &size) ? promise_bytes(BEGIN, size) : NONE;
}

/* FastTracker 2: the headers of all samples, 40 bytes each, then the first of them. Some programs leave its size 0. */
static srn_promise read_xi(srn_audio_source *source)
{
  enum { COUNT_AT = 296, SIZES_AT = 298, HEAD_SIZE = 40 };
  uint64_t count, size;
  if (!little(source, COUNT_AT, 2, &count) || !little(source, SIZES_AT, 4, &size)) {
    return NONE;
  }
  srn_promise promise = promise_with(SRN_BEHIND_OTHER, SIZES_AT + count * HEAD_SIZE, size);
  promise.sized = size > 0;
  return promise;
}

/* MIDI sample dump: packets of 127 bytes with 120 of samples, 7 bits to a byte; numbers of three such bytes. libsndfile
 * prints on standard output where a packet has no head. */
static srn_promise read_sds(srn_audio_source *source)
{
  enum { BITS_AT = 6, FRAMES_AT = 10, BEGIN = 21, PACKET = 127, CONTENT = 120 };
  unsigned char three[3];
  uint64_t bits;
  if (!little(source, BITS_AT, 1, &bits) || bits == 0 || bits > 28 ||
      srn_audio_source_look(source, FRAMES_AT, three, 3) != 3) {
    return NONE;
  }
  uint64_t frames = (uint64_t)(three[0] & 127) | (uint64_t)(three[1] & 127) << 7 | (uint64_t)(three[2] & 127) << 14;
  uint64_t per_packet = CONTENT / ((bits + 6) / 7);
  srn_promise promise = promise_with(SRN_BEHIND_OTHER, BEGIN, (frames + per_packet - 1) / per_packet * PACKET);
  uint64_t at = BEGIN;
  do { /* libsndfile reads the first one in any case */
    unsigned char head[4];
    size_t n = srn_audio_source_look(source, at, head, sizeof head);
    bool is_bad = n == sizeof head ? head[0] != 0xf0 || head[1] != 0x7e || head[3] != 2 : at == BEGIN;
    promise.fault = is_bad ? "damaged, its packets of samples break off" : NULL;
    at += PACKET;
  } while (at < BEGIN + promise.n_bytes && at < source->size && !promise.fault);
  return promise;
}

/* The number behind "name -i " in the text of a header; 0 without one. */
static uint64_t text_field(const char *header, const char *name)
{
  const char *found = strstr(header, name);
  long long value = found ? strtoll(found + strlen(name), NULL, 10) : 0;
  return value > 0 && value < INT32_MAX ? (uint64_t)value : 0;
}

/* NIST SPHERE: lines of text; the size of the header stands in the second. */
static srn_promise read_nist(srn_audio_source *source)
{
  enum { HEADER_SIZE = 1024, SIZE_AT = 8 };
  char header[HEADER_SIZE + 1] = {0};
  srn_audio_source_look(source, 0, header, HEADER_SIZE);
  uint64_t begin = text_field(header + SIZE_AT, "");
  uint64_t frames = text_field(header, "sample_count -i ");
  uint64_t width = text_field(header, "sample_n_bytes -i "); /* left out where it is 1 */
  uint64_t bytes = (width ? width : 1) * text_field(header, "channel_count -i ");
  return begin && frames && bytes && bytes <= HEADER_SIZE * 8 ? promise_bytes(begin, frames * bytes) : NONE;
}

/* Creative Voice: blocks of a kind and a size of three bytes; a new kind of sound (9) has 12 bytes in front. */
static srn_promise read_voc(srn_audio_source *source)
{
  enum { HEADER_SIZE_AT = 20, END = 0, SOUND = 1, TEXT = 5, REPEAT = 6, EXTENDED = 8, SOUND_9 = 9, MAX_BLOCKS = 1000 };
  uint64_t at, kind, size;
  if (!little(source, HEADER_SIZE_AT, 2, &at)) {
    return NONE;
  }
  for (int i = 0; i < MAX_BLOCKS && little(source, at, 1, &kind) && little(source, at + 1, 3, &size); i++) {
    uint64_t n_before = kind == SOUND ? 2 : 12;
    if (kind == SOUND || kind == SOUND_9) {
      if (size < n_before) {
        return NONE;
      }
      srn_promise promise = promise_with(SRN_BEHIND_BLOCKS, at + 4 + n_before, size - n_before);
      /* libsndfile takes the heads of further blocks for samples. */
      bool goes_on = little(source, at + 4 + size, 1, &kind) && kind != END && kind <= SOUND_9;
      promise.fault =
          goes_on ? "its sound lies in several blocks, which are not read; sox or ffmpeg make a WAV of it" : NULL;
      return promise;
    }
    if (kind != TEXT && kind != REPEAT && kind != EXTENDED) {
      break;
    }
    at += 4 + size;
  }
  return NONE;
}

/* ---------------------------------------------------------------------------------------------------------- Matlab */

/* Two matrices, of the rate and of the samples (channels, frames), each with five numbers in front of its name. */
static srn_promise read_mat4(srn_audio_source *source, bool is_big_endian)
{
  enum { HEAD_SIZE = 20, MAX_ROWS = 1024 };
  static const unsigned WIDTHS[] = {8, 4, 4, 2, 2, 1}; /* by the tens of the kind */
  uint64_t at = 0;
  for (int i = 0; i < 2; i++) {
    uint64_t kind, rows, columns, n_name;
    if (!srn_promise_field(source, at, 4, is_big_endian, &kind) || kind % 1000 / 10 > 5 ||
        !srn_promise_field(source, at + 4, 4, is_big_endian, &rows) || rows > MAX_ROWS ||
        !srn_promise_field(source, at + 8, 4, is_big_endian, &columns) ||
        !srn_promise_field(source, at + 16, 4, is_big_endian, &n_name)) {
      return NONE;
    }
    uint64_t n_bytes = rows * columns * WIDTHS[kind % 1000 / 10];
    at += HEAD_SIZE + n_name;
    if (i == 1) {
      return promise_with(SRN_BEHIND_OTHER, at, n_bytes);
    }
    at += n_bytes;
  }
  return NONE;
}

static srn_promise read_mat4_big(srn_audio_source *source)
{
  return read_mat4(source, true);
}

static srn_promise read_mat4_little(srn_audio_source *source)
{
  return read_mat4(source, false);
}

/* An element has its kind and its size, each of four bytes, or of two where all of it fits into eight. */
static bool read_element(srn_audio_source *source, bool is_big_endian, uint64_t at, uint64_t *content, uint64_t *size)
{
  uint64_t kind;
  if (!srn_promise_field(source, at, 4, is_big_endian, &kind) ||
      !srn_promise_field(source, at + 4, 4, is_big_endian, size)) {
    return false;
  }
  *content = at + 8;
  if (kind >> 16) {
    *size = kind >> 16;
    *content = at + 4;
  }
  return true;
}

static uint64_t behind_element(uint64_t content, uint64_t size)
{
  return (content + size + 7) / 8 * 8;
}

/* A header of 128 bytes, then matrices, each of its flags, dimensions, name and numbers; the samples are the second. */
static srn_promise read_mat5(srn_audio_source *source)
{
  enum { ENDIAN_AT = 126, HEADER_SIZE = 128, NUMBERS = 3 };
  unsigned char mark[2];
  uint64_t content, size;
  if (srn_audio_source_look(source, ENDIAN_AT, mark, 2) != 2) {
    return NONE;
  }
  bool is_big_endian = mark[0] == 'M';
  if (!read_element(source, is_big_endian, HEADER_SIZE, &content, &size) ||
      !read_element(source, is_big_endian, behind_element(content, size), &content, &size)) {
    return NONE;
  }
  for (uint64_t i = 0, at = content; read_element(source, is_big_endian, at, &content, &size); i++) {
    if (i == NUMBERS) {
      return promise_with(SRN_BEHIND_OTHER, content, size);
    }
    at = behind_element(content, size);
  }
  return NONE;
}

/* ----------------------------------------------------------------------------------------------------------- table */

srn_promise srn_promise_read_fixed(srn_audio_source *source)
{
  static const struct {
    const char *magic;
    size_t n_magic;
    srn_promise (*read)(srn_audio_source *source);
  } FIXED[] = {
      {".snd", 4, read_au_big},
      {"dns.", 4, read_au_little},
      {"2BIT", 4, read_avr},
      {"\1\4", 2, read_mpc2k},
      {"ALawSoundFile**", 16, read_wve},
      {"Extended Instrument:", 20, read_xi},
      {"\xf0\x7e", 2, read_sds},
      {"NIST_1A\n", 8, read_nist},
      {"Creative Voice File\x1a", 20, read_voc},
      {"\0\0\3\xe8", 4, read_mat4_big},
      {"\0\0\0\0\1\0\0\0", 8, read_mat4_little},
      {"MATLAB 5.0 MAT-file", 19, read_mat5},
  };
  unsigned char head[20];
  for (size_t i = 0; i < sizeof FIXED / sizeof *FIXED; i++) {
    size_t n = srn_audio_source_look(source, 0, head, FIXED[i].n_magic);
    if (n == FIXED[i].n_magic && !memcmp(head, FIXED[i].magic, n)) {
      return FIXED[i].read(source);
    }
  }
  return NONE;
}
