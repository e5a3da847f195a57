/* Results of one input that wait on disk for their turn in a file that others share, which takes nothing back. */
#ifndef SPECRNN_TOOLS_ENCODE_TAPE_H
#define SPECRNN_TOOLS_ENCODE_TAPE_H

#include "encode_sinks.h"

typedef struct encode_tape encode_tape;

/* For the chosen layers, with gates and cells where there is a trace. The log must outlive the tape. */
SPECRNN_MUST_CHECK specrnn_status encode_tape_create(encode_tape **out, const encode_choice *choice, bool trace,
                                                     const specrnn_log *log);
void encode_tape_destroy(encode_tape **tape);

/* The sink that records one input. */
encode_sink encode_tape_use(encode_tape *tape);

/* Gives what was recorded to another sink, in blocks of frames; a batch in one. */
SPECRNN_MUST_CHECK specrnn_status encode_tape_play(encode_tape *tape, const encode_sink *sink);

#endif
