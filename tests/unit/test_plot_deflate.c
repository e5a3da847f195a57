/* Rows pressed in pieces: one valid zlib stream, the same for every number of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include "core/parallel.h"
#include "plot/deflate.h"

#define assert_ok(call) assert_int_equal(call, SPECRNN_OK)

enum { WIDTH = 1000, MOST_ROWS = 700 };

/* A repeatable picture: runs, noise and repetitions. */
static unsigned char byte_at(size_t row, size_t column)
{
  uint32_t x = (uint32_t)(row * WIDTH + column) * UINT32_C(2654435761);
  return column < WIDTH / 3 ? 7 : column < WIDTH / 2 ? (unsigned char)(x >> 24) : (unsigned char)(column + row / 9);
}

static void pack(const void *first_row, size_t row, unsigned char *out)
{
  for (size_t column = 0; column < WIDTH; column++) {
    out[column] = byte_at(*(const size_t *)first_row + row, column);
  }
}

/* All rows, in bands of this many; the whole stream's length. */
static size_t press(size_t n_rows, size_t band, int level, unsigned char *stream, size_t room)
{
  srn_deflater *deflater = NULL;
  assert_ok(srn_deflater_create(&deflater, level, WIDTH, band, NULL));
  size_t used = 0;
  for (size_t row = 0; row < n_rows; row += band) {
    size_t rows = n_rows - row < band ? n_rows - row : band;
    const srn_piece *pieces = NULL;
    size_t n_pieces = 0;
    assert_ok(srn_deflater_press(deflater, rows, pack, &row, row + rows == n_rows, &pieces, &n_pieces, NULL));
    for (size_t i = 0; i < n_pieces; i++) {
      assert_true(used + pieces[i].size <= room);
      memcpy(stream + used, pieces[i].data, pieces[i].size);
      used += pieces[i].size;
    }
  }
  srn_deflater_destroy(&deflater);
  assert_null(deflater);
  return used;
}

static void check_stream(size_t n_rows, size_t band, int level)
{
  static unsigned char stream[WIDTH * MOST_ROWS * 2];
  static unsigned char rows[WIDTH * MOST_ROWS + 1];
  size_t size = press(n_rows, band, level, stream, sizeof stream);
  uLongf length = sizeof rows;
  assert_int_equal(uncompress(rows, &length, stream, size), Z_OK); /* checks the Adler-32 too */
  assert_int_equal(length, n_rows * WIDTH);
  for (size_t i = 0; i < length; i++) {
    assert_int_equal(rows[i], byte_at(i / WIDTH, i % WIDTH));
  }
}

static void bands_and_pieces_are_one_stream(void **state)
{
  (void)state;
  static const struct {
    size_t n_rows, band;
    int level;
  } CASES[] = {{1, 1, 1}, {131, 131, 2}, {132, 132, 2}, {700, 700, 2}, {700, 400, 2}, {700, 1, 6}, {300, 33, 9}};
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    check_stream(CASES[i].n_rows, CASES[i].band, CASES[i].level);
  }
}

static void pieces_cost_little(void **state)
{
  (void)state;
  static unsigned char stream[WIDTH * MOST_ROWS * 2];
  static unsigned char rows[WIDTH * MOST_ROWS];
  static unsigned char whole[WIDTH * MOST_ROWS * 2];
  size_t size = press(MOST_ROWS, MOST_ROWS, 2, stream, sizeof stream);
  for (size_t row = 0; row < MOST_ROWS; row++) {
    pack(&(size_t){0}, row, rows + row * WIDTH);
  }
  uLongf once = sizeof whole;
  assert_int_equal(compress2(whole, &once, rows, sizeof rows, 2), Z_OK);
  assert_true(size < once + once / 100);
}

static void too_large_a_band_is_refused(void **state)
{
  (void)state;
  srn_deflater *deflater = NULL;
  const srn_piece *pieces = NULL;
  size_t n_pieces = 0;
  size_t first = 0;
  assert_ok(srn_deflater_create(&deflater, 2, WIDTH, 10, NULL));
  assert_int_equal(srn_deflater_press(deflater, 11, pack, &first, true, &pieces, &n_pieces, NULL),
                   SPECRNN_ERROR_ARGUMENT);
  assert_int_equal(srn_deflater_press(deflater, 0, pack, &first, true, &pieces, &n_pieces, NULL),
                   SPECRNN_ERROR_ARGUMENT);
  srn_deflater_destroy(&deflater);
}

/* ---------------------------------------------------------------------------------------------------------- threads */

enum { ITEMS = 1000 };

typedef struct visits {
  int count[ITEMS];
  size_t n_threads;
} visits;

static void visit(void *user, size_t i, size_t thread)
{
  visits *v = user;
  v->count[i] += thread < v->n_threads ? 1 : 1000;
}

static void every_item_is_visited_once(void **state)
{
  (void)state;
  for (size_t n_threads = 1; n_threads <= 4; n_threads++) {
    static visits v;
    v = (visits){.n_threads = n_threads};
    srn_parallel(ITEMS, n_threads, visit, &v);
    for (size_t i = 0; i < ITEMS; i++) {
      assert_int_equal(v.count[i], 1);
    }
  }
  assert_int_equal(srn_parallel_threads(1), 1);
  assert_int_equal(srn_parallel_threads(0), 0);
  size_t most = srn_parallel_threads(ITEMS);
  assert_true(most >= 1 && most <= 4 && most <= (size_t)sysconf(_SC_NPROCESSORS_ONLN));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bands_and_pieces_are_one_stream),
      cmocka_unit_test(pieces_cost_little),
      cmocka_unit_test(too_large_a_band_is_refused),
      cmocka_unit_test(every_item_is_visited_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
