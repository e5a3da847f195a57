#!/usr/bin/env python3
"""Rules on the C sources that no compiler checks. Speaks TAP, a case per rule.

usage: source_rules.py SOURCE_ROOT

Functions are found by their braces in column 0, where clang-format puts them.
"""

import re
import sys
from pathlib import Path

MOST_FILE_LINES = 600
MOST_FUNCTION_LINES = 100

# The path "-" stands for standard output in what writes arrays.
WRITES_TO_STDOUT = {"src/io/sink.c"}

PROCESS_CALL = re.compile(
    r"\b(getenv|setenv|putenv|printf|vprintf|puts|putchar|perror|exit|_exit|abort|assert|setlocale|signal|srand|rand)\s*\("
)

NAME = re.compile(r"([A-Za-z_]\w*)\s*\(")
COMMENT_OR_STRING = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.DOTALL)


def without_comments(text):
    """The text with comments and strings blanked, every line where it was."""
    return COMMENT_OR_STRING.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def files_are_short(path, text):
    lines = text.count("\n")
    if lines > MOST_FILE_LINES:
        yield f"{path}: {lines} lines; {MOST_FILE_LINES} are the most"


def functions_are_short(path, text):
    lines = without_comments(text).splitlines()
    start = None
    for number, line in enumerate(lines):
        if line.startswith("{"):
            start = number
        elif line.startswith("}") and start is not None:
            length = number - start + 1
            if length > MOST_FUNCTION_LINES:
                names = NAME.findall(" ".join(lines[max(0, start - 6) : start]))
                name = names[-1] if names else "?"
                yield f"{path}:{start + 1}: {name} has {length} lines; {MOST_FUNCTION_LINES} are the most"
            start = None


def sources_declare_nothing_extern(path, text):
    if path.suffix == ".c":
        for number, line in enumerate(without_comments(text).splitlines(), start=1):
            if re.match(r"\s*extern\b", line):
                yield f"{path}:{number}: extern belongs in a header"


def the_library_has_no_process_calls(path, text):
    """What ends, configures or talks for the whole process; tests/gates/library_symbols.sh looks at the binaries too."""
    if path.parts[0] == "src":
        streams = r"\b(stderr)\b" if path.as_posix() in WRITES_TO_STDOUT else r"\b(stderr|stdout)\b"
        for number, line in enumerate(without_comments(text).splitlines(), start=1):
            found = PROCESS_CALL.search(line) or re.search(streams, line)
            if found:
                yield f"{path}:{number}: {found.group(1)} is for programs, not for a library"


def files_say_what_they_are(path, text):
    if not text.startswith(("/*", "//")):
        yield f"{path}:1: the first line says what the file is for"


# What may open what a user names as input, and what opens it.
OPENS_INPUTS = {"tools/readable.c", "tools/limit.c"}
OPENING = re.compile(
    r"\b(specrnn_(?:file_identify|npy_load|npy_open|csv_load|npz_open|audio_open|audio_open_descriptor|model_load)"
    r"|fopen|open)\s*\("
)
OPENS_OTHERS = {"tools/specrnn.c"}  # the descriptors that were closed


def the_program_opens_inputs_in_one_place(path, text):
    """A pipe that two openings share gives each of them a part."""
    if path.parts[0] == "tools" and path.as_posix() not in OPENS_INPUTS | OPENS_OTHERS:
        for number, line in enumerate(without_comments(text).splitlines(), start=1):
            found = OPENING.search(line)
            if found:
                yield f"{path}:{number}: {found.group(1)} is for tools/readable.c alone, which knows pipes"


# Format 1 of models, formulas of cells in a picture, words of --cell.
KNOW_KINDS = {"src/model/structure.c", "src/plot/computation.c", "tools/cells.h"}
KIND = re.compile(r'MODULE_(?:RNN|LSTM|GRU)|CELL_(?:RNN|LSTM|GRU)|SRN_KIND_(?:RNN|LSTM|GRU|LINEAR)|"(?:rnn|lstm|gru)"')


def kinds_are_known_to_their_files(path, text):
    """A new kind of layer is a file of src/nn and a row there: who wants to know something of one asks the row."""
    place = path.as_posix()
    if path.parts[0] in ("src", "tools") and not place.startswith("src/nn/") and place not in KNOW_KINDS:
        for number, line in enumerate(text.splitlines(), start=1):
            if KIND.search(line):
                yield f"{path}:{number}: a kind of layer by name"


RULES = [
    files_are_short,
    functions_are_short,
    sources_declare_nothing_extern,
    the_library_has_no_process_calls,
    files_say_what_they_are,
    the_program_opens_inputs_in_one_place,
    kinds_are_known_to_their_files,
]


def main():
    root = Path(sys.argv[1])
    sources = []
    for top in ("include", "src", "tools", "samples", "tests"):
        for path in sorted((root / top).rglob("*.[ch]")):
            sources.append((path.relative_to(root), path.read_text(encoding="utf-8")))
    failed = False
    print(f"1..{len(RULES)}")
    for number, rule in enumerate(RULES, start=1):
        faults = [fault for path, text in sources for fault in rule(path, text)]
        for fault in faults:
            print(f"# {fault}")
        print(f"{'not ok' if faults else 'ok'} {number} - {rule.__name__.replace('_', ' ')}")
        failed = failed or bool(faults)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
