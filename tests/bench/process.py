"""One run of a command, timed from outside."""
import collections
import os
import subprocess
import sys
import time

KIB_PER_MB = 1024  # ru_maxrss is in KiB

Run = collections.namedtuple("Run", "wall_s memory_mb processor_s")


def timed(command):
    """Its Run; a command that fails ends everything. The memory is the largest; a child begins as large as we are."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall_s = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{' '.join(command)} ended with {child.returncode}")
    return Run(wall_s, usage.ru_maxrss / KIB_PER_MB, usage.ru_utime + usage.ru_stime)
