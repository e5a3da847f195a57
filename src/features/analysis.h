/* From frames to base rows, in batches: window, transform, power, mel, level, cepstrum.
 *
 * Values of a batch lie (bins, SRN_LANES): the frames of a batch side by side, so that every loop over frames is a
 * vector loop and no frame's bits depend on its neighbours. Two builds of one template: float and double.
 *
 * The head goes as far as a frame alone decides: the level before the maximum is known. The tail takes the maximum. */
#ifndef SPECRNN_SRC_FEATURES_ANALYSIS_H
#define SPECRNN_SRC_FEATURES_ANALYSIS_H

#include "core/arena.h"
#include "features/fft.h"
#include "features/mel.h"
#include "features/setup.h"
#include "kernels/front.h"

enum { SRN_LANES = SRN_FRONT_LANES };

/* Tables in double from which an analysis takes its own. */
typedef struct srn_tables {
  double *window;    /* (win_length) */
  double *dct;       /* (n_mfcc, n_mels), lifter included; NULL without cepstra */
  srn_mel_bank *mel; /* NULL without mel bands */
} srn_tables;

SPECRNN_MUST_CHECK specrnn_status srn_tables_create(srn_tables *out, const srn_setup *setup, const specrnn_log *log);
void srn_tables_destroy(srn_tables *tables);

typedef struct srn_analysis srn_analysis;

typedef struct srn_analysis_ops {
  /* Takes its memory from the arena; returns NULL while that only counts. */
  void *(*build)(srn_arena *arena, const srn_setup *setup, const srn_tables *tables);
  void (*reset)(void *state);
  /* frames[i] points at win_length samples, i < n <= SRN_LANES. */
  void (*head)(void *state, const srn_fft *fft, const float *const *frames, int n);
  /* Level rows (n, n_level) out and in: what is kept while the whole maximum is unknown. */
  void (*save)(const void *state, int n, float *levels);
  void (*load)(void *state, int n, const float *levels);
  /* Base rows (n, n_base). maximum is that of the levels, ignored where the policy is running. */
  void (*tail)(void *state, int n, double maximum, float *rows);
  /* The row of a stage of the first frame of the batch, after head (and tail, for the level). Returns its width. */
  size_t (*tap)(const void *state, specrnn_stage stage, float *row);
} srn_analysis_ops;

extern const srn_analysis_ops srn_analysis_float;
extern const srn_analysis_ops srn_analysis_double;

/* The level of v = maximum_value: what the policy fixed passes to the tail. */
double srn_level_of(const specrnn_features_config *config, double value);

/* The value that has this level, the reference ref (if it is a number) already taken off. */
double srn_value_of(const specrnn_features_config *config, double level);

/* Units of the level per dB, for top_db. */
double srn_level_per_db(const specrnn_features_config *config);

#endif
