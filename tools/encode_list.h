/* What there is to encode: sound files, arrays, and the arrays of archives, each under a name of its own. */
#ifndef SPECRNN_TOOLS_ENCODE_LIST_H
#define SPECRNN_TOOLS_ENCODE_LIST_H

#include <stdbool.h>

#include "specrnn/io.h"

typedef enum encode_kind {
  ENCODE_SOUND,
  ENCODE_NPY,
  ENCODE_NPZ_ENTRY, /* "features" or "NAME/features" of an .npz */
} encode_kind;

typedef struct encode_item {
  encode_kind kind;
  const char *path; /* as given; "-" is standard input */
  char *entry;      /* of an .npz */
  char *name;       /* the last part of the path without extension; where two inputs have the same, the path as given */
} encode_item;

typedef struct encode_list {
  encode_item *items;
  size_t count, capacity;
  bool some_failed; /* an archive that could not be opened */
  specrnn_npz *npz; /* the one that was read last ... */
  const char *npz_path;
} encode_list;

/* Says itself what is wrong; an archive that cannot be opened sets some_failed and is left out. */
SPECRNN_MUST_CHECK specrnn_status encode_list_build(encode_list *list, const char *const *paths, int n_paths);
void encode_list_release(encode_list *list);

bool encode_list_has_sound(const encode_list *list);
bool encode_list_has_arrays(const encode_list *list);

/* Reads the array of an item that is no sound as float32, all finite; and, from an archive that has them, the times of
 * its frames (float64), else NULL. */
SPECRNN_MUST_CHECK specrnn_status encode_list_read(encode_list *list, const encode_item *item, specrnn_array **features,
                                                   specrnn_array **times, const specrnn_log *log);

/* The front end that an archive says its features come from, as JSON that specrnn_texts_destroy frees; *texts stays
 * NULL where it says nothing. After encode_list_read of the same item. */
SPECRNN_MUST_CHECK specrnn_status encode_list_config(encode_list *list, const encode_item *item, char ***texts,
                                                     const specrnn_log *log);

#endif
