/* Foreign text on its way to a person. */
#include "shown.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 16, SLOT_SIZE = 2001 };

/* The bytes of the character that begins here; 0 for what is no UTF-8 (overlong and surrogates among it). *code is the
 * character. */
static size_t character(const unsigned char *s, uint32_t *code)
{
  static const struct {
    unsigned char mask, lead;
    uint32_t least;
  } FORMS[] = {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
  for (size_t n = 0; n < sizeof FORMS / sizeof *FORMS; n++) {
    if ((s[0] & FORMS[n].mask) != FORMS[n].lead) {
      continue;
    }
    *code = s[0] & (unsigned char)~FORMS[n].mask;
    for (size_t i = 1; i <= n; i++) {
      if ((s[i] & 0xc0) != 0x80) { /* the end of the text among others */
        return 0;
      }
      *code = *code << 6 | (s[i] & 0x3f);
    }
    bool valid = *code >= FORMS[n].least && *code <= 0x10ffff && (*code < 0xd800 || *code > 0xdfff);
    return valid ? n + 1 : 0;
  }
  return 0;
}

static bool is_control(uint32_t code)
{
  /* Beside C0, DEL and C1 what turns the direction of a line, or ends it. */
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029 ||
         (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

static bool is_harmless(const char *text)
{
  const unsigned char *s = (const unsigned char *)text;
  while (*s) {
    uint32_t code;
    size_t n = character(s, &code);
    if (n == 0 || is_control(code)) {
      return false;
    }
    s += n;
  }
  return true;
}

const char *shown(const char *text)
{
  static _Thread_local char slots[SLOTS][SLOT_SIZE];
  static _Thread_local size_t next;
  if (is_harmless(text)) {
    return text;
  }
  char *copy = slots[next++ % SLOTS];
  size_t length = 0;
  const unsigned char *s = (const unsigned char *)text;
  while (*s) {
    uint32_t code;
    size_t n = character(s, &code);
    size_t size = n == 0 || is_control(code) ? 1 : n;
    if (length + size >= SLOT_SIZE) {
      break;
    }
    if (n == 0 || is_control(code)) {
      copy[length] = '?';
    } else {
      memcpy(copy + length, s, n);
    }
    length += size;
    s += n ? n : 1;
  }
  copy[length] = '\0';
  return copy;
}

json_t *shown_json(const char *text)
{
  enum { ESCAPE = sizeof "\\xff" - 1 };
  json_t *whole = json_string(text);
  if (whole) {
    return whole;
  }
  char *escaped = malloc(ESCAPE * strlen(text) + 1);
  if (!escaped) {
    return NULL;
  }
  size_t length = 0;
  for (const unsigned char *s = (const unsigned char *)text; *s;) {
    uint32_t code;
    size_t n = character(s, &code);
    if (n == 0) {
      snprintf(escaped + length, ESCAPE + 1, "\\x%02x", *s++);
      length += ESCAPE;
    } else {
      memcpy(escaped + length, s, n);
      length += n;
      s += n;
    }
  }
  json_t *string = json_stringn(escaped, length);
  free(escaped);
  return string;
}
