/* What follows the base rows: deltas, CMVN, splicing, each a stage that may look at neighbouring rows. */
#ifndef SPECRNN_SRC_FEATURES_POST_H
#define SPECRNN_SRC_FEATURES_POST_H

#include "core/arena.h"
#include "features/setup.h"

/* CMVN per utterance stands between the two halves. */
typedef enum srn_post_part { SRN_POST_ALL, SRN_POST_BEFORE_CMVN, SRN_POST_FROM_CMVN } srn_post_part;

typedef struct srn_post srn_post;

/* From the arena; NULL while it counts. statistics are needed for CMVN from a file (and for the second half of one per
 * utterance); copied. */
srn_post *srn_post_build(srn_arena *arena, const srn_setup *setup, srn_post_part part,
                         const specrnn_statistics *statistics);
void srn_post_reset(srn_post *post);

/* Whether rows pass unchanged. */
bool srn_post_is_empty(const srn_post *post);
size_t srn_post_n_bins(const srn_post *post);

/* A row in; only after pull has said SPECRNN_NEED_INPUT. */
void srn_post_push(srn_post *post, const float *row);
/* No row follows. */
void srn_post_end(srn_post *post);
/* A row out: SPECRNN_OK, SPECRNN_NEED_INPUT or SPECRNN_END. */
specrnn_status srn_post_pull(srn_post *post, float *row);

#endif
