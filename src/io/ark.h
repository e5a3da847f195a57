/* What the writer and the reader of Kaldi archives share. */
#ifndef SPECRNN_SRC_IO_ARK_H
#define SPECRNN_SRC_IO_ARK_H

/* After the key and a space: "\0B" for binary, the type and a space. Then each size as a byte 4 and an int32. */
#define SRN_ARK_FLOAT_MATRIX "\0BFM "

enum {
  SRN_ARK_TOKEN_SIZE = 5,
  SRN_ARK_INT_SIZE = 4,
  SRN_ARK_HEAD_SIZE = SRN_ARK_TOKEN_SIZE + 2 * (1 + SRN_ARK_INT_SIZE),
};

#endif
