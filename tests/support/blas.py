"""Which BLAS numpy and PyTorch compute with in this process. Debian's packages take whichever libblas.so.3 is chosen."""
import ctypes
import os

# A function that only this one has, its name.
KINDS = [("openblas_get_config", "OpenBLAS"), ("MKL_Get_Version_String", "MKL"), ("bli_info_get_version_str", "BLIS"),
         ("ATL_buildinfo", "ATLAS")]
REFERENCE = "reference BLAS"
ADVICE = "on the reference BLAS PyTorch is up to 12 times slower; install libopenblas0-pthread"
# libblas.so.3 comes first: a LAPACK beside it may bring in a BLAS of its own, which nobody else calls.
PREFIXES = ("libblas", "libopenblas", "libmkl_rt", "libmkl", "libblis", "libtorch_cpu")


def loaded_blas():
    """(name, file), the file's links followed; None where no BLAS is loaded. Import numpy or torch first."""
    with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
        files = {line.rstrip("\n").split(maxsplit=5)[-1] for line in maps if "/" in line}
    for prefix in PREFIXES:
        for file in sorted(files):
            if os.path.basename(file).startswith(prefix):
                return kind_of(file, prefix), file
    return None


def kind_of(file, prefix):
    library = ctypes.CDLL(file)
    for function, name in KINDS:
        if hasattr(library, function):
            return name
    return REFERENCE if prefix == "libblas" else "a BLAS of its own"


def is_reference():
    found = loaded_blas()
    return found is not None and found[0] == REFERENCE


def in_words():
    """For people: 'OpenBLAS (/usr/lib/...)'."""
    found = loaded_blas()
    return "%s (%s)" % found if found else "none"


def hold_to_one_thread():
    """To be called before numpy and torch are imported: torch.set_num_threads() does not bind OpenBLAS."""
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"):
        os.environ[variable] = "1"
