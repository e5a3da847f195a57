/* One call of specrnn encode: what it was asked, and what it holds. */
#ifndef SPECRNN_TOOLS_ENCODE_CALL_H
#define SPECRNN_TOOLS_ENCODE_CALL_H

#include "cli.h"
#include "encode_input.h"
#include "encode_sinks.h"
#include "model_source.h"

typedef struct encode_options {
  const char *output, *format, *layer, *pool, *model, *config, *stats;
  const char *lengths, *h0, *c0, *plans, *names;
  model_source source;
  int seed, jobs;
  bool batch_first, time_first, gates;
} encode_options;

typedef struct encode_call {
  const cli_arguments *arguments;
  const encode_options *options;
  specrnn_model *model;
  encode_list list;
  encode_source source;
  specrnn_features_config front_end;
  bool has_front_end;
  char *front_end_json;
  specrnn_statistics *statistics;
  size_t *lengths;
  encode_choice choice;
  bool pools;
  encode_pooling pooling;
  specrnn_table_format format;
  bool to_folder;
  bool named; /* arrays carry the names of their inputs */
} encode_call;

/* Encodes all inputs and writes what came out. Returns the exit status. */
int encode_write(const encode_call *c);

#endif
