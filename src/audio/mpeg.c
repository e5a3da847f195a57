/* Headers of MP3: ID3v2 in front, a frame of layer III, and in it Xing's fields and LAME's. */
#include "audio/mpeg.h"

#include <string.h>

enum {
  ID3_HEAD = 10,
  ID3_FOOTER_FLAG = 0x10,
  MAX_TAGS = 16,
  HAS_FRAMES = 1, /* Xing's flags */
  HAS_BYTES = 2,
  HAS_TABLE = 4,
  HAS_QUALITY = 8,
  TABLE_SIZE = 100,
  LAME_DELAY_AT = 21, /* from the name of the encoder */
};

typedef struct xing {
  uint64_t frame_at;
  uint64_t bytes_at; /* of the field, 0 without it */
  uint64_t n_bytes;  /* from frame_at on */
  uint64_t n_frames; /* of layer III; 0 without */
  unsigned per_frame;
  unsigned delay, padding;
} xing;

uint64_t srn_mpeg_behind_tags(srn_audio_source *source, uint64_t at)
{
  unsigned char head[ID3_HEAD];
  for (int i = 0; i < MAX_TAGS; i++) {
    if (srn_audio_source_look(source, at, head, sizeof head) != sizeof head || memcmp(head, "ID3", 3) != 0) {
      break;
    }
    uint64_t size = (uint64_t)(head[6] & 127) << 21 | (head[7] & 127) << 14 | (head[8] & 127) << 7 | (head[9] & 127);
    at += ID3_HEAD + size + (head[5] & ID3_FOOTER_FLAG ? ID3_HEAD : 0);
  }
  return at;
}

static uint64_t big32(const unsigned char *bytes)
{
  return (uint64_t)bytes[0] << 24 | (uint64_t)bytes[1] << 16 | (uint64_t)bytes[2] << 8 | bytes[3];
}

/* The bytes of side information in front of Xing's name; 0 where this is no frame of layer III. */
static size_t side_size(const unsigned char *head, unsigned *per_frame)
{
  enum { LAYER_3 = 1, MPEG_1 = 3, MONO = 3 };
  unsigned version = head[1] >> 3 & 3;
  bool mono = head[3] >> 6 == MONO;
  if (head[0] != 0xff || (head[1] & 0xe0) != 0xe0 || version == 1 || (head[1] >> 1 & 3) != LAYER_3) {
    return 0;
  }
  *per_frame = version == MPEG_1 ? 1152 : 576;
  size_t side = version == MPEG_1 ? (mono ? 17 : 32) : (mono ? 9 : 17);
  return head[1] & 1 ? side : side + 2; /* with a checksum in front of it */
}

static bool find(srn_audio_source *source, uint64_t begin, xing *x)
{
  enum { HEAD = 4, LONGEST = HEAD + 34 + 8 + 4 + 4 + TABLE_SIZE + 4 + LAME_DELAY_AT + 3 };
  unsigned char bytes[LONGEST] = {0};
  *x = (xing){.frame_at = srn_mpeg_behind_tags(source, begin)};
  size_t n = srn_audio_source_look(source, x->frame_at, bytes, sizeof bytes);
  size_t side = n > HEAD ? side_size(bytes, &x->per_frame) : 0;
  const unsigned char *name = bytes + HEAD + side;
  if (n < HEAD + side + 16 || side == 0 || (memcmp(name, "Xing", 4) != 0 && memcmp(name, "Info", 4) != 0)) {
    return false;
  }
  uint64_t flags = big32(name + 4);
  const unsigned char *at = name + 8;
  if (flags & HAS_FRAMES) {
    x->n_frames = big32(at);
    at += 4;
  }
  if (flags & HAS_BYTES) {
    x->bytes_at = x->frame_at + (uint64_t)(at - bytes);
    x->n_bytes = big32(at);
    at += 4;
  }
  at += (flags & HAS_TABLE ? TABLE_SIZE : 0) + (flags & HAS_QUALITY ? 4 : 0);
  if (!memcmp(at, "LAME", 4) || !memcmp(at, "Lav", 3)) {
    at += LAME_DELAY_AT;
    x->delay = (unsigned)at[0] << 4 | at[1] >> 4;
    x->padding = (unsigned)(at[1] & 15) << 8 | at[2];
  }
  return true;
}

srn_mpeg_promise srn_mpeg_promised(srn_audio_source *source)
{
  xing x, next;
  if (!find(source, 0, &x) || x.n_frames == 0) {
    return (srn_mpeg_promise){.n_frames = -1};
  }
  uint64_t n_all = x.n_frames * x.per_frame;
  uint64_t n_silent = x.delay + x.padding;
  bool is_cut = x.bytes_at && x.n_bytes > source->size - x.frame_at;
  return (srn_mpeg_promise){
      .n_frames = (int64_t)(n_all > n_silent ? n_all - n_silent : 0),
      .n_slack = is_cut ? 0 : x.per_frame,
      .is_followed = x.bytes_at && !is_cut && find(source, x.frame_at + x.n_bytes, &next),
  };
}

bool srn_mpeg_is(srn_audio_source *source)
{
  enum { RESERVED_VERSION = 1, RESERVED_LAYER = 0, BAD_BITRATE = 15, RESERVED_RATE = 3 };
  unsigned char head[4];
  if (srn_audio_source_look(source, srn_mpeg_behind_tags(source, 0), head, sizeof head) != sizeof head) {
    return false;
  }
  bool is_sync = head[0] == 0xff && (head[1] & 0xe0) == 0xe0;
  return is_sync && (head[1] >> 3 & 3) != RESERVED_VERSION && (head[1] >> 1 & 3) != RESERVED_LAYER &&
         head[2] >> 4 != BAD_BITRATE && (head[2] >> 2 & 3) != RESERVED_RATE;
}
