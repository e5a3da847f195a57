/* Numbers and times as people write them. */
#include "core/seconds.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char DIGITS[] = "0123456789";

static const double MINUTE_S = 60.0;
static const double HOUR_S = 3600.0;

/* strtod follows the program's locale; configurations and files are always written with a point. */
bool srn_number_parse(const char *text, double *value)
{
  locale_t c_locale = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
  if (!c_locale) {
    return false;
  }
  locale_t previous = uselocale(c_locale);
  char *end;
  *value = strtod(text, &end);
  uselocale(previous);
  freelocale(c_locale);
  return end != text && !*end;
}

/* Digits with at most one point among them: what a part of a time may be. Moves *at behind them. */
static bool take_part(const char **at, double *value)
{
  enum { SIZE = 32 };
  char text[SIZE];
  size_t length = strspn(*at, DIGITS);
  if (length && (*at)[length] == '.') {
    length += 1 + strspn(*at + length + 1, DIGITS);
  }
  if (!length || length >= sizeof text) {
    return false;
  }
  snprintf(text, sizeof text, "%.*s", (int)length, *at);
  *at += length;
  return srn_number_parse(text, value);
}

/* "1:15.5", "1:00:00": as the time axis writes them. Minutes and seconds after a colon have two digits below 60. */
static bool parse_clock(const char *text, double *seconds)
{
  const char *at = text;
  double total = 0.0;
  int n_colons = 0;
  for (;; at++, n_colons++) {
    size_t n_digits = strspn(at, DIGITS);
    bool last = at[n_digits] != ':';
    double part;
    if (!n_digits || (n_colons > 0 && n_digits != 2) || !take_part(&at, &part) || (n_colons > 0 && part >= MINUTE_S)) {
      return false;
    }
    total = total * MINUTE_S + part;
    if (last || *at != ':') {
      *seconds = total;
      return !*at && (n_colons == 1 || n_colons == 2);
    }
  }
}

/* "1m15s", "1h0m2.5s", "250ms": each unit at most once, the largest first. */
static bool parse_units(const char *text, double *seconds)
{
  static const struct {
    const char *name;
    double seconds;
  } UNITS[] = {{"h", HOUR_S}, {"m", MINUTE_S}, {"s", 1.0}, {"ms", 1e-3}};
  enum { COUNT = sizeof UNITS / sizeof *UNITS };
  const char *at = text;
  size_t next = 0;
  *seconds = 0.0;
  do {
    double part;
    if (!take_part(&at, &part)) {
      return false;
    }
    size_t length = strcspn(at, DIGITS);
    while (next < COUNT && (strlen(UNITS[next].name) != length || strncmp(at, UNITS[next].name, length) != 0)) {
      next++;
    }
    if (next == COUNT) {
      return false;
    }
    *seconds += part * UNITS[next++].seconds;
    at += length;
  } while (*at);
  return true;
}

bool specrnn_seconds_parse(const char *text, double *seconds)
{
  double value;
  bool good = srn_number_parse(text, &value) || parse_clock(text, &value) || parse_units(text, &value);
  if (good) {
    *seconds = value;
  }
  return good;
}
