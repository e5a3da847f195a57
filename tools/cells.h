/* The words of --cell: kinds of layers with a state. */
#ifndef SPECRNN_TOOLS_CELLS_H
#define SPECRNN_TOOLS_CELLS_H

#define CELL_WORDS                                                                                                     \
  {                                                                                                                    \
    "rnn", "lstm", "gru", NULL                                                                                         \
  }

/* What is meant where none is said. */
#define CELL_OF_INIT  "rnn"
#define CELL_OF_BENCH "gru"

#endif
