/* Bands of rows as one zlib stream (RFC 1950, 1951). Each piece is pressed on its own, with the end of the rows before
 * it as its dictionary, and ends at a byte; so the pieces, one after the other, are one stream. */
#include "plot/deflate.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "core/checked.h"
#include "core/log.h"
#include "core/parallel.h"

enum {
  PIECE_BYTES = 1 << 17, /* a dictionary of 32 KB for 128 KB costs little, and there is enough to share */
  WINDOW_BYTES = 1 << 15,
  RAW_WINDOW_BITS = -15, /* without header and checksum, which belong to the whole */
  MEMORY_LEVEL = 8,
  FLUSH_BYTES = 16, /* the empty block at a piece's end, and more than that */
  HEADER_BYTES = 2,
  CHECKSUM_BYTES = 4,
};
/* A window of 32 KB; the second byte makes both a multiple of 31, as the format asks. */
static const unsigned char HEADER[HEADER_BYTES] = {0x78, 0x5e};

/* What one thread works with. */
typedef struct worker {
  z_stream z;
  bool open;
  unsigned char *raw; /* the dictionary's rows, then the piece's */
} worker;

struct srn_deflater {
  size_t row_bytes, piece_rows, dictionary_rows;
  size_t room; /* bytes for a piece's part of the stream */
  bool begun;
  uLong checksum; /* Adler-32 of all rows so far */
  size_t n_workers, max_pieces;
  worker *workers;
  srn_piece *pieces;   /* (max_pieces) */
  uLong *checksums;    /* (max_pieces) */
  unsigned char *data; /* (max_pieces, room) */
  /* the band in hand */
  size_t n_rows;
  srn_row_packer pack;
  const void *user;
  bool last;
};

static bool open_worker(srn_deflater *d, worker *w, int level)
{
  w->raw = malloc((d->dictionary_rows + d->piece_rows) * d->row_bytes);
  w->open = w->raw && deflateInit2(&w->z, level, Z_DEFLATED, RAW_WINDOW_BITS, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) == Z_OK;
  return w->open;
}

static bool allocate(srn_deflater *d, int level, size_t max_rows)
{
  d->max_pieces = (max_rows + d->piece_rows - 1) / d->piece_rows;
  d->n_workers = srn_parallel_threads(d->max_pieces);
  d->workers = calloc(d->n_workers, sizeof *d->workers);
  d->pieces = calloc(d->max_pieces, sizeof *d->pieces);
  d->checksums = calloc(d->max_pieces, sizeof *d->checksums);
  bool opened = d->workers && d->pieces && d->checksums;
  for (size_t i = 0; opened && i < d->n_workers; i++) {
    opened = open_worker(d, &d->workers[i], level);
  }
  if (!opened) {
    return false;
  }
  d->room = deflateBound(&d->workers[0].z, (uLong)(d->piece_rows * d->row_bytes)) + FLUSH_BYTES;
  d->room += HEADER_BYTES + CHECKSUM_BYTES;
  size_t bytes;
  d->data = srn_size_mul(d->max_pieces, d->room, &bytes) ? malloc(bytes) : NULL;
  return d->data;
}

specrnn_status srn_deflater_create(srn_deflater **out, int level, size_t row_bytes, size_t max_rows,
                                   const specrnn_log *log)
{
  srn_deflater *d = calloc(1, sizeof *d);
  if (!d) {
    return srn_fail_memory(log, sizeof *d);
  }
  d->row_bytes = row_bytes;
  d->piece_rows = row_bytes < PIECE_BYTES ? PIECE_BYTES / row_bytes : 1;
  d->piece_rows = d->piece_rows < max_rows ? d->piece_rows : max_rows;
  d->dictionary_rows = (WINDOW_BYTES + row_bytes - 1) / row_bytes;
  d->checksum = adler32(0, NULL, 0);
  if (!allocate(d, level, max_rows)) {
    srn_deflater_destroy(&d);
    return srn_fail_memory(log, max_rows * row_bytes);
  }
  *out = d;
  return SPECRNN_OK;
}

void srn_deflater_destroy(srn_deflater **deflater)
{
  srn_deflater *d = *deflater;
  if (!d) {
    return;
  }
  for (size_t i = 0; d->workers && i < d->n_workers; i++) {
    if (d->workers[i].open) {
      deflateEnd(&d->workers[i].z);
    }
    free(d->workers[i].raw);
  }
  free(d->workers);
  free(d->pieces);
  free(d->checksums);
  free(d->data);
  free(d);
  *deflater = NULL;
}

/* deflate() fails only where its output has no room, and it has. */
static void press_piece(void *user, size_t i, size_t thread)
{
  srn_deflater *d = user;
  worker *w = &d->workers[thread];
  srn_piece *piece = &d->pieces[i];
  size_t first = i * d->piece_rows;
  size_t n_rows = d->n_rows - first < d->piece_rows ? d->n_rows - first : d->piece_rows;
  size_t n_before = first < d->dictionary_rows ? first : d->dictionary_rows;
  for (size_t row = 0; row < n_before + n_rows; row++) {
    d->pack(d->user, first - n_before + row, w->raw + row * d->row_bytes);
  }
  unsigned char *raw = w->raw + n_before * d->row_bytes;
  size_t n_bytes = n_rows * d->row_bytes;
  d->checksums[i] = adler32(adler32(0, NULL, 0), raw, (uInt)n_bytes);

  size_t header = i == 0 && !d->begun ? HEADER_BYTES : 0;
  bool ends = d->last && first + n_rows == d->n_rows;
  piece->data = d->data + i * d->room;
  memcpy(piece->data, HEADER, header);
  deflateReset(&w->z);
  if (n_before) {
    deflateSetDictionary(&w->z, w->raw, (uInt)(n_before * d->row_bytes));
  }
  w->z.next_in = raw;
  w->z.avail_in = (uInt)n_bytes;
  w->z.next_out = piece->data + header;
  w->z.avail_out = (uInt)(d->room - header - CHECKSUM_BYTES);
  deflate(&w->z, ends ? Z_FINISH : Z_SYNC_FLUSH);
  piece->size = header + w->z.total_out;
}

/* The checksum of everything, its high byte first, behind the last piece. */
static void end_stream(const srn_deflater *d, srn_piece *piece)
{
  for (int shift = 24; shift >= 0; shift -= 8) {
    piece->data[piece->size++] = (unsigned char)(d->checksum >> shift);
  }
}

specrnn_status srn_deflater_press(srn_deflater *d, size_t n_rows, srn_row_packer pack, const void *user, bool last,
                                  const srn_piece **pieces, size_t *n_pieces, const specrnn_log *log)
{
  size_t count = (n_rows + d->piece_rows - 1) / d->piece_rows;
  if (!n_rows || count > d->max_pieces) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a band of %zu rows", n_rows);
  }
  d->n_rows = n_rows;
  d->pack = pack;
  d->user = user;
  d->last = last;
  srn_parallel(count, d->n_workers < count ? d->n_workers : count, press_piece, d);
  for (size_t i = 0; i < count; i++) {
    size_t rows = i + 1 < count ? d->piece_rows : n_rows - i * d->piece_rows;
    d->checksum = adler32_combine(d->checksum, d->checksums[i], (z_off_t)(rows * d->row_bytes));
  }
  d->begun = true;
  if (last) {
    end_stream(d, &d->pieces[count - 1]);
  }
  *pieces = d->pieces;
  *n_pieces = count;
  return SPECRNN_OK;
}
