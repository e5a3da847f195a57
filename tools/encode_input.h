/* One item of the list, from its file through the model to a sink. */
#ifndef SPECRNN_TOOLS_ENCODE_INPUT_H
#define SPECRNN_TOOLS_ENCODE_INPUT_H

#include "encode_list.h"
#include "encode_pass.h"
#include "feature_run.h"

/* What all items have in common. */
typedef struct encode_source {
  encode_list *list;
  encode_pass_config pass;
  feature_run_config sound;   /* front end and audio; only read where the list has sound */
  const char *front_end_json; /* of the model, to compare with what an archive says; or NULL */
  bool batch_first;           /* of arrays of rank 3 */
  const size_t *lengths;      /* of arrays, or NULL */
  size_t n_lengths;
} encode_source;

typedef struct encode_input {
  const encode_source *source;
  const encode_item *item;
  specrnn_log log;
  specrnn_array *features; /* NULL for sound */
  specrnn_array *times;    /* or NULL */
} encode_input;

/* Reads an array; of sound nothing yet. The input is to be closed in either case. */
SPECRNN_MUST_CHECK specrnn_status encode_input_open(encode_input *input, const encode_source *source,
                                                    const encode_item *item);

/* Encodes it. Where it fails on the way, the sink has got what came before. */
SPECRNN_MUST_CHECK specrnn_status encode_input_run(encode_input *input, const encode_sink *sink);

void encode_input_close(encode_input *input);

#endif
