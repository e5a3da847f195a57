/* The states h and c of a model as arrays in files: (L * D, N, H) as PyTorch has them where all modules are of one
 * width, else one such array for each module. */
#ifndef SPECRNN_TOOLS_STATES_H
#define SPECRNN_TOOLS_STATES_H

#include "specrnn/io.h"
#include "specrnn/model.h"

typedef enum state_kind { STATE_H, STATE_C } state_kind;

/* Numbers of one sequence; 0 for c of a model without an LSTM. */
size_t states_size(const specrnn_model *model, state_kind kind);

/* Adds h_n (or c_n) to an archive: PREFIXh_n (L * D, N, H), or PREFIXh_n.MODULE of each module where widths differ.
 * Without a batch the axis N is left out. `states` is laid out as specrnn_batch has it. */
SPECRNN_MUST_CHECK specrnn_status states_write(specrnn_npz_writer *writer, const char *prefix, state_kind kind,
                                               const specrnn_model *model, const float *states, size_t n_sequences,
                                               bool batched, const specrnn_log *log);

/* Whether an argument of states_read can be one, as far as that is seen without a file. False after a message about
 * usage. */
bool states_check(const char *argument, state_kind kind, const specrnn_model *model);

/* Fills `states` (states_size x n_sequences numbers) from an argument: "normal:SIGMA", an .npz that holds what
 * states_write wrote (or h0, c0), or an .npy of that shape or flat. Says itself what is wrong. */
SPECRNN_MUST_CHECK specrnn_status states_read(float *states, const char *argument, state_kind kind,
                                              const specrnn_model *model, size_t n_sequences, uint64_t seed);

#endif
