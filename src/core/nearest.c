/* The name that somebody may have meant. */
#include <stdint.h>
#include <string.h>

#include "specrnn/core.h"

enum { MAX_LENGTH = 48 };

static size_t least(size_t a, size_t b, size_t c)
{
  size_t m = a < b ? a : b;
  return m < c ? m : c;
}

static char plain(char c)
{
  return c == '_' ? '-' : (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* Insertions, deletions, replacements and exchanges of neighbours that make `b` of `a` (Damerau and Levenshtein's
 * optimal string alignment); case, and '-' or '_', do not count. SIZE_MAX for names that are too long. */
static size_t distance(const char *a, const char *b)
{
  size_t n = strlen(a);
  size_t m = strlen(b);
  if (n > MAX_LENGTH || m > MAX_LENGTH) {
    return SIZE_MAX;
  }
  size_t rows[3][MAX_LENGTH + 1]; /* of i - 2, i - 1 and i, in turn */
  for (size_t j = 0; j <= m; j++) {
    rows[0][j] = j;
  }
  for (size_t i = 1; i <= n; i++) {
    size_t *row = rows[i % 3];
    const size_t *above = rows[(i + 2) % 3];
    const size_t *before = rows[(i + 1) % 3];
    row[0] = i;
    for (size_t j = 1; j <= m; j++) {
      bool same = plain(a[i - 1]) == plain(b[j - 1]);
      row[j] = least(above[j] + 1, row[j - 1] + 1, above[j - 1] + !same);
      bool turned = i > 1 && j > 1 && plain(a[i - 1]) == plain(b[j - 2]) && plain(a[i - 2]) == plain(b[j - 1]);
      if (turned && before[j - 2] + 1 < row[j]) {
        row[j] = before[j - 2] + 1;
      }
    }
  }
  return rows[n % 3][m];
}

static bool begins_with(const char *text, const char *start)
{
  while (*start && plain(*text) == plain(*start)) {
    text++;
    start++;
  }
  return !*start;
}

const char *specrnn_nearest_name(const char *name, const char *const *names)
{
  enum { LEAST_PREFIX = 3 };
  const char *nearest = NULL;
  size_t length = strlen(name);
  size_t best = length / 3 + 1; /* more is another name */
  for (size_t i = 0; names[i]; i++) {
    size_t d = distance(name, names[i]);
    /* What is cut short, or goes on, is nearer than what is spelt wrongly. */
    bool prefix = length >= LEAST_PREFIX && (begins_with(names[i], name) || begins_with(name, names[i]));
    d = prefix && d > 1 ? 1 : d;
    if (d < best || (d == best && !nearest)) {
      best = d;
      nearest = names[i];
    }
  }
  return nearest;
}
