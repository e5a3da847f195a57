#!/usr/bin/env python3
"""Turns a file, such as a model, into a C array, so that a program needs no file at run time.

    embed_model.py SYMBOL MODEL OUT.c OUT.h

OUT.h declares `extern const unsigned char SYMBOL[N];`, OUT.c defines it. A program gives the array to the library:

    #include "voice_model.h"
    specrnn_model_load_memory(&model, voice_model, sizeof voice_model, NULL, &log);

In a meson.build:

    voice_model = custom_target('voice_model', input: 'voice.safetensors', output: ['voice_model.c', 'voice_model.h'],
      command: [find_program('embed_model.py'), 'voice_model', '@INPUT@', '@OUTPUT@'])
"""
import os
import re
import sys

BYTES_PER_LINE = 24


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    symbol, model, source, header = sys.argv[1:]
    if not re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", symbol):
        sys.exit("embed_model.py: '%s' is no name of C" % symbol)
    try:
        with open(model, "rb") as file:
            data = file.read()
    except OSError as error:
        sys.exit("embed_model.py: %s: %s" % (model, error.strerror))
    if not data:
        sys.exit("embed_model.py: %s: the file is empty" % model)
    origin = "/* Made by embed_model.py from %s. */\n" % os.path.basename(model)
    guard = symbol.upper() + "_H"
    declaration = "extern const unsigned char %s[%d];\n" % (symbol, len(data))
    with open(header, "w") as file:
        file.write("%s#ifndef %s\n#define %s\n\n%s\n#endif\n" % (origin, guard, guard, declaration))
    rows = (data[i:i + BYTES_PER_LINE] for i in range(0, len(data), BYTES_PER_LINE))
    with open(source, "w") as file:
        file.write("%s#include \"%s\"\n\n" % (origin, os.path.basename(header)))
        file.write("const unsigned char %s[%d] = {\n" % (symbol, len(data)))
        file.writelines("  %s,\n" % ", ".join(map(str, row)) for row in rows)
        file.write("};\n")


main()
