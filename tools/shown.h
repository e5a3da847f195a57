/* Text of files and of their names, as it reaches a person: what a terminal would obey, or what is no text, stands as
 * '?', and never gets there. All that a subcommand prints of foreign text goes through here; JSON has escapes of its
 * own. */
#ifndef SPECRNN_TOOLS_SHOWN_H
#define SPECRNN_TOOLS_SHOWN_H

#include <jansson.h>

/* The text itself where nothing is wrong with it: UTF-8 without control characters (C0, DEL, C1). Else a copy, which
 * lives until the sixteenth call from here in this thread, and is cut at 2000 bytes. */
const char *shown(const char *text);

/* A JSON string, a new reference. Bytes that are no UTF-8 stand as "\xNN", four characters. NULL without memory. */
json_t *shown_json(const char *text);

#endif
