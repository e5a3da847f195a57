#!/usr/bin/env python3
"""Checks that includes point the way the house is drawn: nothing up, nothing sideways. Speaks TAP, a case per module.

usage: include_directions.py SOURCE_ROOT

A module is a folder of src/, a file of src/ itself (pipeline.c), or one of tools, samples, include. What a module may
include stands in ALLOWED; which module may include a library's header stands in LIBRARIES.
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

# Module -> the modules of src/ whose headers, internal and public, it may include beside its own.
ALLOWED = {
    "core": set(),
    "kernels": {"core"},
    "io": {"kernels", "core"},
    "signal": {"kernels", "core"},
    "audio": {"signal", "io", "kernels", "core"},
    "features": {"kernels", "core"},
    "nn": {"kernels", "core"},
    "plot": {"kernels", "core"},
    "model": {"nn", "features", "io", "kernels", "core"},
    "autograd": {"nn", "kernels", "core"},
    "pipeline": {"signal", "audio", "features", "model", "nn", "core"},
    "train": {"autograd", "pipeline", "features", "signal", "audio", "model", "nn", "io", "kernels", "core"},
}

# model looks at the description of a front end, not at its inner works.
# Of audio the pipeline knows the limits of rates and channels alone: what a stream and a file share is in signal.
# Of io the readers of sound know what files are that are none.
ONLY_PUBLIC = {
    ("audio", "io"),
    ("model", "features"),
    ("pipeline", "features"),
    ("pipeline", "model"),
    ("pipeline", "audio"),
}

# Public header -> the module that implements it, where they do not share their name.
PUBLIC = {"specrnn.h": "umbrella", "cpu.h": "kernels", "attention.h": "nn", "encoder.h": "model"}

# Header of a library, as a regular expression -> the modules that may include it.
LIBRARIES = [
    (r"sndfile\.h$|mpg123\.h$", {"audio"}),
    (r"soxr", {"signal"}),
    (r"fftw3", {"features", "tools"}),  # tools: the benchmark's floor is FFTW alone
    (r"png\.h$|cairo|pango|gif_lib\.h$", {"plot"}),
    (r"zip\.h$", {"io"}),
    (r"jansson\.h$", {"io", "model", "tools"}),
    (r"cblas|mpi\.h$", {"train", "autograd"}),
    (r"popt\.h$", {"tools"}),
]

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^">]+)[">]', re.MULTILINE)


def module_of_public(name):
    return PUBLIC.get(name, name[: -len(".h")])


def module_of(path):
    """The module of a file of the tree, from its path below the root."""
    if path.parts[0] == "include":
        return module_of_public(path.name)
    if path.parts[0] != "src":
        return path.parts[0]
    return path.parts[1] if len(path.parts) > 2 else path.stem


def target_of(root, path, name):
    """(module, is_public) of the file an include names; (None, ...) for one outside the project."""
    if name.startswith("specrnn/"):
        return module_of_public(name.rpartition("/")[2]), True
    for folder in (root / path.parent, root / "src"):
        if (folder / name).is_file():
            found = (folder / name).resolve().relative_to(root)
            return module_of(found), False
    return None, False


def fault_of_project(module, target, is_public):
    if module in ("tools", "samples"):
        return None if is_public or target == module else "only public headers are for it"
    if target == "umbrella":
        return None if module == "umbrella" else "the umbrella header is for programs, not for the library"
    if module == "umbrella" or target == module:
        return None
    if module not in ALLOWED:
        return f"module {module} has no row in ALLOWED"
    if target not in ALLOWED[module]:
        return f"{module} may not know {target}"
    if (module, target) in ONLY_PUBLIC and not is_public:
        return f"{module} may know only the public header of {target}"
    return None


def fault_of_library(module, name):
    for pattern, owners in LIBRARIES:
        if re.match(pattern, name.rpartition("/")[2]) or re.match(pattern, name):
            if module not in owners:
                return f"only {', '.join(sorted(owners))} may include it"
    return None


def check_file(root, path):
    module = module_of(path)
    text = (root / path).read_text(encoding="utf-8")
    for match in INCLUDE.finditer(text):
        name = match.group(2)
        target, is_public = target_of(root, path, name)
        if target:
            fault = fault_of_project(module, target, is_public)
        else:
            fault = fault_of_library(module, name)
        if fault:
            line = text.count("\n", 0, match.start()) + 1
            yield f"{path}:{line}: includes {name}: {fault}"


def main():
    root = Path(sys.argv[1]).resolve()
    faults = defaultdict(list)
    modules = set()
    for top in ("include", "src", "tools", "samples"):
        for path in sorted((root / top).rglob("*.[ch]")):
            path = path.relative_to(root)
            modules.add(module_of(path))
            faults[module_of(path)] += check_file(root, path)
    print(f"1..{len(modules)}")
    for number, module in enumerate(sorted(modules), start=1):
        for fault in faults[module]:
            print(f"# {fault}")
        print(f"{'not ok' if faults[module] else 'ok'} {number} - {module} includes only what it may know")
    return 1 if any(faults.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
